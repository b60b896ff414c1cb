"""The door of the units room: what it refuses, what it says, and what it records."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from fifteen import AskedWrongly, NotInForce, ServiceMinutes, count_units, load_rulebook
from fifteen.engine.units import UnitsAnswer
from fifteen.kernel.finding import Finding
from fifteen.rulebook import Rulebook

DAY = date(2026, 3, 2)


def found(answer: UnitsAnswer, id_: str) -> Finding:
    matches = [finding for finding in answer.findings if finding.id == id_]
    assert len(matches) == 1, [finding.id for finding in answer.findings]
    return matches[0]


def counted(rulebook: Rulebook, minutes: object, **settings: object) -> UnitsAnswer:
    return count_units(minutes, rulebook, **{"on": DAY, **settings})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("minutes", "settings", "says"),
    [
        ({}, {}, "no service was given"),
        ({"97110": -1}, {}, "from 0 up"),
        ({"97110": True}, {}, "whole numbers"),
        ({"97110": 7.5}, {}, "whole numbers"),
        ([ServiceMinutes("97110", 7, -2)], {}, "from 0 up"),
        ([ServiceMinutes("97110", 7), ServiceMinutes("97110", 8)], {}, "97110:15"),
        ({"99999": 10}, {}, "not in the service catalogue"),
        ({"hello": 10}, {}, "not a procedure code"),
        ({"97110": 10}, {"discipline": "MD"}, "PT, OT, SLP"),
        ({"97110": 10}, {"payer": "nobody"}, "choose one of aetna"),
        ({"97110": 10}, {"secondary": "nobody"}, "choose one of aetna"),
        ({"97110": 10}, {"billing": "barter"}, "choose one of critical-access-hospital"),
        ({"97110": 10}, {"payer": None, "method": "guess"}, "choose total or midpoint"),
        ({"97110": 10}, {"method": "midpoint"}, "leave out the method"),
        ({"97110": 10}, {"choose": ["97110"]}, "one answer only"),
        ({"97110": 10}, {"payer": "aetna", "choose": ["97110"]}, "how the payer counts is not known"),
        ({"97112": 20, "97110": 20}, {"choose": ["97140"]}, "name 1 of 97110, 97112"),
        ({"97112": 20, "97110": 20}, {"choose": ["97110", "97112"]}, "name 1 of 97110, 97112"),
        ({"97112": 10, "97110": 10, "97140": 10}, {"choose": ["97110", "97110"]}, "each once"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_sentence(
    rulebook: Rulebook, minutes: object, settings: dict[str, object], says: str
) -> None:
    with pytest.raises(AskedWrongly, match=says):
        counted(rulebook, minutes, **settings)


@pytest.mark.parametrize("payer", ["medicare", "aetna", None])
def test_a_date_outside_every_rule_is_refused(rulebook: Rulebook, payer: str | None) -> None:
    with pytest.raises(NotInForce, match="2017-01-01"):
        counted(rulebook, {"97110": 10}, on=date(2016, 12, 31), payer=payer, method=None if payer else "total")


def test_a_tie_is_suggested_in_a_stable_order_and_said_to_be_no_law(rulebook: Rulebook) -> None:
    answer = counted(rulebook, {"97112": 20, "97110": 20})
    assert answer.tie
    assert (answer.tied.codes, answer.tied.choose) == (("97110", "97112"), 1)
    assert answer.suggested == {"97112": 1, "97110": 2}
    assert "not law" in found(answer, "units.tie").message
    assert answer.chosen == ()


def test_more_minutes_come_first_in_a_tie(rulebook: Rulebook) -> None:
    assert counted(rulebook, {"97110": 5, "97140": 20}).suggested == {"97110": 0, "97140": 2}


def test_the_professional_s_choice_is_recorded_and_followed(rulebook: Rulebook) -> None:
    answer = counted(rulebook, {"97112": 20, "97110": 20}, choose=["97112"])
    assert answer.chosen == ("97112",)
    assert answer.suggested == {"97112": 1, "97110": 2}
    assert [(line.code, line.units) for line in answer.lines] == [("97112", 2), ("97110", 1)]
    assert [(each.code, each.unit) for each in answer.explain] == [("97112", 1), ("97112", 2), ("97110", 1)]
    assert "97112" in found(answer, "units.tie-chosen").message


def test_a_tie_over_several_units(rulebook: Rulebook) -> None:
    answer = counted(rulebook, {"97110": 10, "97112": 10, "97140": 10})
    assert (answer.tied.choose, answer.allocations_count) == (2, 3)
    assert "2 of them take a unit" in answer.explain[0].because


def test_each_unit_says_its_minutes_rule_source_date_and_what_would_change_it(rulebook: Rulebook) -> None:
    first, second, third = counted(rulebook, {"97110": 33, "97140": 7}).explain
    assert (first.code, first.unit, first.minutes, first.rule) == ("97110", 1, 15, "medicare.timed_unit")
    assert (second.because, second.minutes) == ("A whole 15 minutes of 97110 (16 to 30 of 33).", 15)
    assert (third.code, third.unit, third.minutes, third.rule) == ("97140", 1, 7, "medicare.leftover_unit")
    assert third.because.startswith("40 timed minutes in all (38 to 52) support 3 units; left over: 97140 7, 97110 3.")
    assert third.would_change == "at 4 minutes of 97140 or fewer the unit is tied or lost."
    assert third.cite == "CMS Pub. 100-04 ch. 5 §20.2"
    assert (third.since, third.status) == (date(2017, 1, 1), "primary")


def test_a_unit_of_a_service_alone_on_its_day(rulebook: Rulebook) -> None:
    (reason,) = counted(rulebook, {"97110": 8}).explain
    assert reason.because.endswith("left over: 97110 8. No other service has any.")
    assert reason.would_change == "at 7 minutes of 97110 or fewer the unit is tied or lost."


def test_reasons_of_services_counted_by_themselves(rulebook: Rulebook) -> None:
    base, added, whole, untimed = counted(rulebook, {"97550": 38, "97545": 130, "97161": 30}).explain
    assert (base.minutes, base.would_change) == (
        30,
        "at 15 minutes of 97550 and 97551 together or fewer the unit is lost.",
    )
    assert (added.code, added.unit, added.minutes) == ("97551", 1, 8)
    assert added.would_change == "at 37 minutes of 97550 and 97551 together or fewer the unit is lost."
    assert (whole.rule, whole.because) == (
        "medicare.whole_time_codes",
        "120 minutes of 97545 (the whole of 120), counted by itself.",
    )
    assert (untimed.rule, untimed.would_change) == ("medicare.untimed_unit", "nothing in its minutes.")


def test_the_midpoint_is_marked_as_known_from_secondary_sources(rulebook: Rulebook) -> None:
    (reason,) = counted(rulebook, {"97110": 8}, payer=None, method="midpoint").explain
    assert (reason.rule, reason.status) == ("cpt.midpoint", "secondary")
    assert reason.because == "8 minutes of 97110 (8 or more of 15), counted by itself."


def test_where_the_methods_differ_both_are_shown_with_the_difference(rulebook: Rulebook) -> None:
    answer = counted(rulebook, {"97110": 24, "97112": 8, "97116": 10})
    assert answer.compared is not None
    assert (answer.timed_units, answer.compared.timed_units, answer.compared.difference) == (3, 4, 1)
    assert answer.compared.suggested == {"97110": 2, "97112": 1, "97116": 1}
    assert "3 timed units" in found(answer, "units.methods-differ").message
    other = counted(rulebook, {"97110": 24, "97112": 8, "97116": 10}, payer="midpoint")
    assert other.compared is not None
    assert (other.timed_units, other.compared.difference) == (4, -1)


def test_where_the_methods_agree_nothing_is_said(rulebook: Rulebook) -> None:
    assert counted(rulebook, {"97110": 18, "97140": 12}).compared is None


def test_the_same_number_of_units_on_other_codes_is_a_difference(rulebook: Rulebook) -> None:
    answer = counted(rulebook, {"97110": 28, "97140": 7, "97112": 3})
    assert answer.compared is not None


def test_a_zero_unit_service_is_documented_and_off_the_claim(rulebook: Rulebook) -> None:
    answer = counted(rulebook, {"97110": 18, "97140": 13, "97116": 10, "97035": 8})
    assert answer.suggested is not None
    assert answer.suggested["97035"] == 0
    assert [(each.code, each.minutes) for each in answer.documented] == [("97035", 8)]
    assert "97035" not in {line.code for line in answer.lines}
    assert "documented, not billable" in found(answer, "units.documented-not-billable").message


def test_minutes_per_billed_unit_stand_beside_cms_s_expectation(rulebook: Rulebook) -> None:
    answer = counted(rulebook, {"97110": 33, "97140": 7})
    assert (answer.minutes_per_unit, answer.expected_minutes_per_unit) == ("13.3", 15)
    assert counted(rulebook, {"97110": 23}).minutes_per_unit == "11.5"
    assert counted(rulebook, {"97161": 30}).minutes_per_unit is None


def test_assistant_minutes_count_as_minutes(rulebook: Rulebook) -> None:
    answer = counted(rulebook, [ServiceMinutes("97110", 13, 23), ServiceMinutes("97140", 30)])
    assert (answer.timed_minutes, answer.suggested) == (66, {"97110": 2, "97140": 2})


def test_a_code_medicare_does_not_accept_holds_the_claim_and_names_the_other(rulebook: Rulebook) -> None:
    finding = found(counted(rulebook, {"97014": 10}), "units.invalid-for-medicare")
    assert finding.severity == "block"
    assert "G0283" in finding.fix


def test_what_another_payer_accepts_is_not_judged_by_medicare(rulebook: Rulebook) -> None:
    answer = counted(rulebook, {"97014": 10}, payer="highmark")
    assert "units.invalid-for-medicare" not in {finding.id for finding in answer.findings}


def test_a_secondary_source_never_holds_a_claim(rulebook: Rulebook) -> None:
    finding = found(counted(rulebook, {"S8948": 15}), "units.invalid-for-medicare")
    assert finding.severity == "warn"


def test_an_unknown_method_holds_and_says_what_to_do(rulebook: Rulebook) -> None:
    answer = counted(rulebook, {"97110": 20, "97161": 30}, payer="Aetna")
    assert (answer.payer, answer.method, answer.suggested, answer.timed_units) == ("aetna", None, None, None)
    assert answer.lines == answer.explain == answer.allocations == answer.documented == []
    assert answer.timed_minutes == 20
    assert "no unit was counted" in found(answer, "payer.method-unknown").message


def test_neither_payer_nor_method(rulebook: Rulebook) -> None:
    answer = counted(rulebook, {"97110": 20}, payer=None)
    assert "Neither a payer nor a method" in found(answer, "payer.method-unknown").message


def test_a_policy_not_yet_known_on_the_date_says_from_when(rulebook: Rulebook) -> None:
    answer = counted(rulebook, {"97110": 20}, payer="bcbs-nebraska", on=date(2022, 9, 21))
    assert "2022-09-22" in found(answer, "payer.method-unknown").message


def test_the_payer_s_own_method_may_be_named_too(rulebook: Rulebook) -> None:
    assert counted(rulebook, {"97110": 20}, method="total").method_from == "payer"


def test_a_chosen_method_for_an_unknown_payer_is_marked(rulebook: Rulebook) -> None:
    answer = counted(rulebook, {"97110": 20}, payer="aetna", method="total")
    assert (answer.method, answer.method_from) == ("total", "asked")
    assert "not its policy" in found(answer, "payer.method-assumed").message


@pytest.mark.parametrize(("choice", "method"), [("midpoint", "midpoint"), ("hold", None)])
def test_the_organization_s_default_for_unknown_payers(tmp_path: Path, choice: str, method: str | None) -> None:
    area = tmp_path / "law" / "organization"
    area.mkdir(parents=True)
    (tmp_path / "references.toml").write_text(
        '[board-2026]\ntitle="Board minutes"\npublisher="us"\n'
        'cite="Board, 2026-01-05"\nread="whole"\nchecked=2026-01-05\n'
    )
    (area / "default_counting_method.toml").write_text(
        f'[default_counting_method]\nunit = "enum"\n[[default_counting_method.at]]\nfrom = 2026-01-05\n'
        f'value = "{choice}"\nrefs = ["board-2026"]\nstatus = "local"\n'
    )
    answer = counted(load_rulebook(organization=tmp_path), {"97110": 20}, payer="aetna")
    assert (answer.method, answer.method_from) == (method, "organization" if method else None)
    if method:
        assert found(answer, "payer.method-assumed").cite == "Board, 2026-01-05"
    else:
        assert "Your organization holds" in found(answer, "payer.method-unknown").message


def test_units_over_a_payer_s_cap_are_named_and_no_line_is_changed(rulebook: Rulebook) -> None:
    answer = counted(rulebook, {"97110": 75}, payer="bcbs-north-dakota", method="total", on=date(2026, 12, 1))
    assert answer.cap is not None
    assert (answer.cap.units, answer.cap.per, answer.cap.scope, answer.cap.over) == (4, "day", "npi", 1)
    assert sum(line.units for line in answer.lines) == 5
    assert "1 unit more" in found(answer, "payer.unit-cap").message


def test_a_cap_that_is_kept_is_shown_and_not_warned_of(rulebook: Rulebook) -> None:
    answer = counted(rulebook, {"97110": 60}, payer="cigna", method="total")
    assert answer.cap is not None
    assert answer.cap.over == 0
    assert "payer.unit-cap" not in {finding.id for finding in answer.findings}


def test_a_cap_on_timed_units_counts_no_evaluation(rulebook: Rulebook) -> None:
    terms = {"payer": "texas-medicaid", "method": "total", "on": date(2021, 5, 4)}
    within = counted(rulebook, {"97161": 30, "97110": 60}, **terms)
    assert "payer.unit-cap" not in {finding.id for finding in within.findings}
    over = counted(rulebook, {"97161": 30, "97110": 75}, **terms)
    said = found(over, "payer.unit-cap").message
    assert said.startswith("Texas Medicaid pays at most 4 timed units a day")
    assert "1 unit more" in said


@pytest.mark.parametrize(
    ("secondary", "id_"),
    [("midpoint", "units.secondary-differs"), ("aetna", "units.secondary-not-checked"), ("highmark", None)],
)
def test_a_secondary_payer_with_another_method(rulebook: Rulebook, secondary: str, id_: str | None) -> None:
    answer = counted(rulebook, {"97112": 24, "97110": 23}, secondary=secondary)
    assert [(line.code, line.units) for line in answer.lines] == [("97112", 2), ("97110", 1)]
    ids = {finding.id for finding in answer.findings if finding.id.startswith("units.secondary")}
    assert ids == ({id_} if id_ else set())


def test_a_tie_with_a_secondary_payer_of_the_same_method_is_no_difference(rulebook: Rulebook) -> None:
    answer = counted(rulebook, {"97112": 20, "97110": 20}, secondary="highmark")
    assert not [finding for finding in answer.findings if finding.id.startswith("units.secondary")]


def test_counted_only_gives_the_same_lines_without_reasons(rulebook: Rulebook) -> None:
    bare = counted(rulebook, {"97110": 33, "97140": 7}, explained=False)
    full = counted(rulebook, {"97110": 33, "97140": 7})
    assert (bare.lines, bare.allocations, bare.rulebook) == (full.lines, full.allocations, full.rulebook)
    assert bare.explain == bare.findings == []


def test_every_answer_names_the_rulebook_it_rests_on(rulebook: Rulebook) -> None:
    assert counted(rulebook, {"97110": 8}).rulebook == rulebook.hash
    assert rulebook.hash.startswith("sha256:")
