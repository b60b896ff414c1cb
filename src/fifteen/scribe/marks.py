"""A text as marks: each known word with its meaning, the rest as tokens, and what lies outside today's treatment.

Outside lie the home programme, the plan, goals, earlier visits, what was declined or denied, the patient's own report
and quotes. What stands there is told as not performed and never becomes treatment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import msgspec

from fifteen.scribe.draft import Span
from fifteen.scribe.lexicon import NAMES, Lexicon, Mention, Term, joined
from fifteen.scribe.tokens import Token, parted, tokens

Why = Literal["home", "planned", "earlier", "declined", "denied"]

_HEADINGS: dict[str, Why | None] = {
    "s": "earlier", "subjective": "earlier", "p": "planned", "plan": "planned",
    "poc": "planned", "goal": "planned", "goals": "planned",
    "stg": "planned", "stgs": "planned", "ltg": "planned", "ltgs": "planned", "hep": "home", "o": None,
    "objective": None, "a": None, "assessment": None, "treatment": None, "interventions": None, "tx": None, "rx": None,
    "today": None, "precautions": "denied", "home": "home", "homework": "home", "recommendations": "planned",
    "history": "earlier", "hx": "earlier", "pmh": "earlier",
}  # fmt: skip
_GOAL = re.compile(r"(?:goals?|stgs?|ltgs?)", re.IGNORECASE)
_CORRECTION = (
    ("correction",), ("scratch", "that"), ("i", "mean"), ("make", "that"), ("no", "wait"), ("wait", "no"), ("sorry",),
)  # fmt: skip


class Mark(msgspec.Struct, frozen=True):
    """A known word or run of words, or a token of its own (`kind` of the token), with its sentence and clause."""

    kind: str
    value: str
    span: Span
    text: str
    sentence: int
    clause: int
    number: float = 0.0
    term: Term | None = None
    why: Why | None = None

    @property
    def low(self) -> str:
        return self.text.lower()

    @property
    def name(self) -> bool:
        return self.kind in NAMES


def marks(text: str, words: Lexicon) -> list[Mark]:
    """`text` as marks in order; those outside of today's treatment carry why."""
    found = corrected(_marked(_parted(joined(tokens(text)), words), words))
    return _quoted(_headed(_cued(found), text), text)


def _parted(found: Sequence[Token], words: Lexicon) -> list[Token]:
    """Words written together (`PatMobs`, `ThEx`) apart, where they are not known as one."""
    made: list[Token] = []
    for place, each in enumerate(found):
        parts = parted(each) if each.kind == "word" else [each]
        made += [each] if len(parts) == 1 or words.at(found, place) else parts
    return made


def _marked(found: Sequence[Token], words: Lexicon) -> list[Mark]:
    made: list[Mark] = []
    place = sentence = clause = 0
    while place < len(found):
        each = found[place]
        if each.low in ("joint", "jt") and place:  # `glenohumeral joint posterior glide`
            place += 1
            continue
        mention = _chosen(words.at(found, place), found)
        last = place + 1 if mention is None else mention.last
        span = (each.span[0], found[last - 1].span[1])
        said = " ".join(token.text for token in found[place:last])
        if mention is None:
            made.append(Mark(each.kind, each.text, span, said, sentence, clause, each.value))
        else:
            made.append(
                Mark(mention.term.kind, mention.term.value, span, said, sentence, clause, each.value, mention.term)
            )
        if mention is None and _ends(found, place):
            sentence, clause = sentence + 1, clause + 1
        elif mention is None and each.text in (",", "|"):
            clause += 1
        place = last
    return made


def _ends(found: Sequence[Token], place: int) -> bool:
    each = found[place]
    if each.kind == "line" or each.text in (";", "//", "•"):
        return True
    if each.text not in (".", "!", "?"):
        return False
    after = found[place + 1] if place + 1 < len(found) else None
    return after is None or after.span[0] > each.span[1]


_PREFER = ("frame", "not", "total", "nocharge", *NAMES, "family", "measure", "code")


def _chosen(mentions: Sequence[Mention], found: Sequence[Token]) -> Mention | None:
    """One meaning of the words: the first of a settled order that is sure, or that its neighbours make sure."""
    if not mentions:
        return None
    order = sorted(
        mentions, key=lambda each: _PREFER.index(each.term.kind) if each.term.kind in _PREFER else len(_PREFER)
    )
    for each in order:
        if each.term.kind in NAMES and not _named_here(each, found):
            continue
        if not each.term.unsure or _supported(each, found):
            return each
    return None


_BEFORE_NAME = (
    ",",
    ";",
    ":",
    ".",
    "-",
    "•",
    "*",
    "//",
    "(",
    "&",
    "and",
    "then",
    "+",
    "|",
    "ecc",
    "active",
    "w/",
    "with",
)


