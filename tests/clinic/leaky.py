"""A clinic with faults, to show that the sweep finds each: not part of anything that runs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path

from fifteen.clinic.people.models import Patient
from fifteen.web.clinic import home, trouble
from fifteen.web.clinic.routes import by_patient, door, needs


def unmarked(request: HttpRequest) -> HttpResponse:
    return HttpResponse("open?")


@needs("people.read")
def breaks(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


@needs("patients.read")
def leaks(request: HttpRequest, patient_id: str) -> HttpResponse:
    """Everybody's patients, by whoever knows the id."""
    return HttpResponse(Patient.everywhere.get(id=patient_id).name)


@needs("patients.read")
def tells(request: HttpRequest, patient_id: str) -> HttpResponse:
    """That somebody else has such a patient."""
    if Patient.objects.filter(id=patient_id).exists():
        return HttpResponse("here")
    return HttpResponse("not yours" if patient_id in _known else "no such", status=404)


@needs("patients.read")
def right(request: HttpRequest, patient_id: str) -> HttpResponse:
    found: Any = Patient.objects.filter(id=patient_id).first()
    return HttpResponse(found.name) if found else trouble.missing(request)


def _somebody(patient_id: str) -> Patient:
    return Patient.objects.order_by("id")[0]


@needs("notes.read", glass=_somebody)
def ajar(request: HttpRequest, patient_id: str) -> HttpResponse:
    """Opens to whoever broke the glass for another patient."""
    return right(request, patient_id)


@needs("notes.read", glass=by_patient)
def chart(request: HttpRequest, patient: str) -> HttpResponse:
    return right(request, patient)


@door("public")
def public(request: HttpRequest) -> HttpResponse:
    return HttpResponse("public")


_known: set[str] = set()

urlpatterns = [
    path("home", home.page),
    path("unmarked", unmarked),
    path("breaks", breaks),
    path("leaks/<str:patient_id>", leaks),
    path("tells/<str:patient_id>", tells),
    path("right/<str:patient_id>", right),
    path("ajar/<str:patient_id>", ajar),
    path("chart/<slug:patient>", chart),
    path("strange/<str:thing>", public),
]
