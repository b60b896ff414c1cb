"""What can be read of a note: its fields as they are, and in its prose what words and numbers plainly say.

Nothing is invented: what is read from prose keeps its exact words and where they stand, and a stretch in which nothing
was read is named. Prose under the heading of the plan is what will be done, so no service or minute is read there.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from fifteen.engine.documentation.answer import Unread, Words
from fifteen.engine.documentation.minutes import (
    IN_MINUTES,
    SERVICE_AFTER,
    SERVICE_BEFORE,
    Stated,
    totals,
)
from fifteen.engine.documentation.note import Note
from fifteen.engine.documentation.numbers_in_prose import NUMBERS
from fifteen.engine.documentation.words import Mention, Vocabulary, vocabulary
from fifteen.engine.people import Role
from fifteen.kernel.errors import UnknownCode
from fifteen.rulebook import Rulebook

_CODE = re.compile(r"\b[0-9A-V][0-9]{3}[0-9FTU]\b")
_HEADING = re.compile(
    r"(?<![A-Za-z0-9/])(?:(S|Subj\w*)|(O|Obj\w*|Tx|Treatment|Interventions?)"
    r"|(A|A/P|Assess\w*)|(P|Plan(?:\sof\scare)?))\s*:",
    re.IGNORECASE,
)
_PARTS = "SOAP"
_STRETCH = re.compile(r"[^.;\n]+(?:\.(?=\d)[^.;\n]+)*")
_NAME = re.compile(r"((?:[A-Z][\w.'’-]*\s+){0,2}[A-Z][\w.'’-]*)((?:\s*,\s*[A-Z][A-Za-z/.-]{1,6})*)\s*(?P<comma>,?)\s*$")
_BEHIND_SIGNATURE = re.compile(r"\s*(?:$|[\n;)]|[,.]?\s*(?:\d|lic|#|$|\n)|[/,]\s*[A-Z])", re.IGNORECASE)
_NAME_REACH = 48  # not law: how far before a credential a name may begin, in characters
_SIGNED_REACH = 4  # not law: how many words that mean something may stand between `signed` and the credential
_VALUE_REACH = 30  # not law: how far behind the name of a measurement its value may begin, in characters
_SEGMENT = 160  # not law: how far behind a service its minutes may stand, in characters
_SAME = 8  # not law: a code and its name this close together are one service
_BARE = 5  # not law: a bare number behind a service is minutes from here on; fewer may be units
_MOST_BARE = 120  # not law: a bare number beyond two hours is something else
_SPOKEN = ("subjective", "response", "adverse", "assessment", "plan", "home_programme", "precautions")
_DENIED = frozenset(
    {"service", "skill", "goal", "reason", "diagnosis", "condition", "progression", "reevaluation", "maintenance"}
)
_NOT_YET = frozenset(
    {
        "skill",
        "response",
        "change",
        "progression",
        "progress",
        "dose",
        "load",
        "movement",
        "measure",
        "measured",
        "pain",
    }
)
_AT_HOME = re.compile(r"\b(?:HEP|home\s(?:exercise\s)?program(?:me)?)\b[^.;\n]*", re.IGNORECASE)
# Sentences that say what will be done, and those that begin with what an earlier visit held.
_WILL = re.compile(
    r"(?:(?<=[.,;\n])|^)[^.,;\n]*\b(?:next\s(?:visit|session|treatment|tx)|nv)\b[^.;\n]*|\bwill\s(?!benefit)[^.;\n]*"
    r"|(?:(?<=[.;\n:])|^)[^\S\n]*(?:at\s|on\s)?(?:last|previous|prior)\s(?:visit|session|treatment|tx)\b"
    r"(?:(?!\b(?:today|now)\b|->|→)[^.;\n])*",
    re.IGNORECASE,
)
_ANSWERED_BY_NONE = re.compile(r"\s*[:=]\s*(?:none|nil|n/?a|tbd|unknown)\b", re.IGNORECASE)
_DOSED = frozenset({"dose", "load", "movement", "region"})


class ReadService(msgspec.Struct, frozen=True):
    """A service that a note names, by code where one is known; `timed` are the words that state its minutes.

    `field` is its place among the note's own services.
    """

    code: str | None
    minutes: int | None
    words: Words
    field: int | None = None
    timed: Words | None = None


class ReadSignature(msgspec.Struct, frozen=True):
    """A signature: a field of the note, or a name with a credential behind it in the prose."""

    role: Role
    credential: str
    words: Words
    person: str = ""
    part: str = "author"


class Reading:
    """A note and what was read of it: `found` holds words by what they may be evidence of.

    `unsure`: its prose speaks of time in words whose numbers were not read.
    """

    def __init__(self, note: Note) -> None:
        self.note = note
        self.found: dict[str, list[Words]] = {}
        self.timed: Stated | None = None
        self.total: Stated | None = None
        self.services: list[ReadService] = []
        self.signatures: list[ReadSignature] = []
        self.unread: list[Unread] = []
        self.unsure = False

    def first(self, *kinds: str) -> Words | None:
        """The first words found of any of these kinds, in the order of the kinds."""
        return next((self.found[kind][0] for kind in kinds if kind in self.found), None)

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(each.code for each in self.services if each.code is not None))

    def _add(self, kind: str, words: Words) -> None:
        self.found.setdefault(kind, []).append(words)


def reading_of(note: Note, rulebook: Rulebook) -> Reading:
    """Read `note`: its fields first, then its prose."""
    reading = Reading(note)
    words = vocabulary(rulebook, note.on)
    _fields(reading, words)
    for where in _SPOKEN:
        text = getattr(note, where)
        if text:
            whole = [(0, len(text))]
            planned = whole if where == "plan" else _where(_WILL, text)
            spans = _Spans(planned, whole if where == "home_programme" else _where(_AT_HOME, text))
            _spans(reading, text, where, words.find(text), spans)
    if note.text:
        _prose(reading, rulebook, words)
    return reading


def _fields(reading: Reading, words: Vocabulary) -> None:
    note = reading.note
    for name, minutes in (("timed_minutes", note.timed_minutes), ("total_minutes", note.total_minutes)):
        if minutes is not None:
            stated = Stated(minutes, Words(str(minutes), name))
            if name == "timed_minutes":
                reading.timed = stated
            else:
                reading.total = stated
    for place, service in enumerate(note.services):
        code, said = service.code, service.what
        if code is None and said:
            code = next((m.phrase.value for m in words.find(said) if m.phrase.kinds[0] == "service"), None)
        if code is not None or said:
            at = Words(" ".join(filter(None, (service.code, said))), f"services.{place}")
            timed = Words(f"{at.text} {service.minutes}", at.where) if service.minutes is not None else None
            reading.services.append(ReadService(code, service.minutes, at, place, timed))
        for said in (service.response, service.progression):
            for mention in words.find(said):
                if "unskilled" in mention.phrase.kinds:
                    reading._add("unskilled", Words(said[mention.start : mention.end], f"services.{place}"))
    for place, each in enumerate(note.signatures):
        if each.person:
            at = Words(" ".join(filter(None, (each.person, each.credential))), f"signatures.{place}")
            reading.signatures.append(ReadSignature(each.role, each.credential, at, each.person, each.part))


class _Spans(msgspec.Struct, frozen=True):
    """Where a text tells what will be or was done at another visit, and what is done at home.

    Neither shows what was done at this one.
    """

    planned: Sequence[tuple[int, int]]
    home: Sequence[tuple[int, int]]

    def shows(self, kind: str, start: int) -> bool:
        if kind in _NOT_YET and _inside(self.planned, start):
            return False
        return kind not in _DOSED or not _inside(self.home, start)


def _inside(spans: Sequence[tuple[int, int]], place: int) -> bool:
    """Is `place` in one of the spans, which are in order and apart?"""
    before = bisect_right(spans, place, key=lambda span: span[0])
    return before > 0 and place < spans[before - 1][1]


def _apart(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same spans in order, those that overlap as one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _where(pattern: re.Pattern[str], text: str) -> list[tuple[int, int]]:
    return [match.span() for match in pattern.finditer(text)]


def _spans(reading: Reading, text: str, where: str, mentions: list[Mention], spans: _Spans) -> list[Mention]:
    """Add what the words and numbers of a text may be evidence of; the mentions that were not denied are returned."""
    kept = []
    nots = {each.end + 1 for each in mentions if "not" in each.phrase.kinds}
    for place, each in enumerate(mentions):
        kinds = each.phrase.kinds
        before = mentions[place - 1] if place else None
        after = mentions[place + 1] if place + 1 < len(mentions) else None
        denied = before is not None and "not" in before.phrase.kinds and each.start - before.end <= 1
        denied = denied or _ANSWERED_BY_NONE.match(text, each.end) is not None
        dropped = (
            "service" in kinds
            and after is not None
            and "disclaimed" in after.phrase.kinds
            and after.start - each.end <= 2
        )
        words = Words(text[each.start : each.end], where, each.start, each.end)
        for kind in kinds:
            if kind == "service" or (denied and kind in _DENIED) or not spans.shows(kind, each.start):
                continue
            reading._add(kind, words)
            if kind == "measure" and any(map(str.isdigit, text[each.end : each.end + _VALUE_REACH])):
                reading._add("measured", words)
        if not (denied or dropped):
            kept.append(each)
    for kind, pattern in NUMBERS.items():
        for match in pattern.finditer(text):
            if spans.shows(kind, match.start()) and not (kind in _DENIED and match.start() in nots):
                reading._add(kind, Words(match[0], where, match.start(), match.end()))
    return kept


def _prose(reading: Reading, rulebook: Rulebook, words: Vocabulary) -> None:
    text = reading.note.text
    mentions = words.find(text)
    planned = list(_planned(reading, text))
    kept = _spans(
        reading, text, "text", mentions, _Spans(_apart([*planned, *_where(_WILL, text)]), _where(_AT_HOME, text))
    )
    stated = totals(text, "text")
    reading.unsure = stated.unsure
    reading.timed = reading.timed or stated.timed
    reading.total = reading.total or stated.total
    given = list(_given(reading, rulebook, kept, planned))
    taken = [*stated.spans]
    for place, (code, start, end) in enumerate(given):
        until = min(given[place + 1][1] if place + 1 < len(given) else len(text), end + _SEGMENT)
        since = given[place - 1][2] if place else 0
        said = _minutes(text, start, end, until, since, taken)
        named = Words(text[start:end], "text", start, end)
        if said is None:
            reading.services.append(ReadService(code, None, named))
            continue
        minutes, first, last = said
        taken.append((first, last))
        first, last = min(start, first), max(end, last)
        timed = Words(text[first:last].strip(), "text", first, last)
        reading.services.append(ReadService(code, minutes, named, timed=timed))
    _signatures(reading, text, mentions, words)
    _unread(reading, text, mentions, stated.spans, given)


def _planned(reading: Reading, text: str) -> Iterator[tuple[int, int]]:
    """The spans under the heading of the plan; every heading begins a part, and what stands in one is its evidence."""
    marks = list(_HEADING.finditer(text))
    for place, mark in enumerate(marks):
        until = marks[place + 1].start() if place + 1 < len(marks) else len(text)
        part = _PARTS[next(number for number, group in enumerate(mark.groups()) if group)]
        body = text[mark.end() : until].strip()
        if body:
            start = text.index(body, mark.end())
            reading._add(f"part-{part}", Words(body, "text", start, start + len(body)))
        if part == "P":
            yield mark.end(), until


def _given(
    reading: Reading, rulebook: Rulebook, mentions: list[Mention], planned: list[tuple[int, int]]
) -> Iterator[tuple[str, int, int]]:
    """Services that the prose says were given: by code or by name, a code with its name beside it once."""
    text, on = reading.note.text, reading.note.on
    found = [(m.phrase.value, m.start, m.end, False) for m in mentions if m.phrase.kinds[0] == "service"]
    for match in _CODE.finditer(text):
        try:
            rulebook.service(match[0], on)
        except UnknownCode:
            continue
        found.append((match[0], match.start(), match.end(), True))
    found.sort(key=lambda each: (each[1], -each[2]))
    last: tuple[str, int, int] | None = None
    by_code = False
    for code, start, end, is_code in found:
        if any(since <= start < until for since, until in planned):
            continue
        if last is not None and start - last[2] <= _SAME and (code == last[0] or is_code != by_code):
            joined = text[last[2] : start]
            if code == last[0] or not any(each.isalnum() or each in ",;\n" for each in joined):
                last = (code if is_code else last[0], last[1], max(end, last[2]))
                by_code = by_code or is_code
                continue
        if last is not None:
            yield last
        last, by_code = (code, start, end), is_code
    if last is not None:
        yield last


def _minutes(
    text: str, start: int, end: int, until: int, since: int, taken: list[tuple[int, int]]
) -> tuple[int, int, int] | None:
    """The minutes of a service and their span: behind its name, before it, or last in brackets behind it."""
    after = SERVICE_AFTER.match(text, end, until)
    if after is not None and _free(after.span("n"), taken):
        minutes = int(after["n"])
        sure = not after[0].rstrip()[-1:].isdigit() or ":" in after[0]
        if sure or _BARE <= minutes <= _MOST_BARE:
            return minutes, after.start("n"), after.end()
    before = SERVICE_BEFORE.search(text[since:start])
    if before is not None and _free((since + before.start("n"), start), taken):
        return int(before["n"]), since + before.start("n"), since + before.end()
    behind = [match for match in IN_MINUTES.finditer(text, end, until) if _free(match.span("n"), taken)]
    if behind and text[behind[-1].start() - 1] == "(":
        return int(behind[-1]["n"]), behind[-1].start(), behind[-1].end()
    return None


def _free(span: tuple[int, int], taken: list[tuple[int, int]]) -> bool:
    return not any(start <= span[0] < end for start, end in taken)


def _signatures(reading: Reading, text: str, mentions: list[Mention], words: Vocabulary) -> None:
    """A name with a credential behind it, where the prose or a line of it ends, or behind the word `signed`."""
    last = 0
    for place, each in enumerate(mentions):
        if "credential" not in each.phrase.kinds or not _BEHIND_SIGNATURE.match(text, each.end):
            continue
        if last and not any(map(str.isspace, text[last : each.start].lstrip(", "))):
            last = each.end  # a further credential of the same name
            continue
        since = max(0, each.start - _NAME_REACH)
        name = _NAME.search(text[since : each.start].replace("\n", ";"))
        if name is None:
            continue
        near = mentions[max(0, place - _SIGNED_REACH) : place]
        signed = any("signed" in one.phrase.kinds for one in near)
        parts = name[1].split()
        while parts and (_ends(parts[0]) or (len(parts[0]) > 1 and words.find(parts[0]))):
            parts.pop(0)
        if not parts and not (signed or name["comma"]):
            continue
        said = " ".join(parts) or name[1].split()[-1]
        start = text.rindex(said.split()[0], since, each.start)
        at = Words(text[start : each.end], "text", start, each.end)
        reading.signatures.append(ReadSignature(_ROLES[each.phrase.value], text[each.start : each.end], at))
        last = each.end


def _ends(word: str) -> bool:
    """Does a sentence end behind this word, so that no name begins with it? An initial has a full stop too."""
    return word.endswith(".") and len(word.rstrip(".")) > 1


_ROLES: dict[str, Role] = {"therapist": "therapist", "assistant": "assistant", "student": "student"}


def _unread(
    reading: Reading,
    text: str,
    mentions: list[Mention],
    stated: list[tuple[int, int]],
    given: list[tuple[str, int, int]],
) -> None:
    known = [each.start for each in mentions] + [start for start, _ in stated] + [start for _, start, _ in given]
    known += [each.words.start for each in reading.signatures if each.words.start is not None]
    numbers = [each for kind in NUMBERS for each in reading.found.get(kind, ())]
    known += [each.start for each in numbers if each.where == "text" and each.start is not None]
    known.sort()
    place = 0
    for match in _STRETCH.finditer(text):
        while place < len(known) and known[place] < match.start():
            place += 1
        inside = place < len(known) and known[place] < match.end()
        if not inside and sum(map(str.isalnum, match[0])) > 2:
            body = match[0].strip()
            start = match.start() + match[0].index(body)
            reading.unread.append(Unread(body, (start, start + len(body))))
