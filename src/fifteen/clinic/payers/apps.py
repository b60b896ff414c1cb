from __future__ import annotations

from django.apps import AppConfig


class PayersConfig(AppConfig):
    name = "fifteen.clinic.payers"
    label = "payers"
