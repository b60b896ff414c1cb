"""Documents of a patient: the list with the form to file one, the download, and marking one as filed wrongly."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from fifteen.clinic import vault
from fifteen.clinic.audit.record import record
from fifteen.clinic.documents import access, files, services
from fifteen.clinic.documents.kinds import ENDINGS
from fifteen.clinic.documents.models import Document
from fifteen.clinic.notes.services import today
from fifteen.clinic.people import access as people
from fifteen.clinic.people.models import Patient
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.errors import NotFound, Refused
from fifteen.clinic.treatment import access as treatment
from fifteen.clinic.treatment.certifying import STATES
from fifteen.clinic.treatment.models import Plan
from fifteen.clinic.treatment.standing import standing
from fifteen.web.clinic import desk, trouble
from fifteen.web.clinic.forms import day, text, typed, undone
from fifteen.web.clinic.routes import needs
from fifteen.web.clinic.uploads import takes

POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"
_WORDS = {"pdf": "PDF", "png": "PNG", "jpg": "JPEG", "tif": "TIFF", "heic": "HEIC", "csv": "CSV"}


@needs("documents.read")
@require_safe
def listing(request: HttpRequest, patient: str) -> HttpResponse:
    """The documents of a patient by kind, the newest first; wrongly filed ones when asked for."""
    found = people.patient(patient)
    record("documents.list", at=now(), kind="patient", object=found.id, patient=found.id)
    done = done_word(request.GET.get("done", ""))
    plan = request.GET.get("plan", "")
    return _page(request, found, done=f"{done} {_clock(plan, found)}".strip() if done and plan else done)


@needs("documents.write")
@takes(settings.DOCUMENT_LIMIT)
def new(request: HttpRequest, patient: str) -> HttpResponse:
    """File a document: the form, and what became of it."""
    found = people.patient(patient)
    if request.method != "POST":
        record("documents.list", at=now(), kind="patient", object=found.id, patient=found.id)
        return _form(request, found)
    try:
        document = _filed(request, found)
    except services.NoRoom as met:
        return _form(request, found, str(met), 507)
    except Refused as met:
        undone(request)
        return _form(request, found, str(met), 422)
    done = f"certified&plan={document.plan_id}" if document.plan_id and document.kind == "plan" else "filed"
    return HttpResponseRedirect(f"/patients/{found.id}/documents?done={done}")


@needs("documents.read")
@require_safe
def download(request: HttpRequest, document: str) -> HttpResponseBase:
    """The file, always as a download that no browser runs anything of."""
    found = access.document(document)
    try:
        pieces = files.read(found.id)
    except vault.Sealed:
        record("documents.open", at=now(), **_which(found), outcome="failed")
        why = _(
            "The file of this document cannot be opened. What stands about it is kept; tell who looks after this "
            "installation to run `fifteen verify`."
        )
        return trouble.refused(request, why, status=410)  # what failed stands in the trail: a 5xx would take it back
    record("documents.open", at=now(), **_which(found))
    response = StreamingHttpResponse(pieces, content_type=found.media)
    response.headers["Content-Length"] = str(found.size)
    response.headers["Content-Disposition"] = str(content_disposition_header(True, file_name(found)))
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Content-Encoding"] = "identity"  # it is compressed already, or small
    return response


@needs("documents.write")
def hide(request: HttpRequest, document: str) -> HttpResponse:
    """Mark a document as filed wrongly, or take that back; both with a reason."""
    found = access.document(document)
    hidden = access.is_hidden(found)
    if request.method == "POST":
        change = services.show if hidden else services.hide
        change(found, text(request, "reason"), request.user_row)  # type: ignore[attr-defined]
        done = "shown" if hidden else "hidden"
        return HttpResponseRedirect(f"/patients/{found.patient_id}/documents?done={done}")
    record("documents.view", at=now(), **_which(found))
    shown = {"document": found, "hidden": hidden, "history": access.history(found), "patient": found.patient,
             "section": "documents"}  # fmt: skip
    return render(request, "clinic/desk/document_hide.html", shown)


def file_name(document: Document) -> str:
    """What a download is called: letters and digits of the title, its day, and the ending of what it is."""
    plain = "".join(each if each.isalnum() else " " for each in document.title)
    words = "-".join(plain.split())[:60] or document.kind
    return f"{words}-{document.received:%Y-%m-%d}.{ENDINGS.get(document.media, 'bin')}"


def _filed(request: HttpRequest, patient: Patient) -> Document:
    given = request.FILES.getlist("file")
    if len(given) != 1:
        raise Refused(_("Choose one file; nothing was filed."))
    plan = _plan(text(request, "plan"), patient)
    return services.add(
        patient, given[0].file, given[0].size or 0, request.user_row,  # type: ignore[attr-defined, arg-type]
        kind=text(request, "kind"), title=text(request, "title"), signer=text(request, "signer"),
        signed=day(request, "signed"), received=day(request, "received"), plan=plan,
    )  # fmt: skip


def _plan(id: str, patient: Patient) -> Plan | None:
    """The plan of this patient that was chosen; `NotFound` for one of nobody or of another."""
    found = {each.id: each for each in plans_of(patient)} if id else {}
    if id and id not in found:
        raise NotFound("plan")
    return found.get(id)


def _clock(id: str, patient: Patient) -> str:
    """What the certification clock says of the plan now; empty where it says nothing."""
    plan = next((each for each in plans_of(patient) if each.id == id), None)
    found = standing(plan.episode, today()).certification if plan else None
    if found is None:
        return ""
    return _("%(state)s; the certification holds to %(day)s (%(cite)s).") % {
        "state": _(STATES[found.state]), "day": found.until.isoformat(), "cite": found.cite,
    }  # fmt: skip


def plans_of(patient: Patient) -> list[Plan]:
    """The plans of care of all episodes, newest first."""
    found = [plan for episode in treatment.episodes_of(patient) for plan in treatment.plans_of(episode)]
    return sorted(found, key=lambda each: (each.starts, each.number), reverse=True)


def _page(request: HttpRequest, patient: Patient, *, done: str = "") -> HttpResponse:
    hidden = request.GET.get("hidden") == "1"
    found = list(access.documents_of(patient, hidden=hidden))
    marked = access.hidden_ids() if hidden else set()
    rows = [_shown(each, wrongly=each.id in marked) for each in found]
    kinds = {kind: str(word) for kind, word in services.KINDS.items()}
    order = list(kinds)
    rows.sort(key=lambda row: order.index(row["kind"]) if row["kind"] in kinds else len(order))
    groups = [(kinds.get(kind, kind), list(those)) for kind, those in groupby(rows, key=lambda row: str(row["kind"]))]
    shown = {
        "groups": groups,
        "count": len(rows),
        "hidden": hidden,
        "names": access.names(found),
        "done": done,
        "section": "documents",
    }
    return desk.render_for(request, "clinic/desk/documents.html", patient, shown)


def _form(request: HttpRequest, patient: Patient, refused: str = "", status: int = 200) -> HttpResponse:
    plans = [(each.id, _plan_word(each)) for each in plans_of(patient)]
    sent = typed(request) if refused else {"received": today().isoformat(), "kind": request.GET.get("kind")}
    shown: dict[str, Any] = {
        "kinds": [(kind, str(word)) for kind, word in services.KINDS.items()], "plans": plans, "typed": sent,
        "refused": refused, "most": settings.DOCUMENT_LIMIT // 1_000_000, "media": ",".join(ENDINGS),
        "full": status == 507, "section": "documents",
    }  # fmt: skip
    return desk.render_for(request, "clinic/desk/document_new.html", patient, shown, status=status)


def _plan_word(plan: Plan) -> str:
    return _("%(discipline)s plan %(number)s, from %(starts)s") % {
        "discipline": plan.episode.discipline, "number": plan.number, "starts": plan.starts.isoformat(),
    }  # fmt: skip


def _shown(document: Document, *, wrongly: bool) -> dict[str, Any]:
    ending = ENDINGS.get(document.media, "")
    return {
        "id": document.id, "kind": document.kind, "title": document.title, "received": document.received,
        "signer": document.signer, "signed": document.signed, "by": document.by, "wrongly": wrongly,
        "plan": _plan_word(document.plan) if document.plan else "", "size": document.size,
        "word": _WORDS.get(ending, _("Text")),
    }  # fmt: skip


def done_word(word: str) -> str:
    """The sentence for what was just done; empty for a word that is none of ours."""
    return {
        "filed": _("The document is filed."),
        "certified": _("The document is filed, and the plan of care is certified with its date."),
        "hidden": _("The document is marked as filed wrongly. It is kept, and shown only when asked for."),
        "shown": _("The document is shown again."),
    }.get(word, "")


def _which(document: Document) -> dict[str, Any]:
    return {"kind": "document", "object": document.id, "patient": document.patient_id}


urlpatterns = [
    path("patients/<slug:patient>/documents", listing, name="documents"),
    path("patients/<slug:patient>/documents/new", new, name="document-new"),
    path("documents/<slug:document>", download, name="document"),
    path("documents/<slug:document>/hide", hide, name="document-hide"),
]
