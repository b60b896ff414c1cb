"""The same day under the law as it was known then, and as it is known now."""

from __future__ import annotations

from datetime import date

import pytest

from fifteen import NotInForce, ServiceMinutes, count_units
from fifteen.rulebook import Rulebook
from tests.engine.modifiers.days import assessed, ids_of, lines_of

VIDEO = {"discipline": "PT", "place": "10", "way": "audio-video", "minutes": {"97110": 30}}


def test_telehealth_of_february_2026_had_lapsed_and_was_repaired_back(rulebook: Rulebook) -> None:
    then = rulebook.as_known(date(2026, 2, 1))
    assert "telehealth.not-payable" in ids_of(assessed(then, [VIDEO], date="2026-02-02"), "telehealth")
    assert "telehealth.not-payable" not in ids_of(assessed(rulebook, [VIDEO], date="2026-02-02"), "telehealth")
    # The modifier says how it was given, whether or not it is paid.
    assert lines_of(assessed(rulebook, [VIDEO], date="2026-02-02")) == ["97110 x2 GP 95"]


def test_january_2026_was_payable_as_known_then_and_now(rulebook: Rulebook) -> None:
    for book in (rulebook, rulebook.as_known(date(2026, 1, 20))):
        assert "telehealth.not-payable" not in ids_of(assessed(book, [VIDEO], date="2026-01-15"), "telehealth")


def test_the_lapse_of_october_2025_as_known_in_it(rulebook: Rulebook) -> None:
    then = rulebook.as_known(date(2025, 10, 20))
    assert "telehealth.not-payable" in ids_of(assessed(then, [VIDEO], date="2025-10-15"), "telehealth")
    assert "telehealth.not-payable" not in ids_of(assessed(rulebook, [VIDEO], date="2025-10-15"), "telehealth")


def test_after_the_last_day_of_the_law_it_is_not_known(rulebook: Rulebook) -> None:
    assert "telehealth.not-known" in ids_of(assessed(rulebook, [VIDEO], date="2028-02-01"), "telehealth")


def test_the_assistant_s_rule_of_2021_and_of_2022(rulebook: Rulebook) -> None:
    services = [ServiceMinutes("97110", 14, 12)]
    marked = {}
    for on in (date(2021, 12, 31), date(2022, 1, 1)):
        answer = count_units(services, rulebook, on=on)
        marked[on.year] = [(line.units, line.modifiers) for line in answer.lines]
    assert marked == {2021: [(2, ("GP", "CQ"))], 2022: [(1, ("GP",)), (1, ("GP", "CQ"))]}


def test_what_was_published_later_is_not_there(rulebook: Rulebook) -> None:
    then = rulebook.as_known(date(2020, 1, 1))
    assert then.hash.endswith("as known 2020-01-01")
    assert then.value("medicare.timed_unit", date(2019, 5, 1)) == rulebook.value(
        "medicare.timed_unit", date(2019, 5, 1)
    )
    assert then.row("therapy_list", "97110", date(2019, 5, 1)) is not None
    with pytest.raises(NotInForce, match="as published by 2020-01-01"):
        then.value("medicare.telehealth_payable", date(2020, 3, 15))
    assert rulebook.value("medicare.telehealth_payable", date(2020, 3, 15)).value is True
