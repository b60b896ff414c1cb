"""What migrations add below the models: PostgreSQL's row security, and rows that cannot be changed."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation


class _OnTables(Operation):
    reversible = True

    def __init__(self, *tables: str) -> None:
        self.tables = tables

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, list(self.tables), {}

    def state_forwards(self, app_label: str, state: Any) -> None:
        pass

    def database_forwards(self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, _from: Any, _to: Any) -> None:
        for table in self.tables:
            for statement in self.forwards(table, schema_editor.connection.vendor):
                schema_editor.execute(statement)

    def database_backwards(self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, _from: Any, _to: Any) -> None:
        for table in reversed(self.tables):
            for statement in self.backwards(table, schema_editor.connection.vendor):
                schema_editor.execute(statement)

    def forwards(self, table: str, vendor: str) -> list[str]:
        raise NotImplementedError

    def backwards(self, table: str, vendor: str) -> list[str]:
        raise NotImplementedError


class Wall(_OnTables):
    """Row security, also for the owner: a row is seen and written only while acting for its organization.

    `also` is a further condition for reading, for the tables that are asked before it is known who acts.
    """

    def __init__(self, *tables: str, column: str = "organization_id", also: str = "") -> None:
        super().__init__(*tables)
        self.column, self.also = column, also

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, list(self.tables), {"column": self.column, "also": self.also}

    def forwards(self, table: str, vendor: str) -> list[str]:
        if vendor != "postgresql":
            return []
        mine = f"{self.column} = nullif(current_setting('app.organization', true), '')"
        seen = f"{mine} OR {self.also}" if self.also else mine
        return [
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
            f"CREATE POLICY wall_read ON {table} FOR SELECT USING ({seen})",
            f"CREATE POLICY wall_insert ON {table} FOR INSERT WITH CHECK ({mine})",
            f"CREATE POLICY wall_update ON {table} FOR UPDATE USING ({mine}) WITH CHECK ({mine})",
            f"CREATE POLICY wall_delete ON {table} FOR DELETE USING ({mine})",
        ]

    def backwards(self, table: str, vendor: str) -> list[str]:
        if vendor != "postgresql":
            return []
        names = ("wall_read", "wall_insert", "wall_update", "wall_delete")
        return [
            *(f"DROP POLICY {name} ON {table}" for name in names),
            f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
        ]


class AppendOnly(_OnTables):
    """Rows that can be added and never changed, replaced, removed or swept away, by whatever road."""

    def forwards(self, table: str, vendor: str) -> list[str]:
        said = f"{table} only grows: a row of it is never changed or removed"
        if vendor == "postgresql":
            return [
                f"CREATE FUNCTION {table}_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION '{said}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
                f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION {table}_only_grows()",
                f"CREATE TRIGGER {table}_no_sweep BEFORE TRUNCATE ON {table} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_only_grows()",
            ]
        # Without recursive_triggers (set on every connection) INSERT OR REPLACE would pass the second.
        return [
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, '{said}'); END",
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, '{said}'); END",
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, '{said}'); END",
        ]

    def backwards(self, table: str, vendor: str) -> list[str]:
        if vendor == "postgresql":
            return [
                f"DROP TRIGGER {table}_no_sweep ON {table}",
                f"DROP TRIGGER {table}_no_change ON {table}",
                f"DROP FUNCTION {table}_only_grows()",
            ]
        return [f"DROP TRIGGER {table}_{name}" for name in ("no_replace", "no_delete", "no_update")]


class Readable(_OnTables):
    """One more way past the wall, for reading only: rows are seen when `when` holds."""

    def __init__(self, *tables: str, when: str) -> None:
        super().__init__(*tables)
        self.when = when

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, list(self.tables), {"when": self.when}

    def forwards(self, table: str, vendor: str) -> list[str]:
        if vendor != "postgresql":
            return []
        return [f"CREATE POLICY wall_also ON {table} FOR SELECT USING ({self.when})"]

    def backwards(self, table: str, vendor: str) -> list[str]:
        return [f"DROP POLICY wall_also ON {table}"] if vendor == "postgresql" else []


class Counted(_OnTables):
    """Every organization that is made, by whatever road, is counted: with the first one the setup is over."""

    def forwards(self, table: str, vendor: str) -> list[str]:
        count = (
            "INSERT INTO installation (id, organizations, code) VALUES (1, 1, '') "
            "ON CONFLICT (id) DO UPDATE SET organizations = installation.organizations + 1, code = ''"
        )
        if vendor == "postgresql":
            return [
                f"CREATE FUNCTION {table}_counted() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN {count}; RETURN NULL; END $$",
                f"CREATE TRIGGER {table}_counted AFTER INSERT ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION {table}_counted()",
            ]
        return [f"CREATE TRIGGER {table}_counted AFTER INSERT ON {table} BEGIN {count}; END"]

    def backwards(self, table: str, vendor: str) -> list[str]:
        if vendor == "postgresql":
            return [f"DROP TRIGGER {table}_counted ON {table}", f"DROP FUNCTION {table}_counted()"]
        return [f"DROP TRIGGER {table}_counted"]


class SameOrganization(_OnTables):
    """A row names rows of its own organization only; `names` says which table each of its columns names.

    Asked after the row is written: row security has spoken by then, and the row is seen as it is stored. What is named
    is written first. A migration that makes the table anew on SQLite loses the triggers and has to say this again.
    """

    def __init__(self, table: str, /, **names: str) -> None:
        super().__init__(table)
        self.names = names

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, list(self.tables), dict(self.names)

    def forwards(self, table: str, vendor: str) -> list[str]:
        make = _same_on_postgresql if vendor == "postgresql" else _same_on_sqlite
        return [each for column, target in self.names.items() for each in make(table, column, target)]

    def backwards(self, table: str, vendor: str) -> list[str]:
        found = []
        for name in (f"{table}_{column}_same" for column in self.names):
            on = f" ON {table}" if vendor == "postgresql" else ""
            found += [f"DROP TRIGGER {name}_insert{on}", f"DROP TRIGGER {name}_update{on}"]
            if vendor == "postgresql":
                found.append(f"DROP FUNCTION {name}()")
        return found


def _same_on_postgresql(table: str, column: str, target: str) -> list[str]:
    name = f"{table}_{column}_same"
    return [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {_not_same(column, target)} THEN "
        f"RAISE EXCEPTION '{_said(table, column, target)}' USING ERRCODE = 'integrity_constraint_violation'; END IF; "
        "RETURN NULL; END $$",
        f"CREATE TRIGGER {name}_insert AFTER INSERT ON {table} "
        f"FOR EACH ROW WHEN (NEW.{column} IS NOT NULL) EXECUTE FUNCTION {name}()",
        f"CREATE TRIGGER {name}_update AFTER UPDATE OF {column}, organization_id ON {table} "
        f"FOR EACH ROW WHEN (NEW.{column} IS NOT NULL) EXECUTE FUNCTION {name}()",
    ]


def _same_on_sqlite(table: str, column: str, target: str) -> list[str]:
    when = f"WHEN NEW.{column} IS NOT NULL AND {_not_same(column, target)}"
    refuse = f"BEGIN SELECT RAISE(ABORT, '{_said(table, column, target)}'); END"
    name = f"{table}_{column}_same"
    return [
        f"CREATE TRIGGER {name}_insert AFTER INSERT ON {table} {when} {refuse}",
        f"CREATE TRIGGER {name}_update AFTER UPDATE OF {column}, organization_id ON {table} {when} {refuse}",
    ]


def _not_same(column: str, target: str) -> str:
    return f"NOT EXISTS (SELECT 1 FROM {target} WHERE id = NEW.{column} AND organization_id = NEW.organization_id)"


def _said(table: str, column: str, target: str) -> str:
    return f"{table}.{column} names no {target} of the same organization: a row names only rows of its own"


class Stays(_OnTables):
    """A row stays with its organization: else what names it would all at once name a row of another."""

    def forwards(self, table: str, vendor: str) -> list[str]:
        said = f"a row of {table} stays with its organization"
        moves = f"AFTER UPDATE OF organization_id ON {table}"
        if vendor == "postgresql":
            return [
                f"CREATE FUNCTION {table}_stays() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION '{said}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
                f"CREATE TRIGGER {table}_stays {moves} FOR EACH ROW "
                f"WHEN (NEW.organization_id <> OLD.organization_id) EXECUTE FUNCTION {table}_stays()",
            ]
        return [
            f"CREATE TRIGGER {table}_stays {moves} WHEN NEW.organization_id <> OLD.organization_id "
            f"BEGIN SELECT RAISE(ABORT, '{said}'); END"
        ]

    def backwards(self, table: str, vendor: str) -> list[str]:
        if vendor == "postgresql":
            return [f"DROP TRIGGER {table}_stays ON {table}", f"DROP FUNCTION {table}_stays()"]
        return [f"DROP TRIGGER {table}_stays"]
