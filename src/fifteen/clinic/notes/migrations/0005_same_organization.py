from __future__ import annotations

from django.db import migrations

from fifteen.clinic.tenancy.operations import SameOrganization, Stays


class Migration(migrations.Migration):
    dependencies = [("notes", "0004_chart_wall")]
    operations = [
        SameOrganization(
            "note",
            patient_id="patient",
            episode_id="episode",
            visit_id="visit",
            cosigner_id="person",
            author_id="person",
        ),
        SameOrganization("note_version", note_id="note", amends_id="note_version"),
        SameOrganization("note_cosigned", version_id="note_version"),
        SameOrganization("note_in_error", note_id="note"),
        SameOrganization("attestation", note_id="note"),
        Stays("note"),
    ]
