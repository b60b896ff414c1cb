"""Notes: a draft that changes under a version, and signed versions that never change."""

from __future__ import annotations

from django.db import models

from fifteen.clinic.accounts.models import User
from fifteen.clinic.people.models import Patient
from fifteen.clinic.tenancy.models import Owned
from fifteen.clinic.treatment.models import Episode, Visit


class Note(Owned):
    """A note of one patient and day, and its draft while there is one.

    The content is what the engine's record `Note` holds, by its names; the services of a draft stand with its visit.
    `cosigner`: signing alone does not lock it, this person's signature does.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="notes")
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, null=True, related_name="notes")
    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, null=True, related_name="notes")
    cosigner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, default="treatment")
    date = models.DateField()
    draft = models.JSONField(null=True)
    version = models.PositiveIntegerField(default=1)
    made = models.DateTimeField()
    changed = models.DateTimeField()

    class Meta(Owned.Meta):
        db_table = "note"


class SignedVersion(Owned):
    """What was signed, byte for byte, with its digest. An amendment names the version it amends and says why."""

    note = models.ForeignKey(Note, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    amends = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="amended_by")
    reason = models.CharField(max_length=400, blank=True)
    content = models.TextField()
    digest = models.CharField(max_length=64)
    author = models.CharField(max_length=26)
    credential = models.CharField(max_length=20)
    at = models.DateTimeField()

    class Meta(Owned.Meta):
        db_table = "note_version"
        constraints = (models.UniqueConstraint(fields=("note", "number"), name="one_number"),)


class CoSignature(Owned):
    """That a second person signed a version, having read it: byte for byte the one of this digest."""

    version = models.ForeignKey(SignedVersion, on_delete=models.PROTECT, related_name="cosigned")
    digest = models.CharField(max_length=64)
    by = models.CharField(max_length=26)
    credential = models.CharField(max_length=20)
    at = models.DateTimeField()

    class Meta(Owned.Meta):
        db_table = "note_cosigned"
        constraints = (models.UniqueConstraint(fields=("version", "by"), name="one_cosignature"),)


class EnteredInError(Owned):
    """That a signed note was entered in error: hidden by default, never gone. `withdrawn` takes that back."""

    note = models.ForeignKey(Note, on_delete=models.PROTECT, related_name="errors")
    reason = models.CharField(max_length=400)
    withdrawn = models.BooleanField(default=False)
    by = models.CharField(max_length=26)
    at = models.DateTimeField()

    class Meta(Owned.Meta):
        db_table = "note_in_error"


class Attestation(Owned):
    """What a person attested (59, KX, ...) and the digest of the evidence that was shown."""

    note = models.ForeignKey(Note, on_delete=models.PROTECT, related_name="attestations")
    kind = models.CharField(max_length=20)
    line = models.CharField(max_length=20)
    evidence = models.CharField(max_length=64)
    ground = models.CharField(max_length=400, null=True)  # a default would rebuild the table without its triggers
    by = models.CharField(max_length=26)
    at = models.DateTimeField()

    class Meta(Owned.Meta):
        db_table = "attestation"
