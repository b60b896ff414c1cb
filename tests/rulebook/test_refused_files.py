"""A file that is not as it must be is refused by name, with the reason."""

import os
from pathlib import Path

import pytest

from fifteen.kernel.errors import RulebookError
from fifteen.rulebook import loader

from .conftest import Shelf

HEAD = '[rule]\nunit = "minutes"\n[[rule.at]]\n'
ENTRY = 'from = 2020-01-01\nvalue = 8\nrefs = ["recalled"]\nstatus = "secondary"\n'


def rule(old: str = "", new: str = "") -> str:
    """A rule that is right, but for one change."""
    return (HEAD + ENTRY).replace(old, new)


def again(*lines: str) -> str:
    """The rule with a second entry."""
    return rule() + "[[rule.at]]\n" + ENTRY.replace("from = 2020-01-01", "\n".join(lines))


RULES = {
    "not-toml": ("[rule", "cannot be read as TOML"),
    "not-utf8": (b"\xff", "cannot be read as TOML"),
    "not-a-table": ("rule = 5", "is not a table of a unit and dated entries"),
    "unknown-key": (rule("[[rule", "colour = 1\n[[rule"), "'colour' is not a key of a parameter"),
    "unknown-unit": (rule("minutes", "hours"), "unit 'hours' is not known"),
    "no-unit": (rule("unit", "title"), "unit None is not known"),
    "unit-is-a-list": (rule('"minutes"', '["minutes"]'), "unit"),
    "title-is-a-number": (rule("[[rule", "title = 5\n[[rule"), "title"),
    "no-entry": ('[rule]\nunit = "minutes"', "needs at least one dated entry"),
    "entries-are-a-number": ('[rule]\nunit = "minutes"\nat = 5', "at"),
    "entry-is-a-table": (rule("[[rule.at]]", "[rule.at]"), "entry 1"),
    "no-refs": (rule('refs = ["recalled"]'), "missing required field `refs`"),
    "empty-refs": (rule('"recalled"'), "a value without a source"),
    "unknown-ref": (rule("recalled", "nowhere"), "reference 'nowhere' does not exist"),
    "unknown-field": (rule("value", "colour = 1\nvalue"), "unknown field `colour`"),
    "unknown-status": (rule("secondary", "guess"), "'guess'"),
    "text-for-minutes": (rule("= 8", '= "eight"'), "'eight' is not a value of unit 'minutes'"),
    "yes-for-minutes": (rule("= 8", "= true"), "True is not a value of unit 'minutes'"),
    "fraction-for-minutes": (rule("= 8", "= 8.0"), "8.0 is not a value of unit 'minutes'"),
    "number-for-yes-no": (rule("minutes", "yes-no"), "8 is not a value of unit 'yes-no'"),
    "fraction-in-record": (rule("minutes", "record").replace("= 8", "= { rate = 0.5 }"), "holds a binary fraction"),
    "fraction-in-list": (rule("minutes", "list").replace("= 8", "= [{ rate = [0.5] }]"), "holds a binary fraction"),
    "unsure-block": (rule("value", 'severity = "block"\nvalue'), "only a value of status primary may block"),
    "empty-range": (rule("value", "until = 2020-01-01\nvalue"), "until 2020-01-01 is not after from 2020-01-01"),
    "no-date": (rule("2020-01-01", '"2020-13-01"'), "entry 1"),
    "dates-fall": (again("from = 2019-01-01"), "from 2019-01-01 does not follow from 2020-01-01"),
    "date-twice": (again("from = 2020-01-01"), "a later known"),
    "correction-before": (again("from = 2020-01-01", "known = 2019-12-31"), "a later known"),
}


@pytest.mark.parametrize("case", RULES)
def test_a_rule_is_refused(case: str, shelf: Shelf) -> None:
    text, reason = RULES[case]
    refused(shelf, shelf.write("organization/law/test/rule.toml", text), reason)


def refused(shelf: Shelf, file: Path, reason: str) -> None:
    with pytest.raises(RulebookError) as error:
        shelf.load()
    assert reason.lower() in str(error.value).lower()
    assert str(file) in str(error.value)


def test_the_rule_without_a_change_is_right(shelf: Shelf) -> None:
    shelf.write("organization/law/test/rule.toml", rule())
    assert "test.rule" in shelf.load().parameters


