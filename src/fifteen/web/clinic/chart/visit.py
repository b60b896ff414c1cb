"""A visit: its intervals, what the engine makes of them, and overlaps with their ways out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from fifteen.clinic.accounts.matrix import matrix
from fifteen.clinic.accounts.models import User
from fifteen.clinic.audit.record import record
from fifteen.clinic.chart import queries
from fifteen.clinic.notes import access as notes
from fifteen.clinic.notes.models import Note
from fifteen.clinic.people import access as people
from fifteen.clinic.people.models import Patient
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.treatment import access
from fifteen.clinic.treatment.models import Assessment, Interval, Service, Visit
from fifteen.engine.evidence.overlap import Overlap
from fifteen.kernel.errors import UnknownCode
from fifteen.web.clinic.chart.doses import Dose, doses, of_row
from fifteen.web.clinic.chart.found import address, clock, site_day
from fifteen.web.clinic.chart.header import header_of
from fifteen.web.clinic.chart.says import Said, UnitsSaid, said_of
from fifteen.web.clinic.chart.words import MODES, ORIGINS, ROLES, TELEHEALTH, word
from fifteen.web.clinic.routes import needs
from fifteen.web.said import said as translated
from fifteen.web.surroundings import rulebook


class Timed(msgspec.Struct, frozen=True, kw_only=True):
    """An interval as the table shows it; `amended`: another one corrects it. `why` says why it does not count."""

    row: Interval
    label: str
    who: str
    start: str
    stop: str
    minutes: str
    mode: str
    origin: str
    amended: bool
    why: str


class Meeting(msgspec.Struct, frozen=True, kw_only=True):
    """A window in which a person is recorded twice; `visit` leads to the other one, which names nobody here."""

    said: str
    interval: str
    visit: str
    ways: tuple[str, ...]


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """A service in the therapist's words."""

    row: Service
    label: str
    doses: list[Dose]


class DayShown(msgspec.Struct, frozen=True, kw_only=True):
    """What a visit's day is, for the visit itself and for its note."""

    said: Said | None
    units: UnitsSaid | None
    meetings: tuple[Meeting, ...]
    names: Mapping[str, str]


def _whose(visit: str) -> Patient:
    return access.visit(visit).patient


@needs("chart.read", glass=_whose)
@require_safe
def page(request: HttpRequest, visit: str) -> HttpResponse:
    """The evidence of one visit and what it supports."""
    row = access.visit(visit)
    of = access.episode(row.episode_id)
    head = people.head(row.patient)
    record("visits.view", at=now(), kind="visit", object=row.id, patient=row.patient_id)
    given = list(access.intervals_of(row))
    shown = day_shown(row, given, access.assessment(row.patient, row.date))
    written = _notes_of(request, row)
    done = [
        Done(row=each, label=label_of(each.code, row.date), doses=doses(of_row(one) for one in each.exercises.all()))
        for each in access.services_of(row)
    ]
    return render(
        request,
        "clinic/chart/visit.html",
        {
            "visit": row,
            "patient": head,
            "episode": of,
            "header": header_of(head, of, site_day(of.site)),
            "people": _by_person(timed(row, given, shown.said)),
            "shown": shown,
            "notes": written,
            "signed": any(each.draft is None for each in written),
            "done": done,
            "arrived": clock(row.arrived, row.site.zone),
            "departed": clock(row.departed, row.site.zone),
            "telehealth": word(TELEHEALTH, row.telehealth),
            "back": address(head, of),
        },
    )


def _notes_of(request: HttpRequest, visit: Visit) -> list[Note]:
    user: User = request.user_row  # type: ignore[attr-defined]
    if not matrix().allows(user.role, "notes.read") and request.glass is None:  # type: ignore[attr-defined]
        return []
    return list(notes.notes_of(visit.patient).filter(visit=visit))


