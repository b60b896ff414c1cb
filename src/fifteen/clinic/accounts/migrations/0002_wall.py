from __future__ import annotations

from django.db import migrations

from fifteen.clinic.tenancy.operations import Wall


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [
        Wall("person", "authenticator", "attempt", "break_glass", "security_policy"),
        Wall("session", also="token = current_setting('app.session', true)"),
        Wall("device", also="token = current_setting('app.device', true)"),
    ]
