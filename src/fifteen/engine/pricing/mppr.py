"""Multiple procedure payment reduction: which unit of a day is paid in full (CMS Pub. 100-04 ch. 5 §10.7).

Of all units on the list that one patient has on one day with one billing group, over all three disciplines, the one
with the highest practice expense is paid in full; of equal ones that with the highest fee. Every other unit is paid
with half its practice expense. Codes that are not on the list are never reduced and take no part.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from fifteen.engine.pricing.notes import joined
from fifteen.kernel.money import show_cents


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


def why_first(first: Ranked, lines: Sequence[Ranked]) -> str:
    """By what `first` stands before the other lines: `the highest practice expense (0.41)` and what decided more."""
    if not first.expense:
        return f"the highest price ({show_cents(first.full)}), as no practice expense is given"
    said = f"the highest practice expense ({first.expense})"
    shared = [each for each in lines if each.expense == first.expense and each.code != first.code]
    if any(each.full != first.full for each in shared):
        said += f" and of those that share it the highest price ({show_cents(first.full)})"
    equal = sorted({each.code for each in shared if each.full == first.full})
    return f"{said}, equal to {joined(equal)}, in our order" if equal else said


def _rank(line: Ranked) -> tuple[Decimal, int]:
    return -line.expense, -line.full
