"""Episodes, plans, visits and what was done in them are fetched here only."""

from __future__ import annotations

from datetime import date
from typing import TypeVar

from django.db.models import Exists, F, OuterRef, Prefetch, QuerySet

from fifteen.clinic.accounts.models import User
from fifteen.clinic.people import access as people
from fifteen.clinic.people.models import Patient
from fifteen.clinic.tenancy.errors import NotFound
from fifteen.clinic.tenancy.models import Owned, Site
from fifteen.clinic.treatment.models import (
    Assessment,
    Authorization,
    CarriedOver,
    Certification,
    Episode,
    Exercise,
    Goal,
    Interval,
    IntervalPerson,
    Plan,
    Score,
    Service,
    TieChoice,
    TimerEvent,
    Visit,
)

_R = TypeVar("_R", bound=Owned)
_IN_TIME = (F("start").asc(nulls_first=True), "at", "id")  # said, for the databases differ in where none goes


def _one(model: type[_R], id: str, *related: str, held: bool = False) -> _R:
    rows = model.objects.select_related(*related) if related else model.objects.all()
    if held:
        rows = rows.select_for_update(no_key=True)
    found = rows.filter(id=id.replace("\0", "")).first()
    if not isinstance(found, model):
        raise NotFound(model._meta.db_table)
    return found


# -- episodes and their plans -----------------------------------------------------------------------------------------


def episode(id: str) -> Episode:
    """The episode of this id; `NotFound` where this organization has none."""
    return _one(Episode, id, "patient", "site", "therapist")


def held_episode(id: str) -> Episode:
    """The same, held until the transaction ends: whoever else wants to number something of it waits."""
    return _one(Episode, id, held=True)


def episodes_of(patient: Patient) -> QuerySet[Episode]:
    """The episodes of a record and of all merged into it, newest first."""
    rows: QuerySet[Episode] = Episode.objects.filter(patient__in=people.family(patient))
    return rows.select_related("site", "therapist", "referral").order_by("-started", "-id")


def carried_of(episode: Episode) -> CarriedOver | None:
    """What another system knew of it, as it was last said; None for an episode that began here."""
    found: CarriedOver | None = CarriedOver.objects.filter(episode=episode).order_by("at", "id").last()
    return found


def plans_of(episode: Episode) -> QuerySet[Plan]:
    """Its plans of care by number."""
    rows: QuerySet[Plan] = Plan.objects.filter(episode=episode).select_related("author").order_by("number")
    return rows


def plan(id: str) -> Plan:
    """The plan of this id; `NotFound` where this organization has none."""
    return _one(Plan, id, "episode__patient")


def certifications_of(plan: Plan, *, taken_back: bool = False) -> QuerySet[Certification]:
    """The steps of a plan's certification by day; those taken back, and the taking back, only when asked for."""
    rows: QuerySet[Certification] = Certification.objects.filter(plan=plan).order_by("date", "at", "id")
    return rows if taken_back else rows.filter(void=None, voided_by=None)


def certification(id: str) -> Certification:
    """The step of this id; `NotFound` where this organization has none."""
    return _one(Certification, id, "plan__episode")


def goals_of(episode: Episode) -> QuerySet[Goal]:
    """Its goals in the order they were set."""
    rows: QuerySet[Goal] = Goal.objects.filter(episode=episode).order_by("made", "id")
    return rows


def goal(id: str) -> Goal:
    """The goal of this id; `NotFound` where this organization has none."""
    return _one(Goal, id, "episode__patient")


def scores_of(episode: Episode, *, corrected: bool = False) -> QuerySet[Score]:
    """Its scores by day; those that another one corrects only when asked for."""
    rows: QuerySet[Score] = Score.objects.filter(episode=episode).order_by("date", "at", "id")
    return rows if corrected else rows.filter(amended_by=None)


def score(id: str) -> Score:
    """The score of this id; `NotFound` where this organization has none."""
    return _one(Score, id, "episode__patient")


def authorizations_of(patient: Patient) -> QuerySet[Authorization]:
    """What payers authorized for a record and all merged into it, newest first."""
    rows: QuerySet[Authorization] = Authorization.objects.filter(coverage__patient__in=people.family(patient))
    return rows.select_related("coverage__payer", "episode").order_by("-starts", "-id")


def authorization(id: str) -> Authorization:
    """The authorization of this id; `NotFound` where this organization has none."""
    return _one(Authorization, id, "coverage__patient", "episode")


# -- visits -----------------------------------------------------------------------------------------------------------


def visit(id: str) -> Visit:
    """The visit of this id; `NotFound` where this organization has none."""
    return _one(Visit, id, "patient", "site", "episode")


def held_visit(id: str) -> Visit:
    """The same, held until the transaction ends: two corrections of one interval take turns."""
    return _one(Visit, id, held=True)


def visits_of(episode: Episode) -> QuerySet[Visit]:
    """Its visits, oldest first."""
    rows: QuerySet[Visit] = Visit.objects.filter(episode=episode).select_related("site")
    return rows.order_by("date", "arrived", "id")


def visits_on(date: date, site: Site | None = None, person: User | None = None) -> QuerySet[Visit]:
    """The visits of a day, of a site or those that a person gave time to, where one is named; by arrival."""
    rows: QuerySet[Visit] = Visit.objects.filter(date=date).select_related("patient", "episode", "site")
    if site is not None:
        rows = rows.filter(site=site)
    if person is not None:
        given = IntervalPerson.objects.filter(user=person, interval__visit__date=date)
        rows = rows.filter(id__in=given.values("interval__visit"))
    return rows.order_by("arrived", "id")


