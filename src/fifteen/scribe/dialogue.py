"""Talk between therapist and patient: who speaks, and the minutes that the therapist says for what was just done.

What a patient says is never treatment of today. In talk a service is rarely named before it begins, so its minutes are
those that the therapist tells of it afterwards (`that was twelve minutes of walking`), or between two times that the
therapist says of it (`it's nine o'clock, let's start the balance` ... `ten past nine, that's the balance finished`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

import msgspec

from fifteen.scribe.clock import Clock, between, clocks
from fifteen.scribe.draft import Span
from fifteen.scribe.marks import Mark
from fifteen.scribe.minutes import UNITS, Anchor, Candidate
from fifteen.scribe.pairing import Reading

_LABEL = re.compile(
    r"(?:^|(?<=[\s.?!]))(?:(?P<therapist>PT|OT|SLP|PTA|OTA|COTA|ST|Therapist|Clinician|Provider)"
    r"|(?P<other>Pt|Patient|Client|Child|Mom|Dad|Mother|Father|Wife|Husband|Caregiver|Daughter|Son))\s?:"
)
_OVER = (
    "did", "spent", "gave", "over", "was", "that", "done", "finished", "stop", "call", "makes", "counting", "were",
    "total", "good", "okay", "ok",
)  # fmt: skip
_STARTS = ("let", "start", "started", "begin", "began", "get", "going", "starting", "starts")


class Told(msgspec.Struct, frozen=True):
    """Minutes that were said of a family: its mark, and the number with where it stands."""

    family: str
    place: int
    minutes: int
    span: Span
    first: int
    last: int


def is_dialogue(text: str) -> bool:
    """Do two people speak here, one of them the therapist?"""
    found = {match.lastgroup for match in _LABEL.finditer(text)}
    return found == {"therapist", "other"}


def only_therapist(found: Sequence[Mark], text: str) -> list[Mark]:
    """The marks; those of the patient and the family are told as theirs, and no label of a speaker remains."""
    labels = list(_LABEL.finditer(text))
    made: list[Mark] = []
    for each in found:
        label = next((one for one in reversed(labels) if one.start() <= each.span[0]), None)
        if label is not None and each.span[0] < label.end():
            continue
        theirs = label is not None and label.lastgroup == "other"
        made.append(msgspec.structs.replace(each, why="earlier") if theirs and each.why is None else each)
    return made


def said_of(
    found: Sequence[Mark], talk: Mapping[str, Sequence[str]]
) -> tuple[list[Mark], list[Anchor], list[Candidate], Reading]:
    """The services whose minutes the therapist said, in the form that a note's numbers take, with the marks.

    `talk` are words for each family as they are used in talk, besides its names in notes.
    """
    found = _spoken(found, {tuple(words.split()): family for family, each in talk.items() for words in each})
    told = sorted([*_counted(found), *_timed(found)], key=lambda each: each.place)
    families = [Anchor(each.family, each.place, each.place + 1) for each in told]
    numbers = [Candidate(each.minutes, each.first, each.last, each.span) for each in told]
    return found, families, numbers, Reading({place: place for place in range(len(told))})


def _spoken(found: Sequence[Mark], talk: Mapping[tuple[str, ...], str]) -> list[Mark]:
    """The marks, where the longest words of talk that begin at one make it a family."""
    low = [list(each.low.replace("-", " ").split()) for each in found]
    made = list(found)
    for place, each in enumerate(found):
        if each.kind == "family" or each.kind in ("number", "sign"):
            continue
        ahead = [word for words in low[place : place + 4] for word in words]
        family = next((talk[words] for size in (4, 3, 2, 1) if (words := tuple(ahead[:size])) in talk), None)
        if family is not None:
            made[place] = msgspec.structs.replace(each, kind="family", value=family)
    return made


def _sentences(found: Sequence[Mark]) -> Iterator[list[int]]:
    for _, places in groupby(range(len(found)), key=lambda place: found[place].sentence):
        told = [place for place in places if found[place].why is None]
        if told:
            yield told


def _counted(found: Sequence[Mark]) -> list[Told]:
    """`that was eight minutes of hands-on work`; an exercise's own minutes only where no service is named for them."""
    made: list[Told] = []
    for places in _sentences(found):
        if not _is_over([found[place] for place in places]):
            continue
        for place in places[:-1]:
            unit = found[place + 1]
            if found[place].kind != "number" or unit.low not in UNITS or place + 1 not in places:
                continue
            behind = [at for at in places if at > place + 1]
            about = next((at for at in behind if _family(found[at]) or found[at].low in UNITS), None)
            if about is not None and _family(found[about]) and found[place].number == int(found[place].number):
                span = (found[place].span[0], unit.span[1])
                told = Told(_family(found[about]), about, int(found[place].number), span, place, place + 2)
                made.append(told)
                break
    named = {each.family for each in made if not found[each.place].name}
    return [each for each in made if not found[each.place].name or each.family not in named]


def _is_over(sentence: Sequence[Mark]) -> bool:
    """Does it speak of what has been done, and not of what comes?"""
    low = [each.low for each in sentence]
    we_ll = "'" in low and "ll" in low and "stop" not in low  # `we'll stop there at ten minutes` is over
    ahead = we_ll or any(word in ("will", "going", "try", "next") for word in low)
    elsewhere = any(each.kind in ("not", "frame") and each.value in ("home", "planned", "earlier") for each in sentence)
    return not ahead and not elsewhere and any(word in _OVER for word in low)


def _family(mark: Mark) -> str:
    if mark.kind == "family":
        return mark.value
    return mark.term.family if mark.name and mark.term is not None else ""


def _timed(found: Sequence[Mark]) -> list[Told]:
    """Between a time at which something was begun and one at which the same is said to be over."""
    made: list[Told] = []
    begun: dict[str, tuple[Clock, int]] = {}
    for places in _sentences(found):
        words = [found[place] for place in places]
        times = clocks(words, [each.number for each in words])
        if not times:
            continue
        about = next((place for place in places if _family(found[place])), None)
        low = [each.low for each in words]
        family = "" if about is None else _family(found[about])
        starts = any(word in _STARTS for word in low)
        if len(times) == 2 and starts and family and about is not None:
            made.append(_told(found, family, about, times[1], times[0], places))
        elif starts and family and about is not None:
            begun[family] = (times[0], places[0])
        elif family in begun and about is not None:
            made.append(_told(found, family, about, begun.pop(family)[0], times[0], places))
    return [each for each in made if each.minutes > 0]


def _told(found: Sequence[Mark], family: str, about: int, start: Clock, stop: Clock, places: Sequence[int]) -> Told:
    span = (min(start.span[0], stop.span[0]), max(start.span[1], stop.span[1]))
    return Told(family, about, between(start, stop), span, places[0], places[0])
