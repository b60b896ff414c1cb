"""Patients: here only what it takes to name one, find one, and to merge two records of one person."""

from __future__ import annotations

from django.db import models

from fifteen.clinic.tenancy.models import Owned


class Patient(Owned):
    """A record of a patient. `into` names the one it was merged into; it stays readable and can be separated again."""

    name = models.CharField(max_length=200)
    born = models.DateField(null=True)
    identifier = models.BinaryField(null=True)
    identifier_key = models.CharField(max_length=64, blank=True, db_index=True)
    into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="merged")
    made = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta(Owned.Meta):
        db_table = "patient"


class Merge(Owned):
    """That two records are of one person (`apart` False), or are not after all (`apart` True); who said so, and why."""

    kept = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    apart = models.BooleanField(default=False)
    reason = models.CharField(max_length=400)
    by = models.CharField(max_length=26)
    at = models.DateTimeField()

    class Meta(Owned.Meta):
        db_table = "patient_merge"
