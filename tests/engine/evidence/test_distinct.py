"""How two services of a day lie to each other: the evidence for modifier 59, and never the decision."""

from __future__ import annotations

import pytest

from fifteen import Interval
from fifteen.engine.evidence.distinct import distinctness
from tests.engine.evidence.records import at, given

ONE, OTHER = "97530", "97140"


def found(*intervals: Interval) -> str:
    here, there = distinctness(ONE, OTHER, intervals), distinctness(OTHER, ONE, intervals)
    assert here.found == there.found
    assert (here.services, there.services) == ((ONE, OTHER), (OTHER, ONE))
    return here.found


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (["9:00-9:15"], ["9:15-9:30"], "apart"),
        (["9:00-9:15"], ["15:00-15:10"], "apart"),
        (["9:30-9:45", "9:00-9:15"], ["9:50-9:58"], "apart"),
        (["9:00-9:15", "9:30-9:45"], ["9:15-9:30"], "interspersed"),
        (["9:00-9:10", "9:20-9:30"], ["9:10-9:20", "9:30-9:40"], "interspersed"),
        (["9:00-9:15"], ["9:14:59-9:30"], "intersecting"),
        (["9:00-9:30"], ["9:10-9:20"], "intersecting"),
        (["9:00-9:15", "9:20-9:30"], ["9:15-9:20", "9:25-9:28"], "intersecting"),
    ],
)
def test_apart_interspersed_and_intersecting(one: list[str], other: list[str], expected: str) -> None:
    day = [given(f"a{clock}", ONE, clock) for clock in one] + [given(f"b{clock}", OTHER, clock) for clock in other]
    assert found(*day) == expected
    assert found(*day[::-1]) == expected


def test_services_of_the_composite_morning_are_apart() -> None:
    answer = distinctness(ONE, OTHER, [given("b2", ONE, "8:33-8:42"), given("b3", OTHER, "8:42-8:50")])
    assert (answer.found, answer.intervals) == ("apart", ("b2", "b3"))


@pytest.mark.parametrize(
    "day",
    [
        [given("a", ONE, "9:00-9:15"), given("b", OTHER, minutes=15)],
        [given("a", ONE, minutes=15), given("b", OTHER, "9:00-9:15")],
        [given("a", ONE, "9:00-9:15"), given("c", ONE, "9:20-"), given("b", OTHER, "9:30-9:45")],
        [given("a", ONE, "9:00-9:15")],
        [given("b", OTHER, "9:00-9:15")],
        [],
    ],
)
def test_without_a_clock_on_both_sides_nothing_is_shown(day: list[Interval]) -> None:
    assert found(*day) == "no-clock-time"


def test_corrected_and_unskilled_time_is_no_evidence() -> None:
    day = [
        given("a", ONE, "9:00-9:20"),
        given("b", OTHER, "9:10-9:30"),
        given("c", OTHER, "9:20-9:30", amends="b", reason="tapped late"),
        given("d", ONE, "9:20-9:25", mode="rest"),
        given("e", OTHER, "9:05-9:25", mode="unskilled"),
        given("f", "97110", "9:00-9:30"),
    ]
    answer = distinctness(ONE, OTHER, day)
    assert (answer.found, answer.intervals) == ("apart", ("a", "c"))


def test_instants_decide_and_not_what_the_clocks_showed() -> None:
    day = [given("a", ONE, "9:00-9:15"), given("b", OTHER, start=at("8:15", "-06:00"), stop=at("8:30", "-06:00"))]
    assert found(*day) == "apart"
