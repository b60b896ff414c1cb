"""Notes are fetched here only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Literal

import msgspec
from django.db.models import Count, Q, QuerySet

from fifteen.clinic.accounts.models import User
from fifteen.clinic.notes.models import Attestation, CoSignature, EnteredInError, Note, SignedVersion
from fifteen.clinic.notes.seal import content_of
from fifteen.clinic.people import access as people
from fifteen.clinic.people.models import Patient
from fifteen.clinic.tenancy.errors import NotFound
from fifteen.clinic.treatment.models import Visit

State = Literal["draft", "co-sign pending", "locked", "entered in error"]
"""Signed by everybody it waits for, a note is locked; so is one whose draft of an amendment is not sealed."""


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


def signed_of_visit(visit: Visit) -> QuerySet[Note]:
    """The signed notes of a visit, those entered in error left out."""
    found: QuerySet[Note] = Note.objects.filter(visit=visit).exclude(versions=None).exclude(id__in=_in_error())
    return found


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


def states(notes: Iterable[Note]) -> dict[str, State]:
    """In which state each of these notes is, in three queries."""
    found = {each.id: each for each in notes}
    wrong = set(_in_error().filter(note__in=list(found)))
    last = {note: rows[-1] for note, rows in versions_of(found.values()).items()}
    signed = CoSignature.objects.filter(version__in=[each.id for each in last.values()])
    second = set(signed.values_list("version", "by"))

    def state(note: Note) -> State:
        version = last.get(note.id)
        if version is None:
            return "draft"
        if note.id in wrong:
            return "entered in error"
        waits = note.cosigner_id not in (None, version.author)
        return "co-sign pending" if waits and (version.id, note.cosigner_id) not in second else "locked"

    return {id: state(note) for id, note in found.items()}


def state(found: Note) -> State:
    """In which state this note is."""
    return states([found])[found.id]


def versions_of(notes: Iterable[Note]) -> dict[str, list[SignedVersion]]:
    """The signed versions of these notes, oldest first, by note."""
    found: dict[str, list[SignedVersion]] = {}
    for each in SignedVersion.objects.filter(note__in=[each.id for each in notes]).order_by("note", "number"):
        found.setdefault(each.note_id, []).append(each)
    return found


def cosignature(version: SignedVersion, user: User) -> CoSignature | None:
    """This person's co-signature of a version."""
    found: CoSignature | None = CoSignature.objects.filter(version=version, by=user.id).first()
    return found


def cosignatures(versions: Iterable[str]) -> list[CoSignature]:
    """Everybody who co-signed the versions of these ids, in order."""
    return list(CoSignature.objects.filter(version__in=list(versions)).order_by("at", "id"))


def waiting_for(user: User) -> list[Note]:
    """The notes that wait for this person's co-signature, oldest first."""
    rows = list(Note.objects.filter(cosigner=user).select_related("patient").order_by("date", "id"))
    found = states(rows)
    return [each for each in rows if found[each.id] == "co-sign pending"]


def of_days(ids: Iterable[str], days: Iterable[date]) -> list[Note]:
    """The notes of these records' days, without those entered in error."""
    rows = Note.objects.filter(patient__in=list(ids), date__in=list(days)).exclude(id__in=_in_error())
    return list(rows.select_related("author", "episode", "visit__episode").order_by("made", "id"))


def signed_before(episodes: Iterable[str], day: date) -> list[Note]:
    """The signed notes of these episodes before a day, oldest first, without those entered in error."""
    rows = Note.objects.filter(episode__in=list(episodes), date__lt=day, versions__isnull=False)
    rows = rows.exclude(id__in=_in_error()).distinct()
    return list(rows.select_related("author", "episode", "visit__episode").order_by("date", "made", "id"))


def reports(episodes: Iterable[str]) -> dict[str, list[date]]:
    """The days of the signed progress reports of these episodes, by episode, without those entered in error."""
    rows = Note.objects.filter(episode__in=list(episodes), kind="progress-report", versions__isnull=False)
    found: dict[str, list[date]] = {}
    for of, day in rows.exclude(id__in=_in_error()).order_by("date").values_list("episode", "date").distinct():
        found.setdefault(of, []).append(day)
    return found


def attestations(notes: Iterable[Note]) -> list[Attestation]:
    """What was attested with these notes, oldest first."""
    return list(Attestation.objects.filter(note__in=[each.id for each in notes]).order_by("at", "id"))


def names(found: Reading) -> dict[str, str]:
    """The names of everybody who wrote, signed or marked this note, by their ids."""
    ids = {found.note.author_id, *(each.author for each, _ in found.versions), *(each.by for each in found.errors)}
    return dict(User.objects.filter(id__in=ids).values_list("id", "name"))
