"""Bookings are fetched here only. A day is the site's: it begins and ends at that site's midnights."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import or_
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet

from fifteen.clinic.accounts.models import User
from fifteen.clinic.people import access as people
from fifteen.clinic.people.models import Patient
from fifteen.clinic.schedule.models import Booking
from fifteen.clinic.tenancy import access as tenancy
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.errors import NotFound
from fifteen.clinic.tenancy.models import Site
from fifteen.clinic.treatment.models import Episode

TAKES_PLACE = ("booked", "arrived")
TREATS = ("therapist", "assistant", "student")


def booking(id: str) -> Booking:
    """The booking of this id; `NotFound` where this organization has none."""
    found = _all().filter(id=id.replace("\0", "")).first()
    if not isinstance(found, Booking):
        raise NotFound("booking")
    return found


def bookings_on(day: date, site: Site | None = None) -> QuerySet[Booking]:
    """The bookings of a day at a site, or at each site on its own such day; by the clock."""
    places = [site] if site is not None else list(tenancy.sites())
    spans = [Q(site=each, starts__gte=first, starts__lt=after) for each in places for first, after in [span(day, each)]]
    if not spans:
        return _all().none()
    return _all().filter(reduce(or_, spans)).order_by("starts", "id")


def bookings_of(patient: Patient) -> QuerySet[Booking]:
    """The bookings of a record and of all merged into it, the latest first."""
    return _all().filter(patient__in=people.family(patient)).order_by("-starts", "-id")


def span(day: date, site: Site) -> tuple[datetime, datetime]:
    """The instants at which a day begins and ends at a site."""
    zone = ZoneInfo(site.zone)
    return datetime.combine(day, time(), zone), datetime.combine(day + timedelta(days=1), time(), zone)


def local(instant: datetime, site: Site) -> datetime:
    """An instant on the wall clock of a site."""
    return instant.astimezone(ZoneInfo(site.zone))


def overlapping(found: Booking) -> list[Booking]:
    """Other bookings that take place while this one does, of the same person or the same patient; by the clock."""
    who = Q(patient=found.patient_id) | (Q(person=found.person_id) if found.person_id else Q())
    ends = found.starts + timedelta(minutes=found.minutes)
    near = (
        _all()
        .filter(who, state__in=TAKES_PLACE, starts__lt=ends, starts__gt=found.starts - timedelta(days=1))
        .exclude(id=found.id)
        .order_by("starts", "id")
    )
    return [each for each in near if each.starts + timedelta(minutes=each.minutes) > found.starts]


def overlaps_among(found: Iterable[Booking]) -> set[str]:
    """The ids of those that overlap another of the same person."""
    told, by_person = set[str](), dict[str, list[Booking]]()
    for each in sorted(found, key=lambda each: each.starts):
        if each.person_id and each.state in TAKES_PLACE:
            for before in by_person.setdefault(each.person_id, []):
                if before.starts + timedelta(minutes=before.minutes) > each.starts:
                    told |= {before.id, each.id}
            by_person[each.person_id].append(each)
    return told


def without_next() -> QuerySet[Episode]:
    """Open episodes whose patient has nothing booked from now on under any of their records, by the patient's name."""
    coming = Booking.objects.filter(state="booked", starts__gte=now())
    heads = people.heads()
    several = {*heads, *heads.values()}  # the records of those who have more than one
    booked = coming.filter(patient__in=several).values_list("patient", flat=True)
    come = {heads.get(each, each) for each in booked}
    found: QuerySet[Episode] = (
        Episode.objects.filter(ended=None)
        .exclude(Exists(coming.filter(patient=OuterRef("patient"))))
        .exclude(patient__in=[each for each in several if heads.get(each, each) in come])
        .select_related("patient", "site", "therapist")
        .order_by("patient__name", "id")
    )
    return found


def who_treat() -> list[User]:
    """Everybody who may be booked, by name."""
    return list(User.objects.filter(role__in=TREATS, active=True).order_by("name", "id"))


def person(id: str) -> User | None:
    """Who may be booked with this id; None without one, `NotFound` for one who may not be."""
    if not id:
        return None
    found = User.objects.filter(id=id.replace("\0", ""), role__in=TREATS, active=True).first()
    if not isinstance(found, User):
        raise NotFound("person")
    return found


def _all() -> QuerySet[Booking]:
    found: QuerySet[Booking] = Booking.objects.select_related("patient", "site", "person", "episode", "visit")
    return found
