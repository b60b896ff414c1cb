"""The oracle must itself reproduce the worked examples of the manual and the table's edges."""

from __future__ import annotations

import pytest

from .units_by_enumeration import Allocation, allowed_midpoint, allowed_total


def allocation(text: str) -> Allocation:
    pairs = (part.split(":") for part in text.split(";"))
    return tuple(sorted((code, int(number)) for code, number in pairs))


def answers(text: str) -> set[Allocation]:
    """Answers of a tie are separated by "|"."""
    return {allocation(part) for part in text.split("|")}


TOTAL = {
    "CMS-EX1": ("97112:24;97110:23", "97112:2;97110:1"),
    "CMS-EX2": ("97112:20;97110:20", "97112:2;97110:1|97112:1;97110:2"),
    "CMS-EX3": ("97110:33;97140:7", "97110:2;97140:1"),
    "CMS-EX4": (
        "97110:18;97140:13;97116:10;97035:8",
        "97110:1;97140:1;97116:1;97035:0",
    ),
    "CMS-EX5": (
        "97112:7;97110:7;97140:7",
        "97112:1;97110:0;97140:0|97112:0;97110:1;97140:0|97112:0;97110:0;97140:1",
    ),
    "four-way-tie-52": (
        "97110:13;97140:13;97116:13;97112:13",
        "97110:1;97140:1;97116:1;97112:0|97110:1;97140:1;97116:0;97112:1"
        "|97110:1;97140:0;97116:1;97112:1|97110:0;97140:1;97116:1;97112:1",
    ),
    "zero-minutes-beside-eight": ("97110:0;97140:8", "97110:0;97140:1"),
}

MIDPOINT = {
    "CMS-EX1": ("97112:24;97110:23", "97112:2;97110:2"),
    "CMS-EX2": ("97112:20;97110:20", "97112:1;97110:1"),
    "CMS-EX3": ("97110:33;97140:7", "97110:2;97140:0"),
    "CMS-EX4": (
        "97110:18;97140:13;97116:10;97035:8",
        "97110:1;97140:1;97116:1;97035:1",
    ),
    "CMS-EX5": ("97112:7;97110:7;97140:7", "97112:0;97110:0;97140:0"),
    "four-way-tie-52": (
        "97110:13;97140:13;97116:13;97112:13",
        "97110:1;97140:1;97116:1;97112:1",
    ),
}

# One code alone: both methods agree. (minutes, units)
ALONE = [
    (0, 0),
    (7, 0),
    (8, 1),
    (22, 1),
    (23, 2),
    (37, 2),
    (38, 3),
    (52, 3),
    (53, 4),
    (60, 4),
    (67, 4),
    (68, 5),
    (127, 8),
    (128, 9),
    (142, 9),
    (143, 10),
]


@pytest.mark.parametrize("name", TOTAL)
def test_total_minutes(name: str) -> None:
    minutes, expected = TOTAL[name]
    assert allowed_total(dict(allocation(minutes))) == answers(expected)


@pytest.mark.parametrize("name", MIDPOINT)
def test_midpoint(name: str) -> None:
    minutes, expected = MIDPOINT[name]
    assert allowed_midpoint(dict(allocation(minutes))) == answers(expected)


@pytest.mark.parametrize(("minutes", "units"), ALONE)
def test_one_code_alone(minutes: int, units: int) -> None:
    assert allowed_total({"97110": minutes}) == {(("97110", units),)}
    assert allowed_midpoint({"97110": minutes}) == {(("97110", units),)}


def test_no_code_at_all() -> None:
    assert allowed_total({}) == {()}
    assert allowed_midpoint({}) == {()}


def test_refuses_what_it_cannot_judge() -> None:
    six = {str(code): 15 for code in range(97110, 97116)}
    for function in (allowed_total, allowed_midpoint):
        with pytest.raises(ValueError, match="at most 5"):
            function(six)
        with pytest.raises(ValueError, match="negative"):
            function({"97110": -1})
