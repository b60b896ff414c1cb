"""What is said of pairs and of modifier 59, in Spanish: whole, with every code and figure."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from fifteen import assess
from fifteen.engine.assess import DayAnswer
from fifteen.engine.day import Coverage
from fifteen.engine.edits.explain_pairs import explain_pairs
from fifteen.rulebook import Rulebook
from tests.case_tables import read_cases
from tests.engine.edits.days import attestation, attested, day_with

from .test_said import check, shown

CASES = read_cases("pairs")


def sentences(answer: DayAnswer) -> set[str]:
    """Those of `shown`, and what an attestation and a line that waits tell."""
    found = shown(answer)
    for asked in answer.attestations:
        found |= {asked.asked_because, asked.evidence}
    return found | {why for line in answer.lines for why in line.held}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_days(case: dict[str, Any], rulebook: Rulebook) -> None:
    coverage = Coverage(payer=case.get("payer", "medicare"))
    for on in case["on"]:
        day = day_with(case["services"], on, billing=case.get("billing", "private-practice"), coverage=coverage)
        second = day.visits[-1]
        lines = (f"{second.discipline} {second.intervals[-1].service}", "PT 97035")
        stray = tuple(attestation(line, "old") for line in lines)
        check(sentences(assess(day_with(case["services"], on, attestations=stray), rulebook)))
        check(sentences(assess(day, rulebook)))
        check(sentences(assess(attested(day, rulebook, ground=case.get("ground", "")), rulebook)))


@pytest.mark.parametrize(
    "codes", ["97530 97140", "97530 97750", "97161 97140", "97110 97035", "97550 97530", "97530", "97162", "98975"]
)
@pytest.mark.parametrize("table", ["practitioner", "hospital"])
def test_explained(codes: str, table: str, rulebook: Rulebook) -> None:
    for on in (date(2019, 12, 31), date(2020, 6, 1), date(2024, 7, 1), date(2026, 11, 25)):
        for payer in ("medicare", "tricare", "self-pay"):
            found = explain_pairs(rulebook, codes.split(), on=on, payer=payer, table=table)
            known = [said for said in found.says if said != rulebook.payer(payer).note]
            check({*known, *(row.means for row in found.rows), *(row.basis for row in found.rows)})
