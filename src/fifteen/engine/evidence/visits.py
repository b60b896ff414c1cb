"""Which visits gave what a line bills: their way, place and purpose are the line's."""

from __future__ import annotations

from fifteen.engine.claim_lines import DayAsked
from fifteen.engine.day import Visit
from fifteen.engine.evidence.minutes import minutes_of


def visits_of_lines(asked: DayAsked) -> list[tuple[Visit, ...]]:
    """For each line of the day the visits of its discipline whose counted intervals earned its units.

    An add-on is earned by the minutes of its base, so both are one service here.
    """
    day, rulebook = asked.day, asked.rulebook

    def base(code: str) -> str:
        kin = rulebook.kin(code, day.date)
        return code if kin is None else kin[0].code

    by_interval = {interval.id: visit for visit in day.all_visits() for interval in visit.intervals}
    found: dict[tuple[str, str], dict[int, Visit]] = {}
    for each in minutes_of(day, rulebook, asked.context.now).disciplines:
        for service in each.services:
            visits = found.setdefault((each.discipline, base(service.code)), {})
            visits.update({id(by_interval[name]): by_interval[name] for name in service.intervals})
    return [tuple(found[line.discipline, base(line.line.code)].values()) for line in asked.lines]
