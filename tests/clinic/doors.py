"""Walking through the log-in as a browser does, for tests."""

from __future__ import annotations

import re
from typing import Any

import pyotp
from django.test import Client

from fifteen.clinic.accounts import proofs
from fifteen.clinic.accounts.models import Attempt, Authenticator, User
from fifteen.clinic.audit.models import Event
from fifteen.clinic.tenancy.clock import now
from tests.clinic.conftest import PASSWORD, as_organization

_CHANGING = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]*"')


def code(secret: str, steps: int = 0) -> str:
    """The code of this key now, or some steps of thirty seconds from now."""
    return pyotp.TOTP(secret).at(int(now().timestamp()) + 30 * steps)


def give_totp(user: User) -> str:
    """The person gets an app; its key."""
    secret = proofs.new_secret()
    with as_organization(user.organization_id):
        proofs.add_totp(user, secret, 0)
    return secret


def give_codes(user: User) -> list[str]:
    with as_organization(user.organization_id):
        return proofs.new_recovery_codes(user)


def first(client: Client, login: str = "ana", password: str = PASSWORD, **extra: Any) -> Any:
    """Send a login and a password."""
    return client.post("/login", {"login": login, "password": password}, **extra)


def second(client: Client, **typed: str) -> Any:
    return client.post("/login/second", typed)


def walk_in(client: Client, user: User, secret: str) -> None:
    """Both proofs, as a person gives them."""
    assert first(client, user.login).status_code == 302
    assert second(client, code=code(secret)).headers["Location"] == "/home"


def body(response: Any, login: str) -> bytes:
    """What a page says, without what differs by design: the form's secret and the login as typed."""
    return _CHANGING.sub(b"", response.content).replace(f'value="{login}"'.encode(), b"")


def events(user: User, action: str) -> list[Event]:
    with as_organization(user.organization_id):
        return list(Event.objects.filter(action=action).order_by("at", "id"))


def attempts(user: User) -> int:
    with as_organization(user.organization_id):
        return int(Attempt.objects.count())


def rows(user: User, kind: str) -> list[Authenticator]:
    with as_organization(user.organization_id):
        return list(Authenticator.objects.filter(user=user, kind=kind))
