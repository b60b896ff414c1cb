"""What is in force on a date, arranged for a reader. Nothing is read here that is read only on demand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as N_

from fifteen.rulebook import Rulebook
from fifteen.rulebook.resolve import Service, Value
from fifteen.rulebook.schema import POLICY_FIELDS, Parameter, Policy, Reference
from fifteen.web.rules_words import FIELDS, KINDS, READ, StatusShown, status, statuses, title_of, unit_of, words
from fifteen.web.said import said


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """One id on one date. `words` empty: not known, and `missing` says why.

    `holds`: breaking it holds a claim; `whose`: the payer that a field was taken over from.
    """

    id: str
    title: str
    status: StatusShown
    words: str = ""
    missing: str = ""
    since: date | None = None
    last: date | None = None
    cite: str = ""
    note: str = ""
    layer: str = ""
    whose: str = ""
    holds: bool = False


class Group(msgspec.Struct, frozen=True):
    """Rules under one heading."""

    id: str
    title: str
    about: str
    rules: tuple[Held, ...]


class PayerShown(msgspec.Struct, frozen=True, kw_only=True):
    """A payer with its fields, in the order of `FIELDS`."""

    id: str
    label: str
    note: str
    extends: str
    fields: tuple[Held, ...]

    @property
    def unknown(self) -> tuple[Held, ...]:
        return tuple(field for field in self.fields if not field.words)

    @property
    def counts(self) -> Held:
        return self.fields[0]


class ServiceShown(msgspec.Struct, frozen=True, kw_only=True):
    """A service of the catalogue on the date."""

    code: str
    label: str
    kind: str
    unit: str
    pooled: bool
    addon_of: str
    disciplines: tuple[str, ...]
    since: date
    last: date | None
    status: StatusShown


class TableShown(msgspec.Struct, frozen=True, kw_only=True):
    """A table; `rows` None: it is read when it is asked for."""

    id: str
    release: str
    source: str
    sha256: str
    rows: int | None


class SourceShown(msgspec.Struct, frozen=True, kw_only=True):
    """A source and how much of it was read."""

    id: str
    source: Reference
    read: str

    @property
    def link(self) -> str:
        """Its address, where that is one of the web."""
        return self.source.url if self.source.url.startswith(("https://", "http://")) else ""


class Tally(msgspec.Struct, frozen=True):
    """How many values of each kind have a status on the date."""

    status: StatusShown
    rules: int
    policies: int
    services: int

    @property
    def all(self) -> int:
        return self.rules + self.policies + self.services


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """The rulebook on a date."""

    on: date
    hash: str
    tallies: tuple[Tally, ...]
    groups: tuple[Group, ...]
    payers: tuple[PayerShown, ...]
    field_names: tuple[str, ...]
    services: tuple[ServiceShown, ...]
    tables: tuple[TableShown, ...]
    sources: tuple[SourceShown, ...]


# The rules in the order of a visit and of its price; one that is not named here comes after them.
_ORDER = {
    "counting": (
        "medicare.timed_unit", "medicare.leftover_unit", "medicare.untimed_unit", "medicare.whole_time_codes",
        "medicare.expected_average", "cpt.midpoint", "medicare.direct_contact", "medicare.one_patient_at_a_time",
        "medicare.patient_minutes", "medicare.co_treatment", "medicare.mode_kinds", "medicare.who_may_treat",
        "medicare.owning_discipline", "medicare.discipline_modifier",
    ),
    "assistants": (
        "medicare.assistant_modifier", "medicare.assistant_share", "medicare.assistant_last_unit",
        "medicare.assistant_two_units", "medicare.assistant_may_not", "medicare.assistant_outside",
        "medicare.assistant_billing",
    ),
    "pricing": (
        "medicare.fee_formula", "medicare.conversion_factor", "medicare.conversion_factor_qp",
        "medicare.proposed_conversion_factor", "medicare.fee_status", "medicare.mppr_share", "medicare.mppr_indicator",
        "medicare.mppr_rank", "medicare.part_b_deductible", "medicare.coinsurance", "medicare.sequestration",
        "medicare.reduction_order", "medicare.liability_modifier",
    ),
}  # fmt: skip
_GROUPS = {
    "counting": (
        N_("Counting rules"),
        N_("Which minutes count, how they become units, and which code may stand under whose plan of care."),
    ),
    "assistants": (
        N_("Assistants"),
        N_("When a service given by an assistant takes the modifier, and what an assistant may not give."),
    ),
    "pricing": (
        N_("Pricing rules"),
        N_("How Medicare's amount is figured, and what is taken off in which order."),
    ),
    "conventions": (
        N_("Conventions of Fifteen"),
        N_("Ours, not law: where the law is silent and something must be done all the same."),
    ),
    "others": (N_("Other rules"), N_("What this installation holds besides.")),
}


def overview(book: Rulebook, on: date) -> Overview:
    """Everything that is held on `on`; tables on demand are named and not read."""
    rules = [rule(book, name, on) for name in sorted(book.parameters) if not name.startswith("payer.")]
    payers = tuple(payer(book, each, on) for each in book.payers)
    services = tuple(service(each) for each in book.services(on))
    return Overview(
        on=on,
        hash=book.hash,
        tallies=tuple(_tallies(book, rules, payers, services, on)),
        groups=tuple(_groups(rules)),
        payers=payers,
        field_names=tuple(str(name) for name in FIELDS.values()),
        services=services,
        tables=tuple(table(book, name) for name in sorted(book.tables)),
        sources=tuple(source(book, name) for name in sorted(book.references)),
    )


def last_day(until: date | None) -> date | None:
    """The last day in force: the rulebook names the first day after it."""
    return until - timedelta(days=1) if until else None


def rule(book: Rulebook, id_: str, on: date) -> Held:
    parameter = book.parameters[id_]
    title = title_of(id_, parameter.title)
    value = book.value_or_none(id_, on)
    if value is not None:
        return held(value, title)
    return Held(id=id_, title=title, status=status("unknown"), missing=_missing(parameter, on))


def _missing(parameter: Parameter, on: date) -> str:
    """Which side of the date the rulebook's entries lie on."""
    first, last = parameter.at[0].entry, parameter.at[-1].entry
    if on < first.start:
        return _("Not known for %(day)s; held from %(first)s on.") % {"day": on, "first": first.start}
    if last.start <= on:
        return _("Not known for %(day)s; held up to %(last)s.") % {"day": on, "last": last_day(last.until)}
    return _("Not known for %(day)s; held for days before and after it.") % {"day": on}


