"""Payers other than Medicare: what is known of them is used, and unknown stays unknown."""

from __future__ import annotations

from datetime import date

import pytest

from fifteen.rulebook import Rulebook

from .conftest import Own, Priced, ids, told

PLAIN = {"mppr": "false", "unit_cap": "{ none = true }", "money_cap": "{ none = true }", "assistant_factor": "100"}
TABLE = {"fee_basis": '{ basis = "table", table = "acme_fees" }', **PLAIN}


@pytest.mark.parametrize("payer", ["aetna", "cigna", "humana", "unitedhealthcare", "texas-wc", "washington-li"])
def test_a_payer_whose_prices_nobody_knows_is_not_guessed(payer: str, priced: Priced) -> None:
    answer = priced("97110x2:GP", payer=payer)
    assert (answer.allowed, answer.provider_total, answer.lines[0].unit_prices) == (None, None, [])
    assert "payer.price-unknown" in ids(answer)


def test_what_the_update_says_of_payers_is_dated(rulebook: Rulebook) -> None:
    def known(payer: str, field: str, on: date) -> object:
        value = rulebook.policy(payer, field, on)
        return value.value if value is not None else None

    caps = [known("washington-li", "money_cap", on) for on in (date(2023, 7, 1), date(2024, 7, 1), date(2026, 6, 30))]
    assert [cap["cents"] if isinstance(cap, dict) else cap for cap in caps] == [14366, None, 14945]
    assert known("washington-li", "money_cap", date(2026, 7, 1)) is None
    assert known("new-york-wc", "money_cap", date(2019, 3, 31)) == {"rvu": "8.0", "per": "day", "scope": "npi"}
    assert known("new-york-wc", "money_cap", date(2019, 4, 1)) is None
    assert [known("horizon-bcbsnj", "assistant_factor", on) for on in (date(2022, 6, 26), date(2022, 6, 27))] == [
        None,
        85,
    ]
    assert known("careoregon", "mppr", date(2026, 1, 31)) is None
    assert known("careoregon", "mppr", date(2026, 2, 1)) is True
    assert known("wellmark", "assistant_factor", date(2023, 1, 1)) is None
    assert known("aetna", "assistant_factor", date(2026, 1, 1)) is None


# -- fee bases ---------------------------------------------------------------------------------------------------------


def test_a_table_of_amounts(own: Own, priced: Priced) -> None:
    own.fees("acme_fees", "amount", "97110,41.00", "97140,38.50")
    answer = priced("97110x2:GP 97140x1:GP", own.payer(**TABLE), payer="acme", coinsurance=10)
    assert [str(line.allowed) for line in answer.lines] == ["82.00", "38.50"]
    assert [str(line.coinsurance) for line in answer.lines] == ["8.20", "3.85"]
    assert (str(answer.sequestration), str(answer.provider_total)) == ("0.00", "120.50")
    assert told(answer, "unit-price")[0] == "97110: 41.00 in acme_fees"
    assert told(answer, "coinsurance")[0] == "10% of 82.00 = 8.2, rounded 8.20"


def test_a_code_that_is_not_in_the_table_is_not_known(own: Own, priced: Priced) -> None:
    own.fees("acme_fees", "amount,rvu", "97110,41.00,", "97140,,")
    answer = priced("97110x1 97112x1 97140x1", own.payer(**TABLE), payer="acme")
    assert [line.allowed is None for line in answer.lines] == [False, True, True]
    assert ids(answer).count("price.not-known") == 2


def test_a_table_that_nobody_holds_makes_nothing_known(own: Own, priced: Priced) -> None:
    assert priced("97110x1", own.payer(**TABLE), payer="acme").allowed is None


def test_a_table_of_relative_values_with_the_payer_s_factor(own: Own, priced: Priced) -> None:
    own.fees("acme_fees", "rvu", "97110,0.87")
    basis = '{ basis = "table", table = "acme_fees", factor = "58.33" }'
    answer = priced("97110x1", own.payer(**{**TABLE, "fee_basis": basis}), payer="acme")
    assert str(answer.allowed) == "50.75"
    assert told(answer, "unit-price") == ["97110: 0.87 x 58.33, rounded 50.75"]


