"""The addresses of a clinic: the public pages, and those behind the log-in, each room with its own list."""

from __future__ import annotations

from django.urls import path

from fifteen.web.clinic import (
    break_glass_pages,
    coverage_pages,
    documents,
    health,
    home,
    imports,
    jobs,
    locked_pages,
    login,
    notes,
    patients,
    payers,
    people_pages,
    referral_pages,
    schedule,
    security_pages,
    sessions_pages,
    setup,
    site_pages,
    trail,
)
from fifteen.web.clinic.chart import day, episode, episode_forms, goals, listing, scores, visit, visit_forms
from fifteen.web.urls import handler400, handler404
from fifteen.web.urls import urlpatterns as public

urlpatterns = [
    *public,
    path("home", home.page, name="home"),
    *jobs.urlpatterns,
    *health.urlpatterns,
    *listing.urlpatterns,
    *patients.urlpatterns,
    *episode_forms.urlpatterns,
    *episode.urlpatterns,
    *visit_forms.urlpatterns,
    *visit.urlpatterns,
    *goals.urlpatterns,
    *scores.urlpatterns,
    *day.urlpatterns,
    *notes.urlpatterns,
    *coverage_pages.urlpatterns,
    *referral_pages.urlpatterns,
    *documents.urlpatterns,
    *payers.urlpatterns,
    *schedule.urlpatterns,
    *login.urlpatterns,
    *locked_pages.urlpatterns,
    *sessions_pages.urlpatterns,
    *break_glass_pages.urlpatterns,
    *security_pages.urlpatterns,
    *setup.urlpatterns,
    *people_pages.urlpatterns,
    *site_pages.urlpatterns,
    *imports.urlpatterns,
    *trail.urlpatterns,
]

handler500 = "fifteen.web.clinic.full.failed"

__all__ = ["handler400", "handler404", "handler500", "urlpatterns"]
