"""CQ and CO: the case table, every small pair of minutes, and what is said beside the modifier."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from fifteen import ServiceMinutes, count_units, load_rulebook
from fifteen.engine.modifiers.assistants import assistant_rules, split_lengths, split_units
from fifteen.engine.units import UnitsAnswer
from fifteen.kernel.finding import Finding
from fifteen.rulebook import Rulebook
from tests.case_tables import STATUSES, read_cases

CASES = read_cases("assistants")
DAY = date(2026, 3, 2)


def counted(rulebook: Rulebook, minutes: dict[str, tuple[int, int]], **settings: Any) -> UnitsAnswer:
    services = [ServiceMinutes(code, *each) for code, each in minutes.items()]
    return count_units(services, rulebook, **{"on": DAY, **settings})


def marks(answer: UnitsAnswer) -> list[tuple[str, int, str]]:
    assistants = {"CQ", "CO"}
    return sorted((line.code, line.units, "".join(assistants & set(line.modifiers))) for line in answer.lines)


def found(answer: UnitsAnswer, id_: str) -> Finding:
    (match,) = (finding for finding in answer.findings if finding.id == id_)
    return match


@pytest.mark.parametrize("case", CASES, ids=[f"{case['id']}-{case['status']}" for case in CASES])
def test_case(case: dict[str, Any], rulebook: Rulebook) -> None:
    for on in case["on"]:
        answer = counted(rulebook, case["minutes"], on=on, discipline=case.get("discipline", "PT"))
        expected: dict[tuple[str, str], int] = {}
        for code, units, modifier in case["lines"]:
            expected[code, modifier] = expected.get((code, modifier), 0) + units
        assert {(code, mark): units for code, units, mark in marks(answer)} == expected
        assert set(case.get("findings", [])) <= {finding.id for finding in answer.findings}
        assert sum(line.minutes for line in answer.lines) + sum(each.minutes for each in answer.documented) == sum(
            sum(each) for each in case["minutes"].values()
        )


def test_every_case_says_how_well_its_source_is_known() -> None:
    assert {case["status"] for case in CASES} <= set(STATUSES)
    assert len({case["id"] for case in CASES}) == len(CASES)


@pytest.mark.parametrize("therapist", range(61))
def test_one_service_alone_since_2022(rulebook: Rulebook, therapist: int) -> None:
    """What follows from the text for every pair of minutes: no other branch is ever needed, no share ever decides."""
    rules = assistant_rules(rulebook, DAY)
    assert rules is not None
    for assistant in range(61):
        units = (therapist + assistant + 7) // 15
        if not units:
            continue
        split = split_units(units, therapist, assistant, 15, rules)
        marked = sum(unit.marked for unit in split.units)
        assert len(split.units) == units
        assert not split.silent
        assert not split.methods_differ
        assert not split.service_differs
        left = (therapist % 15, assistant % 15)
        remaining = units - therapist // 15 - assistant // 15
        assert (remaining > 1) == (all(9 <= each <= 14 for each in left) and 23 <= sum(left) <= 28)
        expected = assistant // 15
        if remaining == 2 or (remaining == 1 and left[0] < 8 and left[1] > 0):
            expected += 1
        assert marked == expected


def test_a_line_with_the_modifier_stands_apart_and_says_why(rulebook: Rulebook) -> None:
    answer = counted(rulebook, {"97110": (13, 23), "97140": (30, 0)})
    assert [(line.code, line.units, line.modifiers, line.minutes) for line in answer.lines] == [
        ("97110", 1, ("GP",), 21),
        ("97110", 1, ("GP", "CQ"), 15),
        ("97140", 2, ("GP",), 30),
    ]
    without, with_ = answer.explain_modifiers
    assert (without.modifier, without.rule, without.cite[:6]) == (None, "medicare.assistant_last_unit", "42 CFR")
    assert without.because == "The last unit: the therapist gave 13 of its 21 minutes, which reaches the midpoint."
    assert (with_.modifier, with_.because) == ("CQ", "15 minutes by the assistant alone.")


def test_a_service_of_the_therapist_alone_needs_no_reason(rulebook: Rulebook) -> None:
    assert counted(rulebook, {"97110": (30, 0)}).explain_modifiers == []


def test_the_text_is_the_default_and_the_other_method_is_flagged(rulebook: Rulebook, tmp_path: Path) -> None:
    literal = counted(rulebook, {"97150": (44, 5)})
    assert marks(literal) == [("97150", 1, "CQ")]
    assert "by the text the assistant's modifier is due" in found(literal, "modifiers.assistant-methods-differ").message
    area = tmp_path / "law" / "organization"
    area.mkdir(parents=True)
    (tmp_path / "references.toml").write_text(
        '[board]\ntitle="Board"\npublisher="us"\ncite="Board, 2026"\nread="whole"\nchecked=2026-01-05\n'
    )
    (area / "assistants.toml").write_text(
        '[assistant_share_method]\nunit = "enum"\n[[assistant_share_method.at]]\nfrom = 2026-01-05\n'
        'value = "rounded-percent"\nrefs = ["board"]\nstatus = "local"\n'
    )
    rounded = counted(load_rulebook(organization=tmp_path), {"97150": (44, 5)})
    assert marks(rounded) == [("97150", 1, "")]
    assert "the rounded percent was followed" in found(rounded, "modifiers.assistant-methods-differ").message


def test_a_share_of_nothing_is_no_share(rulebook: Rulebook) -> None:
    rules = assistant_rules(rulebook, DAY)
    assert rules is not None
    assert not split_lengths([0], 0, 0, rules).units[0].marked


def test_minutes_that_earned_no_unit_stay_with_the_last_line(rulebook: Rulebook) -> None:
    answer = counted(rulebook, {"97110": (18, 0), "97112": (2, 16), "97140": (12, 0)})
    assert sum(line.minutes for line in answer.lines) == 48


@pytest.mark.parametrize("code", ["97161", "97164"])
def test_an_evaluation_by_an_assistant_is_blocked_and_takes_no_modifier(rulebook: Rulebook, code: str) -> None:
    answer = counted(rulebook, {code: (10, 20)})
    assert found(answer, "modifiers.assistant-may-not").severity == "block"
    assert marks(answer) == [(code, 1, "")]


def test_incident_to_a_physician_an_assistant_s_time_is_blocked(rulebook: Rulebook) -> None:
    answer = counted(rulebook, {"97110": (0, 30)}, billing="incident-to")
    assert found(answer, "modifiers.assistant-incident-to").severity == "block"
    assert marks(answer) == [("97110", 2, "")]


@pytest.mark.parametrize(
    ("billing", "mark"),
    [("private-practice", "CQ"), ("facility", "CQ"), ("physician-group", "CQ"), ("critical-access-hospital", "")],
)
def test_the_way_of_billing_decides_whether_the_modifier_is_due(rulebook: Rulebook, billing: str, mark: str) -> None:
    answer = counted(rulebook, {"97110": (0, 30)}, billing=billing)
    assert marks(answer) == [("97110", 2, mark)]
    assert not [finding for finding in answer.findings if finding.severity == "block"]


@pytest.mark.parametrize(("discipline", "modifiers"), [("PT", ("GP", "CQ")), ("OT", ("GO", "CO")), ("SLP", ("GN",))])
def test_the_assistant_s_modifier_goes_only_with_its_own_discipline(
    rulebook: Rulebook, discipline: str, modifiers: tuple[str, ...]
) -> None:
    answer = counted(rulebook, {"97129": (0, 15)}, discipline=discipline)
    assert [line.modifiers for line in answer.lines] == [modifiers]
    if discipline == "SLP":
        assert found(answer, "modifiers.assistant-of-no-discipline").severity == "warn"


def test_the_assistant_s_modifier_never_stands_without_the_plan_s(rulebook: Rulebook) -> None:
    answer = counted(rulebook, {"97110": (0, 30)}, payer="humana", method="total")
    assert [line.modifiers for line in answer.lines] == [()]
    assert "CQ goes only with one" in found(answer, "modifiers.assistant-without-plan").message
    assert "GP, GO or GN" in found(answer, "modifiers.not-known").message


def test_a_payer_of_whom_nothing_is_known_gets_no_modifier_and_that_is_said(rulebook: Rulebook) -> None:
    answer = counted(rulebook, {"97110": (0, 30)}, payer="highmark")
    assert [line.modifiers for line in answer.lines] == [()]
    message = found(answer, "modifiers.not-known").message
    assert "Highmark" in message
    assert "CQ or CO" in message


def test_without_a_payer_the_modifiers_are_not_checked(rulebook: Rulebook) -> None:
    answer = counted(rulebook, {"97110": (30, 0)}, payer=None, method="midpoint")
    assert "no payer was named" in found(answer, "modifiers.not-known").message
    assert "CQ" not in found(answer, "modifiers.not-known").message


def test_a_code_of_another_discipline_is_found(rulebook: Rulebook) -> None:
    finding = found(counted(rulebook, {"97165": (30, 0)}, discipline="PT"), "modifiers.wrong-discipline")
    assert (finding.severity, finding.where) == ("block", "97165")
    assert "OT" in finding.message


def test_what_only_secondary_sources_say_of_a_discipline_does_not_block(rulebook: Rulebook) -> None:
    assert found(counted(rulebook, {"92507": (30, 0)}), "modifiers.wrong-discipline").severity == "warn"


@pytest.mark.parametrize(("code", "modifiers"), [("97110", ("GP",)), ("29540", ("GP",)), ("G0237", ()), ("98960", ())])
def test_the_plan_s_modifier_stands_on_therapy_codes_only(
    rulebook: Rulebook, code: str, modifiers: tuple[str, ...]
) -> None:
    assert [line.modifiers for line in counted(rulebook, {code: (30, 0)}).lines] == [modifiers]


def test_medicare_s_law_holds_no_claim_of_another_payer(rulebook: Rulebook) -> None:
    answer = counted(rulebook, {"97161": (10, 20), "97165": (30, 0)}, payer="midpoint")
    assert found(answer, "modifiers.assistant-may-not").severity == "warn"
    assert {finding.severity for finding in answer.findings} == {"warn", "info"}


def test_what_is_wrong_with_a_code_is_said_even_where_nothing_can_be_counted(rulebook: Rulebook) -> None:
    answer = counted(rulebook, {"97165": (0, 30)}, payer="aetna")
    assert answer.method is None
    assert {"modifiers.wrong-discipline", "payer.method-unknown"} <= {finding.id for finding in answer.findings}


def test_an_add_on_that_earned_no_unit_is_documented_beside_an_assistant_s_base(rulebook: Rulebook) -> None:
    answer = counted(rulebook, {"97129": (8, 7), "97130": (0, 2)}, discipline="OT")
    assert marks(answer) == [("97129", 1, "")]
    assert [(each.code, each.minutes) for each in answer.documented] == [("97130", 2)]


def test_a_base_never_holds_more_than_its_own_length(rulebook: Rulebook) -> None:
    answer = counted(rulebook, {"97129": (13, 0), "97130": (0, 20)}, discipline="OT")
    assert [(line.code, line.minutes, line.modifiers) for line in answer.lines] == [
        ("97129", 15, ("GO",)),
        ("97130", 18, ("GO", "CO")),
    ]
