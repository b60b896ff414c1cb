"""Logging in: the first proof, the second, proving again, and what a person proves themselves with.

A proof that fails is counted and in the trail. Who was right gets a session with a token that nobody had before.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec

from fifteen.clinic import vault
from fifteen.clinic.accounts import (
    access,
    lockout,
    login_access,
    passkeys,
    passwords,
    people_services,
    proofs,
    sessions,
)
from fifteen.clinic.accounts.limits import CHALLENGE, HALF
from fifteen.clinic.accounts.lockout import Kind
from fifteen.clinic.accounts.models import Attempt, Session, User
from fifteen.clinic.audit.record import Who, acting_as, record
from fifteen.clinic.tenancy import access as tenancy
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.context import acting
from fifteen.clinic.tenancy.models import Organization


class Came(msgspec.Struct, frozen=True):
    """Where a request came from."""

    address: str
    agent: str = ""


class Begun(msgspec.Struct, frozen=True):
    """A session that was begun, and the token of its cookie."""

    user: User
    session: Session
    token: str


def log_in(organization: Organization | None, login: str, password: str, came: Came) -> Begun | None:
    """The first proof. None for an unknown login, a wrong password and a lock alike, after the same work."""
    if organization is None:
        passwords.right(None, password)
        return None
    with acting(organization.id), acting_as(Who(address=came.address)):
        lockout.one_at_a_time(login, came.address)
        if lockout.address_locked(came.address):
            return None
        user = login_access.person(login)
        right = passwords.right(user, password)
        if lockout.refused("password", login):
            return None
        lockout.count("password", login, came.address, good=right, user=user)
        return _begin(user, came, mfa=False, proof="password") if user is not None and right else None


def log_in_with_passkey(site: passkeys.Site, state: dict[str, Any], answer: str, came: Came) -> Begun | None:
    """A passkey alone is both proofs: the device, and the person it verified. None where it proves nothing."""
    try:
        organization, person = passkeys.whose(answer)
    except passkeys.NotThisKey:
        return None
    with acting(organization), acting_as(Who(address=came.address)):
        user = login_access.person_of(person)
        if user is None or not _passkey_right(site, user, state, answer):
            return None
        return _begin(user, came, mfa=True, proof="passkey")


def second(session: Session, user: User, kind: Kind, typed: str, came: Came) -> str | None:
    """The second proof by a typed code: the session's new token, or None."""
    check = {"totp": proofs.totp_right, "recovery": proofs.recovery_right}[kind]
    return _both(session, user, kind) if _counted(kind, user, came, lambda: check(user, typed)) else None


def second_with_passkey(
    session: Session, user: User, site: passkeys.Site, state: dict[str, Any] | None, answer: str
) -> str | None:
    """The second proof by a passkey of this person: the session's new token, or None."""
    return _both(session, user, "passkey") if _passkey_right(site, user, state, answer) else None


def prove(session: Session, user: User, password: str, code: str, came: Came) -> str | None:
    """Both proofs again in a running session: its new token, or None without saying which was wrong."""
    right = _counted("password", user, came, lambda: passwords.right(user, password)) and _counted(
        "totp", user, came, lambda: proofs.totp_right(user, code)
    )
    return _proved(session, user, "password") if right else None


def prove_with_passkey(
    session: Session, user: User, site: passkeys.Site, state: dict[str, Any] | None, answer: str
) -> str | None:
    """A passkey again in a running session: its new token, or None."""
    return _proved(session, user, "passkey") if _passkey_right(site, user, state, answer) else None


def unlock_with_passkey(
    session: Session, user: User, site: passkeys.Site, state: dict[str, Any] | None, answer: str, came: Came
) -> str | None:
    """A locked session goes on by a passkey of its person: its new token, or None; failures count and lock."""
    which = {"kind": "session", "object": session.id, "by": "passkey"}
    if not _counted("passkey", user, came, lambda: _signed(site, user, state, answer)):
        record("session_unlocked", at=now(), outcome="refused", **which)
        return None
    token = sessions.unlock(session, full=True)
    record("session_unlocked", at=now(), **which)
    return token


def log_out(session: Session, user: User, *, everywhere: bool = False) -> None:
    """End this session, or every session of the person."""
    count = sessions.end_all(user) if everywhere else 1
    sessions.end(session)
    record("logout", at=now(), kind="session", object=session.id, sessions=count)


def disable(user: User) -> None:
    """Nobody is removed: the person cannot log in any more, and what they have open ends now."""
    user.active = False
    user.save(update_fields=["active"])
    record("person.disabled", at=now(), kind="person", object=user.id, sessions=sessions.end_all(user))


def invite(user: User) -> str:
    """The token of a link to choose a password by, good once and for a while; an earlier link opens nothing more."""
    token = people_services.link(user)
    record("person.invited", at=now(), kind="person", object=user.id)
    return token


def invited(token: str) -> User | None:
    """Whose link this is, while it is good."""
    found = access.invitation_of(token)
    if found is None:
        return None
    with acting(found.organization_id):
        user = login_access.person_of(found.user_id)
        return user if user is not None and user.active else None


def accept(token: str, password: str, came: Came) -> Begun | None:
    """Spend the link and make this the password; every session ends, and a new one begins that still needs the second
    proof. None where the link is not good any more. `ValueError` where it is no password: ask `troubles` first."""
    user = invited(token)
    if user is None:
        return None
    if passwords.troubles(password, user):
        raise ValueError("that is no password; ask `troubles` first")
    with acting_as(Who(address=came.address)):
        accepted = people_services.accept(token, password)
    if accepted is None:
        return None
    with acting(accepted.organization_id), acting_as(Who(actor=accepted.id, role=accepted.role, address=came.address)):
        sessions.end_all(accepted)
        return _begin(accepted, came, mfa=False, proof="invitation")


