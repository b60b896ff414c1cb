from __future__ import annotations

from django.db import migrations

from fifteen.clinic.tenancy.operations import SameOrganization, Stays


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_chart_wall")]
    operations = [
        SameOrganization("licence", user_id="person"),
        SameOrganization("authenticator", user_id="person"),
        SameOrganization("device", site_id="site", made_by_id="person"),
        SameOrganization("session", user_id="person", device_id="device"),
        SameOrganization("invitation", user_id="person"),
        SameOrganization("break_glass", user_id="person", seen_by_id="person"),
        Stays("device", "person"),
    ]
