"""The worker: takes jobs and runs each in a transaction of its own that acts for the job's organization."""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta
from pathlib import Path

from django.db import DatabaseError, connection

from fifteen.clinic.audit.sealer import seal
from fifteen.clinic.jobs import access, queue, registry
from fifteen.clinic.jobs.models import Job
from fifteen.clinic.logs import error_of
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.keeper import organization_ids, within

PAUSE = 5.0  # seconds between two looks into the queue
SILENT = timedelta(minutes=2)  # a worker that said nothing for so long is gone
SEALING = timedelta(minutes=1)  # how long an event may wait for its seal
_sealed: datetime | None = None
_log = logging.getLogger("fifteen.jobs")


def run_due(at: datetime) -> int:
    """Run what is due, of every organization; how many jobs were tried."""
    return sum(_run_organization(organization, at) for organization in organization_ids())


def _run_organization(organization: str, at: datetime) -> int:
    count = 0
    with within(organization):
        _plan(at)
    while True:
        with within(organization):
            job = queue.take(at)
        if job is None:
            return count
        count += 1
        _run(organization, job, at)


def _plan(at: datetime) -> None:
    """Put in what runs by itself and whose time has come. Two workers may put it in twice; that harms nobody."""
    for task in registry.recurring():
        last = access.last_of(task.name)
        if last is None or (last.state in ("done", "dead") and task.every is not None and last.made + task.every <= at):
            queue.enqueue(task.name, due=at)


def _run(organization: str, job: Job, at: datetime) -> None:
    said = {"task": job.task, "job": job.id, "organization": organization}
    try:
        with within(organization):
            registry.find(job.task).run(**job.arguments)
            queue.done(job, at)
        _log.info("job.done", extra=said)
    except queue.Lost:
        _log.warning("job.lost", extra=said)
    except Exception as error:  # whatever a task does, the queue goes on
        try:
            with within(organization):
                state = queue.failed(job, error, at)
        except queue.Lost:
            state = "lost"
        _log.warning("job.failed", extra={**said, **error_of(error), "state": state})


def start_worker(stop: threading.Event) -> threading.Thread:
    """A thread that runs what is due until `stop` is set; it never keeps the process from ending."""
    thread = threading.Thread(target=_work, args=(stop,), name="fifteen-worker", daemon=True)
    thread.start()
    return thread


def seal_waiting(at: datetime) -> None:
    """Seal what waits in every trail, once a minute; not as a job, for a checkpoint must not run ahead of its rows."""
    global _sealed
    if _sealed is not None and at - _sealed < SEALING:
        return
    for organization in organization_ids():
        seal(organization)
    _sealed = at


def _work(stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            run_due(now())
            seal_waiting(now())
            beat(now())
        except Exception as error:  # a database that is away comes back; the worker must be there then
            _log.error("worker.failed", extra=error_of(error))
        finally:
            try:
                connection.close()
            except DatabaseError as error:
                _log.error("worker.failed", extra=error_of(error))
        stop.wait(PAUSE)


def _beat_path() -> Path | None:
    from fifteen.settings.home import home

    base = home()
    return None if base is None else base.joinpath("clinic", "worker.beat")


def beat(at: datetime) -> None:
    """Say that a worker is at work on this machine."""
    path = _beat_path()
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_text(at.isoformat(), "ascii")


def alive(at: datetime) -> bool:
    """Did a worker say so lately?"""
    path = _beat_path()
    try:
        said = datetime.fromisoformat(path.read_text("ascii")) if path is not None else None
    except (OSError, ValueError):
        return False
    return said is not None and at - said <= SILENT
