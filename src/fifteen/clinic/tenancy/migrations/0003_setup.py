from __future__ import annotations

from django.db import migrations, models

from fifteen.clinic.tenancy.operations import Counted


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0002_wall")]
    operations = [
        migrations.CreateModel(
            name="Installation",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                ("organizations", models.PositiveIntegerField(default=0)),
                ("code", models.CharField(blank=True, default="", max_length=64)),
                ("code_ends", models.DateTimeField(null=True)),
            ],
            options={"db_table": "installation"},
        ),
        Counted("organization"),
    ]
