"""Whatever is written: nothing is invented, nothing crashes, and taking words away adds no service."""

from __future__ import annotations

import re
from collections import Counter
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fifteen.rulebook import Rulebook, load_rulebook
from fifteen.scribe.clock import between, clocks
from fifteen.scribe.draft import Draft
from fifteen.scribe.read import read
from fifteen.scribe.tokens import tokens
from tests.scribe.conftest import HOME, texts
from tests.tiers import examples

BOOK = load_rulebook()
NOTES = [str(each["text"]) for name in ("development.jsonl", "own-talk.jsonl") for each in texts(name)]
NOISE = [line for line in (HOME / "noise.txt").read_text("utf-8").splitlines() if line.strip()]
CUE = re.compile(r"(?i)\b(?:hep|home|next|last|plan|goal|declin|defer|issued|tomorrow)|^\w{1,12}:")


def grounded(draft: Draft) -> None:
    """Each value stands in the text at the place it names."""
    found = tokens(draft.text)
    numbers = {each.value for each in found if each.kind == "number"}
    times = clocks(found, [each.value for each in found])
    spans = {between(*pair) for pair in permutations(times, 2)}
    for service in draft.services:
        assert draft.text[slice(*service.source)].strip()
        if service.minutes is not None:
            assert service.minutes in numbers or service.minutes in spans
        for each in service.exercises:
            assert draft.text[slice(*each.source)].strip()
            for value in (each.sets, each.reps, each.hold_s):
                assert value is None or value in numbers
            assert each.duration_s is None or each.duration_s in numbers or each.duration_s % 60 == 0


@pytest.mark.parametrize("text", NOTES)
def test_every_value_stands_in_the_text(text: str) -> None:
    grounded(read(text, BOOK))


@pytest.mark.parametrize("text", NOISE)
def test_text_without_therapy_is_an_empty_draft_that_says_so(text: str) -> None:
    draft = read(text, BOOK)
    assert draft.services == ()
    assert [each.id for each in draft.findings] == ["scribe.no-treatment"]


@pytest.mark.parametrize("text", NOTES)
def test_taking_a_sentence_away_adds_no_service(text: str) -> None:
    """But for a sentence that says the others were not done today, and what follows a heading."""
    parts = re.split(r"(?<=[.;\n])\s+", text)
    whole = Counter(each.family for each in read(text, BOOK).services)
    for place, part in enumerate(parts):
        if CUE.search(part) or len(parts) == 1:
            continue
        less = read(" ".join(parts[:place] + parts[place + 1 :]), BOOK)
        named = Counter(each.family for each in less.services if each.stated)
        assert named <= whole, part


@st.composite
def mutated(draw: st.DrawFn) -> str:
    words = draw(st.sampled_from(NOTES)).split(" ")
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(0, len(words) - 1))
        match draw(st.integers(0, 5)):
            case 0:
                words.pop(place)
            case 1:
                words.insert(place, words[place])
            case 2:
                other = draw(st.integers(0, len(words) - 1))
                words[place], words[other] = words[other], words[place]
            case 3:
                words[place] = words[place].swapcase()
            case 4:
                words[place] = words[place][::-1]
            case _:
                words.insert(place, draw(st.text(max_size=4)))
        words = words or [""]
    return " ".join(words)


@settings(max_examples=examples(300))
@given(mutated())
def test_a_mutated_note_neither_crashes_nor_invents(text: str) -> None:
    grounded(read(text, BOOK))


@pytest.mark.nightly
@settings(max_examples=10_000, deadline=None)
@given(mutated())
def test_ten_thousand_mutated_notes(text: str) -> None:
    grounded(read(text, BOOK))


@given(st.text(max_size=300))
def test_any_text_reads(text: str) -> None:
    grounded(read(text, BOOK))


def test_the_same_text_is_the_same_draft(rulebook: Rulebook) -> None:
    assert read(NOTES[0], rulebook) == read(NOTES[0], BOOK)
