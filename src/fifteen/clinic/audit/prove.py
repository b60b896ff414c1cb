"""Proving: the chain is recomputed and held against the checkpoints, and every signed version against its digest.

Pages of rows as tuples: no objects, no statement that keeps a writer waiting, and little memory however long the trail.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.db.models import Model, QuerySet

from fifteen.clinic.audit import chain, checkpoints
from fifteen.clinic.audit.checkpoints import Checkpoint
from fifteen.clinic.audit.models import Event, Seal
from fifteen.clinic.audit.proof import Proof
from fifteen.clinic.audit.sealer import BATCH, waiting
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.context import acting
from fifteen.clinic.tenancy.ids import made_ms
from fifteen.clinic.tenancy.models import Organization
from fifteen.kernel.finding import Finding, Severity

LATE_MS = 120_000  # a sealer passes once a minute; what waits for longer, it was not shown
TOLD = 20  # findings of one kind that are told one by one
SIGNING = ("notes.sign", "notes.amend")  # one event of these for each signed version
# SQLite keeps any bytes in any column: what a row holds then may be no text, no time and no number.
_UNREADABLE = (DatabaseError, ValueError, TypeError, AttributeError, OverflowError)

_LINK = ("id", "place", "event", "before", "digest", "at")
_EVENT_AT, _DETAIL = chain.EVENT.index("at"), chain.EVENT.index("detail")
# In COALESCE, which changes nothing, a time of SQLite is not read by its driver, which takes longer than the whole row.
_COLUMNS = ", ".join(
    f"COALESCE({of}.{each}, {of}.{each})" if each == "at" else f"{of}.{each}"
    for of, names in (("s", _LINK), ("e", chain.EVENT))
    for each in names
)
_Page = list[tuple[tuple[Any, ...], tuple[Any, ...] | None]]
_RESTORE = "Keep this installation as it is, compare with the newest backup, and tell compliance."


def verify(organization: str, folder: Path | None = None) -> Proof:
    """Prove the trail of an organization; `folder` holds checkpoints in place of this installation's own."""
    told = _Told()
    if connection.vendor == "postgresql":
        with transaction.atomic(), acting(organization):
            return _proof(organization, folder, told)
    with acting(organization):  # a transaction here would keep every writer out for as long as this takes
        return _proof(organization, folder, told)


def _proof(organization: str, folder: Path | None, told: _Told) -> Proof:
    marks = _Marks(organization, folder, told)  # first: the chain may grow while it is read, and no mark runs ahead
    walk = _Walk(organization, told, marks)
    _guarded(told, "audit_seal", walk.all)
    marks.all_met(walk.place)
    late = _guarded(told, "audit_event", lambda: _unsealed(organization, told)) or 0
    versions = _guarded(told, "note_version", lambda: _versions(organization, told, walk)) or 0
    return Proof(
        Organization.objects.get(id=organization).slug, walk.links, late, versions, marks.count, marks.newest_place,
        marks.newest.at if marks.newest else None, told.findings(),
    )  # fmt: skip


class _Told:
    """Findings, the first of each kind one by one, the others as a number."""

    def __init__(self) -> None:
        self._found: dict[str, list[Finding]] = {}
        self._more: dict[str, int] = {}

    def add(self, kind: str, where: str, message: str, fix: str = _RESTORE, severity: Severity = "block") -> None:
        found = self._found.setdefault(kind, [])
        if len(found) < TOLD:
            found.append(Finding(f"audit.{kind}", severity, message, fix, where=where))
        else:
            self._more[kind] = self._more.get(kind, 0) + 1

    def findings(self) -> list[Finding]:
        found = [each for those in self._found.values() for each in those]
        for kind, more in self._more.items():
            first = self._found[kind][0]
            found.append(Finding(first.id, first.severity, f"And {more} more of this kind.", where="more"))
        return found


