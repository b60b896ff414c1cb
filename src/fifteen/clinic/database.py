"""Bringing the database to the shape of this program, before anything is served from it."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import call_command
from django.db import DatabaseError, connection, connections
from django.db.migrations.exceptions import InconsistentMigrationHistory
from django.db.migrations.loader import MigrationLoader

from fifteen.kernel.errors import FifteenError

_RIGHTS = ("readonly", "read-only", "permission", "privilege", "unable to open")  # as the two databases say it
_LOCK = 0x1F15  # any number, the same in every Fifteen


class DatabaseTrouble(FifteenError):
    """The database cannot be used as it stands."""


def bring_up() -> None:
    """Apply what is missing; `DatabaseTrouble` where that cannot be, and then nothing was changed or all of a step."""
    try:
        _make_folder()
        if _missing():
            with _alone():
                if _missing():  # another may have been first
                    call_command("migrate", verbosity=0, interactive=False)
    except (DatabaseError, InconsistentMigrationHistory, OSError) as error:
        raise DatabaseTrouble(_sentence(error)) from None
    finally:
        connections.close_all()  # none may pass a fork


def _missing() -> bool:
    """Is any step not applied, also one in the middle, which a plan towards the last steps would not see?"""
    loader = MigrationLoader(connection)
    newer = set(loader.applied_migrations) - set(loader.disk_migrations)
    if newer:
        app, name = min(newer)
        raise DatabaseTrouble(
            f"{_where()} was made by a newer Fifteen ({app}.{name} is not known here), and nothing was changed; "
            "install that version or a newer one, or restore a backup of this one."
        )
    return bool(set(loader.disk_migrations) - set(loader.applied_migrations))


@contextmanager
def _alone() -> Iterator[None]:
    """One program at a time: two that apply the same step would meet in the middle of it."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '5s'")
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
            if not cursor.fetchone()[0]:
                raise DatabaseTrouble(_busy())
            try:
                yield
            finally:
                connection.close()  # frees the lock, also where the transaction is broken
        return
    with Path(str(connection.settings_dict["NAME"])).with_suffix(".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DatabaseTrouble(_busy()) from None
        yield


def answers() -> bool:
    """Does the database answer now?"""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _make_folder() -> None:
    if connection.vendor == "sqlite" and "memory" not in str(connection.settings_dict["NAME"]):
        Path(str(connection.settings_dict["NAME"])).parent.mkdir(parents=True, exist_ok=True, mode=0o700)


def _where() -> str:
    return f"the database {connection.settings_dict['NAME']}"


def _busy() -> str:
    return (
        f"{_where()} is locked by another program, and nothing was changed; see which one uses it, stop it or let it "
        "end, and start again."
    )


def _sentence(error: Exception) -> str:
    said = " ".join(str(error).split()).rstrip(".")
    low = said.lower()
    if "locked" in low or "lock timeout" in low:
        return _busy()
    if isinstance(error, OSError) or any(each in low for each in _RIGHTS):
        return (
            f"{_where()} cannot be written ({said}), and nothing was changed; give the user that runs Fifteen the "
            "right to write there, or choose another place with FIFTEEN_HOME or FIFTEEN_DATABASE_URL."
        )
    if connection.vendor == "postgresql" and ("connect" in low or "failed" in low):
        return f"{_where()} cannot be reached ({said}); check FIFTEEN_DATABASE_URL and that the server runs."
    return (
        f"{_where()} cannot be brought to this version ({said}); the step that failed was undone: restore a backup, or "
        "give this sentence to whoever keeps it."
    )
