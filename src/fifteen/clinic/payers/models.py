"""Payers, and the amounts they have agreed to pay."""

from __future__ import annotations

from django.db import models

from fifteen.clinic.tenancy.models import Owned


class Payer(Owned):
    """Who pays. `policy` is the id of a payer in the rulebook; empty: not known, so nothing of theirs is decided."""

    name = models.CharField(max_length=120)
    policy = models.CharField(max_length=60, blank=True)
    number = models.CharField(max_length=20, blank=True)
    active = models.BooleanField(default=True)
    made = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta(Owned.Meta):
        db_table = "payer"


class Fee(Owned):
    """What a payer allows for one unit of a code, in cents, from a day on; `ends` is its last day."""

    payer = models.ForeignKey(Payer, on_delete=models.PROTECT, related_name="fees")
    code = models.CharField(max_length=5)
    cents = models.PositiveIntegerField()
    starts = models.DateField()
    ends = models.DateField(null=True)

    class Meta(Owned.Meta):
        db_table = "fee"
        constraints = (models.UniqueConstraint(fields=("payer", "code", "starts"), name="one_fee"),)
