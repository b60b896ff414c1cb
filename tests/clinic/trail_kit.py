"""A clinic with a trail and signed notes, and the roads past the triggers that only an attacker takes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from fifteen.clinic.accounts.models import User
from fifteen.clinic.audit import sealer
from fifteen.clinic.audit.models import Event
from fifteen.clinic.notes.models import Attestation, EnteredInError, Note, SignedVersion
from fifteen.clinic.people.models import Merge, Patient
from fifteen.clinic.tenancy import clock
from fifteen.clinic.tenancy.context import acting
from fifteen.clinic.tenancy.ids import first_id, new_id
from tests.clinic.conftest import NOON, as_organization

KEPT = ("audit_event", "audit_seal", "note_version", "note_in_error", "attestation", "patient_merge")
LATER = NOON + timedelta(days=1)


def event_id(minute: float) -> str:
    """An id made so many minutes after noon."""
    return first_id(int(NOON.timestamp() * 1000 + minute * 60_000))[:-16] + new_id()[-16:]


def event(organization: str, minute: float, **fields: Any) -> Event:
    given = {"action": "patients.read", "kind": "patient", "object": new_id(), "actor": new_id(), "detail": {"n": 1}}
    at = NOON + timedelta(minutes=minute)
    return Event(id=event_id(minute), organization_id=organization, at=at, **{**given, **fields})


def sign(note: Note, number: int, amends: SignedVersion | None = None) -> SignedVersion:
    """A signed version with its event, as the room of notes writes them."""
    content = json.dumps({"note": note.id, "text": f"Patient did {number} sets. ünd"})
    version = SignedVersion(
        note=note, number=number, amends=amends, reason="dose" if amends else "", content=content,
        digest=hashlib.sha256(content.encode()).hexdigest(), author=note.author_id, credential="PT", at=NOON,
    )  # fmt: skip
    version.save(force_insert=True)
    event(
        note.organization_id, 0, action="notes.sign", kind="note_version", object=version.id, actor=note.author_id,
        patient=note.patient_id,
    ).save(force_insert=True)  # fmt: skip
    return version


def fill(user: User, events: int = 12, notes: int = 3) -> None:
    """Patients, signed notes with one amendment, an error mark, an attestation, a merge, and events; all sealed."""
    with as_organization(user.organization_id):
        people = [Patient(name=f"P {each}", made=NOON) for each in range(2)]
        for each in people:
            each.save(force_insert=True)
        Note(patient=people[1], author=user, date=date(2026, 3, 2), made=NOON, changed=NOON).save(force_insert=True)
        for number in range(notes):
            note = Note(patient=people[0], author=user, date=date(2026, 3, 2), made=NOON, changed=NOON)
            note.save(force_insert=True)
            first = sign(note, 1)
            if number == 0:
                sign(note, 2, first)
        marks = (
            EnteredInError(note=note, reason="other patient", by=user.id, at=NOON),
            Attestation(note=note, kind="KX", line="97110", evidence="0" * 64, by=user.id, at=NOON),
            Merge(kept=people[0], other=people[1], reason="same person", by=user.id, at=NOON),
        )
        for mark in marks:
            mark.save(force_insert=True)
            kind = mark._meta.db_table
            event(user.organization_id, 0, action="marked", kind=kind, object=mark.id).save(force_insert=True)
        Event.everywhere.bulk_create([event(user.organization_id, 1 + each) for each in range(events)])
    sealer.seal(user.organization_id)


def execute(statement: str, values: list[Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or [])


def rows(statement: str, values: list[Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or [])
        return list(cursor.fetchall())


class _Back(Exception):
    pass


@contextmanager
def copy_without_triggers(organization: str) -> Iterator[None]:
    """What is done inside is done to a copy: everything can be changed, and nothing of it stays."""
    with suppress(_Back), transaction.atomic():
        with acting(organization), clock.at(LATER):
            if connection.vendor == "postgresql":
                execute("SET CONSTRAINTS ALL IMMEDIATE")
                for table in (*KEPT, "assessment", "interval", "score"):
                    execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            else:
                for (name,) in rows("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
                    execute(f"DROP TRIGGER {name}")
            yield
        raise _Back


@pytest.fixture
def marks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of checkpoints for this test alone."""
    monkeypatch.setenv("FIFTEEN_CHECKPOINTS", str(tmp_path / "checkpoints"))
    return tmp_path / "checkpoints"
