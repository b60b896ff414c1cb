"""`fifteen rulebook show`: what is in force on a date, from which source, and how well it is known."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click
import msgspec

from fifteen.cli import surroundings
from fifteen.kernel.errors import NotInForce, UnknownId
from fifteen.kernel.money import show_cents
from fifteen.rulebook.schema import POLICY_FIELDS

if TYPE_CHECKING:
    from fifteen.cli.page import Page
    from fifteen.rulebook import Rulebook
    from fifteen.rulebook.resolve import Value


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


@click.group(short_help="What is in force on a date, from which source.")
def rulebook() -> None:
    """The dated, cited law, payer policies and tables that every answer rests on."""


@rulebook.command()
@click.argument("id_", metavar="[ID]", required=False)
@click.option("--on", metavar="DATE", help="The date, YYYY-MM-DD. Default: today.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def show(id_: str | None, on: str | None, as_json: bool) -> None:
    """Show a rule, a payer, a code, a table or a source as it stands on a date; without ID, list everything.

    \b
    fifteen rulebook show
    fifteen rulebook show medicare.timed_unit --on 2026-03-02
    fifteen rulebook show cigna
    fifteen rulebook show 97140
    fifteen rulebook show services
    """
    book = surroundings.rulebook()
    shown = look_up(book, id_, surroundings.day(on))
    if as_json:
        print(msgspec.json.encode(shown).decode())
    else:
        _print(shown, whole=id_ is None or id_.strip().lower() in book.tables)


def look_up(book: Rulebook, id_: str | None, on: date) -> RulebookShown:
    """What `id_` names, in this order: payer, rule, table, source, code; everything when None."""
    if id_ is None:
        rules = sorted(name for name in book.parameters if not name.startswith("payer."))
        items = [_rule(book, name, on) for name in rules]
        items += [_payer(book, payer.id) for payer in book.payers]
        items += [_table(book, name) for name in sorted(book.tables)]
        items += [_source(book, name) for name in sorted(book.references)]
        return RulebookShown(on=on, rulebook=book.hash, items=items)
    name = id_.strip().lower()
    code = id_.strip().upper()
    if any(payer.id == name for payer in book.payers):
        items = [_payer(book, name)] + [_field(book, name, field, on) for field in POLICY_FIELDS]
    elif name in book.parameters:
        items = [_rule(book, name, on)]
    elif name == "services":
        items = [_service(book, service.code, on) for service in book.services(on)] or [_table(book, name)]
    elif name in book.tables:
        keys = dict.fromkeys(row[0] for row in book.tables[name].rows)
        items = [item for key in keys for item in _row(book, name, key, on)] or [_table(book, name)]
    elif name in book.references:
        items = [_source(book, name)]
    elif any(row[0] == code for row in book.tables["services"].rows):
        items = [_service(book, code, on)]
        items += [item for table in sorted(book.tables) if table != "services" for item in _row(book, table, code, on)]
    else:
        raise UnknownId(_unknown(book, id_))
    return RulebookShown(on=on, rulebook=book.hash, items=items)


def _unknown(book: Rulebook, id_: str) -> str:
    from difflib import get_close_matches

    names = [*book.parameters, *(p.id for p in book.payers), *book.tables, *book.references]
    names += [row[0] for row in book.tables["services"].rows]
    near = get_close_matches(id_.strip(), names, 3, 0.6)
    hint = f"did you mean {' or '.join(near)}?" if near else "`fifteen rulebook show` lists what it holds."
    return f"{id_}: the rulebook holds no rule, payer, table, source or code of this name; {hint}"


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


def _print(shown: RulebookShown, whole: bool) -> None:
    from fifteen.cli.page import Page

    page = Page()
    page.line(f"Rulebook on {shown.on}", "bold")
    page.line(shown.rulebook, "dim")
    for kind, group in groupby(shown.items, lambda item: item.kind):
        items = list(group)
        page.heading(kind.replace("_", " ").capitalize())
        column = max(len(item.id) for item in items) + 4
        for item in items:
            if whole:
                about = item.title or ("" if item.value is None else _value(item))
                if kind == "table":
                    about += f", {item.value} rows"
                page.entry(item.id, f"{about}{_mark(item.status)}", column)
            else:
                _detail(page, item, shown.items[0])
    page.show()


def _detail(page: Page, item: Shown, first: Shown) -> None:
    """One thing with its value, dates, source and note; `first` is the payer when `item` is one of its fields."""
    policy = item.kind == "policy"
    page.wrapped(_NAMES.get(item.title, item.title) if policy else f"{item.id}  {item.title}".rstrip(), 2, 4)
    if item.value is not None:
        page.wrapped(_value(item), 6, 6)
    elif item.kind not in ("payer", "source"):
        page.wrapped(item.note if "not known" in item.note else f"not known: {item.note}", 6, 6)
    if item.since is not None:
        until = f" until {item.until}" if item.until else ""
        owner = item.id.split(".")[1] if policy else first.id
        inherited = f"; as for {owner}" if policy and owner != first.id else ""
        page.wrapped(f"from {item.since}{until}; {item.status}; {item.layer} layer{inherited}", 6, 6, "dim")
    if item.cite:
        page.wrapped(f"[{item.cite}]", 6, 6, "dim")
    if item.note and (item.value is not None or item.kind in ("payer", "source")):
        page.wrapped(item.note, 6, 6)


def _mark(status: str | None) -> str:
    return f"  ({status})" if status and status != "primary" else ""


_NAMES = {"mppr": "multiple procedure payment reduction"}
_SCOPES = {"npi": "one treating provider", "discipline": "one discipline"}
_ORDERS = {"any": "in any order on the claim", "as-listed": "as listed on the claim"}


def _value(item: Shown) -> str:
    """The value as a biller reads it."""
    from fifteen.engine.units.notes import METHOD_NAMES

    value = item.value
    match item.id.rsplit(".", 1)[-1] if item.id.startswith("payer.") else "":
        case "unit_cap" | "money_cap":
            return _cap(value)
        case "counting_method":
            return METHOD_NAMES[value]
        case "line_order":
            return _ORDERS[value]
    if isinstance(value, dict):  # the code of a row stands beside it already
        value = {key: part for key, part in value.items() if part != item.id}
    unit = f" {item.unit}" if item.unit in ("minutes", "cents", "percent", "rows") else ""
    return f"{_plain(value)}{unit}"


def _cap(cap: dict[str, Any]) -> str:
    if "none" in cap:
        return "no cap"
    if "units" in cap:
        most = f"{cap['units']} {cap.get('only', '')} {'unit' if cap['units'] == 1 else 'units'}".replace("  ", " ")
    else:
        most = f"${show_cents(cap['cents'])}" if "cents" in cap else f"{cap['rvu']} relative value units"
    return f"{most} per {cap['per']} for {_SCOPES[cap['scope']]}"


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(
            f"{key.replace('_', ' ')} {_plain(part)}" for key, part in value.items() if part not in (None, "", [])
        )
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value).replace("_", " ")
