"""Times as they are spoken."""

from __future__ import annotations

import pytest

from fifteen.scribe.clock import between, clocks
from fifteen.scribe.tokens import tokens


def times(text: str) -> list[str]:
    found = tokens(text)
    return [f"{each.minute // 60}:{each.minute % 60:02}" for each in clocks(found, [word.value for word in found])]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("it's nine o'clock", ["9:00"]),
        ("ten past nine", ["9:10"]),
        ("a quarter past one", ["1:15"]),
        ("half past two", ["2:30"]),
        ("twenty to three", ["2:40"]),
        ("nine oh two", ["9:02"]),
        ("one forty now, we started at one fifteen", ["1:40", "1:15"]),
        ("twenty five past nine, and we began at ten past", ["9:25", "9:10"]),
        ("9:02 to 9:26", ["9:02", "9:26"]),
        ("quarter to twelve", ["11:45"]),
    ],
)
def test_a_time_is_read_as_it_is_spoken(text: str, said: list[str]) -> None:
    assert times(text) == said


@pytest.mark.parametrize(
    "text",
    [
        "two sets of ten",
        "twelve minutes",
        "nine twenty minutes",
        "ten of twelve items",
        "ten past",
        "three times",
        "three twenty reps",
        "four out of ten",
        "twenty five past thirteen",
    ],
)
def test_what_is_no_time_is_not_read_as_one(text: str) -> None:
    assert times(text) == []


def test_minutes_from_one_time_to_another_go_round_the_dial() -> None:
    found = tokens("ten to one, then five past one")
    first, second = clocks(found, [word.value for word in found])
    assert (between(first, second), between(second, first)) == (15, 705)
