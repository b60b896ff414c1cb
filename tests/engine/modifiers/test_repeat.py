"""Modifiers that a person asks for: the case table, the reason on the line, and what always holds."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from fifteen import AskedWrongly, assess
from fifteen.engine.day import Added
from fifteen.engine.modifiers.repeat import repeat
from fifteen.rulebook import Rulebook
from tests.case_tables import read_cases
from tests.engine.evidence.records import day_of, given
from tests.engine.modifiers.asked import asked, found

CASES = read_cases("added")
NOW = date(2026, 11, 2)


@pytest.mark.parametrize("case", CASES, ids=[f"{case['id']}-{case['status']}" for case in CASES])
def test_case(case: dict[str, Any], rulebook: Rulebook) -> None:
    whole = asked(case["lines"], rulebook, case["on"], added=case["added"])
    outcome = repeat(whole)
    assert found(outcome) == case["found"]
    assert [f"{whole.lines[each.line].name} {each.modifier}" for each in outcome.modifiers] == case["on_lines"]
    assert outcome.held == []


def test_the_reason_names_who_asked(rulebook: Rulebook) -> None:
    day = day_of(given("a", "97012", minutes=15), added=(Added(code="97012", modifier="76", by="Dr. Lee"),))
    answer = assess(day, rulebook)
    assert answer.lines[0].modifiers == ("GP", "76")
    (why,) = answer.explain_modifiers
    assert (why.because, why.rule, why.status) == ("Dr. Lee asked for it.", "fifteen.added_modifier", "local")


def test_who_asks_twice_gets_it_once_and_the_order_of_wishes_changes_nothing(rulebook: Rulebook) -> None:
    wishes = [Added(code="97110", modifier=modifier, by=by) for modifier in ("U2", "U1") for by in ("pt-2", "pt-1")]
    one, other = (
        assess(day_of(given("a", minutes=15), added=tuple(each)), rulebook) for each in (wishes, wishes[::-1])
    )
    assert one == other
    assert [(each.modifier, each.because) for each in one.explain_modifiers] == [
        ("U1", "pt-1 asked for it."),
        ("U2", "pt-1 asked for it."),
    ]


@pytest.mark.parametrize(
    ("modifier", "fix"),
    [
        ("GN", "the plan of care"), ("CO", "the people of the intervals"), ("XU", "attest"), ("KX", "attest"),
        ("GZ", "the notice"), ("GT", "how the visit was held"), ("97", "what the visit was for"), ("99", "by itself"),
    ],
)  # fmt: skip
def test_a_refusal_says_how_it_is_asked_for(modifier: str, fix: str, rulebook: Rulebook) -> None:
    (said,) = repeat(asked(["PT 97110 x1"], rulebook, NOW, added=[f"97110 {modifier}"])).findings
    assert fix in said.fix
    assert said.message.startswith(f"Dr. Lee asked for {modifier} on 97110")


def test_every_modifier_of_the_house_order_is_asked_for_in_its_own_way(rulebook: Rulebook) -> None:
    order = rulebook.value("fifteen.modifier_order", NOW).value
    grounds = rulebook.value("fifteen.modifier_grounds", NOW).value
    assert {each for group in order for each in group} == {each for group in grounds.values() for each in group} - {
        rulebook.value("medicare.modifier_positions", NOW).value["more"]
    }


@pytest.mark.parametrize("modifier", ["76", "GP", "U1"])
def test_a_code_that_nobody_holds_is_refused(modifier: str, rulebook: Rulebook) -> None:
    with pytest.raises(AskedWrongly, match="99999 is not in the service catalogue"):
        repeat(asked(["PT 97110 x1"], rulebook, NOW, added=[f"99999 {modifier}"]))


def test_a_code_of_another_time_has_no_line(rulebook: Rulebook) -> None:
    assert found(repeat(asked(["PT 97110 x1"], rulebook, NOW, added=["64550 76"]))) == [
        "warn modifiers.added-without-line 64550"
    ]


def test_units_stay_as_they_are(rulebook: Rulebook) -> None:
    plain = assess(day_of(given("a", minutes=60)), rulebook)
    wished = assess(day_of(given("a", minutes=60), added=(Added(code="97110", modifier="76", by="pt-1"),)), rulebook)
    assert wished.lines == plain.lines
    assert wished.units == plain.units
