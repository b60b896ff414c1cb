"""What the chart does behind the pages: many days of one person are assessed anew, a few in each transaction."""

from __future__ import annotations

from datetime import date, timedelta

from fifteen.clinic.jobs.queue import enqueue
from fifteen.clinic.jobs.registry import task
from fifteen.clinic.people import access as people
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.treatment import changes, queries

PORTION = 40  # days of one transaction: short enough that nobody waits for it


@task("treatment.assess")
def assess(patient: str, first: str | None = None, last: str | None = None) -> None:
    """Assess a person's days from a day to a day, in their order; the rest of many by the next job."""
    ids = people.family(people.head(people.patient(patient)))
    found = queries.days(ids, _day(first), _day(last))
    changes.assess_days(patient, found[:PORTION])
    if len(found) > PORTION:
        after = found[PORTION - 1] + timedelta(days=1)
        enqueue("treatment.assess", {"patient": patient, "first": after.isoformat(), "last": last})


@task("treatment.recent", every=timedelta(days=1))
def recent() -> None:
    """Assess the days of yesterday and today once more: time that had not come yet when they were saved has come."""
    first = (now() - timedelta(days=1)).date()
    for patient in queries.seen_since(first):
        enqueue("treatment.assess", {"patient": patient, "first": first.isoformat(), "last": None})


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
