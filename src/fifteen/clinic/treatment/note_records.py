"""Rows of a note and its services as the engine's record `Note`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_args

import msgspec

from fifteen.clinic.notes import seal
from fifteen.clinic.notes.credentials import role_of
from fifteen.clinic.notes.models import CoSignature, SignedVersion
from fifteen.clinic.notes.models import Note as NoteRow
from fifteen.clinic.treatment.models import Exercise, Interval, Service
from fifteen.clinic.treatment.queries import Written
from fifteen.engine.documentation.note import KIND_NAMES, Note, NoteService
from fifteen.engine.people import Discipline

_FIELDS = {each.encode_name: each.type for each in msgspec.structs.fields(Note)}


class NoDiscipline(ValueError):
    """A note says no discipline, and neither its episode nor its author has one."""


def note_record(
    row: NoteRow, content: Any, *, versions: Iterable[SignedVersion] = (), cosigned: Iterable[CoSignature] = (),
    services: Iterable[dict[str, Any]] = (),
) -> Note:  # fmt: skip
    """The engine's note of a content: what it cannot read of it is left out. `services` stand in where it has none.

    Who signed, when, and of which kind and day it is come from the rows, never from the content.
    """
    given = content if isinstance(content, dict) else {"text": str(content or "")}
    signed = list(versions)
    last = signed[-1:]
    fields = {name: value for name, value in given.items() if _reads(name, value)}
    if not fields.get("services"):
        fields["services"] = list(services)
    fields |= {
        "date": row.date, "visit": row.visit_id,
        "kind": row.kind if row.kind in KIND_NAMES else fields.get("kind", "treatment"),
        "discipline": _discipline(row, fields),
        "signatures": [
            *(_signature(each.author, each.credential, each.at, "author") for each in last),
            *(_signature(each.by, each.credential, each.at, "co-signer") for each in cosigned),
        ],
    }  # fmt: skip
    if signed and "written" not in fields:
        fields["written"] = signed[0].at
    return msgspec.convert(fields, Note)


def unread(content: Any) -> list[str]:
    """The names of what a content holds and the engine's note cannot read."""
    return [name for name, value in content.items() if not _reads(name, value)] if isinstance(content, dict) else []


def of_written(found: Written, services: Iterable[dict[str, Any]] = ()) -> Note:
    """The note as it was signed last, with all who signed that; a draft as it stands."""
    if found.note.draft is not None or not found.versions:
        return note_record(found.note, found.note.draft, services=services)
    last = found.versions[-1]
    cosigned = [each for each in found.cosigned if each.version_id == last.id]
    return note_record(found.note, seal.content_of(last), versions=found.versions, cosigned=cosigned)


def services_as_noted(services: Iterable[Service], intervals: Iterable[Interval]) -> list[dict[str, Any]]:
    """Services with their exercises by the names of `NoteService`, each with the people whose time is recorded."""
    rows = list(intervals)
    corrected = {each.amends_id for each in rows}
    given: dict[str, dict[str, None]] = {}
    for row in rows:
        if row.id not in corrected and row.service:
            given.setdefault(row.service, {}).update((each.user_id, None) for each in row.people.all())
    return [_service(each, list(given.get(each.code, ()))) for each in services]


def _service(row: Service, people: list[str]) -> dict[str, Any]:
    found = {
        "code": row.code, "what": row.what, "skilled_reason": row.skilled_reason, "response": row.response,
        "progression": row.progression, "goals": row.goals, "people": people,
        "exercises": [_exercise(each) for each in row.exercises.all()],
    }  # fmt: skip
    return {name: value for name, value in found.items() if value}


def _exercise(row: Exercise) -> dict[str, Any]:
    own = {"name": row.name, "region": row.region, "side": row.side, "type": row.type}
    return {name: value for name, value in own.items() if value} | dict(row.dose)


def _signature(person: str, credential: str, at: Any, part: str) -> dict[str, Any]:
    return {"person": person, "role": role_of(credential), "credential": credential, "at": at, "part": part}


def _discipline(row: NoteRow, fields: dict[str, Any]) -> str:
    episode = row.episode or (row.visit.episode if row.visit is not None else None)
    known = (episode.discipline if episode is not None else "", fields.get("discipline", ""), row.author.discipline)
    for each in known:
        if each in get_args(Discipline):
            return str(each)
    raise NoDiscipline(row.id)


def _reads(name: str, value: Any) -> bool:
    if name not in _FIELDS:
        return False
    try:
        msgspec.convert(value, tuple[NoteService, ...] if name == "services" else _FIELDS[name])
    except msgspec.ValidationError:
        return False
    return True
