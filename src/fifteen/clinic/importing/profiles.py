"""Profiles: by which names columns come, read from the files in `profiles/`."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from fifteen.clinic.importing.fields import KINDS

Dates = Literal["", "mdy", "dmy"]


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One program's way of exporting. `source`: who describes its columns; `assumed`: names that nobody described.

    `dates`: in which order it writes month and day, where that is known. `words`: what a value is called there.
    """

    id: str
    title: str
    note: str
    columns: dict[str, list[str]]
    kinds: tuple[str, ...] = tuple(KINDS)
    source: str = ""
    assumed: list[str] = []
    dates: Dates = ""
    unknown: list[str] = []
    dropped: list[str] = []
    words: dict[str, dict[str, list[str]]] = {}


@cache
def profiles() -> dict[str, Profile]:
    """Every profile by its id, the plain one first; `ValueError` where one names a field or kind that is none."""
    found = {}
    known = {field.name for kind in KINDS.values() for field in kind.fields}
    for path in sorted(Path(__file__).with_name("profiles").glob("*.toml")):
        each = msgspec.convert(tomllib.loads(path.read_text("utf-8")), Profile)
        if wrong := (set(each.columns) - known) | (set(each.kinds) - set(KINDS)):
            raise ValueError(f"{path.name} names {', '.join(sorted(wrong))}, which is no field or kind of an import")
        found[each.id] = each
    return {"plain": found.pop("plain"), **found}


def profile(id: str) -> Profile | None:
    """The profile of this id."""
    return profiles().get(id)


def plain_name(header: str) -> str:
    """A column's name without what programs vary in: case, blanks, dots, dashes."""
    return " ".join("".join(each if each.isalnum() else " " for each in header.casefold()).split())
