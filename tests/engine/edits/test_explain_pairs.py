"""`explain_pairs` and `pairs_held`: a pair told in words, and what is held of tables."""

from __future__ import annotations

from datetime import date

import pytest

from fifteen import AskedWrongly, load_rulebook
from fifteen.engine.edits.explain_pairs import PairsExplained, explain_pairs
from fifteen.engine.edits.pairs_held import pairs_held
from fifteen.rulebook import Rulebook
from tests.engine.edits.days import TODAY
from tests.engine.edits.test_pairs import ASKS, Make, acme, own

__all__ = ["acme", "own"]
BOOK = load_rulebook()


def told(*codes: str, on: date = TODAY, book: Rulebook = BOOK, **more: str) -> PairsExplained:
    return explain_pairs(book, codes, on=on, **more)


STALE = [
    (("97530", "97116"), "raise nothing for Medicare Part B", "2026 Q4", "up to 2019-12-31"),
    (("97140", "97530"), "raise nothing for Medicare Part B", "2026 Q4", "up to 2019-12-31"),
    (("97161", "97140"), "raise nothing for Medicare Part B", "2026 Q4", "withdrawn; it never could be enforced"),
    (("97530", "97161"), "raise nothing for Medicare Part B", "2026 Q4", "withdrawn; it never could be enforced"),
    (("97110", "97164"), "raise nothing for Medicare Part B", "2024 Q3", "up to 2019-12-31"),
    (("97150", "97168"), "raise nothing for Medicare Part B", "2024 Q3", "withdrawn; it never could be enforced"),
    (("97530", "97113"), "raise nothing for Medicare Part B", "2024 Q3", "up to 2019-12-31"),
    (("97530", "97533"), "raise nothing for Medicare Part B", "2024 Q3", "up to 2021-12-31"),
    (("97530", "97535"), "raise nothing for Medicare Part B", "2024 Q3", "up to 2021-12-31"),
    (("99283", "97162"), "raise nothing for Medicare Part B", "2026 Q4", "withdrawn; it never could be enforced"),
    (("97530", "97110"), "raise nothing for Medicare Part B", "2026 Q4", "withdrawn; it never could be enforced"),
    (("97110", "97116"), "stand in no row of the table", "2026 Q4", "As of release 2026 Q4."),
    (("97110", "97035"), "stand in no row of the table", "2024 Q3", "Last known 2024 Q3; what was changed since"),
]


@pytest.mark.parametrize(("codes", "first", "release", "why"), STALE, ids=["+".join(each[0]) for each in STALE])
@pytest.mark.parametrize("turned", [False, True])
def test_pairs_that_raise_nothing_today_say_why(
    codes: tuple[str, str], first: str, release: str, why: str, turned: bool
) -> None:
    found = told(*(codes[::-1] if turned else codes))
    said = " ".join(found.says)
    assert first in said
    assert why in said
    assert found.release == release
    assert not [row for row in found.rows if row.in_force]


def test_every_row_of_a_pair_in_order() -> None:
    found = told("97530", "97116", on=date(2019, 12, 31))
    assert [(row.since, row.last_day, row.withdrawn, row.in_force) for row in found.rows] == [
        (date(1996, 1, 1), date(1996, 1, 1), True, False),
        (date(1999, 7, 1), date(2019, 12, 31), False, True),
        (date(2020, 10, 1), date(2020, 10, 1), True, False),
    ]
    row = found.rows[1]
    assert (row.first_release, row.last_release, row.status, row.stale) == ("2024 Q3", "2026 Q4", "primary", False)
    assert (row.means, row.basis) == (
        "97116 is paid beside 97530 only where the two were distinct, by a modifier",
        "both its days were read in CMS's rows",
    )
    assert found.rows[0].means == "withdrawn, never enforceable: it raises nothing"
    assert found.says == [
        "Medicare Part B pays 97116 beside 97530 on one day only where the two were distinct. "
        "In force on 2019-12-31 by release 2026 Q4."
    ]
    assert (found.table_id, found.payer, found.known) == ("ptp_practitioner", "medicare", None)


def test_between_two_rows_both_the_last_and_the_next_are_told() -> None:
    assert told("97530", "97750", on=date(2020, 6, 1)).says[2:] == [
        "Their pair was deleted: it was in force up to 2019-12-31.",
        "Their pair begins later, on 2020-10-01.",
    ]


