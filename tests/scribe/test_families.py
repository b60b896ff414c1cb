"""Which families count minutes: the rulebook says so, by their code or, where none stands for them, by a policy."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import get_args

import pytest

from fifteen.rulebook import Rulebook, load_rulebook
from fifteen.scribe.draft import Family
from fifteen.scribe.families import FAMILY_NAMES, counts_time
from fifteen.scribe.minutes import UNTIMED
from fifteen.scribe.read import read

DAY = date(2026, 3, 2)
FAMILIES = get_args(Family)


def book_with(path: Path, rule: str, value: str, unit: str = "record") -> Rulebook:
    """The package's rulebook under an organization that has a value of its own."""
    file = path / "law" / "fifteen" / f"{rule}.toml"
    file.parent.mkdir(parents=True)
    file.write_text(
        f'[{rule}]\nunit = "{unit}"\n[[{rule}.at]]\nfrom = 2026-01-01\nvalue = {value}\nrefs = ["recalled"]\n'
        'status = "local"\n'
    )
    return load_rulebook(organization=path)


def test_each_family_has_a_name() -> None:
    assert set(FAMILY_NAMES) == set(FAMILIES)


@pytest.mark.parametrize("on", [DAY, date(2018, 6, 1), date.max])
def test_which_families_count_minutes(on: date, rulebook: Rulebook) -> None:
    timed = {family for family in FAMILIES if counts_time(family, None, rulebook, on)}
    assert timed == {
        "TE", "NMR", "MT", "TA", "GT", "SC", "AQ", "US", "ESA", "ION", "ORTH", "SI", "WC", "COG",
    }  # fmt: skip


def test_each_family_has_a_code_or_a_policy_and_none_has_both(rulebook: Rulebook) -> None:
    codes = rulebook.value("fifteen.scribe_codes", DAY).value
    uncoded = rulebook.value("fifteen.scribe_uncoded", DAY).value
    assert set(codes) | set(uncoded) == set(FAMILIES)
    assert set(codes) & set(uncoded) == set()
    assert set(uncoded.values()) == {"timed", "untimed"}


@pytest.mark.parametrize(
    ("family", "code", "timed"),
    [
        ("ESU", "97032", True),  # attended after all
        ("TE", "97150", False),
        ("DN", "20560", False),
        ("TE", "99999", True),  # no catalogue holds it: as the family
        ("GRP", "97763", False),  # held, and not in force on the day: as the family
    ],
)
def test_a_code_that_is_written_says_it_first(family: Family, code: str, timed: bool, rulebook: Rulebook) -> None:
    on = date(2017, 6, 1) if code == "97763" else DAY
    assert counts_time(family, code, rulebook, on) is timed


def test_an_organization_may_choose_a_code(tmp_path: Path, rulebook: Rulebook) -> None:
    book = book_with(tmp_path, "scribe_codes", '{ ESU = "97032" }')
    assert [counts_time("ESU", None, each, DAY) for each in (rulebook, book)] == [False, True]


def test_an_organization_may_choose_the_policy_and_the_questions_follow(tmp_path: Path, rulebook: Rulebook) -> None:
    book = book_with(tmp_path, "scribe_uncoded", '{ ORTH = "untimed" }')
    asked = [[each.text for each in read("ORTH: splint check", one, on=DAY).questions] for one in (rulebook, book)]
    assert asked == [["How many minutes of orthotic training?"], []]


def test_a_family_that_nobody_speaks_of_is_asked_for(tmp_path: Path) -> None:
    assert counts_time("DN", None, book_with(tmp_path, "scribe_uncoded", '{ ORTH = "timed" }'), DAY)


def test_the_families_that_own_no_exercises_are_the_modalities_and_those_without_time(rulebook: Rulebook) -> None:
    """`UNTIMED` says under which families no exercise stands: it follows from the rulebook but for speech treatment."""
    codes = rulebook.value("fifteen.scribe_codes", DAY).value
    services = {family: rulebook.service(code, DAY) for family, code in codes.items()}
    modalities = {family for family, each in services.items() if each and each.kind.endswith("modality")}
    untimed = {family for family in FAMILIES if not counts_time(family, None, rulebook, DAY)}
    assert set(UNTIMED) == (modalities | untimed) - {"SPEECH", "SWALLOW"}
