"""Patients: who they are, who pays for them, who sent them, and what they agreed to."""

from __future__ import annotations

from django.db import models

from fifteen.clinic.payers.models import Payer
from fifteen.clinic.tenancy.models import Owned


class Patient(Owned):
    """A record of a patient. `into` names the one it was merged into; it stays readable and can be separated again."""

    name = models.CharField(max_length=200)
    born = models.DateField(null=True)
    identifier = models.BinaryField(null=True)
    identifier_key = models.CharField(max_length=64, blank=True, db_index=True)
    phone = models.CharField(max_length=40, blank=True, default="")
    precautions = models.CharField(max_length=400, blank=True, default="")
    into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="merged", db_index=False)
    made = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta(Owned.Meta):
        db_table = "patient"
        # Nearly every record has no `into`: SQLite would take an index that holds those for the list, and sort it all.
        indexes = (
            models.Index(fields=("name", "id"), name="patient_by_name"),
            models.Index(fields=("into",), name="patient_merged", condition=models.Q(into__isnull=False)),
        )


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


class Coverage(Owned):
    """A payer of a patient; `rank` 1 pays first. The member's number is sealed, and found by a keyed hash only."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="coverages")
    payer = models.ForeignKey(Payer, on_delete=models.PROTECT, related_name="+")
    rank = models.PositiveSmallIntegerField(default=1)
    plan = models.CharField(max_length=120, blank=True)
    member = models.BinaryField(null=True)
    member_key = models.CharField(max_length=64, blank=True, db_index=True)
    relation = models.CharField(max_length=20, default="self")
    starts = models.DateField(null=True)
    ends = models.DateField(null=True)
    made = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta(Owned.Meta):
        db_table = "coverage"


class Accrual(Owned):
    """What a payer said was used of a therapy threshold in a year, as of a day; in cents."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="accruals")
    year = models.PositiveSmallIntegerField()
    bucket = models.CharField(max_length=10)
    cents = models.PositiveIntegerField()
    as_of = models.DateField()
    source = models.CharField(max_length=120, blank=True)
    by = models.CharField(max_length=26, blank=True)
    at = models.DateTimeField()

    class Meta(Owned.Meta):
        db_table = "accrual"


class Referrer(Owned):
    """A physician or other practitioner who orders therapy or certifies its plan."""

    name = models.CharField(max_length=120)
    npi = models.CharField(max_length=10, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    fax = models.CharField(max_length=40, blank=True)
    made = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta(Owned.Meta):
        db_table = "referrer"


class Referral(Owned):
    """An order for therapy as it came in. `signed` is the day beside the signature; None: unsigned."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="referrals")
    referrer = models.ForeignKey(Referrer, on_delete=models.PROTECT, related_name="+")
    discipline = models.CharField(max_length=3)
    diagnosis = models.CharField(max_length=200, blank=True)
    received = models.DateField()
    signed = models.DateField(null=True)
    visits = models.PositiveSmallIntegerField(null=True)
    ends = models.DateField(null=True)
    made = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta(Owned.Meta):
        db_table = "referral"


class Consent(Owned):
    """What a patient agreed to, and when. A consent taken back is a new row with `withdrawn`; none is changed."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="consents")
    kind = models.CharField(max_length=30)
    date = models.DateField()
    withdrawn = models.BooleanField(default=False)
    by = models.CharField(max_length=26)
    at = models.DateTimeField()

    class Meta(Owned.Meta):
        db_table = "consent"
