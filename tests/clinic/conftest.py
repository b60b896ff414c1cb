"""A clinic in a database of its own, on SQLite or, with FIFTEEN_TEST_POSTGRES=1, on a real PostgreSQL from a wheel."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.test import Client

from fifteen.clinic.accounts import sessions
from fifteen.clinic.accounts.models import Session, User
from fifteen.clinic.audit.record import Who, acting_as
from fifteen.clinic.tenancy import clock
from fifteen.clinic.tenancy.context import acting
from fifteen.clinic.tenancy.ids import new_id
from fifteen.clinic.tenancy.models import Organization

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
PASSWORD = "three rivers under snow"


@pytest.fixture(autouse=True)
def noon() -> Iterator[datetime]:
    """It is noon in New York on 2026-03-02, until a test says otherwise."""
    with clock.at(NOON):
        yield NOON


@contextmanager
def as_organization(organization: str) -> Iterator[None]:
    """Act for the organization of this id inside a transaction, as the edge does."""
    with transaction.atomic(), acting(organization):
        yield


def make_organization(slug: str = "north") -> Organization:
    found = Organization(id=new_id(), slug=slug, name=slug.title(), made=NOON)
    with transaction.atomic(), acting(found.id):
        found.save(force_insert=True)
    return found


def make_user(organization: Organization, login: str = "ana", role: str = "therapist", **fields: object) -> User:
    with as_organization(organization.id):
        user = User(
            login=login, name=login.title(), role=role, password=make_password(PASSWORD), made=NOON, **fields
        )  # fmt: skip
        user.save(force_insert=True)
    return user


def log_in(client: Client, user: User, **fields: object) -> Session:
    """A session with both proofs, without walking through the log-in."""
    with as_organization(user.organization_id), acting_as(Who(actor=user.id, role=user.role)):
        session, token = sessions.begin(user, mfa=True)
        for name, value in fields.items():
            setattr(session, name, value)
        session.save()
    client.cookies[settings.SESSION_COOKIE] = token
    return session


def finish(response: Any) -> None:
    """What a server does at the end of an answer; here without the signal that would close the test's database."""
    for close in response._resource_closers:
        close()


class Keyed(Client):
    """A browser: its unsafe requests carry a key of their own, as every form of the pages does; `keyed` False: none."""

    keyed = True

    def generic(self, method: str, path: str, data: Any = "", *args: Any, **fields: Any) -> Any:
        headers = dict(fields.pop("headers", None) or {})
        given = "Idempotency-Key" in headers or "HTTP_IDEMPOTENCY_KEY" in fields or b"idempotency_key" in _bytes(data)
        if self.keyed and not given and method not in ("GET", "HEAD", "OPTIONS"):
            headers["Idempotency-Key"] = new_id()
        return super().generic(method, path, data, *args, headers=headers, **fields)


def _bytes(data: Any) -> bytes:
    return data if isinstance(data, bytes) else str(data).encode()


@pytest.fixture
def client() -> Keyed:
    return Keyed()


def post(client: Client, path: str, data: object = None, *, key: str = "", **fields: Any) -> Any:
    """POST with an idempotency key, as a form of the pages carries one; a new one unless `key` says which."""
    return client.post(
        path, data or {}, headers={"Idempotency-Key": key or new_id(), **fields.pop("headers", {})}, **fields
    )


@pytest.fixture
def north(db: None) -> Organization:
    return make_organization()


@pytest.fixture
def south(db: None) -> Organization:
    return make_organization("south")


@pytest.fixture
def owner(north: Organization) -> User:
    return make_user(north, "olga", "owner")


@pytest.fixture
def therapist(north: Organization) -> User:
    return make_user(north)
