"""Which quarterly files of Medicare's unit limits (MUE) are held, for which codes, and how old they are."""

from __future__ import annotations

from datetime import date

import msgspec

from fifteen.engine.edits.mue import MONTHS_OF_A_QUARTER
from fifteen.rulebook import Rulebook

_QUARTERS = 4  # not law: the calendar
_WAYS = ("practitioner", "hospital")


class MueFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was read, the days it was made for, and the codes read in it; `days_past` 0: they are not over."""

    way: str
    name: str
    since: date
    until: date
    days_past: int
    covers: tuple[str, ...]


def mue_held(rulebook: Rulebook, on: date) -> list[MueFile]:
    """The files of the table `mue` by way of billing and quarter; its rows name each quarter as `2026-Q4`."""
    table = rulebook.tables["mue"]
    code = table.columns.index("code")
    found: dict[tuple[str, str], set[str]] = {}
    for way in _WAYS:
        shown = table.columns.index(f"{way}_releases")
        for row in table.rows:
            for release in row[shown].split():
                found.setdefault((way, release), set()).add(row[code])
    order = sorted(found, key=lambda each: (_WAYS.index(each[0]), each[1]))
    return [_file(way, release, found[way, release], on) for way, release in order]


def _file(way: str, release: str, codes: set[str], on: date) -> MueFile:
    since, until = _quarter(release)
    return MueFile(
        way=way, name=release.replace("-", " "), since=since, until=until,
        days_past=max(0, (on - until).days + 1), covers=tuple(sorted(codes)),
    )  # fmt: skip


def _quarter(release: str) -> tuple[date, date]:
    """The first day of a quarter, and the first of the next."""
    year, number = map(int, release.split("-Q"))
    return _first_day(year, number), _first_day(year + number // _QUARTERS, number % _QUARTERS + 1)


def _first_day(year: int, quarter: int) -> date:
    return date(year, MONTHS_OF_A_QUARTER * (quarter - 1) + 1, 1)
