"""Lockout: failures of a login and of an address, counted in the table of attempts.

What is refused while locked is not counted: the lock ends by itself, and no table grows under a flood.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec
from django.db import connection

from fifteen.clinic import vault
from fifteen.clinic.accounts.limits import ADDRESS_FAILURES, FAILURES, LOCK, WINDOW
from fifteen.clinic.accounts.login_access import login_of
from fifteen.clinic.accounts.models import Attempt, User
from fifteen.clinic.audit.record import record
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.context import current

Kind = Literal["password", "totp", "recovery", "pin", "passkey"]
KINDS: tuple[Kind, ...] = ("password", "totp", "recovery", "pin", "passkey")


class Lock(msgspec.Struct, frozen=True):
    """A person whose proofs of a kind are refused until then."""

    user: User
    kind: Kind
    until: datetime


def key_of(login: str) -> str:
    """What is stored of a login: a keyed hash, so that no list of names grows."""
    return vault.lookup(login_of(login), kind="login")


def one_at_a_time(login: str, address: str) -> None:
    """Attempts at one login, and from one address, wait for each other, so that none slips past the count.

    SQLite lets in one writer anyway; a lock of PostgreSQL ends with the transaction.
    """
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for name in (f"address {address}", f"login {key_of(login)}"):  # always in this order: no deadlock
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{current()} {name}"])


def locked_until(kind: Kind, login: str) -> datetime | None:
    """Until when proofs of this kind are refused for this login; None where they are not."""
    rows = Attempt.objects.filter(kind=kind, login=key_of(login), at__gt=now() - WINDOW - LOCK)
    recent: list[datetime] = []
    until: datetime | None = None
    for good, at in rows.order_by("at", "id").values_list("good", "at"):
        recent = [] if good else [each for each in recent if at - each < WINDOW] + [at]
        if len(recent) >= FAILURES:
            until, recent = at + LOCK, []
    return until if until is not None and until > now() else None


def address_locked(address: str) -> bool:
    """Has this address failed so often that nothing is taken from it?"""
    return _failures_of(address) >= ADDRESS_FAILURES


def count(kind: Kind, login: str, address: str, *, good: bool, user: User | None) -> None:
    """Count a proof that held or failed; where it is the failure that locks, the trail says so."""
    Attempt(kind=kind, login=key_of(login), address=address, good=good, at=now()).save(force_insert=True)
    if good:
        return
    record("login.failed", at=now(), kind="person", object=user.id if user else "", outcome="failed", proof=kind)
    if locked_until(kind, login) is not None:
        record("login.locked", at=now(), kind="person", object=user.id if user else "", proof=kind)
    if _failures_of(address) == ADDRESS_FAILURES:
        record("login.locked", at=now(), kind="address", proof=kind)


def locks() -> list[Lock]:
    """Who is locked out now, for the owner to see. Logins that are nobody's are not told apart."""
    recent = set(
        Attempt.objects.filter(good=False, at__gt=now() - WINDOW - LOCK, kind__in=KINDS).values_list("login", flat=True)
    )
    found = []
    for user in User.objects.order_by("name", "id"):
        if key_of(user.login) not in recent:
            continue
        for kind in KINDS:
            until = locked_until(kind, user.login)
            if until is not None:
                found.append(Lock(user, kind, until))
    return found


def _failures_of(address: str) -> int:
    return Attempt.objects.filter(good=False, address=address, at__gt=now() - WINDOW).count() if address else 0