def visits_of_day(patient: Patient, on: date) -> list[Visit]:
    """Every visit of a person on a day, over all records of theirs, in order of arrival."""
    rows = Visit.objects.filter(patient__in=people.family(people.head(patient)), date=on)
    return list(rows.select_related("site", "episode").order_by("arrived", "id"))


def days_of(patient: Patient, first: date | None = None, last: date | None = None) -> list[date]:
    """The days on which a person had a visit, over all records of theirs, oldest first."""
    rows = Visit.objects.filter(patient__in=people.family(people.head(patient)))
    if first is not None:
        rows = rows.filter(date__gte=first)
    if last is not None:
        rows = rows.filter(date__lte=last)
    return list(rows.order_by("date").values_list("date", flat=True).distinct())


def events_of(visit: Visit) -> QuerySet[TimerEvent]:
    """The taps of a visit, as the devices' clocks had them."""
    rows: QuerySet[TimerEvent] = TimerEvent.objects.filter(visit=visit).order_by("wall", "id")
    return rows


def event(event: str) -> TimerEvent | None:
    """The tap that a device calls so, if it came in."""
    found: TimerEvent | None = TimerEvent.objects.filter(event=event).select_related("visit").first()
    return found


def events_on(date: date) -> list[TimerEvent]:
    """Every tap of a day's visits: one person's taps end their own time with another patient."""
    return list(TimerEvent.objects.filter(visit__date=date).select_related("visit").order_by("wall", "id"))


def _with_people(rows: QuerySet[Interval]) -> QuerySet[Interval]:
    given = IntervalPerson.objects.select_related("user").order_by("place", "id")
    return rows.prefetch_related(Prefetch("people", queryset=given))


def intervals_of(visit: Visit) -> QuerySet[Interval]:
    """The intervals of a visit with their people, those that were corrected too, in order of time."""
    rows: QuerySet[Interval] = Interval.objects.filter(visit=visit)
    return _with_people(rows).order_by(*_IN_TIME)


def live_intervals_of(visit: Visit) -> QuerySet[Interval]:
    """The time of a visit as it stands: none that was corrected, or taken back by a correction to no minutes."""
    return intervals_of(visit).filter(amended_by=None).exclude(start=None, minutes=0)


def intervals_of_visits(visits: list[Visit]) -> list[Interval]:
    """The intervals of several visits with their people, in order of time."""
    rows: QuerySet[Interval] = Interval.objects.filter(visit__in=[each.id for each in visits])
    return list(_with_people(rows).order_by(*_IN_TIME))


def intervals_on(dates: list[date], users: list[str], *, besides: list[str]) -> list[Interval]:
    """What these people gave on these days to others than these records, corrected ones left out, with their visits."""
    # From the visits of the days to their people: the other way leads over all that these people ever gave.
    visits = Visit.objects.filter(date__in=dates).exclude(patient__in=besides)
    given = IntervalPerson.objects.filter(interval=OuterRef("pk"), user__in=users)
    rows: QuerySet[Interval] = Interval.objects.filter(
        Exists(given), visit__in=visits, amended_by=None, start__isnull=False, stop__isnull=False
    )
    return list(_with_people(rows.select_related("visit")).order_by("start", "id"))


def interval(id: str) -> Interval:
    """The interval of this id; `NotFound` where this organization has none."""
    return _one(Interval, id, "visit__patient", "visit__site")


def is_corrected(interval: Interval) -> bool:
    """Does another interval correct this one?"""
    return bool(Interval.objects.filter(amends=interval).exists())


def services_of(visit: Visit) -> QuerySet[Service]:
    """The services of a visit with their exercises, in their order."""
    rows: QuerySet[Service] = Service.objects.filter(visit=visit)
    done = Exercise.objects.order_by("place", "id")
    return rows.prefetch_related(Prefetch("exercises", queryset=done)).order_by("place", "id")


def services_of_visits(visits: list[str]) -> list[Service]:
    """The services of the visits of these ids with their exercises, in their order."""
    done = Exercise.objects.order_by("place", "id")
    rows = Service.objects.filter(visit__in=visits).prefetch_related(Prefetch("exercises", queryset=done))
    return list(rows.order_by("place", "id"))


def service(id: str) -> Service:
    """The service of this id; `NotFound` where this organization has none."""
    return _one(Service, id, "visit__patient")


def choices_of(visits: list[Visit]) -> list[TieChoice]:
    """The ties that were settled on these visits, oldest first."""
    rows = TieChoice.objects.filter(visit__in=[each.id for each in visits])
    return list(rows.select_related("visit__episode").order_by("at", "id"))


# -- answers ----------------------------------------------------------------------------------------------------------


def assessment(patient: Patient, date: date) -> Assessment | None:
    """The newest stored answer for a person's day, over all records of theirs; None where there is none yet."""
    rows = Assessment.objects.filter(patient__in=people.family(people.head(patient)), date=date)
    found: Assessment | None = rows.order_by("number", "id").last()
    return found


def assessments_of(patient: Patient, dates: list[date] | None = None) -> dict[date, Assessment]:
    """The newest stored answer of each day, in one query; of these days where they are named."""
    rows = Assessment.objects.filter(patient__in=people.family(people.head(patient)))
    if dates is not None:
        rows = rows.filter(date__in=dates)
    return {each.date: each for each in rows.order_by("date", "number", "id")}
