"""Rows become `Day` and `Context` here, and nowhere else; the engine's answer is stored with what it rests on."""

from __future__ import annotations

from datetime import date
from typing import Any

from fifteen.clinic.people.models import Patient
from fifteen.clinic.treatment.models import Interval, Visit


def patient_changed(patient: Patient, first: date | None = None, last: date | None = None) -> None:
    """Something that bears on a person's days changed, from a day to a day: assess them anew."""


def interval_changed(interval: Interval) -> None:
    """An interval came in: assess its day, and those of others whom the same people treated at that time."""


def day_changed(patient: Patient, on: date) -> None:
    """Something of a person's day changed: assess it anew."""


def note_services(visit: Visit) -> list[dict[str, Any]]:
    """The services of a visit as a note holds them."""
    return []
