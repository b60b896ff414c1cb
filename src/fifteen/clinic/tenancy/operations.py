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
