"""GA, GX, GY and GZ: the case table, who owes, and that none stands on a click or on a notice alone."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fifteen.engine.assess import DayAnswer
from fifteen.kernel.errors import UnreadableInput
from fifteen.rulebook import Rulebook, load_rulebook
from tests.case_tables import STATUSES, read_cases
from tests.engine.modifiers.days import assessed, held_of, ids_of, lines_of, said
from tests.rulebook.conftest import Shelf

CASES = read_cases("liability")
VISIT = {"discipline": "PT", "minutes": {"97110": 30, "97140": 15}}
FOUR = {"GA", "GX", "GY", "GZ"}


def expecting(book: Rulebook, expected: Any = (), notices: Any = (), **day: Any) -> DayAnswer:
    day["expected"] = [{"why": why, "codes": codes, "by": "pt"} for why, codes in expected]
    day["notices"] = [{"kind": kind, "signed": str(signed), "codes": codes} for kind, signed, codes in notices]
    return assessed(book, [VISIT], **day)


def marks(answer: DayAnswer) -> dict[str, set[str]]:
    return {each.code: FOUR & {*each.modifiers, *each.note_modifiers} for each in answer.lines}


@pytest.mark.parametrize("case", CASES, ids=[f"{case['id']}-{case['status']}" for case in CASES])
def test_case(case: dict[str, Any], rulebook: Rulebook) -> None:
    coverage = {"payer": case.get("payer", "medicare")}
    given_ = (case.get("expected", ()), case.get("notices", ()))
    answer = expecting(rulebook, *given_, coverage=coverage)
    assert lines_of(answer) == case["lines"]
    assert held_of(answer) == case["held"]
    assert sorted(ids_of(answer, "liability")) == sorted(case["findings"])
    told = {each.where: each.message for each in said(answer, "liability") if each.id == "liability.denial-expected"}
    assert set(told) == {f"PT {code}" for code in case.get("owes", {})}
    for code, owes in case.get("owes", {}).items():
        words = {"patient": "the patient owes it", "provider": "the provider bears it and may not charge the patient"}
        assert told[f"PT {code}"].endswith(f"{words[owes]}.")
        assert ("denies it without review" in told[f"PT {code}"]) == (code in case.get("unreviewed", ()))


def test_every_case_says_how_well_its_source_is_known() -> None:
    assert {case["status"] for case in CASES} <= set(STATUSES)
    assert len({case["id"] for case in CASES}) == len(CASES)
    assert all(case["source"] and case["what"] for case in CASES)


@pytest.mark.parametrize("field", ["expected", "notices"])
def test_a_code_that_is_none_is_refused(field: str, rulebook: Rulebook) -> None:
    row = {"expected": ("not-necessary", ["g0283"]), "notices": ("mandatory", "2026-04-27", ["g0283"])}[field]
    with pytest.raises(UnreadableInput, match="is not a code; use capitals"):
        expecting(rulebook, **{field: [row]})


def test_a_day_of_which_nobody_said_anything_says_nothing(rulebook: Rulebook) -> None:
    assert ids_of(assessed(rulebook, [VISIT]), "liability") == []


def test_why_each_of_two_modifiers_stands(rulebook: Rulebook) -> None:
    answer = expecting(rulebook, [("excluded", ["97140"])], [("voluntary", date(2026, 4, 27), ["97140"])])
    first, second = answer.explain_modifiers
    assert [(each.line, each.modifier, each.rule) for each in (first, second)] == [
        (1, "GY", "medicare.notice_modifier"),
        (1, "GX", "medicare.notice_modifier"),
    ]
    assert first.because == "pt expects a denial as no benefit of Medicare."
    assert second.because == (
        "pt expects a denial as no benefit of Medicare, and the patient signed a voluntary notice on 2026-04-27."
    )


def test_the_notice_that_counts_is_the_latest_valid_one(rulebook: Rulebook) -> None:
    notices = [("mandatory", date(2026, 4, day), ["97110"]) for day in (20, 27, 13)]
    (reason,) = expecting(rulebook, [("not-necessary", ["97110"])], notices).explain_modifiers
    assert reason.because == ("pt expects a denial as not necessary; the patient signed a notice on 2026-04-27.")


def test_nothing_here_blocks(rulebook: Rulebook) -> None:
    for case in CASES:
        answer = expecting(rulebook, case.get("expected", ()), case.get("notices", ()))
        assert {each.severity for each in said(answer, "liability")} <= {"warn", "info"}


def test_a_medicare_advantage_plan_is_not_original_medicare(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.write("organization/payers/acme-ma.toml", 'id = "acme-ma"\nlabel = "Acme MA"\nextends = "medicare"\n')
    notices = [("mandatory", date(2026, 4, 27), ["97110"])]
    answer = expecting(shelf.load(), [("not-necessary", ["97110"])], notices, coverage={"payer": "acme-ma"})
    assert marks(answer) == {"97110": set(), "97140": set()}
    (found,) = said(answer, "liability")
    assert (found.id, "Acme MA is not" in found.message) == ("liability.not-for-payer", True)


def test_an_organization_names_another_payer_that_is_original_medicare(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.write("organization/payers/railroad.toml", 'id = "railroad"\nlabel = "Railroad"\nextends = "medicare"\n')
    shelf.write(
        "organization/law/medicare/own.toml",
        '[notice_payers]\nunit = "list"\n[[notice_payers.at]]\nfrom = 2017-01-01\nvalue = ["medicare", "railroad"]\n'
        'refs = ["recalled"]\nstatus = "local"\n',
    )
    answer = expecting(shelf.load(), [("excluded", ["97110"])], coverage={"payer": "railroad"})
    assert marks(answer)["97110"] == {"GY"}


def test_where_routine_notices_are_allowed_nothing_is_said_of_one(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.write(
        "organization/law/medicare/own.toml",
        '[notice_routine]\nunit = "yes-no"\n[[notice_routine.at]]\nfrom = 2017-01-01\nvalue = true\n'
        'refs = ["recalled"]\nstatus = "local"\n',
    )
    answer = expecting(shelf.load(), (), [("mandatory", date(2026, 4, 27), ["97110"])])
    assert ids_of(answer, "liability") == []


# -- properties --------------------------------------------------------------------------------------------------------

BOOK = load_rulebook()
CODES = st.lists(st.sampled_from(["97110", "97140", "97530"]), min_size=1, max_size=3, unique=True)
EXPECTED = st.lists(st.tuples(st.sampled_from(["not-necessary", "excluded"]), CODES), max_size=3)
NOTICES = st.lists(
    st.tuples(st.sampled_from(["mandatory", "voluntary"]), st.dates(date(2026, 5, 1), date(2026, 5, 8)), CODES),
    max_size=4,
)
PAYERS = st.sampled_from(["medicare", "highmark", "tricare"])


@given(EXPECTED, NOTICES, PAYERS)
def test_no_modifier_without_its_ground(expected: Any, notices: Any, payer: str) -> None:
    for code, found in marks(expecting(BOOK, expected, notices, coverage={"payer": payer})).items():
        whys = {why for why, codes in expected if code in codes}
        valid = {kind for kind, signed, codes in notices if code in codes and signed <= date(2026, 5, 4)}
        if payer != "medicare" or len(whys) != 1:
            assert found == set()
        elif whys == {"not-necessary"}:
            assert found == ({"GA"} if "mandatory" in valid else {"GZ"})
        else:
            assert found == ({"GX", "GY"} if "voluntary" in valid else {"GY"})


@given(EXPECTED, NOTICES)
def test_the_order_in_which_things_were_said_changes_nothing(expected: Any, notices: Any) -> None:
    one = expecting(BOOK, expected, notices)
    other = expecting(BOOK, expected[::-1], notices[::-1])
    assert one.lines == other.lines
    assert sorted(ids_of(one, "liability")) == sorted(ids_of(other, "liability"))
