"""Tables that are read when they are first asked for: the same rows, the same hash, the same refusals."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from fifteen.kernel.errors import RulebookError, UnknownId
from fifteen.rulebook import Rulebook, compiler, load_rulebook, loader

from .conftest import Shelf

DAY = date(2026, 5, 4)
COLUMNS = "code,from,until,known,colour,refs,status\n"


@pytest.fixture
def package(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of one table on demand and one that is not."""
    shelf.write("package/references.toml", loader.PACKAGE_LAYER.joinpath("references.toml").read_bytes())
    shelf.table("package", "services", COLUMNS)
    file = shelf.table("package", "colours", COLUMNS + "97110,2020-01-01,,,red,recalled,local\n")
    about = file.with_suffix(".toml")
    about.write_text(about.read_text() + "on_demand = true\n")
    monkeypatch.setattr(loader, "PACKAGE_LAYER", shelf.root / "package")
    return file


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tables that were read on demand."""
    names: list[str] = []
    read_sheet = compiler.read_sheet
    monkeypatch.setattr(compiler, "read_sheet", lambda sheet, refs: names.append(sheet.id) or read_sheet(sheet, refs))
    return names


def colour(book: Rulebook, code: str = "97110") -> str | None:
    row = book.row("colours", code, DAY)
    return row["colour"] if row else None


def test_a_table_is_read_once_and_only_when_asked_for(package: Path, shelf: Shelf, read: list[str]) -> None:
    book = shelf.load_cached()
    assert ("colours" in book.tables, sorted(book.tables), len(book.tables)) == (True, ["colours", "services"], 2)
    assert read == []
    assert (colour(book), colour(book), book.row_layer("colours", "97110", DAY)) == ("red", "red", "package")
    assert read == ["colours"]
    assert colour(shelf.load_cached()) == "red"


def test_nothing_that_units_need_is_read_on_demand(rulebook: Rulebook) -> None:
    assert {"services", "therapy_list", "medicare_code_status"}.isdisjoint(rulebook._compiled.sheets)
    assert len(rulebook._compiled.sheets) == 19


def test_the_hash_covers_what_was_not_read_yet(package: Path, shelf: Shelf) -> None:
    before = shelf.load().hash
    shelf.table("package", "colours", COLUMNS + "97110,2020-01-01,,,blue,recalled,local\n")
    assert shelf.load().hash != before


def test_a_file_that_changed_after_loading_is_refused(package: Path, shelf: Shelf) -> None:
    book = shelf.load()
    package.write_text(COLUMNS)
    with pytest.raises(RulebookError, match=r"colours\.csv: the file changed after the rulebook was loaded; load"):
        colour(book)


def test_a_wrong_row_is_refused_when_it_is_read(package: Path, shelf: Shelf) -> None:
    file = shelf.table("package", "colours", COLUMNS + "97110,2020-01-01,,,red,nobody,local\n")
    about = file.with_suffix(".toml")
    about.write_text(about.read_text() + "on_demand = true\n")
    with pytest.raises(RulebookError, match="reference 'nobody' does not exist"):
        colour(shelf.load())


def test_a_later_layer_s_rows_join_those_of_the_package(package: Path, shelf: Shelf, read: list[str]) -> None:
    shelf.table("organization", "colours", COLUMNS + "97112,2020-01-01,,,green,recalled,local\n")
    book = shelf.load()
    assert (colour(book), colour(book, "97112"), read) == ("red", "green", [])


def test_a_later_layer_s_own_table_is_checked_at_once(package: Path, shelf: Shelf) -> None:
    file = shelf.table("home", "numbers", COLUMNS + "97110,2020-01-01,,,red,nobody,local\n")
    about = file.with_suffix(".toml")
    about.write_text(about.read_text() + "on_demand = true\n")
    with pytest.raises(RulebookError, match="reference 'nobody' does not exist"):
        shelf.load()


def test_a_table_nobody_holds_is_unknown() -> None:
    book = load_rulebook()
    assert "shapes" not in book.tables
    with pytest.raises(UnknownId):
        book.row("shapes", "97110", DAY)


BASES = {
    "no-basis": '{ percent = "110" }',
    "another": '{ basis = "guess" }',
    "lacking": '{ basis = "table" }',
    "too-much": '{ basis = "medicare", percent = "110" }',
    "number": '{ basis = "percent-of-medicare", percent = 110 }',
    "words": '{ basis = "percent-of-medicare", percent = "much" }',
    "empty": '{ basis = "table", table = "" }',
    "year": '{ basis = "percent-of-medicare", percent = "110", base = "2024" }',
}


@pytest.mark.parametrize("value", BASES.values(), ids=BASES)
def test_a_fee_basis_that_says_nothing_is_refused(value: str, shelf: Shelf) -> None:
    entry = f'from = 2020-01-01\nvalue = {value}\nrefs = ["recalled"]\nstatus = "local"\n'
    text = f'id = "acme"\n[fee_basis]\nunit = "record"\n[[fee_basis.at]]\n{entry}'
    shelf.write("organization/payers/acme.toml", text)
    with pytest.raises(RulebookError, match=r"is not a fee basis; write basis \(medicare, percent-of-medicare"):
        shelf.load()


@pytest.mark.parametrize("value", ["1e3", "-1", "36.", "much", ""])
def test_a_decimal_is_plain(value: str, shelf: Shelf) -> None:
    shelf.rule("organization", f'2020-01-01 "{value}"', unit="decimal")
    with pytest.raises(RulebookError, match="is not a plain decimal number; write it as text"):
        shelf.load()
