"""The words the scribe knows: names of what is done, and everything said around them, from two tables of the rulebook.

A word in small letters is read in any case, one with capitals as it is written; a plural is its singular, and a hyphen
is a space. `?` behind a value marks a word with more than one sense.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from datetime import date
from difflib import get_close_matches

import msgspec
from msgspec.structs import replace

from fifteen.rulebook import Rulebook
from fifteen.scribe.tokens import Token, tokens

_CLOSE = 0.86  # not law: how alike a misspelt name must be
_LONG = 6  # shorter words are too easily another word


class Term(msgspec.Struct, frozen=True):
    """What words mean: a `kind`, its value, and for a name its family, region and type."""

    kind: str
    value: str
    family: str = ""
    region: str = ""
    type: str = ""
    unsure: bool = False
    said: str = ""


class Mention(msgspec.Struct, frozen=True):
    """A term at tokens `first` to `last` (the one behind it); `exact` False: its name was only alike."""

    term: Term
    first: int
    last: int
    exact: bool = True


class Lexicon:
    """Terms by the first of their words."""

    def __init__(self, terms: Iterable[tuple[str, Term]]) -> None:
        self._first: dict[str, list[tuple[tuple[str, ...], Term]]] = {}
        self._names: dict[str, tuple[str, Term]] = {}
        self._short: dict[str, str] = {}
        for words, term in terms:
            if term.kind == "short":
                self._short[words] = term.value
                continue
            parts = tuple(each.text for each in joined(tokens(words)))
            if not parts:
                continue
            self._first.setdefault(parts[0].lower(), []).append((parts, term))
            if term.kind in NAMES and len(words) >= _LONG and words == words.lower():
                self._names.setdefault(words, (words, term))
        for found in self._first.values():
            found.sort(key=lambda each: (-len(each[0]), each[1].kind not in NAMES))

    def at(self, found: Sequence[Token], place: int) -> list[Mention]:
        """The terms of the longest run of words that begins at `place`."""
        made: list[Mention] = []
        for form in self._meant(found[place].text):
            for parts, term in self._first.get(form, ()):
                last = place + len(parts)
                if last <= len(found) and all(map(self._same, parts, (each.text for each in found[place:last]))):
                    made.append(Mention(term, place, last))
        longest = max((each.last for each in made), default=place)
        return [each for each in made if each.last == longest]

    def _meant(self, text: str) -> dict[str, None]:
        """The forms of a word as the table may hold it, and of the word that it is short for."""
        forms = _forms(text)
        for form in list(forms):
            if full := self._short.get(form):
                forms[full] = None
        return forms

    def _same(self, part: str, said: str) -> bool:
        """Is `said` this word of the table? One with capitals must be written so; a plural s does not matter."""
        if part != part.lower():
            return said in (part, part + "s") or (len(part) > 2 and part.isupper() and said == part.capitalize())
        return part in self._meant(said)

    def known_as(self, name: str) -> str:
        """The lexicon's name of a whole `name`; the name itself where it is not known."""
        found = joined(tokens(name))
        names = [each for each in self.at(found, 0) if each.term.kind in NAMES] if found else []
        return next((each.term.value for each in names if each.last == len(found)), name)

    def alike(self, words: str) -> Term | None:
        """The name that misspelt `words` are most like; None where none is near."""
        near = get_close_matches(words.lower(), self._names, n=1, cutoff=_CLOSE) if len(words) >= _LONG else []
        return self._names[near[0]][1] if near else None


NAMES = ("exercise", "task", "technique", "education")


def _forms(text: str) -> dict[str, None]:
    low = text.lower()
    forms = {low: None}
    if low == "w/":
        forms["with"] = None
    for ending, rest in (("ies", "y"), ("es", ""), ("s", "")):
        if low.endswith(ending) and len(low) > len(ending) + 1:
            forms[low.removesuffix(ending) + rest] = None
    return forms


def joined(found: Sequence[Token]) -> list[Token]:
    """Without the hyphens inside words and possessive endings."""
    made: list[Token] = []
    for place, each in enumerate(found):
        before = found[place - 1] if place else None
        after = found[place + 1] if place + 1 < len(found) else None
        touching = (
            before is not None
            and after is not None
            and before.span[1] == each.span[0]
            and each.span[1] == after.span[0]
        )
        if each.text == "-" and touching and before is not None and after is not None:
            words = before.kind == "word" or after.kind == "word"
            if words and after.kind != "number":
                continue
        if each.low == "s" and len(made) > 1 and made[-1].text in ("'", "’") and made[-2].kind == "word":
            made.pop()
            continue
        made.append(each)
    return made


def lexicon(rulebook: Rulebook, on: date) -> Lexicon:
    """The words in force on `on`."""
    return rulebook.remember(("scribe-lexicon", on), lambda: Lexicon(_terms(rulebook, on)))


def _terms(rulebook: Rulebook, on: date) -> Iterable[tuple[str, Term]]:
    rows = list(_rows(rulebook, "exercises", on))
    whole = {word for row in rows for word in row["name"].split()}
    for row in rows:
        term = Term(row["kind"], row["name"], row["family"], row["region"], row["type"], said=row["name"])
        yield row["name"], term
        for each in row["aliases"].split("|"):
            if alias := each.strip():
                yield alias, replace(term, said=alias) if _in_full(alias, whole) else term
    for row in _rows(rulebook, "scribe_words", on):
        value = row["value"]
        for kind in row["kind"].split():
            if kind != "code" or row["kind"] == "code":  # a code that names a family is that family
                yield row["words"], Term(kind, value.removesuffix("?"), unsure=value.endswith("?"))


def _in_full(alias: str, whole: Container[str]) -> bool:
    """Are these plain words, none of them shortened? Then they are the name, as the therapist said it."""
    words = alias.replace("-", " ").split()
    if len(words) < 2:
        return False  # one word of a longer name, such as `putty`
    return alias == alias.lower() and all(word in whole or (len(word) > 4 and word.isalpha()) for word in words)


def _rows(rulebook: Rulebook, table: str, on: date) -> Iterable[dict[str, str]]:
    keys = dict.fromkeys(row[0] for row in rulebook.tables[table].rows)
    return [row for key in keys if (row := rulebook.row(table, key, on)) is not None]
