"""Package, home, organization: a later layer wins by key and date, and says so."""

from datetime import date
from pathlib import Path

import pytest

from fifteen.kernel.errors import AskedWrongly, NotInForce, UnknownCode, UnknownId, UnknownPayer
from fifteen.rulebook import Rulebook, load_rulebook

from .conftest import Shelf

DAY = date(2026, 3, 2)
COLUMNS = "code,from,until,known,colour,refs,status\n"


def in_force(book: Rulebook, on: date = DAY, known: date | None = None) -> tuple[object, str]:
    value = book.value("test.rule", on, known)
    return value.value, value.layer


def test_the_package_stands_alone(rulebook: Rulebook) -> None:
    value = rulebook.value("medicare.expected_average", DAY)
    assert (value.value, value.layer) == (15, "package")


@pytest.mark.parametrize("layer", ["home", "organization"])
def test_a_later_layer_wins_over_the_package_and_says_so(layer: str, shelf: Shelf) -> None:
    shelf.rule(layer, "2017-01-01 14", name="medicare/expected_average")
    value = shelf.load().value("medicare.expected_average", DAY)
    assert (value.value, value.layer, value.status) == (14, layer, "local")


def test_the_organization_wins_over_the_home(shelf: Shelf) -> None:
    shelf.rule("home", "2020-01-01 8")
    shelf.rule("organization", "2020-01-01 9")
    assert in_force(shelf.load()) == (9, "organization")


def test_a_later_layer_wins_only_from_its_date(shelf: Shelf) -> None:
    shelf.rule("home", "2020-01-01 8", "2024-01-01 10")
    shelf.rule("organization", "2022-01-01 9")
    book = shelf.load()
    assert in_force(book, date(2021, 12, 31)) == (8, "home")
    assert in_force(book, date(2022, 1, 1)) == (9, "organization")
    assert in_force(book, date(2024, 1, 1)) == (10, "home")


def test_a_title_is_kept_unless_it_is_replaced(shelf: Shelf) -> None:
    shelf.rule("organization", "2020-01-01 14", name="medicare/expected_average")
    assert shelf.load().parameters["medicare.expected_average"].title == "Minutes a billed unit is expected to average"


@pytest.mark.parametrize("layer", ["home", "organization"])
def test_a_layer_that_does_not_exist_is_empty(layer: str, tmp_path: Path, rulebook: Rulebook) -> None:
    assert load_rulebook(**{layer: tmp_path / "nowhere"}).hash == rulebook.hash


@pytest.mark.parametrize("file", ["law/test/rule.toml", "payers/acme.toml", "references.toml"])
@pytest.mark.parametrize("layer", ["home", "organization"])
def test_the_hash_covers_all_layers(layer: str, file: str, shelf: Shelf, rulebook: Rulebook) -> None:
    text = {"payers/acme.toml": 'id = "acme"'}.get(file, "")
    shelf.write(f"{layer}/{file}", text)
    one = shelf.load().hash
    shelf.write(f"{layer}/{file}", text + "\n")
    assert len({rulebook.hash, one, shelf.load().hash}) == 3


def test_the_hash_knows_which_layer_a_file_is_in(shelf: Shelf) -> None:
    shelf.rule("home", "2020-01-01 8")
    at_home = shelf.load().hash
    shelf.home.rename(shelf.organization)
    assert shelf.load().hash != at_home


def test_the_hash_is_the_same_in_every_place(tmp_path: Path) -> None:
    one, other = Shelf(tmp_path / "one"), Shelf(tmp_path / "other")
    for each in (one, other):
        each.rule("home", "2020-01-01 8")
    assert one.load().hash == other.load().hash


def test_a_file_that_is_no_rulebook_file_is_left_alone(shelf: Shelf, rulebook: Rulebook) -> None:
    shelf.write("organization/README.md", "Why we hold these values.")
    assert shelf.load().hash == rulebook.hash


def test_the_hash_covers_tables(shelf: Shelf) -> None:
    shelf.table("home", "colours", COLUMNS + "97110,2020-01-01,,,red,recalled,local\n")
    red = shelf.load().hash
    shelf.table("home", "colours", COLUMNS + "97110,2020-01-01,,,blue,recalled,local\n")
    assert shelf.load().hash != red


