"""The day of one person: every patient they treated on one clock, and where they are recorded in two places at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe
from msgspec.structs import replace

from fifteen.clinic.accounts.matrix import matrix
from fifteen.clinic.accounts.models import User
from fifteen.clinic.audit.record import record
from fifteen.clinic.chart import queries
from fifteen.clinic.notes.services import today
from fifteen.clinic.people.models import Patient
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.errors import NotFound
from fifteen.clinic.tenancy.models import Site
from fifteen.clinic.treatment import access
from fifteen.clinic.treatment.models import Interval, Visit
from fifteen.clinic.treatment.record import interval_record
from fifteen.engine.evidence.overlap import WAYS_OUT, Overlap, check_person_day
from fifteen.kernel.dates import read_date
from fifteen.kernel.errors import FifteenError
from fifteen.web.clinic import trouble
from fifteen.web.clinic.chart.found import clock
from fifteen.web.clinic.chart.visit import label_of, length
from fifteen.web.clinic.chart.words import MODES, ROLES, word
from fifteen.web.clinic.routes import needs
from fifteen.web.said import said
from fifteen.web.surroundings import rulebook
from fifteen.web.timeline_answer import ZONE
from fifteen.web.timeline_asked import Row, Timeline
from fifteen.web.timeline_drawing import Drawing, draw_lanes, tones_of
from fifteen.web.timeline_words import clock_of

PERSON = "person"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MODES = {"group": "group", "supervised": "supervised", "unskilled": "unskilled", "rest": "rest"}


class Lane(msgspec.Struct, frozen=True, kw_only=True):
    """A patient of the day: a letter and initials, never the name; the way to their visit."""

    letter: str
    initials: str
    visit: Visit
    times: str


class Spanned(msgspec.Struct, frozen=True, kw_only=True):
    """An interval of the day in the table. `mine`: the person gave it; else somebody else, to the same patient."""

    name: str
    lane: Lane
    row: Interval
    label: str
    who: str
    start: str
    stop: str
    minutes: str
    mode: str
    mine: bool


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """Where the person is recorded twice, and the two intervals."""

    said: str
    spans: tuple[Spanned, ...]


class DayOf(msgspec.Struct, frozen=True, kw_only=True):
    """The day, drawn and as a table. `loose`: time without clock times, which no clock can show."""

    drawing: Drawing | None
    lanes: tuple[Lane, ...]
    spans: tuple[Spanned, ...]
    loose: tuple[Spanned, ...]
    windows: tuple[Window, ...]
    checked: bool
    codes: tuple[tuple[str, str, str], ...]


@needs("day.read")
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """One person's day; one's own, or anybody's for who may see all."""
    user: User = request.user_row  # type: ignore[attr-defined]
    everyone = matrix().allows(user.role, "day.all")
    asked = request.GET.get("person", "") or ("" if everyone else user.id)
    if asked != user.id and not everyone:
        return trouble.forbidden(request, "day.all")
    person = queries.user(asked) if asked else None
    if asked and person is None:
        raise NotFound("person")
    on = _day(request.GET.get("date", ""))
    shown: DayOf | None = None
    beside: tuple[date | None, date | None] = (None, None)
    if person is not None:
        record("day.view", at=now(), kind="person", object=person.id, day=on.isoformat())
        visits = list(access.visits_on(on, person=person))
        shown = day_of(person, on, visits, access.intervals_of_visits(visits))
        beside = queries.days_beside(person, on)
    return render(
        request,
        "clinic/chart/day.html",
        {
            "person": person,
            "on": on,
            "day": shown,
            "yesterday": on - timedelta(days=1),
            "tomorrow": on + timedelta(days=1),
            "before": beside[0],
            "after": beside[1],
            "people": queries.treating() if everyone else [],
            "ways": [said(each) for each in WAYS_OUT],
        },
    )


def _day(written: str) -> date:
    """The day asked for; today where none is, or none that can be read."""
    try:
        found = read_date(written, "date") if written else today()
    except FifteenError:
        return today()
    return found if 1900 < found.year < 2200 else today()


