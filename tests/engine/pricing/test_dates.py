"""The days on which a price changes, and the day from which it is not known."""

from __future__ import annotations

from datetime import date

import pytest

from fifteen.kernel.errors import NotInForce
from fifteen.rulebook import Rulebook

from .conftest import Own, Priced, ids, told

GOLDEN = [
    # day, national price of 97110, percent of sequestration, percent the assistant's share is cut by
    (date(2020, 1, 1), "31.40", "2", "0"),
    (date(2020, 4, 30), "31.40", "2", "0"),
    (date(2020, 5, 1), "31.40", "0", "0"),
    (date(2021, 12, 31), "30.36", "0", "0"),
    (date(2022, 1, 1), "30.11", "0", "15"),
    (date(2022, 3, 31), "30.11", "0", "15"),
    (date(2022, 4, 1), "30.11", "1", "15"),
    (date(2022, 6, 30), "30.11", "1", "15"),
    (date(2022, 7, 1), "30.11", "2", "15"),
    (date(2023, 1, 1), "29.82", "2", "15"),
    (date(2024, 3, 8), "28.81", "2", "15"),
    (date(2024, 3, 9), "29.29", "2", "15"),
    (date(2025, 12, 31), "28.79", "2", "15"),
    (date(2026, 1, 1), "29.06", "2", "15"),
    (date(2026, 12, 31), "29.06", "2", "15"),
]


@pytest.mark.parametrize(("on", "full", "sequestration", "cut"), GOLDEN, ids=str)
def test_a_golden_day(on: date, full: str, sequestration: str, cut: str, priced: Priced) -> None:
    answer = priced("97110x1:GP,CQ", on=on, locality="national")
    assert str(answer.allowed) == full
    assert told(answer, "sequestration")[0].startswith(f"sequestration {sequestration}%")
    assert told(answer, "assistant")[0].startswith(f"assistant {cut}%")
    assert (answer.assistant_reduction == 0) == (cut == "0")
    assert (answer.sequestration == 0) == (sequestration == "0")


@pytest.mark.parametrize("on", [date(2027, 1, 1), date(2019, 12, 31), date(2028, 6, 1)])
def test_a_day_outside_the_releases_is_not_known(on: date, priced: Priced) -> None:
    answer = priced("97110x1:GP 97530x1:GP", on=on)
    figures = ("allowed", "coinsurance", "medicare_share", "assistant_reduction", "medicare_paid", "provider_total")
    assert {getattr(answer, name) for name in figures} == {None}
    assert {getattr(line, name) for line in answer.lines for name in figures} == {None}
    assert [line.unit_prices for line in answer.lines] == [[], []]
    assert ids(answer).count("price.not-known") == 1


def test_a_proposed_factor_is_named_as_such_and_not_used(priced: Priced) -> None:
    answer = priced("97110x1", on=date(2027, 1, 1))
    [said] = [finding for finding in answer.findings if finding.id == "price.not-known"]
    assert "Proposed, and not used: conversion factor nonqp 32.8409 and qp 33.1693." in said.message
    assert "proposed" in said.cite
    assert "Proposed" not in priced("97110x1", on=date(2028, 1, 1)).findings[0].message


def test_before_the_law_held_is_asked_wrongly(priced: Priced) -> None:
    with pytest.raises(NotInForce, match="is not known for 1999-01-01"):
        priced("97110x1", on=date(1999, 1, 1))


def test_an_owner_s_own_release_is_used_and_marked(own: Own, priced: Priced) -> None:
    own.law("conversion_factor", "decimal", '"32.0000"', "2027-01-01", area="medicare")
    own.table(
        "organization", "gpci_2027",
        "locality,from,until,known,state,name,work,work_no_floor,pe,mp,release,refs,status\n"
        "15202-00,2027-01-01,,,OH,OHIO,1.000,,0.900,1.000,own,recalled,local\n",
    )  # fmt: skip
    own.table(
        "organization", "rvu_2027",
        "code,from,until,known,letter,work,pe,pe_facility,mp,mult_proc,pctc,release,refs,status\n"
        "97110,2027-01-01,,,A,0.50,0.40,0.40,0.01,5,7,own,recalled,local\n",
    )  # fmt: skip
    answer = priced("97110x1", own.load(), on=date(2027, 1, 1))
    assert str(answer.allowed) == "27.84"  # (0.50 + 0.36 + 0.01) x 32
    [step] = [each for each in answer.explain if each.step == "unit-price"]
    assert step.status == "local"


def test_a_row_of_an_owner_stands_over_the_package_s(own: Own, priced: Priced) -> None:
    own.table(
        "organization", "rvu_2026",
        "code,from,until,known,letter,work,pe,pe_facility,mp,mult_proc,pctc,release,refs,status\n"
        "98978,2026-04-01,2027-01-01,,A,0.00,1.00,1.00,0.00,0,0,own,recalled,local\n",
    )  # fmt: skip
    book = own.load()
    assert str(priced("98978x1", book, on=date(2026, 5, 4), locality="national").allowed) == "33.40"
    assert str(priced("97110x1", book, on=date(2026, 5, 4), locality="national").allowed) == "29.06"


@pytest.mark.parametrize(
    ("on", "stands_in"),
    [(date(2024, 9, 30), False), (date(2024, 10, 1), True), (date(2025, 9, 30), True), (date(2025, 10, 1), False),
     (date(2026, 3, 31), True), (date(2026, 4, 1), False), (date(2026, 9, 30), False), (date(2026, 10, 1), True)],
    ids=str,
)  # fmt: skip
def test_a_quarter_whose_release_was_not_read_says_so_once(on: date, stands_in: bool, priced: Priced) -> None:
    assert ids(priced("97110x1 97530x1", on=on)).count("price.release-stands-in") == stands_in


def test_dry_needling_was_not_covered_until_april_2020(priced: Priced) -> None:
    before, after = (priced("20560x1", on=on) for on in (date(2020, 3, 31), date(2020, 4, 1)))
    assert (str(before.allowed), "price.not-covered" in ids(before)) == ("0.00", True)
    assert (str(after.allowed), "price.not-covered" in ids(after)) == ("25.56", False)


def test_two_localities_moved_inside_2023(priced: Priced) -> None:
    before, after = (priced("97110x1", on=on, locality="09202-20") for on in (date(2023, 9, 30), date(2023, 10, 1)))
    assert before.allowed != after.allowed


def test_the_list_of_the_reduction(rulebook: Rulebook) -> None:
    """51 codes until June 2023, 52 since; 0791T has no national price."""
    for on, count in ((date(2020, 1, 1), 51), (date(2023, 6, 30), 51), (date(2023, 7, 1), 52), (date(2026, 5, 4), 52)):
        codes = {row[0] for row in rulebook.tables[f"rvu_{on.year}"].rows}
        rows = [row for row in (rulebook.row(f"rvu_{on.year}", code, on) for code in codes) if row]
        assert sum(row["mult_proc"] == "5" for row in rows) == count
