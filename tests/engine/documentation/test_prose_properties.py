"""What holds of every text: what is read stands there, less text shows no more, and noise shows nothing."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fifteen.engine.documentation.answer import NoteAnswer, Words
from fifteen.engine.documentation.check import check_note
from fifteen.engine.documentation.note import Kind, Note
from fifteen.engine.documentation.reading import Reading, reading_of
from fifteen.rulebook import Rulebook, load_rulebook
from tests.case_tables import CASES
from tests.engine.documentation.conftest import DAY
from tests.tiers import examples

BOOK: Rulebook = load_rulebook()
NOTES = [
    msgspec.convert(json.loads(path.read_text("utf-8"))["note"], Note)
    for path in sorted((CASES / "documentation" / "terse").glob("*.json"))
]
KINDS: tuple[Kind, ...] = ("evaluation", "re-evaluation", "plan-of-care", "treatment", "progress-report", "discharge")
# What the words of time look like beside a number, apart from how the engine looks for them.
TIME = re.compile(r"min|['’′]|time|tot|TCM|TCT|TTM|TTT|\bm\b|treatment|tx|session|visit|therapy", re.IGNORECASE)
BESIDE = 45  # characters: about six words
LOOKALIKES = str.maketrans("aeopcxyiTMPAKH15", "аеорсхуіТМРАКН１５")

prose = st.builds(lambda note: note.text, st.sampled_from(NOTES))


def bare(text: str, kind: Kind = "treatment") -> Note:
    return Note(on=DAY, kind=kind, text=text)


def checked(text: str, kind: Kind = "treatment") -> NoteAnswer:
    return check_note(bare(text, kind), BOOK)


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, Kind]:
    """A terse note with some words deleted, doubled, swapped, in other case or in letters that look alike."""
    note = draw(st.sampled_from(NOTES))
    words = re.findall(r"\S+|\s+", note.text)
    for _ in range(draw(st.integers(1, 8))):
        at, to = draw(st.integers(0, len(words) - 1)), draw(st.integers(0, len(words) - 1))
        match draw(st.sampled_from(("delete", "double", "swap", "upper", "lower", "alike"))):
            case "delete":
                words[at] = ""
            case "double":
                words[at] += words[at]
            case "swap":
                words[at], words[to] = words[to], words[at]
            case "upper":
                words[at] = words[at].upper()
            case "lower":
                words[at] = words[at].lower()
            case _:
                words[at] = words[at].translate(LOOKALIKES)
    return "".join(words), draw(st.sampled_from((note.kind, *KINDS)))


def stands(reading: Reading, answer: NoteAnswer) -> None:
    """Every piece of evidence occurs literally in the text, at the place that it names."""
    text = reading.note.text
    read = [each for found in reading.found.values() for each in found]
    read += [each.words for each in reading.services] + [each.timed for each in reading.services if each.timed]
    read += [each.words for each in reading.signatures]
    read += [each.words for each in (reading.timed, reading.total) if each is not None]
    assert all(each.where == "text" and each.text for each in read)
    assert [text[each.start : each.end].strip() for each in read] == [each.text for each in read]
    shown = [each for each in answer.elements if each.satisfied]
    assert all(each.words and each.where == "text" and each.span is not None for each in shown)
    assert all(text[each.span[0] : each.span[1]].strip() == each.words for each in shown if each.span)
    assert [text[slice(*each.span)] for each in answer.unread] == [each.text for each in answer.unread]


def minutes_stand(reading: Reading) -> None:
    """A number of minutes is a whole number of the text, not a piece of one, and words of time stand beside a total."""
    stated = [(each.minutes, each.words) for each in (reading.timed, reading.total) if each is not None]
    for minutes, words in stated:
        assert minutes in whole_numbers(reading.note.text, words)
        assert TIME.search(near(reading.note.text, words))
    for service in reading.services:
        if service.minutes is not None:
            assert service.timed is not None
            assert service.minutes in whole_numbers(reading.note.text, service.timed)


def whole_numbers(text: str, words: Words) -> set[int]:
    """The whole numbers that stand within `words`; `2.5`, `2026` and `1,200` are one number each."""
    assert words.start is not None
    assert words.end is not None
    spans = [(match, match.start(), match.end()) for match in re.finditer(r"\d+(?:\.\d+|(?:,\d{3})+(?!\d))?", text)]
    return {
        int(match[0])
        for match, start, end in spans
        if words.start <= start and end <= words.end and match[0].isdecimal()
    }


def near(text: str, words: Words) -> str:
    return text[max(0, (words.start or 0) - BESIDE) : (words.end or 0) + BESIDE]


@given(mutated())
@settings(deadline=None)
def test_what_was_read_stands_in_the_text(case: tuple[str, Kind]) -> None:
    text, kind = case
    reading = reading_of(bare(text, kind), BOOK)
    stands(reading, checked(text, kind))
    minutes_stand(reading)


@given(st.text(max_size=400), st.sampled_from(KINDS))
@settings(deadline=None)
def test_any_text_is_read_without_a_crash(text: str, kind: Kind) -> None:
    reading = reading_of(bare(text, kind), BOOK)
    stands(reading, checked(text, kind))
    minutes_stand(reading)


@given(st.sampled_from(NOTES), st.data())
@settings(deadline=None)
def test_less_text_shows_no_more(note: Note, data: Any) -> None:
    sentences = re.findall(r".+?(?:[.;\n](?!\d)\s*|$)", note.text, re.DOTALL)
    out = data.draw(st.integers(0, len(sentences) - 1))
    rest = "".join(sentences[:out] + sentences[out + 1 :])
    before, after = checked(note.text, note.kind), checked(rest, note.kind)
    shown = {each.id for each in before.elements if each.satisfied}
    left = {each.id for each in after.elements if each.satisfied}
    if set(after.services) < set(before.services):
        left -= {"service-minutes"}  # asked of each service that is named, and now fewer are
    assert left <= shown, sentences[out]


CLOSE = st.sampled_from(
    ["2026", "38", "15", "7.5", "1,200", "0", "120", " ", " ", " ", "/", ":", ",", ". ", "(", ")", "\n", "-", "min",
     "'", "timed", "total", "TTT", "treatment time", "TE", "MT", "97110", "97140", "NMR", "units", "x", "of", "minutes",
     "P:", "reps", "ft", "tx"]
)  # fmt: skip


@given(st.lists(CLOSE, max_size=14).map("".join))
@settings(deadline=None, max_examples=examples(400))
def test_minutes_are_whole_numbers_however_close_they_stand(text: str) -> None:
    reading = reading_of(bare(text), BOOK)
    stands(reading, checked(text))
    minutes_stand(reading)


WEATHER = "Rain in the morning, sunny by noon with clouds over the hills. Wind from the west; a cold night follows."
RECIPE = "Beat the eggs, fold in flour and sugar, then bake until golden. Let it cool and serve with cream."
NOISE = [
    "", " \n\t  \r\n ", "38 38 15 23 97 100 2026", WEATHER, RECIPE, "\x00\x01\x07\x1b[31m\x7f\u200b\u202e",
    "½ ² ٣٨ ３８ Ⅳ", "Погода сегодня хорошая, завтра будет дождь.", "今日は天気がいいです。明日は雨です。",
    "الطقس جميل اليوم", "🙂" * 50,
    "x" * 50_000, "qwfp zxcv jkl " * 3_500, ". ; : , " * 6_000, "((((" * 12_500, "1/" * 25_000, "7 " * 25_000,
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", NOISE, ids=range(len(NOISE)))
def test_text_without_therapy_shows_nothing(text: str, kind: Kind) -> None:
    answer = checked(text, kind)
    assert [(each.id, each.words) for each in answer.elements if each.satisfied] == []
    assert (answer.timed_minutes, answer.total_minutes, answer.services) == (None, None, ())
