from __future__ import annotations

from django.db import migrations

from fifteen.clinic.tenancy.operations import SameOrganization, Stays


class Migration(migrations.Migration):
    dependencies = [("payers", "0002_wall")]
    operations = [
        SameOrganization("fee", payer_id="payer"),
        Stays("payer"),
    ]
