"""The queue: jobs are put in with what asked for them, taken by one worker at a time, and end done or dead."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from fifteen.clinic.jobs import access
from fifteen.clinic.jobs.models import Job
from fifteen.clinic.tenancy.clock import now

WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
"""How long after each failed try the next one waits."""

TRIES = len(WAITS) + 1
LOST = timedelta(minutes=10)  # a worker that took a job so long ago and has not ended it is gone


class Lost(RuntimeError):
    """The job was taken by another worker meanwhile; what was done for it is taken back."""


def enqueue(task: str, arguments: dict[str, Any] | None = None, due: datetime | None = None) -> Job:
    """Put a job in, in the caller's transaction: it is there if that ends well. Arguments are ids, no text."""
    job = Job(task=task, arguments=arguments or {}, due=due or now(), made=now())
    job.save(force_insert=True)
    return job


def take(at: datetime) -> Job | None:
    """The next job that is due, now running and this worker's; None where there is none.

    PostgreSQL skips what another worker holds; SQLite's transactions are IMMEDIATE, so there is one at a time.
    """
    while (job := access.next_due(at, at - LOST)) is not None:
        if job.state == "running":
            job.trouble = f"{job.task}: the worker ended in the middle"
        if job.tries >= TRIES:
            job.state, job.ended = "dead", at
            job.save(update_fields=["state", "ended", "trouble"])
            continue
        job.state, job.taken, job.tries = "running", at, job.tries + 1
        job.save(update_fields=["state", "taken", "tries", "trouble"])
        return job
    return None


def done(job: Job, at: datetime) -> None:
    """The job is done, in the transaction of what it did; `Lost` where it is not this worker's any more."""
    _change(job, state="done", ended=at, trouble="")


def failed(job: Job, error: BaseException, at: datetime) -> str:
    """Try again later, or never; the state it is in now. Of the error only its class is kept."""
    trouble = f"{job.task}: {type(error).__name__}"[:200]
    if job.tries < TRIES:
        _change(job, state="waiting", due=at + WAITS[job.tries - 1], trouble=trouble)
        return "waiting"
    _change(job, state="dead", ended=at, trouble=trouble)
    return "dead"


def _change(job: Job, **fields: Any) -> None:
    mine = Job.objects.filter(id=job.id, state="running", taken=job.taken, tries=job.tries)
    if not mine.update(**fields):
        raise Lost("the job was taken by another worker meanwhile")


def again(job: Job) -> None:
    """A dead job waits again, with all its tries."""
    job.state, job.tries, job.due, job.ended, job.taken = "waiting", 0, now(), None, None
    job.save(update_fields=["state", "tries", "due", "ended", "taken"])
