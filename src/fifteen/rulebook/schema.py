"""The shape of a rulebook file, and the check that a file has it.

A parameter is a `unit` and dated entries; a payer policy is a set of parameters; a table is one CSV per
release with a TOML file beside it. The shape is explained in docs/adr/0002-rulebook-file-shape.md.
"""

from __future__ import annotations

import re
from datetime import date, time
from itertools import pairwise
from typing import Any, Literal, TypeVar, cast

import msgspec

from fifteen.kernel.errors import RulebookError
from fifteen.kernel.finding import Severity, Status

_T = TypeVar("_T")

Unit = Literal["cents", "minutes", "percent", "decimal", "code", "enum", "yes-no", "record", "list"]
Read = Literal["whole", "part", "quoted", "recalled"]

# What a value of each unit is in Python. Percent is whole percent points, decimal is text; nothing is ever a float.
_PYTHON: dict[str, type | tuple[type, ...]] = {
    "cents": int,
    "minutes": int,
    "percent": int,
    "decimal": str,
    "code": str,
    "enum": str,
    "yes-no": bool,
    "record": dict,
    "list": list,
}

POLICY_FIELDS: dict[str, Unit] = {
    "counting_method": "enum",
    "fee_basis": "record",
    "coinsurance": "percent",
    "unit_cap": "record",
    "money_cap": "record",
    "mppr": "yes-no",
    "assistant_factor": "percent",
    "line_order": "enum",
    "discipline_modifier": "yes-no",
    "assistant_modifier": "yes-no",
    "telehealth_modifier": "record",
    "purpose_modifier": "yes-no",
    "code_limits": "record",
    "forbidden_pairs": "list",
    "pair_table": "record",
    "pair_modifiers": "list",
    "kx_modifier": "yes-no",
}
"""The independent dated fields of a payer profile; caps and `pair_table` say `{ none = true }` where there is none."""

FEE_BASES: dict[str, tuple[str, ...]] = {
    "medicare": (),
    "percent-of-medicare": ("percent", "base"),
    "table": ("table", "factor"),
    "per-visit": ("amount",),
    "per-diem": ("amount",),
    "charge": (),
}
"""The ways a payer prices, and the further keys of each; docs/adr/0006-what-a-day-is-worth.md says what they mean."""
_OPTIONAL_OF_BASIS = frozenset({"base", "factor"})

_POLICY_VALUES: dict[str, frozenset[str]] = {
    "counting_method": frozenset({"total", "midpoint"}),
    "line_order": frozenset({"any", "as-listed"}),
}


# The amounts a cap may be in, and how each is written.
_CAPS = {
    "unit_cap": {"units": "units above 0"},
    "money_cap": {"cents": "cents above 0", "rvu": "rvu as text"},
}
_TELEHEALTH = ("audio-video", "audio-only")
_MODIFIER = re.compile(r"[A-Z0-9]{2}", re.ASCII)
_PAIR_TABLES = ("practitioner", "hospital", "releases", "taken_back")
_CAP_PER = ("day", "visit")
_CAP_SCOPE = ("npi", "discipline")
_CODE = re.compile(r"[A-Z0-9]{5}", re.ASCII)
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?", re.ASCII)
_BASE = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])", re.ASCII)


