"""Corrections folded into proposals: the words of a note, and the name that a person gave them instead of the draft's.

A proposal says who else uses the words, and for what. Nothing becomes an alias here: a person accepts (`aliases.py`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Annotated, Literal, cast

import msgspec
from msgspec.structs import replace

from fifteen.engine.people import Discipline
from fifteen.kernel.errors import UnreadableInput
from fifteen.rulebook import Rulebook
from fifteen.scribe.draft import Family
from fifteen.scribe.lexicon import NAMES, Lexicon, Term, joined, lexicon
from fifteen.scribe.minutes import UNITS
from fifteen.scribe.tokens import Token, tokens

State = Literal["open", "known", "clash", "conflict", "refused"]
"""`open`: may be accepted. `known`: read so already. `clash`: the words are known as something else. `conflict`: people
gave several names, and one has to be chosen. `refused`: must never become an alias."""

_ID = re.compile(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9_-]{0,63}", re.ASCII)
_CUES = ("not", "frame", "doubt")  # what they stand in was not done today, or perhaps not
_WITHIN = ("-", "/", "&", "<>")  # signs that stand inside a name
_FEWEST_LETTERS = 2
_TABLES = ("exercises", "scribe_words")


class Correction(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person changed on the name of a drafted exercise.

    `words` as they stand in the note; `drafted` the name of the draft, None where it had none; `name` the one given
    instead. `note` and `by` are ids that say nothing of anybody: letters, digits, `-` and `_`, a digit among them.
    """

    words: str
    drafted: str | None = None
    name: str
    discipline: Discipline
    family: Family
    note: str
    by: str
    at: Annotated[datetime, msgspec.Meta(tz=True)]


class AliasProposal(msgspec.Struct, frozen=True, kw_only=True):
    """Words to be read as a name, and what speaks for it and against it.

    `new`: no exercise of this name is known, and accepting makes one, of `family`. `why` is the reason of a state that
    cannot be accepted; `known_as` what the words are known as, `rivals` the names other people gave them.
    """

    words: str
    name: str
    family: Family
    new: bool
    state: State
    why: str
    known_as: tuple[str, ...]
    rivals: tuple[str, ...]
    notes: int
    people: int
    disciplines: tuple[Discipline, ...]
    drafted: tuple[str, ...]
    first: datetime
    last: datetime


# -- reading -----------------------------------------------------------------------------------------------------


def read_corrections(content: bytes, where: str) -> tuple[Correction, ...]:
    """The corrections of a JSONL file, one a line; a line that stands twice is one. `where` names it in errors."""
    decoder = msgspec.json.Decoder(Correction)
    found = dict.fromkeys(
        _read(line, decoder, f"{where}, line {number}")
        for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").splitlines(), 1)
        if line.strip()
    )
    if not found:
        raise UnreadableInput(f"{where}: it holds no correction; write one JSON object a line.")
    return tuple(found)


def _read(line: bytes, decoder: msgspec.json.Decoder[Correction], where: str) -> Correction:
    try:
        made = decoder.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise UnreadableInput(
            f"{where}: {error}; correct it there, `fifteen rulebook aliases --help` shows the form."
        ) from None
    for field in ("words", "name"):
        if not getattr(made, field).strip():
            raise UnreadableInput(
                f"{where}: {field} is empty; write the words of the note and the name they stand for."
            )
    for field in ("note", "by"):
        check_id(getattr(made, field), f"{where}: {field}")
    return made


def check_id(text: str, where: str) -> str:
    """`text` if it is an opaque id; a name of a person or an address is refused."""
    if not _ID.fullmatch(text):
        raise UnreadableInput(
            f"{where} {text!r} is not an opaque id; give letters, digits, - and _ with a digit among them, "
            "such as t-17, and never a name."
        )
    return text


# -- folding -----------------------------------------------------------------------------------------------------


