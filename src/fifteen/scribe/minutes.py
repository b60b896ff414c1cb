"""What names a service of today, and which numbers are minutes: with a unit, bare behind a service, or two times."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from fifteen.scribe.draft import Span
from fifteen.scribe.marks import Mark
from fifteen.scribe.outside import in_a_tail

UNITS = ("min", "mins", "minute", "minutes", "m")
UNTIMED = ("US", "ESU", "ESA", "ION", "TRX", "VASO", "PAR", "HPCP", "CRP", "DN", "TAPE", "GRP", "EVAL", "REEVAL")
"""Families under which no exercise stands; which of them count minutes the rulebook says (`counts_time`)."""
_MOST_BARE = 120  # not law: more minutes than these are written with their unit
_BOUND = (",", ";", ".", ")", "//", "|", "/", "+", "&", ">")
_COMING = ("arrival", "arriving", "coming", "session", "visit", "appointment", "treatment", "tx", "therapy", "surgery")
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
        one = _clock(found, place) or _stated(found, place) or _bare(found, place, families) or _closing(found, place)
        if one is None or each.why is not None or doubted(found, each):
            continue
        total = _total(found, one)
        if total is not None:
            totals.append(total)
        elif not _ago(found, one):
            made.append(one)
    totals += [Total(int(each.number), found[place + 1].value == "timed", each.span)
               for place, each in enumerate(found[:-1]) if _before_total(found, place)]  # fmt: skip
    return [one for one in made if not _summed(found, one, made)], totals


def _before_total(found: Sequence[Mark], place: int) -> bool:
    """`40 total timed minutes`: a whole number without a unit of its own right before a total that has one."""
    each, total = found[place], found[place + 1]
    minutes = any(word in UNITS for word in total.low.split())
    return each.kind == "number" and total.kind == "total" and minutes and each.number == int(each.number) > 0


def _summed(found: Sequence[Mark], one: Candidate, numbers: Sequence[Candidate]) -> bool:
    """The sum of what its sentence tells apart behind it: `14 minutes of both: 8 of ultrasound and 6 of massage`."""
    behind = [
        each.value
        for each in numbers
        if each.first > one.first and found[each.first].sentence == found[one.first].sentence and not each.dose
    ]
    return len(behind) > 1 and sum(behind) == one.value and any(m.text == ":" for m in found[one.last : one.last + 8])


def doubted(found: Sequence[Mark], mark: Mark) -> bool:
    """Does the clause speak of what might be, or of other people's business: `could`, `asked`, `to bill`?"""
    group = any(each.value == "GRP" for each in found if each.sentence == mark.sentence)
    return any(
        not (group and each.low in _OTHERS_IN_IT) and not _in_passing(found, place, mark)
        for place, each in enumerate(found)
        if each.kind == "doubt" and each.clause == mark.clause
    )


_OTHERS_IN_IT = ("other patient", "other patients", "another patient")


def _in_passing(found: Sequence[Mark], place: int, mark: Mark) -> bool:
    """A doubt behind the minutes that is about something else: `20 min, a set that she could do alone`."""
    each = found[place]
    if each.span[0] < mark.span[0]:
        return False
    sentence = [at for at in range(place) if found[at].sentence == each.sentence]
    return each.low.startswith("observ") or in_a_tail(found, sentence)


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
    if _rate(found, place + 2):
        return None
    last = place + 2
    ea = found[last].low in ("ea", "each", "hold", "holds") if last < len(found) else False
    return Candidate(
        int(each.number), place, last, (each.span[0], unit.span[1]), dose=ea or _of_exercise(found, place, last)
    )


def _rate(found: Sequence[Mark], place: int) -> bool:
    """`10 min/day`, `20 minutes a night`: a habit, and no treatment."""
    low = [each.low for each in found[place : place + 2]]
    return len(low) == 2 and low[0] in ("/", "a", "per", "each", "every") and low[1] in _HABITS


_HABITS = ("day", "d", "night", "week", "wk", "morning", "evening", "visit", "session", "unit", "month")


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
    while start and (found[start - 1].text in ("(", ":", "-", "=", "|") or spaced_slash(found, start - 1)):
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


def _closing(found: Sequence[Mark], place: int) -> Candidate | None:
    """A whole number in parentheses that ends a line: `TE - bike, squats 3x10 (23)`."""
    around = [found[at].text if 0 <= at < len(found) else "" for at in (place - 1, place + 1)]
    each, ends = found[place], place + 2 >= len(found) or found[place + 2].kind == "line"
    if each.kind != "number" or around != ["(", ")"] or not ends or each.number != int(each.number):
        return None
    return Candidate(int(each.number), place, place + 1, each.span) if 1 <= each.number <= _MOST_BARE else None


def spaced_slash(found: Sequence[Mark], place: int) -> bool:
    """A slash between spaces parts: `NMR / 14 / tandem stance`."""
    if found[place].text != "/" or not 0 < place < len(found) - 1:
        return False
    return found[place - 1].span[1] < found[place].span[0] and found[place].span[1] < found[place + 1].span[0]


def _total(found: Sequence[Mark], one: Candidate) -> Total | None:
    """A number with `total` beside it in its clause, or between the words of in and out times."""
    sentence = found[one.first].sentence
    if one.clock and found[one.first + 1].low == "out":
        return Total(one.value, False, one.span)
    if _plain_total(found, one):
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


def _plain_total(found: Sequence[Mark], one: Candidate) -> bool:
    """`Total 48 min`, `total: 48 min`: the word right before, and no service before it that it could be of."""
    place = one.first - 1
    while place >= 0 and found[place].low in (":", "=", "-", "of", "was", "time"):
        place -= 1
    if place < 0 or found[place].low != "total" or found[place].kind == "total":
        return False
    return not place or not (found[place - 1].kind == "family" or found[place - 1].name)


def _reaches(found: Sequence[Mark], place: int, one: Candidate) -> bool:
    """No family and no other number stands between the word and the number."""
    if place > one.first and any(m.kind == "number" for m in found[place + 1 : place + 4]):
        return False  # `10 min no charge, total 43 min`: the number behind is the total
    low, high = (place + 1, one.first) if place < one.first else (one.last, place)
    between = found[low:high]
    return (
        len(between) <= 8
        and not any(m.kind in ("number", "clock", "line") or m.text in (";",) for m in between)
        and (place < one.first or not any(m.kind == "family" or m.text == "," for m in between))
    )


def _ago(found: Sequence[Mark], one: Candidate) -> bool:
    near = found[one.last : one.last + 2]
    if any(m.low in ("ago", "late", "early", "walk", "drive", "wait", "rest", "break") for m in near):
        return True
    place = next(
        (at for at in (one.last, one.last + 1) if at < len(found) and found[at].low in ("prior", "before")), None
    )
    if place is None:
        return False
    after = found[place + 1] if place + 1 < len(found) else None  # `10 min before 20 min of exercise` was given
    return after is None or after.kind in ("sign", "line") or after.low in _COMING
