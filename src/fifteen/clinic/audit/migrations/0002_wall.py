from __future__ import annotations

from django.db import migrations

from fifteen.clinic.tenancy.operations import AppendOnly, Wall


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [
        Wall("audit_event", "audit_seal"),
        AppendOnly("audit_event", "audit_seal"),
    ]
