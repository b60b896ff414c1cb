from __future__ import annotations

from django.db import migrations

from fifteen.clinic.tenancy.operations import AppendOnly, Wall


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_chart")]
    operations = [
        Wall("document", "document_hidden"),
        AppendOnly("document", "document_hidden"),
    ]