class _Marks:
    """The checkpoints, met one by one as the chain is walked."""

    def __init__(self, organization: str, folder: Path | None, told: _Told) -> None:
        self.organization, self.told, self.key = organization, told, checkpoints.verifier()
        self.newest: Checkpoint | None = None
        self.count = torn = 0
        self._ahead: dict[int, Checkpoint] = {}
        for each in checkpoints.read(organization, folder):
            if each is None:
                torn += 1
                continue
            self.count += 1
            self.newest = each
            before = self._ahead.setdefault(each.place, each)
            if before.digest != each.digest:
                self._differs(each, f"Two checkpoints name another digest at place {each.place}")
        if torn:
            told.add(
                "checkpoint_unreadable", "checkpoints", f"{torn} lines of the checkpoints cannot be read.",
                "One at the end of a power cut is no harm; compare others with a copy of the folder.", "warn",
            )  # fmt: skip
        if self.newest is not None and not checkpoints.genuine(self.newest, self.key):
            why = "there is no signing key here" if self.key is None else "its signature does not hold"
            told.add(
                "checkpoint_forged", f"place {self.newest.place}", f"The newest checkpoint proves nothing: {why}.",
                f"Put the signing key back at {checkpoints.key_path()}, or compare with a copy of the folder.",
            )  # fmt: skip

    @property
    def newest_place(self) -> int:
        return self.newest.place if self.newest else 0

    def meet(self, place: int, digest: str) -> None:
        mark = self._ahead.pop(place, None)
        if mark is not None and (mark.digest != digest or mark.organization != self.organization):
            self._differs(mark, f"At place {place} the chain is not the one that was signed")

    def all_met(self, last: int) -> None:
        """What lies ahead of the end of the chain was cut off."""
        for place in sorted(self._ahead):
            self._differs(self._ahead[place], f"The chain ends at place {last}, and place {place} was signed")
        if self.newest is None and last:
            self.told.add(
                "no_checkpoint", "checkpoints", "There is no checkpoint to hold the chain against.",
                "Name the folder with --checkpoints or FIFTEEN_CHECKPOINTS; the next sealing writes a new one.", "warn",
            )  # fmt: skip

    def _differs(self, mark: Checkpoint, what: str) -> None:
        if checkpoints.genuine(mark, self.key):
            self.told.add("not_as_signed", f"place {mark.place}", f"{what} on {mark.at:%Y-%m-%d %H:%M} UTC.")
        else:
            self.told.add("checkpoint_forged", f"place {mark.place}", f"{what}, by a signature that does not hold.")


