"""The unit cases of `tests/cases/units/`."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from fifteen import count_units
from fifteen.rulebook import Rulebook
from tests.case_tables import STATUSES, read_cases

CASES = read_cases("units")
# The doubt of a source stands in the test's name: `pytest -k unverified` lists what nobody has read in the law.
NAMES = [f"{case['id']}-{case['status']}" for case in CASES]


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_every_answer_of_the_case(case: dict[str, Any], rulebook: Rulebook) -> None:
    payer = case.get("payer") or (None if case.get("method") == "midpoint" else "medicare")
    answer = count_units(
        case["minutes"], rulebook, on=case.get("on", date(2026, 3, 2)), payer=payer, method=case.get("method")
    )
    assert sorted(answer.allocations, key=repr) == sorted(case["units"], key=repr)
    assert answer.allocations_count == len(case["units"])
    assert set(case.get("findings", [])) <= {finding.id for finding in answer.findings}


def test_ids_are_unique_and_each_case_says_how_well_its_source_is_known() -> None:
    assert len({case["id"] for case in CASES}) == len(CASES)
    assert {case["status"] for case in CASES} <= set(STATUSES)
    assert all(case["source"] for case in CASES)
