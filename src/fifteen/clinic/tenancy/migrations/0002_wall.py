from __future__ import annotations

from django.db import migrations

from fifteen.clinic.tenancy.operations import Wall


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0001_initial")]
    operations = [
        Wall("organization", column="id", also="slug = current_setting('app.slug', true)"),
        Wall("site"),
    ]
