"""Unit prices, the reduction over three disciplines, charges, defaults and what is not known."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from .conftest import Own, Priced, ids, told


def test_one_unit_of_the_day_is_paid_in_full_across_the_disciplines(priced: Priced) -> None:
    answer = priced("92507x1:GN 97530x1:GP 97535x2:GO", on=date(2020, 3, 2))
    assert [[str(each) for each in line.unit_prices] for line in answer.lines] == [
        ["78.53"], ["27.53"], ["25.25", "25.25"],
    ]  # fmt: skip
    assert "of 4 units on the list, 92507 (line 1) has the highest practice expense (0.90)" in told(answer, "mppr")[0]


def test_one_unit_alone_needs_no_reduction(priced: Priced) -> None:
    answer = priced("97110x1:GP 97129x2:GN")
    assert told(answer, "mppr") == []
    assert [len(set(line.unit_prices)) for line in answer.lines] == [1, 1]


def test_the_order_of_reductions_is_told(priced: Priced) -> None:
    assert told(priced("97110x1"), "order") == [
        "mppr, then lesser of charge, then deductible, then coinsurance, then assistant, then sequestration"
    ]


def test_the_cut_and_sequestration_say_that_their_rounding_is_assumed(priced: Priced) -> None:
    answer = priced("97110x1:GP,CQ", deductible_left=100)
    assumed = {step.step: step.assumption for step in answer.explain if step.assumption}
    assert set(assumed) == {"deductible", "assistant", "sequestration"}
    assert "our assumption" in assumed["assistant"]


def test_of_equal_units_the_one_without_an_assistant_is_in_full_and_that_is_said(priced: Priced) -> None:
    answer = priced("97110x1:GP,CQ 97110x1:GP")
    assert [str(line.unit_prices[0]) for line in answer.lines] == ["21.62", "27.87"]
    assert "price.mppr-tie" in ids(answer)
    assert "price.mppr-tie" not in ids(priced("97110x1:GP,CQ 97530x1:GP"))
    assert "price.mppr-tie" not in ids(priced("97110x1:GP,CQ 97110x1:GP,CQ"))


def test_a_charge_below_the_amount_is_what_is_allowed(priced: Priced) -> None:
    answer = priced("97110x2:GP 97140x1:GP", charges={"97110": 2000, "97140": 9900})
    first, second = answer.lines
    assert (str(first.charge), str(first.allowed)) == ("40.00", "40.00")
    assert (str(second.charge), second.allowed) == ("99.00", second.unit_prices[0])
    assert told(answer, "charge") == ["the charge, 2 x 20.00 = 40.00, is less than 49.49"]


def test_a_line_without_a_charge_beside_others_with_one_is_named(priced: Priced) -> None:
    [named] = [
        each for each in priced("97110x1 97140x1", charges={"97110": 9900}).findings if each.id == "price.defaults"
    ]
    assert "no charge for 97140, which nothing limits" in named.message
    both = priced("97110x1 97140x1", charges={"97110": 9900, "97140": 9900})
    assert not [each for each in both.findings if "no charge" in each.message]


def test_the_payer_s_share_is_told_part_by_part(priced: Priced) -> None:
    assert told(priced("97161x1", deductible_left=4000), "payer-share") == ["93.86 - 40.00 - 10.77 = 43.09"]
    assert told(priced("97010x1"), "payer-share") == ["0.00 - 0.00 = 0.00"]


def test_the_charge_master_of_the_organization_is_used(own: Own, priced: Priced) -> None:
    book = own.law("charges", "record", '{ 97110 = "20.00" }')
    answer = priced("97110x1", book)
    assert str(answer.allowed) == "20.00"
    assert "charge" not in answer.findings[-1].where.split(", ")
    assert str(priced("97110x1", book, charges={"97110": 1500}).allowed) == "15.00"


def test_every_default_that_changed_money_is_named(priced: Priced) -> None:
    [named] = [each for each in priced("97597x1", locality=None).findings if each.id == "price.defaults"]
    assert named.where == "payer, locality, facility, track, charge, deductible"
    assert "locality national (GPCI 1.000)" in named.message


def test_a_default_that_changed_nothing_is_not_named(priced: Priced) -> None:
    terms = {"payer": "medicare", "charges": {"97110": 9900}, "deductible_left": 0, "on": date(2025, 11, 3)}
    assert "price.defaults" not in ids(priced("97110x1", **terms))
    assert "price.defaults" in ids(priced("97597x1", **terms))  # a facility has another price


def test_a_facility_has_its_own_practice_expense(priced: Priced) -> None:
    office, facility = priced("97597x1"), priced("97597x1", facility=True)
    assert facility.allowed is not None
    assert office.allowed is not None
    assert facility.allowed < office.allowed


def test_the_two_tracks_of_2026(priced: Priced) -> None:
    ours = [str(priced("97110x1", locality="national", track=track).allowed) for track in ("nonqp", "qp")]
    assert ours == ["29.06", "29.20"]
    both = [priced("97110x1", track=track, on=date(2025, 11, 3)).allowed for track in ("nonqp", "qp")]
    assert both[0] == both[1]


@pytest.mark.parametrize(
    ("code", "finding", "fix"),
    [
        ("97010", "price.bundled", "Leave it off"),
        ("97014", "price.not-valid", "Use G0283"),
        ("97037", "price.not-covered", ""),
    ],
)
def test_a_code_that_medicare_does_not_pay_is_worth_nothing_and_takes_no_full_unit(
    code: str, finding: str, fix: str, priced: Priced
) -> None:
    answer = priced(f"{code}x1:GP 97110x1:GP")
    assert (str(answer.lines[0].allowed), str(answer.lines[1].allowed)) == ("0.00", "27.87")
    [said] = [each for each in answer.findings if each.id == finding]
    assert fix in said.fix


@pytest.mark.parametrize("code", ["98978", "0791T", "97545", "97546"])
def test_a_price_the_contractor_sets_is_not_known_nor_any_total(code: str, priced: Priced) -> None:
    answer = priced(f"{code}x1:GP 97110x1:GP")
    first, second = answer.lines
    assert (first.allowed, first.unit_prices, first.provider_total) == (None, [], None)
    assert str(second.provider_total) == "27.42"
    assert (answer.allowed, answer.provider_total, answer.patient_share) == (None, None, None)
    assert "price.not-known" in ids(answer)


@pytest.mark.parametrize("on", [date(2020, 1, 1), date(2023, 6, 1), date(2026, 12, 31)], ids=str)
def test_a_priced_letter_without_relative_values_is_the_contractor_s(on: date, priced: Priced) -> None:
    answer = priced("97545x1:GP", on=on)
    assert (answer.allowed, answer.patient_share) == (None, None)
    assert answer.findings[0].message.startswith("97545 has status R and no relative values: it has no national price")


def test_the_contractor_s_price_that_an_organization_keeps_is_used(own: Own, priced: Priced) -> None:
    book = own.law("contractor_prices", "record", '{ 98978 = "45.00", 0791T = "20.00" }')
    answer = priced("98978x2 0791Tx1 97110x1:GP", book)
    assert [str(line.allowed) for line in answer.lines] == ["90.00", "20.00", "27.87"]  # never on the reduction's list
    step = next(each for each in answer.explain if each.step == "unit-price")
    assert (step.because, step.status) == ("98978: the contractor's price, 45.00", "local")
    assert priced("97545x1", book).allowed is None


@pytest.mark.parametrize(
    ("modifier", "said"), [("GA", "the patient then owes"), ("GY", "the patient then owes"), ("GZ", "you then bear it")]
)
def test_a_line_that_is_billed_for_denial_says_so(modifier: str, said: str, priced: Priced) -> None:
    answer = priced(f"97110x1:GP,{modifier} 97530x1:GP,KX")
    [finding] = [each for each in answer.findings if each.id == "price.denial-expected"]
    assert (said in finding.message, finding.where) == (True, "97110")
    assert str(answer.lines[0].allowed) == "21.62"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("97110x1 97530x1", "97530 (line 2) has the highest practice expense (0.60): 1"),
        ("97161x1 97162x1", "97161 (line 1) has the highest practice expense (1.38), equal to 97162, in our order: 1"),
        (
            "97537x1 97112x1",
            "highest practice expense (0.47) and of those that share it the highest price (31.37)",
        ),
    ],
)
def test_why_a_unit_is_the_one_in_full(lines: str, said: str, priced: Priced) -> None:
    assert said in told(priced(lines), "mppr")[0]


def test_a_code_that_is_not_in_the_schedule_of_the_date_is_not_known(priced: Priced) -> None:
    answer = priced("98985x1", on=date(2025, 11, 3))
    assert answer.allowed is None
    assert "98985 is not in the therapy rows" in answer.findings[0].message


def test_an_amount_not_known_may_have_used_up_the_deductible(priced: Priced) -> None:
    answer = priced("97110x1:GP 98978x1:GP 97140x1:GP", deductible_left=5000)
    known = [line.deductible for line in answer.lines]
    assert known[0] == Decimal("27.87")
    assert known[1:] == [None, None]


def test_a_deductible_above_the_year_s_is_doubted(priced: Priced) -> None:
    assert "price.deductible-above-year" in ids(priced("97110x1", deductible_left=28301))
    assert "price.deductible-above-year" not in ids(priced("97110x1", deductible_left=28300))


def test_a_day_is_the_same_again(priced: Priced) -> None:
    assert priced("97110x2:GP 97530x1:GP,CQ") == priced("97110x2:GP 97530x1:GP,CQ")


def test_the_national_price_cites_no_locality(priced: Priced) -> None:
    [step] = [each for each in priced("97110x1", locality="national").explain if each.step == "unit-price"]
    assert "GPCI" not in step.cite
    assert step.because.startswith(
        "97110: (0.45 x 1.000 + 0.41 x 1.000 + 0.01 x 1.000) x 33.4009 = 29.0588, rounded 29.06"
    )