def day_of(person: User, on: date, visits: Sequence[Visit], given: Sequence[Interval]) -> DayOf:
    """The day from its rows: those that were corrected are left to the visit's own page."""
    amended = {each.amends_id for each in given if each.amends_id}
    live = [each for each in given if each.id not in amended]
    lanes = _lanes(visits, live)
    by_visit = {each.id: lane for each in visits for lane in lanes if lane.visit.patient_id == each.patient_id}
    site = {each.id: each.site for each in visits}
    clocked = [each for each in live if _whole(each, on, site[each.visit_id].zone)]
    rows = tuple(_row(each, by_visit[each.visit_id], on, site[each.visit_id].zone) for each in clocked)
    asked = Timeline(rows=rows, on=on)
    spans = tuple(
        _spanned(name, each, by_visit[each.visit_id], site[each.visit_id].zone, person)
        for name, each in zip(asked.names, clocked, strict=True)
    )
    loose = tuple(
        _spanned("", each, by_visit[each.visit_id], site[each.visit_id].zone, person)
        for each in live
        if each not in clocked and _gave(each, person)
    )
    overlaps, checked = _overlaps(person, clocked, {each.id: each.patient_id for each in visits})
    named = {each.row.id: each for each in spans}
    shown = [(_drawn(each, named, site), each) for each in overlaps]
    tones = tones_of(rows)
    drawing = None
    if rows:
        drawing = draw_lanes(
            asked, [each for each, _overlap in shown], rulebook(),
            [(each.letter, f"{each.letter} · {each.initials}") for each in lanes], [(PERSON, person.name)],
            given_by=lambda _key, place, _row: spans[place].mine, said=lambda each: _sentence(person, each),
        )  # fmt: skip
    return DayOf(
        drawing=drawing, lanes=tuple(lanes), spans=spans, loose=loose, checked=checked,
        windows=tuple(
            Window(said=_sentence(person, drawn), spans=tuple(named[each] for each in overlap.intervals))
            for drawn, overlap in shown
        ),
        codes=tuple((tone, code, label_of(code, on)) for code, tone in tones.items()),
    )  # fmt: skip


def initials(patient: Patient) -> str:
    """The first letters of the names, three at most."""
    return "".join(each[0] for each in patient.name.replace(",", " ").split()[:3]).upper() or "?"


def letter(place: int) -> str:
    """A, B, ... Z, AA, AB: one for each patient of the day."""
    more, rest = divmod(place, len(LETTERS))
    return f"{letter(more - 1) if more else ''}{LETTERS[rest]}"


def _lanes(visits: Sequence[Visit], live: Sequence[Interval]) -> list[Lane]:
    """One lane a patient, in the order in which they came."""
    first: dict[str, Visit] = {}
    begun: dict[str, datetime] = {}
    for each in visits:
        first.setdefault(each.patient_id, each)
        starts = [row.start for row in live if row.visit_id == each.id and row.start is not None]
        known = [*starts, *([each.arrived] if each.arrived else [])]
        if known:
            begun[each.patient_id] = min([*known, *([begun[each.patient_id]] if each.patient_id in begun else [])])
    late = datetime.max.replace(tzinfo=UTC)
    placed = sorted(first.values(), key=lambda each: begun.get(each.patient_id, late))
    return [
        Lane(
            letter=letter(place), initials=initials(each.patient), visit=each,
            times="\N{EN DASH}".join(
                clock(one, each.site.zone) for one in (each.arrived, each.departed) if one is not None
            ),
        )
        for place, each in enumerate(placed)
    ]  # fmt: skip


def _minute(instant: datetime, on: date, zone: str) -> int:
    """Minutes since midnight of the day at the site, by its clock."""
    there = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return (there - datetime(on.year, on.month, on.day)) // timedelta(minutes=1)


