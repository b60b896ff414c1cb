from __future__ import annotations

from django.db import migrations

from fifteen.clinic.tenancy.operations import SameOrganization


class Migration(migrations.Migration):
    dependencies = [("schedule", "0002_wall")]
    operations = [
        SameOrganization(
            "booking", patient_id="patient", episode_id="episode", site_id="site", person_id="person", visit_id="visit"
        ),
    ]
