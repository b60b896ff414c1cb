"""Which table of pairs checks a claim, which releases of it are held, and how a pair stands in it on a date."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import combinations

import msgspec

from fifteen.engine.day import Billing
from fifteen.kernel.finding import Status
from fifteen.rulebook import Rulebook
from fifteen.rulebook.resolve import Value

WITH_MODIFIER = "1"  # not law: CMS's indicator of a pair that a modifier opens
START_UNKNOWN = "unknown"
PRACTITIONER = "practitioner"
WAYS = {PRACTITIONER: "practitioner table", "hospital": "hospital table"}


class Release(msgspec.Struct, frozen=True):
    """A release of a table: the days it was made for, and the codes among which it shows every pair."""

    name: str
    start: date
    until: date
    codes: frozenset[str]


class PairTable(msgspec.Struct, frozen=True):
    """The table that checks a payer's claims; `releases` in order, empty where nobody wrote which they are.

    `known`: only what had begun by then counts, unless nothing had: then a later release tells of the days before it.
    """

    name: str
    label: str
    policy: Value
    releases: tuple[Release, ...]
    known: date | None

    @property
    def held(self) -> tuple[Release, ...]:
        begun = tuple(each for each in self.releases if self.known is None or each.start <= self.known)
        return begun or self.releases[:1]

    def covers(self, codes: Iterable[str]) -> Release | None:
        """The newest release that shows every pair among these codes."""
        asked = set(codes)
        return next((each for each in reversed(self.held) if asked <= each.codes), None)

    def shown_by(self, row: dict[str, str]) -> tuple[Release, ...]:
        """The releases, of those held, that showed a row: from its first to its last."""
        names = [each.name for each in self.releases]
        first, last = row.get("first_release", ""), row.get("last_release", "")
        if first not in names or last not in names:
            return ()
        shown = self.releases[names.index(first) : names.index(last) + 1]
        return tuple(each for each in shown if each in self.held) or shown[:1]


class Pair(msgspec.Struct, frozen=True):
    """A pair in force: `column2` is the code that is denied.

    `opens`: a modifier may open it. `release` is the newest that showed it, empty where nobody wrote which; `stale`:
    it was made for days before the one asked for. `certain` is no where the row may have begun later than that day.
    """

    column1: str
    column2: str
    opens: bool
    since: date
    release: str
    stale: bool
    certain: bool
    status: Status
    cite: str


class Absent(msgspec.Struct, frozen=True):
    """Two codes that stand in no row in force, as of the newest release that covers both; None: none does."""

    codes: tuple[str, str]
    release: Release | None


class Pairs(msgspec.Struct, frozen=True):
    """What a table says of all pairs among the codes of a day."""

    table: PairTable
    in_force: tuple[Pair, ...]
    absent: tuple[Absent, ...]


def pair_table(rulebook: Rulebook, payer: str, billing: Billing, on: date) -> PairTable | str | None:
    """The table that checks this payer's claims billed so; a sentence where it is not known, None for no table."""
    policy = rulebook.policy(payer, "pair_table", on)
    if policy is not None and "none" in policy.value:
        return None
    ways = rulebook.value_or_none("medicare.ptp_table", on)
    way = ways.value.get(billing) if ways is not None else None
    if policy is not None and way is None:
        return "which table checks claims billed this way is not known"
    return table_of(rulebook, payer, way or PRACTITIONER, on)


def table_of(rulebook: Rulebook, payer: str, way: str, on: date) -> PairTable | str | None:
    """As `pair_table`, for the `practitioner` or the `hospital` table."""
    profile = rulebook.payer(payer)
    label = profile.label or profile.id
    policy = rulebook.policy(payer, "pair_table", on)
    if policy is None:
        return f"no table of {label} is held for {on}"
    if "none" in policy.value:
        return None
    name = policy.value.get(way)
    if name is None:
        return f"no {WAYS[way]} of {label} is held"
    if name not in rulebook.tables or "column2" not in rulebook.tables[name].columns:
        return f"{label} names {name!r}, which is no table of pairs in the rulebook"
    if _taken_back(rulebook, policy, on):
        return f"the {WAYS[way]} of {label} as published by {rulebook.known} was taken back and is not held"
    return PairTable(name, label, policy, _releases(rulebook, policy, name, on), rulebook.known)


def _taken_back(rulebook: Rulebook, policy: Value, on: date) -> bool:
    """Was what had been published by the day it is `known` taken back later for the day asked for?"""
    if rulebook.known is None:
        return False
    back = rulebook.value_or_none(policy.value.get("taken_back", ""), rulebook.known)
    return back is not None and back.since <= on


def _releases(rulebook: Rulebook, policy: Value, table: str, on: date) -> tuple[Release, ...]:
    """The releases of a table that the rulebook holds, oldest first."""
    held = rulebook.value_or_none(policy.value.get("releases", ""), on)
    found = [
        Release(
            each["release"], date.fromisoformat(each["from"]), date.fromisoformat(each["until"]),
            frozenset(each["codes"]),
        )
        for each in (held.value if held is not None else ())
        if each["table"] == table
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda each: each.start))


def pairs_among(rulebook: Rulebook, table: PairTable, codes: Iterable[str], on: date) -> Pairs:
    """Each two of `codes` looked up in both orders; remembered, since days are much alike."""
    asked = tuple(sorted(set(codes)))
    return rulebook.remember(("pairs", table.name, asked, on), lambda: _pairs_among(rulebook, table, asked, on))


def _pairs_among(rulebook: Rulebook, table: PairTable, codes: tuple[str, ...], on: date) -> Pairs:
    in_force, absent = [], []
    for one, other in combinations(codes, 2):
        found = [
            pair
            for key in (f"{one}+{other}", f"{other}+{one}")
            if (pair := pair_in_force(rulebook, table, key, on)) is not None
        ]
        in_force += found
        if not found:
            absent.append(Absent((one, other), release_of_two(rulebook, table, (one, other))))
    return Pairs(table, tuple(in_force), tuple(absent))


def release_of_two(rulebook: Rulebook, table: PairTable, codes: tuple[str, str]) -> Release | None:
    """The newest release that covers both codes, or else that showed a row of theirs."""
    keys = ("+".join(codes), "+".join(reversed(codes)))
    shown = [each for key in keys for row in rulebook.history(table.name, key) for each in table.shown_by(row)]
    return table.covers(codes) or max(shown, key=lambda each: each.start, default=None)


def pair_in_force(rulebook: Rulebook, table: PairTable, key: str, on: date) -> Pair | None:
    """The row of `key` in force on `on`; a row that was withdrawn on the day it began never was."""
    row = rulebook.row(table.name, key, on)
    return None if row is None or row["withdrawn"] == "yes" else pair_of(rulebook, table, row, on)


def pair_of(rulebook: Rulebook, table: PairTable, row: dict[str, str], on: date) -> Pair:
    """A row of the table as it bears on `on`."""
    shown = table.shown_by(row)
    begun = row["basis"] != START_UNKNOWN
    last_day = row["until"] != "" and on == date.fromisoformat(row["until"]) - timedelta(days=1)
    status: Status = row["status"]  # type: ignore[assignment]
    return Pair(
        column1=row["column1"], column2=row["column2"], opens=row["indicator"] == WITH_MODIFIER,
        since=date.fromisoformat(row["from"]), release=shown[-1].name if shown else "",
        stale=not shown or shown[-1].until <= on,
        certain=begun or last_day or any(each.start <= on for each in shown),
        status=status, cite=rulebook.cite(row["refs"].split()),
    )  # fmt: skip
