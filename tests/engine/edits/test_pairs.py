"""Pairs looked up, how old the answer is, payers with tables of their own, and what is never true of any day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from fifteen import assess, load_rulebook
from fifteen.engine.assess import DayAnswer
from fifteen.engine.claim_lines import DayAsked, DayLine, Outcome
from fifteen.engine.day import Context, Coverage
from fifteen.engine.edits.pair_tables import PairTable, pair_in_force, table_of
from fifteen.engine.edits.pairs import pairs_of, pairs_room
from fifteen.engine.modifiers.distinct import KINDS, distinct_room
from fifteen.engine.units.answer import Line
from fifteen.kernel.errors import RulebookError
from fifteen.rulebook import Rulebook
from tests.engine.edits.days import TODAY, attested, day_with, pair_ids, waiting
from tests.engine.evidence.records import ids, only
from tests.engine.pricing.conftest import Own
from tests.tiers import examples

BOOK = load_rulebook()
TABLES = ("ptp_practitioner", "ptp_hospital")
ROWS = [
    (name, dict(zip(BOOK.tables[name].columns, row, strict=True))) for name in TABLES for row in BOOK.tables[name].rows
]
DAY = timedelta(days=1)


def table(book: Rulebook, way: str = "practitioner", on: date = TODAY, payer: str = "medicare") -> PairTable:
    found = table_of(book, payer, way, on)
    assert isinstance(found, PairTable)
    return found


def asked(codes: str, book: Rulebook = BOOK, services: tuple[str, ...] = (), **more: Any) -> DayAsked:
    """A day with lines `PT 97530x1` as they stand, whatever its intervals would earn."""
    lines = []
    for text in codes.split(", "):
        plan, rest = text.split()
        code, units = rest.split("x")
        lines.append(DayLine(plan, Line(code, int(units), (), 15 * int(units))))  # type: ignore[arg-type]
    return DayAsked(day_with(services, **more), Context(), book, tuple(lines), (None,) * len(lines))


# -- the tables --------------------------------------------------------------------------------------------------------


def test_what_is_held() -> None:
    counts = {name: sum(each == name for each, _ in ROWS) for name in TABLES}
    assert counts == {"ptp_practitioner": 1656, "ptp_hospital": 1626}
    assert {row["withdrawn"] for _, row in ROWS} == {"yes", "no"}
    assert all((row["indicator"] == "9") == (row["withdrawn"] == "yes") for _, row in ROWS)
    zero_days = [row for _, row in ROWS if row["withdrawn"] == "yes"]
    assert all(date.fromisoformat(row["until"]) == date.fromisoformat(row["from"]) + DAY for row in zero_days)


def test_only_rows_read_with_both_days_are_primary() -> None:
    assert all((row["status"] == "primary") == (row["basis"] == "cms") for _, row in ROWS)
    assert {row["basis"] for _, row in ROWS} == {"cms", "same-day", "inferred", "unknown"}


def test_the_releases_name_the_codes_they_cover() -> None:
    releases = BOOK.value("medicare.ptp_releases", TODAY).value
    emergency = {"99281", "99282", "99283", "99284", "99285"}  # their rows were read, and no others of theirs
    for name in TABLES:
        codes = {code for each, row in ROWS if each == name for code in (row["column1"], row["column2"])}
        first = next(each for each in releases if each["table"] == name)
        assert set(first["codes"]) == codes - emergency
    named = {(each["table"], each["release"]) for each in releases}
    assert {(name, row[end]) for name, row in ROWS for end in ("first_release", "last_release")} == named


def test_two_codes_are_never_a_pair_both_ways_on_one_day() -> None:
    by_key: dict[tuple[str, str], list[dict[str, str]]] = {}
    for name, row in ROWS:
        if row["withdrawn"] == "no":
            by_key.setdefault((name, row["pair"]), []).append(row)
    for (name, pair), rows in by_key.items():
        for other in by_key.get((name, "+".join(reversed(pair.split("+")))), ()):
            for each in rows:
                first, second = sorted((each, other), key=lambda row: row["from"])
                assert first["until"], pair
                assert first["until"] <= second["from"], pair


@settings(max_examples=examples(300))
@given(st.sampled_from(ROWS), st.integers(-2, 2), st.booleans(), st.integers(0, 9000))
def test_no_pair_is_in_force_outside_its_dates(
    chosen: tuple[str, dict[str, str]], shift: int, at_end: bool, far: int
) -> None:
    name, row = chosen
    way = "hospital" if name == "ptp_hospital" else "practitioner"
    edge = date.fromisoformat(row["until"] if at_end and row["until"] else row["from"])
    for on in (edge + shift * DAY, edge + far * DAY):
        expected = [
            each
            for each in BOOK.history(name, row["pair"])
            if each["withdrawn"] == "no" and each["from"] <= str(on) and (not each["until"] or str(on) < each["until"])
        ]
        found = pair_in_force(BOOK, table(BOOK, way), row["pair"], on)
        assert (found is not None) == bool(expected)
        if found is not None:
            assert (found.column2, found.opens) == (row["column2"], expected[0]["indicator"] == "1")


@pytest.mark.parametrize(
    ("pair", "on", "opens", "release", "stale", "certain", "status"),
    [
        ("97530+97116", "2019-12-31", True, "2026 Q4", False, True, "primary"),
        ("97162+97161", "2026-11-25", False, "2026 Q4", False, True, "primary"),
        ("97162+97161", "2027-01-01", False, "2026 Q4", True, True, "primary"),
        ("97530+97750", "2024-09-30", True, "2024 Q3", False, True, "secondary"),
        ("97530+97750", "2024-10-01", True, "2024 Q3", True, True, "secondary"),
        ("97530+97542", "2024-06-30", True, "2024 Q3", False, False, "secondary"),
        ("97530+97542", "2024-07-01", True, "2024 Q3", False, True, "secondary"),
        ("97530+97533", "2021-12-30", True, "2024 Q3", False, False, "secondary"),
        ("97530+97533", "2021-12-31", True, "2024 Q3", False, True, "secondary"),
    ],
)
def test_how_well_a_pair_is_known(
    pair: str, on: str, opens: bool, release: str, stale: bool, certain: bool, status: str
) -> None:
    found = pair_in_force(BOOK, table(BOOK), pair, date.fromisoformat(on))
    assert found is not None
    assert (found.opens, found.release, found.stale, found.certain, found.status) == (
        opens, release, stale, certain, status,
    )  # fmt: skip


# -- as it was known ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pair", "on", "known", "in_force"),
    [
        ("97530+97116", "2019-12-31", "2019-12-31", True),
        ("97530+97116", "2020-06-01", "2020-06-01", False),
        ("97530+97750", "2019-12-31", "2019-12-31", True),
        ("97530+97750", "2020-06-01", "2020-06-01", False),
        ("97530+97750", "2020-10-01", "2020-08-31", False),
        ("97530+97750", "2020-10-01", "2020-09-01", True),
        ("97162+97161", "2021-06-01", "2020-08-31", False),
        ("97162+97161", "2021-06-01", "2021-06-01", True),
        ("97530+97535", "2021-12-31", "2021-12-31", True),
        ("97530+97535", "2022-01-01", "2022-01-01", False),
    ],
)
def test_ncci_of_2019_to_2022_as_it_was_known(pair: str, on: str, known: str, in_force: bool) -> None:
    book = BOOK.as_known(date.fromisoformat(known))
    day = date.fromisoformat(on)
    assert (pair_in_force(book, table(book, on=day), pair, day) is not None) == in_force


def test_what_was_taken_back_in_january_2020_is_not_held() -> None:
    book = BOOK.as_known(date(2020, 1, 10))
    said = table_of(book, "medicare", "practitioner", date(2020, 1, 10))
    assert said == "the practitioner table of Medicare Part B as published by 2020-01-10 was taken back and is not held"
    assert table_of(book, "medicare", "practitioner", date(2020, 1, 1)) == said
    assert isinstance(table_of(book, "medicare", "practitioner", date(2019, 12, 31)), PairTable)
    assert isinstance(table_of(BOOK.as_known(date(2020, 1, 24)), "medicare", "hospital", date(2020, 1, 10)), PairTable)


def test_a_release_counts_from_the_day_it_is_known() -> None:
    names = {known: [each.name for each in table(BOOK.as_known(known)).held] for known in (
        date(2020, 6, 1), date(2024, 7, 1), date(2026, 7, 1), date(2026, 10, 1))}  # fmt: skip
    assert list(names.values()) == [["2024 Q3"], ["2024 Q3"], ["2024 Q3", "2026 Q3"], ["2024 Q3", "2026 Q3", "2026 Q4"]]
    book = BOOK.as_known(date(2026, 9, 1))
    found = pair_in_force(book, table(book), "97162+97161", date(2026, 10, 1))
    assert found is not None
    assert (found.release, found.stale) == ("2026 Q3", True)
    early = BOOK.as_known(date(2025, 1, 1))
    emergency = early.history("ptp_practitioner", "99281+97161")[0]
    assert [each.name for each in table(early).shown_by(emergency)] == ["2026 Q3"]


# -- the room ----------------------------------------------------------------------------------------------------------


def test_one_code_has_no_pairs() -> None:
    assert pairs_of(asked("PT 97530x1")) is None
    assert pairs_room(asked("PT 97530x1, OT 97530x2")) == Outcome()
    assert pairs_of(asked("PT 97530x1, PT 97750x0")) is None


def test_absence_is_told_once_with_its_release() -> None:
    outcome = pairs_room(asked("PT 97110x1, PT 97140x1, PT 97530x1, PT 97035x1, PT 97550x1"))
    uncovered, current, old = (outcome.findings[place] for place in (2, 1, 0))
    assert ids(outcome.findings) == ["pairs.none-in-force", "pairs.none-in-force", "pairs.not-covered"]
    assert {each.severity for each in outcome.findings} == {"info"}
    assert current.message == (
        "Looked up and no pair in force on 2026-11-25: 97110+97140, 97110+97530, 97140+97530, as of release 2026 Q4."
    )
    assert old.message == (
        "Looked up and no pair in force when last known, in release 2024 Q3: 97035+97110, 97035+97140, 97035+97530. "
        "What was added since, up to 2026-11-25, is not known."
    )
    assert uncovered.message.startswith("Not checked: 97035+97550, 97110+97550, ")


def test_a_release_tells_of_absence_up_to_its_last_day() -> None:
    two = "PT 97110x1, PT 97035x1"
    (found,) = pairs_room(asked(two, on=date(2024, 9, 30))).findings
    assert found.message.endswith(", as of release 2024 Q3.")
    (found,) = pairs_room(asked(two, on=date(2024, 10, 1))).findings
    assert "when last known, in release 2024 Q3" in found.message


def test_a_line_without_a_modifier_to_open_it_waits_wherever_it_stands() -> None:
    outcome = pairs_room(asked("PT 97750x1, PT 97161x1, OT 97750x1"))
    assert [each.line for each in outcome.held] == [0, 2]
    assert outcome.held[0].why == ("97750 is not paid beside 97161, and no modifier opens that. Last known 2024 Q3.")
    assert outcome.modifiers == []


def test_a_block_says_why_and_what_to_do() -> None:
    block = only(pairs_room(asked("PT 97161x1, PT 97162x1")).findings, "pairs.never-together")
    assert block.severity == "block"
    assert block.message == (
        "Medicare Part B does not pay 97161 beside 97162 on one day; no modifier opens that. "
        "In force on 2026-11-25 by release 2026 Q4."
    )
    assert block.cite.startswith("CMS NCCI PTP edits v32.2 and v32.3")
    assert block.fix.startswith("Bill the code that describes the day")


def test_an_unknown_beginning_is_said() -> None:
    found = only(pairs_room(asked("PT 97530x1, PT 97542x1", on=date(2019, 5, 6))).findings, "pairs.if-distinct")
    assert (found.severity, found.message.split(". ")[1]) == (
        "warn", "The day it began is not known; release 2024 Q3 shows it.",
    )  # fmt: skip
    assert found.fix.startswith("Look the pair up in the payer's present table.")


# -- payers ------------------------------------------------------------------------------------------------------------

COLUMNS = "pair,column1,column2,from,until,known,indicator,withdrawn,basis,first_release,last_release,refs,status\n"


@pytest.fixture
def own(tmp_path: Path) -> Own:
    return Own(tmp_path)


Make = Callable[..., Rulebook]


@pytest.fixture
def acme(own: Own) -> Make:
    """A payer with a table of its own."""

    def make(
        rows: str, policy: str = '{ practitioner = "acme_pairs" }', status: str = "local", **fields: str
    ) -> Rulebook:
        own.table("organization", "acme_pairs", COLUMNS + rows)
        own.payer("acme", counting_method='"total"', pair_table=policy, **fields)
        path = own.root / "organization/payers/acme.toml"
        path.write_text(path.read_text().replace('status = "local"', f'status = "{status}"'))
        return own.load()

    return make


NEVER = "97140+97110,97140,97110,2020-01-01,,,0,no,own,,,recalled,{}\n"
ASKS = "97530+97140,97530,97140,2020-01-01,,,1,no,own,,,recalled,local\n"
TWO = ("97140 09:00-09:16", "97110 09:20-09:36")
THREE = ("97530 09:00-09:16", "97140 09:20-09:36")
BY_ACME = Coverage(payer="acme")


def test_a_payer_s_own_table_is_followed_and_never_blocks_without_its_release(acme: Make) -> None:
    book = acme(NEVER.format("primary"), status="primary")
    answer = assess(day_with(TWO, coverage=BY_ACME), book)
    found = only(answer.edits, "pairs.never-together")
    assert found.severity == "warn"
    assert found.message.endswith(
        "The table does not say of which release it is, so whether it stands on 2026-11-25 is not known."
    )
    assert answer.lines[1].held == (
        "97110 is not paid beside 97140, and no modifier opens that. Of which release the table is, is not known.",
    )
    assert waiting(assess(day_with(TWO), book)) == []


FALL = 'release = "Fall", from = "2026-10-01", until = "2027-01-01"'
RELEASES = f'[{{ table = "acme_pairs", {FALL}, codes = ["97110", "97140"] }}]'


@pytest.mark.parametrize(
    ("row", "policy", "severity"),
    [("primary", "primary", "block"), ("primary", "secondary", "warn"), ("local", "primary", "warn")],
)
def test_only_primary_rows_of_a_primary_policy_block(
    row: str, policy: str, severity: str, acme: Make, own: Own
) -> None:
    own.law("acme_releases", "list", RELEASES)
    rows = NEVER.format(row).replace(",own,,,", ",own,Fall,Fall,")
    book = acme(rows, '{ practitioner = "acme_pairs", releases = "organization.acme_releases" }', policy)
    answer = assess(day_with(TWO, coverage=BY_ACME), book)
    assert only(answer.edits, "pairs.never-together").severity == severity


def test_the_modifiers_of_a_payer_may_be_unknown_or_others(acme: Make) -> None:
    book = acme(ASKS)
    day = attested(day_with(THREE, coverage=BY_ACME), book)
    answer = assess(day, book)
    assert only(answer.edits, "pairs.modifiers-not-known").message == (
        "R. Diaz attested 59 for PT 97140; which modifiers Acme takes for a pair is not known, so it was not added."
    )
    assert (waiting(answer), answer.attestations[0].given_by) == (["PT 97140"], None)
    book = acme(ASKS, pair_modifiers='["XU", "XE"]')
    answer = assess(attested(day_with(THREE, coverage=BY_ACME), book), book)
    assert "Acme takes XU or XE" in only(answer.edits, "pairs.modifier-not-taken").message
    assert answer.attestations[0].kind == "XU"
    answer = assess(attested(day_with(THREE, coverage=BY_ACME), book, "XE"), book)
    assert (waiting(answer), answer.lines[1].modifiers, answer.attestations[0].kind) == ([], ("XE",), "XE")


def test_a_base_and_its_add_on_may_be_a_pair_of_their_own(acme: Make) -> None:
    book = acme(ASKS.replace("97530", "97129").replace("97140", "97130"))
    day = day_with(("SLP 97129 09:00-09:15", "SLP 97130 09:20-09:40"), coverage=BY_ACME)
    (one,) = assess(day, book).attestations
    assert one.evidence.startswith("Recorded: 97129 09:00-09:15 and 97130 09:20-09:40. One was finished")


def test_a_payer_may_have_no_pairs_or_a_table_that_is_none(acme: Make) -> None:
    book = acme(ASKS, "{ none = true }")
    assert pair_ids(assess(day_with(THREE, coverage=BY_ACME), book)) == []
    for policy, said in (
        ('{ practitioner = "services" }', "Acme names 'services', which is no table of pairs in the rulebook"),
        ('{ practitioner = "nowhere" }', "Acme names 'nowhere', which is no table of pairs in the rulebook"),
        ('{ hospital = "acme_pairs" }', "no practitioner table of Acme is held"),
    ):
        answer = assess(day_with(THREE, coverage=BY_ACME), acme(ASKS, policy))
        assert only(answer.edits, "pairs.not-checked").message == (
            f"Not checked: pairs of codes that are not both paid on one day; {said}."
        )


def test_a_payer_of_no_table_and_a_way_of_billing_of_none() -> None:
    said = only(
        pairs_room(asked("PT 97530x1, PT 97140x1", coverage=Coverage(payer="aetna"))).findings, "pairs.not-checked"
    )
    assert said.message.endswith("; no table of Aetna is held for 2026-11-25.")
    said = only(
        pairs_room(asked("PT 97530x1, PT 97140x1", billing="critical-access-hospital")).findings, "pairs.not-checked"
    )
    assert said.message.endswith("; which table checks claims billed this way is not known.")
    assert pairs_of(asked("PT 97530x1, PT 97140x1", on=date(2016, 12, 31))) == (
        "no table of Medicare Part B is held for 2016-12-31"
    )
    assert pairs_of(asked("PT 97530x1, PT 97140x1", coverage=Coverage(payer="self-pay"))) is None


@pytest.mark.parametrize(
    "policy",
    ["{}", "{ none = false }", '{ practitioner = "" }', '{ releases = "x" }', '{ practitioner = "x", more = "y" }'],
)
def test_a_pair_table_that_names_none_is_refused(policy: str, acme: Make) -> None:
    with pytest.raises(RulebookError, match="does not name tables of pairs; write"):
        acme(ASKS, policy)


@pytest.mark.parametrize(
    "row",
    [
        "97110+97140,97140,97110,2020-01-01,,,0,no,own,,,recalled,local\n",
        "97140+97110,97140,97110,2020-01-01,,,9,no,own,,,recalled,local\n",
        "97140+97110,97140,97110,2020-01-01,,,0,maybe,own,,,recalled,local\n",
        "97140+97110,97140,97110,2020-01-01,,,0,no,,,,recalled,local\n",
    ],
)
def test_a_row_that_is_no_pair_is_refused(row: str, acme: Make) -> None:
    with pytest.raises(RulebookError, match="this is not a row of pairs; write"):
        acme(row)


# -- what is true of every day -----------------------------------------------------------------------------------------

CODES = ("97110", "97116", "97140", "97150", "97161", "97162", "97530", "97535", "97542", "97750", "97550", "G0283")


def written(plan: str, code: str, start: int, length: int) -> str:
    clocks = [f"{minute // 60:02}:{minute % 60:02}" for minute in (start, start + length)]
    return f"{plan} {code} {'-'.join(clocks)}"


SERVICE = st.builds(
    written, st.sampled_from(("PT", "OT")), st.sampled_from(CODES), st.integers(420, 1080), st.integers(5, 40)
)
SERVICES = st.lists(SERVICE, min_size=1, max_size=5)
DATES = st.dates(date(2017, 1, 1), date(2027, 6, 30))
slow = settings(max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])


def lines_of(services: list[str]) -> str:
    """A line of one unit for each code and plan, whatever the minutes."""
    return ", ".join(dict.fromkeys(f"{each.split()[0]} {each.split()[1]}x1" for each in services))


def both(day: DayAsked) -> Outcome:
    one, other = pairs_room(day), distinct_room(day)
    return Outcome(
        one.modifiers + other.modifiers, one.asked + other.asked, one.held + other.held, one.findings + other.findings
    )


@slow
@given(SERVICES, DATES)
def test_the_program_attests_nothing_and_adds_no_modifier_by_itself(services: list[str], on: date) -> None:
    answer: DayAnswer = assess(day_with(services, on), BOOK)
    assert not [line for line in answer.lines if set(line.modifiers) & set(KINDS)]
    assert [each.given_by for each in answer.attestations] == [None] * len(answer.attestations)
    blocks = {each.id for each in answer.edits if each.severity == "block"}
    assert {each for each in blocks if each.startswith("pairs.")} <= {"pairs.never-together"}


@slow
@given(SERVICES, DATES, st.randoms(use_true_random=False))
def test_the_order_of_lines_and_intervals_changes_nothing(services: list[str], on: date, random: Any) -> None:
    day = asked(lines_of(services), services=tuple(services), on=on)
    places = list(range(len(day.lines)))
    random.shuffle(places)
    visits = tuple(replace(each, intervals=each.intervals[::-1]) for each in day.day.visits[::-1])
    other = DayAsked(
        replace(day.day, visits=visits), day.context, BOOK, tuple(day.lines[each] for each in places), day.allowed
    )
    one, two = both(day), both(other)
    assert set(one.findings) == set(two.findings)
    assert sorted(each.evidence_hash for each in one.asked) == sorted(each.evidence_hash for each in two.asked)
    assert {(each.line, each.why) for each in one.held} == {(places[each.line], each.why) for each in two.held}


@slow
@given(SERVICES, DATES, SERVICE)
def test_another_service_never_removes_a_finding_or_frees_a_line(services: list[str], on: date, more: str) -> None:
    if more.split()[:2] in [each.split()[:2] for each in services]:
        return
    code = more.split()[1]
    one = both(asked(lines_of(services), services=tuple(services), on=on))
    two = both(asked(lines_of([*services, more]), services=(*services, more), on=on))
    listing = ("pairs.none-in-force", "pairs.not-covered", "pairs.not-checked")

    def told(outcome: Outcome) -> set[tuple[str, str, str]]:
        # The same code under another plan is evidence of the same pair, so its words may change.
        return {(each.id, each.severity, each.where) for each in outcome.findings if each.id not in listing}

    if code not in {each.split()[1] for each in services}:
        assert told(one) <= told(two)
        assert {each.why for each in one.held} <= {each.why for each in two.held}
