"""The package's own data: every value dated, cited and consistent with the others."""

import hashlib
import re
import tomllib
from datetime import date, timedelta
from functools import cache
from itertools import pairwise

import pytest

from fifteen.kernel.errors import NotInForce
from fifteen.rulebook import Rulebook, load_rulebook
from fifteen.rulebook.loader import PACKAGE_LAYER
from fifteen.rulebook.schema import POLICY_FIELDS

BOOK = load_rulebook()
DAY = timedelta(days=1)
TABLES = sorted(BOOK.tables)
ROWS = {name: [dict(zip(table.columns, row, strict=True)) for row in table.rows] for name, table in BOOK.tables.items()}
SERVICES = ROWS["services"]
CODES = sorted({row["code"] for row in SERVICES})

Span = tuple[date, date | None]


def span(row: dict[str, str]) -> Span:
    return date.fromisoformat(row["from"]), date.fromisoformat(row["until"]) if row["until"] else None


def key(row: dict[str, str]) -> str:
    """What a row is found by: its first column."""
    return next(iter(row.values()))


@cache
def spans_by_code(table: str) -> dict[str, list[Span]]:
    """The spans of each code of a table, in the order of its rows."""
    found: dict[str, list[Span]] = {}
    for row in ROWS[table]:
        found.setdefault(key(row), []).append(span(row))
    return found


def spans_of(table: str, code: str) -> list[Span]:
    return spans_by_code(table).get(code, [])


def spans_of_rule(id_: str) -> list[Span]:
    """The spans as known today: of two entries of one day the later published stands."""
    return list({each.entry.start: each.entry.until for each in BOOK.parameters[id_].at}.items())


def around(spans: list[Span]) -> list[date]:
    """The day before, of and after each edge."""
    edges = {edge for span in spans for edge in span if edge}
    return sorted({edge + shift * DAY for edge in edges for shift in (-1, 0, 1)})


def covers(spans: list[Span], day: date) -> Span | None:
    """The last span that holds the day; a span ends where the next begins."""
    begun = [each for each in spans if each[0] <= day]
    return begun[-1] if begun and (begun[-1][1] is None or day < begun[-1][1]) else None


RULE_DAYS = [(id_, day) for id_ in sorted(BOOK.parameters) for day in around(spans_of_rule(id_))]


@pytest.mark.parametrize(("id_", "day"), RULE_DAYS, ids=str)
def test_a_rule_around_each_of_its_edges(id_: str, day: date, rulebook: Rulebook) -> None:
    span = covers(spans_of_rule(id_), day)
    if span is None:
        with pytest.raises(NotInForce, match=rf"^{id_} is not known for {day}: .*; choose a date it covers, or add"):
            rulebook.value(id_, day)
    else:
        value = rulebook.value(id_, day)
        assert (value.since, value.until) == span


@pytest.mark.parametrize("table", TABLES)
def test_a_row_around_each_of_its_edges(table: str, rulebook: Rulebook) -> None:
    for code in {key(row) for row in ROWS[table]}:
        spans = spans_of(table, code)
        for day in around(spans):
            row = rulebook.row(table, code, day)
            assert (span(row) if row else None) == covers(spans, day), (code, day)


def uses() -> dict[str, tuple[str, ...]]:
    """What each value and row rests on."""
    found = {f"{id_} {d.entry.start}": d.entry.refs for id_, p in BOOK.parameters.items() for d in p.at}
    rows = ((name, row) for name in TABLES for row in ROWS[name])
    return found | {f"{name} {key(row)} {row['from']}": tuple(row["refs"].split()) for name, row in rows}


def test_each_value_and_row_has_references_that_exist() -> None:
    wrong = {where: refs for where, refs in uses().items() if not refs or not set(refs) <= set(BOOK.references)}
    assert wrong == {}


def test_no_value_names_a_reference_twice() -> None:
    assert {where: refs for where, refs in uses().items() if len(set(refs)) != len(refs)} == {}


def test_each_reference_is_used() -> None:
    assert set(BOOK.references) - {ref for refs in uses().values() for ref in refs} == set()


@pytest.mark.parametrize("id_", sorted(BOOK.parameters))
def test_the_dates_of_a_rule_rise_without_overlap(id_: str) -> None:
    assert_rising(spans_of_rule(id_))


@pytest.mark.parametrize("table", TABLES)
def test_the_dates_of_a_row_rise_without_overlap(table: str) -> None:
    for code in {key(row) for row in ROWS[table]}:
        assert_rising(spans_of(table, code))


