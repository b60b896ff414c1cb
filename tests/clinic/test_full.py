"""A disk that is full, and the n-th write failing: a plain page, nothing half stored, and it works again afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from fifteen.clinic.accounts.models import User
from fifteen.clinic.audit.models import Event
from fifteen.clinic.audit.record import record
from fifteen.clinic.jobs.models import Job
from fifteen.clinic.notes.models import Attestation, Note, SignedVersion
from fifteen.clinic.people.models import Patient
from fifteen.clinic.tenancy import clock
from fifteen.web.clinic.full import is_full
from fifteen.web.clinic.routes import needs
from fifteen.web.clinic.urls import urlpatterns as clinic_urls
from tests.clinic.conftest import Keyed, as_organization, log_in, make_organization, make_user
from tests.clinic.disk import on_disk

ROWS = (Patient, Note, SignedVersion, Attestation, Event, Job)
_big = {"characters": 10}


@needs("patients.read")
def sign(request: HttpRequest) -> HttpResponse:
    """As signing does: a note, its version, its attestation, its event and a job, in the request's transaction."""
    at, user = clock.now(), request.user_row  # type: ignore[attr-defined]
    patient = Patient(name="Pat", made=at)
    patient.save(force_insert=True)
    note = Note(patient=patient, author=user, date=at.date(), made=at, changed=at)
    note.save(force_insert=True)
    SignedVersion(
        note=note, number=1, content="x" * _big["characters"], digest="d", author=user.id, credential="PT", at=at
    ).save(force_insert=True)
    Attestation(note=note, kind="59", line="1", evidence="d", by=user.id, at=at).save(force_insert=True)
    record("notes.sign", at=at, kind="note", object=note.id)
    Job(task="t", due=at, made=at).save(force_insert=True)
    return HttpResponse("signed")


urlpatterns = [*clinic_urls, path("sign-all", sign, name="sign-all")]
handler500 = "fifteen.web.clinic.full.failed"
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def stored(user: User) -> list[int]:
    with as_organization(user.organization_id):
        return [each.objects.count() for each in ROWS]


@contextmanager
def failing_at(number: int, error: Callable[[], Exception]) -> Iterator[list[str]]:
    """The `number`-th statement that writes fails; which have been written before."""
    written: list[str] = []

    def wrapper(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith(("INSERT", "UPDATE", "DELETE")):
            if len(written) == number:
                raise error()
            written.append(sql.split()[2])
        return execute(sql, *rest)

    with connection.execute_wrapper(wrapper):
        yield written


def sqlite_full() -> Exception:
    return OperationalError("database or disk is full")


def sqlite_broken() -> Exception:
    return OperationalError("disk I/O error")


def postgres_full() -> Exception:
    error = OperationalError("could not extend file: No space left on device")
    error.__cause__ = psycopg.errors.DiskFull("could not extend file: No space left on device")
    return error


@pytest.mark.parametrize("error", [sqlite_full, sqlite_broken, postgres_full])
def test_whichever_write_fails_nothing_is_half_stored(therapist: User, error: Callable[[], Exception]) -> None:
    client = Keyed(raise_request_exception=False)
    log_in(client, therapist)
    before, number = stored(therapist), 0
    while True:
        with failing_at(number, error) as written:
            response = client.post("/sign-all")
        if response.status_code == 200:
            break
        assert response.status_code == 507
        text = response.content.decode()
        assert "There is no room left to store this" in text
        assert "Nothing of this was stored" in text
        assert "No space left" not in text
        assert response.headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        assert stored(therapist) == before
        number += 1
    assert number == len(written)
    assert {'"note_version"', '"attestation"', '"audit_event"'} <= set(written)
    assert stored(therapist) == [each + 1 for each in before]


def test_another_error_is_no_full_disk(therapist: User) -> None:
    client = Keyed(raise_request_exception=False)
    log_in(client, therapist)
    with failing_at(0, lambda: OperationalError("database is locked")):
        assert client.post("/sign-all").status_code == 500
    assert not is_full(None)
    assert not is_full(ValueError("database or disk is full"))
    assert is_full(OSError(28, "No space left on device"))


def test_a_database_that_may_not_grow_says_so_and_goes_on_when_it_may(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite can be given so many pages and no more; the n-th write fails on both")
    with on_disk(tmp_path):
        user = make_user(make_organization())
        client = Keyed(raise_request_exception=False)
        log_in(client, user)
        token = client.cookies[settings.SESSION_COOKIE].value
        assert client.post("/sign-all").status_code == 200
        before = stored(user)
        with connection.cursor() as cursor:
            pages = cursor.execute("PRAGMA page_count").fetchone()[0]
            cursor.execute(f"PRAGMA max_page_count={pages + 3}")
        monkeypatch.setitem(_big, "characters", 1_000_000)  # more than the pages that are free
        for _ in range(3):
            assert client.post("/sign-all").status_code == 507
            assert stored(user) == before
        assert client.get("/home").status_code == 200
        with connection.cursor() as cursor:
            assert cursor.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            cursor.execute("PRAGMA max_page_count=1000000")
        assert client.cookies[settings.SESSION_COOKIE].value == token
        assert client.post("/sign-all").status_code == 200
        assert stored(user) == [each + 1 for each in before]
