"""A visit: its intervals, what the engine makes of them, overlaps with their ways out, and plain editing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
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
from fifteen.clinic.tenancy.errors import Refused
from fifteen.clinic.treatment import access, services
from fifteen.clinic.treatment.models import Assessment, Interval, Service, Visit
from fifteen.engine.evidence.overlap import Overlap
from fifteen.kernel.errors import UnknownCode
from fifteen.web.clinic.chart import typed
from fifteen.web.clinic.chart.doses import Dose, doses, of_row
from fifteen.web.clinic.chart.editing import Field, Form, ask
from fifteen.web.clinic.chart.found import about, address, clock, episode_of, site_day
from fifteen.web.clinic.chart.header import header_of
from fifteen.web.clinic.chart.says import Said, UnitsSaid, said_of
from fifteen.web.clinic.chart.words import MODES, ORIGINS, PURPOSES, ROLES, TELEHEALTH, choices, word
from fifteen.web.clinic.forms import number, whole
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


# -- editing -----------------------------------------------------------------------------------------------------------


@needs("chart.write")
def new(request: HttpRequest, patient: str, episode: str) -> HttpResponse:
    """Start a visit, and on to it."""
    found, of = episode_of(patient, episode)
    form = Form(
        title=_("Start a visit"), about=about(of), back=address(found, of), send=_("Start the visit"),
        fields=(Field(name="date", label=_("Day"), kind="date", value=site_day(of.site).isoformat(), needed=True),),
    )  # fmt: skip
    made: list[Visit] = []

    def store() -> None:
        made.append(services.start_visit(of, date=typed.needed(request, "date"), source="typed"))

    response = ask(request, form, store)
    return HttpResponseRedirect(f"/visits/{made[0].id}") if made else response


@needs("chart.write")
def change(request: HttpRequest, visit: str) -> HttpResponse:
    """Change when and where a visit was."""
    row = access.visit(visit)
    zone = row.site.zone
    fields = (
        Field(name="date", label=_("Day"), kind="date", value=row.date.isoformat(), needed=True),
        Field(name="arrived", label=_("Arrived"), value=clock(row.arrived, zone), hint=_("Clock time of the site.")),
        Field(name="departed", label=_("Left"), value=clock(row.departed, zone), hint=_("Clock time of the site.")),
        Field(
            name="place_of_service", label=_("Place of service"), value=row.place_of_service, longest=2, mode="numeric",
            hint=_("Two digits: 11 office, 12 home."),
        ),
        Field(name="telehealth", label=_("How"), kind="choice", choices=choices(TELEHEALTH), value=row.telehealth),
        Field(name="purpose", label=_("Purpose"), kind="choice", choices=choices(PURPOSES), value=row.purpose),
    )  # fmt: skip
    form = Form(
        title=_("Change the visit"), about=about(row.episode), back=f"/visits/{row.id}", send=_("Save"), fields=fields,
        version=row.version,
    )  # fmt: skip

    def store() -> None:
        on = typed.needed(request, "date")
        services.change_visit(
            row, number(request, "version"), date=on,
            arrived=typed.instant(request, "arrived", on, zone), departed=typed.instant(request, "departed", on, zone),
            place_of_service=typed.line(request, "place_of_service", 2),
            telehealth=typed.line(request, "telehealth", 12), purpose=typed.line(request, "purpose", 14),
        )  # fmt: skip

    return ask(request, form, store)


def _interval_fields(visit: Visit, row: Interval | None, user: User) -> tuple[Field, ...]:
    zone = visit.site.zone
    who = [each.user_id for each in row.people.all()] if row else [user.id]
    treating = tuple((each.id, each.name) for each in queries.treating() if each.active or each.id in who)
    return (
        Field(name="service", label=_("Service"), value=row.service if row else "", longest=5, hint="97110"),
        Field(
            name="mode", label=_("How it was given"), kind="choice", choices=choices(MODES),
            value=row.mode if row else "one-on-one",
        ),
        Field(name="start", label=_("From"), value=clock(row.start, zone) if row else "", hint="08:15"),
        Field(name="stop", label=_("To"), value=clock(row.stop, zone) if row else "", hint="08:33"),
        Field(
            name="minutes", label=_("Or minutes alone"), mode="numeric", longest=4,
            value="" if row is None or row.minutes is None else str(row.minutes),
            hint=_("Without clock times overlap cannot be checked."),
        ),
        Field(name="people", label=_("Who gave it"), kind="ticks", choices=treating, value=" ".join(who), wide=True),
    )  # fmt: skip


def _interval_values(request: HttpRequest, visit: Visit) -> dict[str, Any]:
    zone = visit.site.zone
    return {
        "people": _people(request.POST.getlist("people")), "service": typed.code(request, "service"),
        "mode": typed.line(request, "mode", 12), "start": typed.instant(request, "start", visit.date, zone),
        "stop": typed.instant(request, "stop", visit.date, zone), "minutes": whole(request, "minutes"),
    }  # fmt: skip


def _people(ids: Sequence[str]) -> list[User]:
    found = [queries.user(each) for each in dict.fromkeys(ids[:8])]
    there = [each for each in found if each is not None]
    if not there or len(there) != len(found):
        raise Refused(_("Say who gave this time: choose at least one person of the list."))
    return there


@needs("chart.write")
def interval_new(request: HttpRequest, visit: str) -> HttpResponse:
    """Add time that was not tapped: typed, with clock times or with minutes alone."""
    row = access.visit(visit)
    user: User = request.user_row  # type: ignore[attr-defined]
    form = Form(
        title=_("Add time"), about=f"{about(row.episode)} · {row.date}", back=f"/visits/{row.id}",
        send=_("Add the time"), fields=_interval_fields(row, None, user),
        hint=_("It is kept as typed. Times are those of the site's clock."),
    )  # fmt: skip
    return ask(
        request, form,
        lambda: services.add_interval(row, origin="typed", user=user, **_interval_values(request, row)),
    )  # fmt: skip


@needs("chart.write")
def amend(request: HttpRequest, interval: str) -> HttpResponse:
    """Correct an interval by a new one that names it and says why; the first stays and is shown."""
    row = access.interval(interval)
    visit = access.visit(row.visit_id)
    user: User = request.user_row  # type: ignore[attr-defined]
    reason = Field(
        name="reason", label=_("Reason"), needed=True, longest=400, wide=True,
        hint=_("Such as: tapped late, it began when the patient sat down at 08:15."),
    )  # fmt: skip
    form = Form(
        title=_("Correct this time"), about=f"{about(visit.episode)} · {visit.date}", back=f"/visits/{visit.id}",
        send=_("Correct it"), fields=(*_interval_fields(visit, row, user), reason),
        hint=_("The first value stays in the chart, struck through, with your reason."),
    )  # fmt: skip
    return ask(
        request, form,
        lambda: services.amend_interval(
            row, typed.line(request, "reason", 400), user, **_kept(_interval_values(request, visit), row, visit)
        ),
    )  # fmt: skip


def _kept(wanted: dict[str, Any], row: Interval, visit: Visit) -> dict[str, Any]:
    """The form shows whole minutes of the visit's day: a time on it that was left as it stood keeps its seconds."""
    zone = visit.site.zone
    if row.start is not None and row.start.astimezone(ZoneInfo(zone)).date() != visit.date:
        return wanted
    for name in ("start", "stop"):
        stored: datetime | None = getattr(row, name)
        if clock(wanted[name], zone) == clock(stored, zone):
            wanted[name] = stored
    return wanted


