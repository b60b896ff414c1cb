from __future__ import annotations

from django.db import migrations

from fifteen.clinic.tenancy.operations import AppendOnly, Wall


class Migration(migrations.Migration):
    dependencies = [("notes", "0003_chart")]
    operations = [
        Wall("note_cosigned"),
        AppendOnly("note_cosigned"),
    ]