class Reference(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A source: what it is, where it is found, and how much of it was read."""

    title: str
    publisher: str
    cite: str
    read: Read
    checked: date
    section: str = ""
    url: str = ""
    edition: str = ""


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename={"start": "from"}):
    """One value from `start` up to, not including, `until` (none: still in force)."""

    start: date
    value: Any
    refs: tuple[str, ...]
    status: Status
    until: date | None = None
    known: date | None = None
    checked: date | None = None
    severity: Severity = "info"
    note: str = ""


class Dated(msgspec.Struct, frozen=True, kw_only=True):
    """An entry with the layer it came from: 0 package, 1 home, 2 organization."""

    entry: Entry
    layer: int


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """All dated values of one id, in order of date, layer and day of publication."""

    id: str
    unit: Unit
    title: str
    at: list[Dated]


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """A payer profile: which parent it extends and which fields it holds itself."""

    id: str
    label: str = ""
    extends: str | None = None
    note: str = ""


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A table of dated rows, all layers together; `rows` hold text as in the CSV, `layers` where each comes from.

    `release`, `source` and `sha256` are those of the earliest layer's file.
    """

    id: str
    release: str
    source: str
    sha256: str
    columns: list[str]
    rows: list[list[str]]
    layers: list[int]


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """A table of the package that is read and checked when it is first asked for; `sha256` is that of its file."""

    id: str
    path: str
    release: str
    source: str
    sha256: str


class Compiled(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the layers say, checked and merged; what the cache stores."""

    manifest: list[tuple[str, int, int]]
    hash: str
    references: dict[str, Reference]
    parameters: dict[str, Parameter]
    policies: dict[str, Policy]
    tables: dict[str, Table]
    sheets: dict[str, Sheet] = {}


def read_reference(raw: Any, where: str) -> Reference:
    return _convert(raw, Reference, where)


def read_parameter(raw: Any, id_: str, layer: int, where: str) -> Parameter:
    """Check one `[name]` with its `[[name.at]]` entries; `RulebookError` names the file and the entry."""
    if not isinstance(raw, dict):
        raise RulebookError(
            f"{where}: {id_} is not a table of a unit and dated entries; write [{id_}] with unit and at."
        )
    extra = sorted(set(raw) - {"unit", "title", "at"})
    if extra:
        raise RulebookError(
            f"{where}: {extra[0]!r} is not a key of a parameter; remove it, a parameter has unit, title and at."
        )
    unit: Any = raw.get("unit")
    if not isinstance(unit, str) or unit not in _PYTHON:
        raise RulebookError(f"{where}: unit {unit!r} is not known; choose one of {', '.join(_PYTHON)}.")
    title = raw.get("title", "")
    if not isinstance(title, str):
        raise RulebookError(f"{where}: title {title!r} is not text; write it in quotes.")
    at = raw.get("at", [])
    if not isinstance(at, list):
        raise RulebookError(f"{where}: at is not a list of dated entries; write entry 1 as [[{where.split()[-1]}.at]].")
    entries = [_entry(one, unit, f"{where}, entry {number}") for number, one in enumerate(at, 1)]
    if not entries:
        raise RulebookError(f"{where}: a parameter needs at least one dated entry; add [[{where.split()[-1]}.at]].")
    _dates_rise(entries, where)
    return Parameter(id=id_, unit=cast(Unit, unit), title=title, at=[Dated(entry=e, layer=layer) for e in entries])


def read_policy(raw: dict[str, Any], layer: int, where: str) -> tuple[Policy, list[Parameter]]:
    """Check a payer file: `id`, `label`, `extends`, `note`, and any of the dated fields."""
    head = {key: value for key, value in raw.items() if not isinstance(value, dict)}
    policy = _convert(head, Policy, where, strict_fields=("id", "label", "extends", "note"))
    if policy.id != policy.id.strip().lower() or not policy.id:
        raise RulebookError(
            f"{where}: id {policy.id!r} would never be found; write it in small letters, without spaces."
        )
    parameters = []
    for name, body in raw.items():
        if not isinstance(body, dict):
            continue
        if name not in POLICY_FIELDS:
            raise RulebookError(
                f"{where}: {name!r} is not a field of a payer; the fields are {', '.join(POLICY_FIELDS)}."
            )
        parameter = read_parameter(body, f"payer.{policy.id}.{name}", layer, f"{where}, {name}")
        if parameter.unit != POLICY_FIELDS[name]:
            raise RulebookError(
                f"{where}, {name}: unit is {parameter.unit!r} and must be {POLICY_FIELDS[name]!r}; correct it."
            )
        allowed = _POLICY_VALUES.get(name)
        for dated in parameter.at:
            if allowed is not None and dated.entry.value not in allowed:
                raise RulebookError(
                    f"{where}, {name}: {dated.entry.value!r} is not one of {', '.join(sorted(allowed))}; choose one."
                )
            if name == "fee_basis":
                _check_basis(dated.entry.value, f"{where}, {name} from {dated.entry.start}")
            if name == "telehealth_modifier":
                _check_telehealth(dated.entry.value, f"{where}, {name} from {dated.entry.start}")
            if name in _CAPS:
                _check_cap(dated.entry.value, _CAPS[name], f"{where}, {name} from {dated.entry.start}")
            if name == "code_limits":
                _check_code_limits(dated.entry.value, f"{where}, {name} from {dated.entry.start}")
            if name == "forbidden_pairs":
                _check_pairs(dated.entry.value, f"{where}, {name} from {dated.entry.start}")
            if name == "pair_table":
                _check_pair_table(dated.entry.value, f"{where}, {name} from {dated.entry.start}")
        parameters.append(parameter)
    return policy, parameters


def _check_basis(value: dict[str, Any], where: str) -> None:
    """A fee basis names its kind and has that kind's keys: amounts and percents as text, the base as a date in text."""
    keys = FEE_BASES.get(value.get("basis", ""))
    right = keys is not None and set(keys) - _OPTIONAL_OF_BASIS <= set(value) - {"basis"} <= set(keys)
    for key, text in value.items() if right else ():
        right = right and isinstance(text, str) and text != ""
        if right and key in ("percent", "factor", "amount"):
            right = _NUMBER.fullmatch(text) is not None
        elif right and key == "base":
            right = _BASE.fullmatch(text) is not None
    if not right:
        raise RulebookError(
            f"{where}: {value!r} is not a fee basis; write basis ({', '.join(FEE_BASES)}) with the keys of its kind, "
            'numbers and the base date as text, such as { basis = "percent-of-medicare", percent = "110" }.'
        )


def _check_telehealth(value: dict[str, Any], where: str) -> None:
    """The modifier of each way of telehealth that the payer takes; a way it does not name is not known."""
    right = all(isinstance(code, str) and _MODIFIER.fullmatch(code) for code in value.values())
    if not value or not set(value) <= set(_TELEHEALTH) or not right:
        raise RulebookError(
            f"{where}: {value!r} is not a set of modifiers; write a modifier for {' or '.join(_TELEHEALTH)}, "
            'such as { audio-video = "95" }.'
        )


def _check_cap(value: dict[str, Any], amounts: dict[str, str], where: str) -> None:
    """A cap is `{ none = true }`, or one amount with whom it is for and for how long; units may be `only = "timed"`."""
    if set(value) == {"none"} and value["none"] is True:
        return
    amount = next(iter(set(value) & set(amounts)), "")
    right = set(value) - {"only"} == {amount, "per", "scope"}
    right = right and ("only" not in value or (amount == "units" and value["only"] == "timed"))
    if right and amount == "rvu":
        right = isinstance(value["rvu"], str) and _NUMBER.fullmatch(value["rvu"]) is not None
    elif right:
        right = type(value[amount]) is int and value[amount] > 0
    if not right or value["per"] not in _CAP_PER or value["scope"] not in _CAP_SCOPE:
        raise RulebookError(
            f"{where}: {value!r} is not a cap; write {{ none = true }}, or {' or '.join(amounts.values())} "
            f"with per ({' or '.join(_CAP_PER)}) and scope ({' or '.join(_CAP_SCOPE)})."
        )


def _check_code_limits(value: dict[str, Any], where: str) -> None:
    """Limits by code are `{ none = true }`, or codes with their units a day and for whom these are."""
    if set(value) == {"none"} and value["none"] is True:
        return
    units = value.get("units")
    right = set(value) == {"scope", "units"} and value["scope"] in _CAP_SCOPE and isinstance(units, dict)
    for code, most in units.items() if right and isinstance(units, dict) else ():
        right = right and _CODE.fullmatch(code) is not None and type(most) is int and most >= 0
    if not right or not units:
        raise RulebookError(
            f"{where}: {value!r} are not limits by code; write {{ none = true }}, or scope ({' or '.join(_CAP_SCOPE)}) "
            'with the units a day of each code, such as { scope = "discipline", units = { 97035 = 2 } }.'
        )


def _check_pairs(value: list[Any], where: str) -> None:
    """Pairs that are never paid on one day are text `A+B`, the code that is not paid last; an empty list: none."""
    for pair in value:
        codes = pair.split("+") if isinstance(pair, str) else []
        if len(codes) != 2 or len(set(codes)) != 2 or not all(map(_CODE.fullmatch, codes)):
            raise RulebookError(
                f"{where}: {pair!r} is not a pair of codes; write two with a plus between them, the one that is not "
                'paid last, such as "97530+97140".'
            )
    if len(set(value)) != len(value):
        raise RulebookError(f"{where}: a pair is written twice; write each once.")


def _check_pair_table(value: dict[str, Any], where: str) -> None:
    """`{ none = true }`, or the names of its tables of pairs and of the parameter that lists their releases."""
    if set(value) == {"none"} and value["none"] is True:
        return
    texts = all(isinstance(text, str) and text for text in value.values())
    if not texts or not set(value) & set(_PAIR_TABLES[:2]) or not set(value) <= set(_PAIR_TABLES):
        raise RulebookError(
            f"{where}: {value!r} does not name tables of pairs; write {{ none = true }}, or practitioner and hospital "
            "with the name of a table, and releases (and taken_back) with the id of the rule that lists them."
        )


def merge(older: Parameter, newer: Parameter, where: str) -> Parameter:
    """The entries of two layers in one list; the later layer comes after the earlier on the same date."""
    if older.unit != newer.unit:
        raise RulebookError(
            f"{where}: unit is {newer.unit!r}, but an earlier layer holds {older.id} in {older.unit!r}; correct it."
        )
    return Parameter(
        id=older.id, unit=older.unit, title=newer.title or older.title, at=sort_entries(older.at + newer.at)
    )


def sort_entries(entries: list[Dated]) -> list[Dated]:
    return sorted(entries, key=lambda d: (d.entry.start, d.layer, d.entry.known or d.entry.start))


def _entry(raw: Any, unit: str, where: str) -> Entry:
    entry = _convert(raw, Entry, where)
    value, python = entry.value, _PYTHON[unit]
    # bool is an int in Python; a yes-no is never a number of minutes.
    if not isinstance(value, python) or (isinstance(value, bool) and unit != "yes-no"):
        raise RulebookError(f"{where}: value {value!r} is not a value of unit {unit!r}; correct the value or the unit.")
    if unit == "decimal" and not _NUMBER.fullmatch(str(value)):
        raise RulebookError(f'{where}: {value!r} is not a plain decimal number; write it as text, such as "36.0896".')
    if wrong := _unfit(value):
        raise RulebookError(f"{where}: {value!r} holds {wrong}; write whole numbers, or text in quotes.")
    if not entry.refs:
        raise RulebookError(f"{where}: a value without a source cannot be used; add refs.")
    if entry.severity == "block" and entry.status != "primary":
        raise RulebookError(
            f"{where}: only a value of status primary may block; use severity warn, this one is {entry.status}."
        )
    if entry.until is not None and entry.until <= entry.start:
        raise RulebookError(f"{where}: until {entry.until} is not after from {entry.start}; correct one of them.")
    return entry


def _unfit(value: Any) -> str:
    """What in `value` cannot be kept exactly, or would not be the same when it is read back from the cache."""
    if isinstance(value, dict | list):
        parts = value.values() if isinstance(value, dict) else value
        return next(filter(None, map(_unfit, parts)), "")
    if isinstance(value, float):
        return "a binary fraction"
    if isinstance(value, date | time):
        return "a date or time"
    return "a number of more than 64 bits" if isinstance(value, int) and not -(2**63) <= value < 2**63 else ""


def _dates_rise(entries: list[Entry], where: str) -> None:
    for before, after in pairwise(entries):
        same_day = before.start == after.start
        if before.start > after.start or (same_day and (before.known or before.start) >= (after.known or after.start)):
            raise RulebookError(
                f"{where}: from {after.start} does not follow from {before.start}; "
                "entries rise by date, and a correction of the same date has a later known."
            )


def _convert(raw: Any, type_: type[_T], where: str, strict_fields: tuple[str, ...] | None = None) -> _T:
    if strict_fields is not None:
        extra = sorted(set(raw) - set(strict_fields))
        if extra:
            raise RulebookError(
                f"{where}: {extra[0]!r} is not known here; remove it, or correct its name: a payer file has "
                f"{', '.join(strict_fields)} and dated fields such as [{next(iter(POLICY_FIELDS))}]."
            )
    try:
        return msgspec.convert(raw, type_)
    except msgspec.ValidationError as error:
        raise RulebookError(f"{where}: {error}; correct it there.") from None
