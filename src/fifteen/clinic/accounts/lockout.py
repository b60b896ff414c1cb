"""Lockout: failures of a login and of an address, counted in the table of attempts.

What is refused while locked is not counted: the lock ends by itself, and no table grows under a flood. Too many in a
row, over whatever time, do not end by themselves: an owner lets the person in again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

import msgspec
from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from fifteen.clinic import vault
from fifteen.clinic.accounts.limits import ADDRESS_FAILURES, CHALLENGE, FAILURES, IN_A_ROW, LOCK, WINDOW
from fifteen.clinic.accounts.login_access import login_of
from fifteen.clinic.accounts.models import Attempt, User
from fifteen.clinic.audit.record import record
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.context import current

Kind = Literal["password", "totp", "recovery", "pin", "passkey"]
KINDS: tuple[Kind, ...] = ("password", "totp", "recovery", "pin", "passkey")
TYPED: tuple[Kind, ...] = ("password", "totp", "recovery")  # what can be guessed; a PIN has tries of its own
_PAST = "past"  # a failure that an owner forgave: only its address still counts it


class Lock(msgspec.Struct, frozen=True):
    """A person whose proofs of a kind are refused until then; all that is typed, until an owner helps, where None."""

    user: User
    kind: Kind | None
    until: datetime | None


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


def capped(logins: Iterable[str]) -> set[str]:
    """Those of these logins that failed so often in a row that nothing they type is taken any more."""
    keys = {key_of(each): each for each in logins}
    failed = _in_a_row().filter(login__in=keys).values("login").annotate(times=Count("id"))
    return {keys[each] for each in failed.filter(times__gte=IN_A_ROW).values_list("login", flat=True)}


def refused(kind: Kind, login: str) -> bool:
    """Is a proof of this kind refused for this login now, right or wrong?"""
    return _for_good(kind, login) or locked_until(kind, login) is not None


def let_in(login: str) -> int:
    """Begin every count of this login anew; how many failures are forgiven."""
    return Attempt.objects.filter(login=key_of(login), good=False, kind__in=KINDS).update(kind=_PAST)


def forget() -> None:
    """Remove attempts that no count looks at any more. What a person failed in a row stays, however old it is."""
    done = now() - max(WINDOW + LOCK, CHALLENGE)
    people = [key_of(each) for each in User.objects.values_list("login", flat=True)]
    old = Attempt.objects.filter(kind__in=(*TYPED, "passkey", "challenge", _PAST), at__lte=done)
    old.exclude(id__in=_in_a_row().filter(login__in=people).values("id")).delete()


def address_locked(address: str) -> bool:
    """Has this address failed so often that nothing is taken from it?"""
    return _failures_of(address) >= ADDRESS_FAILURES


def count(kind: Kind, login: str, address: str, *, good: bool, user: User | None) -> None:
    """Count a proof that held or failed; where it is the failure that locks, the trail says so."""
    Attempt(kind=kind, login=key_of(login), address=address, good=good, at=now()).save(force_insert=True)
    if good:
        return
    record("login.failed", at=now(), kind="person", object=user.id if user else "", outcome="failed", proof=kind)
    if refused(kind, login):
        record(
            "login.locked", at=now(), kind="person", object=user.id if user else "", proof=kind,
            for_good=_for_good(kind, login),
        )  # fmt: skip
    if _failures_of(address) == ADDRESS_FAILURES:
        record("login.locked", at=now(), kind="address", proof=kind)


def locks() -> list[Lock]:
    """Who is locked out now, for the owner to see. Logins that are nobody's are not told apart."""
    recent = set(
        Attempt.objects.filter(good=False, at__gt=now() - WINDOW - LOCK, kind__in=KINDS).values_list("login", flat=True)
    )
    found: list[Lock] = []
    users = list(User.objects.order_by("name", "id"))
    shut = capped(user.login for user in users)
    for user in users:
        if user.login in shut:
            found.append(Lock(user, None, None))
        if user.login in shut or key_of(user.login) not in recent:
            continue
        for kind in KINDS:
            until = locked_until(kind, user.login)
            if until is not None:
                found.append(Lock(user, kind, until))
    return found


def _in_a_row() -> QuerySet[Attempt]:
    """Typed failures after which no proof of the same login and kind has held."""
    held = Attempt.objects.filter(login=OuterRef("login"), kind=OuterRef("kind"), good=True)
    after = held.filter(Q(at__gt=OuterRef("at")) | Q(at=OuterRef("at"), id__gt=OuterRef("id")))
    failed: QuerySet[Attempt] = Attempt.objects.filter(~Exists(after), good=False, kind__in=TYPED)
    return failed


def _for_good(kind: Kind, login: str) -> bool:
    return kind in TYPED and bool(capped([login]))


def _failures_of(address: str) -> int:
    return Attempt.objects.filter(good=False, address=address, at__gt=now() - WINDOW).count() if address else 0