@needs("chart.write")
def tie(request: HttpRequest, visit: str) -> HttpResponse:
    """Settle a tie: the codes that take the tied units, none of them set beforehand."""
    row = access.visit(visit)
    user: User = request.user_row  # type: ignore[attr-defined]
    said = said_of(access.assessment(row.patient, row.date), rulebook())
    units = said.of(row.episode.discipline) if said else None
    ways = units.ways if units else ()
    form = Form(
        title=_("Settle the tie"), about=f"{about(row.episode)} · {row.date}", back=f"/visits/{row.id}",
        send=_("Settle it"),
        fields=(
            Field(
                name="codes", label=_("Which service takes the unit"), kind="radio", needed=True, wide=True,
                choices=tuple((codes, f"{codes} {labels}") for codes, labels in ways),
            ),
        ),
        hint=_("These have equal minutes left over, and the law names none of them. Who treated chooses."),
    )  # fmt: skip

    def store() -> None:
        codes = typed.line(request, "codes", 60)
        if codes not in {each for each, _labels in ways}:
            raise Refused(_("Choose one of the ways shown; none is set beforehand."))
        services.choose_tie(row, codes.split(), user)

    return ask(request, form, store)


urlpatterns = [
    path("patients/<slug:patient>/episodes/<slug:episode>/visits/new", new, name="visit-new"),
    path("visits/<slug:visit>", page, name="visit"),
    path("visits/<slug:visit>/change", change, name="visit-change"),
    path("visits/<slug:visit>/intervals/new", interval_new, name="interval-new"),
    path("visits/<slug:visit>/tie", tie, name="tie"),
    path("intervals/<slug:interval>/amend", amend, name="interval-amend"),
]
