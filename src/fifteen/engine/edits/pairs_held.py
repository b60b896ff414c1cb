"""Which tables of pairs are held, of which releases, and how old they are: for pages that say what Fifteen knows."""

from __future__ import annotations

from datetime import date

import msgspec

from fifteen.engine.edits.pair_tables import START_UNKNOWN, WAYS, PairTable, table_of
from fifteen.rulebook import Rulebook


class ReleaseHeld(msgspec.Struct, frozen=True, kw_only=True):
    """A release, the days it was made for, and the codes it covers; `days_past` 0: they are not over."""

    name: str
    since: date
    until: date
    codes: int
    days_past: int
    covers: tuple[str, ...]


class PairsHeld(msgspec.Struct, frozen=True, kw_only=True):
    """A table with its numbers: rows in all, two-code pairs, and rows in force, withdrawn and of unknown beginning."""

    table: str
    way: str
    payers: tuple[str, ...]
    rows: int
    pairs: int
    in_force: int
    withdrawn: int
    start_unknown: int
    releases: tuple[ReleaseHeld, ...]


def pairs_held(rulebook: Rulebook, on: date) -> list[PairsHeld]:
    """Every table of pairs that a payer names on `on`, by name."""
    named: dict[str, tuple[str, PairTable, list[str]]] = {}
    for payer in rulebook.payers:
        for way in WAYS:
            found = table_of(rulebook, payer.id, way, on)
            if isinstance(found, PairTable):
                named.setdefault(found.name, (way, found, []))[2].append(payer.id)
    return [_held(rulebook, *named[name], on) for name in sorted(named)]


def _held(rulebook: Rulebook, way: str, table: PairTable, payers: list[str], on: date) -> PairsHeld:
    keys = sorted({row[0] for row in rulebook.tables[table.name].rows})
    rows = [row for key in keys for row in rulebook.history(table.name, key)]
    current = [row for key in keys if (row := rulebook.row(table.name, key, on)) is not None]
    return PairsHeld(
        table=table.name, way=way, payers=tuple(dict.fromkeys(payers)), rows=len(rows), pairs=len(keys),
        in_force=sum(row["withdrawn"] == "no" for row in current),
        withdrawn=sum(row["withdrawn"] == "yes" for row in rows),
        start_unknown=sum(row["basis"] == START_UNKNOWN for row in rows),
        releases=tuple(
            ReleaseHeld(
                name=each.name, since=each.start, until=each.until, codes=len(each.codes),
                days_past=max(0, (on - each.until).days + 1), covers=tuple(sorted(each.codes)),
            )
            for each in table.held
        ),
    )  # fmt: skip