class _Walk:
    """The chain from its first link to its last, as long as it was when the walk came to its end."""

    def __init__(self, organization: str, told: _Told, marks: _Marks) -> None:
        self.organization, self.told, self.marks = organization, told, marks
        self.secret = chain.key()
        self.place = self.links = 0
        self.before = chain.START
        self.signed: dict[str, int] = {}  # how many events signed this version
        self.covered: set[str] = set()  # versions that a link covers

    def all(self) -> None:
        for page in self._pages():
            rows = self._rows([event for _, event in page if event is not None])
            for link, event in page:
                self._step(link, event, rows.get((event[1], event[2])) if event is not None else None)
        known = _of(Seal, self.organization).filter(place__lte=self.place).count()
        if known != self.links:
            self.told.add("link_out_of_place", f"place {self.place}", f"{abs(known - self.links)} links share a place.")

    def _pages(self) -> Iterator[_Page]:
        """Links with their events; where a page holds what cannot be read, it is read once more, row by row."""
        last = None
        while True:
            try:
                linked = _linked(self.organization, last)
                end = linked[-1][0][1] if linked else None
            except _UNREADABLE as error:
                if connection.vendor == "postgresql" and isinstance(error, DatabaseError):
                    raise
                linked, end = _one_by_one(self.organization, last)
            if end is None:
                return
            yield linked
            if end == last or not isinstance(end, int):
                self.told.add("link_out_of_place", f"place {last}", "What stands there as a place is no number.")
                return
            last = end

    def _rows(self, events: list[tuple[Any, ...]]) -> dict[tuple[str, str], Any]:
        try:
            return chain.rows_of(self.organization, events)
        except _UNREADABLE:
            if connection.vendor == "postgresql":
                raise
        found: dict[tuple[str, str], Any] = {}
        for event in events:
            try:
                found.update(chain.rows_of(self.organization, [event]))
            except _UNREADABLE:
                continue
        return found

    def _step(self, link: tuple[Any, ...], event: Any, row: Any) -> None:
        _id, place, _event, before, digest, at = link
        where = f"place {place}"
        if place != self.place + 1:
            gone = f"{self.place + 1} to {place - 1}" if isinstance(place, int) else "after it"
            self.told.add("link_missing", f"place {self.place + 1}", f"The links of places {gone} are not there.")
        elif before != self.before:
            self.told.add("link_cut", where, "The link does not name the one before it: some were taken or exchanged.")
        if event is None:
            self.told.add("event_missing", where, "The event of this link is gone, or cannot be read any more.")
        elif chain.link(self.secret, self.organization, place, at, before, event, row) != digest:
            what = "event" if row is None else "event, or the row that it names,"
            gone = " That row is gone." if row is None and event[1] in chain.ROWS else ""
            self.told.add("changed", where, f"The {what} is not what was sealed here, or the link is not.{gone}")
        else:
            self._note(event, row)
        self.marks.meet(place, digest)
        self.place, self.before, self.links = place, digest, self.links + 1

    def _note(self, event: Any, row: Any) -> None:
        kind, named, action = event[1], event[2], event[6]
        if kind == "note_version" and row is not None:
            self.covered.add(named)
            if action in SIGNING:
                self.signed[named] = self.signed.get(named, 0) + 1


