"""Rows go in: each group that stands or falls together in a savepoint of its own, through the services of the chart."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import cached_property
from itertools import groupby
from time import monotonic
from typing import Any, Literal

import msgspec
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from fifteen.clinic import vault
from fifteen.clinic.accounts.models import User
from fifteen.clinic.importing import access
from fifteen.clinic.importing.cells import Reader
from fifteen.clinic.importing.fields import Kind
from fifteen.clinic.importing.profiles import Dates, Profile
from fifteen.clinic.importing.table import Said, Table, order, read_rows
from fifteen.clinic.importing.who import Others, Patients, tokens
from fifteen.clinic.tenancy.context import current
from fifteen.clinic.tenancy.errors import Conflict, Refused
from fifteen.clinic.treatment.changes import together
from fifteen.kernel.errors import AskedWrongly
from fifteen.rulebook import Rulebook
from fifteen.settings.home import rulebook

Result = Literal["new", "matched"]


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person decided for a whole file. `dates`: the order of month and day, where the file does not show it.

    `discipline`, `site`, `as_of`: for rows that say none. `absent`: keep visits of therapists who are not people here,
    without minutes. `closed_episodes`: where no episode fits a visit, make one from the first to the last day.
    """

    dates: Dates = ""
    discipline: Literal["", "PT", "OT", "SLP"] = ""
    site: str = ""
    as_of: date | None = None
    absent: bool = False
    closed_episodes: bool = False


class Reject(msgspec.Struct, frozen=True):
    """A row that did not go in, why, and its cells as they stood."""

    line: int
    reason: str
    cells: tuple[str, ...]


class Report(msgspec.Struct, frozen=True):
    """What became of the rows. `counts` by result: rows, new, matched, unchanged, rejected; `made`: rows by table."""

    counts: dict[str, int]
    made: dict[str, int]
    remarks: tuple[str, ...]
    rejects: tuple[Reject, ...]


class Progress(msgspec.Struct):
    """How far a file is in. `next`: the group that comes next, in an order that does not change; None: all are done."""

    next: int | None = 0
    counts: dict[str, int] = msgspec.field(default_factory=Counter)
    made: dict[str, int] = msgspec.field(default_factory=Counter)
    told: dict[str, int] = msgspec.field(default_factory=Counter)
    rejects: list[Reject] = msgspec.field(default_factory=list)
    payers: list[str] = msgspec.field(default_factory=list)  # made, by name: a dry run in parts counts each once

    def __post_init__(self) -> None:
        self.counts, self.made, self.told = Counter(self.counts), Counter(self.made), Counter(self.told)


class Group(msgspec.Struct, frozen=True):
    """Rows that stand or fall together, each with the key that it is known by; all are of one person, `who`."""

    who: tuple[Any, ...]
    rows: tuple[Said, ...]
    keys: tuple[str, ...]

    @property
    def values(self) -> dict[str, Any]:
        """What the first row says."""
        return self.rows[0].values


class Run:
    """A part of a file going in: what it is read with, what is known so far, and what has become of it."""

    def __init__(self, profile: Profile, options: Options, user: User, upload: str, progress: Progress) -> None:
        self.profile, self.options, self.user, self.upload = profile, options, user, upload
        self.source = profile.title[:40]
        self.patients, self.others = Patients(), Others(options.site)
        self.progress, self.made, self.told = progress, progress.made, progress.told
        self.unread: list[Said] = []
        self.days: dict[Any, set[date]] = defaultdict(set)
        self._undo: list[Callable[[], None]] = []

    @cached_property
    def book(self) -> Rulebook:
        """The rulebook of this installation."""
        return rulebook()

    def undo(self, back: Callable[[], None]) -> None:
        """What is to be done where this group does not go in after all."""
        self._undo.append(back)

    def put(self, group: Group, apply: Callable[[Group, Run], tuple[Result, str]], kind: str) -> None:
        """One group in, or its reasons."""
        self._undo.clear()
        before = (Counter(self.made), Counter(self.told))
        try:
            with transaction.atomic():
                result, made = apply(group, self)
                access.keep(group.keys, kind=kind, made=made, upload=self.upload)
        except (Refused, AskedWrongly, Conflict) as met:
            self._back(group, before, str(met))
        except IntegrityError:
            self._back(group, before, _("Somebody else brought the same in at the same time; try it again."))
        else:
            self.progress.counts[result] += len(group.rows)

    def _back(self, group: Group, before: tuple[dict[str, int], dict[str, int]], why: str) -> None:
        for counter, stood in zip((self.made, self.told), before, strict=True):
            counter.clear()
            counter.update(stood)
        for back in reversed(self._undo):
            back()
        for row in group.rows:
            self.reject(row, why)

    def reject(self, row: Said, *reasons: str) -> None:
        """A row that does not go in."""
        self.progress.counts["rejected"] += 1
        self.progress.rejects.append(Reject(row.row.line, " ".join(reasons), row.row.cells))


class _Held(msgspec.Struct, frozen=True):
    """The rows of the file that is going in, kept between its parts: to read 20,000 anew costs as long as a part."""

    asked: Any
    groups: list[Group]
    days: dict[Any, set[date]]


_held: _Held | None = None  # replaced whole, for another thread may bring in another file