def test_a_rule_keeps_its_unit_in_every_layer(shelf: Shelf) -> None:
    file = shelf.rule("home", "2020-01-01 15", unit="cents", name="medicare/expected_average")
    refused(shelf, file, "unit is 'cents', but an earlier layer holds medicare.expected_average in 'minutes'")


def payer(field: str, unit: str, value: str) -> str:
    return f'id = "acme"\n[{field}]\nunit = "{unit}"\n[[{field}.at]]\n' + ENTRY.replace("= 8", f"= {value}")


PAYERS = {
    "no-id": ('label = "Acme"', "missing required field `id`"),
    "unknown-key": ('id = "acme"\ncolour = 1', "'colour' is not known here"),
    "label-is-a-number": ('id = "acme"\nlabel = 5', "label"),
    "unknown-field": (payer("fee", "cents", "8"), "'fee' is not a field of a payer"),
    "field-without-date": ('id = "acme"\ncounting_method = "total"', "'counting_method' is not known here"),
    "wrong-unit": (payer("mppr", "enum", '"yes"'), "unit is 'enum' and must be 'yes-no'"),
    "unknown-method": (payer("counting_method", "enum", '"guess"'), "'guess' is not one of midpoint, total"),
    "telehealth-way": (
        payer("telehealth_modifier", "record", '{ fax = "95" }'),
        "is not a set of modifiers; write a modifier for audio-video or audio-only",
    ),
    "telehealth-modifier": (
        payer("telehealth_modifier", "record", "{ audio-video = 95 }"),
        "is not a set of modifiers",
    ),
    "telehealth-text": (payer("telehealth_modifier", "record", '{ audio-only = "9" }'), "is not a set of modifiers"),
    "telehealth-nothing": (payer("telehealth_modifier", "record", "{}"), "is not a set of modifiers"),
    "unknown-order": (payer("line_order", "enum", '"guess"'), "'guess' is not one of any, as-listed"),
    "cap-of-nothing": (payer("unit_cap", "record", "{ units = 4 }"), "unit_cap"),
    "cap-that-is-and-is-not": (payer("unit_cap", "record", "{ none = true, units = 4 }"), "unit_cap"),
    "cap-said-to-be-one": (payer("unit_cap", "record", "{ none = false }"), "unit_cap"),
    "cap-of-zero": (payer("unit_cap", "record", '{ units = 0, per = "day", scope = "npi" }'), "unit_cap"),
    "cap-for-a-moment": (payer("unit_cap", "record", '{ units = 4, per = "hour", scope = "npi" }'), "unit_cap"),
    "cap-in-cents-of-units": (payer("unit_cap", "record", '{ cents = 4, per = "day", scope = "npi" }'), "unit_cap"),
    "cap-in-loose-words": (payer("money_cap", "record", '{ rvu = "many", per = "day", scope = "npi" }'), "money_cap"),
    "cap-in-yes": (payer("money_cap", "record", '{ cents = true, per = "day", scope = "npi" }'), "money_cap"),
    "cap-in-words": (payer("unit_cap", "record", '{ units = "4", per = "day", scope = "npi" }'), "unit_cap"),
    "cap-for-nobody": (payer("unit_cap", "record", '{ units = 4, per = "day", scope = "moon" }'), "unit_cap"),
    "cap-on-what": (payer("unit_cap", "record", '{ units = 4, per = "day", scope = "npi", only = "hot" }'), "unit_cap"),
    "cap-of-money-on-what": (
        payer("money_cap", "record", '{ cents = 4, per = "day", scope = "npi", only = "timed" }'),
        "money_cap",
    ),
    "id-in-capitals": ('id = "ACME"', "ACME"),
    "extends-nobody": ('id = "acme"\nextends = "nobody"', "extends 'nobody', which no layer describes"),
    "extends-itself": ('id = "acme"\nextends = "acme"', "extends itself"),
}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("unit_cap", "{ none = true }"),
        ("unit_cap", '{ units = 4, per = "visit", scope = "discipline" }'),
        ("unit_cap", '{ units = 4, per = "day", scope = "npi", only = "timed" }'),
        ("money_cap", "{ none = true }"),
        ("money_cap", '{ cents = 9000, per = "day", scope = "npi" }'),
        ("money_cap", '{ rvu = "4.5", per = "day", scope = "npi" }'),
    ],
)
def test_a_cap_of_each_kind_is_read(field: str, value: str, shelf: Shelf) -> None:
    shelf.write("organization/payers/acme.toml", payer(field, "record", value))
    assert f"payer.acme.{field}" in shelf.load().parameters


