"""An episode: what happened in it, the newest first, each under the plan of care of its day."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
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
from fifteen.clinic.people.models import Patient
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.treatment import access
from fifteen.clinic.treatment.models import CarriedOver, Certification, Episode, Interval, Plan, Visit
from fifteen.kernel.dates import read_date
from fifteen.kernel.errors import FifteenError
from fifteen.web.clinic.chart import goals, scores
from fifteen.web.clinic.chart.found import episode_of, site_day
from fifteen.web.clinic.chart.header import header_of
from fifteen.web.clinic.chart.says import Said, UnitsSaid, said_of
from fifteen.web.clinic.chart.words import NOTES, STEPS, word
from fifteen.web.clinic.routes import by_patient, needs
from fifteen.web.surroundings import rulebook

SHOWN = 25
"""Visits on one page of the timeline."""

_OF_DOCUMENT = re.compile(r"document [0-9a-z]{26}", re.ASCII)


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A step of a certification; `back` is what took it back."""

    row: Certification
    word: str
    back: Certification | None = None

    @property
    def document(self) -> str:
        """The id of the document that it rests on, empty where it was entered by hand."""
        return self.row.how.removeprefix("document ") if _OF_DOCUMENT.fullmatch(self.row.how) else ""


class VisitTold(msgspec.Struct, frozen=True, kw_only=True):
    """A visit with what the engine says of its day. `count` says which treatment day it was."""

    visit: Visit
    who: str
    said: Said | None
    units: UnitsSaid | None
    notes: tuple[Note, ...]
    count: str
    again: bool


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing on the timeline, of the kind that its template knows."""

    on: date
    kind: str
    title: str = ""
    visit: VisitTold | None = None
    note: Note | None = None
    carried: CarriedOver | None = None


class Band(msgspec.Struct, frozen=True, kw_only=True):
    """The time of one plan of care, or time that no plan covers, with what happened in it, newest first."""

    plan: Plan | None
    steps: tuple[Step, ...]
    entries: tuple[Entry, ...]


@needs("chart.read", glass=by_patient)
@require_safe
def page(request: HttpRequest, patient: str, episode: str) -> HttpResponse:
    """The timeline, with the header, the goals and the scores beside it."""
    found, of = episode_of(patient, episode)
    record("chart.view", at=now(), kind="episode", object=of.id, patient=found.id)
    visits = list(access.visits_of(of))
    older, shown = _page_of(visits, request.GET.get("before", ""))
    plans = list(access.plans_of(of))
    written = _notes_of(request, found, of)
    carried = access.carried_of(of)
    entries = [
        *_visits(of, visits, shown, written, carried),
        *_others(of, written, shown, visits, carried if older is None else None, older is None),
    ]
    return render(
        request,
        "clinic/chart/episode.html",
        {
            "patient": found,
            "episode": of,
            "header": header_of(found, of, site_day(of.site)),
            "bands": _bands(entries, plans, shown, older is None),
            "older": older,
            "goals": goals.shown(of),
            "scores": scores.shown(of),
            "visits": len(visits),
        },
    )


# -- the timeline ------------------------------------------------------------------------------------------------------


def _page_of(visits: Sequence[Visit], before: str) -> tuple[date | None, list[Visit]]:
    """The newest visits, or those before a day; and the day before which older ones are left."""
    try:
        day_before = read_date(before, "before") if before else None
    except FifteenError:
        day_before = None
    left = [each for each in visits if day_before is None or each.date < day_before]
    shown = left[-SHOWN:]
    if len(left) > len(shown):
        whole = [each for each in left if each.date >= shown[0].date]  # a day is never cut in two
        return whole[0].date, whole
    return None, shown


def _notes_of(request: HttpRequest, patient: Patient, episode: Episode) -> list[Note]:
    user: User = request.user_row  # type: ignore[attr-defined]
    if not matrix().allows(user.role, "notes.read") and request.glass is None:  # type: ignore[attr-defined]
        return []
    return list(notes.notes_of(patient).filter(episode=episode))


def _visits(
    episode: Episode, visits: Sequence[Visit], shown: Sequence[Visit], written: Sequence[Note],
    carried: CarriedOver | None,
) -> list[Entry]:  # fmt: skip
    """The visits with who treated and what the engine says of each day."""
    given = access.intervals_of_visits(list(shown))
    answers = access.assessments_of(episode.patient, sorted({each.date for each in shown})) if shown else {}
    told = {on: said_of(row, rulebook(), _names(given)) for on, row in answers.items()}
    counts = _counts(visits, written, carried)
    found, seen = [], set()
    for visit in reversed(shown):
        said = told.get(visit.date)
        found.append(
            Entry(
                on=visit.date, kind="visit",
                visit=VisitTold(
                    visit=visit, said=said, again=visit.date in seen, count=counts.get(visit.date, ""),
                    who=", ".join(dict.fromkeys(_people(given, visit))),
                    units=said.of(episode.discipline) if said else None,
                    notes=tuple(each for each in written if each.visit_id == visit.id),
                ),
            )
        )  # fmt: skip
        seen.add(visit.date)
    return found


def _people(given: Sequence[Interval], visit: Visit) -> list[str]:
    return [
        each.user.name for row in given if row.visit_id == visit.id and row.service for each in row.people.all()
    ]  # fmt: skip


def _names(given: Sequence[Interval]) -> dict[str, str]:
    """What stands for the ids in the engine's sentences: people by name, intervals by their service and start."""
    found = {each.user_id: each.user.name for row in given for each in row.people.all()}
    return found | {row.id: row.service or _("unskilled time") for row in given}