def run(
    table: Table, kind: Kind, profile: Profile, options: Options, user: User, upload: str, progress: Progress,
    budget: timedelta | None = None,
) -> None:  # fmt: skip
    """Rows of a table through the services, from where `progress` stands, as long as `budget` lasts.

    Call it within a transaction; the time for reading the file is not counted. A part ends where a person's rows end,
    so that what one of them needs of another is there also in a dry run.
    `Refused` where nobody can know in which order the dates stand.
    """
    global _held
    from fifteen.clinic.importing.kinds import PUTS

    found = order(table, kind, profile, options.dates)
    if found.open:
        raise Refused(dates_open(found.why))
    first = progress.next or 0
    todo = Run(profile, options, user, upload, progress)
    make, apply = PUTS[kind.name]
    asked, held = (upload, table.columns, options, found.dates), _held
    if first == 0 or held is None or held.asked != asked:
        rows = _readable(read_rows(table, kind, Reader(profile, found.dates)), kind, todo)
        _held = held = _Held(asked, list(make(rows, todo)), todo.days)
    groups, todo.days = held.groups, held.days
    known = access.known_keys(kind.name)
    place, until = first, None if budget is None else monotonic() + budget.total_seconds()
    for _who, of_one in groupby(groups[first:], key=lambda each: each.who):
        if place > first and until is not None and monotonic() > until:
            progress.next = place
            return
        with together():  # the days of one person are assessed when all their rows are in
            for group in of_one:
                place += 1
                if (fresh := _fresh(group, known, progress)) is not None:
                    todo.put(fresh, apply, kind.name)
    progress.next, _held = None, None


def report_of(progress: Progress, rows: int) -> Report:
    """What became of the rows so far."""
    counts = {name: progress.counts[name] for name in ("new", "matched", "unchanged", "rejected")}
    rejects = sorted(progress.rejects, key=lambda each: each.line)
    made = dict(sorted((name, count) for name, count in progress.made.items() if count))
    return Report({"rows": rows, **counts}, made, _remarks(progress), tuple(rejects))


def _fresh(group: Group, known: set[str], progress: Progress) -> Group | None:
    """The rows of a group that are not in yet; those that are, are counted."""
    new = [(row, key) for row, key in zip(group.rows, group.keys, strict=True) if key not in known]
    progress.counts["unchanged"] += len(group.rows) - len(new)
    return Group(group.who, tuple(row for row, _key in new), tuple(key for _row, key in new)) if new else None


def dates_open(why: str) -> str:
    """Why somebody has to say in which order the dates stand."""
    if why == "contradicts":
        return _("Some dates can only be read month first and others only day first; choose which one holds.")
    return _("No date of the file shows whether the month or the day stands first; choose which.")


def _readable(rows: Iterable[Said], kind: Kind, todo: Run) -> list[tuple[Said, str]]:
    """The rows that can be read, with their keys; the rest is rejected, when the file begins."""
    begins = todo.progress.next == 0
    seen: dict[str, int] = {}
    found: list[tuple[Said, str]] = []
    for row in rows:
        if row.reasons:
            todo.unread.append(row)
            if begins:
                todo.reject(row, *row.reasons)
            continue
        key = key_of(kind.name, row.values)
        if key not in seen:
            seen[key] = row.row.line
            found.append((row, key))
        elif begins:
            todo.reject(row, _("The same row stands on line %(line)s already.") % {"line": seen[key]})
    return found


def key_of(kind: str, values: dict[str, Any]) -> str:
    """By what a row is known again: a keyed hash of all that it says, apart for each organization."""
    said = msgspec.json.encode(sorted((name, str(value)) for name, value in values.items())).decode()
    return vault.lookup(said, kind=f"import.{kind}\0{current()}")


def who_of(said: dict[str, Any]) -> tuple[Any, ...]:
    """By what the rows of one person are known within a file."""
    names = tuple("".join(sorted(tokens(said.get(each, "")))) for each in ("name", "last", "first"))
    return (said.get("identifier", ""), *names, said.get("born"))


def one_by_one(rows: list[tuple[Said, str]], todo: Run) -> Iterable[Group]:
    """Every row for itself, those of one person after each other."""
    groups = [Group(who_of(row.values), (row,), (key,)) for row, key in rows]
    return by_person(groups, lambda group: group.rows[0].row.line)


def by_person(groups: list[Group], then: Callable[[Group], Any]) -> list[Group]:
    """People in the order in which the file names them first, the groups of each in the order of `then`."""
    first: dict[Any, int] = {}
    for group in sorted(groups, key=lambda each: each.rows[0].row.line):
        first.setdefault(group.who, len(first))
    return sorted(groups, key=lambda each: (first[each.who], then(each)))


def _remarks(progress: Progress) -> tuple[str, ...]:
    """What a person has to know beside the counts."""
    said = {
        "payers": _("Payers made without rules: %(count)s. Choose a policy for each, or nothing of theirs is decided."),
        "nobody": _("Services that came in without minutes, for nobody here gave them: %(count)s."),
        "no_minutes": _("Services that came in without minutes, for the file says none: %(count)s."),
        "codes": _(
            "Services whose code the rulebook does not hold on their day, so that they are not counted: %(count)s."
        ),
        "episodes": _("Episodes made for visits that fitted none, and closed: %(count)s."),
        "unnamed": _("Plans certified by somebody whom the file does not name: %(count)s."),
    }
    return tuple(text % {"count": progress.told[name]} for name, text in said.items() if progress.told[name])