def day_shown(visit: Visit, given: Sequence[Interval], row: Assessment | None) -> DayShown:
    """What the engine says of the visit's day, with names and clock times where it knows ids only."""
    zone = visit.site.zone
    names = {each.user_id: each.user.name for one in given for each in one.people.all()}
    names |= {each.id: called(each, zone) for each in given}
    said = said_of(row, rulebook(), names)
    overlaps = said.overlaps if said else ()
    others = queries.visits_of_intervals({each for one in overlaps for each in one.intervals} - set(names))
    people_of = names | queries.names({each.person for each in overlaps} - set(names))
    mine = {each.id for each in given}
    return DayShown(
        said=said, units=said.of(visit.episode.discipline) if said else None, names=names,
        meetings=tuple(
            _meeting(each, mine, zone, people_of, others) for each in overlaps if mine & set(each.intervals)
        ),
    )  # fmt: skip


def _meeting(
    overlap: Overlap, mine: set[str], zone: str, names: Mapping[str, str], others: Mapping[str, str]
) -> Meeting:
    here = next(each for each in overlap.intervals if each in mine)
    other = next((each for each in overlap.intervals if each not in mine), here)
    values = {
        "person": names.get(overlap.person, _("somebody")), "start": clock(overlap.start, zone),
        "stop": clock(overlap.stop, zone), "interval": names.get(here, ""),
        "minutes": max(overlap.seconds // 60, 0),
    }  # fmt: skip
    if overlap.patients[0] == overlap.patients[1]:
        told = _("%(person)s, %(start)s to %(stop)s, %(minutes)s min: one-on-one and group time at once, here.")
    else:
        told = _("%(person)s, %(start)s to %(stop)s, %(minutes)s min: here (%(interval)s) and with another patient.")
    return Meeting(
        said=told % values, interval=here, visit=others.get(other, ""),
        ways=tuple(translated(each) for each in overlap.ways_out),
    )  # fmt: skip


def called(row: Interval, zone: str) -> str:
    """What an interval is called in a sentence: its service and when it was."""
    name = row.service or word(MODES, row.mode)
    start, stop = clock(row.start, zone), clock(row.stop, zone)
    return f"{name} {start}\N{EN DASH}{stop}" if start else name


def timed(visit: Visit, given: Sequence[Interval], said: Said | None) -> list[Timed]:
    """The intervals in order of time; one that was corrected stands right before what corrects it."""
    given = _in_order(given)
    amended = {each.amends_id for each in given if each.amends_id}
    zone = visit.site.zone
    return [
        Timed(
            row=each, label=label_of(each.service, visit.date), start=clock(each.start, zone),
            stop=clock(each.stop, zone), minutes=length(each), mode=word(MODES, each.mode),
            origin=word(ORIGINS, each.origin), amended=each.id in amended,
            who=", ".join(f"{one.user.name}, {word(ROLES, one.role)}" for one in each.people.all()),
            why=translated(said.uncounted.get(each.id, "")) if said and each.id not in amended else "",
        )
        for each in given
    ]  # fmt: skip


def _in_order(given: Sequence[Interval]) -> list[Interval]:
    first = {each.amends_id: each for each in given if each.amends_id}
    begins = [each for each in given if each.amends_id is None or each.amends_id not in {one.id for one in given}]
    found: list[Interval] = []
    for each in begins:
        row: Interval | None = each
        while row is not None and row not in found:
            found.append(row)
            row = first.get(row.id)
    return found


def _by_person(rows: Iterable[Timed]) -> list[tuple[str, list[Timed]]]:
    found: dict[str, list[Timed]] = {}
    for each in rows:
        found.setdefault(each.who or _("nobody"), []).append(each)
    return list(found.items())


def label_of(code: str, on: date) -> str:
    """Our short label of a code on a day; empty where no catalogue holds it."""
    try:
        service = rulebook().service(code, on) if code else None
    except UnknownCode:
        return ""
    return translated(service.label) if service else ""


def length(row: Interval) -> str:
    """How long it was: of clock times to the second, else the minutes that were written."""
    if row.start is None or row.stop is None or row.minutes is not None:
        return "" if row.minutes is None else str(row.minutes)
    minutes, seconds = divmod(int((row.stop - row.start).total_seconds()), 60)
    return f"{minutes}:{seconds:02d}" if seconds else str(minutes)


urlpatterns = [path("visits/<slug:visit>", page, name="visit")]
