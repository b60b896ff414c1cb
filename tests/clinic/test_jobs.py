"""Work to do later: done once, tried again, and dead in the end where somebody sees it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from fifteen.clinic.accounts.models import Session, User
from fifteen.clinic.audit.models import Event
from fifteen.clinic.jobs import access, queue, registry, worker
from fifteen.clinic.jobs.models import Answered, Job
from fifteen.clinic.people.models import Patient
from fifteen.clinic.tenancy import clock, keeper
from fifteen.clinic.tenancy.models import Organization
from tests.clinic.conftest import NOON, as_organization, log_in, make_organization, make_user
from tests.clinic.disk import on_disk

pytestmark = pytest.mark.django_db
PATIENT = "Zebulon Quackenbush"
Register = Callable[[Callable[..., Any]], None]


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> dict[str, registry.Task]:
    """Only the tasks of the test."""
    tasks: dict[str, registry.Task] = {}
    monkeypatch.setattr(registry, "_tasks", tasks)
    return tasks


@pytest.fixture
def task() -> Register:
    return registry.task("test.task")


def put(organization: Organization, name: str = "test.task", /, **arguments: Any) -> Job:
    with as_organization(organization.id):
        return queue.enqueue(name, arguments)


def held(job: Job) -> Job:
    with as_organization(job.organization_id):
        return Job.objects.get(id=job.id)


def at(**after: int) -> datetime:
    return NOON + timedelta(**after)


def add_patient(name: str) -> None:
    Patient(name=name, made=NOON).save(force_insert=True)


def patients(organization: Organization) -> int:
    with as_organization(organization.id):
        return Patient.objects.count()


def broken(name: str) -> None:
    add_patient(name)
    raise ValueError(f"{PATIENT} has no leg")


def test_a_job_runs_once_for_its_organization(north: Organization, south: Organization, task: Register) -> None:
    task(add_patient)
    job = put(north, name="Pat")
    assert worker.run_due(NOON) == 1
    assert worker.run_due(NOON) == 0
    assert (held(job).state, held(job).tries, held(job).ended) == ("done", 1, NOON)
    assert (patients(north), patients(south)) == (1, 0)


def test_a_job_is_not_there_where_its_transaction_failed(north: Organization, task: Register) -> None:
    task(add_patient)

    def ask() -> None:
        with transaction.atomic():
            put(north, name="Pat")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        ask()
    assert worker.run_due(NOON) == 0


def test_a_job_waits_until_it_is_due(north: Organization, task: Register) -> None:
    task(add_patient)
    with as_organization(north.id):
        queue.enqueue("test.task", {"name": "Pat"}, at(hours=1))
    assert [worker.run_due(at(minutes=each)) for each in (0, 59, 60)] == [0, 0, 1]


def test_five_tries_with_growing_waits_then_dead_and_nothing_of_them_stays(
    north: Organization, task: Register, caplog: pytest.LogCaptureFixture
) -> None:
    task(broken)
    job, moment = put(north, name="Pat"), NOON
    assert list(queue.WAITS) == sorted(set(queue.WAITS))
    for wait in queue.WAITS:
        assert worker.run_due(moment) == 1
        assert (held(job).state, held(job).due) == ("waiting", moment + wait)
        assert worker.run_due(moment + wait - timedelta(seconds=1)) == 0
        moment += wait
    assert worker.run_due(moment) == 1
    assert (held(job).state, held(job).tries, held(job).ended) == ("dead", queue.TRIES, moment)
    assert held(job).trouble == "test.task: ValueError"
    assert worker.run_due(moment + timedelta(days=9)) == 0
    assert patients(north) == 0
    assert PATIENT not in caplog.text + str([each.__dict__ for each in caplog.records])
    assert [each.msg for each in caplog.records] == ["job.failed"] * 5


def test_an_unknown_task_is_trouble_and_holds_up_nothing(north: Organization, task: Register) -> None:
    task(add_patient)
    job = put(north, "gone.task")
    put(north, name="Pat")
    assert worker.run_due(NOON) == 2
    assert (held(job).state, held(job).trouble) == ("waiting", "gone.task: UnknownTask")
    assert patients(north) == 1


def test_what_a_dead_worker_held_is_taken_again_after_ten_minutes(north: Organization, task: Register) -> None:
    task(add_patient)
    job = put(north, name="Pat")
    with as_organization(north.id):
        assert queue.take(NOON) is not None
    assert worker.run_due(at(minutes=10)) == 0
    assert worker.run_due(at(minutes=10, seconds=1)) == 1
    assert (held(job).state, held(job).tries, patients(north)) == ("done", 2, 1)


def test_a_job_whose_workers_die_each_time_is_dead_in_the_end(north: Organization, task: Register) -> None:
    task(add_patient)
    job = put(north, name="Pat")
    for number in range(queue.TRIES):
        with as_organization(north.id):
            assert queue.take(at(hours=number)) is not None
    assert worker.run_due(at(hours=9)) == 0
    assert (held(job).state, held(job).trouble) == ("dead", "test.task: the worker ended in the middle")


def test_a_worker_that_was_too_slow_leaves_nothing_behind(north: Organization, task: Register) -> None:
    def slow(name: str) -> None:
        add_patient(name)
        Job.objects.update(taken=at(minutes=11), tries=2)  # as the other worker does that takes it meanwhile

    task(slow)
    job = put(north, name="Pat")
    with as_organization(north.id):
        mine = queue.take(NOON)
        assert mine is not None

    def finish(mine: Job) -> None:
        with as_organization(north.id):
            registry.find("test.task").run(**mine.arguments)
            queue.done(mine, NOON)

    with pytest.raises(queue.Lost):
        finish(mine)
    assert (held(job).state, patients(north)) == ("running", 0)


@pytest.mark.parametrize(("jobs", "workers"), [(12, 3), pytest.param(400, 8, marks=pytest.mark.nightly)])
def test_many_workers_run_each_job_once(tmp_path: Path, task: Register, jobs: int, workers: int) -> None:
    task(add_patient)
    errors: list[BaseException] = []

    def work() -> None:
        try:
            worker.run_due(NOON)
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    if connection.vendor == "sqlite":
        workers = 2  # more of them starve each other there: "database is locked" after the ten seconds of settings

    with on_disk(tmp_path):
        north = make_organization()
        for number in range(jobs):
            put(north, name=f"P{number}")
        threads = [threading.Thread(target=work) for _ in range(workers)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        assert errors == []
        with as_organization(north.id):
            assert access.counts() == {"waiting": 0, "running": 0, "done": jobs, "dead": 0}
            assert sorted(Patient.objects.values_list("name", flat=True)) == sorted(f"P{n}" for n in range(jobs))
            assert set(Job.objects.values_list("tries", flat=True)) == {1}


def test_what_runs_by_itself_is_put_in_once_a_day(north: Organization, south: Organization) -> None:
    ran: list[str] = []
    registry.task("daily", every=timedelta(days=1))(lambda: ran.append("x"))
    for hours, count in ((0, 2), (1, 2), (23, 2), (24, 4)):
        with clock.at(at(hours=hours)):
            worker.run_due(at(hours=hours))
        assert len(ran) == count
    with pytest.raises(ValueError, match="two tasks are called 'daily'"):
        registry.task("daily")(add_patient)


def test_old_answers_jobs_and_sessions_are_seen_to(client: Client, therapist: User) -> None:
    from fifteen.clinic.accounts.tasks import end_old_sessions
    from fifteen.clinic.jobs.tasks import forget

    session = log_in(client, therapist)
    with as_organization(therapist.organization_id):
        for days in (0, 29, 31):
            when = at(days=-days)
            Answered(key=str(days), actor="a", asked="b", status=200, body=b"", at=when).save()
            for state in ("done", "dead"):
                Job(task=f"{state}{days}", state=state, due=when, made=when, ended=when).save()
        forget()
        assert set(Answered.objects.values_list("key", flat=True)) == {"0", "29"}
        assert set(Job.objects.values_list("task", flat=True)) == {"done0", "done29", "dead0", "dead29", "dead31"}
        end_old_sessions()
        assert Session.objects.get(id=session.id).ended is None
        with clock.at(at(hours=12, seconds=1)):
            end_old_sessions()
        assert Session.objects.get(id=session.id).ended == session.ends


def test_the_worker_ends_when_it_is_told_and_says_that_it_lives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIFTEEN_HOME", str(tmp_path))
    stop = threading.Event()
    monkeypatch.setattr(worker, "run_due", lambda at: stop.set())
    monkeypatch.setattr(worker, "seal_waiting", lambda at: None)
    assert not worker.alive(clock.now())
    worker.start_worker(stop).join()
    with clock.at(datetime.now(NOON.tzinfo)):
        assert worker.alive(clock.now())
        assert not worker.alive(clock.now() + worker.SILENT + timedelta(seconds=1))


def test_only_the_ids_of_organizations_are_seen_by_the_keeper(north: Organization, south: Organization) -> None:
    assert keeper.organization_ids() == sorted([north.id, south.id])
    if connection.vendor == "postgresql":
        with transaction.atomic():
            assert not Organization.objects.exists()


# The page


@pytest.fixture
def dead(north: Organization) -> Job:
    job = put(north, name="Pat")
    with as_organization(north.id):
        Job.objects.update(state="dead", tries=5, ended=NOON, trouble="test.task: ValueError")
    return job


def test_the_page_shows_what_waits_and_what_failed(client: Client, owner: User, dead: Job, south: Organization) -> None:
    put(south, "of.another")
    log_in(client, owner)
    text = client.get("/jobs").content.decode()
    assert "test.task: ValueError" in text
    assert "Try again" in text
    assert "of.another" not in text


def test_an_owner_tries_again_and_the_trail_says_so(client: Client, owner: User, dead: Job) -> None:
    log_in(client, owner)
    assert client.post(f"/jobs/{dead.id}/again").headers["Location"] == "/jobs"
    assert (held(dead).state, held(dead).tries, held(dead).due) == ("waiting", 0, NOON)
    with as_organization(owner.organization_id):
        assert Event.objects.get(action="jobs.again").object == dead.id
    assert client.post(f"/jobs/{dead.id}/again").status_code == 404


def test_who_may_not_cannot(client: Client, north: Organization, south: Organization, dead: Job) -> None:
    log_in(client, make_user(north, "tea", "therapist"))
    assert client.get("/jobs").status_code == 403
    log_in(client, make_user(north, "bo", "biller"))
    assert "Try again" not in client.get("/jobs").content.decode()
    assert client.post(f"/jobs/{dead.id}/again").status_code == 403
    log_in(client, make_user(south, "sue", "owner"))
    assert client.post(f"/jobs/{dead.id}/again").status_code == 404
    assert held(dead).state == "dead"


def test_what_waits_is_sealed_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not as a job: a checkpoint that is written before its rows are committed would cry of a cut trail."""
    sealed: list[str] = []
    monkeypatch.setattr(worker, "organization_ids", lambda: ["north", "south"])
    monkeypatch.setattr(worker, "seal", sealed.append)
    monkeypatch.setattr(worker, "_sealed", None)
    for seconds in (0, 30, 59, 60, 90):
        worker.seal_waiting(NOON + timedelta(seconds=seconds))
    assert sealed == ["north", "south"] * 2
