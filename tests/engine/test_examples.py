"""The example days: each reads and is answered, and the composite morning of three patients comes out as in the clinic.

`examples/days/morning-*.json`: a therapist with A, B and C in turn, an assistant who starts C, an aide beside A.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from fifteen import Context, Day, assess, check_person_day, read_day
from fifteen.engine.assess import DayAnswer, person_intervals
from fifteen.engine.day import Coverage
from fifteen.rulebook import Rulebook
from tests.engine.evidence.records import at, ids, only

DAYS = Path(__file__).parents[2] / "examples" / "days"
NAMES = sorted(path.name.removesuffix(".json") for path in DAYS.glob("*.json") if ".context." not in path.name)


def example(name: str) -> Day:
    return read_day((DAYS / f"{name}.json").read_bytes(), name)


def context_of(name: str) -> Context:
    return msgspec.json.decode((DAYS / f"{name}.context.json").read_bytes(), type=Context)


def lines(answer: DayAnswer) -> list[tuple[str, int, tuple[str, ...], int]]:
    return [(each.code, each.units, each.modifiers, each.minutes) for each in answer.units[0].lines]


@pytest.mark.parametrize("name", NAMES)
def test_each_example_is_answered_and_nothing_holds_its_claim(name: str, rulebook: Rulebook) -> None:
    answer = assess(example(name), rulebook)
    findings = [*answer.findings, *(finding for each in answer.units for finding in each.findings)]
    assert all(each.lines for each in answer.units)
    assert [finding for finding in findings if finding.severity == "block"] == []


def test_the_examples_are_there() -> None:
    assert {"plain", "pt-and-pta", "pt-and-ot", "am-and-pm", "telehealth", "morning-a"} <= set(NAMES)


def test_a_is_billed_what_was_treated_and_the_bicycle_is_not(rulebook: Rulebook) -> None:
    answer = assess(example("morning-a"), rulebook, context_of("morning-a"))
    assert lines(answer) == [("97140", 1, ("GP",), 12), ("97110", 1, ("GP",), 14)]
    assert [(each.interval, each.why) for each in answer.uncounted] == [("a2", "unskilled time is not treatment")]
    assert answer.overlaps == ()


def test_b_earns_one_unit_of_21_minutes_under_medicare(rulebook: Rulebook) -> None:
    answer = assess(example("morning-b"), rulebook, context_of("morning-b"))
    assert answer.units[0].timed_minutes == 21
    assert [line[:2] for line in lines(answer)] == [("97530", 1)]
    assert answer.units[0].suggested == {"97110": 0, "97530": 1, "97140": 0}
    assert answer.overlaps == ()


def test_b_earns_two_units_under_a_payer_that_counts_by_midpoint(rulebook: Rulebook) -> None:
    day = replace(example("morning-b"), coverage=Coverage(payer="midpoint"))
    answer = assess(day, rulebook, context_of("morning-b"))
    assert [line[:2] for line in lines(answer)] == [("97530", 1), ("97140", 1)]


def test_c_carries_the_assistant_modifier_on_the_assistant_s_unit_only(rulebook: Rulebook) -> None:
    answer = assess(example("morning-c"), rulebook, context_of("morning-c"))
    assert lines(answer) == [("97110", 1, ("GP", "CQ"), 16), ("97112", 1, ("GP",), 14)]
    assert answer.overlaps == ()


def test_written_from_memory_c_shares_four_minutes_with_b(rulebook: Rulebook) -> None:
    answer = assess(example("morning-c-retyped"), rulebook, context_of("morning-c"))
    (overlap,) = answer.overlaps
    assert (overlap.person, overlap.seconds) == ("pt-1", 240)
    assert (overlap.start, overlap.stop) == (at("8:46"), at("8:50"))
    assert dict(zip(overlap.intervals, overlap.patients, strict=True)) == {"b3": "p-b", "c2": "p-c"}
    assert len(overlap.ways_out) == 3
    said = only(answer.findings, "overlap.person")
    assert "from 08:46 to 08:50: c2 here, b3 with another" in said.message
    assert (said.where, said.severity) == ("c2", "warn")


def test_the_same_overlap_shows_from_b_s_side(rulebook: Rulebook) -> None:
    others = tuple(person_intervals(example("morning-c-retyped")))
    answer = assess(example("morning-b"), rulebook, Context(others=others))
    assert [each.intervals for each in answer.overlaps] == [("b3", "c2")]
    assert only(answer.findings, "overlap.person").where == "b3"


def test_the_whole_morning_at_once() -> None:
    true = [each for letter in "abc" for each in person_intervals(example(f"morning-{letter}"))]
    assert check_person_day(true).overlaps == ()
    retyped = [
        each for name in ("morning-a", "morning-b", "morning-c-retyped") for each in person_intervals(example(name))
    ]
    assert [each.intervals for each in check_person_day(retyped).overlaps] == [("b3", "c2")]


def test_without_the_others_overlap_is_said_to_be_unknown(rulebook: Rulebook) -> None:
    answer = assess(example("morning-c-retyped"), rulebook)
    assert answer.overlaps == ()
    assert "assess.others-not-checked" in ids(answer.findings)


def test_morning_and_afternoon_are_one_day(rulebook: Rulebook) -> None:
    answer = assess(example("am-and-pm"), rulebook)
    assert answer.units[0].timed_minutes == 53
    assert [line[:2] for line in lines(answer)] == [("97110", 2), ("97116", 1), ("97530", 1)]


def test_disciplines_are_counted_apart_and_share_no_minute(rulebook: Rulebook) -> None:
    answer = assess(example("pt-and-ot"), rulebook)
    assert [(each.discipline, each.timed_minutes) for each in answer.units] == [("PT", 30), ("OT", 30)]
    assert [(each.discipline, each.total_minutes) for each in answer.minutes] == [("PT", 30), ("OT", 30)]


def test_assistant_minutes_of_the_example_go_to_the_assistant_and_rest_does_not_count(rulebook: Rulebook) -> None:
    answer = assess(example("pt-and-pta"), rulebook)
    assert [(each.code, each.therapist, each.assistant) for each in answer.minutes[0].services] == [
        ("97140", 30, 0), ("97110", 13, 23),
    ]  # fmt: skip
    assert lines(answer) == [
        ("97140", 2, ("GP",), 30), ("97110", 1, ("GP",), 21), ("97110", 1, ("GP", "CQ"), 15),
    ]  # fmt: skip
    assert [each.why for each in answer.uncounted] == ["rest time is not treatment"]


def test_typed_minutes_of_the_example_are_said_to_be_uncheckable(rulebook: Rulebook) -> None:
    answer = assess(example("telehealth"), rulebook)
    assert [(each.code, each.clocked) for each in answer.minutes[0].services] == [("97110", True), ("97535", False)]
    assert only(answer.findings, "overlap.not-checkable").where == "i2"