def test_a_table_with_reduced_amounts_takes_the_reduction(own: Own, priced: Priced) -> None:
    own.fees("acme_fees", "amount,reduced,pe", "97110,41.00,30.00,0.41", "97140,38.00,28.00,0.50")
    book = own.payer(**{**TABLE, "mppr": "true"})
    answer = priced("97110x2:GP 97140x1:GP", book, payer="acme")
    assert [[str(each) for each in line.unit_prices] for line in answer.lines] == [["30.00", "30.00"], ["38.00"]]
    assert told(answer, "reduced-price") == ["97110: 30.00 reduced in acme_fees"]
    [step] = [each for each in answer.explain if each.step == "mppr"]
    assert step.rule == "payer.acme.mppr"


def test_a_reduction_without_practice_expense_says_that_the_price_decided(own: Own, priced: Priced) -> None:
    own.fees("acme_fees", "amount,reduced", "97110,41.00,30.00", "97140,44.00,28.00")
    answer = priced("97110x1:GP 97140x1:GP", own.payer(**{**TABLE, "mppr": "true"}), payer="acme")
    assert "97140 (line 2) has the highest price (44.00), as no practice expense is given: 1" in told(answer, "mppr")[0]


def test_a_table_without_reduced_amounts_does_not_say_what_is_reduced(own: Own, priced: Priced) -> None:
    own.fees("acme_fees", "amount", "97110,41.00", "97140,38.00", "97129,30.00", "97010,5.00", "S8948,20.00")
    book = own.payer(**{**TABLE, "mppr": "true"})
    answer = priced("97110x1:GP 97140x1:GP 97129x1:GN S8948x1", book, payer="acme")
    assert [str(line.allowed) for line in answer.lines] == ["41.00", "None", "30.00", "20.00"]
    assert "price.not-known" in ids(answer)
    assert str(priced("97110x1:GP", book, payer="acme", on=date(2027, 3, 1)).allowed) == "41.00"


def test_a_unit_without_a_price_may_be_the_one_in_full(own: Own, priced: Priced) -> None:
    own.fees("acme_fees", "amount,reduced,pe", "97110,41.00,30.00,0.41", "97129,30.00,,")
    book = own.payer(**{**TABLE, "mppr": "true"})
    answer = priced("97110x1 97129x1 97112x1 97112x1", book, payer="acme")
    assert [str(line.allowed) for line in answer.lines] == ["None", "30.00", "None", "None"]
    [said] = [each.message for each in answer.findings if each.id == "payer.mppr-unknown"]
    assert "without a price of 97112 which unit" in said
    assert str(priced("97110x1 97130x1", book, payer="acme").lines[0].allowed) == "41.00"  # 97130 is not on the list


def test_percent_of_medicare_of_today_and_of_a_base_date(own: Own, priced: Priced) -> None:
    basis = '{{ basis = "percent-of-medicare", percent = "110"{} }}'
    book = own.payer(**{**PLAIN, "fee_basis": basis.format("")})
    assert str(priced("97110x1", book, payer="acme", locality="national").allowed) == "31.97"  # 29.06 x 1.1
    book = own.payer(**{**PLAIN, "fee_basis": basis.format(', base = "2024-03-09"')})
    answer = priced("97110x1", book, payer="acme", locality="national", on=date(2027, 2, 1))
    assert str(answer.allowed) == "32.22"  # 29.29 x 1.1
    assert told(answer, "unit-price")[0].endswith("rounded 29.29; 110% of Medicare's price of 2024-03-09: 32.22")
    assert priced("98978x1", book, payer="acme").allowed is None


@pytest.mark.parametrize("code", ["97010", "97014", "97037", "97545"])
def test_a_percent_of_nothing_is_not_known(code: str, own: Own, priced: Priced) -> None:
    """Medicare pays nothing for these; what another payer does is in its contract."""
    book = own.payer(**{**PLAIN, "fee_basis": '{ basis = "percent-of-medicare", percent = "110" }'})
    answer = priced(f"{code}x1", book, payer="acme")
    assert (answer.allowed, ids(answer)[0]) == (None, "price.not-known")