class TestCorrections:
    """A value is corrected by an entry of the same date that was published later."""

    @pytest.fixture
    def book(self, shelf: Shelf) -> Rulebook:
        shelf.rule("home", "2020-01-01 8", "2020-01-01 9\nknown = 2020-06-01", "2021-01-01 10\nknown = 2020-11-01")
        return shelf.load()

    def test_the_correction_holds(self, book: Rulebook) -> None:
        assert in_force(book, date(2020, 3, 1)) == (9, "home")

    @pytest.mark.parametrize(
        ("on", "known", "value"),
        [
            (date(2020, 3, 1), date(2020, 1, 1), 8),
            (date(2020, 3, 1), date(2020, 5, 31), 8),
            (date(2020, 3, 1), date(2020, 6, 1), 9),
            (date(2021, 3, 1), date(2020, 10, 31), 9),
            (date(2021, 3, 1), date(2020, 11, 1), 10),
        ],
    )
    def test_what_was_known_then(self, book: Rulebook, on: date, known: date, value: int) -> None:
        assert in_force(book, on, known) == (value, "home")

    def test_before_anything_was_published(self, book: Rulebook) -> None:
        with pytest.raises(NotInForce, match="as published by 2019-12-31"):
            book.value("test.rule", date(2020, 3, 1), date(2019, 12, 31))

    def test_a_row_is_corrected_too(self, shelf: Shelf) -> None:
        rows = "97110,2020-01-01,,2020-06-01,blue,recalled,local\n97110,2020-01-01,,,red,recalled,local\n"
        shelf.table("home", "colours", COLUMNS + rows)
        row = shelf.load().row("colours", "97110", DAY)
        assert row is not None
        assert row["colour"] == "blue"


class TestDates:
    """Before, between and after: not in force is never the nearest guess."""

    @pytest.fixture
    def book(self, shelf: Shelf) -> Rulebook:
        shelf.rule("home", "2020-01-01 8\nuntil = 2021-01-01", "2022-01-01 9\nuntil = 2023-01-01")
        rows = "97110,2020-01-01,2021-01-01,,red,recalled,local\n97110,2022-01-01,2023-01-01,,blue,recalled,local\n"
        shelf.table("home", "colours", COLUMNS + rows)
        return shelf.load()

    DAYS = (
        (date(2019, 12, 31), None, None),
        (date(2020, 1, 1), 8, "red"),
        (date(2020, 12, 31), 8, "red"),
        (date(2021, 1, 1), None, None),
        (date(2021, 12, 31), None, None),
        (date(2022, 1, 1), 9, "blue"),
        (date(2022, 12, 31), 9, "blue"),
        (date(2023, 1, 1), None, None),
    )

    @pytest.mark.parametrize(("on", "value", "colour"), DAYS)
    def test_a_rule(self, book: Rulebook, on: date, value: int | None, colour: str | None) -> None:
        found = book.value_or_none("test.rule", on)
        assert (found.value if found else None) == value

    @pytest.mark.parametrize(("on", "value", "colour"), DAYS)
    def test_a_row(self, book: Rulebook, on: date, value: int | None, colour: str | None) -> None:
        found = book.row("colours", "97110", on)
        assert (found["colour"] if found else None) == colour

    @pytest.mark.parametrize("on", [on for on, value, _ in DAYS if value is None])
    def test_the_sentence_says_when_it_is_held(self, book: Rulebook, on: date) -> None:
        for _ in range(2):  # the second time from memory
            with pytest.raises(NotInForce) as error:
                book.value("test.rule", on)
            assert str(error.value) == (
                f"test.rule is not known for {on}: the rulebook holds it from 2020-01-01 until 2021-01-01 "
                "and from 2022-01-01 until 2023-01-01; "
                "choose a date it covers, or add a dated entry with its source to your organization's rulebook."
            )

    @pytest.mark.parametrize(
        ("entries", "held"),
        [
            (("2020-01-01 8", "2021-01-01 9"), "from 2020-01-01;"),
            (("2020-01-01 8\nuntil = 2021-01-01", "2021-01-01 9"), "from 2020-01-01;"),
            (("2020-01-01 8", "2021-01-01 9\nuntil = 2022-01-01"), "from 2020-01-01 until 2022-01-01;"),
            (
                ("2020-01-01 8", "2020-01-01 9\nknown = 2020-06-01\nuntil = 2021-01-01"),
                "from 2020-01-01 until 2021-01-01;",
            ),
        ],
    )
    def test_days_that_follow_are_one_span(self, entries: tuple[str, ...], held: str, shelf: Shelf) -> None:
        shelf.rule("home", *entries)
        with pytest.raises(NotInForce) as error:
            shelf.load().value("test.rule", date(2019, 12, 31))
        assert f"the rulebook holds it {held}" in str(error.value)

    def test_a_value_tells_its_range_and_source(self, book: Rulebook) -> None:
        value = book.value("test.rule", date(2020, 5, 1))
        assert (value.since, value.until, value.refs) == (date(2020, 1, 1), date(2021, 1, 1), ("recalled",))
        assert value.cite == "recalled, to be confirmed"

    def test_no_such_key(self, book: Rulebook) -> None:
        assert book.row("colours", "97999", DAY) is None


