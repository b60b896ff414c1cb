from __future__ import annotations

from django.db import migrations

from fifteen.clinic.tenancy.operations import AppendOnly, SameOrganization, Wall


class Migration(migrations.Migration):
    dependencies = [("importing", "0001_initial")]
    operations = [
        Wall("upload", "imported_row", "carried_line"),
        AppendOnly("imported_row", "carried_line"),
        SameOrganization("carried_line", visit_id="visit"),
    ]
