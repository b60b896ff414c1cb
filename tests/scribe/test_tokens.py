"""Tokens keep their place, and spoken numbers are numbers."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fifteen.scribe.tokens import tokens


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("twelve minutes", [12]),
        ("twenty one minutes", [21]),
        ("twenty-one minutes", [21]),
        ("one hundred fifty feet", [150]),
        ("one hundred and five feet", [105]),
        ("one point five pounds", [1.5]),
        ("two and a half pounds", [2.5]),
        ("three by twelve", [3, 12]),
        ("3x10 2.5#", [3, 10, 2.5]),
        ("x10", [10]),
        ("1,200 ml", [1200]),
        ("18min", [18]),
        ("nobody", []),
        ("L2 C5", []),
    ],
)
def test_numbers(text: str, numbers: list[float]) -> None:
    assert [each.value for each in tokens(text) if each.kind == "number"] == numbers


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("9:05", [545]),
        ("9:05am-9:20am", [545, 560]),
        ("2:00p to 2:53p", [840, 893]),
        ("12:10pm", [730]),
        ("1:1 TE", []),
    ],
)
def test_clock_times_are_minutes_of_the_day(text: str, minutes: list[int]) -> None:
    assert [each.value for each in tokens(text) if each.kind == "clock"] == minutes


@given(st.text(max_size=200))
def test_each_token_stands_where_it_says(text: str) -> None:
    found = tokens(text)
    for before, after in pairwise(found):
        assert before.span[1] <= after.span[0]
    for each in found:
        assert 0 <= each.span[0] < each.span[1] <= len(text)
        if each.kind != "number" or each.text.isdigit():
            assert text[slice(*each.span)].split() == each.text.split()
