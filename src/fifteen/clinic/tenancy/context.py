"""For which organization this thread acts. Without one, nothing that an organization owns can be read or written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection

_acting: ContextVar[str | None] = ContextVar("organization", default=None)


class NoOrganization(RuntimeError):
    """Rows of an organization were asked for while acting for none."""


def current() -> str:
    """The id of the organization acted for; `NoOrganization` where there is none."""
    found = _acting.get()
    if found is None:
        raise NoOrganization("no organization is acted for; open `acting(organization_id)` at the edge first")
    return found


@contextmanager
def acting(organization: str) -> Iterator[None]:
    """Act for the organization of this id; to be opened inside the transaction, whose wall then stands on it too."""
    before = tell_database(organization)  # first: where it refuses, nobody acts afterwards
    token = _acting.set(organization)
    try:
        yield
    finally:
        _acting.reset(token)
        tell_database(before)


def tell_database(organization: str, name: str = "app.organization") -> str:
    """Set what PostgreSQL's row security compares with, for this transaction only; the value it had before."""
    if connection.vendor != "postgresql":
        return ""
    if not connection.in_atomic_block:
        raise NoOrganization("row security holds for a transaction; open one before acting for an organization")
    if connection.needs_rollback:
        return ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting(%s, true), '')", [name])
        before = str(cursor.fetchone()[0])
        cursor.execute("SELECT set_config(%s, %s, true)", [name, organization])
    return before
