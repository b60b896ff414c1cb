"""Documents: what stands in the database about a file; the file itself is sealed beside it."""

from __future__ import annotations

from django.db import models

from fifteen.clinic.people.models import Patient
from fifteen.clinic.tenancy.models import Owned
from fifteen.clinic.treatment.models import Episode, Plan


class Document(Owned):
    """A file of a patient. `digest` is SHA-256 of what was given; `signed` the day beside a signature, if there is one.

    `media` is what the bytes are, found by looking at them and not by the file's name.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="documents")
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, null=True, related_name="documents")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, null=True, related_name="documents")
    kind = models.CharField(max_length=30)
    title = models.CharField(max_length=120)
    media = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    signer = models.CharField(max_length=120, blank=True)
    signed = models.DateField(null=True)
    received = models.DateField()
    by = models.CharField(max_length=26)
    at = models.DateTimeField()

    class Meta(Owned.Meta):
        db_table = "document"


class DocumentHidden(Owned):
    """That a document was filed wrongly: not shown by default, never gone. `shown` takes that back."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="hidden")
    reason = models.CharField(max_length=400)
    shown = models.BooleanField(default=False)
    by = models.CharField(max_length=26)
    at = models.DateTimeField()

    class Meta(Owned.Meta):
        db_table = "document_hidden"
