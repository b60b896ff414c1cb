"""The day's timed minutes drawn against the minutes at which each unit begins."""

from __future__ import annotations

import msgspec
from django.utils.translation import gettext as _

from fifteen.engine.units.answer import UnitsAnswer
from fifteen.engine.units.method import counting_rules
from fifteen.rulebook import Rulebook

WIDE, NARROW = 640, 380  # as wide as the answer stands alone, or beside another
ROOMY = 50  # so wide must a part be to hold its code
MOST_TICKS = 12


class Part(msgspec.Struct, frozen=True):
    """The minutes of one service, in the drawing's own units."""

    code: str
    minutes: int
    x: int
    width: int
    roomy: bool

    @property
    def middle(self) -> int:
        return self.x + self.width // 2


class Tick(msgspec.Struct, frozen=True):
    """Where a unit begins."""

    minute: int
    unit: int
    x: int
    reached: bool


class Band(msgspec.Struct, frozen=True):
    """The drawing, and the same in words."""

    width: int
    parts: tuple[Part, ...]
    ticks: tuple[Tick, ...]
    said: str


def band(answer: UnitsAnswer, rulebook: Rulebook, width: int = WIDE) -> Band | None:
    """None where the day's total decides nothing: another method, no timed minutes, or more than a drawing holds."""
    if answer.method != "total" or not answer.timed_minutes:
        return None
    law = counting_rules(rulebook, answer.on)
    total = answer.timed_minutes
    units = answer.timed_units or 0
    if units >= MOST_TICKS:
        return None
    end = max(total, units * law.unit + law.counts_from) + law.counts_from
    given: dict[str, int] = {}
    pairs = [(line.code, line.minutes) for line in answer.lines]
    for code, minutes in [*pairs, *((each.code, each.minutes) for each in answer.documented)]:
        given[code] = given.get(code, 0) + minutes
    timed = [
        (code, minutes)
        for code, minutes in given.items()
        if (service := rulebook.service(code, answer.on)) is not None and service.pooled
    ]
    parts, start = [], 0
    for code, minutes in timed:
        x, stop = width * start // end, width * (start + minutes) // end
        if minutes:
            parts.append(Part(code, minutes, x, max(stop - x - 1, 1), stop - x > ROOMY))
        start += minutes
    firsts = [(number - 1) * law.unit + law.counts_from for number in range(1, units + 2)]
    ticks = [Tick(first, number, width * first // end, total >= first) for number, first in enumerate(firsts, 1)]
    return Band(
        width, tuple(parts), tuple(ticks),
        _("%(total)s timed minutes: %(units)s units begin by then, the next at minute %(next)s.")
        % {"total": total, "units": units, "next": firsts[-1]},
    )  # fmt: skip
