"""The cases of `tests/cases/pairs/`: each date of each case."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from fifteen import assess
from fifteen.engine.day import Coverage
from fifteen.rulebook import Rulebook
from tests.case_tables import STATUSES, read_cases
from tests.engine.edits.days import attestation, attested, day_with, waiting

CASES = read_cases("pairs")
DATED = [(case, on) for case in CASES for on in case["on"]]


@pytest.mark.parametrize(("case", "on"), DATED, ids=lambda part: part["id"] if isinstance(part, dict) else str(part))
def test_a_day(case: dict[str, Any], on: date, rulebook: Rulebook) -> None:
    coverage = Coverage(payer=case.get("payer", "medicare"))
    day = day_with(case["services"], on, billing=case.get("billing", "private-practice"), coverage=coverage)
    second = day.visits[-1].intervals[-1].service
    if "attest" in case:
        asked = attested(day, rulebook, case["attest"], case.get("ground", ""))
        line = f"{day.visits[-1].discipline} {second}"
        day = asked if asked.attestations else replace(day, attestations=(attestation(line, "", case["attest"]),))
    answer = assess(day, rulebook)
    found = {finding.id for finding in answer.edits}
    if "pairs" in case:
        told = ("pairs.if-distinct", "pairs.never-together")
        pairs = [(each.where, each.id, each.severity) for each in answer.edits if each.id in told]
        assert pairs == [(denied, id_, severity) for _, denied, id_, severity in case["pairs"]]
        for (first, *_), each in zip(case["pairs"], [each for each in answer.edits if each.id in told], strict=True):
            assert f"beside {first}" in each.message
    assert set(case.get("findings", ())) <= found
    assert waiting(answer) == case.get("held", [])
    assert answer.price is None
    if "shown" in case:
        assert [each.shown for each in answer.attestations] == [case["shown"]]
    else:
        assert "pairs.not-shown" not in found
    if "as_of" in case:
        assert case["as_of"] in " ".join(each.message for each in answer.edits)
    if "modifiers" in case:
        lines = [line for line in answer.lines if line.code == second]
        assert {line.modifiers for line in lines} == {tuple(case["modifiers"] or ["GP"])}
    assert "block" not in {each.severity for each in answer.edits} or "block" in str(case["pairs"])


def test_ids_are_unique_and_each_case_says_how_well_its_source_is_known() -> None:
    assert len({case["id"] for case in CASES}) == len(CASES)
    assert {case["status"] for case in CASES} <= set(STATUSES)
    assert all(case["source"] and case["what"] for case in CASES)
