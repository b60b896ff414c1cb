"""What the application may do in PostgreSQL: read and write rows, and nothing to tables, policies or triggers.

Two roles: the owner runs migrations, the application's own role serves. Run after every migration, as the owner.
"""

from __future__ import annotations

import re
from typing import Any

from psycopg import sql

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")

_STATE = """
    SELECT rolsuper, rolbypassrls, rolcreaterole, rolreplication,
           pg_has_role(rolname, current_user, 'MEMBER'),
           EXISTS (SELECT 1 FROM pg_class WHERE relowner = pg_roles.oid)
    FROM pg_roles WHERE rolname = %s
"""
_FAULTS = (
    "is a superuser",
    "may bypass row security (BYPASSRLS)",
    "may make roles (CREATEROLE)",
    "may replicate (REPLICATION)",
    "is a member of the owner's role",
    "owns tables",
)
_TABLES = """
    SELECT relname, EXISTS (
        SELECT 1 FROM pg_trigger WHERE tgrelid = pg_class.oid AND tgname = relname || '_no_change'
    )
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY relname
"""
_WHOLE = (
    "REVOKE ALL ON SCHEMA public FROM PUBLIC",
    "REVOKE ALL ON SCHEMA public FROM {role}",
    "GRANT USAGE ON SCHEMA public TO {role}",
    "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
    "GRANT CONNECT ON DATABASE {database} TO {role}",
    "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {role}",
    "REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, {role}",
    "REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC, {role}",
)


class UnsafeRole(ValueError):
    """The role of the application could step over the wall."""


def grants(cursor: Any, app_role: str) -> None:
    """Give `app_role` what the application needs, and take all else; `UnsafeRole` where that would not hold.

    Tables that only grow are known by their trigger, so that a new one needs no word here.
    """
    _check(cursor, app_role)
    cursor.execute("SELECT current_database()")
    names = {"role": sql.Identifier(app_role), "database": sql.Identifier(cursor.fetchone()[0])}
    for statement in _WHOLE:
        _run(cursor, statement, **names)
    cursor.execute(_TABLES)
    for table, only_grows in cursor.fetchall():
        _run(cursor, _grant(table, only_grows), table=sql.Identifier(table), **names)


def _grant(table: str, only_grows: bool) -> str:
    if table == "django_migrations":
        return "GRANT SELECT ON {table} TO {role}"
    if only_grows:
        return "GRANT SELECT, INSERT ON {table} TO {role}"
    if table == "organization":
        return "GRANT SELECT, INSERT, UPDATE ON {table} TO {role}"
    return "GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {role}"


def _check(cursor: Any, app_role: str) -> None:
    if not _NAME.fullmatch(app_role):
        raise UnsafeRole(
            f"FIFTEEN_DATABASE_APP_ROLE is {app_role!r}, which is no plain name of a role; "
            "use small letters, digits and _"
        )
    cursor.execute(_STATE, [app_role])
    found = cursor.fetchone()
    if found is None:
        raise UnsafeRole(f"the role {app_role} is not there; make it first with CREATE ROLE {app_role} LOGIN")
    faults = [fault for fault, true in zip(_FAULTS, found, strict=True) if true]
    if faults:
        raise UnsafeRole(
            f"the role {app_role} {' and '.join(faults)}, so the wall between organizations would not hold for it; "
            "give the application a role of its own without these"
        )


def _run(cursor: Any, statement: str, **names: sql.Identifier) -> None:
    cursor.execute(sql.SQL(statement).format(**names).as_string(None))
