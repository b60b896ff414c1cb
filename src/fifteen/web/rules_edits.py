"""What is held of pairs of codes and of unit limits on a date: which releases, for which codes, how old they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as N_

from fifteen.engine.edits.mue_held import MueFile, mue_held
from fifteen.engine.edits.pairs_held import PairsHeld, ReleaseHeld, pairs_held
from fifteen.rulebook import Rulebook
from fifteen.web.rules_shown import last_day
from fifteen.web.said import said

FEW = 12  # codes that are listed at once; more are folded

_WAYS = {
    "practitioner": (N_("Pairs, practitioner table"), N_("Unit limits, practitioner file")),
    "hospital": (N_("Pairs, hospital table"), N_("Unit limits, hospital file")),
}


class Edition(msgspec.Struct, frozen=True, kw_only=True):
    """A release, the days it was made for and the codes it was read for; `age` is `now`, `past` or `ahead`."""

    name: str
    since: date
    last: date | None
    codes: tuple[str, ...]
    age: str
    days_past: int

    @property
    def few(self) -> bool:
        return len(self.codes) <= FEW


class EditTable(msgspec.Struct, frozen=True, kw_only=True):
    """A table with its releases, the newest first; `told` says how much of it is in force."""

    table: str
    title: str
    told: str
    editions: tuple[Edition, ...]


class EditsHeld(msgspec.Struct, frozen=True, kw_only=True):
    """`gaps`: what is not known of pairs and limits on the date, a sentence each."""

    tables: tuple[EditTable, ...]
    gaps: tuple[str, ...]


def edits_held(book: Rulebook, on: date) -> EditsHeld:
    """Counting pairs reads their tables, so what was counted is kept."""
    pairs = book.remember(("pairs-held", on), lambda: pairs_held(book, on))
    order = sorted(pairs, key=lambda each: list(_WAYS).index(each.way))
    tables = [_pairs(book, each, on) for each in order]
    tables += [_limits(way, list(files), on) for way, files in groupby(mue_held(book, on), lambda each: each.way)]
    return EditsHeld(tables=tuple(tables), gaps=tuple(_gaps(tables, pairs, on)))


def _pairs(book: Rulebook, held: PairsHeld, on: date) -> EditTable:
    text = _(
        "For %(payers)s: %(in_force)s pairs in force on %(day)s as last known, of %(pairs)s held. Of %(unknown)s of "
        "its %(rows)s rows the first day is not known."
    )
    labels = [said(book.payer(each).label) or each for each in held.payers]
    told = text % {
        "payers": ", ".join(labels), "in_force": held.in_force, "day": on, "pairs": held.pairs,
        "unknown": held.start_unknown, "rows": held.rows,
    }  # fmt: skip
    return EditTable(table=held.table, title=str(_WAYS[held.way][0]), told=told, editions=_editions(held.releases, on))


def _limits(way: str, files: Sequence[MueFile], on: date) -> EditTable:
    told = _("Units of one code a day, for payers that follow Medicare.")
    return EditTable(table="mue", title=str(_WAYS[way][1]), told=told, editions=_editions(files, on))


def _editions(held: Sequence[ReleaseHeld | MueFile], on: date) -> tuple[Edition, ...]:
    found = [
        Edition(
            name=each.name, since=each.since, last=last_day(each.until), codes=each.covers,
            age="past" if each.days_past else "ahead" if each.since > on else "now", days_past=each.days_past,
        )
        for each in held
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda each: each.since, reverse=True))


def _gaps(tables: Sequence[EditTable], pairs: Sequence[PairsHeld], on: date) -> Iterable[str]:
    """Which codes the releases of the date leave to older ones, or that none is of the date or before it."""
    if not pairs:
        yield _("No table of pairs is named for %(day)s; no pair of codes is checked.") % {"day": on}
    for table in tables:
        newer: set[str] = set()
        for each in table.editions:
            if each.age == "past" and (older := set(each.codes) - newer):
                text = _(
                    "%(table)s: %(count)s codes are known from release %(release)s only, made for days up to "
                    "%(last)s; what was changed since is not known."
                )
                yield text % {"table": table.title, "count": len(older), "release": each.name, "last": each.last}
            if each.age != "ahead":
                newer.update(each.codes)
        if all(each.age == "ahead" for each in table.editions):
            yield _("%(table)s: no release that is held was made for this date or a day before it.") % {
                "table": table.title,
            }  # fmt: skip