def _counts(visits: Sequence[Visit], written: Sequence[Note], carried: CarriedOver | None) -> dict[date, str]:
    """Which treatment day since the last complete progress report each day was; what was carried over counts too."""
    begun = {each.id: each.date for each in written if each.kind == "progress-report"}
    reports = sorted(begun[each] for each in notes.by_therapist(begun))
    days = sorted({each.date for each in visits})
    found = {}
    for on in days:
        report = max((each for each in reports if each < on), default=None)
        if report is not None and (carried is None or report > carried.as_of):
            count = len([each for each in days if report < each <= on])
            found[on] = _("treatment day %(count)s since the report of %(day)s") % {"count": count, "day": report}
        elif carried is None:
            found[on] = _("treatment day %(count)s since the first") % {"count": days.index(on) + 1}
        elif on > carried.as_of:
            here = len([each for each in days if carried.as_of < each <= on])
            if carried.days_since_report is None:
                found[on] = _("treatment day %(count)s here, those before not known") % {"count": here}
            else:
                count = here + carried.days_since_report
                found[on] = _("treatment day %(count)s since a report in the former system") % {"count": count}
    return found


def _others(
    episode: Episode, written: Sequence[Note], shown: Sequence[Visit], visits: Sequence[Visit],
    carried: CarriedOver | None, whole: bool,
) -> list[Entry]:  # fmt: skip
    """What stands on the timeline beside visits: notes without one, the first and last day, what was carried over."""
    mine = {each.id for each in visits}
    found = [
        Entry(on=each.date, kind="note", note=each, title=word(NOTES, each.kind))
        for each in written
        if each.visit_id not in mine and (whole or (shown and each.date >= shown[0].date))
    ]
    if episode.ended is not None:
        found.append(Entry(on=episode.ended, kind="ended", title=_("Discharged")))
    if whole:
        found.append(Entry(on=episode.started, kind="started", title=_("The episode begins")))
        if carried is not None:
            found.append(Entry(on=carried.as_of, kind="carried", title=_("From the former system"), carried=carried))
    return found


_ORDER = ("ended", "visit", "note", "carried", "started")


def _bands(entries: Sequence[Entry], plans: Sequence[Plan], shown: Sequence[Visit], whole: bool) -> list[Band]:
    """The entries, newest first, each under the plan that held on its day: of several the one with the last number."""
    steps = queries.certifications_of_all(plans)
    first = min((each.on for each in entries), default=None)
    rows = sorted(entries, key=lambda each: (-each.on.toordinal(), _ORDER.index(each.kind)))
    bands: list[Band] = []
    for entry in rows:
        plan = next((each for each in reversed(plans) if _holds(each, entry.on)), None)
        if bands and (bands[-1].plan and bands[-1].plan.id) == (plan and plan.id):
            bands[-1] = msgspec.structs.replace(bands[-1], entries=(*bands[-1].entries, entry))
        else:
            bands.append(Band(plan=plan, steps=_steps(steps, plan), entries=(entry,)))
    placed = {each.plan.id for each in bands if each.plan}
    empty = [
        each for each in plans if each.id not in placed and (whole or first is None or each.starts >= first)
    ]  # fmt: skip
    bands += [Band(plan=each, steps=_steps(steps, each), entries=()) for each in empty]
    return sorted(bands, key=lambda each: _since(each), reverse=True)


def _since(band: Band) -> tuple[date, int]:
    on = band.entries[0].on if band.entries else band.plan.starts if band.plan else date.min
    return on, band.plan.number if band.plan else 0


def _holds(plan: Plan, on: date) -> bool:
    return plan.starts <= on and (plan.ends is None or on <= plan.ends)


def _steps(steps: Mapping[str, Sequence[Certification]], plan: Plan | None) -> tuple[Step, ...]:
    """The steps of a plan's certification; one that was taken back stays, with why."""
    rows = steps.get(plan.id, ()) if plan else ()
    back = {each.void_id: each for each in rows if each.void_id}
    return tuple(
        Step(row=each, word=word(STEPS, each.step), back=back.get(each.id)) for each in rows if each.void_id is None
    )


urlpatterns = [path("patients/<slug:patient>/episodes/<slug:episode>", page, name="episode")]
