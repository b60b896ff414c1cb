"""Which number of minutes belongs to which service: whole-note readings, solved for consistency.

Every number is used once. A reading pairs families with the numbers beside them, in order; of those that use most
numbers by the strongest words, one whose sum is the stated total wins. Where two remain, nothing is chosen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from itertools import pairwise

import msgspec

from fifteen.scribe.draft import Span
from fifteen.scribe.marks import Mark

UNITS = ("min", "mins", "minute", "minutes", "m")
UNTIMED = ("US", "ESU", "ESA", "ION", "TRX", "VASO", "PAR", "HPCP", "CRP", "DN", "TAPE", "GRP", "EVAL", "REEVAL")
_AFTER = ("|", ":", "(", ")", "-", "=", "x", ",", "for", "~", "code", "[", "]", "approx", "approximately", "about")
_BEFORE = (
    "were",
    "was",
    "of",
    "-",
    ":",
    ",",
    "on",
    "for",
    "spent",
    "(",
    "code",
    "=",
    "doing",
    "in",
    "with",
    "performing",
)
_MOST_BARE = 120  # not law: more minutes than these are written with their unit
_JOINTS = ("/", "and", "&", "+")
_BOUND = (",", ";", ".", ")", "//", "|", "/", "+", "&", ">")
_STRONG, _WEAK = 6, 2
_SHORTEST, _LONGEST = 5, 240  # not law: what `0730-0745` may span


class Anchor(msgspec.Struct, frozen=True):
    """A family where it is named; `first` to `last` are its marks, `code` if one was written."""

    family: str
    first: int
    last: int
    code: str | None = None
    concurrent: bool = False


class Candidate(msgspec.Struct, frozen=True):
    """A number of minutes by its marks; `bare` without a unit, `dose` if it stands as the time of an exercise."""

    value: int
    first: int
    last: int
    span: Span
    bare: bool = False
    dose: bool = False
    clock: bool = False


class Total(msgspec.Struct, frozen=True):
    """A stated total: `timed` of timed codes, else of all treatment."""

    value: int
    timed: bool
    span: Span


def anchors(found: Sequence[Mark]) -> list[Anchor]:
    """Families of today's treatment in order; two names of one family side by side are one."""
    made: list[Anchor] = []
    for place, each in enumerate(found):
        own = speaks_for_itself(each)
        if not (own or each.kind in ("family", "code")) or each.why is not None:
            continue
        family = each.term.family if own and each.term is not None else each.value if each.kind == "family" else ""
        code = each.text if each.text[:5].isdigit() or each.text.startswith("G0") else None
        before = made[-1] if made else None
        near = before is not None and all(
            m.text in ("/", "(", ")", ",", "&", "and", "-", "code", "cpt", "CPT", ":")
            for m in found[before.last : place]
        )
        if before is not None and near and family in (before.family, ""):
            made[-1] = msgspec.structs.replace(before, last=place + 1, code=before.code or code)
        elif family:
            made.append(Anchor(family, place, place + 1, code, _beside(found, place, before)))
    return made


def speaks_for_itself(mark: Mark) -> bool:
    """A technique that is a service of its own: `Epley`, `kinesiotaping`, `dry needling`."""
    return mark.name and mark.term is not None and mark.term.family in ("TAPE", "CRP", "DN")


def _beside(found: Sequence[Mark], place: int, before: Anchor | None) -> bool:
    """A modality given with another: `with moist heat`."""
    joined = place > 0 and found[place - 1].low in ("with", "w/", "+", "and", "&")
    return (
        joined
        and before is not None
        and before.family in UNTIMED
        and found[place].sentence == found[before.first].sentence
    )


def candidates(found: Sequence[Mark], families: Sequence[Anchor]) -> tuple[list[Candidate], list[Total]]:
    """Numbers of minutes that are stated or follow from two clock times, and the totals among them."""
    made: list[Candidate] = []
    totals: list[Total] = []
    for place, each in enumerate(found):
        one = _clock(found, place) or _stated(found, place) or _bare(found, place, families)
        if one is None or each.why is not None or doubted(found, each):
            continue
        total = _total(found, one)
        if total is not None:
            totals.append(total)
        elif not _ago(found, one):
            made.append(one)
    return made, totals


def doubted(found: Sequence[Mark], mark: Mark) -> bool:
    """Does the clause speak of what might be, or of other people's business: `could`, `asked`, `to bill`?"""
    return any(each.kind == "doubt" and each.clause == mark.clause for each in found)


def _stated(found: Sequence[Mark], place: int) -> Candidate | None:
    each = found[place]
    unit = found[place + 1] if place + 1 < len(found) else None
    if each.kind != "number" or unit is None or each.number != int(each.number) or not each.number:
        return None
    if _ranged(found, place):
        return None
    tick = unit.text == "'" and unit.span[0] == each.span[1]
    if not tick and unit.low not in UNITS:
        return None
    if unit.low == "m" and unit.text != "m":
        return None
    if tick and _feet(found, place):
        return None
    last = place + 2
    ea = found[last].low in ("ea", "each", "hold", "holds") if last < len(found) else False
    return Candidate(
        int(each.number), place, last, (each.span[0], unit.span[1]), dose=ea or _of_exercise(found, place, last)
    )


