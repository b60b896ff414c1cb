"""A file as a table of one kind: where its header is, what each column becomes, and each row as values or reasons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from fifteen.clinic.importing.cells import Reader, Unreadable, order_of
from fifteen.clinic.importing.fields import Kind
from fifteen.clinic.importing.profiles import Dates, Profile, plain_name, profiles
from fifteen.interop import tabular

LOOKED_AT = 15  # rows at the top, of which one may be the header
SHOWN = 3


class Column(msgspec.Struct, frozen=True):
    """One column: its place from 0, its name, its first values, and the field it becomes; `how` that was found.

    `dropped`: its cells are emptied as they are read, for they are not ours to keep.
    """

    place: int
    header: str
    samples: tuple[str, ...]
    field: str = ""
    how: str = ""
    dropped: bool = False


class Table(msgspec.Struct, frozen=True):
    """A file with its header found. `above`: rows before the header, left out."""

    encoding: str
    delimiter: str
    line: int
    above: int
    blank: int
    columns: tuple[Column, ...]
    rows: tuple[tabular.Row, ...]

    def mapping(self) -> dict[str, int]:
        """The place of the column of each field."""
        return {each.field: each.place for each in self.columns if each.field}

    def header(self) -> tuple[str, ...]:
        """The names of the columns as they stand in the file."""
        return tuple(each.header for each in self.columns)


class Said(msgspec.Struct, frozen=True):
    """A row as it was read: values by field where `reasons` is empty."""

    row: tabular.Row
    values: dict[str, Any]
    reasons: tuple[str, ...] = ()


def table_of(sheet: tabular.Sheet, kind: Kind, profile: Profile, chosen: Mapping[int, str] | None = None) -> Table:
    """Find the header and what each column becomes; `chosen` are the fields that a person set, by place."""
    names = _names(kind, profile)
    at = _header(sheet, names)
    head = sheet.rows[at]
    rows = sheet.rows[at + 1 :]
    dropped = {*profiles()["plain"].dropped, *profile.dropped}
    fields = _fields(head.cells, names, chosen)
    emptied = {place for place, each in enumerate(head.cells) if plain_name(each) in dropped}
    if emptied:
        rows = tuple(_emptied(row, emptied) for row in rows)
    columns = tuple(
        Column(place, header, _samples(rows, place), *fields[place], dropped=place in emptied)
        for place, header in enumerate(head.cells)
    )
    return Table(sheet.encoding, sheet.delimiter, head.line, at, sheet.blank, columns, rows)


def _names(kind: Kind, profile: Profile) -> dict[str, tuple[str, str]]:
    """Field and how it is known, by a column's plain name; what a described profile says goes before the plain one."""
    known = {each.name for each in kind.fields}
    found: dict[str, tuple[str, str]] = {}
    for each, how in ((profile, "profile"), (profiles()["plain"], "name")):
        for field, names in each.columns.items():
            if field in known:
                for name in names:
                    sure = how == "profile" and each.source and name not in each.assumed
                    found.setdefault(plain_name(name), (field, how if sure else "name"))
    return found


def _header(sheet: tabular.Sheet, names: Mapping[str, Any]) -> int:
    """The row at the top in which the most names are known; the first where none is."""
    counts = [sum(plain_name(each) in names for each in row.cells) for row in sheet.rows[:LOOKED_AT]]
    return counts.index(max(counts))


def _fields(
    header: Iterable[str], names: Mapping[str, tuple[str, str]], chosen: Mapping[int, str] | None
) -> list[tuple[str, str]]:
    """For each column its field and how it is known; a field is taken once, by the surest and first of its columns."""
    found = [names.get(plain_name(each), ("", "")) for each in header]
    taken: dict[str, int] = {}
    for how in ("profile", "name"):
        for place, (field, by) in enumerate(found):
            if field and by == how:
                taken.setdefault(field, place)
    guess = [each if each[0] and taken[each[0]] == place else ("", "") for place, each in enumerate(found)]
    if chosen is None:
        return guess
    wanted = [chosen.get(place, "") for place in range(len(guess))]
    return [
        each if each[0] == field else (field, "chosen" if field else "")
        for each, field in zip(guess, wanted, strict=True)
    ]


