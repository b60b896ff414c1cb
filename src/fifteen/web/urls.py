"""The addresses of the pages."""

from __future__ import annotations

from django.urls import path
from django.views.generic import RedirectView

from fifteen.web import offline, rules, timeline, units

urlpatterns = [
    path("", RedirectView.as_view(url="/units", query_string=True)),
    path("units", units.page, name="units"),
    path("units/answer", units.fragment, name="units-answer"),
    path("units.json", units.as_json, name="units-json"),
    path("units.txt", units.plain_text, name="units-text"),
    path("units/numbers.json", units.numbers_json, name="numbers"),
    path("rules", rules.page, name="rules"),
    path("rules.json", rules.as_json, name="rules-json"),
    path("timeline", timeline.page, name="timeline"),
    path("timeline/answer", timeline.fragment, name="timeline-answer"),
    path("timeline.json", timeline.as_json, name="timeline-json"),
    path("sw.js", offline.service_worker, name="service-worker"),
    path("manifest.webmanifest", offline.manifest, name="manifest"),
]

handler404 = "fifteen.web.trouble.not_found"
handler500 = "fifteen.web.trouble.failed"
handler400 = "fifteen.web.trouble.bad_request"
