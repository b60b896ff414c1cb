"""The trail is read here only: filtered, in a chosen order, a page at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec
from django.db.models import OuterRef, QuerySet, Subquery

from fifteen.clinic.accounts.models import User
from fifteen.clinic.audit.models import Event

ORDERS = {
    "at": "at", "person": "person", "role": "role", "action": "action", "object": "kind", "patient": "patient",
    "outcome": "outcome", "address": "address",
}  # fmt: skip


class Asked(msgspec.Struct, frozen=True):
    """Which events: of whom, of which patient, from when until before when, and how the action begins."""

    person: str = ""
    patient: str = ""
    action: str = ""
    since: datetime | None = None
    until: datetime | None = None


def events(asked: Asked) -> QuerySet[Event]:
    """The events that are asked for, newest first."""
    found: QuerySet[Event] = Event.objects.order_by("-at", "-id")
    if asked.person:
        found = found.filter(actor=asked.person)
    if asked.patient:
        found = found.filter(patient=asked.patient)
    if asked.action:
        found = found.filter(action__startswith=asked.action)
    if asked.since:
        found = found.filter(at__gte=asked.since)
    if asked.until:
        found = found.filter(at__lt=asked.until)
    return found


def in_order(found: QuerySet[Event], by: str, down: bool) -> QuerySet[Event]:
    """By one column, and within it by time."""
    if by == "person":
        found = found.annotate(person=Subquery(User.objects.filter(id=OuterRef("actor")).values("name")[:1]))
    sign = "-" if down else ""
    return found.order_by(f"{sign}{ORDERS[by]}", f"{sign}id")


def one_by_one(found: QuerySet[Event], size: int = 2_000) -> Iterator[Event]:
    """All of them by id, in short statements: no reader keeps a writer waiting."""
    last = ""
    while page := list(found.order_by("id").filter(id__gt=last)[:size]):
        yield from page
        last = page[-1].id


def names(ids: Iterable[str]) -> dict[str, str]:
    """What the people with these ids are called."""
    return dict(User.objects.filter(id__in=set(ids)).values_list("id", "name"))


def people() -> list[tuple[str, str]]:
    """Everybody who ever had an account here, by name."""
    return list(User.objects.order_by("name").values_list("id", "name"))
