"""What an organization may set for its security, and how it is changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import msgspec
from django.db import IntegrityError, transaction
from django.db.models import F

from fifteen.clinic.accounts.models import Policy, Session
from fifteen.clinic.accounts.sessions import policy
from fifteen.clinic.audit.record import record
from fifteen.clinic.tenancy.clock import now


class Range(msgspec.Struct, frozen=True):
    """The least and the most that may be set."""

    low: int
    high: int


RANGES: dict[str, Range] = {
    "idle_minutes": Range(2, 30),
    "session_hours": Range(1, 12),
    "fresh_minutes": Range(1, 15),
    "break_glass_hours": Range(1, 12),
}
"""Every number of the policy. Nothing else may be set, and nothing outside of these."""


class Stale(RuntimeError):
    """Somebody else changed the policy in the meantime."""


class OutOfRange(ValueError):
    """Numbers that may not be set, by their names."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(f"outside of what may be set: {', '.join(names)}")
        self.names = names


def change(asked: Mapping[str, str], *, version: str) -> Policy:
    """Set all numbers of the policy that had this version when it was read; `OutOfRange`, `Stale`."""
    new = {name: _number(asked.get(name, ""), range_) for name, range_ in RANGES.items()}
    if wrong := [name for name, value in new.items() if value is None]:
        raise OutOfRange(wrong)
    before = policy()
    old = {name: getattr(before, name) for name in RANGES}
    changed: dict[str, Any] = {name: [old[name], value] for name, value in new.items() if old[name] != value}
    if str(before.version) != version:
        raise Stale("the policy was changed since it was read")
    if not changed:
        return before
    found = _store(before, {name: value for name, value in new.items() if value is not None})
    if "session_hours" in changed:
        _shorten(found.session_hours)
    record("security_changed", at=now(), kind="security_policy", object=found.id, **changed)
    return found


def _store(before: Policy, new: dict[str, int]) -> Policy:
    if before.organization_id:
        held = Policy.objects.filter(id=before.id, version=before.version)
        if not held.update(**new, version=before.version + 1):
            raise Stale("the policy was changed since it was read")
        return policy()
    found = Policy(**new, version=before.version + 1)
    try:
        with transaction.atomic():  # a savepoint: two first changes at once must not spoil the request's transaction
            found.save(force_insert=True)
    except IntegrityError:
        raise Stale("the policy was changed since it was read") from None
    return found


def _shorten(hours: int) -> None:
    """Sessions that run already end by the new hours too; none becomes longer."""
    latest = F("made") + timedelta(hours=hours)
    Session.objects.filter(ended=None, ends__gt=latest).update(ends=latest)


def _number(text: str, range_: Range) -> int | None:
    value = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else -1
    return value if range_.low <= value <= range_.high else None
