"""Payers are fetched here only."""

from __future__ import annotations

from django.db.models import QuerySet

from fifteen.clinic.payers.models import Fee, Payer
from fifteen.clinic.tenancy.errors import NotFound


def payers() -> QuerySet[Payer]:
    """Every payer by name, those no longer used too."""
    found: QuerySet[Payer] = Payer.objects.order_by("name", "id")
    return found


def payer(id: str) -> Payer:
    """The payer of this id; `NotFound` where this organization has none."""
    found = Payer.objects.filter(id=id.replace("\0", "")).first()
    if not isinstance(found, Payer):
        raise NotFound("payer")
    return found


def fees(found: Payer) -> QuerySet[Fee]:
    """What this payer allows, by code, the newest first."""
    rows: QuerySet[Fee] = Fee.objects.filter(payer=found).order_by("code", "-starts", "-id")
    return rows
