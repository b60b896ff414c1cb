from __future__ import annotations

from django.apps import AppConfig


class TreatmentConfig(AppConfig):
    name = "fifteen.clinic.treatment"
    label = "treatment"