def held(value: Value, title: str) -> Held:
    return Held(
        id=value.id, title=title, status=status(value.status), words=words(value.id, value.value, value.unit),
        since=value.since, last=last_day(value.until), cite=value.cite, note=said(value.note), layer=value.layer,
        holds=value.severity == "block",
    )  # fmt: skip


def payer(book: Rulebook, policy: Policy, on: date) -> PayerShown:
    return PayerShown(
        id=policy.id,
        label=said(policy.label) or policy.id,
        note=said(policy.note),
        extends=policy.extends or "",
        fields=tuple(field(book, policy.id, name, on) for name in sorted(POLICY_FIELDS, key=_place)),
    )


def field(book: Rulebook, payer_id: str, name: str, on: date) -> Held:
    """A field of a payer: its own, else that of the payer it follows (`whose`), else not known."""
    id_ = f"payer.{payer_id}.{name}"
    title = title_of(id_, "")
    value = book.policy(payer_id, name, on)
    if value is not None:
        found = held(value, title)
        whose = value.id.split(".")[1]
        return found if whose == payer_id else msgspec.structs.replace(found, id=id_, whose=whose)
    if id_ in book.parameters:
        return rule(book, id_, on)
    return Held(id=id_, title=title, status=status("unknown"), missing=_("No text of this payer on it was found."))


def service(each: Service) -> ServiceShown:
    return ServiceShown(
        code=each.code, label=said(each.label), kind=str(KINDS.get(each.kind, each.kind)),
        unit=unit_of(each.unit_minutes, each.counts_from), pooled=each.pooled, addon_of=each.needs or "",
        disciplines=each.disciplines, since=each.since, last=last_day(each.until), status=status(each.status),
    )  # fmt: skip


def search(services: Sequence[ServiceShown], asked: str) -> tuple[ServiceShown, ...]:
    """Services of which every word asked for begins the code or a discipline, or stands in the label or the kind."""
    wanted = asked.casefold().split()
    return tuple(
        each for each in services
        if all(
            each.code.casefold().startswith(word)
            or word in f"{each.label} {each.kind}".casefold()
            or word in {name.casefold() for name in each.disciplines}
            for word in wanted
        )
    )  # fmt: skip


def table(book: Rulebook, name: str) -> TableShown:
    """What is said of a table, without reading it where it is read on demand."""
    if (sheet := book.sheets.get(name)) is not None:
        return TableShown(id=name, release=sheet.release, source=said(sheet.source), sha256=sheet.sha256, rows=None)
    read = book.tables[name]
    return TableShown(id=name, release=read.release, source=said(read.source), sha256=read.sha256, rows=len(read.rows))


def source(book: Rulebook, name: str) -> SourceShown:
    found = book.references[name]
    return SourceShown(id=name, source=found, read=str(READ[found.read]))


def _place(name: str) -> int:
    """Where a field stands among `FIELDS`; one that has no name there yet comes last."""
    names = list(FIELDS)
    return names.index(name) if name in names else len(names)


def _groups(rules: Sequence[Held]) -> Iterable[Group]:
    place = {id_: number for number, id_ in enumerate(id_ for ids in _ORDER.values() for id_ in ids)}
    for group, (title, about) in _GROUPS.items():
        found = [each for each in rules if _group_of(each.id) == group]
        found.sort(key=lambda each: (place.get(each.id, len(place)), each.id))
        if found:
            yield Group(group, str(title), str(about), tuple(found))


def _group_of(id_: str) -> str:
    area, _dot, name = id_.partition(".")
    for group, ids in _ORDER.items():
        if id_ in ids:
            return group
    if area == "fifteen":
        return "conventions"
    if area not in ("medicare", "cpt"):
        return "others"
    return "assistants" if name.startswith("assistant") else "counting"


def _tallies(
    book: Rulebook,
    rules: Sequence[Held],
    payers: Sequence[PayerShown],
    services: Sequence[ServiceShown],
    on: date,
) -> Iterable[Tally]:
    """A field that a payer takes over from another is counted with the other, and once."""
    own = [each.status.id for some in payers for each in some.fields if not each.whose]
    counted = [Counter(each.status.id for each in rules), Counter(own), Counter(each.status.id for each in services)]
    for each in statuses():
        yield Tally(each, *(count[each.id] for count in counted))
