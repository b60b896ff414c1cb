"""A pair told from its beginning: each row, what it means on a date, where it was read and how well it is known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import msgspec

from fifteen.engine.edits.pair_tables import (
    START_UNKNOWN,
    WAYS,
    WITH_MODIFIER,
    PairTable,
    Release,
    pair_in_force,
    release_of_two,
    table_of,
)
from fifteen.engine.edits.pairs import about_pair
from fifteen.kernel.codes import read_code
from fifteen.kernel.errors import UnreadableInput
from fifteen.rulebook import Rulebook

_BASES = {
    "cms": "both its days were read in CMS's rows",
    "inferred": "the day it begins was inferred, not read",
    "same-day": "it was withdrawn with effect from its first day, so that its first day is also its last",
    START_UNKNOWN: "the day it began is not known",
}


class PairRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row: `since` null where the day it began is not known, `last_day` null where it has no end.

    `withdrawn`: it was taken back with effect from its first day, and was never enforceable. `stale`: the last release
    that showed it was made for days before the one asked for.
    """

    pair: str
    column1: str
    column2: str
    since: date | None
    last_day: date | None
    indicator: str
    withdrawn: bool
    in_force: bool
    stale: bool
    means: str
    rationale: str
    basis: str
    first_release: str | None
    last_release: str | None
    status: str
    cite: str