def _whole(row: Interval, on: date, zone: str) -> bool:
    """Has it clock times of this day that a clock can show?"""
    if row.start is None or row.stop is None:
        return False
    start, stop = (_minute(each, on, zone) for each in (row.start, row.stop))
    return 0 <= start < 24 * 60 - 1 and stop >= start


def _row(row: Interval, lane: Lane, on: date, zone: str) -> Row:
    """The row as the drawing takes it: whole minutes of one day."""
    assert row.start is not None
    assert row.stop is not None
    start = _minute(row.start, on, zone)
    stop = min(max(_minute(row.stop, on, zone), start + 1), 24 * 60 - 1)
    roles = {each.role for each in row.people.all()}
    who = "both" if {"therapist", "assistant"} <= roles else "T" if "therapist" in roles else "As"
    return Row(
        patient=lane.letter, code=row.service, who=who if roles & {"therapist", "assistant"} else "aide",
        start=f"{start // 60:02d}:{start % 60:02d}", stop=f"{stop // 60:02d}:{stop % 60:02d}",
        mode=_MODES.get(row.mode, "one"),
    )  # fmt: skip


def _gave(row: Interval, person: User) -> bool:
    return any(each.user_id == person.id for each in row.people.all())


def _spanned(name: str, row: Interval, lane: Lane, zone: str, person: User) -> Spanned:
    return Spanned(
        name=name, lane=lane, row=row, label=label_of(row.service, row.start.date() if row.start else lane.visit.date),
        who=", ".join(f"{each.user.name}, {word(ROLES, each.role)}" for each in row.people.all()),
        start=clock(row.start, zone), stop=clock(row.stop, zone), minutes=length(row), mode=word(MODES, row.mode),
        mine=_gave(row, person),
    )  # fmt: skip


def _overlaps(
    person: User, rows: Sequence[Interval], patients: Mapping[str, str]
) -> tuple[list[Overlap], bool]:  # fmt: skip
    """Where the engine finds the person with two patients at once; and whether it could look."""
    mine = [each for each in rows if _gave(each, person)]
    try:
        found = check_person_day(
            replace(interval_record(each, [person.id]), patient=patients[each.visit_id]) for each in mine
        )
    except FifteenError:
        return [], False
    return list(found.overlaps), True


def _drawn(overlap: Overlap, named: Mapping[str, Spanned], sites: Mapping[str, Site]) -> Overlap:
    """The overlap as the drawing takes it: by letters and names, at the site's clock time."""
    zone = ZoneInfo(sites[named[overlap.intervals[0]].row.visit_id].zone)
    one, other = (named[each] for each in overlap.intervals)
    start, stop = (
        each.astimezone(zone).replace(tzinfo=ZoneInfo(ZONE)) for each in (overlap.start, overlap.stop)
    )  # fmt: skip
    return replace(
        overlap, person=PERSON, start=start, stop=stop, intervals=(one.name, other.name),
        patients=(one.lane.letter, other.lane.letter),
    )  # fmt: skip


def _sentence(person: User, overlap: Overlap) -> str:
    """An overlap in one sentence; patients are letters."""
    start, stop = (f"{each // 60:02d}:{each % 60:02d}" for each in clock_of(overlap))
    minutes = overlap.seconds // 60
    told = ngettext("%(minutes)s minute", "%(minutes)s minutes", minutes) % {"minutes": minutes}
    values = {
        "person": person.name, "start": start, "stop": stop, "minutes": told if minutes else _("less than a minute"),
        "first": overlap.intervals[0], "second": overlap.intervals[1],
    }  # fmt: skip
    if overlap.patients[0] == overlap.patients[1]:
        return _("%(person)s, %(start)s to %(stop)s: %(minutes)s of one-on-one and group time at once, %(first)s and %(second)s.") % values  # fmt: skip  # noqa: E501
    return _("%(person)s, %(start)s to %(stop)s: %(minutes)s with two patients at once, %(first)s and %(second)s.") % values  # fmt: skip  # noqa: E501


urlpatterns = [path("day", page, name="day")]