def _ranged(found: Sequence[Mark], place: int) -> bool:
    """A range, a bound, and so many times a number (`8-10 min`, `>8 min`, `2 x 3 min`) are no number of minutes."""
    before = found[place - 1] if place else None
    if before is None or before.text in ("/", ">", "<"):
        return before is not None
    if place < 2 or found[place - 2].kind != "number":
        return False
    touching = before.span == (found[place - 2].span[1], found[place].span[0])
    return before.low in ("to", "x") or (before.text == "-" and touching)


def _feet(found: Sequence[Mark], place: int) -> bool:
    """`150'` is a distance: after `2 x`, beside walking or carrying, or where it is too much for minutes."""
    before = [each.low for each in found[max(place - 2, 0) : place]]
    if "x" in before and place > 1 and found[place - 2].kind == "number":
        return True
    walking = any(m.term is not None and m.term.region in ("gait", "carry") for m in found[max(place - 5, 0) : place])
    return found[place].number >= 60 or (walking and found[place].number >= 25)


def _of_exercise(found: Sequence[Mark], place: int, last: int) -> bool:
    """Does the number stand behind an exercise in the same item, before another family speaks for it?"""
    for back in range(place - 1, max(place - 7, -1), -1):
        each = found[back]
        if each.kind == "family" or each.text in (",", ";", "//", ":") or each.sentence != found[place].sentence:
            return False
        if each.name:
            return not speaks_for_itself(each)
    return False


def _clock(found: Sequence[Mark], place: int) -> Candidate | None:
    """`10:05-10:28`: what lies between, if it is less than twelve hours."""
    if found[place].kind != "clock" or place + 2 >= len(found):
        return None
    joint, stop = found[place + 1], found[place + 2]
    if joint.low not in ("-", "to", "until", ">", "out") or stop.kind != "clock":
        return None
    minutes = int(stop.number - found[place].number) % (12 * 60)
    if found[place].text.isdigit() and not _SHORTEST <= minutes <= _LONGEST:
        return None  # two years, and no time of the day
    return Candidate(minutes, place, place + 3, (found[place].span[0], stop.span[1]), clock=True) if minutes else None


def _bare(found: Sequence[Mark], place: int, families: Iterable[Anchor]) -> Candidate | None:
    """`TE 18, MT (12)`, `total timed 35`: a whole number right behind, and nothing that makes it something else."""
    each = found[place]
    if each.kind != "number" or each.number != int(each.number) or not 1 <= each.number <= _MOST_BARE:
        return None
    start = place
    while start and found[start - 1].text in ("(", ":", "-", "=", "|"):
        start -= 1
    behind_total = bool(start) and found[start - 1].kind == "total"
    if not behind_total and not any(anchor.last == start for anchor in families):
        return None
    after = found[place + 1] if place + 1 < len(found) else None
    ends = after is None or after.kind in ("line", "family", "code") or after.text in (*_BOUND, ":", "-")
    two = (
        after is not None and after.text in ("/", "-") and place + 2 < len(found) and found[place + 2].kind == "number"
    )
    return Candidate(int(each.number), place, place + 1, each.span, bare=True) if ends and not two else None


def _total(found: Sequence[Mark], one: Candidate) -> Total | None:
    """A number with `total` beside it in its clause, or between the words of in and out times."""
    sentence = found[one.first].sentence
    if one.clock and found[one.first + 1].low == "out":
        return Total(one.value, False, one.span)
    near = [
        each
        for place, each in enumerate(found)
        if each.sentence == sentence and each.kind == "total" and _reaches(found, place, one)
    ]
    if not near:
        return None
    kinds = {each.value for each in near}
    words = {m.low for m in found[max(one.first - 6, 0) : one.last + 6] if m.sentence == sentence}
    return Total(one.value, "timed" in kinds or any("timed" in each for each in words), one.span)


def _reaches(found: Sequence[Mark], place: int, one: Candidate) -> bool:
    """No family and no other number stands between the word and the number."""
    low, high = (place + 1, one.first) if place < one.first else (one.last, place)
    between = found[low:high]
    return (
        len(between) <= 8
        and not any(m.kind in ("number", "clock", "line") or m.text in (";",) for m in between)
        and (place < one.first or not any(m.kind == "family" or m.text == "," for m in between))
    )


def _ago(found: Sequence[Mark], one: Candidate) -> bool:
    return any(
        m.low in ("ago", "late", "early", "prior", "before", "walk", "drive", "wait", "rest", "break")
        for m in found[one.last : one.last + 2]
    )


# -- readings ----------------------------------------------------------------------------------------------------------


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
    return Reading(dict(right[0]), open=len(right) > 1)


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
    plain = [m for m in between if m.kind != "code" and m.text != "'"]
    if len(plain) <= 4 and all(m.low in words for m in plain):
        return _STRONG + (not plain)
    if number.dose or number.bare:
        return 0
    same = found[one.first].sentence == found[number.first].sentence
    opens = not number.first or found[number.first - 1].sentence != found[number.first].sentence
    if number.first < one.first and not opens:
        return 0
    if same and not any(m.kind == "line" for m in between):
        return _WEAK
    return 0