def _linked(organization: str, last: int | None) -> _Page:
    """The links after this place with their events in one statement, as the models would read them."""
    after, values = ("", []) if last is None else ("AND s.place > %s", [last])
    statement = (
        f"SELECT {_COLUMNS} FROM audit_seal s LEFT JOIN audit_event e ON e.id = s.event "
        f"AND e.organization_id = s.organization_id WHERE s.organization_id = %s {after} ORDER BY s.place LIMIT %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [organization, *values, BATCH])
        return [_parted(row) for row in cursor.fetchall()]


def _parted(row: tuple[Any, ...]) -> tuple[tuple[Any, ...], tuple[Any, ...] | None]:
    *link, at = row[: len(_LINK)]
    event: list[Any] = list(row[len(_LINK) :])
    if event[0] is None:
        return (*link, _instant(at)), None
    event[_EVENT_AT], event[_DETAIL] = _instant(event[_EVENT_AT]), msgspec.json.decode(event[_DETAIL])
    return (*link, _instant(at)), tuple(event)


def _instant(stored: Any) -> datetime:
    """A time as the database gives it: SQLite a text in UTC."""
    return stored if isinstance(stored, datetime) else datetime.fromisoformat(f"{stored}+00:00")


def _one_by_one(organization: str, last: int | None) -> tuple[_Page, Any]:
    """The same through the models, without what cannot be read; and the place at which the page ends."""
    links = _of(Seal, organization).order_by("place")
    page = links if last is None else links.filter(place__gt=last)
    places = list(page.values_list("place", flat=True)[:BATCH])
    if not places:
        return [], None
    found = _read(page, _LINK, len(places))
    ids = [link[2] for link in found]
    events = {row[0]: row for row in _read(chain.of(Event, organization).filter(id__in=ids), chain.EVENT)}
    return [(link, events.get(link[2])) for link in found], places[-1]


def _unsealed(organization: str, told: _Told) -> int:
    """Events without a link: how many are merely new; the others were put in past the sealer."""
    fresh, limit = 0, now().timestamp() * 1000 - LATE_MS
    newest = chain.of(Seal, organization).order_by("-id").values_list("id", flat=True).first()
    sealed = made_ms(newest) if newest else 0
    for (named,) in waiting(organization).values_list("id").iterator(BATCH):
        made = made_ms(named)
        if made >= limit or made + LATE_MS > sealed:
            fresh += 1
        else:
            told.add("inserted", f"event {named}", "An event stands among those that are sealed and has no link.")
    return fresh


def _versions(organization: str, told: _Told, walk: _Walk) -> int:
    """Every signed version: its digest is of its content, it amends one that exists, and a link covers it."""
    versions, count, last = chain.of(apps.get_model("notes.SignedVersion"), organization), 0, ""
    while ids := list(versions.filter(id__gt=last).order_by("id").values_list("id", flat=True)[:BATCH]):
        if not isinstance(ids[-1], str) or ids[-1] <= last:
            told.add("version_unreadable", f"version after {last}", "What stands there as an id is no text.")
            break
        columns = ("id", "note_id", "number", "amends_id", "content", "digest")
        rows = {row[0]: row for row in _read(versions.filter(id__in=ids), columns)}
        amended = [row[3] for row in rows.values() if row[3] is not None]
        before = {row[0]: row for row in _read(versions.filter(id__in=amended), ("id", "note_id", "number"))}
        for named in ids:
            _version(named, rows.get(named), before, told)
        bare = [named for named in ids if named not in walk.covered]
        for named in bare and _not_covered(organization, bare):
            told.add("version_unsealed", f"version {named}", "No link of the chain covers this signed version.")
        for named in ids:
            if walk.signed.get(named, 0) > 1:
                told.add("signed_twice", f"version {named}", "More than one event says that this version was signed.")
        count, last = count + len(ids), ids[-1]
    return count


def _version(named: str, row: Any, before: dict[str, Any], told: _Told) -> None:
    where = f"version {named}"
    if row is None:
        told.add("version_unreadable", where, "A signed version cannot be read any more.")
        return
    _, note, number, amends, content, digest = row
    if not isinstance(content, str) or hashlib.sha256(content.encode()).hexdigest() != digest:
        told.add("version_changed", where, "The content of a signed version does not have the digest that was signed.")
    if amends is None:
        return
    amended = before.get(amends)
    if amended is None or amended[1] != note or not amended[2] < number:
        told.add("amends_nothing", where, "An amendment names a version that is none of its note, or comes after it.")


def _not_covered(organization: str, ids: list[str]) -> list[str]:
    """Those that still no link covers: one that was signed during the walk has its link by now."""
    events = chain.of(Event, organization).filter(kind="note_version", object__in=ids).values_list("id", "object")
    named = {event: version for event, version in events if isinstance(version, str)}
    linked = _of(Seal, organization).filter(event__in=list(named)).values_list("event", flat=True)
    covered = {named[event] for event in linked}
    return [each for each in ids if each not in covered]


def _of(model: type[Model], organization: str) -> QuerySet[Any]:
    found: QuerySet[Any] = model._base_manager.filter(organization_id=organization)
    return found


def _read(query: QuerySet[Any], columns: tuple[str, ...], limit: int = BATCH) -> list[tuple[Any, ...]]:
    """Rows as tuples, without those that cannot be read."""
    page = query[:limit]
    try:
        return list(page.values_list(*columns))
    except _UNREADABLE:
        if connection.vendor == "postgresql":
            raise
    rows = []
    for named in list(page.values_list("id", flat=True)):
        try:
            rows += query.model._base_manager.filter(id=named).values_list(*columns)
        except _UNREADABLE:
            continue
    return rows


def _guarded(told: _Told, table: str, step: Any) -> Any:
    """The answer of a step; where rows are so broken that it fails, that is what was found."""
    try:
        return step()
    except _UNREADABLE as error:
        if connection.vendor == "postgresql":
            raise
        told.add("unreadable", f"table {table}", f"The table {table} cannot be read: {type(error).__name__}.")
        return None
