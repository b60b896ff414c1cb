"""Work to do later, and unsafe requests that were answered already."""

from __future__ import annotations

from django.db import models

from fifteen.clinic.tenancy.models import Owned


class Job(Owned):
    """A task by its name with plain arguments. `state`: waiting, running, done, or dead after its last try."""

    task = models.CharField(max_length=60)
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=8, default="waiting", db_index=True)
    tries = models.PositiveSmallIntegerField(default=0)
    due = models.DateTimeField(db_index=True)
    taken = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=200, blank=True)
    made = models.DateTimeField()
    ended = models.DateTimeField(null=True)

    class Meta(Owned.Meta):
        db_table = "job"


class Answered(Owned):
    """The answer to an unsafe request by its idempotency key, kept thirty days."""

    key = models.CharField(max_length=80)
    actor = models.CharField(max_length=26)
    asked = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.BinaryField()
    at = models.DateTimeField()

    class Meta(Owned.Meta):
        db_table = "answered"
        constraints = (models.UniqueConstraint(fields=("organization", "actor", "key"), name="one_answer"),)
