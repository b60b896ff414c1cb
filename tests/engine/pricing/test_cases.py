"""The price cases of `tests/cases/pricing/`, every row to the cent."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from tests.case_tables import CASES, STATUSES, read_cases

from fifteen.engine.pricing.fees import unit_price
from fifteen.engine.pricing.shares import Left, Rates, shares_of
from fifteen.kernel.money import read_cents, show_cents

from .conftest import Priced, told

DAYS = read_cases("pricing")
FORMULA = read_cases("pricing/formula")
SHARES = read_cases("pricing/shares")
PAYABLE = [case for case in DAYS if case["status"] != "contradicted"]
CONTRADICTED = [case for case in DAYS if case["status"] == "contradicted"]
OHIO = list(csv.DictReader((CASES / "pricing" / "cms_ohio_2020.csv").read_text().splitlines()))


def name(case: dict[str, Any]) -> str:
    return f"{case['id']}-{case['status']}"


@pytest.mark.parametrize("case", PAYABLE, ids=name)
def test_every_figure_of_a_day(case: dict[str, Any], priced: Priced) -> None:
    left = read_cents(case["deductible_left"]) if "deductible_left" in case else None
    answer = priced(
        " ".join(case["lines"]), on=case["on"], locality=case["locality"], track=case.get("track"),
        deductible_left=left,
    )  # fmt: skip
    for place, (line, figures) in enumerate(zip(answer.lines, case["figures"], strict=True)):
        assert {key: str(getattr(line, key)) for key in figures} == figures
        full, reduced = case["full"][place], case["reduced"][place]
        count = case["in_full"][place]
        assert [str(each) for each in line.unit_prices] == [full] * count + [reduced] * (line.units - count)
    assert {key: str(getattr(answer, key)) for key in case["total"]} == case["total"]


@pytest.mark.parametrize("case", CONTRADICTED, ids=name)
def test_an_amount_that_was_never_payable_is_not_given(case: dict[str, Any], priced: Priced) -> None:
    answer = priced(" ".join(case["lines"]), on=case["on"], locality=case["locality"])
    assert str(answer.allowed) != case["total"]["allowed"]
    [said] = told(answer, "unit-price")
    assert case["printed_at"] not in said


@pytest.mark.parametrize("case", FORMULA, ids=name)
def test_the_formula(case: dict[str, Any]) -> None:
    work, expense, malpractice = map(Decimal, case["values"])
    place = tuple(map(Decimal, case["gpci"]))
    assert len(place) == 3
    values = (work, expense, malpractice, place, Decimal(case["factor"]))
    assert show_cents(unit_price(*values)) == case["full"]
    if "reduced" in case:
        assert show_cents(unit_price(*values, Decimal(50))) == case["reduced"]


@pytest.mark.parametrize("case", SHARES, ids=name)
def test_what_becomes_of_an_amount(case: dict[str, Any]) -> None:
    rates = Rates(case["coinsurance_percent"], None, None, case["sequestration_percent"])
    found = shares_of(read_cents(case["allowed"]), False, rates, Left(read_cents(case["deductible_left"]), 0, None))
    assert {key: show_cents(getattr(found, key)) for key in case["figures"]} == case["figures"]


def test_ids_are_unique_and_each_case_says_how_well_its_source_is_known() -> None:
    for cases in (DAYS, FORMULA, SHARES):
        assert len({case["id"] for case in cases}) == len(cases)
        assert {case["status"] for case in cases} <= set(STATUSES)
        assert all(case["source"] for case in cases)


@pytest.mark.parametrize("row", OHIO, ids=lambda row: row["hcpcs"])
def test_each_amount_cms_published_for_ohio_in_2020(row: dict[str, str], priced: Priced) -> None:
    """CMS's payment file for contractor 15202, locality 00: office, facility and reduced amount from the RVUs."""
    code = row["hcpcs"]
    terms: dict[str, Any] = {"on": date(2020, 6, 1), "locality": f"{row['mac']}-{row['locality']}"}
    assert str(priced(f"{code}x1", **terms).allowed) == row["nonfac_fee"]
    assert str(priced(f"{code}x1", facility=True, **terms).allowed) == row["fac_fee"]
    if row["mult_proc"] == "5":
        full, reduced = priced(f"{code}x2", **terms).lines[0].unit_prices
        assert (str(full), str(reduced)) == (row["nonfac_fee"], row["mppr_fee_noninstitutional"])


def test_ohio_is_whole() -> None:
    assert len(OHIO) == 121
    assert sum(row["mult_proc"] == "5" for row in OHIO) == 51
