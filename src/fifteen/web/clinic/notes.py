"""A note: read with every version, written as a draft, signed, amended, marked as entered in error."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from fifteen.clinic.accounts.models import User
from fifteen.clinic.audit.record import record
from fifteen.clinic.chart import queries
from fifteen.clinic.notes import access, seal, services
from fifteen.clinic.notes.models import Note
from fifteen.clinic.people.models import Patient
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.errors import Conflict
from fifteen.web.clinic.chart import note as chart
from fifteen.web.clinic.forms import number, text
from fifteen.web.clinic.routes import needs


def _whose(note: str) -> Patient:
    return access.note(note).patient


@needs("notes.read", glass=_whose)
@require_safe
def page(request: HttpRequest, note: str) -> HttpResponse:
    """The note with every signed version, the newest first, and its draft to write on."""
    found = access.reading(note)
    _viewed(found.note)
    shown = not found.in_error or request.GET.get("errors") == "1"
    versions = [
        (version, text_of(content), chart.read(found.note, content)) for version, content in reversed(found.versions)
    ]
    signed = access.cosignatures(version.id for version, _content in found.versions)
    names = access.names(found) | queries.names({each.by for each in signed})
    return render(
        request,
        "clinic/note.html",
        {
            "reading": found,
            "note": found.note,
            "versions": versions if shown else [],
            "names": names,
            "cosigned": signed,
            "text": text_of(found.note.draft),
            "draft_read": chart.read(found.note, found.note.draft),
            "shown": shown,
            "beside": chart.beside(found.note, _user(request)),
        },
    )


@needs("notes.write")
@require_POST
def draft(request: HttpRequest, note: str) -> HttpResponse:
    """Store the draft over the version that was seen, and on to signing it where that was asked; where somebody else
    was first, both texts are shown."""
    found = access.note(note)
    written = text(request, "text")
    kept = found.draft if isinstance(found.draft, dict) else {}
    try:
        services.save_draft(found, {**kept, "text": written}, number(request, "version"))
    except Conflict as met:
        return conflict(request, access.note(note), met)
    return HttpResponseRedirect(f"/notes/{found.id}{'/sign' if text(request, 'then') == 'sign' else ''}")


@needs("notes.sign")
def sign(request: HttpRequest, note: str) -> HttpResponse:
    """Read once more all that will be sealed, the services of the visit too, and sign it, with a credential."""
    found = access.note(note)
    if request.method == "POST":
        seen = number(request, "version")
        try:
            services.sign(found, _user(request), text(request, "credential"), seen, text(request, "digest"))
        except Conflict as met:
            stands = access.note(note)
            if stands.draft is None or stands.version != seen:
                return conflict(request, stands, met)
            return _to_sign(request, stands, changed=True)
        return HttpResponseRedirect(f"/notes/{found.id}")
    return _to_sign(request, found) if found.draft is not None else HttpResponseRedirect(f"/notes/{found.id}")


def _to_sign(request: HttpRequest, note: Note, *, changed: bool = False) -> HttpResponse:
    """All that a signature would seal, with its digest; `changed`: it is not what was read before."""
    _viewed(note)
    content = services.to_be_sealed(note)
    read = chart.read(note, content)
    shown = {
        "note": note, "changed": changed, "digest": seal.digest(seal.canonical(content)), "read": read,
        "text": text_of(content) if read is not None else seal.canonical(content),
        "credentials": services.credentials(_user(request)), "credential": text(request, "credential"),
    }  # fmt: skip
    return render(request, "clinic/note_sign.html", shown, status=409 if changed else 200)


@needs("notes.sign")
def amend(request: HttpRequest, note: str) -> HttpResponse:
    """Write a new sealed version that names the one it amends, and why."""
    found = access.note(note)
    user = _user(request)
    if request.method == "POST":
        amended = access.version(text(request, "amends"))
        content = {**_fields(seal.content_of(amended)), "text": text(request, "text")}
        try:
            services.amend(amended, content, text(request, "reason"), user, text(request, "credential"))
        except Conflict as met:
            return conflict(request, access.note(amended.note_id), met)
        return HttpResponseRedirect(f"/notes/{amended.note_id}")
    last = access.newest(found)
    if last is None:
        return HttpResponseRedirect(f"/notes/{found.id}")
    _viewed(found)
    content = seal.content_of(last)
    shown = {"note": found, "version": last, "text": text_of(content), "read": chart.read(found, content)}
    return render(request, "clinic/note_amend.html", shown | {"credentials": services.credentials(user)})


@needs("notes.error")
def error(request: HttpRequest, note: str) -> HttpResponse:
    """Mark a signed note as entered in error, or take that back; both with a reason."""
    found = access.note(note)
    marked = access.in_error(found)
    if request.method == "POST":
        change = services.withdraw if text(request, "withdraw") == "1" else services.entered_in_error
        change(found, text(request, "reason"), _user(request))
        return HttpResponseRedirect(f"/notes/{found.id}")
    _viewed(found)
    return render(request, "clinic/note_error.html", {"note": found, "marked": marked})


def conflict(request: HttpRequest, note: Note, met: Conflict) -> HttpResponse:
    """Somebody else was first: both texts side by side, and what to do with the one that was not stored."""
    last = access.newest(note) if note.draft is None else None
    user = _user(request)
    texts = {"theirs": text_of(met.stored), "mine": text_of(met.refused), "version": met.version, "last": last}
    shown = {"note": note, "reason": text(request, "reason"), "credentials": services.credentials(user)}
    return render(request, "clinic/conflict.html", texts | shown, status=409)


def text_of(content: Any) -> str:
    """The plain text of a content, empty where it has sections only; what is no note is shown as it is stored."""
    if content is None:
        return ""
    if isinstance(content, dict) and "text" in content:
        return str(content["text"])
    return "" if chart.readable(content) else seal.canonical(content)


def _fields(content: Any) -> dict[str, Any]:
    return content if isinstance(content, dict) else {}


def _viewed(note: Note) -> None:
    record("notes.view", at=now(), kind="note", object=note.id, patient=note.patient_id)


def _user(request: HttpRequest) -> User:
    user: User = request.user_row  # type: ignore[attr-defined]
    return user


urlpatterns = [
    path("notes/<slug:note>", page, name="note"),
    path("notes/<slug:note>/draft", draft, name="note-draft"),
    path("notes/<slug:note>/sign", sign, name="note-sign"),
    path("notes/<slug:note>/amend", amend, name="note-amend"),
    path("notes/<slug:note>/error", error, name="note-error"),
]
