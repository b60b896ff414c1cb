"""One thing of the rulebook arranged for a reader: its value, every dated entry, its sources, what it is tied to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta

import msgspec
from django.utils.translation import gettext as _

from fifteen.rulebook import Rulebook
from fifteen.rulebook.catalogue import Kind, named
from fifteen.rulebook.compiler import DATED_COLUMNS
from fifteen.rulebook.resolve import LAYERS as LAYER_IDS
from fifteen.rulebook.schema import Table
from fifteen.web.rules_shown import (
    Held,
    PayerShown,
    ServiceShown,
    SourceShown,
    TableShown,
    field,
    last_day,
    payer,
    rule,
    service,
    source,
    table,
)
from fifteen.web.rules_words import LAYERS, NAMES, StatusShown, cell, column, status, title_of, words
from fifteen.web.said import said

MOST_KEYS = 24


class EntryShown(msgspec.Struct, frozen=True, kw_only=True):
    """A dated entry or row. `now`: in force on the date; `corrected`: another of the same first day took its place."""

    since: date
    last: date | None
    known: date | None
    status: StatusShown
    cite: str
    refs: tuple[str, ...]
    layer: str
    note: str = ""
    words: str = ""
    values: tuple[tuple[str, str], ...] = ()
    now: bool = False
    ahead: bool = False
    corrected: bool = False


class Link(msgspec.Struct, frozen=True):
    """A thing of the rulebook that another rests on or leads to; `key` is that of a row."""

    id: str
    title: str
    key: str = ""


class LookedUp(msgspec.Struct, frozen=True, kw_only=True):
    """What a key finds in a table: the rows of that very key, else the keys of rows that hold the words."""

    asked: str
    entries: tuple[EntryShown, ...] = ()
    keys: tuple[Link, ...] = ()
    more: int = 0


class Detail(msgspec.Struct, frozen=True, kw_only=True):
    """What a page of one thing shows; what does not belong to its kind is empty."""

    id: str
    kind: Kind
    name: str
    title: str
    held: Held | None = None
    entries: tuple[EntryShown, ...] = ()
    sources: tuple[SourceShown, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    links: tuple[Link, ...] = ()
    counts: tuple[tuple[str, int], ...] = ()
    payer: PayerShown | None = None
    service: ServiceShown | None = None
    table: TableShown | None = None
    rows: int = 0
    columns: tuple[str, ...] = ()
    looked_up: LookedUp | None = None
    source: SourceShown | None = None


def detail(book: Rulebook, id_: str, on: date, key: str = "") -> Detail:
    """What `id_` names, as it stands on `on`; `UnknownId` for a name nobody wrote. `key` looks into a table."""
    found = named(book, id_)
    match found.kind:
        case "payer":
            return _payer(book, found.id, on)
        case "rule" | "policy":
            return _rule(book, found.id, on)
        case "service":
            return _service(book, found.id, on)
        case "table":
            return _table(book, found.id, on, key)
        case "source":
            return _source(book, found.id)


def _rule(book: Rulebook, id_: str, on: date) -> Detail:
    """A rule, or a field of a payer; one taken over from another payer has that payer's entries."""
    if id_.startswith("payer."):
        _area, payer_id, name = id_.split(".")
        held = field(book, payer_id, name, on)
        title = f"{said(book.payer(payer_id).label) or payer_id}: {title_of(id_, '')}"
        links: tuple[Link, ...] = (Link(payer_id, said(book.payer(payer_id).label) or payer_id),)
        kind: Kind = "policy"
    else:
        held, links, kind = rule(book, id_, on), (), "rule"
        title = held.title
    parameter = book.parameters.get(f"payer.{held.whose}.{id_.rsplit('.', 1)[-1]}" if held.whose else id_)
    entries = _timeline(
        (
            EntryShown(
                since=entry.start, last=last_day(entry.until), known=entry.known, status=status(entry.status),
                cite=book.cite(entry.refs), refs=entry.refs, layer=_layer(dated.layer), note=said(entry.note),
                words=words(held.id, entry.value, parameter.unit),
            )
            for dated in parameter.at
            for entry in [dated.entry]
        )
        if parameter
        else (),
        on,
    )  # fmt: skip
    return Detail(
        id=id_, kind=kind, name=str(NAMES[kind]), title=title, held=held, entries=entries, links=links,
        sources=_sources(book, entries),
    )  # fmt: skip


def _payer(book: Rulebook, id_: str, on: date) -> Detail:
    shown = payer(book, book.payer(id_), on)
    values = [book.policy(id_, each.id.rsplit(".", 1)[-1], on) for each in shown.fields]
    refs = dict.fromkeys(ref for value in values if value is not None for ref in value.refs)
    return Detail(
        id=id_, kind="payer", name=str(NAMES["payer"]), title=shown.label, payer=shown,
        sources=tuple(source(book, ref) for ref in refs),
    )  # fmt: skip


def _service(book: Rulebook, code: str, on: date) -> Detail:
    """A code of the catalogue; rows of tables on demand are linked to and not read."""
    catalogue = book.tables["services"]
    entries = _rows(book, catalogue, code, on)
    found = book.service(code, on)
    labels = [row[catalogue.columns.index("label")] for row in catalogue.rows if row[0] == code]
    links = [Link(each, each, code) for each in sorted(book.sheets) if each == f"rvu_{on.year}"]
    held = None
    if found is None:
        missing = _("Not in force on %(day)s.") % {"day": on}
        held = Held(id=code, title="", status=status("unknown"), missing=missing)
    return Detail(
        id=code, kind="service", name=str(NAMES["service"]), title=said(found.label if found else labels[-1]),
        held=held, service=service(found) if found else None, entries=entries, sources=_sources(book, entries),
        facts=tuple(_facts(book, code, on)), links=tuple(links),
    )  # fmt: skip


