"""What is done for people by itself: sessions whose time is over end, and attempts that nothing counts are gone."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import F

from fifteen.clinic.accounts import lockout, pins
from fifteen.clinic.accounts.models import Session
from fifteen.clinic.jobs.registry import task
from fifteen.clinic.tenancy.clock import now


@task("accounts.end_sessions", every=timedelta(hours=1))
def end_old_sessions() -> None:
    """End what would open nothing any more, at the time it ran out."""
    Session.objects.filter(ended=None, ends__lt=now()).update(ended=F("ends"))


@task("accounts.forget_attempts", every=timedelta(days=1))
def forget_attempts() -> None:
    """Remove attempts at a log-in that no count looks at any more."""
    lockout.forget()
    pins.forget()
