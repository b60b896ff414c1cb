"""What the database itself protects, asked of the database and not of our migrations."""

from __future__ import annotations

from typing import Any

import msgspec
from django.db import connection


class Protections(msgspec.Struct, frozen=True):
    """`owned`: tables of organizations; `walled`: those under forced row security; `grow_only`: tables that only grow.

    `bound`: whether row security holds for the role that we are. `durable`: what is stored is on the disk.
    """

    vendor: str
    owned: tuple[str, ...]
    walled: tuple[str, ...]
    grow_only: tuple[str, ...]
    bound: bool
    durable: bool


_OWNED = """
SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organization_id' AND NOT a.attisdropped
WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace ORDER BY 1
"""
_GROW_ONLY = """
SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE t.tgname = c.relname || '_no_change' AND t.tgenabled <> 'D'
AND c.relnamespace = current_schema()::regnamespace ORDER BY 1
"""


def protections() -> Protections:
    """What holds at this moment."""
    return _of_postgresql() if connection.vendor == "postgresql" else _of_sqlite()


def _of_postgresql() -> Protections:
    tables = _rows(_OWNED)
    above = _rows("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
    synchronous = _rows("SELECT current_setting('synchronous_commit'), current_setting('fsync')")
    return Protections(
        vendor="PostgreSQL",
        owned=tuple(name for name, _ in tables), walled=tuple(name for name, wall in tables if wall),
        grow_only=tuple(name for (name,) in _rows(_GROW_ONLY)), bound=not above[0][0],
        durable=synchronous[0][0] != "off" and synchronous[0][1] == "on",
    )  # fmt: skip


def _of_sqlite() -> Protections:
    owned = _rows(
        "SELECT m.name FROM sqlite_master m, pragma_table_info(m.name) c "
        "WHERE m.type = 'table' AND c.name = 'organization_id' ORDER BY 1"
    )
    triggers = _rows("SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND name = tbl_name || '_no_update'")
    replace_is_delete = bool(_rows("PRAGMA recursive_triggers")[0][0])
    return Protections(
        vendor="SQLite", owned=tuple(name for (name,) in owned), walled=(),
        grow_only=tuple(sorted(name for (name,) in triggers)) if replace_is_delete else (), bound=False,
        durable=int(_rows("PRAGMA synchronous")[0][0]) >= 2,
    )  # fmt: skip


def _rows(statement: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())
