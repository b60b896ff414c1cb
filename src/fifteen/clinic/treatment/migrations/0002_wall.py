from __future__ import annotations

from django.db import migrations

from fifteen.clinic.tenancy.operations import AppendOnly, Wall


class Migration(migrations.Migration):
    dependencies = [("treatment", "0001_chart")]
    operations = [
        Wall(
            "episode",
            "carried_over",
            "plan",
            "certification",
            "goal",
            "score",
            "authorized",
            "visit",
            "timer_event",
            "interval",
            "interval_person",
            "service",
            "exercise",
            "tie_choice",
            "assessment",
        ),
        AppendOnly(
            "carried_over",
            "certification",
            "score",
            "timer_event",
            "interval",
            "interval_person",
            "tie_choice",
            "assessment",
        ),
    ]