@pytest.mark.parametrize("case", PAYERS)
def test_a_payer_is_refused(case: str, shelf: Shelf) -> None:
    text, reason = PAYERS[case]
    refused(shelf, shelf.write("organization/payers/acme.toml", text), reason)


def test_payers_do_not_extend_each_other(shelf: Shelf) -> None:
    shelf.write("organization/payers/a.toml", 'id = "a"\nextends = "b"')
    shelf.write("organization/payers/b.toml", 'id = "b"\nextends = "a"')
    with pytest.raises(RulebookError, match="payer a extends itself through a"):
        shelf.load()


SOURCE = '[memo]\ntitle = "T"\npublisher = "P"\ncite = "C"\nread = "whole"\nchecked = 2026-01-01\n'


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('publisher = "P"\n', "", "missing required field `publisher`"),
        ('"whole"', '"skimmed"', "'skimmed'"),
        ("checked", "colour = 1\nchecked", "unknown field `colour`"),
        (SOURCE, "memo = 5", "memo"),
        (SOURCE, "[memo", "cannot be read as TOML"),
    ],
)
def test_a_reference_is_refused(old: str, new: str, reason: str, shelf: Shelf) -> None:
    refused(shelf, shelf.write("organization/references.toml", SOURCE.replace(old, new)), reason)


@pytest.mark.parametrize(
    "path",
    ["notes.toml", "rows.csv", "law/rule.toml", "law/test/rule.csv", "law/a/b/c.toml", "payers/a.csv", "x/y.toml"],
)
def test_a_file_in_no_place_is_refused(path: str, shelf: Shelf) -> None:
    refused(shelf, shelf.write(f"organization/{path}", ""), "no rulebook file lives here")


COLUMNS = "code,from,until,known,colour,refs,status\n"
ROW = "97110,2020-01-01,,,red,recalled,secondary\n"

ROWS = {
    "column-missing": (COLUMNS.replace("known,", "") + ROW.replace(",,,", ",,"), "column 'known' is missing"),
    "field-missing": (COLUMNS + ROW.replace(",red", ""), "line 2: the row has not as many fields"),
    "field-too-many": (COLUMNS + ROW + ROW.replace("red", "red,blue"), "line 3: the row has not as many fields"),
    "no-date": (COLUMNS + ROW.replace("2020-01-01", "soon"), "line 2: Invalid isoformat string: 'soon'"),
    "date-in-another-way": (COLUMNS + ROW.replace("2020-01-01", "20200101"), "dates are YYYY-MM-DD"),
    "field-without-end": (COLUMNS + ROW.replace("red", "r" * 200_000), "cannot be read as CSV"),
    "no-known": (COLUMNS + ROW.replace(",,,", ",,soon,"), "dates are YYYY-MM-DD"),
    "no-until": (COLUMNS + ROW.replace(",,,", ",soon,,"), "dates are YYYY-MM-DD"),
    "empty-range": (COLUMNS + ROW.replace(",,,", ",2020-01-01,,"), "until 2020-01-01 is not after from 2020-01-01"),
    "no-status": (COLUMNS + ROW.replace("secondary", "guess"), "a row has a status"),
    "no-reference": (COLUMNS + ROW.replace("recalled", ""), "at least one reference"),
    "unknown-reference": (COLUMNS + ROW.replace("recalled", "nowhere"), "reference 'nowhere' does not exist"),
    "empty": ("", "column"),
    "not-utf8": ((COLUMNS + ROW).encode() + b"\xff", "UTF-8"),
}


@pytest.mark.parametrize("case", ROWS)
def test_a_table_is_refused(case: str, shelf: Shelf) -> None:
    text, reason = ROWS[case]
    refused(shelf, shelf.table("organization", "colours", text), reason)


