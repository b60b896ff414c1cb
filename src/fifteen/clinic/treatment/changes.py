"""Which days are assessed anew when something changes: at once where they are few, by a job where they are many.

The day itself at once, in the transaction of what changed it. With it the same day of other patients, where an overlap
with them came or went, and the person's later days, where the year's sum or a signed note changed that they rest on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, timedelta

from django.db import connection

from fifteen.clinic.jobs.queue import enqueue
from fifteen.clinic.payers.models import Payer
from fifteen.clinic.people import access as people
from fifteen.clinic.people.models import Patient
from fifteen.clinic.tenancy.models import Site
from fifteen.clinic.treatment import queries
from fifteen.clinic.treatment.assessing import Effect, assessed, assessed_days

AT_ONCE = 10
"""So many days of one person are assessed while somebody waits; more of them by a job."""

_Days = dict[str, set[date]]
_waiting: ContextVar[_Days | None] = ContextVar("days that wait to be assessed", default=None)


@contextmanager
def together() -> Iterator[None]:
    """Assess at the end, each day once: for an import, or several changes of one visit. Where it fails, nothing is."""
    if _waiting.get() is not None:
        yield
        return
    found: _Days = {}
    token = _waiting.set(found)
    try:
        yield
    finally:
        _waiting.reset(token)
    _assess(found)


def day_changed(patient: Patient, on: date) -> None:
    """Something of a person's day changed."""
    _days_changed(patient.id, [on])


def patient_changed(patient: Patient, first: date | None = None, last: date | None = None) -> None:
    """Something changed that bears on all of a person's days, from a day to a day."""
    found = queries.days(people.family(people.head(patient)), first, last)
    if len(found) <= AT_ONCE or _waiting.get() is not None:
        _days_changed(patient.id, found)
    else:
        _enqueue(patient.id, first, last)


def payer_changed(payer: Payer) -> None:
    """A payer's rules are others now: its patients' days are assessed by jobs."""
    for patient in queries.patients_of_payer(payer):
        _enqueue(patient, None, None)


def site_changed(site: Site) -> None:
    """A site's zone, locality or way of billing is another now: the days of its patients are assessed by jobs."""
    for patient in queries.patients_of_site(site):
        _enqueue(patient, None, None)


def assess_days(patient: str, days: Iterable[date]) -> None:
    """Assess these days of a person, and what follows from them."""
    _assess({patient: set(days)})


def _days_changed(patient: str, days: Iterable[date]) -> None:
    waiting = _waiting.get()
    if waiting is None:
        _assess({patient: set(days)})
    else:
        waiting.setdefault(patient, set()).update(days)


def _assess(wanted: _Days) -> None:
    """Each person's days in their order, then the days of others that overlap with them."""
    _hold(wanted)
    others: set[tuple[str, date]] = set()
    for patient in sorted(wanted):
        others |= _assess_person(patient, wanted[patient])
    done = {(patient, on) for patient, days in wanted.items() for on in days}
    for other, on in sorted(others - done):
        assessed(_held(other), on)


def _hold(wanted: _Days) -> None:
    """Hold everybody whose answers may be stored here before the first is: two who save crosswise take turns.

    SQLite lets in one writer anyway.
    """
    if connection.vendor == "postgresql":
        _heads, families = people.families(wanted)
        mine = [each for family in families.values() for each in family]
        beside = queries.treated_beside(mine, sorted(set[date]().union(*wanted.values())))
        people.hold(people.families({*wanted, *beside})[1])


def _assess_person(id: str, days: Iterable[date]) -> set[tuple[str, date]]:
    """A person's days in their order, and those after them that rest on one of them; whose overlaps changed."""
    patient, wanted = _held(id), set(days)
    found = _effects(patient, wanted)
    later = min((on for on, effect in found if effect.later), default=None)
    if later is not None:
        tomorrow = later + timedelta(days=1)
        more = set(queries.days(people.family(people.head(patient)), tomorrow, None)) - wanted
        if len(more) > AT_ONCE:
            _enqueue(id, tomorrow, None)
        elif more:
            found += _effects(patient, {each for each in wanted if each > min(more)} | more)
    return {(each, on) for on, effect in found for each in effect.patients}


def _held(id: str) -> Patient:
    """The record that this one is read under, held: two who assess one person's days take turns, in whatever record."""
    return people.held(people.head(people.patient(id)).id)


def _effects(patient: Patient, days: Iterable[date]) -> list[tuple[date, Effect]]:
    return [(on, effect) for on, (_row, effect) in assessed_days(patient, days).items()]


def _enqueue(patient: str, first: date | None, last: date | None) -> None:
    enqueue("treatment.assess", {
        "patient": patient,
        "first": None if first is None else first.isoformat(),
        "last": None if last is None else last.isoformat(),
    })  # fmt: skip
