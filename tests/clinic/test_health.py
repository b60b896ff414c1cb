"""Whether it works, for who watches: yes or no to anyone, numbers only to this machine or for a token."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from fifteen.clinic.accounts.models import User
from fifteen.clinic.jobs import queue, worker
from fifteen.web.clinic import health
from tests.clinic.conftest import NOON, as_organization, log_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIFTEEN_HOME", str(tmp_path))
    monkeypatch.setattr(health, "_current", False)
    worker.beat(NOON)


def test_a_well_installation_says_so_and_nothing_else(client: Client) -> None:
    response = client.get("/health")
    assert (response.status_code, response.headers["Cache-Control"]) == (200, "no-store")
    assert response.json() == {"ok": True, "database": True, "migrations": True, "disk": True, "worker": True}
    assert client.post("/health").status_code == 405


@pytest.mark.parametrize("part", ["database", "migrations", "disk", "worker"])
def test_each_part_that_fails_is_said(client: Client, part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_database() -> Any:
        raise health.DatabaseError("host=10.0.0.1 password=secret")

    match part:
        case "database":
            monkeypatch.setattr(health.connection, "cursor", no_database)
        case "migrations":
            monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda *_: ["one"])
        case "disk":
            monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 9, 1))  # type: ignore[attr-defined]
        case _:
            worker.beat(NOON - worker.SILENT * 2)
    response = client.get("/health")
    assert response.status_code == 503
    assert response.json()[part] is False
    assert "secret" not in response.content.decode()


def test_metrics_count_by_route_and_status(client: Client, therapist: User) -> None:
    log_in(client, therapist)
    client.get("/home?q=Quackenbush")
    client.get("/Quackenbush")
    with as_organization(therapist.organization_id):
        queue.enqueue("test.task", {"name": "Quackenbush"})
    text = client.get("/metrics").content.decode()
    assert 'fifteen_requests_total{route="home",status="200"}' in text
    assert 'fifteen_request_milliseconds_total{route="none",status="404"}' in text
    assert 'fifteen_jobs{state="waiting"} 1\n' in text
    assert "Quackenbush" not in text
    assert therapist.organization_id not in text


def test_metrics_are_closed_to_other_machines_and_behind_a_proxy(
    client: Client, monkeypatch: pytest.MonkeyPatch, settings: LazySettings
) -> None:
    far = {"REMOTE_ADDR": "203.0.113.5"}
    assert client.get("/metrics", **far).status_code == 403
    assert client.get("/metrics", headers={"Authorization": "Bearer "}, **far).status_code == 403
    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.5"}).status_code == 403
    monkeypatch.setenv("FIFTEEN_METRICS_TOKEN", "t0ken")
    assert client.get("/metrics", headers={"Authorization": "Bearer t0ken"}, **far).status_code == 200
    assert client.get("/metrics", headers={"Authorization": "Bearer other"}, **far).status_code == 403
    settings.TRUSTED_PROXY = "127.0.0.1"
    assert client.get("/metrics").status_code == 403
