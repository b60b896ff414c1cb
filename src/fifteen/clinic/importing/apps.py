from __future__ import annotations

from django.apps import AppConfig


class ImportingConfig(AppConfig):
    name = "fifteen.clinic.importing"
    label = "importing"
