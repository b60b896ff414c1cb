"""Whose chart an address means, which day it is at a site, and the clock times of a site."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from fifteen.clinic.people import access as people
from fifteen.clinic.people.models import Patient
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.errors import NotFound
from fifteen.clinic.tenancy.models import Site
from fifteen.clinic.treatment import access
from fifteen.clinic.treatment.models import Episode


def episode_of(patient: str, episode: str) -> tuple[Patient, Episode]:
    """The record and its episode; `NotFound` where the episode is of nobody read under this record."""
    found, of = people.patient(patient), access.episode(episode)
    if of.patient_id not in people.family(found):
        raise NotFound("episode")
    return found, of


def address(patient: Patient | str, episode: Episode | str) -> str:
    """Where an episode is read."""
    ids = [each if isinstance(each, str) else each.id for each in (patient, episode)]
    return f"/patients/{ids[0]}/episodes/{ids[1]}"


def about(episode: Episode) -> str:
    """A patient and an episode in one line, above a form."""
    return f"{episode.patient.name} · {episode.discipline} · {episode.problem}"


def site_day(site: Site) -> date:
    """Which day it is there."""
    return now().astimezone(ZoneInfo(site.zone)).date()


def clock(instant: datetime | None, zone: str) -> str:
    """An instant as the site's clock shows it; empty where there is none."""
    return instant.astimezone(ZoneInfo(zone)).strftime("%H:%M") if instant else ""
