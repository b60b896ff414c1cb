"""Two owners at the same instant, each in a connection of their own, over a database made for this."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# A process of its own: the trail only grows, so what is committed could not be taken out of pytest's database again.
SCRIPT = """
import json
import django
django.setup()
from threading import Barrier, Thread
from django.core.management import call_command
from django.db import connection, transaction
from fifteen.clinic.accounts import access, people_services
from fifteen.clinic.accounts.models import User
from fifteen.clinic.audit.models import Event
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.context import acting
from fifteen.clinic.tenancy.ids import new_id
from fifteen.clinic.tenancy.models import Organization

call_command("migrate", verbosity=0)
found = []
for number in range(5):
    twin = Organization(id=new_id(), slug=f"twin{number}", name="Twin", made=now())
    with transaction.atomic(), acting(twin.id):
        twin.save(force_insert=True)
        owners = [User(login=name, name=name, role="owner", password="x", made=now()) for name in ("olga", "oskar")]
        for each in owners:
            each.save(force_insert=True)
    gate, said = Barrier(2, timeout=60), []

    def switch_off(user):
        try:
            with transaction.atomic(), acting(twin.id):
                people_services.switch_off(user, 1)
            said.append("off")
        except people_services.Refused as refused:
            said.append(refused.reason)
        finally:
            connection.close()

    def run(user):
        gate.wait()
        switch_off(user)

    threads = [Thread(target=run, args=(each,)) for each in owners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with transaction.atomic(), acting(twin.id):
        found.append([*sorted(said), access.owners_ready(), Event.objects.count()])
print(json.dumps(found))
"""


@pytest.fixture
def own_database(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a database that only this test writes into."""
    tmp_path.joinpath("clinic").mkdir()
    environment = {**os.environ, "FIFTEEN_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "fifteen.settings.test"}
    url = environment.get("FIFTEEN_DATABASE_URL")
    if not url:
        yield environment
        return
    import psycopg

    with psycopg.connect(url, autocommit=True) as link:
        link.execute("CREATE DATABASE at_once")
        environment["FIFTEEN_DATABASE_URL"] = url.replace("/fifteen?", "/at_once?")
        yield environment
        link.execute("DROP DATABASE at_once")


def test_two_owners_who_switch_each_other_off_leave_one(own_database: dict[str, str]) -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=own_database, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [["last_owner", "off", 1, 1]] * 5
