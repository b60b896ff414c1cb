"""The table of KX cases: what is asked, where KX stands, what is held and what is said."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from fifteen.engine.day import Coverage, Expected, Notice
from fifteen.engine.modifiers.threshold import threshold
from fifteen.kernel.money import read_cents
from fifteen.rulebook import Rulebook
from tests.case_tables import STATUSES, read_cases

from .thresholds import DAY, asked, attest, claim, held, marked, said, stale, with_attestations

CASES = read_cases("threshold")


@pytest.mark.parametrize("case", CASES, ids=[f"{case['id']}-{case['status']}" for case in CASES])
def test_case(case: dict[str, Any], rulebook: Rulebook) -> None:
    on: date = case.get("on", DAY)
    words = [
        said(read_cents(amount), bucket, as_of, case.get("said_year", on.year))
        for bucket, (amount, as_of) in case.get("said", {}).items()
    ]
    claims = [
        claim(read_cents(each["allowed"]), each["received"], each["on"], each["bucket"], each.get("kx", False))
        for each in case.get("claims", [])
    ]
    lines = [(name, None if amount == "?" else read_cents(amount)) for name, amount in case["lines"]]
    why: dict[str, Any] = {"not_necessary": "not-necessary", "excluded": "excluded"}
    notice = tuple(case.get("notice", ()))
    question = asked(
        rulebook,
        lines,
        words or None,
        claims if words or "claims" in case else None,
        date=on,
        billing=case.get("billing", "private-practice"),
        coverage=Coverage(payer=case.get("payer", "medicare"), secondary=case.get("secondary")),
        expected=tuple(Expected(why[key], tuple(case[key]), "Dr. Lee") for key in why if key in case),
        notices=(Notice("mandatory", on, notice),) if notice else (),
    )
    question = with_attestations(question, *(stale(name) for name in case.get("attested_before", ())))
    question = attest(question, *case.get("attested", ()))
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
