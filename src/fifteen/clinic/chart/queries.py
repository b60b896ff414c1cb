"""What lists and the chart's pages ask for many rows at once, over several apps, each in one query."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from fifteen.clinic.accounts.models import User
from fifteen.clinic.people import access as people
from fifteen.clinic.people.models import Patient
from fifteen.clinic.schedule.models import Booking
from fifteen.clinic.treatment.models import Certification, Episode, Interval, IntervalPerson, Plan

TREATING = ("therapist", "assistant", "student")


def episodes_of_all(patients: Sequence[Patient]) -> dict[str, list[Episode]]:
    """The episodes of each of these patients, none of them merged, and of records merged into it: open ones first, then
    newest first.
    """
    heads, _families = people.families(each.id for each in patients)
    found: dict[str, list[Episode]] = {each.id: [] for each in patients}
    rows = Episode.objects.filter(patient__in=list(heads)).select_related("patient", "site", "therapist")
    for episode in rows.order_by("-started", "-id"):
        found[heads[episode.patient_id]].append(episode)
    return {id: sorted(rows, key=lambda each: each.ended is not None) for id, rows in found.items()}


def current(found: QuerySet[Patient]) -> QuerySet[Patient]:
    """Without those whose episodes have all ended; who has none yet is new, and stays."""
    own = Episode.objects.filter(patient=OuterRef("pk"))
    heads = people.heads()
    merged = Episode.objects.filter(patient__in=list(heads)).values_list("patient", "ended")
    has = {heads[patient] for patient, _ended in merged}
    has_open = {heads[patient] for patient, ended in merged if ended is None}
    return found.filter(Exists(own.filter(ended=None)) | Q(id__in=has_open) | ~(Exists(own) | Q(id__in=has)))


def certifications_of_all(plans: Sequence[Plan]) -> dict[str, list[Certification]]:
    """Every step of these plans, also those that were taken back and what took them back, in order of the day."""
    found: dict[str, list[Certification]] = {each.id: [] for each in plans}
    rows = Certification.objects.filter(plan__in=list(found)).select_related("void")
    for step in rows.order_by("date", "at", "id"):
        found[step.plan_id].append(step)
    return found


def treating() -> list[User]:
    """Everyone who treats, those who no longer work here last; by name."""
    return list(User.objects.filter(role__in=TREATING).order_by("-active", "name", "id"))


def user(id: str) -> User | None:
    """The person of this id in the organization acted for."""
    found = User.objects.filter(id=id).first()
    return found if isinstance(found, User) else None


def names(ids: Iterable[str]) -> dict[str, str]:
    """What these people are called."""
    return dict(User.objects.filter(id__in=set(ids)).values_list("id", "name"))


def visits_of_intervals(ids: Iterable[str]) -> dict[str, str]:
    """The visit of each of these intervals: to lead there, not to name anyone."""
    return dict(Interval.objects.filter(id__in=set(ids)).values_list("id", "visit"))


def days_beside(person: User, on: date) -> tuple[date | None, date | None]:
    """The nearest days before and after on which this person gave time."""
    rows = IntervalPerson.objects.filter(user=person)
    before = rows.filter(interval__visit__date__lt=on).order_by("-interval__visit__date")
    after = rows.filter(interval__visit__date__gt=on).order_by("interval__visit__date")
    days = (each.values_list("interval__visit__date", flat=True).first() for each in (before, after))
    return next(days), next(days)


def next_bookings(patients: Sequence[str], since: datetime) -> dict[str, Booking]:
    """The next appointment of each of these records that stands, from an instant on."""
    rows = Booking.objects.filter(patient__in=list(patients), state="booked", starts__gte=since)
    found: dict[str, Booking] = {}
    for each in rows.select_related("site").order_by("starts", "id"):
        found.setdefault(each.patient_id, each)
    return found
