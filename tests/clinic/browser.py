"""A clinic that runs: a server process over a home of its own, with an owner who is logged in, for browser tests.

A test takes the fixtures by importing them: `from tests.clinic.browser import browser, clinic_site, context, watched`.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.sync_api import BrowserContext

from tests.web.conftest import WATCH, Watched, browser, context, watched

__all__ = ["WATCH", "ClinicSite", "Watched", "browser", "clinic_site", "context", "served", "watched"]

PASSWORD = "three rivers under snow"
# Stands before each of the programs below: where a time is given, it is that time in every thread of theirs.
CLOCK = """
import os
from contextvars import ContextVar
from datetime import datetime
if os.environ.get("FIFTEEN_TEST_NOW"):
    from fifteen.clinic.tenancy import clock
    clock._set = ContextVar("now", default=datetime.fromisoformat(os.environ["FIFTEEN_TEST_NOW"]))
"""
# Runs in a process of its own, since the fixtures of pytest-django hold the database of this one.
MAKE = """
import json, sys
import django
django.setup()
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.db import transaction
from fifteen.clinic.accounts import break_glass, people_services, sessions
from fifteen.clinic.accounts.models import Authenticator, Session, User
from fifteen.clinic.notes.services import start_note, today
from fifteen.clinic.people.services import register
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.context import acting
from fifteen.clinic.tenancy.ids import new_id
from fifteen.clinic.tenancy.models import Organization

call_command("migrate", verbosity=0)
made = {}
with transaction.atomic():
    north = Organization(id=new_id(), slug="north", name="North", made=now())
    with acting(north.id):
        north.save(force_insert=True)
        password = make_password(sys.argv[1])
        for login, name, role, discipline in (
            ("olga", "Olga Ortiz", "owner", ""), ("ana", "Ana Alvarez", "therapist", "PT"),
            ("dev", "Dev Das", "front_desk", ""),
        ):
            user = User(login=login, name=name, role=role, discipline=discipline, password=password, made=now())
            user.save(force_insert=True)
            session, token = sessions.begin(user, mfa=True)
            made[login] = {"id": user.id, "token": token, "session": session.id}
        Authenticator(user_id=made["ana"]["id"], kind="totp", secret=b"x", made=now()).save(force_insert=True)
        ben, _ = people_services.invite("Benedikta Brook-Sommerfeld", "benedikta@example.org", "assistant", "OT")
        made["ben"] = {"id": ben.id, "token": "", "session": ""}
        gus = User(login="gus", name="Gus Gray", role="biller", password=password, active=False, made=now())
        gus.save(force_insert=True)
        made["gus"] = {"id": gus.id, "token": "", "session": ""}
        ana, dev = (User.objects.get(login=each) for each in ("ana", "dev"))
        patient = register("Robin Reed")
        note = start_note(patient, ana, today(), content={"text": "S: better."})
        break_glass.open_(dev, patient, "Fainted in the waiting room")
print(json.dumps({"organization": north.id, "people": made, "patient": patient.id, "note": note.id}))
"""
# One worker and a line when it listens, so that nothing has to be waited for.
SERVE = """
import sys
from gunicorn.app.base import BaseApplication

class Pages(BaseApplication):
    def load_config(self):
        for name, value in {
            "bind": f"127.0.0.1:{sys.argv[1]}", "worker_class": "gthread", "threads": 4, "loglevel": "error",
            "control_socket_disable": True, "when_ready": lambda server: print("ready", flush=True),
        }.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self):
        from fifteen.settings.wsgi import application
        return application

Pages().run()
"""


class Made(msgspec.Struct, frozen=True):
    """A person of the running clinic, and the cookie of a session with both proofs; empty where there is none."""

    id: str
    token: str
    session: str


class ClinicSite(msgspec.Struct, frozen=True):
    """The running clinic: its address without a path, its home, the environment of its processes, its people, and the
    ids of one patient, whose record dev broke the glass for, and of a note of theirs."""

    url: str
    home: Path
    environment: dict[str, str]
    organization: str
    people: dict[str, Made]
    patient: str
    note: str

    def log_in(self, context: BrowserContext, login: str = "olga") -> None:
        """Give the browser the cookie of this person."""
        cookie = {"name": "fifteen", "value": self.people[login].token, "url": self.url, "httpOnly": True}
        context.add_cookies([cookie])  # type: ignore[list-item]

    def run(self, script: str, *arguments: str) -> Any:
        """What a small script prints as JSON, run with Django set up over the data of this clinic."""
        return run(self.environment, script, *arguments)


def run(environment: dict[str, str], script: str, *arguments: str) -> Any:
    """What a small script prints as JSON, in a process of its own with this environment."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", CLOCK + script, *arguments],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout or "null")


@pytest.fixture(scope="module")
def clinic_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClinicSite]:
    with served(tmp_path_factory.mktemp("clinic")) as site:
        yield site


@contextmanager
def served(home: Path, at: str = "") -> Iterator[ClinicSite]:
    """A clinic over an empty home, served until the end; `at`: the instant that it always is there."""
    home.joinpath("clinic").mkdir()
    environment = surroundings(home, at)
    made = run(environment, MAKE, PASSWORD)
    with listening(environment) as url:
        people = {login: Made(**each) for login, each in made.pop("people").items()}
        yield ClinicSite(url, home, environment, people=people, **made)


def surroundings(home: Path, at: str, settings: str = "fifteen.settings.test") -> dict[str, str]:
    """The environment of the processes of a clinic, which know nothing of the one that tests them."""
    environment = {
        **os.environ, "FIFTEEN_HOME": str(home), "FIFTEEN_PLAIN_HTTP": "1", "FIFTEEN_TEST_NOW": at,
        "DJANGO_SETTINGS_MODULE": settings, "PYTHONPATH": str(Path(__file__).parents[2] / "src"),
    }  # fmt: skip
    environment.pop("FIFTEEN_DATABASE_URL", None)  # a browser test is of the pages: one SQLite file is enough
    environment.pop("FIFTEEN_KEYS", None)
    return environment


@contextmanager
def listening(environment: dict[str, str]) -> Iterator[str]:
    """The pages of a clinic that is there, served until the end: their address without a path."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", CLOCK + SERVE, str(port)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            assert server.stdout.readline() == "ready\n", "the server of the clinic ended before it was ready"
            yield f"http://localhost:{port}"
        finally:
            server.terminate()