class TestRows:
    """Rows of a table, all layers together."""

    def test_a_later_layer_wins_by_code_and_date(self, shelf: Shelf) -> None:
        shelf.table("home", "colours", COLUMNS + "97110,2020-01-01,,,red,recalled,local\n")
        text = COLUMNS + "97110,2020-01-01,,,blue,recalled,local\n97112,2020-01-01,,,green,recalled,local\n"
        shelf.table("organization", "colours", text)
        book = shelf.load()
        rows = {code: book.row("colours", code, DAY) for code in ("97110", "97112")}
        assert {code: row and row["colour"] for code, row in rows.items()} == {"97110": "blue", "97112": "green"}
        assert book.row_layer("colours", "97110", DAY) == "organization"
        assert book.row_layer("colours", "97113", DAY) is None

    def test_a_later_date_wins_over_a_later_layer(self, shelf: Shelf) -> None:
        shelf.table("home", "colours", COLUMNS + "97110,2022-01-01,,,red,recalled,local\n")
        shelf.table("organization", "colours", COLUMNS + "97110,2020-01-01,,,blue,recalled,local\n")
        row = shelf.load().row("colours", "97110", DAY)
        assert row is not None
        assert row["colour"] == "red"


class TestCellsThatAdd:
    """A cell that begins with `+|` adds to the row it lies over; every other cell of its row replaces."""

    LISTS = "code,from,until,known,colour,size,refs,status\n"

    def colours(self, book: Rulebook, on: date = DAY) -> tuple[str, str] | None:
        row = book.row("colours", "97110", on)
        return row and (row["colour"], row["size"])

    def test_it_adds_from_its_day(self, shelf: Shelf) -> None:
        shelf.table("home", "colours", self.LISTS + "97110,2020-01-01,,,red | blue,big,recalled,local\n")
        shelf.table("organization", "colours", self.LISTS + "97110,2022-01-01,,,+| green,small,recalled,local\n")
        book = shelf.load()
        assert self.colours(book, date(2021, 12, 31)) == ("red | blue", "big")
        assert self.colours(book, date(2022, 1, 1)) == ("red | blue | green", "small")

    def test_what_is_added_later_adds_to_it(self, shelf: Shelf) -> None:
        shelf.table("home", "colours", self.LISTS + "97110,2020-01-01,,,red,big,recalled,local\n")
        rows = "97110,2022-01-01,,,+| green,big,recalled,local\n97110,2023-01-01,,,+| pink,big,recalled,local\n"
        corrected = "97110,2022-01-01,,2022-06-01,+| grey,big,recalled,local\n"
        shelf.table("organization", "colours", self.LISTS + rows + corrected)
        book = shelf.load()
        assert self.colours(book) == ("red | green | grey | pink", "big")
        assert self.colours(book.as_known(date(2022, 5, 31)), date(2022, 3, 1)) == ("red | green", "big")

    def test_a_row_that_replaces_ends_what_was_added(self, shelf: Shelf) -> None:
        rows = "97110,2020-01-01,,,+| red,big,recalled,local\n97110,2022-01-01,,,green,big,recalled,local\n"
        shelf.table("home", "colours", self.LISTS + rows)
        assert self.colours(shelf.load()) == ("green", "big")

    def test_over_no_row_it_stands_alone(self, shelf: Shelf) -> None:
        shelf.table("home", "colours", self.LISTS + "97110,2020-01-01,,,+| red,big,recalled,local\n")
        assert self.colours(shelf.load()) == ("red", "big")

    def test_a_row_that_has_ended_gives_nothing(self, shelf: Shelf) -> None:
        shelf.table("home", "colours", self.LISTS + "97110,2020-01-01,2022-01-01,,red,big,recalled,local\n")
        shelf.table("organization", "colours", self.LISTS + "97110,2021-01-01,,,+| green,big,recalled,local\n")
        book = shelf.load()
        assert self.colours(book, date(2021, 12, 31)) == ("red | green", "big")
        assert self.colours(book, date(2022, 1, 1)) == ("green", "big")


def payer(id_: str, *fields: str, extends: str = "") -> str:
    """A payer file; each field is `FIELD UNIT FROM VALUE`."""
    lines = [f'id = "{id_}"', f'extends = "{extends}"' if extends else ""]
    for field in fields:
        name, unit, start, value = field.split(" ", 3)
        lines += [f'[{name}]\nunit = "{unit}"\n[[{name}.at]]\nfrom = {start}\nvalue = {value}']
        lines += ['refs = ["recalled"]\nstatus = "local"']
    return "\n".join(lines)


