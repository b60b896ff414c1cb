"""What the engine says of a timeline: each patient's day beside the other patients of the same people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from fifteen.engine.assess import DayAnswer, assess
from fifteen.engine.day import Context, Coverage, Day, Discipline, Interval, Mode, Person
from fifteen.engine.evidence.overlap import Overlap
from fifteen.kernel.errors import AskedWrongly
from fifteen.rulebook import Rulebook
from fifteen.web.said import said
from fifteen.web.timeline_asked import PATIENTS, Row, Timeline

ZONE = "America/New_York"  # the page knows clock time only: any zone gives the same minutes
PEOPLE = {"T": ("Therapist",), "As": ("Assistant",), "both": ("Therapist", "Assistant"), "aide": ("Aide",)}
MODE: dict[str, Mode] = {
    "one": "one-on-one", "group": "group", "supervised": "supervised", "unskilled": "unskilled", "rest": "rest",
}  # fmt: skip


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """The engine's answer for each patient with counted intervals; `error` is the sentence where there is none.

    `overlaps` holds each overlap once, although it stands in the answers of both its patients.
    """

    asked: Timeline
    days: dict[str, DayAnswer] = {}
    overlaps: tuple[Overlap, ...] = ()
    error: str = ""


def answer(asked: Timeline, rulebook: Rulebook) -> Answered:
    if not asked.readable:
        return Answered(asked=asked)
    given = intervals(asked)
    try:
        days = {
            patient: assess(day(asked, patient, given), rulebook, Context(others=others(patient, given)))
            for patient in PATIENTS
            if any(each.patient == patient for each in given)
        }
    except AskedWrongly as error:
        return Answered(asked=asked, error=said(str(error)))
    # The engine sorts the two sides of an overlap alike from either patient's view.
    once = dict.fromkeys(each for found in days.values() for each in found.overlaps)
    return Answered(asked=asked, days=days, overlaps=tuple(sorted(once, key=lambda each: (each.start, each.person))))


def intervals(asked: Timeline) -> list[Interval]:
    """The intervals that are billed, named as in the drawing; what is left unbilled by choice is not among them."""
    midnight = datetime(asked.on.year, asked.on.month, asked.on.day, tzinfo=ZoneInfo(ZONE))
    found = []
    for name, row in zip(asked.names, asked.rows, strict=True):
        if row.unbilled:
            continue
        start, stop = (midnight + timedelta(minutes=minutes) for minutes in row.span)
        together = row.who == "both" and row.how == "one"
        found.append(
            Interval(
                id=name, people=PEOPLE[row.who], service=row.code or None, start=start, stop=stop, origin="typed",
                mode="together" if together else MODE[row.how], patient=row.patient,
            )
        )  # fmt: skip
    return _sessions(found)


def day(asked: Timeline, patient: str, given: Sequence[Interval]) -> Day:
    discipline = cast(Discipline, asked.discipline)
    return Day(
        patient=patient,
        date=asked.on,
        zone=ZONE,
        people=(
            Person(id="Therapist", role="therapist", discipline=discipline),
            Person(id="Assistant", role="assistant", discipline=discipline),
            Person(id="Aide", role="aide"),
        ),
        coverage=Coverage(payer=asked.payer),
        discipline=discipline,
        intervals=tuple(each for each in given if each.patient == patient),
    )


def others(patient: str, given: Sequence[Interval]) -> tuple[Interval, ...]:
    """What the therapist and the assistant did with the other patients."""
    return tuple(each for each in given if each.patient != patient and "Aide" not in each.people)


def _sessions(given: Sequence[Interval]) -> list[Interval]:
    """Group time of one person that overlaps is one group: nobody leads two groups at once. The page says so."""
    groups: list[list[Interval]] = []
    for each in given:
        if each.mode != "group":
            continue
        alike = [group for group in groups if any(_meet(each, other) for other in group)]
        groups = [group for group in groups if group not in alike]
        groups.append([other for group in alike for other in group] + [each])
    session = {each.id: f"group {number}" for number, group in enumerate(groups, 1) for each in group}
    return [replace(each, session=session.get(each.id)) for each in given]


def _meet(one: Interval, other: Interval) -> bool:
    assert one.start is not None
    assert one.stop is not None
    assert other.start is not None
    assert other.stop is not None
    return not set(one.people).isdisjoint(other.people) and one.start < other.stop and other.start < one.stop


def row_of(asked: Timeline, name: str) -> tuple[int, Row]:
    """Where an interval's row is."""
    place = asked.names.index(name)
    return place, asked.rows[place]
