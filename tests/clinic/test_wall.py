"""The wall between organizations (check 28): in the manager on both databases, and in PostgreSQL below it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from django.core.management.sql import emit_post_migrate_signal, emit_pre_migrate_signal
from django.db import DatabaseError, IntegrityError, connection, connections, transaction
from django.db.models import CharField, ForeignKey

from fifteen.clinic.people.models import Patient
from fifteen.clinic.tenancy.context import NoOrganization, acting
from fifteen.clinic.tenancy.models import Organization, Owned, Site
from tests.clinic.conftest import as_organization, make_organization
from tests.clinic.disk import on_disk
from tests.clinic.rows import GROWING, clinic_models, fill, make_rows, owned_models

pytestmark = pytest.mark.django_db
on_postgres = pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL has row security")

Rows = dict[str, Any]


@pytest.fixture
def rows(north: Organization, south: Organization) -> tuple[Rows, Rows]:
    """A row of every model for each of the two organizations."""
    return make_rows(north), make_rows(south)


def tables() -> list[str]:
    return sorted(set(connection.introspection.table_names()) - {"django_migrations", "installation"})


def ask(statement: str, *values: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall()) if cursor.description else [cursor.rowcount]


def owner_column(table: str) -> str:
    return "id" if table == "organization" else "organization_id"


# The catalogue of the database


def test_every_table_belongs_to_a_model_and_to_an_organization() -> None:
    named = {each._meta.db_table for each in clinic_models()}
    assert tables() == sorted(named - {"installation"})  # about the installation itself, and of nobody
    with connection.cursor() as cursor:
        for table in tables():
            columns = {each.name: each for each in connection.introspection.get_table_description(cursor, table)}
            assert owner_column(table) in columns, f"{table} does not say whose its rows are"
            assert not columns[owner_column(table)].null_ok, f"{table} has rows of nobody"


@on_postgres
def test_every_table_has_its_wall_also_for_the_owner() -> None:
    for table in tables():
        assert ask("SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = %s", table) == [
            (True, True)
        ], f"{table} has no row security; add Wall({table!r}) to a migration"
        found = ask("SELECT policyname, cmd, permissive, roles::text FROM pg_policies WHERE tablename = %s", table)
        if table == "organization":  # the house's own work may read which there are, and a log-in the only one
            found = [each for each in found if each[0] not in ("keeper_read", "wall_also")]
        assert sorted(found) == [
            ("wall_delete", "DELETE", "PERMISSIVE", "{public}"),
            ("wall_insert", "INSERT", "PERMISSIVE", "{public}"),
            ("wall_read", "SELECT", "PERMISSIVE", "{public}"),
            ("wall_update", "UPDATE", "PERMISSIVE", "{public}"),
        ], table


@on_postgres
def test_every_policy_compares_with_the_organization_acted_for() -> None:
    asked_before = {
        "session": "app.session", "device": "app.device", "organization": "app.slug", "invitation": "app.invitation",
    }  # fmt: skip
    found = ask(
        "SELECT tablename, cmd, qual, with_check FROM pg_policies WHERE policyname NOT IN ('keeper_read', 'wall_also')"
    )
    for table, command, using, check in found:
        mine = f"(({owner_column(table)})::text = NULLIF(current_setting('app.organization'::text, true), ''::text))"
        if command == "SELECT" and table in asked_before:
            assert using.startswith(f"({mine} OR "), table
            assert asked_before[table] in using, table
        else:
            assert {using, check} - {None} == {mine}, (table, command)


@on_postgres
def test_only_the_list_of_organizations_is_read_besides_and_only_by_who_asks_for_it() -> None:
    found = ask("SELECT tablename, cmd, qual FROM pg_policies WHERE policyname = 'wall_also'")
    assert [(table, command) for table, command, _ in found] == [("organization", "SELECT")]
    assert found[0][2] == "(current_setting('app.slug'::text, true) = '*'::text)"


def test_the_tables_that_only_grow_say_so() -> None:
    """A migration that makes a table anew on SQLite loses its triggers: here that is noticed."""
    kinds = {"postgresql": ("no_change", "no_sweep"), "sqlite": ("no_delete", "no_replace", "no_update")}
    query = {
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    }[connection.vendor]
    found = {name for (name,) in ask(query)}
    missing = {f"{table}_{kind}" for table in GROWING for kind in kinds[connection.vendor]} - found
    assert not missing


@pytest.mark.parametrize("table", GROWING)
def test_what_only_grows_is_never_changed_or_removed(rows: tuple[Rows, Rows], table: str) -> None:
    statements = ["UPDATE {0} SET id = id", "DELETE FROM {0}"]
    statements += ["TRUNCATE {0} CASCADE"] if connection.vendor == "postgresql" else [
        "INSERT OR REPLACE INTO {0} SELECT * FROM {0}"
    ]  # fmt: skip
    connection.check_constraints()  # PostgreSQL would refuse to truncate for those that wait, too
    with as_organization(rows[0]["Organization"].id):
        for statement in statements:
            with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
                ask(statement.format(table))


def references() -> list[tuple[type[Owned], Any]]:
    """Every foreign key from a row of an organization to another such row."""
    return [
        (model, field)
        for model in owned_models()
        for field in model._meta.concrete_fields
        if isinstance(field, ForeignKey) and issubclass(field.related_model, Owned)
    ]


def triggers() -> dict[str, str]:
    """Every trigger that is in force, with what it does."""
    query = {
        "postgresql": "SELECT tgname, pg_get_triggerdef(t.oid) || prosrc FROM pg_trigger t JOIN pg_proc p "
        "ON p.oid = tgfoid WHERE NOT tgisinternal AND tgenabled = 'O'",
        "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'",
    }[connection.vendor]
    return dict(ask(query))


def test_every_foreign_key_is_held_to_rows_of_the_same_organization() -> None:
    """A table that is added later, or made anew on SQLite, needs its `SameOrganization` in a migration."""
    found = triggers()
    for model, field in references():
        table, column, target = model._meta.db_table, field.column, field.related_model._meta.db_table
        same = f"FROM {target} WHERE id = NEW.{column} AND organization_id = NEW.organization_id"
        for when, event in (("insert", "AFTER INSERT ON"), ("update", f"AFTER UPDATE OF {column}, organization_id ON")):
            done = found.get(f"{table}_{column}_same_{when}", "")
            assert same in done, f"add SameOrganization({table!r}, {column}={target!r}) to a migration"
            assert event in done, (table, column, when)


def test_every_row_that_can_be_named_stays_with_its_organization() -> None:
    found = triggers()
    for table in {field.related_model._meta.db_table for _, field in references()}:
        never_changes = f"{table}_no_change" in found or f"{table}_no_update" in found
        assert never_changes or f"{table}_stays" in found, f"add Stays({table!r}) to a migration"


# Without an organization


def test_every_manager_refuses_without_an_organization(rows: tuple[Rows, Rows]) -> None:
    for model in owned_models():
        for road in (model.objects.all, model.objects.count, model.objects.first, model.objects.get):
            with pytest.raises(NoOrganization):
                list(road())  # type: ignore[arg-type]
        with pytest.raises(NoOrganization):
            fill(model, {}).save()


def test_a_new_thread_acts_for_nobody(rows: tuple[Rows, Rows]) -> None:
    """Also one that is started while its parent acts: a job must say for whom it works."""
    found: list[type[BaseException]] = []

    def work() -> None:
        for model in owned_models():
            try:
                list(model.objects.all())
            except BaseException as error:
                found.append(type(error))

    with as_organization(rows[0]["Organization"].id):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert found == [NoOrganization] * len(owned_models())


@on_postgres
def test_no_row_of_any_table_is_seen_without_an_organization(rows: tuple[Rows, Rows]) -> None:
    for table in tables():
        assert ask(f"SELECT count(*) FROM {table}") == [(0,)], table


@on_postgres
def test_acting_needs_a_transaction(rows: tuple[Rows, Rows], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections["default"], "in_atomic_block", False)
    with pytest.raises(NoOrganization, match="open one"), acting(rows[0]["Organization"].id):
        raise AssertionError("not reached")
    with pytest.raises(NoOrganization):
        patients()


def test_the_setting_goes_with_the_block(rows: tuple[Rows, Rows]) -> None:
    north, south = (each["Organization"].id for each in rows)
    with as_organization(north):
        with acting(south):
            assert [each.id for each in patients()] == [rows[1]["Patient"].id]
        assert [each.id for each in patients()] == [rows[0]["Patient"].id]
        with pytest.raises(ZeroDivisionError), acting(south):
            1 // 0  # noqa: B018
        assert [each.id for each in patients()] == [rows[0]["Patient"].id]
    with pytest.raises(NoOrganization):
        patients()


def patients() -> list[Any]:
    return list(Patient.objects.all())


# While north is acted for


def test_no_road_of_the_manager_leads_to_another_organization(rows: tuple[Rows, Rows]) -> None:
    north, south = rows
    with as_organization(north["Organization"].id):
        for model in owned_models():
            mine, other = north[model.__name__], south[model.__name__]
            seen = model.objects.all()
            assert {each.organization_id for each in seen} == {north["Organization"].id}
            assert mine.id in {each.id for each in seen}
            assert not model.objects.filter(id=other.id).exists()
            assert model.objects.in_bulk([mine.id, other.id]).keys() == {mine.id}
            assert model.objects.filter(organization_id=south["Organization"].id).count() == 0
            with pytest.raises(model.DoesNotExist):  # type: ignore[attr-defined]
                model.objects.get(id=other.id)
            assert model.objects.filter(id=other.id).update(id=other.id) == 0
            assert model.objects.filter(id=other.id).delete()[0] == 0


def test_no_join_leads_to_another_organization(rows: tuple[Rows, Rows]) -> None:
    north, south = rows
    joins = 0
    with as_organization(north["Organization"].id):
        for model in owned_models():
            for field in model._meta.concrete_fields:
                parent = field.related_model
                if isinstance(field, ForeignKey) and issubclass(parent, Owned) and parent is not model:
                    joins += 1
                    other = south[parent.__name__].id
                    assert not model.objects.filter(**{f"{field.name}__id": other}).exists()
                    assert not model.objects.filter(**{f"{field.name}__organization_id": south["Organization"].id})
    assert joins > 8


def test_no_row_is_saved_into_another_organization(rows: tuple[Rows, Rows]) -> None:
    north, south = rows
    made = {type(each): each for each in north.values()}
    with as_organization(north["Organization"].id):
        for model in owned_models():
            row = fill(model, made)
            row.organization = south["Organization"]
            with pytest.raises(PermissionError, match="another organization"):
                row.save()
            with pytest.raises(PermissionError, match="another organization"):
                model.objects.bulk_create([row])
            with pytest.raises(PermissionError, match="stay with their organization"):
                model.objects.all().update(organization=south["Organization"])
            with pytest.raises(PermissionError, match="another organization"):
                model.objects.bulk_update([south[model.__name__]], ["id"])


def test_no_row_is_stored_or_changed_that_names_one_of_another_organization(rows: tuple[Rows, Rows]) -> None:
    """Not by the manager, which does not ask whose row an id is of; the database does, past row security."""
    north, south = rows
    made = {type(each): each for each in north.values()}
    assert len(references()) > 10
    with as_organization(north["Organization"].id):
        for model, field in references():
            table, other = model._meta.db_table, south[field.related_model.__name__]
            row = fill(model, made)
            setattr(row, field.name, other)
            for road in (row.save, lambda model=model, row=row: model.objects.bulk_create([row])):
                with pytest.raises(IntegrityError, match=f"{table}.{field.column} names no"), transaction.atomic():
                    road()
            mine = model.objects.filter(id=north[model.__name__].id)
            with pytest.raises(IntegrityError, match=r"names no|only grows"), transaction.atomic():
                mine.update(**{field.name: other})
            with pytest.raises(IntegrityError, match=r"names no|only grows"), transaction.atomic():
                ask(f"UPDATE {table} SET {field.column} = %s", other.id)


def test_a_row_may_name_nothing_and_one_of_its_own(rows: tuple[Rows, Rows]) -> None:
    with as_organization(rows[0]["Organization"].id):
        kept = rows[0]["Patient"]
        assert Patient.objects.filter(id=kept.id).update(into=kept) == 1
        assert Patient.objects.filter(id=kept.id).update(into=None) == 1


@pytest.mark.skipif(connection.vendor == "postgresql", reason="there row security says so before")
def test_a_row_that_is_named_is_not_moved_away_under_those_that_name_it(rows: tuple[Rows, Rows]) -> None:
    for table in sorted({field.related_model._meta.db_table for _, field in references()}):
        with pytest.raises(IntegrityError, match=r"stays with its organization|only grows"), transaction.atomic():
            ask(f"UPDATE {table} SET organization_id = %s", rows[1]["Organization"].id)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite makes a table anew")
def test_a_table_that_others_name_can_be_made_anew(tmp_path: Path) -> None:
    """As a later migration does; and what named it is held to it as before."""
    with on_disk(tmp_path):
        before, longer = triggers(), CharField(max_length=300)
        longer.set_attributes_from_name("name")
        emit_pre_migrate_signal(verbosity=0, interactive=False, db="default")
        with connection.schema_editor() as editor:
            editor.alter_field(Site, Site._meta.get_field("name"), longer)
        emit_post_migrate_signal(verbosity=0, interactive=False, db="default")
        assert before.keys() - triggers().keys() == {"site_stays"}, "its own go with it and are made again"
        assert ask("PRAGMA legacy_alter_table") == [(0,)]
        north, south = make_rows(make_organization()), make_rows(make_organization("south"))
        with as_organization(north["Organization"].id), pytest.raises(IntegrityError, match=r"device.site_id names no"):
            ask("UPDATE device SET site_id = %s", south["Site"].id)


def test_many_rows_at_once_go_into_the_organization_acted_for(rows: tuple[Rows, Rows]) -> None:
    north = rows[0]["Organization"].id
    with as_organization(north):
        made = Site.objects.bulk_create([Site(name="East"), Site(name="West")])
        assert [each.organization_id for each in made] == [north, north]


@on_postgres
def test_raw_sql_meets_the_wall_too(rows: tuple[Rows, Rows]) -> None:
    north, south = rows
    with as_organization(north["Organization"].id):
        for table in tables():
            column, other = owner_column(table), south["Organization"].id
            assert ask(f"SELECT count(*) FROM {table} WHERE {column} = %s", other) == [(0,)], table
            assert ask(f"SELECT count(*) > 0 FROM {table}") == [(True,)], table
            assert ask(f"UPDATE {table} SET id = id WHERE {column} = %s", other) == [0], table
            assert ask(f"DELETE FROM {table} WHERE {column} = %s", other) == [0], table
        leak = "SELECT count(*) FROM organization o FULL JOIN patient p ON p.organization_id = o.id WHERE o.id = %s"
        assert ask(leak, south["Organization"].id) == [(0,)]


@on_postgres
def test_raw_sql_writes_nothing_into_another_organization(rows: tuple[Rows, Rows]) -> None:
    """Neither a new row nor one of north moved over, by whatever road."""
    north, south = rows
    other = south["Organization"].id
    with as_organization(north["Organization"].id):
        for table in tables():
            model = next(each for each in clinic_models() if each._meta.db_table == table)
            columns = [field.column for field in model._meta.concrete_fields]
            moved = ", ".join(f"'{other}'" if each == owner_column(table) else each for each in columns)
            insert = f"INSERT INTO {table} ({', '.join(columns)}) SELECT {moved} FROM {table}"
            with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
                ask(insert)
            move = f"UPDATE {table} SET {owner_column(table)} = '{other}'"
            with pytest.raises(DatabaseError, match=r"row-level security|only grows"), transaction.atomic():
                ask(move)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps statistics, and chooses by them")
def test_rows_are_found_by_what_is_asked_and_not_by_whose_they_are(north: Organization) -> None:
    """On SQLite an index that begins with the organization is the whole table: a page would read all there is."""
    with as_organization(north.id):
        for model in owned_models():
            for field in model._meta.concrete_fields:
                if isinstance(field, ForeignKey) and issubclass(field.related_model, Owned):
                    plan = model.objects.filter(**{f"{field.name}__in": ["a", "b"]}).order_by().explain()
                    assert f"({field.column}=?" in plan, f"{model._meta.db_table} by {field.column}: {plan}"