class PairsExplained(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `fifteen rulebook explain`: with two codes the history of their pair, with one its pairs in force.

    `table_id` null: the payer's table is not known. `release` is the newest that is held for these codes.
    """

    rulebook: str
    on: date
    known: date | None
    payer: str
    table: str
    table_id: str | None
    codes: tuple[str, ...]
    release: str | None
    says: list[str]
    rows: list[PairRow]


def explain_pairs(
    rulebook: Rulebook, codes: Sequence[str], *, on: date, payer: str = "medicare", table: str = "practitioner"
) -> PairsExplained:
    """Explain the pair of two codes, or list the pairs in force of one.

    Raises `UnreadableInput` for anything but one or two codes and a table, `UnknownCode`, `UnknownPayer`.
    """
    asked = tuple(read_code(code) for code in codes)
    way = table.strip().lower()
    if len(set(asked)) != len(asked) or not 0 < len(asked) <= 2:
        raise UnreadableInput("a pair has two different codes; give one code, or two as 97530 97140.")
    if way not in WAYS:
        raise UnreadableInput(f"{table!r} is no table; choose {' or '.join(WAYS)}.")
    found = table_of(rulebook, payer, way, on)
    keys: list[str] = []
    if isinstance(found, PairTable):
        keys = sorted({row[0] for row in rulebook.tables[found.name].rows if set(asked) <= set(row[0].split("+"))})
    if not keys:
        for code in asked:
            rulebook.service(code, on)  # a code that nobody knows is refused
    rows, says = [], _no_table(rulebook, payer, found)
    if isinstance(found, PairTable):
        single = len(asked) == 1
        rows = [
            _row(rulebook, found, row, on)
            for key in keys
            if not single or pair_in_force(rulebook, found, key, on) is not None
            for row in rulebook.history(found.name, key)
        ]
        rows = [row for row in rows if row.in_force or not single]
        says = (_one if single else _two)(rulebook, found, asked, rows, on)
    release = _release(rulebook, found, asked) if isinstance(found, PairTable) else None
    return PairsExplained(
        rulebook=rulebook.hash, on=on, known=rulebook.known, payer=rulebook.payer(payer).id, table=way,
        table_id=found.name if isinstance(found, PairTable) else None, codes=asked,
        release=release.name if release is not None else None, says=says, rows=rows,
    )  # fmt: skip


def _no_table(rulebook: Rulebook, payer: str, found: PairTable | str | None) -> list[str]:
    profile = rulebook.payer(payer)
    if found is None:
        return [f"{profile.label or profile.id} has no table of pairs."]
    return list(filter(None, (f"Not known: {found}.", profile.note)))


def _row(rulebook: Rulebook, table: PairTable, row: dict[str, str], on: date) -> PairRow:
    start = date.fromisoformat(row["from"])
    until = date.fromisoformat(row["until"]) if row["until"] else None
    withdrawn = row["withdrawn"] == "yes"
    shown = table.shown_by(row)
    means = f"{row['column2']} is not paid beside {row['column1']}, and no modifier opens that"
    if row["indicator"] == WITH_MODIFIER:
        means = f"{row['column2']} is paid beside {row['column1']} only where the two were distinct, by a modifier"
    if withdrawn:
        means = "withdrawn, never enforceable: it raises nothing"
    return PairRow(
        pair=row["pair"], column1=row["column1"], column2=row["column2"],
        since=None if row["basis"] == START_UNKNOWN else start,
        last_day=until - timedelta(days=1) if until is not None else None,
        indicator=row["indicator"], withdrawn=withdrawn,
        in_force=not withdrawn and row == rulebook.row(table.name, row["pair"], on),
        stale=not shown or shown[-1].until <= on, means=means, rationale=row.get("rationale", ""),
        basis=_BASES.get(row["basis"], row["basis"]),
        first_release=shown[0].name if shown else None, last_release=shown[-1].name if shown else None,
        status=row["status"], cite=rulebook.cite(row["refs"].split()),
    )  # fmt: skip


def _release(rulebook: Rulebook, table: PairTable, asked: tuple[str, ...]) -> Release | None:
    """The newest release that tells of two codes; of one code, the one that covers most."""
    if len(asked) == 2:
        return release_of_two(rulebook, table, asked)
    covering = [each for each in table.held if asked[0] in each.codes]
    return max(covering, key=lambda each: (len(each.codes), each.start), default=None)


def _two(rulebook: Rulebook, table: PairTable, asked: tuple[str, ...], rows: list[PairRow], on: date) -> list[str]:
    one, other = asked
    keys = (f"{one}+{other}", f"{other}+{one}")
    found = [pair for key in keys if (pair := pair_in_force(rulebook, table, key, on)) is not None]
    if found:
        return [about_pair(pair, table, on).message for pair in found]
    how = _as_of(_release(rulebook, table, asked), on)
    if not rows:
        return [f"{one} and {other} stand in no row of the table.", how]
    says = [f"{one} and {other} raise nothing for {table.label} on {on}.", how]
    over = [row.last_day for row in rows if not row.withdrawn and row.last_day is not None and row.last_day < on]
    if over:
        says.append(f"Their pair was deleted: it was in force up to {max(over)}.")
    ahead = [row.since for row in rows if not row.withdrawn and row.since is not None and row.since > on]
    if ahead:
        says.append(f"Their pair begins later, on {min(ahead)}.")
    if any(row.withdrawn for row in rows):
        says.append("A row that ends on the day it begins was withdrawn; it never could be enforced.")
    return says


def _one(rulebook: Rulebook, table: PairTable, asked: tuple[str, ...], rows: list[PairRow], on: date) -> list[str]:
    count = len(rows)
    most, newest = _release(rulebook, table, asked), table.covers(asked)
    said = f"{count} {'pair' if count == 1 else 'pairs'} of {asked[0]} in force on {on} for {table.label}."
    says = [said, _as_of(most, on)]
    if newest is not None and newest is not most:
        says.append(f"Release {newest.name} shows its pairs with {', '.join(sorted(newest.codes - set(asked)))} only.")
    return says


def _as_of(release: Release | None, on: date) -> str:
    """How far what is said of codes can be trusted on a date."""
    if release is None:
        return "No release that is held covers all that was asked, so this is not known for certain."
    if release.until <= on:
        return f"Last known {release.name}; what was changed since is not known."
    return f"As of release {release.name}."
