"""Which number of minutes belongs to which service: whole-note readings, solved for consistency.

Every number is used once. A reading pairs families with the numbers beside them, in order; of those that use most
numbers by the strongest words, one whose sum is the stated total wins. Where two remain, what differs is not chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import pairwise

import msgspec

from fifteen.scribe.english import DONE, GIVEN, PLAIN, WHO
from fifteen.scribe.marks import Mark
from fifteen.scribe.minutes import Anchor, Candidate, Total, spaced_slash

_AFTER = ("|", ":", "(", ")", "-", "=", "x", ",", "for", "~", "code", "[", "]", "approx", "approximately", "about")
_BEFORE = (
    "were", "was", "of", "-", ":", ",", "on", "for", "spent", "(", "code", "=", "doing", "in", "with", "performing",
)  # fmt: skip
_JOINTS = ("/", "and", "&", "+")
_STRONG, _WEAK = 6, 2


class Reading(msgspec.Struct, frozen=True):
    """Candidates by the place of their anchor, and whether another reading was as good."""

    minutes: dict[int, int]
    open: bool = False


def solve(
    found: Sequence[Mark], families: Sequence[Anchor], numbers: Sequence[Candidate], totals: Sequence[Total]
) -> Reading:
    """Pair families with numbers in order. `minutes`: place of the family to place of its number."""
    shared = _shared(found, families)
    strength = [
        [0 if place in shared else _strength(found, families, one, other) for other in numbers]
        for place, one in enumerate(families)
    ]
    best = _best(tuple(map(tuple, strength)))
    if not best:
        return Reading({})
    wanted = {total.value for total in totals}
    sums = [sum(numbers[number].value for _, number in pairs) for pairs in best]
    right = [pairs for pairs, value in zip(best, sums, strict=True) if value in wanted] or list(best)
    told = {tuple(sorted((families[one].family, numbers[other].value) for one, other in pairs)) for pairs in right}
    common = set(right[0]) if len(told) == 1 else set(right[0]).intersection(*right)
    return Reading(dict(sorted(common)), open=len(told) > 1)


def _shared(found: Sequence[Mark], families: Sequence[Anchor]) -> set[int]:
    """Places of two families joined by a sign or `and`: one number behind both is nobody's."""
    made: set[int] = set()
    for place, (one, other) in enumerate(pairwise(families)):
        between = found[one.last : other.first]
        if one.family != other.family and not other.concurrent and between and all(m.low in _JOINTS for m in between):
            made |= {place, place + 1}
    return made


@lru_cache(maxsize=512)
def _best(strength: tuple[tuple[int, ...], ...]) -> tuple[tuple[tuple[int, int], ...], ...]:
    """All pairings in order with the greatest strength, at most eight."""
    rows, columns = len(strength), len(strength[0]) if strength else 0

    @cache
    def most(row: int, column: int) -> tuple[int, tuple[tuple[tuple[int, int], ...], ...]]:
        if row == rows or column == columns:
            return 0, ((),)
        options = [most(row + 1, column), most(row, column + 1)]
        if strength[row][column]:
            value, rest = most(row + 1, column + 1)
            options.append((value + strength[row][column], tuple(((row, column), *each) for each in rest)))
        top = max(value for value, _ in options)
        pairs = dict.fromkeys(each for value, found in options if value == top for each in found)
        return top, tuple(pairs)[:8]

    return tuple(each for each in most(0, 0)[1] if each)


def _strength(found: Sequence[Mark], families: Sequence[Anchor], one: Anchor, number: Candidate) -> int:
    """How strongly the words pair the two: 0 not at all."""
    if number.first >= one.last:
        between, start, stop, words = found[one.last : number.first], one.last, number.first, frozenset(_AFTER)
    else:
        between, start, stop, words = found[number.last : one.first], number.last, one.first, frozenset(_BEFORE)
    if any(start <= other.first < stop for other in families):
        return 0
    slash = len(between) == 1 and number.first > one.first and spaced_slash(found, one.last)
    if slash:
        return _STRONG
    plain = [m for m in between if m.kind != "code" and m.text != "'"]
    of = bool(between) and number.first < one.first and between[0].low == "of" and len(between) <= 4
    if of and not any(m.kind in ("sign", "line", "number") for m in between):
        return _STRONG + 2  # `42 min of skilled speech treatment` says most plainly whose they are
    if len(plain) <= 4 and all(m.low in words for m in plain):
        return _STRONG + (not plain)
    done = any(m.low in ("was", "were") for m in between) and any(m.low in DONE for m in between)
    if (number.dose and not done) or number.bare:
        return 0
    same = found[one.first].sentence == found[number.first].sentence
    opens = all(m.low in PLAIN | WHO | GIVEN for m in found[: number.first] if m.clause == found[number.first].clause)
    if number.first < one.first and not opens:
        return 0
    if same and not any(m.kind == "line" for m in between):
        return _WEAK
    return 0
