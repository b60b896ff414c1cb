from __future__ import annotations

from django.db import migrations

from fifteen.clinic.tenancy.operations import Readable


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0003_setup")]
    # The log-in asks how many organizations there are, before it is known who acts: nobody types a slug for the only one.
    operations = [Readable("organization", when="current_setting('app.slug', true) = '*'")]
