"""What `fifteen import --json` prints: how a file was read, and what became of its rows."""

from __future__ import annotations

from typing import Literal

import msgspec


class FileRead(msgspec.Struct, frozen=True):
    """How the file was read. `above`: rows before the header that were left out; `empty`: empty rows."""

    encoding: str
    delimiter: str
    header_line: int
    rows: int
    above: int
    empty: int


class ColumnRead(msgspec.Struct, frozen=True):
    """A column, and the field it became; None: it was left out. `how`: profile, name (a guess), chosen, or empty."""

    name: str
    field: str | None
    how: str


class RejectedRow(msgspec.Struct, frozen=True):
    """A row that did not go in: the line of the file that it begins on, and why."""

    line: int
    reason: str


class ImportAnswer(msgspec.Struct, frozen=True):
    """What became of a file. `verified`: whether the profile's columns were ever held against a real export.

    `dates`: in which order month and day stand, None where no date needed it; `counts`: rows, new, matched, unchanged,
    rejected; `made`: rows by table.
    """

    kind: str
    profile: str
    verified: bool
    note: str
    dry_run: bool
    file: FileRead
    dates: Literal["mdy", "dmy"] | None
    columns: list[ColumnRead]
    counts: dict[str, int]
    made: dict[str, int]
    remarks: list[str]
    rejects: list[RejectedRow]
