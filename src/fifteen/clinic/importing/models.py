"""A file that waits to be imported, which of its rows are in, and what it said that no other table holds."""

from __future__ import annotations

from django.db import models

from fifteen.clinic.tenancy.models import Owned
from fifteen.clinic.treatment.models import Visit


class Upload(Owned):
    """A file as it was given, sealed until it is in or a day has passed. `digest` is SHA-256 of its bytes.

    `state`: given, trying, tried, running, done, or away (its content is gone). `mapping` are fields by the place of
    their column, `options` what a person decided. `found` holds rejects and remarks, sealed: they quote the file.
    """

    kind = models.CharField(max_length=12)
    profile = models.CharField(max_length=30)
    state = models.CharField(max_length=8, default="given")
    digest = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    content = models.BinaryField(null=True)
    mapping = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    found = models.BinaryField(null=True)
    by = models.CharField(max_length=26)
    at = models.DateTimeField()
    ended = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta(Owned.Meta):
        db_table = "upload"


class ImportedRow(Owned):
    """A row that is in: by a keyed hash of what it said, so that the same row again changes nothing. `made`: what."""

    key = models.CharField(max_length=64)
    kind = models.CharField(max_length=12)
    made = models.CharField(max_length=26)
    upload = models.CharField(max_length=26)
    at = models.DateTimeField()

    class Meta(Owned.Meta):
        db_table = "imported_row"
        constraints = (models.UniqueConstraint(fields=("organization", "key"), name="one_import"),)


class CarriedLine(Owned):
    """What another system said of a service of a visit: units and minutes as they stood there; None: it did not say.

    No unit is taken from here for a claim, and no minute where nobody is known who gave it.
    """

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="carried_lines")
    place = models.PositiveSmallIntegerField(default=0)
    code = models.CharField(max_length=5)
    modifiers = models.CharField(max_length=20, blank=True)
    units = models.PositiveSmallIntegerField(null=True)
    minutes = models.PositiveIntegerField(null=True)
    upload = models.CharField(max_length=26)
    at = models.DateTimeField()

    class Meta(Owned.Meta):
        db_table = "carried_line"