class TestPayers:
    """A policy extends one parent; what neither says is unknown."""

    @pytest.fixture
    def book(self, shelf: Shelf) -> Rulebook:
        shelf.write("home/payers/a.toml", payer("acme", "assistant_factor percent 2024-01-01 90", extends="medicare"))
        child = payer("acme-north", "line_order enum 2025-01-01 'as-listed'", extends="acme")
        shelf.write("organization/payers/b.toml", child)
        return shelf.load()

    @pytest.mark.parametrize(
        ("name", "field", "on", "value", "id_"),
        [
            ("acme", "assistant_factor", date(2024, 1, 1), 90, "payer.acme.assistant_factor"),
            ("acme", "assistant_factor", date(2023, 12, 31), 85, "payer.medicare.assistant_factor"),
            ("acme", "counting_method", DAY, "total", "payer.medicare.counting_method"),
            ("acme-north", "assistant_factor", DAY, 90, "payer.acme.assistant_factor"),
            ("acme-north", "line_order", date(2025, 1, 1), "as-listed", "payer.acme-north.line_order"),
            ("acme-north", "line_order", date(2024, 12, 31), "any", "payer.medicare.line_order"),
        ],
    )
    def test_a_child_falls_through_to_its_parents(
        self, book: Rulebook, name: str, field: str, on: date, value: object, id_: str
    ) -> None:
        found = book.policy(name, field, on)
        assert found is not None
        assert (found.value, found.id) == (value, id_)

    @pytest.mark.parametrize(("name", "on"), [("aetna", DAY), ("acme", date(2016, 12, 31))])
    def test_an_absent_field_is_unknown(self, book: Rulebook, name: str, on: date) -> None:
        assert book.policy(name, "counting_method", on) is None

    def test_an_organization_may_override_one_field(self, shelf: Shelf) -> None:
        override = payer("cigna", "line_order enum 2022-10-15 'any'")
        shelf.write("organization/payers/ours.toml", override)
        book = shelf.load()
        found = {field: book.policy("cigna", field, DAY) for field in ("line_order", "assistant_factor")}
        assert {field: value and (value.value, value.layer) for field, value in found.items()} == {
            "line_order": ("any", "organization"),
            "assistant_factor": (85, "package"),
        }
        assert book.payer("cigna").label == "Cigna"

    def test_an_organization_may_say_whom_a_payer_follows(self, shelf: Shelf) -> None:
        shelf.write("organization/payers/ours.toml", 'id = "aetna"\nextends = "midpoint"\nlabel = "Aetna, by letter"')
        book = shelf.load()
        found = book.policy("aetna", "counting_method", DAY)
        assert found is not None
        assert found.value == "midpoint"
        assert book.payer("aetna").label == "Aetna, by letter"

    def test_a_payer_is_found_in_any_case(self, book: Rulebook) -> None:
        assert book.payer(" ACME ").id == "acme"

    def test_an_unknown_payer_is_told_the_known_ones(self, book: Rulebook) -> None:
        with pytest.raises(UnknownPayer) as error:
            book.payer("nobody")
        assert str(error.value).startswith(
            "payer 'nobody' is not in the rulebook; choose one of acme, acme-north, aetna"
        )

    def test_payers_are_in_order(self, book: Rulebook) -> None:
        names = [each.id for each in book.payers]
        assert names == sorted(names)
        assert {"acme", "medicare"} <= set(names)


class TestAskingForWhatNobodyWrote:
    def test_a_rule(self, rulebook: Rulebook) -> None:
        with pytest.raises(UnknownId, match=r"^medicare\.nonsense: .*`fifteen rulebook show` lists"):
            rulebook.value("medicare.nonsense", DAY)

    def test_a_rule_or_none(self, rulebook: Rulebook) -> None:
        assert rulebook.value_or_none("medicare.nonsense", DAY) is None

    def test_a_table(self, rulebook: Rulebook) -> None:
        with pytest.raises(UnknownId):
            rulebook.row("nonsense", "97110", DAY)

    def test_the_layer_of_a_row(self, rulebook: Rulebook) -> None:
        with pytest.raises(UnknownId):
            rulebook.row_layer("nonsense", "97110", DAY)

    def test_the_span_of_a_code(self, rulebook: Rulebook) -> None:
        with pytest.raises(UnknownCode):
            rulebook.service_span("97999")

    def test_a_reference(self, rulebook: Rulebook) -> None:
        with pytest.raises(UnknownId):
            rulebook.cite(["nonsense"])

    def test_a_policy(self, rulebook: Rulebook) -> None:
        with pytest.raises(AskedWrongly):
            rulebook.policy("nonsense", "counting_method", DAY)


def test_what_is_remembered_stays_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fifteen.rulebook.resolve.MOST_REMEMBERED", 5)
    book = load_rulebook()
    for number in range(50):
        assert book.remember(("n", number), lambda number=number: number * 2) == number * 2  # type: ignore[misc]
    assert len(book._memo) <= 5
