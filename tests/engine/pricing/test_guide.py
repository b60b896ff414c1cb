"""The averages of the guide that this project began from, beside the schedule: docs/guide/price.md says the same."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from .conftest import Priced

PAGE = Path(__file__).parents[3].joinpath("docs/guide/price.md").read_text("utf-8")
ROWS = [re.split(r"\s*\|\s*", line.strip("| ")) for line in PAGE.splitlines() if re.match(r"\| 97\d{3} \|", line)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_the_page_and_the_schedule_agree(row: list[str], priced: Priced) -> None:
    code, guide, in_2020, in_2026, reduced, over = row
    assert priced(f"{code}x1", on=date(2020, 6, 1), locality="national").allowed == Decimal(in_2020)
    answer = priced(f"{code}x2", on=date(2026, 5, 4), locality="national")
    assert [str(each) for each in answer.lines[0].unit_prices] == [in_2026, reduced]
    assert Decimal(guide) - Decimal(in_2026) == Decimal(over)


def test_the_guide_s_four_averages_are_all_there() -> None:
    assert {row[0]: row[1] for row in ROWS} == {"97110": "31", "97140": "28", "97112": "36", "97530": "40"}


def test_one_unit_of_each_on_one_day(priced: Priced) -> None:
    answer = priced("97110x1 97140x1 97112x1 97530x1", on=date(2026, 5, 4), locality="national")
    assert f"allows {answer.allowed}" in PAGE
