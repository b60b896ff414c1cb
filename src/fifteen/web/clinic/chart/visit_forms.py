"""Plain editing of a visit and its intervals, and the choice between tied services."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _

from fifteen.clinic.accounts.models import User
from fifteen.clinic.chart import queries
from fifteen.clinic.tenancy.errors import Refused
from fifteen.clinic.treatment import access, services
from fifteen.clinic.treatment.models import Interval, Visit
from fifteen.web.clinic.chart import typed
from fifteen.web.clinic.chart.editing import Field, Form, ask
from fifteen.web.clinic.chart.found import about, address, clock, episode_of, site_day
from fifteen.web.clinic.chart.says import said_of
from fifteen.web.clinic.chart.words import MODES, PURPOSES, TELEHEALTH, choices
from fifteen.web.clinic.forms import number, whole
from fifteen.web.clinic.routes import needs
from fifteen.web.surroundings import rulebook


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
    path("visits/<slug:visit>/change", change, name="visit-change"),
    path("visits/<slug:visit>/intervals/new", interval_new, name="interval-new"),
    path("visits/<slug:visit>/tie", tie, name="tie"),
    path("intervals/<slug:interval>/amend", amend, name="interval-amend"),
]
