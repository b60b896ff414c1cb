from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import post_migrate


class TenancyConfig(AppConfig):
    name = "fifteen.clinic.tenancy"
    label = "tenancy"

    def ready(self) -> None:
        post_migrate.connect(grant, sender=self, dispatch_uid="grants")


def grant(using: str, **_: Any) -> None:
    """After migrations, once: what the application's own role may do, where one is named."""
    from django.db import connections, transaction

    connection = connections[using]
    role = settings.DATABASE_APP_ROLE
    if connection.vendor == "postgresql" and role:
        from fifteen.clinic.tenancy.grants import grants

        with transaction.atomic(using=using), connection.cursor() as cursor:
            grants(cursor, role)
