"""Check 7: rows that only grow stay as they are, by whatever road someone comes."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from fifteen.clinic.accounts.models import User
from tests.clinic.conftest import as_organization
from tests.clinic.trail_kit import KEPT, execute, fill, marks, rows

__all__ = ["marks"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("marks")]

MODELS = {model._meta.db_table: model for model in apps.get_models() if model._meta.db_table in KEPT}
COLUMN = {"audit_event": "action", "audit_seal": "digest", "note_version": "content", "note_in_error": "reason",
          "attestation": "kind", "patient_merge": "reason"}  # fmt: skip


def by_save(table: str) -> None:
    row: Any = MODELS[table].objects.first()  # type: ignore[attr-defined]
    setattr(row, COLUMN[table], "changed")
    row.save()


def by_bulk(table: str) -> None:
    model: Any = MODELS[table]
    row = model.objects.first()
    setattr(row, COLUMN[table], "changed")
    model.objects.bulk_update([row], [COLUMN[table]])


def by_update(table: str) -> None:
    MODELS[table].objects.update(**{COLUMN[table]: "changed"})  # type: ignore[attr-defined]


def by_upsert(table: str) -> None:
    model: Any = MODELS[table]
    row = model.objects.first()
    setattr(row, COLUMN[table], "changed")
    model.objects.bulk_create([row], update_conflicts=True, unique_fields=["id"], update_fields=[COLUMN[table]])


def by_delete(table: str) -> None:
    row: Any = MODELS[table].objects.last()  # type: ignore[attr-defined]
    row.delete()


def by_sweep(table: str) -> None:
    MODELS[table].objects.all()._raw_delete("default")  # type: ignore[attr-defined]


def by_raw_update(table: str) -> None:
    execute(f"UPDATE {table} SET {COLUMN[table]} = 'changed'")


def by_raw_delete(table: str) -> None:
    execute(f"DELETE FROM {table}")


def by_replace(table: str) -> None:
    """SQLite's INSERT OR REPLACE removes the old row without a word; PostgreSQL's TRUNCATE asks no row."""
    if connection.vendor == "postgresql":
        execute(f"TRUNCATE {table} CASCADE")
    else:
        execute(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} LIMIT 1")


def by_replace_of_another_key(table: str) -> None:
    """The same place or number under a new id: the row that stood there would go."""
    if connection.vendor == "postgresql":
        execute(f"TRUNCATE {table}, {KEPT[0]} CASCADE")
        return
    columns = [row[1] for row in rows(f"PRAGMA table_info({table})")]
    picked = ", ".join("'new'" if each == "id" else each for each in columns)
    names = ", ".join(columns)
    if table not in ("audit_seal", "note_version"):
        execute(f"REPLACE INTO {table} ({names}) SELECT {names} FROM {table}")
    else:
        execute(f"REPLACE INTO {table} ({names}) SELECT {picked} FROM {table} LIMIT 1")


ROADS = (by_save, by_bulk, by_update, by_upsert, by_delete, by_sweep, by_raw_update, by_raw_delete, by_replace,
         by_replace_of_another_key)  # fmt: skip


def test_each_table_that_only_grows_is_tried() -> None:
    assert set(MODELS) == set(COLUMN) == set(KEPT)


@pytest.mark.parametrize("table", KEPT)
def test_no_road_changes_or_removes_a_row(therapist: User, table: str) -> None:
    fill(therapist)
    for road in ROADS:
        with as_organization(therapist.organization_id):
            if connection.vendor == "postgresql":
                execute("SET CONSTRAINTS ALL IMMEDIATE")
            before = rows(f"SELECT * FROM {table} ORDER BY id")
            assert before
            with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
                road(table)
            assert rows(f"SELECT * FROM {table} ORDER BY id") == before, road.__name__
