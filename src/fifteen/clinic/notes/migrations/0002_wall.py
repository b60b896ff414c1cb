from __future__ import annotations

from django.db import migrations

from fifteen.clinic.tenancy.operations import AppendOnly, Wall


class Migration(migrations.Migration):
    dependencies = [("notes", "0001_initial")]
    operations = [
        Wall("note", "note_version", "note_in_error", "attestation"),
        AppendOnly("note_version", "note_in_error", "attestation"),
    ]
