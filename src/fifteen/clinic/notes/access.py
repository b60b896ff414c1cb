"""Notes are fetched here only."""

from __future__ import annotations

from typing import Any

import msgspec
from django.db.models import Count, Q, QuerySet

from fifteen.clinic.accounts.models import User
from fifteen.clinic.notes.models import EnteredInError, Note, SignedVersion
from fifteen.clinic.notes.seal import content_of
from fifteen.clinic.people import access as people
from fifteen.clinic.people.models import Patient
from fifteen.clinic.tenancy.errors import NotFound


class Reading(msgspec.Struct, frozen=True):
    """A note as it is read: every version oldest first, its draft, whether it was entered in error, and that trail."""

    note: Note
    versions: list[tuple[SignedVersion, Any]]
    in_error: bool
    errors: list[EnteredInError]


def notes_of(patient: Patient, *, errors: bool = False) -> QuerySet[Note]:
    """The notes of a record and of all merged into it, newest day first; those entered in error only when asked for."""
    found: QuerySet[Note] = Note.objects.filter(patient__in=people.family(patient)).order_by("-date", "-id")
    return found if errors else found.exclude(id__in=_in_error())


def note(id: str) -> Note:
    """The note of this id; `NotFound` where this organization has none."""
    found = Note.objects.filter(id=id.replace("\0", "")).select_related("patient").first()
    if not isinstance(found, Note):
        raise NotFound("note")
    return found


def held(id: str) -> Note:
    """The same, held until the transaction ends: whoever else wants to change it waits."""
    found = Note.objects.select_for_update().filter(id=id).first()
    if not isinstance(found, Note):
        raise NotFound("note")
    return found


def version(id: str) -> SignedVersion:
    """The signed version of this id; `NotFound` where this organization has none."""
    found = SignedVersion.objects.filter(id=id.replace("\0", "")).select_related("note").first()
    if not isinstance(found, SignedVersion):
        raise NotFound("version")
    return found


def versions(found: Note) -> list[SignedVersion]:
    """Every signed version, oldest first."""
    return list(SignedVersion.objects.filter(note=found).select_related("note", "amends").order_by("number"))


def newest(found: Note) -> SignedVersion | None:
    """The version that holds now, if the note was signed."""
    rows = versions(found)
    return rows[-1] if rows else None


def in_error(found: Note) -> bool:
    """Was it entered in error, and that not withdrawn? Marks and withdrawals take turns, so that counting tells."""
    return found.id in set(_in_error().filter(note=found))


def reading(id: str) -> Reading:
    """All there is of one note."""
    found = note(id)
    return Reading(
        note=found,
        versions=[(each, content_of(each)) for each in versions(found)],
        in_error=in_error(found),
        errors=list(EnteredInError.objects.filter(note=found).order_by("at", "id")),
    )


def _in_error() -> QuerySet[Any, Any]:
    marked = Count("id", filter=Q(withdrawn=False)) - Count("id", filter=Q(withdrawn=True))
    rows: QuerySet[Any, Any] = (
        EnteredInError.objects.order_by().values("note").annotate(standing=marked).filter(standing__gt=0)
    )
    return rows.values_list("note", flat=True)


def names(found: Reading) -> dict[str, str]:
    """The names of everybody who wrote, signed or marked this note, by their ids."""
    ids = {found.note.author_id, *(each.author for each, _ in found.versions), *(each.by for each in found.errors)}
    return dict(User.objects.filter(id__in=ids).values_list("id", "name"))