def proposals(corrections: Iterable[Correction], rulebook: Rulebook, on: date) -> tuple[AliasProposal, ...]:
    """What `corrections` propose, judged by the words known on `on` and on any later day; the most used words first."""
    known = _Known(rulebook, on)
    groups: dict[str, dict[tuple[str, Family], list[Correction]]] = {}
    for each in corrections:
        target = known.target(each)
        groups.setdefault(word_key(each.words), {}).setdefault(target, []).append(each)
    found = [each for readings in groups.values() for each in _proposed(readings, known)]
    return tuple(sorted(found, key=lambda each: (-each.notes, each.words.lower(), each.name, each.family)))


def _proposed(readings: dict[tuple[str, Family], list[Correction]], known: _Known) -> Iterator[AliasProposal]:
    """The readings that people gave the same words."""
    written = [each.words for those in readings.values() for each in those]
    words = _alias(written)
    spellings = dict.fromkeys([words, *written])
    for (name, family), those in readings.items():
        others = [_told(other, other[0] == name) for other in readings if other != (name, family)]
        times = sorted(each.at for each in those)
        plain = AliasProposal(
            words=words, name=name, family=family, new=not known.holds(name), state="open", why="",
            known_as=known.meanings(*spellings), rivals=tuple(sorted(others)),
            notes=len({each.note for each in those}), people=len({each.by for each in those}),
            disciplines=tuple(sorted({each.discipline for each in those})),
            drafted=tuple(sorted({each.drafted for each in those if each.drafted})), first=times[0], last=times[-1],
        )  # fmt: skip
        yield _judged(plain, known, next((why for each in spellings if (why := known.never(each))), ""))


def _told(reading: tuple[str, Family], same_name: bool) -> str:
    """A rival by its name, and where only the family differs by both."""
    return f"{reading[0]}:{reading[1]}" if same_name else reading[0]


def _judged(plain: AliasProposal, known: _Known, never: str) -> AliasProposal:
    """The proposal with its state, and the reason of one that cannot be accepted; `never` forbids the words."""
    if never:
        return replace(plain, state="refused", why=f"the words {never}")
    if plain.new and (never := known.never(plain.name) or known.otherwise(plain.name)):
        return replace(plain, state="refused", why=f"the name {never}")
    if plain.known_as == (plain.name,) and known.always(plain.words):
        return replace(plain, state="known", why="the words are read so already")
    if set(plain.known_as) - {plain.name}:
        return replace(plain, state="clash", why=f"the words are known as {' and '.join(plain.known_as)}")
    if plain.rivals:
        return replace(plain, state="conflict", why=f"others mean {' and '.join(plain.rivals)}")
    return plain


class _Known:
    """The words that are known from a day on: on that day, and on each later one on which a table changes."""

    def __init__(self, rulebook: Rulebook, on: date) -> None:
        self.rulebook, self.on = rulebook, on
        self.lexicons = [lexicon(rulebook, day) for day in days_from(rulebook, on)]

    def holds(self, name: str) -> bool:
        return self.rulebook.row("exercises", name, self.on) is not None

    def target(self, each: Correction) -> tuple[str, Family]:
        """The exercise that a given name means, with its family; a name that is not known is a new exercise's."""
        name = " ".join(each.name.lower().split())
        if not self.holds(name):
            meant = {term.value for term in whole(self.lexicons[0], each.name) if term.kind in NAMES}
            name = meant.pop() if len(meant) == 1 else _named(name)
        row = self.rulebook.row("exercises", name, self.on)
        family = cast(Family, row["family"]) if row is not None else each.family
        return name, family

    def meanings(self, *spellings: str) -> tuple[str, ...]:
        """What words as a whole are known as on any of the days, in capitals too."""
        said = [each for words in spellings for each in _cases(words)]
        found = [term for each in self.lexicons for words in said for term in whole(each, words)]
        return tuple(dict.fromkeys(map(_meaning, found)))

    def always(self, words: str) -> bool:
        return all(whole(each, words) for each in self.lexicons)

    def otherwise(self, name: str) -> str:
        """Why a name cannot be a new exercise's: it is known as something else, or it means several exercises."""
        known = [each for each in self.meanings(name) if each != name]
        return f"is known as {' and '.join(known)}; give one that is not, or one of these exercises" if known else ""

    def never(self, words: str) -> str:
        """Why `words` must never be a name, behind `the words`; empty where they may."""
        said = [joined(tokens(each)) for each in _cases(words)]
        unsafe = (why for each in self.lexicons for found in said if (why := _unsafe(found, each)))
        return _unfit(words, said[0]) or next(unsafe, "")


