"""Sealing: events that wait get a link each, one after the other, never two of them the same place.

`seal` is for the runner of jobs, at least once a minute; `seal_now` is for a transaction that may not wait.
"""

from __future__ import annotations

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from fifteen.clinic.audit import chain, checkpoints
from fifteen.clinic.audit.models import Event, Seal
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.context import acting, current
from fifteen.clinic.tenancy.ids import first_id, made_ms

BATCH = 900  # also what SQLite takes at once in a list of ids
MARGIN_MS = 3_600_000  # no transaction is open as long: what appears from before was not put there by Fifteen


def seal(organization: str) -> int:
    """Seal what waits, in short transactions, and leave a checkpoint; how many events were sealed."""
    total, more = 0, True
    while more:
        with transaction.atomic(), acting(organization):
            sealed = _seal_some(organization)
            tail = newest(organization)
        total, more = total + sealed, sealed == BATCH
    if tail is not None:
        checkpoints.keep_up(organization, tail.place, tail.digest)
    return total


def seal_now() -> int:
    """Seal what waits inside the running transaction; its last step, for the next sealer waits until it ends."""
    if not connection.in_atomic_block:
        raise RuntimeError("seal_now() belongs at the end of the transaction of the action that it seals; open one")
    total, more = 0, True
    while more:
        sealed = _seal_some(current())
        total, more = total + sealed, sealed == BATCH
    return total


def newest(organization: str) -> Seal | None:
    """The last link."""
    found = Seal.everywhere.filter(organization_id=organization).order_by("-place").first()
    return found if isinstance(found, Seal) else None


def waiting(organization: str, since: str = "") -> QuerySet[Event]:
    """Events without a link, in order."""
    linked = Seal.everywhere.filter(organization_id=organization, event=OuterRef("id"))
    events: QuerySet[Event] = chain.of(Event, organization).filter(id__gte=since)
    return events.filter(~Exists(linked)).order_by("id")


def _seal_some(organization: str) -> int:
    _lock(organization)
    last = newest(organization)
    since = first_id(min(made_ms(last.id), _now_ms()) - MARGIN_MS) if last else ""
    events = list(waiting(organization, since).values_list(*chain.EVENT)[:BATCH])
    rows = chain.rows_of(organization, events)
    place, before = (last.place, last.digest) if last else (0, chain.START)
    secret, at = chain.key(), now()
    links = []
    for event in events:
        place += 1
        digest = chain.link(secret, organization, place, at, before, event, rows.get((event[1], event[2])))
        links.append(
            Seal(organization_id=organization, place=place, event=event[0], before=before, digest=digest, at=at)
        )
        before = digest
    Seal.everywhere.bulk_create(links)
    return len(links)


def _now_ms() -> int:
    return int(now().timestamp() * 1000)


def _lock(organization: str) -> None:
    """One sealer at a time: SQLite's transaction is IMMEDIATE and has the only pen, PostgreSQL is asked for a lock."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 15))", [f"audit_seal {organization}"])
