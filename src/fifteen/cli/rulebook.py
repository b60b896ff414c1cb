"""`fifteen rulebook show` and `explain`: what is in force on a date, from which source, and how well it is known."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click
import msgspec

from fifteen.cli import surroundings
from fifteen.cli.aliases import aliases
from fifteen.kernel.money import show_cents
from fifteen.rulebook.catalogue import RulebookShown, Shown, look_up

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fifteen.cli.page import Page
    from fifteen.engine.edits.explain_pairs import PairsExplained
    from fifteen.engine.edits.mue_held import MueFile
    from fifteen.engine.edits.pairs_held import ReleaseHeld
    from fifteen.rulebook import Rulebook


@click.group(short_help="What is in force on a date, from which source.")
def rulebook() -> None:
    """The dated, cited law, payer policies and tables that every answer rests on."""


rulebook.add_command(aliases)


@rulebook.command()
@click.argument("id_", metavar="[ID]", required=False)
@click.option("--on", metavar="DATE", help="The date, YYYY-MM-DD. Default: today.")
@click.option("--known", metavar="DATE", help="Only what had been published by then. Default: all.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def show(id_: str | None, on: str | None, known: str | None, as_json: bool) -> None:
    """Show a rule, a payer, a code, a table or a source as it stands on a date; without ID, list everything.

    \b
    fifteen rulebook show
    fifteen rulebook show medicare.timed_unit --on 2026-03-02
    fifteen rulebook show cigna
    fifteen rulebook show 97140
    fifteen rulebook show services
    """
    book = surroundings.rulebook_as_known(known)
    shown = look_up(book, id_, surroundings.day(on))
    if as_json:
        print(msgspec.json.encode(shown).decode())
    else:
        held = () if id_ is not None else _held(book, shown.on)
        _print(shown, whole=id_ is None or id_.strip().lower() in book.tables, held=held)


@rulebook.command()
@click.argument("codes", nargs=-1, metavar="CODE [CODE]")
@click.option("--on", metavar="DATE", help="Date of service, YYYY-MM-DD. Default: today.")
@click.option("--known", metavar="DATE", help="Only what had been published by then. Default: all.")
@click.option("--payer", metavar="NAME", default="medicare", help="Whose table. Default: medicare.")
@click.option("--table", metavar="practitioner|hospital", default="practitioner", help="Default: practitioner.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def explain(codes: tuple[str, ...], on: str | None, known: str | None, payer: str, table: str, as_json: bool) -> None:
    """Explain whether two codes are a pair that is not paid together, from its first row on; of one code, its pairs.

    \b
    fifteen rulebook explain 97530 97140
    fifteen rulebook explain 97530 97116 --on 2019-12-31
    fifteen rulebook explain 97161 97750 --table hospital
    fifteen rulebook explain 97530
    """
    from fifteen.engine.edits.explain_pairs import explain_pairs

    book = surroundings.rulebook_as_known(known)
    found = explain_pairs(book, codes, on=surroundings.day(on), payer=payer, table=table)
    if as_json:
        print(msgspec.json.encode(found).decode())
    else:
        _print_pairs(found)


def _print_pairs(found: PairsExplained) -> None:
    from fifteen.cli.page import Page

    page = Page()
    known = f", as known {found.known}" if found.known else ""
    page.line(f"{' and '.join(found.codes)} on {found.on}{known}", "bold")
    page.wrapped(f"{found.payer}, {found.table} table{f' ({found.table_id})' if found.table_id else ''}", style="dim")
    page.line()
    for said in found.says:
        page.wrapped(said)
    if found.rows:
        page.heading("In force" if len(found.codes) == 1 else "Every row")
    said = ""
    for row in found.rows:
        since = row.since or "a day not known"
        mark = "withdrawn" if row.withdrawn else "in force" if row.in_force else "not in force"
        if row.in_force and row.stale:
            mark = "in force when last known"
        page.line()
        page.wrapped(
            f"{row.column1} + {row.column2}  from {since} {f'to {row.last_day}' if row.last_day else 'on'}: {mark}",
            2, 4, "bold" if row.in_force else "",
        )  # fmt: skip
        page.wrapped(f"{row.means}.", 4, 4)
        about = [f"indicator {row.indicator}", row.basis, row.rationale]
        if row.last_release:
            shown = row.last_release if row.first_release == row.last_release else f"{row.first_release} to "
            about.append(f"shown by {shown if shown == row.last_release else shown + row.last_release}")
        page.wrapped(f"{'; '.join(filter(None, about))}; {row.status}", 4, 4, "dim")
        if row.cite != said:
            page.wrapped(f"[{row.cite}]", 4, 4, "dim")
            said = row.cite
    page.show()


def _held(book: Rulebook, on: date) -> list[tuple[str, str]]:
    """Releases of pairs and of unit limits, each with the days it was made for and how many codes it was read for."""
    from fifteen.engine.edits.mue_held import mue_held
    from fifteen.engine.edits.pairs_held import pairs_held

    told = []
    for table in pairs_held(book, on):
        told.append((table.table, f"{table.in_force} pairs in force as last known, of {table.pairs} held"))
        told += [(f"  {each.name}", _release(each, on)) for each in table.releases]
    return told + [(f"mue {each.way} {each.name}", _release(each, on)) for each in mue_held(book, on)]


def _release(each: ReleaseHeld | MueFile, on: date) -> str:
    age = "made for later days" if each.since > on else "of this date"
    if each.days_past:
        age = f"ended {each.days_past} {'day' if each.days_past == 1 else 'days'} before"
    return f"{each.since} to {each.until - timedelta(days=1)}, {age}; {len(each.covers)} codes"


def _print(shown: RulebookShown, whole: bool, held: Sequence[tuple[str, str]] = ()) -> None:
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
    if held:
        page.heading("Pairs and unit limits")
    for name, said in held:
        page.entry(name, said, max(len(name) for name, _ in held) + 4)
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
