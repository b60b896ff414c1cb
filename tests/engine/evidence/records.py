"""Short ways to write a day of treatment down in a test."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from fifteen.engine.day import Day, Interval, Person, Visit
from fifteen.engine.evidence import DayMinutes
from fifteen.kernel.finding import Finding

DAY = date(2026, 3, 2)
PEOPLE = (
    Person(id="pt-1", role="therapist", discipline="PT"),
    Person(id="pt-2", role="therapist", discipline="PT"),
    Person(id="pta-1", role="assistant", discipline="PT"),
    Person(id="ot-1", role="therapist", discipline="OT"),
    Person(id="slp-1", role="therapist", discipline="SLP"),
    Person(id="student-1", role="student", discipline="PT"),
    Person(id="aide-1", role="aide"),
)


def at(clock: str, offset: str = "-05:00", on: date = DAY) -> datetime:
    """`9:00` or `9:00:30` on the day, at the given offset."""
    hour, _, rest = clock.partition(":")
    return datetime.fromisoformat(f"{on}T{int(hour):02}:{rest}{offset}")


def given(id_: str, service: str | None = "97110", clock: str = "", by: str = "pt-1", **more: Any) -> Interval:
    """An interval: `given("a", "97110", "9:00-9:20", "pt-1 pta-1")`; without a clock it has `minutes`."""
    if clock:
        start, _, stop = clock.partition("-")
        more = {"start": at(start), "stop": at(stop) if stop else None, **more}
    return Interval(id=id_, service=service, people=tuple(by.split()), **more)


def day_of(*intervals: Interval, **more: Any) -> Day:
    """A day of one PT visit."""
    return Day(**{"patient": "p-a", "date": DAY, "people": PEOPLE, "intervals": intervals, **more})


def visits_of(pt: Iterable[Interval] = (), ot: Iterable[Interval] = (), **more: Any) -> Day:
    """A day of one PT and one OT visit."""
    visits = (Visit(id="1", intervals=tuple(pt)), Visit(id="2", discipline="OT", intervals=tuple(ot)))
    return day_of(visits=visits, **more)


def by_service(reckoned: DayMinutes) -> dict[str, tuple[int, int]]:
    """`{"PT 97110": (therapist, assistant)}`."""
    return {
        f"{each.discipline} {service.code}": (service.therapist, service.assistant)
        for each in reckoned.disciplines
        for service in each.services
    }


def ids(findings: Iterable[Finding]) -> list[str]:
    return [finding.id for finding in findings]


def only(findings: Iterable[Finding], id_: str) -> Finding:
    """The one finding of this id."""
    findings = list(findings)
    assert ids(findings).count(id_) == 1, ids(findings)
    return next(finding for finding in findings if finding.id == id_)
