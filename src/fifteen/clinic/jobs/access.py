"""Jobs are fetched here only, for the organization acted for."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Q, QuerySet

from fifteen.clinic.jobs.models import Job

STATES = ("waiting", "running", "done", "dead")


def in_state(state: str) -> QuerySet[Job]:
    """The jobs of this state, the next ones first."""
    return Job.objects.filter(state=state).order_by("due", "id")


def dead(job: str) -> Job | None:
    """The dead job of this id."""
    return Job.objects.select_for_update().filter(id=job, state="dead").first()


def next_due(at: datetime, lost: datetime) -> Job | None:
    """The next job to take, held until the transaction ends; one taken before `lost` has no worker any more."""
    ready = Q(state="waiting", due__lte=at) | Q(state="running", taken__lt=lost)
    return Job.objects.select_for_update(skip_locked=True).filter(ready).order_by("due", "id").first()


def last_of(task: str) -> Job | None:
    """The job of this task that was made last."""
    return Job.objects.filter(task=task).order_by("-made", "-id").first()


def counts() -> dict[str, int]:
    """How many jobs stand in each state."""
    found = dict(Job.objects.values_list("state").annotate(Count("id")))
    return {state: found.get(state, 0) for state in STATES}