def _cases(words: str) -> tuple[str, ...]:
    """Words in small letters are read in any case, so what they are in capitals matters too."""
    return (words, words.upper()) if words == words.lower() else (words,)


def _unfit(words: str, found: Sequence[Token]) -> str:
    """What the letters themselves forbid."""
    if any(each.kind in ("number", "clock", "code") or re.search(r"\d", each.text) for each in found):
        return "hold a number, which would no longer be read as dose or minutes"
    if any(each.low in UNITS for each in found):
        return "hold a unit of minutes, which would no longer be read as one"
    if sum(each.isalpha() for each in words) < _FEWEST_LETTERS:
        return f"have fewer than {_FEWEST_LETTERS} letters"
    sign = next((each.text for each in found if each.kind in ("sign", "line") and each.text not in _WITHIN), None)
    if sign is not None or not words.isascii():
        return f"hold {'a letter' if sign is None else repr(sign)} that no name is read with"
    return ""


def _unsafe(found: Sequence[Token], words: Lexicon) -> str:
    """What their meaning forbids: an alias would hide a service, a side, or a cue that something was not done."""
    mentions = [each for place in range(len(found)) for each in words.at(found, place)]
    for each in mentions:
        if each.term.kind in _CUES:
            said = " ".join(token.text for token in found[each.first : each.last])
            return f"hold the cue {said!r}, which says that something was not done today"
        if each.term.kind == "side":
            return "hold a side, which a draft keeps in a field of its own"
        if each.last - each.first == len(found) and each.term.kind in ("family", "code", "total", "nocharge"):
            return f"are known as {_meaning(each.term)}, which decides over a service"
    return ""


def _meaning(term: Term) -> str:
    return term.value if term.kind in NAMES else f"{term.value or term.said or term.kind} ({term.kind})"


def days_from(rulebook: Rulebook, on: date) -> list[date]:
    """`on`, and each later day on which a row of names or words begins or ends."""
    edges = {on}
    for table in map(rulebook.tables.__getitem__, _TABLES):
        places = (table.columns.index("from"), table.columns.index("until"))
        texts = {row[place] for row in table.rows for place in places} - {""}
        edges |= {day for day in map(date.fromisoformat, texts) if day > on}
    return sorted(edges)


def whole(words: Lexicon, said: str) -> list[Term]:
    """What `said` means as a whole."""
    found = joined(tokens(said))
    return [each.term for each in words.at(found, 0) if each.last == len(found)] if found else []


# -- spelling ----------------------------------------------------------------------------------------------------


def word_key(words: str) -> str:
    """What spellings of the same words share: a plural is its singular, a hyphen a space, capitals do not matter."""
    return _singular(words.lower())


def _alias(spellings: Iterable[str]) -> str:
    """Words as the table holds them: small letters, which any case is read with, unless all wrote the same capitals."""
    made = Counter(map(_singular, spellings))
    only = next(iter(made))
    capitals = any(part[1:] != part[1:].lower() for part in only.split())
    return only if len(made) == 1 and capitals else word_key(only)


def _named(name: str) -> str:
    """A name in the singular, else as it was given."""
    *before, last = name.split()
    return " ".join([*before, _without_plural(last)])


def _singular(words: str) -> str:
    parts = [_without_plural(each.text) for each in joined(tokens(words))]
    return " ".join(parts).replace(" / ", "/") or words.strip()


_LONG = 2  # not law: `us` is no plural


def _without_plural(word: str) -> str:
    if len(word) <= _LONG or not word.endswith("s") or word.lower().endswith(("ss", "us", "is")):
        return word
    for ending, rest in (("ies", "y"), ("sses", "ss"), ("ches", "ch"), ("shes", "sh"), ("xes", "x")):
        if word.lower().endswith(ending):
            return word[: -len(ending)] + rest
    return word[:-1]
