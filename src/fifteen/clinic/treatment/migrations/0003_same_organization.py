from __future__ import annotations

from django.db import migrations

from fifteen.clinic.tenancy.operations import SameOrganization, Stays


class Migration(migrations.Migration):
    dependencies = [("treatment", "0002_wall")]
    operations = [
        SameOrganization(
            "episode", patient_id="patient", site_id="site", therapist_id="person", referral_id="referral"
        ),
        SameOrganization("carried_over", episode_id="episode"),
        SameOrganization("plan", episode_id="episode", author_id="person"),
        SameOrganization("certification", plan_id="plan", void_id="certification"),
        SameOrganization("goal", episode_id="episode"),
        SameOrganization("score", episode_id="episode", amends_id="score"),
        SameOrganization("authorized", coverage_id="coverage", episode_id="episode"),
        SameOrganization("visit", episode_id="episode", patient_id="patient", site_id="site"),
        SameOrganization("timer_event", visit_id="visit"),
        SameOrganization("interval", visit_id="visit", amends_id="interval"),
        SameOrganization("interval_person", interval_id="interval", user_id="person"),
        SameOrganization("service", visit_id="visit"),
        SameOrganization("exercise", service_id="service"),
        SameOrganization("tie_choice", visit_id="visit"),
        SameOrganization("assessment", patient_id="patient"),
        Stays("episode", "plan", "service", "visit"),
    ]
