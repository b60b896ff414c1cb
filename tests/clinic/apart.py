"""A database for tests whose threads commit: a file of its own on SQLite, swept afterwards on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path
from threading import Barrier
from typing import Any, TypeVar

import pytest
from django.apps import apps
from django.db import connection, connections, transaction

_T = TypeVar("_T")


@pytest.fixture
def apart(django_db_setup: None, django_db_blocker: Any, tmp_path: Path) -> Iterator[None]:
    """Commits stand inside this test and nowhere else. Not to be used together with `db`."""
    with django_db_blocker.unblock():
        yield from _swept() if connection.vendor == "postgresql" else _file(tmp_path / "apart.sqlite3")


def _file(path: Path) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(path)])
    kept, name = connection.connection, connection.settings_dict["NAME"]  # in memory it lives with its connection
    connection.connection = None
    connection.settings_dict["NAME"] = str(path)  # the threads' connections read the same settings
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = name
        connection.connection = kept


def _swept() -> Iterator[None]:
    try:
        yield
    finally:
        tables = [model._meta.db_table for model in apps.get_models()]
        with transaction.atomic(), connection.cursor() as cursor:
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        connection.close()


def at_once(count: int, job: Callable[[int], _T]) -> list[_T]:
    """What `job(0)`, `job(1)`, ... answer when they all begin at the same moment, each in a thread of its own."""
    start = Barrier(count)

    def run(place: int) -> _T:
        try:
            start.wait(60)
            return job(place)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        running = [pool.submit(copy_context().run, run, place) for place in range(count)]
        return [each.result() for each in running]
