"""Writing into the trail: in the transaction of the action itself, so that neither stands without the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

import msgspec

from fifteen.clinic.audit.models import Event


class Who(msgspec.Struct, frozen=True):
    """Who acts, from where: ids and an address, no name."""

    actor: str = ""
    role: str = ""
    session: str = ""
    device: str = ""
    address: str = ""


_NOBODY = Who()
_who: ContextVar[Who] = ContextVar("who", default=_NOBODY)


def who() -> Who:
    """Who acts in this thread."""
    return _who.get()


@contextmanager
def acting_as(found: Who) -> Iterator[None]:
    """Events recorded inside are of this person."""
    token = _who.set(found)
    try:
        yield
    finally:
        _who.reset(token)


def record(
    action: str, *, at: datetime, kind: str = "", object: str = "", patient: str = "", outcome: str = "done",
    **detail: Any,
) -> Event:  # fmt: skip
    """Add an event for who acts now. `detail` are ids, counts and names of fields; never what a patient said or is."""
    person = who()
    event = Event(
        at=at, actor=person.actor, role=person.role, session=person.session, device=person.device,
        address=person.address, action=action, kind=kind, object=object, patient=patient, outcome=outcome,
        detail=detail,
    )  # fmt: skip
    event.save(force_insert=True)
    return event
