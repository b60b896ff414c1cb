from __future__ import annotations

from django.db import migrations

from fifteen.clinic.tenancy.operations import Wall


class Migration(migrations.Migration):
    dependencies = [("schedule", "0001_chart")]
    operations = [
        Wall("booking"),
    ]
