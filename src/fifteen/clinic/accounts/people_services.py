"""Changing who may log in as what: invited, given another role, switched off and on, proofs taken back.

Each change is one transaction of its caller, ends what the person has open, and is in the trail. The last owner who
can log in stays one.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from fifteen.clinic.accounts import lockout, sessions
from fifteen.clinic.accounts.access import invitation_of
from fifteen.clinic.accounts.matrix import matrix
from fifteen.clinic.accounts.models import Authenticator, Invitation, Licence, User
from fifteen.clinic.audit.record import Who, acting_as, record, who
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.context import acting
from fifteen.kernel.npi import is_npi

INVITATION = timedelta(hours=72)
DISCIPLINES = ("PT", "OT", "SLP")
TREATS = ("therapist", "assistant", "student")  # roles that have a discipline
_STATE = re.compile(r"[A-Z]{2}")
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,119}")


class Refused(ValueError):
    """A change that may not be: `reason` is a word that pages turn into a sentence, `field` where it belongs."""

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(reason)
        self.reason, self.field = reason, field


class Changed(Exception):
    """Somebody else changed the person since the page was opened. Nothing was stored."""


def login_of(typed: str) -> str:
    """What is stored and looked for of a login as typed."""
    return unicodedata.normalize("NFKC", typed).strip().casefold()


def invite(name: str, login: str, role: str, discipline: str = "") -> tuple[User, str]:
    """A person without a password, and the token of the link to choose one, which is stored nowhere."""
    name, login = " ".join(name.split()), login_of(login)
    troubles = [*_name_troubles(name), *_login_troubles(login), *_role_troubles(role, discipline)]
    if troubles:
        raise troubles[0] if len(troubles) == 1 else Troubles(troubles)
    user = User(name=name, login=login, role=role, discipline=discipline, made=now())
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError:
        raise Refused("login_taken", "login") from None
    token = link(user)
    record("person.invited", at=now(), kind="person", object=user.id, role_given=role)
    return user, token


class Troubles(Refused):
    """Several at once, so that a form shows them all."""

    def __init__(self, each: list[Refused]) -> None:
        super().__init__("several")
        self.each = each


def invite_again(user: User) -> str:
    """Another link for someone who has not chosen a password; the one before opens nothing any more."""
    if user.password or not user.active:
        raise Refused("not_invited")
    token = link(user)
    record("person.invited", at=now(), kind="person", object=user.id, again=True)
    return token


def accept(token: str, password: str) -> User | None:
    """The person of this link with the password they chose; None where the link is used, run out or unknown.

    What makes a password good is asked before, by the page. In a transaction; nobody needs to be acted for.
    """
    found = invitation_of(token)
    if found is None:
        return None
    with acting(found.organization_id):
        # Whoever is first to set `used` has it: two clicks make one password.
        if not Invitation.objects.filter(id=found.id, used=None, ended=None).update(used=now()):
            return None
        user: User | None = User.objects.filter(id=found.user_id, active=True).first()
        if user is None:
            return None
        _store(user, user.version, password=make_password(password))
        lockout.let_in(user.login)
        with acting_as(Who(actor=user.id, role=user.role, address=who().address)):
            record("person.accepted", at=now(), kind="person", object=user.id)
        user.refresh_from_db()
        return user


def change_role(user: User, role: str, discipline: str, version: int) -> User:
    """Another role or discipline; every session of the person ends, so that nothing opened under the old one stays."""
    if troubles := _role_troubles(role, discipline):
        raise troubles[0]
    _keep_an_owner(user, stays=role == "owner")
    _store(user, version, role=role, discipline=discipline)
    ended = sessions.end_all(user)
    record(
        "person.role", at=now(), kind="person", object=user.id, role_before=user.role, role_given=role,
        fields=[name for name, value in (("role", role), ("discipline", discipline)) if getattr(user, name) != value],
        sessions=ended,
    )  # fmt: skip
    user.refresh_from_db()
    return user


def switch_off(user: User, version: int) -> User:
    """The person cannot log in, from their next request on; what they wrote and signed stays theirs."""
    _keep_an_owner(user, stays=False)
    _store(user, version, active=False)
    ended = sessions.end_all(user)
    Invitation.objects.filter(user=user, used=None, ended=None).update(ended=now())
    record("person.off", at=now(), kind="person", object=user.id, sessions=ended)
    user.refresh_from_db()
    return user


def switch_on(user: User, version: int) -> User:
    """The person can log in again, with what they had."""
    _store(user, version, active=True)
    record("person.on", at=now(), kind="person", object=user.id)
    user.refresh_from_db()
    return user


def reset_second_factor(user: User, version: int) -> User:
    """Take back every second proof, recovery code and PIN; the next log-in sets up new ones. Not one's own."""
    if who().actor == user.id:
        raise Refused("own_second")
    _store(user, version, pin="")
    count, _ = Authenticator.objects.filter(user=user).delete()
    ended = sessions.end_all(user)
    record("person.second_reset", at=now(), kind="person", object=user.id, removed=count, sessions=ended)
    user.refresh_from_db()
    return user


