"""The arithmetic of the counting methods, on bare minutes; the numbers of the law are arguments.

Three functions, no records: they are what a batch over millions of days runs too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Split(NamedTuple):
    """All answers of the total-minutes rule at once: fixed units, and which equals share `choose` more."""

    fixed: list[int]
    tied: list[int]
    choose: int


def by_total(minutes: Sequence[int], unit: int, counts_from: int) -> Split:
    """Units of each service when the day's total decides (CMS Pub. 100-04 ch. 5 s. 20.2.C).

    The total fixes how many units there are. Each service keeps its whole units; what is left over goes to the
    largest remainders, one each. Where the last of them are equal, the professional chooses: they are `tied`
    (places in `minutes`) and `choose` of them take a unit. With fewer units left over than whole units taken
    there would be no answer, but the total always supports the whole units and never more than one more each.
    """
    fixed = [each // unit for each in minutes]
    extra = (sum(minutes) + unit - counts_from) // unit - sum(fixed)
    if not extra:
        return Split(fixed, [], 0)
    remainders = [each % unit for each in minutes]
    last = sorted(remainders)[-extra]
    tied = []
    for place, remainder in enumerate(remainders):
        if remainder > last:
            fixed[place] += 1
            extra -= 1
        elif remainder == last:
            tied.append(place)
    if len(tied) > extra:
        return Split(fixed, tied, extra)
    for place in tied:
        fixed[place] += 1
    return Split(fixed, [], 0)


def by_midpoint(minutes: int, unit: int, counts_from: int) -> int:
    """Units of one service counted by itself: a unit is reached `counts_from` minutes into it (CPT time rule)."""
    return (minutes + unit - counts_from) // unit


def with_addon(minutes: int, first: int, first_from: int, step: int, step_from: int) -> int:
    """Units of a base code of `first` minutes (at most one) and of its add-on of `step` minutes, together."""
    if minutes < first_from:
        return 0
    return 1 + by_midpoint(max(minutes - first, 0), step, step_from)
