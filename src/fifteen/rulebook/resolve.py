"""Ask the rulebook: which value of a rule is in force on a date, from which source, and how well known."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

import msgspec

from fifteen.kernel.dates import in_range
from fifteen.kernel.errors import NotInForce, UnknownCode, UnknownId, UnknownPayer
from fifteen.kernel.finding import Severity, Status
from fifteen.rulebook.schema import Compiled, Dated, Parameter, Policy, Reference, Sheet, Table

_T = TypeVar("_T")

MOST_REMEMBERED = 20_000

LAYERS = ("package", "home", "organization")

ADDED = "+|"
"""How a cell begins that adds its words to those of the row it lies over, and does not replace them."""


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """A value in force: since when, until when, from which layer and source, and how well it is known."""

    id: str
    unit: str
    value: Any
    since: date
    until: date | None
    status: Status
    severity: Severity
    cite: str
    refs: tuple[str, ...]
    layer: str
    note: str


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """A service of the catalogue as it stands on a date.

    `unit_minutes` is None for an untimed code; `counts_from` is the minute of a unit from which CPT counts it;
    `pooled` codes are the 15-minute codes whose minutes Medicare adds up over the day; an add-on `needs` its base
    on the claim, and one that bills the minutes beyond its base `continues` it.
    """

    code: str
    label: str
    kind: str
    unit_minutes: int | None
    counts_from: int
    pooled: bool
    continues: str | None
    needs: str | None
    period: str
    disciplines: tuple[str, ...]
    since: date
    until: date | None
    status: Status
    cite: str
    layer: str


class _Tables(Mapping[str, Table]):
    """The tables by name; those on demand are read from disk when they are first asked for."""

    __slots__ = ("_compiled", "_read")

    def __init__(self, compiled: Compiled) -> None:
        self._compiled = compiled
        self._read = dict(compiled.tables)

    def __getitem__(self, name: str) -> Table:
        table = self._read.get(name)
        if table is None:
            from fifteen.rulebook.compiler import read_sheet

            table = self._read[name] = read_sheet(self._compiled.sheets[name], self._compiled.references)
        return table

    def __contains__(self, name: object) -> bool:
        return name in self._read or name in self._compiled.sheets

    def __iter__(self) -> Iterator[str]:
        return iter({**self._compiled.tables, **self._compiled.sheets})

    def __len__(self) -> int:
        return len(self._compiled.tables) + len(self._compiled.sheets)


class Rulebook:
    """The merged layers. Immutable; answers are remembered, so asking twice costs a look-up."""

    __slots__ = ("_compiled", "_index", "_memo", "hash", "known", "tables")

    def __init__(
        self, compiled: Compiled, known: date | None = None, tables: Mapping[str, Table] | None = None
    ) -> None:
        self._compiled = compiled
        self._memo: dict[Any, Any] = {}
        self._index: dict[str, dict[str, list[int]]] = {}
        self.known = known
        self.hash = compiled.hash if known is None else f"{compiled.hash} as known {known}"
        self.tables: Mapping[str, Table] = tables if tables is not None else _Tables(compiled)

    def as_known(self, known: date) -> Rulebook:
        """The same rulebook as it could be read on `known`: what was published later is not there."""
        return Rulebook(self._compiled, known, self.tables)

    # -- parameters ------------------------------------------------------------------------------------------

    def value(self, id_: str, on: date, known: date | None = None) -> Value:
        """The value of `id_` in force on `on`, as published by `known` (default: all that this rulebook knows).

        Raises `UnknownId` for an id nobody wrote and `NotInForce` for a date outside its values.
        """
        known = known or self.known
        key = (id_, on, known)
        found = self._memo.get(key)
        if found is None:
            parameter = self._compiled.parameters.get(id_)
            if parameter is None:
                raise UnknownId(f"{id_}: the rulebook holds no such rule; `fifteen rulebook show` lists what it holds.")
            found = self._memo[key] = self._in_force(parameter, on, known)
        if isinstance(found, Value):
            return found
        raise NotInForce(found)

    def value_or_none(self, id_: str, on: date) -> Value | None:
        """As `value`, but None where the rulebook holds nothing for the id or the date."""
        if id_ not in self._compiled.parameters:
            return None
        try:
            return self.value(id_, on)
        except NotInForce:
            return None

    def _in_force(self, parameter: Parameter, on: date, known: date | None) -> Value | str:
        best: Dated | None = None
        for dated in parameter.at:  # in rising order of date, layer, day of publication
            entry = dated.entry
            if entry.start <= on and (known is None or (entry.known or entry.start) <= known):
                best = dated
        if best is not None and in_range(on, best.entry.start, best.entry.until):
            entry = best.entry
            return Value(
                id=parameter.id, unit=parameter.unit, value=entry.value, since=entry.start, until=entry.until,
                status=entry.status, severity=entry.severity, cite=self.cite(entry.refs), refs=entry.refs,
                layer=LAYERS[best.layer], note=entry.note,
            )  # fmt: skip
        as_known = f" as published by {known}" if known else ""
        return (
            f"{parameter.id} is not known for {on}{as_known}: the rulebook holds it {_spans(parameter)}; "
            "choose a date it covers, or add a dated entry with its source to your organization's rulebook."
        )

    # -- payers ----------------------------------------------------------------------------------------------

    @property
    def payers(self) -> list[Policy]:
        return sorted(self._compiled.policies.values(), key=lambda policy: policy.id)

    def payer(self, name: str) -> Policy:
        """The payer profile of this id, in any case; `UnknownPayer` lists those there are."""
        policy = self._compiled.policies.get(name.strip().lower())
        if policy is None:
            raise UnknownPayer(
                f"payer {name!r} is not in the rulebook; choose one of {', '.join(p.id for p in self.payers)}, "
                "or describe it in your organization's rulebook."
            )
        return policy

    def policy(self, payer: str, field: str, on: date) -> Value | None:
        """The payer's own value of `field` on `on`, else its parent's; None: the policy is not known."""
        name: str | None = self.payer(payer).id
        while name is not None:
            value = self.value_or_none(f"payer.{name}.{field}", on)
            if value is not None:
                return value
            name = self._compiled.policies[name].extends
        return None

    def follows(self, payer: str, parent: str) -> bool:
        """Is `payer` that parent, or does its policy extend it, directly or through others?"""
        name: str | None = self.payer(payer).id
        while name is not None and name != parent:
            name = self._compiled.policies[name].extends
        return name is not None

    # -- tables and services ---------------------------------------------------------------------------------

    def row(self, table: str, key: str, on: date) -> dict[str, str] | None:
        """The row of `table` whose first column is `key`, in force on `on`; None where there is none.

        A cell that begins with `+|` adds its words to those of the row that would be in force without it.
        Raises `UnknownId` for a table that no layer holds.
        """
        memo = (table, key, on)
        if memo not in self._memo:
            held, begun = self._table(table), self._begun(table, key, on)
            rows = [dict(zip(held.columns, held.rows[place], strict=True)) for place in begun]
            self._memo[memo] = _laid([row for row in rows if _lasts(row, on)]) if rows and _lasts(rows[0], on) else None
        found: dict[str, str] | None = self._memo[memo]
        return found

    def history(self, table: str, key: str) -> list[dict[str, str]]:
        """Every row of `table` whose first column is `key`, in order of date, as far as this rulebook knows."""
        held = self._table(table)
        ranks = sorted(_rank(held, place) for place in self._places(held).get(key, ()))
        known = [rank[-1] for rank in ranks if self.known is None or rank[2] <= self.known]
        return [dict(zip(held.columns, held.rows[place], strict=True)) for place in known]

    def row_layer(self, table: str, key: str, on: date) -> str | None:
        """The layer that the row in force on `on` comes from; None where there is none."""
        place = self._place(table, key, on)
        return None if place is None else LAYERS[self._table(table).layers[place]]

    def _table(self, name: str) -> Table:
        if name not in self.tables:
            raise UnknownId(f"{name}: the rulebook holds no such table; `fifteen rulebook show` lists what it holds.")
        return self.tables[name]

    def _place(self, table: str, key: str, on: date) -> int | None:
        """Which row of `table` is in force for `key` on `on`."""
        held, begun = self._table(table), self._begun(table, key, on)
        return begun[0] if begun and _lasts(dict(zip(held.columns, held.rows[begun[0]], strict=True)), on) else None

    def _begun(self, table: str, key: str, on: date) -> list[int]:
        """The rows of `table` that have begun for `key` on `on`, the one of the highest rank first."""
        held = self._table(table)
        ranks = sorted((_rank(held, place) for place in self._places(held).get(key, ())), reverse=True)
        return [rank[-1] for rank in ranks if rank[0] <= on and (self.known is None or rank[2] <= self.known)]

    def _places(self, table: Table) -> dict[str, list[int]]:
        index = self._index.get(table.id)
        if index is None:
            index = {}
            for place, row in enumerate(table.rows):
                index.setdefault(row[0], []).append(place)
            self._index[table.id] = index
        return index

    def service(self, code: str, on: date) -> Service | None:
        """The service of the catalogue on `on`; None when the code exists but not on that date.

        Raises `UnknownCode` for a code the catalogue never held.
        """
        key = ("service", code, on)
        if key in self._memo:
            found: Service | None = self._memo[key]
            return found
        rows = self._places(self._compiled.tables["services"])
        if code not in rows:
            raise _unknown_code(code)
        place = self._place("services", code, on)
        service = self._memo[key] = None if place is None else self._service(place)
        return service

    def _service(self, place: int) -> Service:
        table = self._compiled.tables["services"]
        row = dict(zip(table.columns, table.rows[place], strict=True))
        status: Any = row["status"]
        return Service(
            code=row["code"],
            label=row["label"],
            kind=row["kind"],
            unit_minutes=int(row["unit_minutes"]) if row["unit_minutes"] else None,
            counts_from=int(row["counts_from"] or 0),
            pooled=row["pooled"] == "yes",
            continues=row["continues"] or None,
            needs=row["needs"] or None,
            period=row["period"],
            disciplines=tuple(row["disciplines"].split()),
            since=date.fromisoformat(row["from"]),
            until=date.fromisoformat(row["until"]) if row["until"] else None,
            status=status,
            cite=self.cite(row["refs"].split()),
            layer=LAYERS[table.layers[place]],
        )

    def services(self, on: date) -> list[Service]:
        """All services in force on `on`, by code."""
        found = (self.service(code, on) for code in sorted(self._places(self._compiled.tables["services"])))
        return [service for service in found if service is not None]

    def kin(self, code: str, on: date) -> tuple[Service, Service | None] | None:
        """The base whose first unit the minutes of `code` earn, and the add-on that bills what lies beyond it.

        A code without add-on is its own base. None, or `UnknownCode`, as for `service`.
        """
        key = ("kin", code, on)
        if key in self._memo:
            found: tuple[Service, Service | None] | None = self._memo[key]
            return found
        base = self.service(code, on)
        if base is not None and base.continues is not None:
            base = self.service(base.continues, on) or base
        kin = self._memo[key] = None if base is None else (base, self._addon_of(base.code, on))
        return kin

    def _addon_of(self, base: str, on: date) -> Service | None:
        table = self._compiled.tables["services"]
        code, continues = table.columns.index("code"), table.columns.index("continues")
        addons = (self.service(row[code], on) for row in table.rows if row[continues] == base)
        # What continued the base in one row need not in the row of this date.
        return next((addon for addon in addons if addon is not None and addon.continues == base), None)

    def service_span(self, code: str) -> str:
        """When the catalogue holds `code`, in words: `from 2024-01-01`, `from 2017-01-01 until 2018-01-01`."""
        table = self._compiled.tables["services"]
        places = self._places(table).get(code)
        if places is None:
            raise _unknown_code(code)
        ranks = [_rank(table, place) for place in places]
        last = dict(zip(table.columns, table.rows[max(ranks)[-1]], strict=True))
        return f"from {min(ranks)[0]}" + (f" until {last['until']}" if last["until"] else "")

    def remember(self, key: Hashable, make: Callable[[], _T]) -> _T:
        """`make()`, made once for this rulebook: for what follows from the rulebook and `key` alone."""
        try:  # a hit costs one look-up, and None is remembered too
            found: _T = self._memo[key]
        except KeyError:
            found = make()
            if len(self._memo) >= MOST_REMEMBERED:
                self._memo.clear()  # a server that runs for months must not grow with what people type
            self._memo[key] = found
        return found

    # -- what there is ---------------------------------------------------------------------------------------

    @property
    def parameters(self) -> dict[str, Parameter]:
        return self._compiled.parameters

    @property
    def sheets(self) -> dict[str, Sheet]:
        """The tables that are read only when they are asked for: what is said of them without reading them."""
        return self._compiled.sheets

    @property
    def references(self) -> dict[str, Reference]:
        return self._compiled.references

    def cite(self, refs: Iterable[str]) -> str:
        """The short printed citations of `refs`, joined."""
        try:
            return "; ".join([self._compiled.references[ref].cite for ref in refs])
        except KeyError as error:
            raise UnknownId(
                f"{error.args[0]}: the rulebook holds no such source; `fifteen rulebook show` lists what it holds."
            ) from None


def _unknown_code(code: str) -> UnknownCode:
    return UnknownCode(
        f"{code} is not in the service catalogue; check the number, or look it up with "
        "`fifteen rulebook show services`."
    )


def _rank(table: Table, place: int) -> tuple[date, int, date, int]:
    """The row of the highest rank is in force: the later date, then the later layer, then the later publication."""
    row = dict(zip(table.columns, table.rows[place], strict=True))
    start = date.fromisoformat(row["from"])
    known = date.fromisoformat(row["known"]) if row["known"] else start
    return start, table.layers[place], known, place


def _lasts(row: Mapping[str, str], on: date) -> bool:
    """Has the row, which has begun, not ended on `on`?"""
    return not row["until"] or on < date.fromisoformat(row["until"])


def _laid(rows: Sequence[dict[str, str]]) -> dict[str, str]:
    """The first of `rows`, with what the next one holds in each cell that only adds to it."""
    over, *below = rows
    adding = [name for name, text in over.items() if text.startswith(ADDED)]
    under = _laid(below) if adding and below else {}
    words = {name: (under.get(name, ""), over[name].removeprefix(ADDED).strip()) for name in adding}
    return over | {name: " | ".join(filter(None, each)) for name, each in words.items()}


def _spans(parameter: Parameter) -> str:
    """When a parameter is held, in words; days that follow one another are one span."""
    spans: list[tuple[date, date | None]] = []
    for start, until in {dated.entry.start: dated.entry.until for dated in parameter.at}.items():
        before = spans[-1] if spans else None
        if before is not None and (before[1] is None or start <= before[1]):
            spans[-1] = (before[0], until)  # a later value takes over on its first day
        else:
            spans.append((start, until))
    return " and ".join(f"from {start}" + (f" until {until}" if until else "") for start, until in spans)
