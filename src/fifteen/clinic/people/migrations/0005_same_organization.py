from __future__ import annotations

from django.db import migrations

from fifteen.clinic.tenancy.operations import SameOrganization, Stays


class Migration(migrations.Migration):
    dependencies = [("people", "0004_chart_wall")]
    operations = [
        SameOrganization("patient", into_id="patient"),
        SameOrganization("patient_merge", kept_id="patient", other_id="patient"),
        SameOrganization("coverage", patient_id="patient", payer_id="payer"),
        SameOrganization("accrual", patient_id="patient"),
        SameOrganization("referral", patient_id="patient", referrer_id="referrer"),
        SameOrganization("consent", patient_id="patient"),
        Stays("coverage", "patient", "referral", "referrer"),
    ]
