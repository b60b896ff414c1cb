"""Why each unit is there: the minutes that earned it, the rule, its source and date, and what would change it."""

from __future__ import annotations

from collections.abc import Sequence

from fifteen.engine.units.allocate import Split
from fifteen.engine.units.answer import Method, UnitReason
from fifteen.engine.units.family import Family, counts_from
from fifteen.engine.units.method import Counting
from fifteen.engine.units.notes import listed, plural
from fifteen.kernel.minutes import MINUTES_PER_DAY
from fifteen.rulebook.resolve import Value


def reasons(
    families: Sequence[Family], units: Sequence[int], split: Split, method: Method, law: Counting
) -> list[UnitReason]:
    """One reason for each unit of the answer, in the order of `families`.

    `units` are the units of each family as suggested or chosen; `split` what the law fixed and left to choose.
    """
    found: list[UnitReason] = []
    pool = _Pool(families, split, law) if method == "total" else None
    for place, family in enumerate(families):
        # Minutes that no day has are counted and doubted, but not explained unit by unit without end.
        count = min(units[place], MINUTES_PER_DAY // law.unit)
        if family.base.unit_minutes is None:
            found += [_untimed(family, number, law) for number in range(1, count + 1)]
        elif pool is not None and family.base.pooled:
            found += pool.reasons(place, count)
        else:
            found += _alone(family, count, method, law)
    return found


class _Pool:
    """The 15-minute codes of a day under the total-minutes rule."""

    def __init__(self, families: Sequence[Family], split: Split, law: Counting) -> None:
        self.families, self.split, self.law = families, split, law
        self.places = [place for place, family in enumerate(families) if family.base.pooled]
        self.minutes = {place: families[place].minutes for place in self.places}
        self.total = sum(self.minutes.values())
        self.allowed = (self.total + law.unit - law.counts_from) // law.unit
        rests = [(-(families[place].minutes % law.unit), families[place].base.code) for place in self.places]
        self.rests = [f"{code} {-rest}" for rest, code in sorted(rests) if rest]
        least = (self.allowed - 1) * law.unit + law.counts_from
        self.band = (
            f"{plural(self.total, 'timed minute')} in all ({least} to {least + law.unit - 1}) "
            f"support {plural(self.allowed, 'unit')}"
        )

    def reasons(self, place: int, units: int) -> list[UnitReason]:
        family, unit = self.families[place], self.law.unit
        found = []
        for number in range(1, units + 1):
            start = (number - 1) * unit
            if start + unit <= family.minutes:
                because = (
                    f"A whole {unit} minutes of {family.base.code} ({start + 1} to {start + unit} of {family.minutes})."
                )
                found.append(self._reason(family, number, unit, self.law.total, because, self._lost(place, number)))
            else:
                found.append(self._leftover(place, number))
        return found

    def _leftover(self, place: int, number: int) -> UnitReason:
        family = self.families[place]
        own = family.minutes % self.law.unit
        if place in self.split.tied:
            equals = listed([self.families[other].base.code for other in self.split.tied])
            share = "one of them takes" if self.split.choose == 1 else f"{self.split.choose} of them take"
            because = f"{self.band}; left over: {', '.join(self.rests)}. {equals} are equal, and {share} a unit."
            change = f"the professional's choice among {equals}, or any minute that ends the tie."
        else:
            only = len(self.rests) == 1
            because = f"{self.band}; left over: {', '.join(self.rests)}. "
            because += "No other service has any." if only else "The larger remainder takes the unit."
            change = self._lost(place, number)
        return self._reason(family, number, own, self.law.leftover, because, change)

    def _lost(self, place: int, number: int) -> str:
        """At how many minutes of this service the unit is no longer certain, all else as it is."""
        others = [self.minutes[other] for other in self.places if other != place]
        low, high = 0, self.minutes[place] - 1
        while low < high:  # certain units never fall as minutes rise, so halving the span finds the edge
            middle = (low + high + 1) // 2
            if _certain(middle, others, self.law) < number:
                low = middle
            else:
                high = middle - 1
        return f"at {plural(low, 'minute')} of {self.families[place].name} or fewer the unit is tied or lost."

    @staticmethod
    def _reason(family: Family, number: int, minutes: int, value: Value, because: str, change: str) -> UnitReason:
        code = family.code_after(number - 1)
        nth = number - 1 if family.addon is not None and number > 1 else number
        return _step(value, code, nth, minutes, because, change)


def _certain(minutes: int, others: Sequence[int], law: Counting) -> int:
    """Units that every allowed answer gives a service of `minutes` beside `others`: `by_total`, for one service."""
    unit = law.unit
    whole, rest = divmod(minutes, unit)
    extra = (minutes + sum(others) + unit - law.counts_from) // unit - whole - sum([each // unit for each in others])
    rivals = len([each for each in others if each % unit >= rest])
    return whole + (rivals < extra)


def _alone(family: Family, units: int, method: Method, law: Counting) -> list[UnitReason]:
    """Units of a service counted by itself: by the midpoint of its time, or by the whole of it."""
    found = []
    base, addon = family.base, family.addon
    start = 0
    for number in range(1, units + 1):
        added = addon is not None and number > 1
        service = addon if addon is not None and number > 1 else base
        length = service.unit_minutes or 0
        needed = counts_from(service, method, law)
        minutes = min(family.minutes - start, length)
        whole = needed == length
        value = law.whole_time if service.code in law.whole and method == "total" else law.midpoint
        because = (
            f"{plural(minutes, 'minute')} of {service.code} "
            f"({'the whole' if whole else f'{needed} or more'} of {length}), counted by itself."
        )
        found.append(
            _step(
                value, service.code, number - 1 if added else number, minutes, because,
                f"at {plural(start + needed - 1, 'minute')} of {family.name} or fewer the unit is lost.",
            )
        )  # fmt: skip
        start += length
    return found


def _untimed(family: Family, number: int, law: Counting) -> UnitReason:
    return _step(
        law.untimed, family.base.code, number, family.minutes,
        f"{family.base.code} has no time in it: one unit, whatever the minutes.",
        "nothing in its minutes.",
    )  # fmt: skip


def _step(value: Value, code: str, unit: int, minutes: int, because: str, change: str) -> UnitReason:
    return UnitReason(
        rule=value.id, cite=value.cite, since=value.since, status=value.status, because=because,
        code=code, unit=unit, minutes=minutes, would_change=change,
    )  # fmt: skip
