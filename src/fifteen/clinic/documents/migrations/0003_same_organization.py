from __future__ import annotations

from django.db import migrations

from fifteen.clinic.tenancy.operations import SameOrganization


class Migration(migrations.Migration):
    dependencies = [("documents", "0002_wall")]
    operations = [
        SameOrganization("document", patient_id="patient", episode_id="episode", plan_id="plan"),
        SameOrganization("document_hidden", document_id="document"),
    ]
