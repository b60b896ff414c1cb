from __future__ import annotations

from django.db import migrations

from fifteen.clinic.tenancy.operations import Stays


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0005_chart")]
    operations = [
        Stays("site"),
    ]