def test_the_tables_differ() -> None:
    for way, indicator, said in (("practitioner", "0", "no modifier opens that"), ("Hospital ", "1", "were distinct")):
        found = told("97161", "97750", table=way)
        assert [row.indicator for row in found.rows if row.in_force] == [indicator]
        assert said in found.says[0]
        assert found.rows[-1].stale
        assert found.rows[-1].basis == "the day it begins was inferred, not read"
        assert found.rows[0].since is None


def test_one_code_lists_its_pairs_in_force_and_what_each_release_shows() -> None:
    found = told("97530")
    assert len(found.rows) == 20
    assert all(row.in_force and "97530" in row.pair for row in found.rows)
    assert found.release == "2024 Q3"
    assert found.says == [
        "20 pairs of 97530 in force on 2026-11-25 for Medicare Part B.",
        "Last known 2024 Q3; what was changed since is not known.",
        "Release 2026 Q4 shows its pairs with 97110, 97112, 97116, 97140, 97161, 97162, 97163 only.",
    ]
    hospital = told("97530", table="hospital")
    assert len(hospital.says) == 2
    assert told("98975", on=date(2024, 7, 1)).says[0].startswith("1 pair of 98975 in force on 2024-07-01")
    assert told("97550").says == [
        "0 pairs of 97550 in force on 2026-11-25 for Medicare Part B.",
        "No release that is held covers all that was asked, so this is not known for certain.",
    ]


def test_codes_that_no_release_covers() -> None:
    found = told("97550", "97530")
    assert (found.release, found.rows) == (None, [])
    assert found.says[1].endswith("covers all that was asked, so this is not known for certain.")


def test_payers_without_a_table() -> None:
    found = told("97140", "97530", payer="aetna")
    assert (found.table_id, found.release, found.rows) == (None, None, [])
    assert found.says[0] == "Not known: no table of Aetna is held for 2026-11-25."
    assert "deny the second code" in found.says[1]
    assert told("97140", "97530", payer="self-pay").says == ["The patient pays has no table of pairs."]
    assert told("97140", "97530", payer="california-medicaid").says[0].startswith("Not known: no table of ")


def test_as_it_was_known() -> None:
    found = told("97530", "97750", on=date(2020, 10, 1), book=BOOK.as_known(date(2020, 8, 31)))
    assert (found.known, [row.in_force for row in found.rows]) == (date(2020, 8, 31), [False])
    found = told("97530", "97116", on=date(2020, 1, 10), book=BOOK.as_known(date(2020, 1, 10)))
    assert found.says[0].endswith("as published by 2020-01-10 was taken back and is not held.")


@pytest.mark.parametrize("codes", ["", "97530 97530", "97530 97140 97110", "12345", "9753", "97530 12345"])
def test_what_is_no_question(codes: str) -> None:
    with pytest.raises(AskedWrongly):
        told(*codes.split())


def test_a_table_that_there_is_not() -> None:
    with pytest.raises(AskedWrongly, match="'clinic' is no table; choose practitioner or hospital"):
        told("97530", "97140", table="clinic")


def test_a_payer_s_own_basis_and_release(acme: Make) -> None:
    found = told("97530", "97140", book=acme(ASKS), payer="acme")
    (row,) = found.rows
    assert (row.basis, row.first_release, row.last_release, row.stale) == ("own", None, None, True)
    assert found.release is None


def test_what_is_held_of_tables_and_how_old_it_is(acme: Make) -> None:
    hospital, practitioner = pairs_held(BOOK, TODAY)
    assert (hospital.table, practitioner.table) == ("ptp_hospital", "ptp_practitioner")
    assert (practitioner.rows, practitioner.pairs, practitioner.payers) == (1656, 1268, ("medicare",))
    assert (hospital.rows, hospital.pairs, hospital.way) == (1626, 1253, "hospital")
    assert (practitioner.withdrawn, hospital.withdrawn) == (193, 163)
    assert (practitioner.start_unknown, hospital.start_unknown) == (1169, 1174)
    assert practitioner.in_force == 772
    assert [(each.name, each.codes, each.days_past) for each in practitioner.releases] == [
        ("2024 Q3", 162, 786), ("2026 Q3", 8, 56), ("2026 Q4", 8, 0),
    ]  # fmt: skip
    assert pairs_held(BOOK, date(2024, 9, 30))[0].releases[0].days_past == 0
    assert pairs_held(BOOK, date(2024, 10, 1))[0].releases[0].days_past == 1
    own_ = pairs_held(acme(ASKS, '{ practitioner = "acme_pairs", hospital = "acme_pairs" }'), TODAY)[0]
    assert (own_.table, own_.payers, own_.releases, own_.rows) == ("acme_pairs", ("acme",), (), 1)
    assert pairs_held(BOOK, date(2016, 12, 31)) == []
