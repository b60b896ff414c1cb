"""The table of KX cases: what is asked, where KX stands, what is held and what is said."""

from __future__ import annotations

from typing import Any

import pytest

from fifteen.engine.modifiers.threshold import threshold
from fifteen.rulebook import Rulebook
from tests.case_tables import STATUSES, read_cases

from .thresholds import held, marked, of_case

CASES = read_cases("threshold")


@pytest.mark.parametrize("case", CASES, ids=[f"{case['id']}-{case['status']}" for case in CASES])
def test_case(case: dict[str, Any], rulebook: Rulebook) -> None:
    question = of_case(case, rulebook)
    answer = threshold(question)
    assert [each.line for each in answer.asked] == case["asked"]
    assert marked(question, answer) == case["kx"]
    assert held(question, answer) == case["held"]
    assert {each.id for each in answer.findings} == set(case["findings"])
    assert [each.given_by for each in answer.asked if each.line in case.get("attested", ())] == ["Dr. Lee"] * len(
        case.get("attested", ())
    )


def test_every_case_says_how_well_its_source_is_known() -> None:
    assert {case["status"] for case in CASES} <= set(STATUSES)
    assert len({case["id"] for case in CASES}) == len(CASES)