def _named_here(mention: Mention, found: Sequence[Token]) -> bool:
    """A name of two capitals is also many other things: it begins an item, and no reading such as `HR 112` follows."""
    said = found[mention.first].text
    if mention.last - mention.first > 1 or len(said.removesuffix("s")) > 2:
        return True
    after = found[mention.last] if mention.last < len(found) else None
    behind = found[mention.last + 1].low if mention.last + 1 < len(found) else ""
    if (
        after is not None
        and after.kind == "number"
        and after.value >= 40
        and behind not in ("x", "'", '"', "ft", "feet")
    ):
        return False
    before = found[mention.first - 1] if mention.first else None
    dosed = any(each.kind == "number" for each in found[mention.last : mention.last + 4])
    return (
        before is None
        or (dosed and before.kind == "word")
        or before.kind in ("line", "number")
        or before.low in _BEFORE_NAME
        or before.text in ("R", "L", "B")
    )


def _supported(mention: Mention, found: Sequence[Token]) -> bool:
    """A family of two senses counts where a number of minutes or a colon stands beside it."""
    after = [each.text.lower() for each in found[mention.last : mention.last + 4]]
    if mention.term.kind == "not":  # `plank held 10 sec` was done
        return not any(each.kind == "number" for each in found[mention.last : mention.last + 1])
    if mention.term.kind != "family":
        return False
    if after[:1] == [":"]:
        return True
    if any(each.kind == "code" for each in found[mention.last : mention.last + 2]):
        return True
    near = found[mention.last : mention.last + 3]
    before = found[max(mention.first - 3, 0) : mention.first]
    return any(_minutes_unit(found, place) for place in range(mention.first - len(before), mention.last + len(near)))


def _minutes_unit(found: Sequence[Token], place: int) -> bool:
    if not 0 <= place < len(found) - 1 or found[place].kind != "number":
        return False
    return found[place + 1].low in ("min", "mins", "minute", "minutes", "'", ")")


def corrected(found: Sequence[Mark]) -> list[Mark]:
    """Without what the speaker took back: the word of the same kind before `correction`, and the phrase itself."""
    made: list[Mark] = []
    place = 0
    while place < len(found):
        size = next((len(each) for each in _CORRECTION if _says(found, place, each)), 0)
        if not size:
            made.append(found[place])
            place += 1
            continue
        place += size
        while place < len(found) and found[place].text in (",", "-", "."):
            place += 1
        while made and made[-1].text in (",", "-", "."):
            made.pop()
        _take_back(made, found[place:])
    return made


def _says(found: Sequence[Mark], place: int, words: tuple[str, ...]) -> bool:
    said = [each.low for each in found[place : place + len(words)]]
    return tuple(" ".join(said).split()) == words


def _take_back(made: list[Mark], after: Sequence[Mark]) -> None:
    """Remove the nearest word of the kind that is said anew; a number of the phrase takes its unit with it."""
    kinds = {"number", "side", "band", "body", *NAMES}
    anew = next((each for each in after[:6] if each.kind in kinds), None)
    if anew is None:
        return
    for back in range(len(made) - 1, max(len(made) - 9, -1), -1):
        same = made[back].kind == anew.kind or (made[back].name and anew.name)
        if same:
            del made[back:]
            return


# -- outside of today's treatment --------------------------------------------------------------------------------------


def _cued(found: list[Mark]) -> list[Mark]:
    """Cues of a sentence: from the cue to its end; where nothing follows, what stands before it in the clause.

    A frame (`authorized`, `booked`) that opens a sentence says of all of it that it tells of no treatment of today;
    behind a service it only makes its own clause doubtful.
    """
    made = list(found)
    for places in _sentences(found):
        frame = next((place for place in places if found[place].kind == "frame"), None)
        if frame is not None and not any(_service(found[place]) for place in places if place < frame):
            for place in places:
                made[place] = msgspec.structs.replace(made[place], why=_why(found[frame]))
            continue
        for place in (place for place in places if found[place].kind == "frame"):
            made[place] = msgspec.structs.replace(made[place], kind="doubt")
        for at in (place for place in places if found[place].kind == "not" and _reaching(found, place)):
            why = _why(found[at])
            for place in (at, *_scope(found, places, at)):
                made[place] = msgspec.structs.replace(made[place], why=why)
    return made


