"""`edits_of_lines`: of lines alone the same pairs and limits as of a day on which they were recorded."""

from __future__ import annotations

from datetime import date

import pytest

from fifteen import assess, count_units, price
from fifteen.engine.day import Coverage
from fifteen.engine.edits.of_lines import LineEdits, edits_of_lines
from fifteen.rulebook import Rulebook
from tests.engine.edits.days import TODAY, day_with

SERVICES = (
    {"97530": 30, "97750": 20},
    {"97530": 30, "97140": 20},
    {"97110": 105, "97161": 20, "97162": 30},
    {"97035": 10, "97110": 30, "97140": 20, "97530": 15},
)


@pytest.mark.parametrize("services", SERVICES, ids=" ".join)
@pytest.mark.parametrize("payer", ["medicare", "tricare", "midpoint"])
@pytest.mark.parametrize("on", [TODAY, date(2026, 3, 2), date(2019, 12, 31)], ids=str)
def test_lines_meet_what_their_day_meets(services: dict[str, int], payer: str, on: date, rulebook: Rulebook) -> None:
    typed = [f"{code} {minutes}" for code, minutes in services.items()]
    day = assess(day_with(typed, on, coverage=Coverage(payer=payer)), rulebook)
    rooms = [each for each in day.edits if each.id.split(".")[0] in ("limits", "payer")]
    rooms += [each for each in day.edits if each.id.startswith("pairs.") and "shown" not in each.id]
    found = edits_of_lines(count_units(services, rulebook, on=on, payer=payer), rulebook)
    assert sorted(found.findings, key=str) == sorted(rooms, key=str)


def test_a_pair_names_its_row_its_second_code_and_what_opens_it(rulebook: Rulebook) -> None:
    opened, never = (
        edits_of_lines(count_units(services, rulebook, on=TODAY), rulebook).pairs[0]
        for services in ({"97530": 30, "97750": 20}, {"97161": 20, "97162": 30})
    )
    assert (opened.column1, opened.column2, opened.opens) == ("97530", "97750", True)
    assert opened.modifiers == ("59", "XE", "XP", "XS", "XU")
    assert (never.column1, never.column2, never.opens, never.modifiers) == ("97162", "97161", False, ())
    for each in (opened, never):
        assert rulebook.row(each.table, each.row, TODAY) is not None


def test_billing_decides_the_table(rulebook: Rulebook) -> None:
    answer = count_units({"97530": 30, "97750": 20}, rulebook, on=TODAY)
    assert edits_of_lines(answer, rulebook, billing="facility").pairs[0].table == "ptp_hospital"
    assert edits_of_lines(answer, rulebook).pairs[0].table == "ptp_practitioner"


def test_a_cap_on_money_is_checked_with_a_price(rulebook: Rulebook) -> None:
    on, services = date(2026, 3, 2), {"97110": 30}
    payers = [each.id for each in rulebook.payers if "cents" in _cap(rulebook, each.id, on)]
    for payer in payers:
        method = None if rulebook.policy(payer, "counting_method", on) else "total"
        answer = count_units(services, rulebook, on=on, payer=payer, method=method)
        unpriced = [each.id for each in edits_of_lines(answer, rulebook).findings]
        assert "payer.money-cap-not-checked" in unpriced
        priced = price(answer.lines, rulebook, on=on, payer=payer, locality="national")
        if priced.allowed is not None:
            found = [each.id for each in edits_of_lines(answer, rulebook, priced=priced).findings]
            assert "payer.money-cap-not-checked" not in found
    assert payers


def _cap(rulebook: Rulebook, payer: str, on: date) -> dict[str, object]:
    cap = rulebook.policy(payer, "money_cap", on)
    return {} if cap is None else cap.value


def test_without_a_line_or_a_payer_there_is_nothing_to_say(rulebook: Rulebook) -> None:
    for answer in (
        count_units({"97110": 3}, rulebook, on=TODAY),
        count_units({"97110": 30}, rulebook, on=TODAY, payer=None, method="total"),
        count_units({"97110": 30}, rulebook, on=TODAY, payer="aetna"),
    ):
        assert edits_of_lines(answer, rulebook) == LineEdits()