def assert_rising(spans: list[Span]) -> None:
    for (start, until), (next_start, _) in pairwise(spans):
        assert start < next_start
        assert until is None or until <= next_start
    assert all(until is None or start < until for start, until in spans)


@pytest.mark.parametrize("table", TABLES)
def test_the_rows_of_a_table_are_in_order(table: str) -> None:
    keys = [(key(row), row["from"]) for row in ROWS[table]]
    assert keys == sorted(keys)


@pytest.mark.parametrize("id_", sorted(BOOK.parameters))
def test_only_primary_values_block(id_: str) -> None:
    blocking = [dated.entry for dated in BOOK.parameters[id_].at if dated.entry.severity == "block"]
    assert [entry for entry in blocking if entry.status != "primary"] == []


def test_nothing_is_primary_that_was_only_quoted_or_recalled() -> None:
    """A primary value rests on a text that was itself read."""
    rows = [(f"{name} {key(row)}", row["status"], row["refs"].split()) for name in TABLES for row in ROWS[name]]
    rows += [(id_, d.entry.status, list(d.entry.refs)) for id_, p in BOOK.parameters.items() for d in p.at]
    doubtful = [
        where
        for where, status, refs in rows
        if status == "primary" and not any(BOOK.references[ref].read in ("whole", "part") for ref in refs)
    ]
    assert doubtful == []


@pytest.mark.parametrize("id_", sorted(BOOK.parameters))
def test_only_the_project_s_own_conventions_are_local(id_: str) -> None:
    for dated in BOOK.parameters[id_].at:
        assert dated.layer == 0
        assert (dated.entry.status == "local") == id_.startswith("fifteen.")


@pytest.mark.parametrize("table", TABLES)
def test_the_sha256_of_a_table_is_right(table: str) -> None:
    about = tomllib.loads(PACKAGE_LAYER.joinpath(f"tables/{table}.toml").read_text())
    assert about["sha256"] == hashlib.sha256(PACKAGE_LAYER.joinpath(f"tables/{table}.csv").read_bytes()).hexdigest()


@pytest.mark.parametrize("relation", ["continues", "needs"])
def test_the_base_of_an_addon_is_in_force_with_it(relation: str) -> None:
    for row in SERVICES:
        if base := row[relation]:
            assert base in CODES, row["code"]
            spans = spans_of("services", base)
            for day in [span(row)[0], *around(spans)]:
                if covers([span(row)], day):
                    assert covers(spans, day), (row["code"], base, day)


def test_what_continues_a_base_needs_it() -> None:
    assert [row["code"] for row in SERVICES if row["continues"] and row["needs"] != row["continues"]] == []


def test_a_base_has_one_addon_that_continues_it() -> None:
    bases = [(row["continues"], row["from"]) for row in SERVICES if row["continues"]]
    assert len(set(bases)) == len(bases)


def test_a_unit_counts_from_within_itself() -> None:
    timed = [row for row in SERVICES if row["unit_minutes"]]
    assert len(timed) > 30
    assert [row["code"] for row in timed if not 0 < int(row["counts_from"]) <= int(row["unit_minutes"])] == []


def test_an_untimed_code_has_no_minutes() -> None:
    untimed = [row for row in SERVICES if not row["unit_minutes"]]
    assert [row["code"] for row in untimed if row["counts_from"] or row["pooled"] == "yes" or row["continues"]] == []


def test_the_pooled_codes_are_those_of_the_timed_unit() -> None:
    pooled = {(int(row["unit_minutes"]), int(row["counts_from"])) for row in SERVICES if row["pooled"] == "yes"}
    law = BOOK.value("medicare.timed_unit", date(2026, 3, 2)).value
    assert pooled == {(law["minutes"], law["counts_from"])} == {(15, 8)}


@pytest.mark.parametrize("table", ["therapy_list", "medicare_code_status", "mue", "discipline_units"])
def test_each_code_of_a_list_is_a_service(table: str) -> None:
    assert {row["code"] for row in ROWS[table]} - set(CODES) == set()


def test_each_code_used_instead_is_a_service() -> None:
    assert {row["use_instead"] for row in ROWS["medicare_code_status"]} - {""} - set(CODES) == set()


def test_the_whole_time_codes_are_timed_services() -> None:
    codes = BOOK.value("medicare.whole_time_codes", date(2026, 3, 2)).value
    assert set(codes) <= {row["code"] for row in SERVICES if row["unit_minutes"]}


