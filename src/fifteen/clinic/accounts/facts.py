"""Simple facts for the page Security: which keys, which checkpoints of the trail."""

from __future__ import annotations

import stat
from datetime import datetime

import msgspec

from fifteen.clinic import vault
from fifteen.clinic.audit.models import Event, Seal


class Keys(msgspec.Struct, frozen=True):
    """Which key seals, how many open, and whether the file is readable by its owner only. Never a key."""

    newest: int
    count: int
    private: bool


class Checkpoints(msgspec.Struct, frozen=True):
    """How far the trail is sealed."""

    events: int
    sealed: int
    last: datetime | None


def keys() -> Keys:
    """Of the key ring in use."""
    found, path = vault.ring(), vault.keys_path()
    private = path.exists() and not stat.S_IMODE(path.stat().st_mode) & 0o077
    return Keys(newest=found.newest, count=len(found.keys), private=private)


def checkpoints() -> Checkpoints:
    """Of the trail of the organization acted for."""
    last = Seal.objects.order_by("-place").first()
    return Checkpoints(Event.objects.count(), Seal.objects.count(), last.at if last else None)
