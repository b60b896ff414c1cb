from __future__ import annotations

from django.db import migrations

from fifteen.clinic.tenancy.operations import Wall


class Migration(migrations.Migration):
    dependencies = [("jobs", "0001_initial")]
    operations = [
        Wall("job", "answered"),
    ]