def test_percent_of_medicare_with_the_reduction(own: Own, priced: Priced) -> None:
    basis = '{ basis = "percent-of-medicare", percent = "110" }'
    answer = priced(
        "97110x2", own.payer(**{**PLAIN, "mppr": "true", "fee_basis": basis}), payer="acme", locality="national"
    )
    assert [str(each) for each in answer.lines[0].unit_prices] == ["31.97", "24.43"]


@pytest.mark.parametrize(
    ("basis", "visits", "whole"), [("per-visit", 2, "170.00"), ("per-diem", 2, "85.00"), ("per-visit", 1, "85.00")]
)
def test_a_rate_by_the_visit_or_the_day(basis: str, visits: int, whole: str, own: Own, priced: Priced) -> None:
    book = own.payer(fee_basis=f'{{ basis = "{basis}", amount = "85.00" }}', assistant_factor="100")
    answer = priced("97110x2:GP 97140x1:GP", book, payer="acme", visits=visits, copay=2000)
    assert [str(line.allowed) for line in answer.lines] == [whole, "0.00"]
    assert str(answer.allowed) == whole
    assert str(answer.copay) == f"{20 * visits}.00"
    assert len(told(answer, "fixed-rate")) == 2
    assert "payer.cap-not-known" not in ids(answer)


def test_the_patient_s_own_price_is_the_charge(priced: Priced) -> None:
    answer = priced("97110x2", payer="self-pay", charges={"97110": 6000})
    assert (str(answer.allowed), str(answer.patient_share), str(answer.medicare_paid)) == ("120.00", "120.00", "0.00")
    assert priced("97110x2", payer="self-pay").allowed is None
    assert "price.not-known" in ids(priced("97110x2", payer="self-pay"))


def test_a_child_of_medicare_is_priced_as_medicare(own: Own, priced: Priced) -> None:
    own.write("organization/payers/plan.toml", 'id = "plan"\nextends = "medicare"\n')
    assert priced("97110x2:GP,CQ", own.load(), payer="plan").lines == priced("97110x2:GP,CQ").lines


# -- unknown fields ----------------------------------------------------------------------------------------------------


def test_without_knowing_of_a_reduction_only_one_unit_is_certain(own: Own, priced: Priced) -> None:
    own.fees("acme_fees", "amount", "97110,41.00", "97129,30.00")
    book = own.payer(fee_basis=TABLE["fee_basis"], assistant_factor="100")
    one, two = priced("97110x1 97129x1", book, payer="acme"), priced("97110x2 97129x1", book, payer="acme")
    assert [str(line.allowed) for line in one.lines] == ["41.00", "30.00"]
    assert [str(line.allowed) for line in two.lines] == ["None", "30.00"]
    assert ("payer.mppr-unknown" in ids(one), "payer.mppr-unknown" in ids(two)) == (False, True)
    assert "payer.cap-not-known" in ids(one)


def test_without_knowing_of_an_assistant_s_factor_such_a_line_is_not_known(own: Own, priced: Priced) -> None:
    own.fees("acme_fees", "amount", "97110,41.00", "97140,38.00")
    book = own.payer(**{key: value for key, value in TABLE.items() if key != "assistant_factor"})
    answer = priced("97110x1:GP,CQ 97140x1:GP", book, payer="acme", coinsurance=20)
    assert [line.provider_total is None for line in answer.lines] == [True, False]
    assert "payer.assistant-unknown" in ids(answer)
    assert "price.patient-share-not-known" not in ids(answer)


def test_without_the_plan_s_terms_the_patient_s_share_is_not_known_but_the_whole_is(own: Own, priced: Priced) -> None:
    own.fees("acme_fees", "amount", "97110,41.00")
    answer = priced("97110x1", own.payer(**TABLE), payer="acme")
    assert (answer.patient_share, answer.medicare_paid, str(answer.provider_total)) == (None, None, "41.00")
    assert "price.patient-share-not-known" in ids(answer)
    limited = priced("97110x1 97110x1", own.payer(**TABLE), payer="acme", out_of_pocket_left=100)
    assert limited.lines[1].deductible is None


# -- assistants --------------------------------------------------------------------------------------------------------