def _emptied(row: tabular.Row, places: set[int]) -> tabular.Row:
    cells = tuple("" if place in places else each for place, each in enumerate(row.cells))
    return msgspec.structs.replace(row, cells=cells)


def _samples(rows: Iterable[tabular.Row], place: int) -> tuple[str, ...]:
    found: list[str] = []
    for row in rows:
        if len(row.cells) > place and (cell := " ".join(row.cells[place].split())) and cell[:60] not in found:
            found.append(cell[:60])
            if len(found) == SHOWN:
                break
    return tuple(found)


# -- dates ------------------------------------------------------------------------------------------------------------


class Order(msgspec.Struct, frozen=True):
    """The order of month and day of a file, and why: file, profile, chosen, or none (no date needs one).

    asked and contradicts: nobody can know, so somebody has to say. `shows` are cells that can be read in one way only.
    """

    dates: Dates
    why: str
    shows: tuple[str, ...] = ()

    @property
    def open(self) -> bool:
        """Does somebody have to say?"""
        return self.why in ("asked", "contradicts")


def order(table: Table, kind: Kind, profile: Profile, chosen: Dates = "") -> Order:
    """A person's word goes first, then what the file itself shows, then the profile; else it must be asked."""
    fields = table.mapping()
    places = [fields[each.name] for each in kind.fields if each.reads in ("date", "born") and each.name in fields]
    cells = (row.cells[place] for row in table.rows for place in places if len(row.cells) > place)
    only, either = order_of(cells)
    shows = tuple(only.values())
    if chosen:
        return Order(chosen, "chosen", shows)
    if len(only) > 1 or (only and profile.dates not in ("", *only)):
        return Order("", "contradicts", shows)
    for dates in only:
        return Order(dates, "file", shows)
    if profile.dates:
        return Order(profile.dates, "profile")
    return Order("", "asked" if either else "none")


# -- rows -------------------------------------------------------------------------------------------------------------


def read_rows(table: Table, kind: Kind, reader: Reader) -> Iterator[Said]:
    """Every row as values by field, or with every reason why it cannot be taken."""
    mapping = table.mapping()
    fields = [(each, mapping[each.name]) for each in kind.fields if each.name in mapping]
    width = len(table.columns)
    for row in table.rows:
        if row.fault:
            yield Said(row, {}, (_fault(),))
        elif len(row.cells) < width or any(each.strip() for each in row.cells[width:]):
            yield Said(row, {}, (_width(len(row.cells), width),))
        else:
            yield _read(row, kind, fields, reader)


def _read(row: tabular.Row, kind: Kind, fields: Any, reader: Reader) -> Said:
    values: dict[str, Any] = {}
    reasons: list[str] = []
    for field, place in fields:
        try:
            value = reader.read(field, row.cells[place])
        except Unreadable as met:
            reasons.append(f"{_(field.title)}: {met}")
            continue
        if value is not None:
            values[field.name] = value
        elif field.needed:
            reasons.append(_("%(field)s: nothing stands there, and it is needed.") % {"field": _(field.title)})
    for group in kind.one_of:
        if not reasons and not any(each in values for each in group):
            reasons.append(_("It says of nobody: an identifier or a name is needed."))
    return Said(row, values, tuple(reasons))


def _fault() -> str:
    return _("A quotation mark stands in the middle of a cell; double it, or take it away.")


def _width(cells: int, header: int) -> str:
    return _("The row has %(cells)s cells and the header %(header)s; look for a missing or an extra delimiter.") % {
        "cells": cells, "header": header,
    }  # fmt: skip
