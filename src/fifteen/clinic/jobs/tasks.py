"""What the queue does for itself every day: old answers and old jobs are forgotten."""

from __future__ import annotations

from datetime import timedelta

from fifteen.clinic.jobs.models import Answered, Job
from fifteen.clinic.jobs.registry import task
from fifteen.clinic.tenancy.clock import now

KEPT = timedelta(days=30)


@task("jobs.forget", every=timedelta(days=1))
def forget() -> None:
    """Forget answers to unsafe requests and jobs that are done, after thirty days. The dead stay."""
    before = now() - KEPT
    Answered.objects.filter(at__lt=before).delete()
    Job.objects.filter(state="done", ended__lt=before).delete()