@pytest.mark.parametrize(
    ("table", "column", "words"),
    [
        ("services", "pooled", {"yes", "no"}),
        ("services", "period", {"day", "days30", "month", "episode"}),
        ("therapy_list", "list", {"always", "sometimes", "under-plan"}),
        ("medicare_code_status", "letter", {"B", "C", "I", "N"}),
        ("place_of_service", "setting", {"facility", "non-facility"}),
        ("place_of_service", "telehealth", {"yes", "no"}),
        ("outcome_measures", "better", {"higher", "lower"}),
        ("outcome_measures", "status", {"secondary"}),
        ("mue", "practitioner_mai", {"2", "3"}),
        ("mue", "hospital_mai", {"2", "3"}),
        ("mue", "practitioner_releases", {"2024-Q3", "2026-Q3 2026-Q4"}),
        ("mue", "hospital_releases", {"2024-Q3"}),
    ],
)
def test_a_column_has_its_words(table: str, column: str, words: set[str]) -> None:
    assert {row[column] for row in ROWS[table]} == words


def test_disciplines_are_the_three() -> None:
    assert {word for row in SERVICES for word in row["disciplines"].split()} == {"PT", "OT", "SLP"}


def test_labels_are_short_and_there() -> None:
    assert [row["code"] for row in SERVICES if not 3 <= len(row["label"]) <= 45] == []


def test_a_payer_has_only_the_known_fields() -> None:
    fields = {id_.rsplit(".", 1)[1] for id_ in BOOK.parameters if id_.startswith("payer.")}
    assert len(POLICY_FIELDS) == 17
    assert fields <= set(POLICY_FIELDS)


@pytest.mark.parametrize("payer", [payer.id for payer in BOOK.payers])
def test_a_payer_is_a_file_of_its_name_with_a_label(payer: str) -> None:
    assert PACKAGE_LAYER.joinpath(f"payers/{payer}.toml").is_file()
    assert BOOK.payer(payer).label


@pytest.mark.parametrize("id_", [id_ for id_ in sorted(BOOK.parameters) if not id_.startswith("payer.")])
def test_a_rule_has_a_title(id_: str) -> None:
    assert BOOK.parameters[id_].title


YEARS = range(2020, 2027)
PRICES = [name for name in TABLES if name.startswith(("rvu_", "gpci_"))]


def test_the_fee_schedule_holds_its_years_and_no_other() -> None:
    assert sorted(f"{kind}_{year}" for kind in ("rvu", "gpci") for year in YEARS) == PRICES


@pytest.mark.parametrize("table", PRICES)
def test_a_year_s_rows_stay_within_the_year(table: str) -> None:
    year = int(table.rsplit("_")[1])
    for row in ROWS[table]:
        start, until = span(row)
        assert date(year, 1, 1) <= start
        assert until is not None
        assert until <= date(year + 1, 1, 1)


@pytest.mark.parametrize("table", PRICES)
def test_a_year_s_rows_have_no_gap_once_begun(table: str) -> None:
    year = int(table.rsplit("_")[1])
    for code in {key(row) for row in ROWS[table]}:
        spans = spans_of(table, code)
        assert all(until == after for (_, until), (after, _) in pairwise(spans)), code
        assert spans[-1][1] == date(year + 1, 1, 1)


@pytest.mark.parametrize("table", PRICES)
def test_the_figures_of_a_price_are_plain_decimals_and_none_is_a_descriptor(table: str) -> None:
    numbers = {"work", "pe", "mp"} | ({"pe_facility"} if table.startswith("rvu_") else set())
    for row in ROWS[table]:
        assert all(re.fullmatch(r"[0-9]{1,2}\.[0-9]{2,3}", row[name]) for name in numbers), row
    words = {"name"} if table.startswith("gpci_") else set()
    assert {"name", "label", "descriptor", "description"} & set(BOOK.tables[table].columns) == words


def test_how_many_localities_cms_has() -> None:
    counts = {year: len({key(row) for row in ROWS[f"gpci_{year}"]}) for year in YEARS}
    assert counts == {2020: 112, 2021: 112, 2022: 112, 2023: 112, 2024: 109, 2025: 109, 2026: 109}


def test_what_is_proposed_is_expected_and_stands_apart() -> None:
    statuses = {id_ for id_, p in BOOK.parameters.items() for d in p.at if d.entry.status == "expected"}
    assert statuses == {"medicare.proposed_conversion_factor"}
