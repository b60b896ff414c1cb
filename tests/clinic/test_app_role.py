"""The application's own role on PostgreSQL: it reads and writes rows behind the wall, and can do nothing to the wall.

The rows here are committed, because this role looks from a connection of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction

from fifteen.clinic.people.models import Patient
from fifteen.clinic.tenancy.context import acting
from tests.clinic.conftest import make_organization
from tests.clinic.rows import GROWING, clinic_models, make_rows

psycopg = pytest.importorskip("psycopg")
grants = pytest.importorskip("fifteen.clinic.tenancy.grants")

pytestmark = pytest.mark.skipif(connection.vendor != "postgresql", reason="roles are PostgreSQL's")
ROLE = "fifteen_app_tested"
Rows = dict[str, Any]


def tables() -> list[str]:
    return sorted({each._meta.db_table for each in clinic_models()} - {"installation"})  # which is of nobody


def _database() -> str:
    return str(connection.ops.quote_name(connection.settings_dict["NAME"]))


@pytest.fixture(scope="module")
def walls(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[Rows, Rows]]:
    """Committed rows of every table for two organizations, and the role; all gone afterwards."""
    with django_db_blocker.unblock():
        found = make_rows(make_organization("cold")), make_rows(make_organization("warm"))
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE ROLE {ROLE} LOGIN PASSWORD 'app'")
            grants.grants(cursor, ROLE)
        try:
            yield found
        finally:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
                for table in tables():
                    cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                    cursor.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
                for table in tables():
                    cursor.execute(f"DELETE FROM {table}")
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                for table in tables():
                    cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
                    cursor.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
                for kind in ("ALL TABLES IN SCHEMA public", "SCHEMA public", f"DATABASE {_database()}"):
                    cursor.execute(f"REVOKE ALL ON {kind} FROM {ROLE}")
                cursor.execute(f"DROP ROLE {ROLE}")
            connection.close()


@pytest.fixture
def app(walls: tuple[Rows, Rows]) -> Iterator[Any]:
    """A connection as the application's role."""
    owner = connection.settings_dict
    host = owner["HOST"] or owner["OPTIONS"].get("host", "")
    with psycopg.connect(
        dbname=owner["NAME"], user=ROLE, password="app", host=host, port=owner["PORT"] or None, autocommit=True
    ) as link:
        yield link


def ask(link: Any, statement: str, *values: Any) -> list[Any]:
    cursor = link.execute(statement, values)
    return list(cursor.fetchall()) if cursor.description else [cursor.rowcount]


def act_for(link: Any, organization: str) -> None:
    link.execute("SELECT set_config('app.organization', %s, true)", [organization])


def test_it_sees_no_row_of_any_table_without_an_organization(app: Any) -> None:
    for table in tables():
        assert ask(app, f"SELECT count(*) FROM {table}") == [(0,)], table


def test_it_sees_the_rows_of_one_organization_only(app: Any, walls: tuple[Rows, Rows]) -> None:
    cold, warm = (each["Organization"].id for each in walls)
    with app.transaction():
        act_for(app, cold)
        for table in tables():
            column = "id" if table == "organization" else "organization_id"
            assert ask(app, f"SELECT DISTINCT {column} FROM {table}") == [(cold,)], table
            if table not in (*GROWING, "organization"):
                assert ask(app, f"UPDATE {table} SET id = id WHERE {column} = %s", warm) == [0], table
                assert ask(app, f"DELETE FROM {table} WHERE {column} = %s", warm) == [0], table
        with pytest.raises(psycopg.errors.InsufficientPrivilege), app.transaction():
            app.execute("INSERT INTO site (id, organization_id, name, zone) VALUES ('a', %s, 'b', 'c')", [warm])


def test_after_the_transaction_the_same_connection_sees_nothing(app: Any, walls: tuple[Rows, Rows]) -> None:
    """As a pooled connection, handed on to the next request."""
    for _ in range(3):
        with app.transaction():
            act_for(app, walls[0]["Organization"].id)
            assert ask(app, "SELECT count(*) FROM patient") == [(1,)]
        assert ask(app, "SELECT current_setting('app.organization', true)") == [("",)]
        assert ask(app, "SELECT count(*) FROM patient") == [(0,)]
    with pytest.raises(psycopg.errors.DivisionByZero), app.transaction():
        app.execute("SELECT set_config('app.organization', %s, true), 1 / 0", [walls[0]["Organization"].id])
    assert ask(app, "SELECT count(*) FROM patient") == [(0,)]


