"""Which visits gave what a line bills: their way, place and purpose are the line's."""

from __future__ import annotations

from fifteen.engine.claim_lines import DayAsked
from fifteen.engine.day import Interval, Visit
from fifteen.engine.evidence.minutes import minutes_of


def visits_of_lines(asked: DayAsked) -> list[tuple[Visit, ...]]:
    """For each line of the day the visits of its discipline whose counted intervals earned its units.

    An add-on is earned by the minutes of its base, so both are one service here. A visit that gave no time of a service
    earned nothing of it, unless none gave any.
    """
    day, rulebook = asked.day, asked.rulebook

    def base(code: str) -> str:
        kin = rulebook.kin(code, day.date)
        return code if kin is None else kin[0].code

    given = {interval.id: (visit, interval) for visit in day.all_visits() for interval in visit.intervals}
    found: dict[tuple[str, str], list[tuple[Visit, Interval]]] = {}
    for each in minutes_of(day, rulebook, asked.context.now).disciplines:
        for service in each.services:
            found.setdefault((each.discipline, base(service.code)), []).extend(given[id_] for id_ in service.intervals)
    earned = {key: [visit for visit, interval in pairs if _has_time(interval)] for key, pairs in found.items()}
    visits = {key: earned[key] or [visit for visit, _ in pairs] for key, pairs in found.items()}
    lines = [visits[line.discipline, base(line.line.code)] for line in asked.lines]
    return [tuple({id(visit): visit for visit in those}.values()) for those in lines]


def _has_time(interval: Interval) -> bool:
    return interval.minutes != 0 and (interval.start is None or interval.start != interval.stop)
