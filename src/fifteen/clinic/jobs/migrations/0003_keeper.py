"""The house's own work may read which organizations there are; what they own stays behind the wall."""

from __future__ import annotations

from typing import Any

from django.db import migrations


def _forwards(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "CREATE POLICY keeper_read ON organization FOR SELECT USING (current_setting('app.keeper', true) = 'on')"
        )


def _backwards(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP POLICY keeper_read ON organization")


class Migration(migrations.Migration):
    dependencies = [("jobs", "0002_wall"), ("tenancy", "0002_wall")]
    operations = [migrations.RunPython(_forwards, _backwards)]