def test_another_payer_s_assistant_factor_is_of_its_rate(own: Own, priced: Priced) -> None:
    own.fees("acme_fees", "amount", "97110,40.00")
    book = own.payer(**{**TABLE, "assistant_factor": "85"})
    [line] = priced("97110x1:GP,CQ", book, payer="acme", coinsurance=20).lines
    figures = (line.assistant_reduction, line.coinsurance, line.medicare_share, line.medicare_paid, line.provider_total)
    assert list(map(str, figures)) == ["6.00", "6.80", "33.20", "27.20", "34.00"]


@pytest.mark.parametrize("lines", ["97110x1:GP 97140x1:GP,CQ", "97140x1:GP,CQ 97110x1:GP"])
def test_what_an_assistant_takes_off_one_rate_for_the_visit_is_not_known(lines: str, own: Own, priced: Priced) -> None:
    rate = {"fee_basis": '{ basis = "per-visit", amount = "85.00" }', "mppr": "false"}
    answer = priced(lines, own.payer(**rate, assistant_factor="85"), payer="acme", copay=2000)
    assert (str(answer.allowed), answer.assistant_reduction, answer.provider_total) == ("85.00", None, None)
    assert "payer.assistant-unknown" in ids(answer)
    uncut = priced(lines, own.payer(**rate, assistant_factor="100"), payer="acme", copay=2000)
    assert str(uncut.provider_total) == "85.00"
    all_of_it = priced(
        "97110x1:GP,CQ 97140x1:GP,CQ", own.payer(**rate, assistant_factor="85"), payer="acme", copay=2000
    )
    assert [str(line.assistant_reduction) for line in all_of_it.lines] == ["12.75", "0.00"]
    assert priced(lines, own.payer(**rate), payer="acme", copay=2000).provider_total is None


# -- charges -----------------------------------------------------------------------------------------------------------


def test_another_payer_s_limit_to_the_charge_is_an_assumption_and_cites_no_law(own: Own, priced: Priced) -> None:
    own.fees("acme_fees", "amount", "97110,41.00")
    answer = priced("97110x2", own.payer(**TABLE), payer="acme", coinsurance=20, charges={"97110": 3000})
    [step] = [each for each in answer.explain if each.step == "charge"]
    assert (step.rule, step.status, str(step.amount)) == ("fifteen.price_charge_limit", "local", "60.00")
    assert "our assumption" in step.assumption
    assert "CMS" not in step.cite


def test_the_charge_of_units_that_are_not_paid_does_not_raise_the_limit(own: Own, priced: Priced) -> None:
    own.fees("acme_fees", "amount", "97110,41.00")
    book = own.payer(**{**TABLE, "unit_cap": '{ units = 4, per = "day", scope = "npi" }'})
    answer = priced("97110x6", book, payer="acme", charges={"97110": 3000})
    assert str(answer.allowed) == "120.00"


# -- caps --------------------------------------------------------------------------------------------------------------


def test_units_over_a_cap_are_paid_nothing_as_listed(own: Own, priced: Priced) -> None:
    own.fees("acme_fees", "amount", "97110,41.00", "97140,38.00", "97530,50.00")
    book = own.payer(**{**TABLE, "unit_cap": '{ units = 4, per = "visit", scope = "npi" }'})
    answer = priced("97110x3 97140x2 97530x1", book, payer="acme")
    assert [[str(each) for each in line.unit_prices] for line in answer.lines] == [
        ["41.00"] * 3, ["38.00", "0.00"], ["0.00"],
    ]  # fmt: skip
    assert told(answer, "unit-cap") == ["1 of 2 units lie within the cap of 4", "0 of 1 units lie within the cap of 4"]
    assert "payer.unit-cap" in ids(answer)
    twice = priced("97110x3 97140x2 97530x1", book, payer="acme", visits=2)
    assert "payer.unit-cap" not in ids(twice)


