"""Work of the house for every organization in turn: jobs, keys, seals. It learns their ids only, then acts for each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from fifteen.clinic.tenancy.context import acting, tell_database
from fifteen.clinic.tenancy.models import Organization


def organization_ids() -> list[str]:
    """The ids of all organizations, in order."""
    with transaction.atomic():
        before = tell_database("on", "app.keeper")
        try:
            return list(Organization.objects.order_by("id").values_list("id", flat=True))
        finally:
            tell_database(before, "app.keeper")


@contextmanager
def within(organization: str) -> Iterator[None]:
    """A transaction of its own that acts for this organization."""
    with transaction.atomic(), acting(organization):
        yield