def test_after_acting_django_s_own_connection_sees_nothing(walls: tuple[Rows, Rows], django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        with transaction.atomic(), acting(walls[0]["Organization"].id):
            assert Patient.objects.count() == 1
        with pytest.raises(ZeroDivisionError), transaction.atomic(), acting(walls[0]["Organization"].id):
            1 // 0  # noqa: B018
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('app.organization', true), (SELECT count(*) FROM patient)")
            assert cursor.fetchone() == ("", 0)


@pytest.mark.parametrize("table", tables())
@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE {table} DISABLE TRIGGER ALL",
        "ALTER TABLE {table} ADD COLUMN extra text",
        "ALTER TABLE {table} OWNER TO CURRENT_USER",
        "DROP POLICY wall_read ON {table}",
        "ALTER POLICY wall_read ON {table} USING (true)",
        "CREATE POLICY open ON {table} USING (true)",
        "TRUNCATE {table} CASCADE",
        "DROP TABLE {table} CASCADE",
        "GRANT ALL ON {table} TO PUBLIC",
        "CREATE INDEX ON {table} (id)",
        "CREATE RULE none AS ON INSERT TO {table} DO INSTEAD NOTHING",
    ],
)
def test_it_can_do_nothing_to_a_table(app: Any, statement: str, table: str) -> None:
    if statement.startswith("GRANT"):  # not an error but a warning, and nothing is granted
        app.execute(statement.format(table=table))
        assert ask(app, "SELECT has_table_privilege('public', %s, 'TRUNCATE')", table) == [(False,)]
        return
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute(statement.format(table=table))


@pytest.mark.parametrize("table", GROWING)
@pytest.mark.parametrize("statement", ["UPDATE {table} SET id = id", "DELETE FROM {table}"])
def test_it_may_not_even_try_to_change_what_only_grows(
    app: Any, walls: tuple[Rows, Rows], statement: str, table: str
) -> None:
    with app.transaction():
        act_for(app, walls[0]["Organization"].id)
        with pytest.raises(psycopg.errors.InsufficientPrivilege), app.transaction():
            app.execute(statement.format(table=table))
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute(f"DROP TRIGGER {table}_no_change ON {table}")


@pytest.mark.parametrize(
    "statement",
    [
        "SET ROLE fifteen",
        "SET SESSION AUTHORIZATION fifteen",
        "SET session_replication_role = replica",
        "ALTER ROLE CURRENT_USER BYPASSRLS",
        "ALTER ROLE CURRENT_USER SUPERUSER",
        "CREATE ROLE more",
        "GRANT fifteen TO CURRENT_USER",
        "CREATE TABLE mine (id int)",
        "CREATE TEMPORARY TABLE patient (id int)",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
        "CREATE SCHEMA mine",
        "COPY patient TO '/tmp/out'",
        "COPY patient FROM PROGRAM 'true'",
        "SELECT pg_read_file('/etc/passwd')",
        "CREATE OR REPLACE FUNCTION note_version_only_grows() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
        "DELETE FROM django_migrations",
        "DELETE FROM organization",
    ],
)
def test_it_cannot_become_more_than_it_is(app: Any, statement: str) -> None:
    with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.InvalidGrantOperation)):
        app.execute(statement)


def test_turning_row_security_off_shows_an_error_and_no_row(app: Any) -> None:
    app.execute("SET row_security = off")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        app.execute("SELECT * FROM patient")


@pytest.mark.parametrize("name", ["", "a b", 'x"; DROP TABLE patient; --', "Fifteen", "x" * 64, "é", "x\n"])
def test_a_name_that_is_none_is_refused(walls: Any, django_db_blocker: Any, name: str) -> None:
    with (
        django_db_blocker.unblock(),
        connection.cursor() as cursor,
        pytest.raises(grants.UnsafeRole, match="no plain name"),
    ):
        grants.grants(cursor, name)


def test_a_role_that_is_not_there_or_is_the_owner_is_refused(walls: Any, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        with pytest.raises(grants.UnsafeRole, match="is not there; make it first"):
            grants.grants(cursor, "nobody_here")
        with pytest.raises(grants.UnsafeRole, match="owns tables"):
            grants.grants(cursor, connection.settings_dict["USER"])
        cursor.execute(f"CREATE ROLE {ROLE}_2 CREATEROLE")
        try:
            with pytest.raises(grants.UnsafeRole, match="may make roles"):
                grants.grants(cursor, f"{ROLE}_2")
        finally:
            cursor.execute(f"DROP ROLE {ROLE}_2")


def test_identifiers_are_composed(walls: Any) -> None:
    """What could be a name with quotes in it is quoted, so that it stays a name."""
    said: list[str] = []

    class Cursor:
        def execute(self, statement: str) -> None:
            said.append(statement)

    odd = grants.sql.Identifier('a"; DROP TABLE patient; --')
    grants._run(Cursor(), "GRANT SELECT ON {table} TO {role}", table=odd, role=grants.sql.Identifier("app"))
    assert said == ['GRANT SELECT ON "a""; DROP TABLE patient; --" TO "app"']


def test_migrating_gives_the_role_its_rights(walls: Any, django_db_blocker: Any, settings: Any) -> None:
    from fifteen.clinic.tenancy.apps import grant

    settings.DATABASE_APP_ROLE = ROLE
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(f"REVOKE ALL ON patient FROM {ROLE}")
        grant(using="default")
        cursor.execute("SELECT has_table_privilege(%s, 'patient', 'SELECT')", [ROLE])
        assert cursor.fetchone() == (True,)
