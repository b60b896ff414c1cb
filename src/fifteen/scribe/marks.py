"""A text as marks: each known word with its meaning, the rest as tokens, in sentences and clauses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from fifteen.scribe.draft import Span
from fifteen.scribe.lexicon import NAMES, Lexicon, Mention, Term, joined
from fifteen.scribe.tokens import Token, parted, tokens

Why = Literal["home", "planned", "earlier", "declined", "denied"]

_CORRECTION = (
    ("correction",), ("scratch", "that"), ("strike", "that"), ("delete", "that"), ("disregard", "that"),
    ("i", "mean"), ("make", "that"), ("no", "wait"), ("wait", "no"), ("sorry",),
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
    """`text` as marks in order, without what the speaker took back."""
    return corrected(_marked(_parted(joined(tokens(text)), words), words))


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
        if each.low in ("joint", "jt") and place and not words.at(found, place):  # `glenohumeral joint posterior glide`
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
        elif mention is None and (each.text in (",", "|") or _parts_entries(words, found, place)):
            clause += 1
        place = last
    return made


def _ends(found: Sequence[Token], place: int) -> bool:
    each = found[place]
    if each.kind == "line" or each.text in (";", "//", "•"):
        return True
    if each.text not in (".", "!", "?"):
        return False
    before = found[place - 1].low if place else ""
    if each.text == "." and before in _ABBREVIATED:
        return False
    after = found[place + 1] if place + 1 < len(found) else None
    return after is None or after.span[0] > each.span[1]


_ABBREVIATED = ("mr", "mrs", "ms", "dr", "vs", "approx", "e", "i", "g", "dept", "st")


def _parts_entries(words: Lexicon, found: Sequence[Token], place: int) -> bool:
    """A slash between spaces with a service or a total behind it: `step ups x10 / MT 8 min`."""
    if found[place].text != "/" or not 0 < place < len(found) - 1:
        return False
    spaced = found[place - 1].span[1] < found[place].span[0] and found[place].span[1] < found[place + 1].span[0]
    return spaced and any(
        each.term.kind in ("family", "total") and not each.term.unsure for each in words.at(found, place + 1)
    )


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
        if each.term.kind == "doubt" and found[each.first].text == "IF":
            continue  # the index finger
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
        alone = _sentence_at(found, place)
        if alone and " ".join(each.low for each in alone).strip(" .!") in _WITHDRAWN:
            _withdrawn(made)
            place += len(alone)
            continue
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


def _sentence_at(found: Sequence[Mark], place: int) -> Sequence[Mark]:
    """The sentence that begins at `place`; nothing where none begins there."""
    if place and found[place - 1].sentence == found[place].sentence:
        return ()
    return [each for each in found[place : place + 5] if each.sentence == found[place].sentence]


def _withdrawn(made: list[Mark]) -> None:
    """Remove the sentence before: `Gait training 15 min. Disregard.`"""
    last = next((each.sentence for each in reversed(made) if each.kind not in ("sign", "line")), None)
    while made and last is not None and made[-1].sentence >= last:
        made.pop()


_WITHDRAWN = ("disregard", "disregard that", "disregard this", "void", "ignore that", "ignore this", "never mind")


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