def test_which_units_lie_over_a_cap_is_an_assumption_unless_the_payer_says(own: Own, priced: Priced) -> None:
    own.fees("acme_fees", "amount", "97110,41.00")
    held = {**TABLE, "unit_cap": '{ units = 2, per = "day", scope = "npi" }'}
    for order, assumed in (({}, True), ({"line_order": '"any"'}, True), ({"line_order": '"as-listed"'}, False)):
        answer = priced("97110x3", own.payer(**held, **order), payer="acme")
        [step] = [each for each in answer.explain if each.step == "unit-cap"]
        assert bool(step.assumption) == assumed


def test_a_cap_on_timed_units_leaves_an_evaluation_alone(rulebook: Rulebook, priced: Priced) -> None:
    four = priced("97161x1:GP 97110x4:GP", payer="texas-medicaid", on=date(2021, 5, 4))
    assert "payer.unit-cap" not in ids(four)
    five = priced("97161x1:GP 29105x1 97110x5:GP", payer="texas-medicaid", on=date(2021, 5, 4))
    [said] = [each.message for each in five.findings if each.id == "payer.unit-cap"]
    assert said == "Texas Medicaid pays at most 4 timed units a day; units over that, paid 0.00: 1."


def test_a_unit_over_the_cap_is_not_the_one_in_full(own: Own, priced: Priced) -> None:
    own.fees("acme_fees", "amount,reduced,pe", "97110,41.00,30.00,0.41", "97530,50.00,40.00,0.60")
    book = own.payer(**{**TABLE, "mppr": "true", "unit_cap": '{ units = 2, per = "day", scope = "npi" }'})
    answer = priced("97110x2 97530x1", book, payer="acme")
    assert [[str(each) for each in line.unit_prices] for line in answer.lines] == [["41.00", "30.00"], ["0.00"]]


def test_a_cap_of_money_by_discipline(own: Own, priced: Priced) -> None:
    own.fees("acme_fees", "amount", "97110,60.00", "97530,70.00")
    book = own.payer(**{**TABLE, "money_cap": '{ cents = 14945, per = "day", scope = "discipline" }'})
    answer = priced("97110x2:GP 97530x1:GP 97530x2:GO", book, payer="acme")
    assert [str(line.allowed) for line in answer.lines] == ["120.00", "29.45", "140.00"]
    assert told(answer, "money-cap") == ["29.45 is left of the cap of 149.45"]
    assert ("payer.money-cap" in ids(answer), "price.discipline-not-said" in ids(answer)) == (True, False)
    unsaid = priced("97110x2 97530x1", book, payer="acme")
    assert "price.discipline-not-said" in ids(unsaid)


def test_an_amount_not_known_may_have_used_up_a_cap(own: Own, priced: Priced) -> None:
    own.fees("acme_fees", "amount", "97110,60.00")
    book = own.payer(**{**TABLE, "money_cap": '{ cents = 14945, per = "day", scope = "npi" }'})
    answer = priced("97110x1 97530x1 97110x1", book, payer="acme")
    assert [str(line.allowed) for line in answer.lines] == ["60.00", "None", "None"]


def test_a_cap_in_relative_values_needs_the_payer_s_factor(own: Own, priced: Priced) -> None:
    own.fees("acme_fees", "rvu,amount", "97110,3.00,30.00")
    cap = '{ rvu = "8.0", per = "day", scope = "npi" }'
    held = own.payer(**{**TABLE, "money_cap": cap})
    answer = priced("97110x4", held, payer="acme")
    assert (answer.allowed, "payer.cap-not-checked" in ids(answer)) == (None, True)
    unknown = priced("97112x1", held, payer="acme")
    assert "payer.cap-not-checked" not in ids(unknown)
    basis = '{ basis = "table", table = "acme_fees", factor = "10.00" }'
    answer = priced("97110x4", own.payer(**{**TABLE, "fee_basis": basis, "money_cap": cap}), payer="acme")
    assert str(answer.allowed) == "80.00"


def test_a_cap_of_money_by_the_visit(own: Own, priced: Priced) -> None:
    own.fees("acme_fees", "amount", "97110,60.00")
    book = own.payer(**{**TABLE, "money_cap": '{ cents = 5000, per = "visit", scope = "npi" }'})
    allowed = [str(priced("97110x2", book, payer="acme", visits=visits).allowed) for visits in (1, 2, 3)]
    assert allowed == ["50.00", "100.00", "120.00"]