def _facts(book: Rulebook, code: str, on: date) -> Iterable[tuple[str, str]]:
    """What else is held of a code on the date: its add-on, and its rows in the tables that are read already."""
    kin = book.kin(code, on)
    if kin is not None and kin[1] is not None and kin[1].code != code:
        yield _("continued by"), f"{kin[1].code} {said(kin[1].label)}"
    for name in sorted(set(book.tables) - set(book.sheets) - {"services"}):
        row = book.row(name, code, on)
        yield from _own(row) if row else ()


def _table(book: Rulebook, name: str, on: date, key: str) -> Detail:
    read = book.tables[name]
    own = [each for each in read.columns if each not in DATED_COLUMNS]
    return Detail(
        id=name, kind="table", name=str(NAMES["table"]), title=name, table=table(book, name), rows=len(read.rows),
        columns=tuple(column(each) for each in own), looked_up=_look_up(book, read, key, on) if key else None,
        links=tuple(Link(name, each, each) for each in _keys(read.rows, 6)),
    )  # fmt: skip


def _look_up(book: Rulebook, read: Table, asked: str, on: date) -> LookedUp:
    wanted = asked.casefold()
    exact = next((row[0] for row in read.rows if row[0].casefold() == wanted), None)
    if exact is not None:
        return LookedUp(asked=exact, entries=_rows(book, read, exact, on))
    places = [place for place, name in enumerate(read.columns) if name not in DATED_COLUMNS]
    holding = [row for row in read.rows if wanted in " ".join(row[place] for place in places).casefold()]
    keys = list(_keys(holding, len(holding)))
    named_by = {row[0]: " · ".join(row[place] for place in places[1:3] if row[place]) for row in holding}
    links = tuple(Link(read.id, f"{each} {named_by[each]}".strip(), each) for each in keys[:MOST_KEYS])
    return LookedUp(asked=asked, keys=links, more=max(len(keys) - MOST_KEYS, 0))


def _source(book: Rulebook, name: str) -> Detail:
    """A source with what rests on it: rules and policies by name, rows of tables that are read already by number."""
    shown = source(book, name)
    resting = [
        Link(id_, _titled(book, id_)) for id_, parameter in sorted(book.parameters.items())
        if any(name in dated.entry.refs for dated in parameter.at)
    ]  # fmt: skip
    counts = []
    for each in sorted(set(book.tables) - set(book.sheets)):
        read = book.tables[each]
        refs = read.columns.index("refs")
        if number := sum(name in row[refs].split() for row in read.rows):
            counts.append((each, number))
    return Detail(
        id=name, kind="source", name=str(NAMES["source"]), title=shown.source.cite, source=shown,
        links=tuple(resting), counts=tuple(counts),
    )  # fmt: skip


def _titled(book: Rulebook, id_: str) -> str:
    title = title_of(id_, book.parameters[id_].title)
    if not id_.startswith("payer."):
        return title
    owner = id_.split(".")[1]
    return f"{said(book.payer(owner).label) or owner}: {title}"


def _rows(book: Rulebook, read: Table, key: str, on: date) -> tuple[EntryShown, ...]:
    """The rows of one key, as dated entries."""
    found: list[tuple[date, int, date, int, EntryShown]] = []
    for row, layer in zip(read.rows, read.layers, strict=True):
        if row[0] == key:
            cells = dict(zip(read.columns, row, strict=True))
            known = date.fromisoformat(cells["known"]) if cells["known"] else None
            until = date.fromisoformat(cells["until"]) if cells["until"] else None
            refs = tuple(cells["refs"].split())
            entry = EntryShown(
                since=date.fromisoformat(cells["from"]), last=last_day(until), known=known,
                status=status(cells["status"]), cite=book.cite(refs), refs=refs, layer=_layer(layer),
                values=tuple(_own(cells)),
            )  # fmt: skip
            found.append((entry.since, layer, known or entry.since, len(found), entry))
    return _timeline((entry for *_rank, entry in sorted(found, key=lambda each: each[:4])), on)


def _own(row: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The columns of a row that are its table's own, without the key, empty ones left out."""
    for place, (name, text) in enumerate(row.items()):
        if place and text and name not in DATED_COLUMNS:
            yield column(name), cell(name, text)


def _timeline(entries: Iterable[EntryShown], on: date) -> tuple[EntryShown, ...]:
    """The entries, newest first, from entries in rising order of rank; each ends where the next one begins."""
    rising = list(entries)
    begun = max((place for place, entry in enumerate(rising) if entry.since <= on), default=None)
    shown = []
    for place, entry in enumerate(rising):
        after = rising[place + 1].since if place + 1 < len(rising) else None
        corrected = after == entry.since
        last = entry.last
        if after is not None and not corrected and (last is None or after <= last):
            last = after - timedelta(days=1)
        in_force = place == begun and (entry.last is None or on <= entry.last)
        shown.append(
            msgspec.structs.replace(entry, last=last, now=in_force, ahead=entry.since > on, corrected=corrected)
        )
    return tuple(reversed(shown))


def _keys(rows: Sequence[Sequence[str]], most: int) -> Iterable[str]:
    return list(dict.fromkeys(row[0] for row in rows))[:most]


def _sources(book: Rulebook, entries: Sequence[EntryShown]) -> tuple[SourceShown, ...]:
    return tuple(source(book, ref) for ref in dict.fromkeys(ref for entry in entries for ref in entry.refs))


def _layer(number: int) -> str:
    return str(LAYERS[LAYER_IDS[number]])
