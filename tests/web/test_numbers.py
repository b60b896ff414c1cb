"""What a page takes along to count with."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from fifteen import AskedWrongly, count_units
from fifteen.kernel.errors import NotInForce
from fifteen.rulebook import Rulebook
from fifteen.web.numbers import numbers

DAY = date(2026, 3, 2)


def test_it_holds_every_service_in_force_and_names_the_others(rulebook: Rulebook) -> None:
    sent = numbers(rulebook, date(2023, 12, 31))
    assert sent["services"].keys() == {service.code for service in rulebook.services(date(2023, 12, 31))}
    assert "97550" in sent["absent"]  # since 2024
    assert "97762" in sent["absent"]  # until 2018
    assert not sent["services"].keys() & set(sent["absent"])


def test_what_a_row_says(rulebook: Rulebook) -> None:
    sent = numbers(rulebook, DAY)
    rows = sent["services"]
    assert (sent["on"], sent["rulebook"]) == ("2026-03-02", rulebook.hash)
    assert rows["97110"] == ["exercise", 1, [15, 8]]
    assert rows["97161"] == ["physical therapy evaluation, simple"]
    assert rows["97130"] == ["thinking skills training, added time", 1, [15, 8, 15, 8], "97129", "97130"]
    assert rows["97545"][2:] == [[120, 61, 60, 31], "97545", "97546"]
    assert sent["whole"] == {"97545": [120, 120, 60, 60]}


def test_the_numbers_of_both_rules_are_the_rulebook_s(rulebook: Rulebook) -> None:
    sent = numbers(rulebook, DAY)
    assert {"minutes": sent["unit"], "counts_from": sent["counts_from"]} == rulebook.value(
        "medicare.timed_unit", DAY
    ).value
    assert {"units": sent["untimed"]} == rulebook.value("medicare.untimed_unit", DAY).value


@pytest.mark.parametrize("on", [date(2022, 9, 21), date(2022, 9, 22), DAY])
def test_a_payer_counts_as_the_engine_says(rulebook: Rulebook, on: date) -> None:
    for name, (label, method, by) in numbers(rulebook, on)["payers"].items():
        answer = count_units({"97110": 20}, rulebook, on=on, payer=name)
        assert (method, by) == (answer.method, answer.method_from)
        assert label


def test_a_date_outside_every_rule_has_no_numbers(rulebook: Rulebook) -> None:
    with pytest.raises(NotInForce):
        numbers(rulebook, date(2016, 12, 31))
    with pytest.raises(AskedWrongly):
        count_units({"97110": 20}, rulebook, on=date(2016, 12, 31))


def test_it_is_light_and_json_changes_nothing(rulebook: Rulebook) -> None:
    sent = numbers(rulebook, DAY)
    text = json.dumps(sent, separators=(",", ":"))
    assert len(text) < 14_000
    assert json.loads(text)["services"] == sent["services"]


def test_they_hold_until_the_next_value_begins(rulebook: Rulebook) -> None:
    found = numbers(rulebook, date(2025, 6, 1))
    assert found["since"] <= "2025-06-01"
    assert found["until"] is not None
    inside = numbers(rulebook, date.fromisoformat(found["until"]) - timedelta(days=1))
    first = numbers(rulebook, date.fromisoformat(found["since"]))
    for key in ("services", "whole", "payers", "absent", "unit", "counts_from"):
        assert found[key] == inside[key] == first[key]  # type: ignore[literal-required]
    after = numbers(rulebook, date.fromisoformat(found["until"]))
    assert any(after[key] != found[key] for key in ("services", "payers", "absent"))  # type: ignore[literal-required]


def test_of_today_they_hold_without_an_end(rulebook: Rulebook) -> None:
    assert numbers(rulebook, date(2026, 11, 25))["until"] is None
