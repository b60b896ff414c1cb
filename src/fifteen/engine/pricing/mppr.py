"""Multiple procedure payment reduction: which unit of a day is paid in full (CMS Pub. 100-04 ch. 5 §10.7).

Of all units on the list that one patient has on one day with one billing group, over all three disciplines, the one
with the highest practice expense is paid in full; of equal ones that with the highest fee. Every other unit is paid
with half its practice expense. Codes that are not on the list are never reduced and take no part.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import msgspec


class Ranked(msgspec.Struct, frozen=True):
    """A line with units on the list; `marked` by an assistant's modifier."""

    place: int
    code: str
    expense: Decimal
    full: int
    marked: bool
    units: int
    modifiers: tuple[str, ...]


def first_in_full(lines: Sequence[Ranked]) -> Ranked:
    """The line of which one unit is paid in full.

    Where practice expense and fee are equal the law is silent. Ours: no assistant first, then the lower code, fewer
    units and the modifiers, so that the order of lines changes nothing.
    """
    return min(lines, key=lambda each: (*_rank(each), each.marked, each.code, each.units, each.modifiers, each.place))


def equal_to(first: Ranked, lines: Sequence[Ranked]) -> list[Ranked]:
    """Lines of the same rank as `first` which an assistant's modifier sets apart from it."""
    return [each for each in lines if _rank(each) == _rank(first) and each.marked != first.marked]


def _rank(line: Ranked) -> tuple[Decimal, int]:
    return -line.expense, -line.full
