"""One person, several patients: a person's one-on-one time never intersects another patient's, nor their group time.

Lawful and left alone: patients treated in turn, supervised modalities and unskilled time beside one-on-one time, one
group of several patients. Minutes without clock time cannot be checked, and that is said.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import combinations

import msgspec

from fifteen.engine.day import Interval, check_interval
from fifteen.engine.evidence.fold import ATTENDED
from fifteen.engine.evidence.live import live
from fifteen.engine.evidence.spans import Span, seconds, shared, span
from fifteen.kernel.errors import UnreadableInput
from fifteen.kernel.finding import Finding

WAYS_OUT = (
    "correct a mis-tap, with the reason; the first value is kept and shown",
    "record it as group, if it was group",
    "leave it documented and unbilled",
)
"""The honest ways out of an overlap. None is preselected, none names units or money."""


class Overlap(msgspec.Struct, frozen=True):
    """A window in which a person is recorded with two patients, or with one-on-one and group time; whole `seconds`."""

    person: str
    start: datetime
    stop: datetime
    seconds: int
    intervals: tuple[str, str]
    patients: tuple[str, str]
    ways_out: tuple[str, ...] = WAYS_OUT


class PersonDay(msgspec.Struct, frozen=True):
    """The overlaps of some people's day, in order of time, and the (patient, interval) that could not be checked."""

    overlaps: tuple[Overlap, ...]
    not_checkable: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...]


def check_person_day(intervals: Iterable[Interval], grace_seconds: int = 0) -> PersonDay:
    """Find where one person's attended time intersects across patients; each interval names its `patient`.

    Corrected intervals are left aside. Raises `UnreadableInput` for an interval without patient. Windows of
    `grace_seconds` or less are not reported; by default all are.
    """
    by_patient: dict[str, list[Interval]] = {}
    for interval in intervals:
        check_interval(interval, None, f"interval {interval.id!r}")
        if interval.patient is None:
            raise UnreadableInput(f"interval {interval.id!r} names no patient; across patients each must name its own.")
        by_patient.setdefault(interval.patient, []).append(interval)
    # Ids are a patient's own: a correction in one chart never reaches into another.
    lived = [live(each) for each in by_patient.values()]
    current = [interval for kept, _ in lived for interval in kept]
    findings = [finding for _, found in lived for finding in found]
    by_person: dict[str, list[tuple[Span, Interval]]] = {}
    not_checkable = []
    for interval in current:
        if interval.mode not in ATTENDED:
            continue
        whole = None if interval.start is None or interval.stop is None else span(interval.start, interval.stop)
        if whole is None or whole[1] < whole[0]:
            not_checkable.append((str(interval.patient), interval.id))
            continue
        for person in dict.fromkeys(interval.people):
            by_person.setdefault(person, []).append((whole, interval))
    found = []
    for person, spans in by_person.items():
        spans.sort(key=lambda each: (each[0], each[1].patient, each[1].id))
        for (one_span, one), (other_span, other) in combinations(spans, 2):
            both = shared(one_span, other_span)
            if both is None or not _apart(one, other) or both[1] - both[0] <= timedelta(seconds=grace_seconds):
                continue
            patients = (str(one.patient), str(other.patient))
            found.append(Overlap(person, *both, seconds([both]), (one.id, other.id), patients))
    found.sort(key=lambda each: (each.start, each.stop, each.person, each.intervals))
    return PersonDay(tuple(found), tuple(sorted(not_checkable)), tuple(findings))


def _apart(one: Interval, other: Interval) -> bool:
    """May these two not share a minute of one person? Same patient is another question; one group is one event."""
    if one.mode == other.mode == "group":
        return one.session is None or one.session != other.session
    return one.patient != other.patient or "group" in (one.mode, other.mode)
