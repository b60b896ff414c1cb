"""What a chart page and a day cost beside an empty page of the same clinic, with few patients and with many.

All are served by the same worker with the same threads, asked in turn over kept connections by four clients who are
logged in. The clinic is one SQLite file of its own. One chart is full; the other patients have a payer, an episode and
a plan.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
FEW, MANY = 120, 20_000
CLIENTS, ROUNDS, EACH = 4, 5, 10
NAMES = {
    "an empty page": "/empty",
    "the list of patients": "/patients",
    "the list, later": "/patients?after={middle}",
    "a search": "/patients?q=maria",
    "an episode": "/patients/{patient}/episodes/{episode}",
    "a visit": "/visits/{visit}",
    "a day of a person": "/day?date={day}",
}
MAKE = """
import json, sys
import django
django.setup()
from datetime import timedelta
from django.core.management import call_command
from django.db import transaction
from fifteen.clinic.accounts import sessions
from fifteen.clinic.accounts.models import User
from fifteen.clinic.audit.record import Who, acting_as
from fifteen.clinic.payers.models import Payer
from fifteen.clinic.people.models import Coverage, Patient
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.context import acting
from fifteen.clinic.tenancy.ids import new_id
from fifteen.clinic.tenancy.models import Organization
from fifteen.clinic.treatment.models import Episode, Plan
from tests.clinic import chart_house

few, more = int(sys.argv[1]), int(sys.argv[2])
call_command("migrate", verbosity=0)
organization = Organization.objects.first()
with transaction.atomic():
    north = organization or Organization(id=new_id(), slug="north", name="North", made=now())
    with acting(north.id):
        made = {}
        if organization is None:
            north.save(force_insert=True)
            ana = User(login="ana", name="Ana Alvarez", role="therapist", discipline="PT", made=now())
            kai = User(login="kai", name="Kai Kent", role="assistant", discipline="PT", made=now())
            for each in (ana, kai):
                each.save(force_insert=True)
            made["token"] = sessions.begin(ana, mfa=True)[1]
            with acting_as(Who(actor=ana.id, role="therapist")):
                chart = chart_house.furnish(ana, kai, (now() - timedelta(hours=30)).date())
            made |= {"patient": chart.patient.id, "episode": chart.episode.id, "visit": chart.visit.id}
            made |= {"day": chart.visit.date.isoformat()}
        site = Episode.objects.first().site
        payer = Payer.objects.first()
        have = Patient.objects.count()
        rows = [
            Patient(name=f"Patient {number % 9973:05d} {number}", made=now()) for number in range(have, few + more)
        ]
        Patient.objects.bulk_create(rows, batch_size=500)
        Coverage.objects.bulk_create([Coverage(patient=each, payer=payer, made=now()) for each in rows], batch_size=500)
        day = now().date()
        episodes = [
            Episode(patient=each, discipline="PT", site=site, problem="Back", started=day, made=now()) for each in rows
        ]
        Episode.objects.bulk_create(episodes, batch_size=500)
        Plan.objects.bulk_create(
            [Plan(episode=each, starts=day, ends=day + timedelta(days=80), made=now()) for each in episodes],
            batch_size=500,
        )
        made["middle"] = Patient.objects.order_by("name", "id")[(few + more) // 2].id
print(json.dumps(made))
"""
SERVE = """
import os
from gunicorn.app.base import BaseApplication

class Pages(BaseApplication):
    def load_config(self):
        for name, value in {
            "bind": f"127.0.0.1:{os.environ['PORT']}", "workers": 1, "worker_class": "gthread", "threads": 8,
            "loglevel": "error", "control_socket_disable": True,
        }.items():
            self.cfg.set(name, value)

    def load(self):
        import logging
        from fifteen.settings.wsgi import application
        from django.http import HttpResponse
        from django.urls import path
        from fifteen.web.clinic import urls
        from fifteen.web.clinic.routes import needs
        empty = needs("sessions.own")(lambda request: HttpResponse("<!doctype html><title>Empty</title>"))
        urls.urlpatterns.append(path("empty", empty))
        logging.disable(logging.CRITICAL)
        return application

Pages().run()
"""


def _made(environment: dict[str, str], more: int) -> dict[str, str]:
    command = [sys.executable, "-c", MAKE, str(FEW), str(more)]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    found: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return found


@contextmanager
def served(environment: dict[str, str]) -> Iterator[int]:
    """The port of a server over this clinic."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with subprocess.Popen([sys.executable, "-c", SERVE], env={**environment, "PORT": str(port)}) as server:
        try:
            for _ in range(200):
                try:
                    http.client.HTTPConnection("localhost", port).request("GET", "/units")
                    break
                except OSError:
                    time.sleep(0.1)
            yield port
        finally:
            server.terminate()


def _ask(connection: http.client.HTTPConnection, path: str, token: str) -> float:
    start = time.perf_counter()
    headers = {"Host": "localhost", "Accept-Encoding": "gzip", "Cookie": f"fifteen={token}"}
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 200, f"{path}: {answer.status}"
    return time.perf_counter() - start


def _load(port: int, path: str, token: str) -> list[float]:
    """Seconds of each answer, with all clients asking at once."""
    found: list[float] = []

    def client() -> None:
        connection = http.client.HTTPConnection("localhost", port)
        found.extend(_ask(connection, path, token) for _ in range(EACH))

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return found


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def _measure(environment: dict[str, str], made: dict[str, str], patients: int) -> None:
    paths = {name: path.format(**made) for name, path in NAMES.items()}
    with served(environment) as port:
        for path in paths.values():
            _load(port, path, made["token"])  # warm
        times: dict[str, list[list[float]]] = {name: [] for name in paths}
        for _ in range(ROUNDS):
            for name, path in paths.items():
                times[name].append(_load(port, path, made["token"]))
    print(f"{patients} patients: p95 and median as a ratio to an empty page, {CLIENTS} clients at once")
    base = times["an empty page"]
    for name, rounds in times.items():
        high = statistics.median(_p95(each) / _p95(own) for each, own in zip(rounds, base, strict=True))
        middle = statistics.median(
            statistics.median(each) / statistics.median(own) for each, own in zip(rounds, base, strict=True)
        )
        print(f"p95 {high:6.2f}x  median {middle:6.2f}x  {name}")


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        Path(home, "clinic").mkdir()
        environment = {
            **os.environ, "FIFTEEN_HOME": home, "FIFTEEN_PLAIN_HTTP": "1",
            "DJANGO_SETTINGS_MODULE": "fifteen.settings.test", "PYTHONPATH": f"{ROOT}/src:{ROOT}",
        }  # fmt: skip
        environment.pop("FIFTEEN_DATABASE_URL", None)
        made = _made(environment, 0)
        _measure(environment, made, FEW)
        _measure(environment, made | _made(environment, MANY - FEW), MANY)


if __name__ == "__main__":
    main()
