"""What stands around treatment: pain, measurements, how the patient responded, the plan and goals, as stated."""

from __future__ import annotations

from collections.abc import Sequence

from fifteen.scribe.draft import Measured, Pain, Span, side_of
from fifteen.scribe.marks import Mark

_NEAR = 8  # not law: how many words may stand between a pain word and its figure


def pain(found: Sequence[Mark]) -> list[Pain]:
    """`pain 4/10 at rest`, `four out of ten`."""
    made: list[Pain] = []
    for place, each in enumerate(found[:-1]):
        at = _of_ten(found, place)
        if each.kind != "number" or at is None:
            continue
        spoken = [
            m
            for m in found[max(place - _NEAR, 0) : at + _NEAR]
            if m.sentence == each.sentence and (m.kind == "pain" or m.low in ("pain", "pn", "nprs", "vas"))
        ]
        if spoken or (made and made[-1].source[0] >= 0 and each.sentence == _sentence(found, made[-1].source)):
            value = int(each.number) if each.number == int(each.number) else each.number
            made.append(
                Pain(
                    value=value,
                    when=_when(found, at),
                    site=_site(found, place),
                    source=(each.span[0], found[at].span[1]),
                )
            )
    return made


def _of_ten(found: Sequence[Mark], place: int) -> int | None:
    """Where `/10`, `out of ten` behind a number ends."""
    if found[place + 1].low in ("out of ten", "out of 10"):
        return place + 1
    of_ten = found[place + 1].text == "/" or [m.low for m in found[place + 1 : place + 3]] == ["out", "of"]
    at = place + (2 if found[place + 1].text == "/" else 3)
    return at if of_ten and at < len(found) and found[at].number == 10 else None


def _sentence(found: Sequence[Mark], span: tuple[int, int]) -> int:
    return next(each.sentence for each in found if each.span[0] == span[0])


def _when(found: Sequence[Mark], at: int) -> str | None:
    if at + 1 >= len(found) or found[at + 1].low not in ("at", "with", "w/", "during", "after", "before"):
        return None
    words = []
    for each in found[at + 2 : at + 6]:
        if each.kind in ("sign", "line", "number") or each.low in ("and", "in", "but"):
            break
        words.append(each.text.lower())
    return " ".join(words) or None


def _site(found: Sequence[Mark], place: int) -> str | None:
    near = [each for each in found if each.sentence == found[place].sentence and each.kind == "body"]
    side = next((each.value for each in found if each.sentence == found[place].sentence and each.kind == "side"), "")
    return f"{side} {near[0].value}".strip() if near else None


def measures(found: Sequence[Mark]) -> list[Measured]:
    """A test or measurement with the number behind it."""
    made = []
    for place, each in enumerate(found):
        if each.kind != "measure" or each.why in ("home", "planned", "declined"):
            continue
        for ahead in found[place + 1 : place + 7]:
            if ahead.sentence != each.sentence or ahead.kind in ("measure", "family") or ahead.name:
                break
            if ahead.kind == "number":
                side = next((side_of(m.value) for m in found[place : place + 6] if m.kind == "side"), None)
                made.append(
                    Measured(name=each.value, value=ahead.text, side=side, source=(each.span[0], ahead.span[1]))
                )
                break
    return made


def _span(found: Sequence[Mark], sentence: int) -> Span:
    words = [each for each in found if each.sentence == sentence and each.kind != "line"]
    words = words[2:] if len(words) > 2 and words[1].text == ":" else words  # without a heading such as `A:`
    spans = [each.span for each in words]
    return spans[0][0], spans[-1][1]


def _words(found: Sequence[Mark], sentence: int, text: str) -> str:
    return text[slice(*_span(found, sentence))].strip(" .;")


def response(found: Sequence[Mark]) -> Span | None:
    """Where the sentence stands that tells how the patient responded."""
    told = next((each for each in found if each.kind == "response" and each.why is None), None)
    return None if told is None else _span(found, told.sentence)


_GOALS = ("goal", "ltg", "stg")


def plan(found: Sequence[Mark], text: str) -> str | None:
    """The first sentence that is planned and neither a goal nor about bookings and payers, in its own words."""
    other = {each.sentence for each in found if each.low.startswith(_GOALS) or each.kind == "frame"}
    planned = (each for each in found if each.why == "planned" and each.kind != "line" and each.sentence not in other)
    told = next(planned, None)
    return None if told is None else _words(found, told.sentence, text)


def goal(found: Sequence[Mark], text: str) -> str | None:
    """The first goal, in its own words."""
    told = next((each for each in found if each.low.startswith(_GOALS)), None)
    return None if told is None else _words(found, told.sentence, text)
