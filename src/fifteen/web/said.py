"""The engine's sentences in another language.

The engine speaks English. Its sentences stand in the catalogue `engine.po` as they stand in its source, with a named
field where a value goes (`scripts/messages.py` tells how fields are read). Here a finished sentence is taken apart
again: the message whose words it holds gives its translation, and what stood in the fields is translated in turn. A
sentence is translated whole or left as it is.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from django.utils.translation import get_language

LOCALE = Path(__file__).parent / "locale"

_FIELD = re.compile(r"\{(\w+)(!r|:\w+)?\}")
_HOW = {
    "": r"\S*[^\s.,;:]",
    "!r": r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|[^'\"\s]\S*?",
    ":more": r"(?: .+?)?",
}
_WORDY = re.compile(r"[A-Za-z]{2}")
_VERB = re.compile(r"(?:^|\s)(?:are|gave|has|is|it|its|not|that|was|were|which)\s")
_ENGLISH = re.compile(
    r"(?:^|\s)(?:an?|and|are|as|at|by|for|from|has|in|is|it|its|no|not|of|on|or|that|the|to|was|which)\s"
)
SENTENCE = re.compile(r"(?<=[.!?])(?<!\bDr\.) (?=[A-Z0-9\"'])")  # who attests may be called Dr. Lee
_ITEMS = ("{items} and for {last}", "{items} and {last}", "{items} or {last}")
_CLAUSES = "{items}; or {last}"
# What somebody typed stands in some sentences, and may not keep the look-up busy: beyond these it stays English.
_LONGEST = 1_000
_DEEPEST = 12
_MOST_STEPS = 200
_MOST_CUTS = 12
_INDEXED = 5


def said(text: str, language: str | None = None) -> str:
    """`text` in `language` (by default the active one): each sentence of it whole, or as the engine said it."""
    return said_whole(text, language)[0]


def said_whole(text: str, language: str | None = None) -> tuple[str, bool]:
    """As `said`, and whether nothing of it stayed English."""
    language = language or get_language() or "en"
    catalogue = _catalogue(language.replace("_", "-").partition("-")[0].lower())
    return (text, True) if catalogue is None else _said(catalogue, text)


@lru_cache(maxsize=8192)
def _said(catalogue: _Catalogue, text: str) -> tuple[str, bool]:
    if len(text) > _LONGEST:
        return text, False
    whole = catalogue.words(text, _Steps())
    if whole is not None:
        return whole, True
    sentences = [(catalogue.words(each, _Steps()), each) for each in SENTENCE.split(text)]
    whole_each = all(found is not None for found, _ in sentences)
    return " ".join(each if found is None else found for found, each in sentences), whole_each


class _Steps:
    """How deep the look-up of one sentence is, and how much of it is left."""

    __slots__ = ("depth", "left")

    def __init__(self) -> None:
        self.depth, self.left = 0, _MOST_STEPS


class _Template(NamedTuple):
    """A message with fields: what finds it, and its translation."""

    pattern: re.Pattern[str]
    head: str
    tail: str
    middle: str
    kinds: dict[str, str]
    spelled: int
    translation: str


class _Catalogue:
    """The messages of one language. A template is found by how it starts or ends, and the wordiest is tried first."""

    def __init__(self, messages: dict[str, str]) -> None:
        self.messages = messages
        self.starts: dict[str, list[_Template]] = {}
        self.ends: dict[str, list[_Template]] = {}
        self.others: list[_Template] = []
        for id_, text in messages.items():
            if not _FIELD.search(id_) or id_ in (*_ITEMS, _CLAUSES):
                continue
            template = _template(id_, text)
            if len(template.head) >= _INDEXED:
                self.starts.setdefault(template.head[:_INDEXED], []).append(template)
            elif len(template.tail) >= _INDEXED:
                self.ends.setdefault(template.tail[-_INDEXED:], []).append(template)
            else:
                self.others.append(template)

    def words(self, text: str, steps: _Steps) -> str | None:
        """The translation of a sentence or of words in one; None where a part of it has none."""
        found = self.messages.get(text)
        if found is not None:
            return found
        if not _WORDY.search(text):
            return text  # figures alone
        if steps.depth > _DEEPEST or steps.left <= 0:
            return None
        steps.depth += 1
        steps.left -= 1
        found = self._composed(text, steps)
        steps.depth -= 1
        return found

    def _composed(self, text: str, steps: _Steps) -> str | None:
        # Where a sentence begins with words that stand elsewhere too, its capital is not theirs.
        small = text[0].lower() + text[1:]
        found = self.messages.get(small) or self._filled(text, small, steps) or self._parted(text, steps)
        if found is not None and text[0].isupper():
            return found[0].upper() + found[1:]
        return found

    def _filled(self, text: str, small: str, steps: _Steps) -> str | None:
        """By the wordiest template whose fields can all be translated; `small` is `text` without its capital."""
        found = [(each, text) for each in self._candidates(text)]
        if small != text:
            found += [(each, small) for each in self._candidates(small)]
        for template, said_so in sorted(found, key=lambda each: -each[0].spelled):
            match = template.pattern.fullmatch(said_so)
            if match is None:
                continue
            parts = {}
            for name, value in match.groupdict().items():
                part = self._part(template.kinds[name], value, steps)
                if part is None:
                    break
                parts[name] = part
            else:
                return _fill(template.translation, parts)
        return None

    def _candidates(self, text: str) -> list[_Template]:
        near = self.starts.get(text[:_INDEXED], []) + self.ends.get(text[-_INDEXED:], []) + self.others
        return [
            each for each in near if each.middle in text and text.startswith(each.head) and text.endswith(each.tail)
        ]

    def _part(self, kind: str, value: str, steps: _Steps) -> str | None:
        match kind:
            case ":words":
                return self.words(value, steps)
            case ":more":
                rest = self.words(value[1:], steps) if value else ""
                return rest and f" {rest}"
            case ":name":
                return self.words(value, steps) or (None if _VERB.search(value) else value)
            case ":list":
                return self._listed(value, steps)
            case ":text":
                return None if _ENGLISH.search(value) else value  # what reads like a sentence is no name
        return value

    def _listed(self, text: str, steps: _Steps) -> str | None:
        """`a, b and c`, each item a name."""
        if steps.left <= 0:
            return None
        steps.left -= 1
        whole = self.messages.get(text) or self._filled(text, text, steps)
        if whole is not None:
            return whole
        for joint in _ITEMS:
            items, between, last = text.rpartition(_FIELD.sub("", joint))
            if between:
                return self._joined(self.messages.get(joint, joint), items, last, steps)
        told = [self._part(":text", self.messages.get(each, each), steps) for each in text.split(", ")]
        return None if None in told else ", ".join(each for each in told if each is not None)

    def _joined(self, joint: str, items: str, last: str, steps: _Steps) -> str | None:
        first, rest = self._listed(items, steps), self._listed(last, steps)
        return None if first is None or rest is None else _fill(joint, {"items": first, "last": rest})

    def _parted(self, text: str, steps: _Steps) -> str | None:
        """Several sentences, or several clauses of one, each translated by itself."""
        for head, joint, tail in islice(self._cuts(text), _MOST_CUTS):
            first = self.words(head, steps)
            rest = None if first is None else self.words(tail, steps)
            if first is not None and rest is not None:
                return first + joint + rest
        return None

    def _cuts(self, text: str) -> Iterator[tuple[str, str, str]]:
        for cut in SENTENCE.finditer(text):
            yield text[: cut.start()], " ", text[cut.end() :]
        joint = self.messages.get(_CLAUSES, _CLAUSES)
        for between, said_so in ((_FIELD.sub("", _CLAUSES), _FIELD.sub("", joint)), ("; ", "; ")):
            head, found, tail = text.partition(between)
            while found:
                yield head, said_so, tail
                more, found, tail = tail.partition(between)
                head = f"{head}{between}{more}"


def _fill(text: str, parts: dict[str, str]) -> str:
    return _FIELD.sub(lambda field: parts[field[1]], text)


def _template(id_: str, translation: str) -> _Template:
    kinds: dict[str, str] = {}
    pattern, at = "", 0
    pieces = []
    for field in _FIELD.finditer(id_):
        name, kind = field[1], field[2] or ""
        pieces.append(id_[at : field.start()])
        pattern += re.escape(pieces[-1])
        # A name may end in a full stop, but at the end of a sentence the stop is the sentence's.
        anything = ".+?" if field.end() < len(id_) else r".*[^\s.,;:]"
        pattern += f"(?P={name})" if name in kinds else f"(?P<{name}>{_HOW.get(kind, anything)})"
        kinds[name] = kind
        at = field.end()
    pieces.append(id_[at:])
    pattern += re.escape(pieces[-1])
    return _Template(
        re.compile(pattern, re.DOTALL), pieces[0], pieces[-1], max(pieces, key=len), kinds,
        sum(map(len, pieces)), translation,
    )  # fmt: skip


@lru_cache(maxsize=16)
def _catalogue(language: str) -> _Catalogue | None:
    """The catalogue of a language; None where there is none, as for English."""
    path = LOCALE / language / "LC_MESSAGES" / "engine.mo"
    if not re.fullmatch("[a-z]{2,3}", language) or not path.is_file():
        return None
    return _Catalogue(_read(path.read_bytes()))


def _read(data: bytes) -> dict[str, str]:
    """The messages of a .mo file, without its header."""
    _, _, count, ids, texts = struct.unpack_from("<5I", data)

    def text(table: int, place: int) -> str:
        length, start = struct.unpack_from("<2I", data, table + 8 * place)
        return data[start : start + length].decode()

    found = {text(ids, place): text(texts, place) for place in range(count)}
    found.pop("", None)
    return found
