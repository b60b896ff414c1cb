"""What is written down: enough to find a fault, and nothing of a patient."""

from __future__ import annotations

import io
import json
import logging
import logging.config
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import path

from fifteen.clinic import vault
from fifteen.clinic.accounts.models import User
from fifteen.clinic.logs import JsonLines
from fifteen.web.clinic.routes import needs
from fifteen.web.clinic.urls import handler400, handler404, handler500  # noqa: F401
from fifteen.web.clinic.urls import urlpatterns as clinic_urls
from tests.clinic.conftest import Keyed, log_in

PATIENT = "Zebulon Quackenbush"
WORDS = "knee gave way at the swimming pool"


@needs("patients.read")
def broken(request: HttpRequest, name: str) -> HttpResponse:
    if name == "seal":
        vault.open_(b"", table="patient", column="identifier", row=name)
    raise ValueError(f"{PATIENT}: {request.POST.get('words', WORDS)}")


urlpatterns = [*clinic_urls, path("broken/<str:name>", broken, name="broken")]
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """All that is logged at the levels a clinic runs with, as a clinic writes it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    logging.getLogger().addHandler(handler)
    yield stream
    logging.getLogger().removeHandler(handler)


def read(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(each) for each in stream.getvalue().splitlines()]


def test_a_request_is_one_line(lines: io.StringIO, therapist: User) -> None:
    client = Keyed()
    log_in(client, therapist)
    response = client.get("/home?q=" + PATIENT)
    (line,) = read(lines)
    assert line.pop("at").endswith("+00:00")
    assert isinstance(line.pop("ms"), int)
    assert line == {
        "level": "info",
        "logger": "fifteen.web.request",
        "event": "request",
        "request": response.headers["X-Request-Id"],
        "route": "home",
        "status": 200,
        "organization": therapist.organization_id,
    }


def test_patient_text_stands_in_no_line(
    lines: io.StringIO, therapist: User, capsys: pytest.CaptureFixture[str]
) -> None:
    client = Keyed(raise_request_exception=False)
    log_in(client, therapist)
    strict = Keyed(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    asked = [
        client.get("/home", {"q": PATIENT}),
        client.get(f"/missing/{PATIENT}"),
        client.get("/units", {"row": WORDS, "on": PATIENT}),
        client.get("/units.json", {"on": WORDS}),
        client.get("/home", headers={"X-Poll": PATIENT, "User-Agent": WORDS, "Host": "localhost"}),
        client.get("/home", headers={"Host": f"{PATIENT}.example"}),
        client.post(f"/broken/{PATIENT}", {"words": WORDS}),
        client.post(f"/broken/{PATIENT}", WORDS, content_type="application/json"),
        client.post("/broken/x", b"\xff\xfe" + PATIENT.encode(), content_type="multipart/form-data; boundary=x"),
        strict.post(f"/broken/{PATIENT}", {"words": WORDS}),
    ]
    for name in ("", "fifteen.x", "django.db.backends", "django.request", "gunicorn.error"):
        logging.getLogger(name).error(f"{PATIENT} fell")
        logging.getLogger(name).error("%s fell", PATIENT, extra={"patient": PATIENT})
    try:
        raise ValueError(PATIENT)
    except ValueError:
        logging.getLogger("fifteen.x").exception("it.failed")
    written = lines.getvalue() + capsys.readouterr().err
    for word in (*PATIENT.split(), "swimming", "knee", "Quackenbush", therapist.name, therapist.login):
        assert word not in written
    found = read(lines)
    statuses = [each["status"] for each in found if each["logger"] == "fifteen.web.request"]
    assert statuses == [each.status_code for each in asked]
    assert {400, 403, 404, 500} <= set(statuses)


def test_an_error_is_found_by_its_class_and_line(lines: io.StringIO, therapist: User) -> None:
    client = Keyed(raise_request_exception=False)
    log_in(client, therapist)
    assert client.post("/broken/seal").status_code == 500
    (line,) = read(lines)
    assert (line["level"], line["route"], line["error"]) == ("error", "broken", "Sealed")
    assert line["where"].startswith("clinic/vault.py:")
