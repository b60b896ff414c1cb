from __future__ import annotations

from django.db import migrations

from fifteen.clinic.tenancy.operations import AppendOnly, Wall


class Migration(migrations.Migration):
    dependencies = [("people", "0003_chart")]
    operations = [
        Wall("coverage", "accrual", "referrer", "referral", "consent"),
        AppendOnly("accrual", "consent"),
    ]
