"""Who is busy when: each hour of a day belongs to one patient of a person, and a patient comes once a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

HOURS = (8, 9, 10, 11, 13, 14, 15, 16)
_DAY = timedelta(days=1)
_SATURDAY = 5


class Diary:
    def __init__(self) -> None:
        self._taken: set[tuple[str, date, int]] = set()
        self._came: set[tuple[str, date]] = set()

    def find(self, patient: str, people: Iterable[str], wanted: date, hour: int) -> tuple[date, int]:
        """The first free hour for all of them from `wanted` on, the usual hour of the patient first; it is taken."""
        those = list(people)
        on = workday(wanted)
        while True:
            if (patient, on) not in self._came:
                for each in sorted(HOURS, key=lambda other: (abs(other - hour), other)):
                    if not any((person, on, each) in self._taken for person in those):
                        self._came.add((patient, on))
                        self._taken.update((person, on, each) for person in those)
                        return on, each
            on = workday(on + _DAY)


def workday(on: date) -> date:
    """This day, or the Monday after a weekend."""
    while on.weekday() >= _SATURDAY:
        on += _DAY
    return on


def instant(on: date, hour: int, zone: str) -> datetime:
    """The full hour at the site."""
    return datetime.combine(on, time(hour), ZoneInfo(zone))
