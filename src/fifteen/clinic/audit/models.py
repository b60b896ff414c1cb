"""The trail of what was done, and the chain that seals it. Both only grow."""

from __future__ import annotations

from django.db import models

from fifteen.clinic.tenancy.models import Owned


class Event(Owned):
    """One action, in the order of its id. `detail` holds ids and names of fields, never patient text."""

    at = models.DateTimeField(db_index=True)
    actor = models.CharField(max_length=26, blank=True, db_index=True)
    role = models.CharField(max_length=20, blank=True)
    action = models.CharField(max_length=40, db_index=True)
    kind = models.CharField(max_length=40, blank=True)
    object = models.CharField(max_length=40, blank=True, db_index=True)
    patient = models.CharField(max_length=26, blank=True, db_index=True)
    outcome = models.CharField(max_length=10, default="done")
    address = models.CharField(max_length=45, blank=True)
    device = models.CharField(max_length=26, blank=True)
    session = models.CharField(max_length=26, blank=True)
    detail = models.JSONField(default=dict)

    class Meta(Owned.Meta):
        db_table = "audit_event"
        indexes = (models.Index(fields=("organization", "at"), name="audit_by_time"),)


class Seal(Owned):
    """A link of the chain: the event at `place`, and `digest` over it and the link before."""

    place = models.BigIntegerField()
    event = models.CharField(max_length=26)
    before = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta(Owned.Meta):
        db_table = "audit_seal"
        constraints = (
            models.UniqueConstraint(fields=("organization", "place"), name="one_place"),
            models.UniqueConstraint(fields=("organization", "event"), name="sealed_once"),
        )
