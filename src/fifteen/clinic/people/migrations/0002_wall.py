from __future__ import annotations

from django.db import migrations

from fifteen.clinic.tenancy.operations import AppendOnly, Wall


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]
    operations = [
        Wall("patient", "patient_merge"),
        AppendOnly("patient_merge"),
    ]
