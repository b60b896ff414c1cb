from __future__ import annotations

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

import fifteen.clinic.tenancy.ids
import fifteen.clinic.tenancy.models
from fifteen.clinic.tenancy.operations import Wall


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_wall"),
        ("tenancy", "0002_wall"),
    ]

    operations = [
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "id",
                    fifteen.clinic.tenancy.models.OpaqueKey(
                        default=fifteen.clinic.tenancy.ids.new_id,
                        editable=False,
                        max_length=26,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("token", models.CharField(max_length=64, unique=True)),
                ("made", models.DateTimeField()),
                ("made_by", models.CharField(blank=True, max_length=26)),
                ("ends", models.DateTimeField()),
                ("used", models.DateTimeField(null=True)),
                ("ended", models.DateTimeField(null=True)),
                (
                    "organization",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.organization",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="invitations", to="accounts.user"
                    ),
                ),
            ],
            options={
                "db_table": "invitation",
                "abstract": False,
                "base_manager_name": "everywhere",
                "default_manager_name": "objects",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        # Whoever holds the link is not logged in: the row is found by its token's hash, as a session is.
        Wall("invitation", also="token = current_setting('app.invitation', true)"),
    ]
