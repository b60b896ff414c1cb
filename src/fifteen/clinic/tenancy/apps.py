from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import post_migrate, pre_migrate


class TenancyConfig(AppConfig):
    name = "fifteen.clinic.tenancy"
    label = "tenancy"

    def ready(self) -> None:
        pre_migrate.connect(ease, sender=self, dispatch_uid="ease")
        post_migrate.connect(tighten, sender=self, dispatch_uid="tighten")
        post_migrate.connect(grant, sender=self, dispatch_uid="grants")


def ease(using: str, **_: Any) -> None:
    """While migrations run: a table that SQLite makes anew is gone for a moment, until the new one takes its name.

    Triggers of other tables name it (`SameOrganization`), and for their sake SQLite would refuse the name.
    """
    _legacy_rename(using, "ON")


def tighten(using: str, **_: Any) -> None:
    """After migrations: as Django sets it, and on SQLite without the indexes of the organization alone.

    A file is one organization's, so that such an index is the whole table; and SQLite, which keeps no statistics, would
    take it before the index of a patient or a visit.
    """
    _legacy_rename(using, "OFF")
    _drop_indexes_of_the_organization(using)


def _drop_indexes_of_the_organization(using: str) -> None:
    from django.db import connections

    connection = connections[using]
    if connection.vendor != "sqlite":
        return
    alone = """SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE 'CREATE INDEX %("organization_id")'"""
    with connection.cursor() as cursor:
        for (name,) in cursor.execute(alone).fetchall():
            cursor.execute(f"DROP INDEX {connection.ops.quote_name(name)}")


def _legacy_rename(using: str, state: str) -> None:
    from django.db import connections

    if connections[using].vendor == "sqlite":
        with connections[using].cursor() as cursor:
            cursor.execute(f"PRAGMA legacy_alter_table = {state}")


def grant(using: str, **_: Any) -> None:
    """After migrations, once: what the application's own role may do, where one is named."""
    from django.db import connections, transaction

    connection = connections[using]
    role = settings.DATABASE_APP_ROLE
    if connection.vendor == "postgresql" and role:
        from fifteen.clinic.tenancy.grants import grants

        with transaction.atomic(using=using), connection.cursor() as cursor:
            grants(cursor, role)
