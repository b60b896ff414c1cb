"""A small chart to try things on: a site with its locality, a Medicare patient, an episode, people of each role."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from fifteen.clinic.accounts.models import User
from fifteen.clinic.payers import services as payers
from fifteen.clinic.people import services as people
from fifteen.clinic.people.models import Coverage, Patient
from fifteen.clinic.tenancy.models import Organization, Site
from fifteen.clinic.treatment import services
from fifteen.clinic.treatment.models import Episode, Interval, Visit

DAY = date(2026, 3, 2)
NEW_YORK = ZoneInfo("America/New_York")


def at(hour: int, minute: int = 0, day: date = DAY, zone: ZoneInfo = NEW_YORK) -> datetime:
    """An instant by the site's clock, in UTC."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone).astimezone(UTC)


def a_site(name: str = "Elm Street", **fields: Any) -> Site:
    found = Site(name=name, **{"locality": "15202-00", "place_of_service": "11", **fields})
    found.save(force_insert=True)
    return found


def a_person(organization: Organization, login: str, role: str = "therapist", discipline: str = "PT") -> User:
    from tests.clinic.conftest import NOON

    found = User(login=login, name=login.title(), role=role, discipline=discipline, made=NOON)
    found.save(force_insert=True)
    return found


def covered(patient: Patient, policy: str = "medicare", rank: int = 1, **fields: Any) -> Coverage:
    return people.add_coverage(patient, payers.add_payer(policy or "Unknown", policy=policy), rank=rank, **fields)


def an_episode(patient: Patient, site: Site, discipline: str = "PT", **fields: Any) -> Episode:
    given = {"problem": "Left knee", "started": date(2026, 1, 5), **fields}
    return services.open_episode(patient, discipline=discipline, site=site, **given)


def treated(visit: Visit, user: User, start: datetime, stop: datetime, code: str = "97110", **fields: Any) -> Interval:
    return services.add_interval(visit, people=[user], service=code, start=start, stop=stop, user=user, **fields)
