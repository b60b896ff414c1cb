"""A database of its own for one test, on disk and outside of the test's transaction: for threads, files and faults.

What only grows cannot be swept between tests, so the database is thrown away instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import call_command
from django.db import connections

from fifteen.clinic.tenancy.ids import new_id


@contextmanager
def on_disk(folder: Path) -> Iterator[Path | None]:
    """Inside, every thread's connection is to a new, empty database: `folder/clinic.sqlite3`; None on PostgreSQL."""
    tests = connections["default"]
    name, named = f"test_{new_id()}", connections.settings["default"]["NAME"]
    path = folder / "clinic.sqlite3" if tests.vendor == "sqlite" else None
    if path is None:
        with tests._nodb_cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{name}"')
    connections.settings["default"]["NAME"] = str(path or name)
    own = connections["default"] = tests.copy()
    own.settings_dict["NAME"] = str(path or name)
    try:
        call_command("migrate", verbosity=0)
        yield path
    finally:
        own.close()
        connections["default"] = tests
        connections.settings["default"]["NAME"] = tests.settings_dict["NAME"] = named
        if path is None:
            with tests._nodb_cursor() as cursor:
                cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
