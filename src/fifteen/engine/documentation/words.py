"""The words of therapy notes: a phrase table of the rulebook, found in prose by its first word.

A phrase in small letters is read in any case, one in capitals as it is written; `*` stands for any ending, `#` at the
end for a number that must follow. What a phrase may be evidence of is its `kinds`; some carry a `value`, such as the
code of a service.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from datetime import date

import msgspec

from fifteen.rulebook import Rulebook

_TOKEN = re.compile(r"[cdhrstvwCDHRSTVW]/[coptCOPT]\b|[A-Za-z]+|\d+(?:/\d+)?")
_STOP = re.compile(r"[.:;\n]")
_MOST_TOKENS = 5_000  # not law: how many different words are remembered with what they may begin


class Phrase(msgspec.Struct, frozen=True, gc=False):
    """A row of the table: its words, what it is evidence of, and whether a number must follow it."""

    tokens: tuple[str, ...]
    kinds: tuple[str, ...]
    value: str
    numbered: bool = False


class Mention(msgspec.Struct, frozen=True, gc=False):
    """A phrase where it stands in a text."""

    phrase: Phrase
    start: int
    end: int


class Vocabulary:
    """The phrases in force on a date, by their first word."""

    def __init__(self, rows: Sequence[tuple[str, str, str]]) -> None:
        self._first: dict[str, list[Phrase]] = {}
        self._prefix: dict[str, list[Phrase]] = {}
        self._seen: dict[str, tuple[Phrase, ...]] = {}
        for words, kinds, value in rows:
            words, numbered = words.removesuffix(" #"), words.endswith(" #")
            tokens = tuple(part + "*" if words[end : end + 1] == "*" else part for part, _, end in _split(words))
            self._add(Phrase(tokens, tuple(kinds.split()), value, numbered))
            if len(tokens) == 1 and words.isupper() and kinds.split()[0] == "service":
                self._add(Phrase((words.lower(),), ("service",), value, numbered=True))
        self._lengths = sorted({len(start) for start in self._prefix})

    def _add(self, phrase: Phrase) -> None:
        head = phrase.tokens[0]
        place = self._prefix if head.endswith("*") else self._first
        place.setdefault(head.removesuffix("*"), []).append(phrase)

    def _candidates(self, token: str) -> tuple[Phrase, ...]:
        """Phrases that may begin with `token`, the longest first."""
        low = token.lower()
        forms = {token, low}
        every = [phrase for form in forms for phrase in self._first.get(form, ())]
        for length in self._lengths:
            if length <= len(token):
                every += [phrase for form in {f[:length] for f in forms} for phrase in self._prefix.get(form, ())]
        found = tuple(sorted(every, key=lambda each: (-len(each.tokens), not each.numbered, "*" in each.tokens[0])))
        if len(self._seen) >= _MOST_TOKENS:
            self._seen.clear()
        self._seen[token] = found
        return found

    def find(self, text: str) -> list[Mention]:
        """The longest phrase at each word of `text`, with the kinds of all phrases of that length."""
        parts = _split(text)
        found = []
        seen, candidates = self._seen, self._candidates
        for place, (token, start, _) in enumerate(parts):
            phrases = seen.get(token)
            if phrases is None:
                phrases = candidates(token)
            for phrase in phrases:
                size = len(phrase.tokens)
                if size > 1 and not _fits(phrase.tokens, parts, place, text):
                    continue
                last = place + size - 1
                if phrase.numbered and not (last + 1 < len(parts) and parts[last + 1][0][0].isdigit()):
                    continue
                found.append(Mention(phrase, start, parts[last][2]))
                break
        return found


def _split(text: str) -> list[tuple[str, int, int]]:
    return [(match[0], match.start(), match.end()) for match in _TOKEN.finditer(text)]


def _fits(tokens: tuple[str, ...], parts: Sequence[tuple[str, int, int]], place: int, text: str) -> bool:
    """Do the words from `place` on match, with no end of a sentence between them?"""
    if place + len(tokens) > len(parts):
        return False
    for offset in range(1, len(tokens)):
        have, start, _ = parts[place + offset]
        if _STOP.search(text, parts[place + offset - 1][2], start):
            return False
        want = tokens[offset]
        if want.endswith("*"):
            want, have = want[:-1], have[: len(want) - 1]
        if want not in (have, have.lower()):
            return False
    return True


def vocabulary(rulebook: Rulebook, on: date) -> Vocabulary:
    """The phrases in force on `on`; dates between which nothing changes share one."""
    edges = rulebook.remember("note-words-change", lambda: _edges(rulebook))
    return rulebook.remember(("note-words", bisect_right(edges, on.isoformat())), lambda: _vocabulary(rulebook, on))


def _edges(rulebook: Rulebook) -> list[str]:
    table = rulebook.tables["note_words"]
    places = [table.columns.index(name) for name in ("from", "until")]
    return sorted({row[place] for row in table.rows for place in places} - {""})


def _vocabulary(rulebook: Rulebook, on: date) -> Vocabulary:
    table = rulebook.tables["note_words"]
    keys = dict.fromkeys(row[0] for row in table.rows)
    rows = (rulebook.row("note_words", key, on) for key in keys)
    return Vocabulary([(row["words"], row["kinds"], row["value"]) for row in rows if row is not None])