def pending_secret(session: Session) -> str:
    """The key of an app that is being set up in this session: the same until it is confirmed, sealed in its row."""
    sealed = session.note.get("totp")
    if sealed is None:
        secret = proofs.new_secret()
        _note(session, totp=vault.seal(secret.encode(), table="session", column="note", row=session.id).hex())
        return secret
    return vault.open_(bytes.fromhex(sealed), table="session", column="note", row=session.id).decode()


def enrol_totp(user: User, session: Session, code: str) -> bool:
    """Keep the app that was being set up, if this is a code of it."""
    secret = pending_secret(session)
    counter = proofs.counter_of(secret, code)
    if counter is None:
        return False
    row = proofs.add_totp(user, secret, counter)
    _note(session, totp=None)
    record("proof.added", at=now(), kind="authenticator", object=row.id, proof="totp")
    return True


def enrol_passkey(user: User, session: Session, site: passkeys.Site, answer: str, label: str = "") -> bool:
    """Keep the passkey that the browser made for what it was asked in this session."""
    state = take_challenge(session)
    try:
        row = passkeys.add(site, user, state or {}, answer, label)
    except passkeys.NotThisKey:
        return False
    record("proof.added", at=now(), kind="authenticator", object=row.id, proof="passkey")
    return True


def first_codes(session: Session, user: User) -> tuple[list[str], str]:
    """After the first second factor was set up: recovery codes, to be shown once, and the session's new token."""
    return new_codes(user), _both(session, user, "enrolled")


def new_codes(user: User) -> list[str]:
    """New recovery codes, to be shown once."""
    codes = proofs.new_recovery_codes(user)
    record("recovery.made", at=now(), kind="person", object=user.id, count=len(codes))
    return codes


def keep_challenge(session: Session, state: dict[str, Any]) -> None:
    """What was asked of a passkey, in the session that asked."""
    _note(session, challenge={**state, "until": (now() + CHALLENGE).isoformat()})


def take_challenge(session: Session) -> dict[str, Any] | None:
    """What was asked of a passkey in this session, if not long ago; it is gone then."""
    state = session.note.get("challenge")
    if state is None:
        return None
    _note(session, challenge=None)
    return state if state["until"] > now().isoformat() else None


def _begin(user: User, came: Came, *, mfa: bool, proof: str) -> Begun:
    session, token = sessions.begin(user, mfa=mfa, address=came.address, agent=came.agent)
    if not mfa:
        session.ends = now() + HALF
        session.save(update_fields=["ends"])
    with acting_as(Who(actor=user.id, role=user.role, session=session.id, address=came.address)):
        record("login", at=now(), kind="session", object=session.id, proof=proof, both=mfa)
    return Begun(user, session, token)


def _counted(kind: Kind, user: User, came: Came, check: Callable[[], bool]) -> bool:
    """A proof of a known person, under the lock: what is refused is not even looked at, so no code is spent."""
    lockout.one_at_a_time(user.login, came.address)
    if lockout.address_locked(came.address) or lockout.refused(kind, user.login):
        return False
    good = check()
    lockout.count(kind, user.login, came.address, good=good, user=user)
    return good


def _passkey_right(site: passkeys.Site, user: User, state: dict[str, Any] | None, answer: str) -> bool:
    if _signed(site, user, state, answer):
        return True
    record("login.failed", at=now(), kind="person", object=user.id, outcome="failed", proof="passkey")
    return False


def _signed(site: passkeys.Site, user: User, state: dict[str, Any] | None, answer: str) -> bool:
    """Did a passkey of this person sign what was asked, not long ago and for the first time?"""
    if state is None or not _first_use(state["challenge"]):
        return False
    try:
        passkeys.check(site, user, state, answer)
    except passkeys.NotThisKey:
        return False
    return True


def _first_use(challenge: str) -> bool:
    """An answered challenge is remembered: the same answer opens nothing a second time."""
    key = vault.lookup(challenge, kind="challenge")
    lockout.one_at_a_time(key, "")
    if Attempt.objects.filter(kind="challenge", login=key).exists():
        return False
    Attempt(kind="challenge", login=key, address="", good=True, at=now()).save(force_insert=True)
    return True


def _both(session: Session, user: User, proof: str) -> str:
    """The session has both proofs from now on, under a new token."""
    session.mfa = True
    session.ends = now() + timedelta(hours=sessions.policy().session_hours)
    token = _renewed(session)
    record("login.second", at=now(), kind="session", object=session.id, proof=proof)
    return token


def _proved(session: Session, user: User, proof: str) -> str:
    token = _renewed(session)
    record("proved", at=now(), kind="session", object=session.id, proof=proof)
    return token


def _renewed(session: Session) -> str:
    token = secrets.token_urlsafe(32)
    session.token, session.proved, session.seen = sessions.hashed(token), now(), now()
    session.save(update_fields=["token", "proved", "seen", "mfa", "ends"])
    return token


def _note(session: Session, **changed: Any) -> None:
    session.note = {key: value for key, value in {**session.note, **changed}.items() if value is not None}
    session.save(update_fields=["note"])


def only_organization(slug: str) -> Organization | None:
    """The organization of this slug; without one, the only one there is."""
    return tenancy.organization_of(slug.strip().casefold())
