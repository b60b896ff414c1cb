"""What a name means to the rulebook, what stands under it on a date, and names like one that nobody wrote."""

from __future__ import annotations

from datetime import date

import pytest

from fifteen.kernel.errors import UnknownId
from fifteen.rulebook import Rulebook
from fifteen.rulebook.catalogue import Named, look_up, named, near

from .conftest import Shelf

DAY = date(2026, 3, 2)
LONG_AGO = date(1999, 1, 1)


@pytest.mark.parametrize(
    ("id_", "kind", "name"),
    [
        ("cigna", "payer", "cigna"),
        ("midpoint", "payer", "midpoint"),
        (" Medicare.Timed_Unit ", "rule", "medicare.timed_unit"),
        ("payer.cigna.unit_cap", "rule", "payer.cigna.unit_cap"),
        ("payer.cigna.counting_method", "policy", "payer.cigna.counting_method"),
        ("rvu_2026", "table", "rvu_2026"),
        ("cms-ch5-20-2", "source", "cms-ch5-20-2"),
        ("g0283", "service", "G0283"),
    ],
)
def test_what_a_name_means(id_: str, kind: str, name: str, rulebook: Rulebook) -> None:
    assert named(rulebook, id_) == Named(kind, name)  # type: ignore[arg-type]


@pytest.mark.parametrize("id_", ["payer.nobody.unit_cap", "payer.cigna.colour", "payer.cigna.unit_cap.units", "97", ""])
def test_a_name_nobody_wrote(id_: str, rulebook: Rulebook) -> None:
    with pytest.raises(UnknownId, match="the rulebook holds no rule, payer, table, source or code of this name"):
        named(rulebook, id_)


def test_names_like_it(rulebook: Rulebook) -> None:
    assert near(rulebook, "medicare.timed_units")[0] == "medicare.timed_unit"
    assert near(rulebook, "signa") == ["cigna"]
    assert near(rulebook, "x" * 100_000) == []
    with pytest.raises(UnknownId, match=r"did you mean cigna\?"):
        named(rulebook, "signa")


@pytest.mark.parametrize("on", [DAY, LONG_AGO])
def test_everything_that_is_listed_can_be_looked_up(on: date, rulebook: Rulebook) -> None:
    everything = look_up(rulebook, None, on)
    assert (everything.on, everything.rulebook) == (on, rulebook.hash)
    for item in everything.items:
        assert look_up(rulebook, item.id, on).items


def test_a_field_that_no_entry_was_written_for_is_not_known(rulebook: Rulebook) -> None:
    [item] = look_up(rulebook, "payer.aetna.unit_cap", DAY).items
    assert (item.kind, item.value, item.note) == ("policy", None, "not known: no text was found")


def test_a_field_taken_over_from_another_payer(shelf: Shelf) -> None:
    shelf.write("organization/payers/acme.toml", 'id = "acme"\nlabel = "Acme"\nextends = "medicare"\n')
    book = shelf.load()
    [item] = look_up(book, "payer.acme.counting_method", DAY).items
    assert (item.id, item.value) == ("payer.medicare.counting_method", "total")
    assert look_up(book, "acme", DAY).items[0].note == "Extends medicare."


def test_a_field_before_its_date(rulebook: Rulebook) -> None:
    fields = {item.title: item for item in look_up(rulebook, "cigna", LONG_AGO).items}
    assert fields["unit cap"].note == "not known on 1999-01-01; known from 2022-10-15"


def test_a_code_with_its_rows_and_one_out_of_force(rulebook: Rulebook) -> None:
    assert {item.kind for item in look_up(rulebook, "97014", DAY).items} == {
        "service", "medicare_code_status", "mue", "rvu_2026",
    }  # fmt: skip
    [item] = look_up(rulebook, "97550", date(2023, 12, 31)).items
    assert item.note == "not in force on 2023-12-31; held from 2024-01-01"


@pytest.mark.parametrize("table", ["services", "therapy_list", "rvu_2020"])
def test_a_table_outside_its_dates_is_told_of_as_a_whole(table: str, rulebook: Rulebook) -> None:
    [item] = look_up(rulebook, table, LONG_AGO).items
    assert (item.kind, item.unit, item.value) == ("table", "rows", len(rulebook.tables[table].rows))
    assert len(look_up(rulebook, table, date(2020, 6, 1)).items) > 1


def test_a_rule_and_a_source(rulebook: Rulebook) -> None:
    [rule] = look_up(rulebook, "medicare.timed_unit", LONG_AGO).items
    assert rule.note.startswith("medicare.timed_unit is not known for 1999-01-01")
    [source] = look_up(rulebook, "recalled", DAY).items
    assert "(read: recalled)" in source.note


def test_a_table_says_the_sum_of_its_file(rulebook: Rulebook) -> None:
    for name, sheet in rulebook.sheets.items():
        assert rulebook.tables[name].sha256 == sheet.sha256
    assert len(rulebook.tables["services"].sha256) == 64
