"""Whole days of a clinic by seed: lawful ones that look suspicious, and the same with an overlap planted in them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import Any

from msgspec.structs import replace

from fifteen.engine.day import Interval
from fifteen.engine.evidence import Overlap

MORNING = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
NOON, EVENING = MORNING + timedelta(hours=6), MORNING + timedelta(hours=13)
ZONES = [timezone(timedelta(minutes=minutes)) for minutes in (-480, -300, -240, 0, 330, 345, 60, 765)]
TIMED = ("97110", "97112", "97116", "97140", "97530")
MINUTE = 60
PLANTS = (
    "one-on-one",
    "one-on-one and group",
    "group and one-on-one",
    "two groups",
    "together",
    "both together",
    "co-treatment",
    "evaluation",
    "inside the day",
)


class ClinicDay:
    """A day of one therapist, an assistant, an occupational therapist and an aide with up to six patients."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.intervals: list[Interval] = []
        self.turns: list[Interval] = []
        self.free: dict[str, datetime] = {}
        self.patients = [f"p{number}" for number in range(self.random.randint(2, 6))]
        half = self.random.randint(4, 9)
        for step in range(2 * half):
            if step == half:  # the same patients come again in the afternoon
                self.free = dict.fromkeys(self.free, NOON)
            self.random.choice(self.ways)()

    @property
    def ways(self) -> tuple[Any, ...]:
        return (
            self.turn, self.turn, self.turn, self.together, self.supervised, self.beside, self.group,
            self.co_treatment, self.typed, self.corrected, self.two_services_at_once,
        )  # fmt: skip

    def add(self, patient: str, people: tuple[str, ...], start: datetime | None, length: int, **more: Any) -> Interval:
        stop = None if start is None else start + timedelta(seconds=length)
        zones = (self.random.choice(ZONES), self.random.choice(ZONES))
        clock = (
            {}
            if start is None or stop is None
            else {"start": start.astimezone(zones[0]), "stop": stop.astimezone(zones[1])}
        )
        service = more.pop("service", None) or self.random.choice(TIMED)
        interval = Interval(
            id=f"i{len(self.intervals):03}", people=people, patient=patient, service=service, **clock, **more
        )
        self.intervals.append(interval)
        return interval

    def when(self, *busy: str) -> datetime:
        """When all of these are free; mostly at the very second the last of them is."""
        gap = self.random.choice((0, 0, 1, self.random.randint(0, 20 * MINUTE)))
        return max(self.free.get(each, MORNING) for each in busy) + timedelta(seconds=gap)

    def attend(self, patient: str, people: tuple[str, ...], **more: Any) -> Interval:
        start, length = self.when(patient, *people), self.random.randint(1, 40 * MINUTE)
        for each in (patient, *people):
            self.free[each] = start + timedelta(seconds=length)
        return self.add(patient, people, start, length, **more)

    # -- what is lawful ----------------------------------------------------------------------------------------------

    def turn(self) -> None:
        person = self.random.choice(("pt-1", "pt-1", "pta-1", "ot-1"))
        service = self.random.choice((None, None, None, "97161", "97164"))
        self.turns.append(self.attend(self.random.choice(self.patients), (person,), service=service))

    def together(self) -> None:
        self.attend(self.random.choice(self.patients), ("pt-1", "pta-1"), mode="together")

    def supervised(self) -> None:
        start = MORNING + timedelta(seconds=self.random.randint(0, 10 * 60 * MINUTE))
        patient = self.random.choice(self.patients)
        self.add(patient, ("pt-1",), start, 20 * MINUTE, service="97014", mode="supervised")

    def beside(self) -> None:
        start = MORNING + timedelta(seconds=self.random.randint(0, 10 * 60 * MINUTE))
        mode, person = self.random.choice((("unskilled", "aide-1"), ("unskilled", "pt-1"), ("rest", "pt-1")))
        self.add(self.random.choice(self.patients), (person,), start, 15 * MINUTE, mode=mode)

    def group(self) -> None:
        """One session: everybody may come late or leave early."""
        people = self.random.choice((("pt-1",), ("pta-1",), ("pt-1", "pta-1")))
        patients = self.random.sample(self.patients, self.random.randint(2, len(self.patients)))
        start, length = self.when(*patients, *people), self.random.randint(10 * MINUTE, 45 * MINUTE)
        session = f"g{len(self.intervals)}"
        for patient in patients:
            late, early = self.random.choice((0, 60)), self.random.choice((0, 90))
            self.add(
                patient, people, start + timedelta(seconds=late), length - late - early,
                service="97150", mode="group", session=session,
            )  # fmt: skip
        for each in (*patients, *people):
            self.free[each] = start + timedelta(seconds=length)

    def co_treatment(self) -> None:
        patient = self.random.choice(self.patients)
        start, session = self.when(patient, "pt-1", "ot-1"), f"c{len(self.intervals)}"
        for person in ("pt-1", "ot-1"):
            self.add(
                patient,
                (person,),
                start,
                20 * MINUTE,
                service="97530",
                mode="co-treatment",
                session=session,
                minutes=10,
            )
        for each in (patient, "pt-1", "ot-1"):
            self.free[each] = start + timedelta(minutes=20)

    def typed(self) -> None:
        person = self.random.choice(("pt-1", "pta-1"))
        self.add(self.random.choice(self.patients), (person,), None, 0, minutes=12, origin="typed")

    def corrected(self) -> None:
        """A mis-tap over other patients' time, and its correction."""
        right = self.attend(self.random.choice(self.patients), ("pt-1",))
        assert right.start is not None
        wrong = self.add(right.patient or "", ("pt-1",), right.start - timedelta(minutes=25), 60 * MINUTE)
        self.intervals[self.intervals.index(right)] = replace(right, amends=wrong.id, reason="stopped late")

    def two_services_at_once(self) -> None:
        """One patient's own time claimed twice is another question: no other patient is in it."""
        turn = self.attend(self.random.choice(self.patients), ("pt-1",))
        assert turn.start is not None
        assert turn.stop is not None
        self.add(turn.patient or "", ("pt-1",), turn.start, (turn.stop - turn.start).seconds)

    # -- what is not -------------------------------------------------------------------------------------------------

    def plant(self, kind: str) -> list[Overlap]:
        """Put one overlap into the day; what must be found."""
        if kind == "inside the day" and self.turns:
            return self._inside(self.random.choice(self.turns))
        length = self.random.choice((1, 2, 59, 60, self.random.randint(1, 30 * MINUTE), 30 * MINUTE))
        lead, tail = self.random.randint(0, 30 * MINUTE), self.random.randint(0, 30 * MINUTE)
        first, second = ({}, {})  # type: tuple[dict[str, Any], dict[str, Any]]
        people = (("pt-1",), ("pt-1",))
        group: dict[str, Any] = {"service": "97150", "mode": "group", "session": "evening"}
        if kind == "one-on-one and group":
            second = group
        elif kind == "group and one-on-one":
            first = group
        elif kind == "two groups":
            first, second = group, group | {"session": self.random.choice(("late", None))}
        elif kind == "together":
            people, first = (("pt-1", "pta-1"), ("pta-1",)), {"mode": "together"}
        elif kind == "both together":
            people, first, second = (("pt-1", "pta-1"), ("pta-1", "pt-1")), {"mode": "together"}, {"mode": "together"}
        elif kind == "co-treatment":
            first = {"mode": "co-treatment", "session": "c", "service": "97530", "minutes": 5}
        elif kind == "evaluation":
            first = {"service": "97161"}
        window = EVENING + timedelta(seconds=lead)
        inside = self.random.random() < 1 / 3  # else the second begins in the first and ends after it
        one = self.add("new-1", people[0], EVENING, lead + length + (tail if inside else 0), **first)
        other = self.add("new-2", people[1], window, length + (0 if inside else tail), **second)
        self.add("new-3", ("pt-1",), window, 20 * MINUTE, service="97014", mode="supervised")
        self.add("new-4", ("pt-1",), None, 0, minutes=15, origin="typed")
        last = window + timedelta(seconds=length + tail)
        self.add("new-5", ("pt-1",), last, 10 * MINUTE)  # touches their end
        return [_overlap(person, window, length, one, other) for person in sorted(set(people[0]) & set(people[1]))]

    def _inside(self, turn: Interval) -> list[Overlap]:
        assert turn.start is not None
        assert turn.stop is not None
        lasted = (turn.stop - turn.start).seconds
        length = self.random.randint(1, lasted)
        start = turn.start.astimezone(UTC) + timedelta(seconds=self.random.randint(0, lasted - length))
        new = self.add("new-1", turn.people, start, length)
        first, second = sorted((turn, new), key=lambda each: (each.start, each.stop, each.id))
        return [_overlap(turn.people[0], start, length, first, second)]

    def shuffled(self) -> list[Interval]:
        return self.random.sample(self.intervals, len(self.intervals))


def _overlap(person: str, start: datetime, length: int, one: Interval, other: Interval) -> Overlap:
    stop = start + timedelta(seconds=length)
    first, second = (one, other) if _order(one) < _order(other) else (other, one)
    return Overlap(person, start, stop, length, (first.id, second.id), (first.patient or "", second.patient or ""))


def _order(interval: Interval) -> tuple[datetime, datetime, str]:
    assert interval.start is not None
    assert interval.stop is not None
    return interval.start, interval.stop, interval.id