@pytest.mark.parametrize("missing", ["release", "source", "sha256"])
def test_a_table_says_where_it_is_from(missing: str, shelf: Shelf) -> None:
    about = shelf.table("organization", "colours", COLUMNS + ROW).with_suffix(".toml")
    about.write_text("".join(line for line in about.read_text().splitlines(True) if not line.startswith(missing)))
    refused(shelf, about, f"{missing} is missing")


def test_a_table_is_never_alone(shelf: Shelf) -> None:
    file = shelf.table("organization", "colours", COLUMNS + ROW)
    file.with_suffix(".toml").unlink()
    refused(shelf, file, "colours.toml with its release, source and sha256 is missing")


def test_a_table_is_the_one_described(shelf: Shelf) -> None:
    file = shelf.table("organization", "colours", COLUMNS + ROW)
    file.write_text(COLUMNS + ROW.replace("red", "blue"))
    refused(shelf, file, "the file is not the one colours.toml describes")


def test_a_table_keeps_its_columns_in_every_layer(shelf: Shelf) -> None:
    file = shelf.table("organization", "therapy_list", COLUMNS + ROW)
    refused(shelf, file, "the columns are not those of the earlier layer: code,from,until,known,list,refs,status")


def test_a_service_has_minutes_that_are_numbers(shelf: Shelf) -> None:
    columns = "code,from,until,known,kind,unit_minutes,counts_from,pooled,continues,needs,period,disciplines,label"
    row = "97110,2020-01-01,,,procedure,fifteen,8,yes,,,day,,exercise,recalled,secondary"
    refused(shelf, shelf.table("organization", "services", f"{columns},refs,status\n{row}\n"), "unit_minutes")


class TestTwoOfEqualRank:
    """Nothing in the file order may pick between two values of one layer and date."""

    def test_a_rule_in_two_files(self, shelf: Shelf) -> None:
        shelf.write("organization/law/test/a.toml", rule())
        refused(shelf, shelf.write("organization/law/test/b.toml", rule("= 8", "= 9")), "test.rule")

    def test_a_payer_in_two_files(self, shelf: Shelf) -> None:
        shelf.write("organization/payers/a.toml", payer("mppr", "yes-no", "true"))
        refused(shelf, shelf.write("organization/payers/b.toml", payer("mppr", "yes-no", "false")), "payer.acme.mppr")

    def test_a_label_in_two_files(self, shelf: Shelf) -> None:
        shelf.write("organization/payers/a.toml", 'id = "acme"\nlabel = "Acme"')
        refused(
            shelf, shelf.write("organization/payers/b.toml", 'id = "acme"\nlabel = "Acme Health"'), "label of payer"
        )

    def test_a_row_twice(self, shelf: Shelf) -> None:
        refused(shelf, shelf.table("organization", "colours", COLUMNS + ROW + ROW.replace("red", "blue")), "97110")


def test_an_unreadable_file_is_refused(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    file = shelf.rule("organization", "2020-01-01 8")
    read = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path == file:
            raise PermissionError(13, "Permission denied", str(path))
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    refused(shelf, file, "ermission")


def test_a_link_to_nowhere_hides_no_other_file(shelf: Shelf) -> None:
    """An editor leaves such links (`.#name.toml`) beside the file that is open."""
    names = [f"acme-{number}" for number in range(40)]
    (shelf.organization / "payers").mkdir(parents=True)
    (shelf.organization / "payers" / ".#acme.toml").symlink_to("nowhere")
    for name in names:
        shelf.write(f"organization/payers/{name}.toml", f'id = "{name}"')
    assert {payer.id for payer in shelf.load().payers} >= set(names)


def test_a_rule_that_is_a_link_to_nowhere_is_refused(shelf: Shelf) -> None:
    file = shelf.rule("organization", "2020-01-01 8").with_name("gone.toml")
    file.symlink_to("nowhere")
    refused(shelf, file, "No such file")


def test_a_folder_that_may_not_be_read_is_refused(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = shelf.rule("organization", "2020-01-01 8").parent
    scandir = os.scandir

    def refuse(path: str) -> object:
        if path == str(folder):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    refused(shelf, folder, "Permission denied")


def test_a_package_without_data_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loader, "PACKAGE_LAYER", tmp_path / "data")
    with pytest.raises(RulebookError, match="holds no rulebook; install fifteen again"):
        loader.load_rulebook()
