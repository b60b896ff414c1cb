"""Were two services of a day apart in time? The evidence for modifier 59 and X{EPSU}; a person attests, not this."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from fifteen.engine.day import Interval
from fifteen.engine.evidence.live import live
from fifteen.engine.evidence.spans import shared, span

Distinctness = Literal["apart", "interspersed", "intersecting", "no-clock-time"]


class Distinct(msgspec.Struct, frozen=True):
    """How two services lie to each other, with the intervals that show it.

    `apart`: one was finished before the other began. `interspersed`: they took turns. `intersecting`: at some moment
    both were given. `no-clock-time`: one of them was typed without a clock, so the record cannot show it.
    """

    services: tuple[str, str]
    found: Distinctness
    intervals: tuple[str, ...]


def distinctness(one: str, other: str, intervals: Iterable[Interval]) -> Distinct:
    """Look at the live intervals of two services of one patient's day."""
    current, _ = live(intervals)
    mine = [interval for interval in current if interval.service == one and interval.mode not in ("rest", "unskilled")]
    theirs = [
        interval for interval in current if interval.service == other and interval.mode not in ("rest", "unskilled")
    ]
    ids = tuple(interval.id for interval in (*mine, *theirs))
    spans = [
        [span(each.start, each.stop) for each in side if each.start is not None and each.stop is not None]
        for side in (mine, theirs)
    ]
    if len(spans[0]) < len(mine) or len(spans[1]) < len(theirs) or not mine or not theirs:
        return Distinct((one, other), "no-clock-time", ids)
    if any(shared(a, b) for a in spans[0] for b in spans[1]):
        return Distinct((one, other), "intersecting", ids)
    first, second = sorted((sorted(side) for side in spans), key=lambda side: side[0])
    found: Distinctness = "apart" if max(stop for _, stop in first) <= second[0][0] else "interspersed"
    return Distinct((one, other), found, ids)
