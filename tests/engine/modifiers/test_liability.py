"""GA, GX, GY and GZ: the case table, who owes, and that no click makes a notice."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fifteen.engine.assess import DayAnswer
from fifteen.kernel.errors import UnreadableInput
from fifteen.rulebook import Rulebook, load_rulebook
from tests.case_tables import STATUSES, read_cases
from tests.engine.modifiers.days import assessed, held_of, ids_of, lines_of, said

CASES = read_cases("liability")
VISIT = {"discipline": "PT", "minutes": {"97110": 30, "97140": 15}}
DAY = date(2026, 5, 4)
OWED = {"the patient owes it": "patient", "the provider bears it and may not charge the patient": "provider"}
FOUR = {"GA", "GX", "GY", "GZ"}


def answer_of(rulebook: Rulebook, expected: Any = (), notices: Any = (), **day: Any) -> DayAnswer:
    return assessed(
        rulebook,
        [VISIT],
        expected=[{"why": why, "codes": codes, "by": "pt"} for why, codes in expected],
        notices=[{"kind": kind, "signed": str(signed), "codes": codes} for kind, signed, codes in notices],
        **day,
    )


@pytest.mark.parametrize("case", CASES, ids=[f"{case['id']}-{case['status']}" for case in CASES])
def test_case(case: dict[str, Any], rulebook: Rulebook) -> None:
    coverage = {"coverage": {"payer": case["payer"]}} if "payer" in case else {}
    answer = answer_of(rulebook, case.get("expected", ()), case.get("notices", ()), **coverage)
    assert lines_of(answer) == case["lines"]
    assert held_of(answer) == case["held"]
    assert sorted(ids_of(answer, "liability")) == sorted(case["findings"])
    denials = [each for each in said(answer, "liability") if each.id == "liability.denial-expected"]
    owes = {each.where.split()[1]: OWED[each.message.rpartition(", ")[2].rstrip(".")] for each in denials}
    assert owes == case.get("owes", {})
    assert [each.where.split()[1] for each in denials if "without review" in each.message] == case.get("unreviewed", [])


def test_every_case_says_how_well_its_source_is_known() -> None:
    assert {case["status"] for case in CASES} <= set(STATUSES)
    assert len({case["id"] for case in CASES}) == len(CASES)


def test_the_reason_names_who_expects_it_and_when_the_notice_was_signed(rulebook: Rulebook) -> None:
    answer = answer_of(rulebook, [("not-necessary", ["97110"])], [("mandatory", "2026-04-27", ["97110"])])
    (reason,) = answer.explain_modifiers
    assert (reason.line, reason.modifier) == (0, "GA")
    assert reason.because == "pt expects a denial as not necessary; the patient signed a notice on 2026-04-27."


def test_nobody_who_expects_and_nobody_who_signed_says_nothing(rulebook: Rulebook) -> None:
    assert ids_of(answer_of(rulebook), "liability") == []


@pytest.mark.parametrize("field", ["expected", "notices"])
def test_a_code_that_is_none_is_refused(field: str, rulebook: Rulebook) -> None:
    row = {"expected": ("not-necessary", ["g0283"]), "notices": ("mandatory", "2026-04-27", ["g0283"])}[field]
    with pytest.raises(UnreadableInput, match="is not a code; use capitals"):
        answer_of(rulebook, **{field: [row]})


BOOK = load_rulebook()
SIGNED = st.integers(-400, 30).map(lambda days: DAY + timedelta(days=days))
CODES = st.lists(st.sampled_from(["97110", "97140", "97530"]), min_size=1, max_size=2, unique=True)


@given(
    st.lists(st.tuples(st.sampled_from(["not-necessary", "excluded"]), CODES), max_size=3),
    st.lists(st.tuples(st.sampled_from(["mandatory", "voluntary"]), SIGNED, CODES), max_size=3),
)
def test_none_of_the_four_stands_without_its_ground(expected: Any, notices: Any) -> None:
    answer = answer_of(BOOK, expected, notices)
    for line in answer.lines:
        why = {each for each, codes in expected if line.code in codes}
        signed = {kind for kind, on, codes in notices if line.code in codes and on <= DAY}
        found = FOUR & set(line.modifiers)
        if len(why) != 1:
            assert found == set()
        elif why == {"excluded"}:
            assert found == ({"GY", "GX"} if "voluntary" in signed else {"GY"})
        else:
            assert found == ({"GA"} if "mandatory" in signed else {"GZ"})
        assert bool(line.held) == (len(why) == 2)
