"""`mue_held`: the quarterly files of unit limits that were read."""

from __future__ import annotations

from datetime import date

from fifteen.engine.edits.mue_held import mue_held
from fifteen.rulebook import Rulebook


def test_each_file_with_its_days_its_codes_and_its_age(rulebook: Rulebook) -> None:
    files = mue_held(rulebook, date(2026, 11, 25))
    assert [(each.way, each.name, each.since, each.until, each.days_past) for each in files] == [
        ("practitioner", "2024 Q3", date(2024, 7, 1), date(2024, 10, 1), 786),
        ("practitioner", "2026 Q3", date(2026, 7, 1), date(2026, 10, 1), 56),
        ("practitioner", "2026 Q4", date(2026, 10, 1), date(2027, 1, 1), 0),
        ("hospital", "2024 Q3", date(2024, 7, 1), date(2024, 10, 1), 786),
    ]
    assert "97110" in files[2].covers
    for each in files:
        for code in each.covers:
            row = rulebook.row("mue", code, each.since)
            assert row is not None
            assert each.name.replace(" ", "-") in row[f"{each.way}_releases"].split()


def test_a_file_is_past_from_the_day_after_its_last(rulebook: Rulebook) -> None:
    ages = [mue_held(rulebook, on)[0].days_past for on in (date(2024, 6, 1), date(2024, 9, 30), date(2024, 10, 1))]
    assert ages == [0, 0, 1]
