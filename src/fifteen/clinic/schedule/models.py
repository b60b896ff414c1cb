"""Bookings: who is expected where, when and by whom."""

from __future__ import annotations

from django.db import models

from fifteen.clinic.accounts.models import User
from fifteen.clinic.people.models import Patient
from fifteen.clinic.tenancy.models import Owned, Site
from fifteen.clinic.treatment.models import Episode, Visit


class Booking(Owned):
    """An appointment. `state`: booked, arrived, cancelled or no-show; the last two with a reason."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="bookings")
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, null=True, related_name="bookings")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, null=True, related_name="bookings")
    starts = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField(default=45)
    state = models.CharField(max_length=10, default="booked")
    reason = models.CharField(max_length=200, blank=True)
    made = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta(Owned.Meta):
        db_table = "booking"
        indexes = (models.Index(fields=("starts", "site"), name="booking_day"),)
