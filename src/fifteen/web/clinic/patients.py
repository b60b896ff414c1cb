"""Patients: one record, and putting two records of one person together or apart."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from fifteen.clinic.accounts import break_glass
from fifteen.clinic.accounts.matrix import matrix
from fifteen.clinic.audit.record import record
from fifteen.clinic.notes import access as notes
from fifteen.clinic.notes import services as writing
from fifteen.clinic.people import access, services
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.errors import Conflict
from fifteen.clinic.treatment import access as treatment
from fifteen.web.clinic.chart.found import site_day
from fifteen.web.clinic.chart.header import header_of
from fifteen.web.clinic.chart.words import NOTES
from fifteen.web.clinic.forms import day, number, text
from fifteen.web.clinic.routes import needs

SHOWN = 100


@needs("patients.write")
def new(request: HttpRequest) -> HttpResponse:
    """Register a patient."""
    if request.method == "POST":
        patient = services.register(text(request, "name"), day(request, "born"), text(request, "identifier").strip())
        return HttpResponseRedirect(f"/patients/{patient.id}")
    return render(request, "clinic/patient_new.html")


@needs("patients.read")
@require_safe
def page(request: HttpRequest, patient: str) -> HttpResponse:
    """One record with its notes, and those of every record merged into it."""
    found = access.patient(patient)
    user = request.user_row  # type: ignore[attr-defined]
    errors = request.GET.get("errors") == "1"
    record("patients.view", at=now(), kind="patient", object=found.id, patient=found.id)
    reads = matrix().allows(user.role, "notes.read")
    glass = None if reads else break_glass.running(user, found)
    if glass is not None:
        break_glass.used(glass, found, "notes.read")
        reads, request.glass = True, glass  # type: ignore[attr-defined]
    charts = glass is not None or matrix().allows(user.role, "chart.read")
    episodes = list(treatment.episodes_of(found)) if charts else []
    return render(
        request,
        "clinic/patient.html",
        {
            "patient": found,
            "head": access.head(found) if found.into_id else None,
            "merged": access.merged_into(found),
            "merges": access.merges(found),
            "reads": reads,
            "kinds": NOTES,
            "notes": notes.notes_of(found, errors=errors) if reads else [],
            "charts": charts,
            "episodes": episodes,
            "header": header_of(found, episodes[0], site_day(episodes[0].site)) if episodes else None,
            "errors": errors,
            "today": writing.today(),
        },
    )


@needs("patients.write")
@require_POST
def change(request: HttpRequest, patient: str) -> HttpResponse:
    """Change a name or a day of birth; whoever was first stands, and the other sees both."""
    found = access.patient(patient)
    try:
        services.change(found, number(request, "version"), name=text(request, "name"), born=day(request, "born"))
    except Conflict as met:
        return render(request, "clinic/patient_conflict.html", {"patient": found, "met": met}, status=409)
    return HttpResponseRedirect(f"/patients/{found.id}")


@needs("patients.merge")
def merge(request: HttpRequest, patient: str) -> HttpResponse:
    """Choose the other record of the same person; this one is kept."""
    kept = access.patient(patient)
    if request.method == "POST":
        other = access.patient(text(request, "other"))
        services.merge(kept, other, text(request, "reason"), request.user_row)  # type: ignore[attr-defined]
        return HttpResponseRedirect(f"/patients/{kept.id}")
    words = request.GET.get("q", "")[:200]
    record("patients.view", at=now(), kind="patient", object=kept.id, patient=kept.id)
    found = access.search(words).exclude(id=access.head(kept).id)[:SHOWN] if words.strip() else []
    return render(request, "clinic/patient_merge.html", {"patient": kept, "found": found, "q": words})


@needs("patients.merge")
@require_POST
def separate(request: HttpRequest, patient: str) -> HttpResponse:
    """Take a merged record out again."""
    other = access.patient(patient)
    services.separate(other, text(request, "reason"), request.user_row)  # type: ignore[attr-defined]
    return HttpResponseRedirect(f"/patients/{other.id}")


@needs("notes.write")
@require_POST
def start(request: HttpRequest, patient: str) -> HttpResponse:
    """A new note for this patient, and on to writing it."""
    found = access.patient(patient)
    user = request.user_row  # type: ignore[attr-defined]
    note = writing.start_note(found, user, day(request, "date") or writing.today())
    return HttpResponseRedirect(f"/notes/{note.id}")


urlpatterns = [
    path("patients/new", new, name="patient-new"),
    path("patients/<slug:patient>", page, name="patient"),
    path("patients/<slug:patient>/change", change, name="patient-change"),
    path("patients/<slug:patient>/merge", merge, name="patient-merge"),
    path("patients/<slug:patient>/separate", separate, name="patient-separate"),
    path("patients/<slug:patient>/notes", start, name="note-start"),
]