def _scope(found: Sequence[Mark], places: Sequence[int], at: int) -> Sequence[int]:
    """What a cue speaks of: its own clause for a refusal, else all behind it; where that is nothing, its clause before.

    Only a refusal alone in its clause reaches back over the sentence: `e-stim 15 min, stopped right away`.
    """
    clause = [place for place in places if found[place].clause == found[at].clause]
    before = [place for place in places if place < at]
    if _unsure(found[at]) and found[at].value == "earlier":
        return clause
    behind = [place for place in places if place > at]
    if found[at].value in ("declined", "denied"):
        near = [place for place in clause if place > at]
        behind = near if any(_matters(found[place]) for place in near) else [] if _told(found, clause, at) else behind
    if any(_matters(found[place]) for place in behind):
        return behind
    if _told(found, clause, at):
        return [place for place in clause if place < at]
    return before if found[at].value == "declined" else []


def _told(found: Sequence[Mark], clause: Sequence[int], at: int) -> bool:
    """Does the cue's clause name something before it?"""
    return any(_matters(found[place]) for place in clause if place < at)


_LINKS = frozenset(
    ("a", "an", "the", "to", "of", "on", "for", "with", "any", "today", "was", "were", "due", "pt", "patient")
)


def _reaching(found: Sequence[Mark], at: int) -> bool:
    """A cue of two senses (`held`, `no`, `issued`) counts where a name or family is the next word to it."""
    if not _unsure(found[at]) or found[at].value == "earlier":
        return True
    if found[at].low in ("held", "hold") and any(
        m.kind == "number" and m.clause == found[at].clause for m in found[at:]
    ):
        return False  # `he held the stance 15 seconds` was done
    for step in (1, -1):
        place = at + step
        while 0 <= place < len(found) and (found[place].low in _LINKS or _time(found[place])):
            place += step
        near = found[place] if 0 <= place < len(found) else None
        if near is not None and near.sentence == found[at].sentence and (near.name or near.kind == "family"):
            return True
    return False


def _time(mark: Mark) -> bool:
    """Part of a number of minutes that stands between a name and its cue: `gait training 15 min held`."""
    return mark.kind == "number" or mark.low in ("min", "mins", "minutes")


def _unsure(mark: Mark) -> bool:
    return mark.term is not None and mark.term.unsure


def _why(mark: Mark) -> Why:
    value = mark.value
    return value if value in ("home", "planned", "earlier", "declined", "denied") else "denied"  # type: ignore[return-value]


def _matters(mark: Mark) -> bool:
    return _service(mark) or mark.kind == "number"


def _service(mark: Mark) -> bool:
    return mark.name or mark.kind == "family"


def _sentences(found: Sequence[Mark]) -> Iterator[list[int]]:
    places: list[int] = []
    for place, each in enumerate(found):
        if places and each.sentence != found[places[-1]].sentence:
            yield places
            places = []
        places.append(place)
    if places:
        yield places


def _headed(found: Sequence[Mark], text: str) -> list[Mark]:
    """Under a heading such as `P:` or `HEP:`, up to the next heading or an empty line; inside a line, to its end."""
    made: list[Mark] = []
    under: Why | None = None
    for_line = False
    goal: int | None = None
    for place, each in enumerate(found):
        at_line = not place or found[place - 1].kind == "line"
        first = at_line or each.sentence != found[place - 1].sentence
        if _heads(found, place) and (at_line or (first and len(each.text) > 2)):
            under, for_line = _HEADINGS[each.low], not at_line
        elif each.kind == "line" and (for_line or _EMPTY_LINE.match(text, each.span[0])):
            under, for_line = None, False
        if first and _GOAL.fullmatch(each.text.partition(" ")[0]):
            goal = each.sentence
        why = each.why or under or ("planned" if goal == each.sentence else None)
        made.append(msgspec.structs.replace(each, why=why))
    return made


def _heads(found: Sequence[Mark], place: int) -> bool:
    """Is this a heading with its colon or dash right behind it?"""
    after = found[place + 1] if place + 1 < len(found) else None
    near = after is not None and after.text in (":", "-") and after.span[0] - found[place].span[1] < 2
    return near and found[place].low in _HEADINGS


_EMPTY_LINE = re.compile(r"\n[ \t\r]*\n")
_QUOTE = re.compile(r"[\"“]([^\"”“\n]{12,}?)[\"”]")


def _quoted(found: Iterable[Mark], text: str) -> list[Mark]:
    """What stands in quotation marks are the patient's words; a pair of inch marks is not a quotation."""
    spans = [
        each.span()
        for each in _QUOTE.finditer(text)
        if re.search(r"[A-Za-z]{2,} [A-Za-z]{2,}", each[1]) and not text[: each.start()][-1:].isdigit()
    ]
    return [
        msgspec.structs.replace(each, why=each.why or "earlier")
        if any(a <= each.span[0] < b for a, b in spans)
        else each
        for each in found
    ]