def let_in(user: User) -> int:
    """Whoever is locked out may try again at once, every count of theirs begins anew; how many failures it forgives."""
    forgiven = lockout.let_in(user.login)
    record("person.let_in", at=now(), kind="person", object=user.id, failures=forgiven)
    return forgiven


def set_npi(user: User, npi: str, version: int) -> User:
    """The person's own National Provider Identifier; empty where it is not known."""
    plain = "".join(npi.split())
    if plain and not is_npi(plain):
        raise Refused("npi", "npi")
    _store(user, version, npi=plain)
    record("person.npi", at=now(), kind="person", object=user.id, fields=["npi"])
    user.refresh_from_db()
    return user


def set_licence(
    user: User, version: int, *, credential: str, state: str = "", number: str = "", starts: date | None = None,
    ends: date | None = None, licence: str = "",
) -> Licence:  # fmt: skip
    """A licence that the person holds, or other values of one that stands already (`licence`, its id)."""
    values = {"credential": credential.strip(), "state": state.strip().upper(), "number": " ".join(number.split())}
    if not values["credential"] or len(values["credential"]) > 20 or not values["credential"].isprintable():
        raise Refused("credential", "credential")
    if values["state"] and not _STATE.fullmatch(values["state"]):
        raise Refused("state", "state")
    if len(values["number"]) > 30 or not values["number"].isprintable():
        raise Refused("number", "number")
    if starts and ends and ends < starts:
        raise Refused("ends", "ends")
    row = Licence.objects.filter(id=licence, user=user).first() if licence else Licence(user=user)
    if row is None:
        raise Refused("no_licence")
    _store(user, version)
    for name, value in {**values, "starts": starts, "ends": ends}.items():
        setattr(row, name, value)
    row.save(force_insert=not licence, force_update=bool(licence))
    action = "person.licence_changed" if licence else "person.licence_added"
    record(action, at=now(), kind="licence", object=row.id, person=user.id)
    user.refresh_from_db()
    found: Licence = row
    return found


def link(user: User) -> str:
    """The token of a new link to choose a password by; the one before opens nothing any more."""
    token, at = secrets.token_urlsafe(32), now()
    Invitation.objects.filter(user=user, used=None, ended=None).update(ended=at)
    Invitation(
        user=user, token=sessions.hashed(token), made=at, made_by=who().actor, ends=at + INVITATION
    ).save(force_insert=True)  # fmt: skip
    return token


def _store(user: User, version: int, **fields: Any) -> None:
    if not User.objects.filter(id=user.id, version=version).update(**fields, version=version + 1):
        raise Changed


def _keep_an_owner(user: User, *, stays: bool) -> None:
    """Refuse to lose the last owner who can log in; rows are held, so two owners cannot switch each other off."""
    if user.role != "owner" or stays:
        return
    held = User.objects.select_for_update().filter(role="owner", active=True).exclude(password="").order_by("id")
    if not set(held.values_list("id", flat=True)) - {user.id}:
        raise Refused("last_owner", "role")


def _name_troubles(name: str) -> list[Refused]:
    return [Refused("name", "name")] if not 1 <= len(name) <= 120 or not name.isprintable() else []


def _login_troubles(login: str) -> list[Refused]:
    if not _LOGIN.fullmatch(login):
        return [Refused("login", "login")]
    return [Refused("login_taken", "login")] if User.objects.filter(login=login).exists() else []


def _role_troubles(role: str, discipline: str) -> list[Refused]:
    if role not in matrix().roles:
        return [Refused("role", "role")]
    if role in TREATS and discipline not in DISCIPLINES:
        return [Refused("discipline", "discipline")]
    if discipline and discipline not in DISCIPLINES:
        return [Refused("discipline", "discipline")]
    return []
