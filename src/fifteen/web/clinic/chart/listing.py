"""The patients: a page of them by name, with where each of them stands, in a bounded number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from fifteen.clinic.audit.record import record
from fifteen.clinic.chart import queries
from fifteen.clinic.notes.services import today
from fifteen.clinic.people import access
from fifteen.clinic.people.models import Patient
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.errors import NotFound
from fifteen.clinic.treatment.models import Episode
from fifteen.clinic.treatment.standing import standings
from fifteen.web.clinic.chart.header import Fact, age, facts
from fifteen.web.clinic.routes import needs

SHOWN = 50


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A patient with the episode that is read first: the open one that began last. `more`: how many stand beside it."""

    patient: Patient
    age: int | None
    next: str
    episode: Episode | None
    more: int
    facts: dict[str, Fact]
    flags: tuple[Fact, ...]


@needs("patients.read")
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Fifty current patients by name, or of all; a search looks among all. The next begin after the last one shown."""
    words = request.GET.get("q", "")[:200]
    whole = bool(words.strip()) or request.GET.get("show", "") == "all"
    found = access.search(words) if whole else queries.current(access.patients())
    rows, back, more = _page(found, request.GET.get("after", ""), request.GET.get("before", ""))
    record("patients.list", at=now(), kind="patient", count=len(rows), searched=bool(words))
    return render(
        request,
        "clinic/patients.html",
        {
            "rows": listed(rows, today()),
            "columns": [
                ("visits", _("Visits left")),
                ("plan", _("Plan ends")),
                ("report", _("Report due")),
                ("certification", _("Certification")),
            ],
            "q": words,
            "whole": whole,
            "back": rows[0].id if back and rows else "",
            "more": rows[-1].id if more and rows else "",
        },
    )


def _page(found: QuerySet[Patient], after: str, before: str) -> tuple[list[Patient], bool, bool]:
    """The rows of a page, and whether there are some before and after it. The place is a patient, by id."""
    place = _place(before or after)
    if place is None:
        rows = list(found[: SHOWN + 1])
        return rows[:SHOWN], False, len(rows) > SHOWN
    if before:
        earlier = found.filter(Q(name__lt=place.name) | Q(name=place.name, id__lt=place.id))
        rows = list(earlier.order_by("-name", "-id")[: SHOWN + 1])
        return rows[:SHOWN][::-1], len(rows) > SHOWN, True
    rows = list(found.filter(Q(name__gt=place.name) | Q(name=place.name, id__gt=place.id))[: SHOWN + 1])
    return rows[:SHOWN], True, len(rows) > SHOWN


def _place(id: str) -> Patient | None:
    """The patient after whom a page begins; the first page where there is no such one."""
    try:
        return access.patient(id) if id else None
    except NotFound:
        return None


def listed(patients: Sequence[Patient], on: date) -> list[Listed]:
    """Where each of these stands, by the open episode that began last, in a bounded number of queries."""
    episodes = queries.episodes_of_all(patients)
    first = {id: rows[0] for id, rows in episodes.items() if rows}
    stood = standings(list(first.values()), on)
    bookings = queries.next_bookings([each.id for each in patients], now())
    rows = []
    for patient in patients:
        episode = first.get(patient.id)
        known = facts(stood[episode.id], on) if episode is not None and episode.ended is None else {}
        booking = bookings.get(patient.id)
        rows.append(
            Listed(
                patient=patient, age=age(patient.born, on), episode=episode, facts=known,
                next=_when(booking.starts, booking.site.zone) if booking else "",
                more=max(len([each for each in episodes[patient.id] if each.ended is None]) - 1, 0),
                flags=tuple(each for each in known.values() if each.flag),
            )
        )  # fmt: skip
    return rows


def _when(instant: datetime, zone: str) -> str:
    return instant.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


urlpatterns = [path("patients", page, name="patients")]
