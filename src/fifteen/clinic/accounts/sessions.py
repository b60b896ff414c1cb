"""Sessions: begun, found by the token of a cookie, locked, unlocked, and ended."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db.models import QuerySet

from fifteen.clinic.accounts.models import Device, Policy, Session, User
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.context import tell_database


def hashed(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_token() -> str:
    """What a cookie holds."""
    return secrets.token_urlsafe(32)


def policy() -> Policy:
    """The security policy of the organization acted for; the defaults until it sets its own."""
    return Policy.objects.first() or Policy()


def begin(
    user: User, *, mfa: bool, device: Device | None = None, address: str = "", agent: str = "",
    full: bool = True, until: datetime | None = None,
) -> tuple[Session, str]:  # fmt: skip
    """A new session and the token of its cookie, which is stored nowhere; a log-in never goes on with an old one.

    `full` False: begun by a PIN, which signs nothing. `until`: when it ends, if that is before its hours are over.
    """
    token, at = new_token(), now()
    ends = at + timedelta(hours=policy().session_hours)
    session = Session(
        user=user, device=device, token=hashed(token), made=at, seen=at, proved=at if mfa and full else None, mfa=mfa,
        ends=min(ends, until) if until else ends, address=address, agent=agent[:120],
    )  # fmt: skip
    session.save(force_insert=True)
    return session, token


def find(token: str) -> Session | None:
    """The session of this token that has not ended, of whatever organization: asked before anyone acts for one."""
    if not token:
        return None
    tell_database(hashed(token), "app.session")
    found = Session.everywhere.filter(token=hashed(token), ended=None).first()
    return found if isinstance(found, Session) and found.ends > now() else None


def running() -> QuerySet[Session]:
    """Every session that has not ended, last used first, with its person and device."""
    found: QuerySet[Session] = Session.objects.filter(ended=None, ends__gt=now())
    return found.select_related("user", "device").order_by("-seen", "id")


def running_of(user: User) -> QuerySet[Session]:
    """The running sessions of a person."""
    return running().filter(user=user)


def lock(session: Session) -> None:
    """Lock a session: the row and what hangs on it stay, its cookie opens only the page that unlocks it."""
    session.locked = now()
    session.save(update_fields=["locked"])


def unlock(session: Session, *, full: bool) -> str:
    """Go on with a locked session, under a new token, which is returned.

    `full`: by a passkey or another full proof. After a PIN whatever asks for a fresh proof asks again.
    """
    token, at = new_token(), now()
    session.token, session.locked, session.seen, session.proved = hashed(token), None, at, at if full else None
    session.save(update_fields=["token", "locked", "seen", "proved"])
    return token


def end(session: Session) -> None:
    """End a session now; what its cookie holds opens nothing any more."""
    session.ended = now()
    session.save(update_fields=["ended"])


def end_all(user: User, *, but: Session | None = None) -> int:
    """End every session of a person, except one; how many there were."""
    found = Session.objects.filter(user=user, ended=None)
    if but is not None:
        found = found.exclude(id=but.id)
    return int(found.update(ended=now()))
