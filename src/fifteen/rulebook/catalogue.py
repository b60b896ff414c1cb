"""What a name means to the rulebook, and what it holds under it on a date: rules, payers, codes, tables, sources."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import msgspec

from fifteen.kernel.errors import NotInForce, UnknownId
from fifteen.rulebook.resolve import Rulebook, Value
from fifteen.rulebook.schema import POLICY_FIELDS

Kind = Literal["payer", "rule", "policy", "table", "source", "service"]

LONGEST_NAME = 60  # no name is longer, and likeness costs time by length


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """One thing the rulebook holds, as it stands on the date; `value` null: not known on that date."""

    id: str
    kind: str
    title: str
    value: Any = None
    unit: str | None = None
    since: date | None = None
    until: date | None = None
    status: str | None = None
    cite: str | None = None
    layer: str | None = None
    note: str = ""


class RulebookShown(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `fifteen rulebook show --json`."""

    on: date
    rulebook: str
    items: list[Shown]


class Named(msgspec.Struct, frozen=True):
    """What a name means; `policy` is a field of a payer that no entry was written for."""

    kind: Kind
    id: str


def named(book: Rulebook, id_: str) -> Named:
    """What `id_` names, in this order: payer, rule, field of a payer, table, source, code; `UnknownId` tells near ones.

    Case and space around it do not matter.
    """
    name, code = id_.strip().lower(), id_.strip().upper()
    payers = {payer.id for payer in book.payers}
    field = name.split(".")
    if name in payers:
        return Named("payer", name)
    if name in book.parameters:
        return Named("rule", name)
    if len(field) == 3 and field[0] == "payer" and field[1] in payers and field[2] in POLICY_FIELDS:
        return Named("policy", name)
    if name in book.tables:
        return Named("table", name)
    if name in book.references:
        return Named("source", name)
    if any(row[0] == code for row in book.tables["services"].rows):
        return Named("service", code)
    near_ones = near(book, id_)
    hint = f"did you mean {' or '.join(near_ones)}?" if near_ones else "`fifteen rulebook show` lists what it holds."
    raise UnknownId(f"{id_}: the rulebook holds no rule, payer, table, source or code of this name; {hint}")


def near(book: Rulebook, id_: str) -> list[str]:
    """Up to three names like `id_`, the likest first."""
    from difflib import get_close_matches

    names = [*book.parameters, *(payer.id for payer in book.payers), *book.tables, *book.references]
    names += [row[0] for row in book.tables["services"].rows]
    return get_close_matches(id_.strip()[:LONGEST_NAME], names, 3)


def look_up(book: Rulebook, id_: str | None, on: date) -> RulebookShown:
    """What stands under `id_` on `on`; everything when None. `UnknownId` as for `named`."""
    if id_ is None:
        rules = sorted(name for name in book.parameters if not name.startswith("payer."))
        items = [_rule(book, name, on) for name in rules]
        items += [_payer(book, payer.id) for payer in book.payers]
        items += [_table(book, name) for name in sorted(book.tables)]
        items += [_source(book, name) for name in sorted(book.references)]
        return RulebookShown(on=on, rulebook=book.hash, items=items)
    found = named(book, id_)
    name = found.id
    match found.kind:
        case "payer":
            items = [_payer(book, name)] + [_field(book, name, field, on) for field in POLICY_FIELDS]
        case "rule":
            items = [_rule(book, name, on)]
        case "policy":
            _area, payer, field = name.split(".")
            items = [_field(book, payer, field, on)]
        case "table" if name == "services":
            items = [_service(book, service.code, on) for service in book.services(on)] or [_table(book, name)]
        case "table":
            keys = dict.fromkeys(row[0] for row in book.tables[name].rows)
            items = [item for key in keys for item in _row(book, name, key, on)] or [_table(book, name)]
        case "source":
            items = [_source(book, name)]
        case _:
            # A word of the scribe that is also a code says nothing about the code.
            tables = sorted(set(book.tables) - {"services", "scribe_words"})
            items = [_service(book, name, on)] + [item for table in tables for item in _row(book, table, name, on)]
    return RulebookShown(on=on, rulebook=book.hash, items=items)


def _of(value: Value, kind: str, title: str) -> Shown:
    return Shown(
        id=value.id, kind=kind, title=title, value=value.value, unit=value.unit, since=value.since, until=value.until,
        status=value.status, cite=value.cite, layer=value.layer, note=value.note,
    )  # fmt: skip


def _rule(book: Rulebook, name: str, on: date) -> Shown:
    title = book.parameters[name].title
    try:
        return _of(book.value(name, on), "rule", title)
    except NotInForce as error:
        return Shown(id=name, kind="rule", title=title, note=str(error))


def _payer(book: Rulebook, name: str) -> Shown:
    payer = book.payer(name)
    extends = f"Extends {payer.extends}. " if payer.extends else ""
    return Shown(id=payer.id, kind="payer", title=payer.label, note=f"{extends}{payer.note}".strip())


def _field(book: Rulebook, payer: str, field: str, on: date) -> Shown:
    value = book.policy(payer, field, on)
    title = field.replace("_", " ")
    if value is not None:
        return _of(value, "policy", title)
    own = book.parameters.get(f"payer.{payer}.{field}")
    note = f"not known on {on}; known from {own.at[0].entry.start}" if own else "not known: no text was found"
    return Shown(id=f"payer.{payer}.{field}", kind="policy", title=title, note=note)


def _service(book: Rulebook, code: str, on: date) -> Shown:
    service = book.service(code, on)
    if service is None:
        return Shown(id=code, kind="service", title="", note=f"not in force on {on}; held {book.service_span(code)}")
    value = {
        "kind": service.kind, "unit_minutes": service.unit_minutes, "counts_from": service.counts_from or None,
        "in_day_total": service.pooled, "continues": service.continues, "disciplines": list(service.disciplines),
    }  # fmt: skip
    return Shown(
        id=code, kind="service", title=service.label, value=value, since=service.since, until=service.until,
        status=service.status, cite=service.cite, layer=service.layer,
    )  # fmt: skip


def _row(book: Rulebook, table: str, key: str, on: date) -> list[Shown]:
    row = book.row(table, key, on)
    if row is None:
        return []
    own = {name: text for name, text in row.items() if name not in ("from", "until", "known", "refs", "status")}
    until = date.fromisoformat(row["until"]) if row["until"] else None
    return [
        Shown(
            id=key, kind=table, title="", value=own, since=date.fromisoformat(row["from"]), until=until,
            status=row["status"], cite=book.cite(row["refs"].split()), layer=book.row_layer(table, key, on),
        )
    ]  # fmt: skip


def _table(book: Rulebook, name: str) -> Shown:
    table = book.tables[name]
    return Shown(id=name, kind="table", title=table.release, value=len(table.rows), unit="rows", note=table.source)


def _source(book: Rulebook, name: str) -> Shown:
    source = book.references[name]
    section = f", {source.section}" if source.section else ""
    return Shown(
        id=name, kind="source", title=f"{source.title}{section}", cite=source.cite,
        note=" ".join(filter(None, (source.edition, f"(read: {source.read})", source.url))),
    )  # fmt: skip
