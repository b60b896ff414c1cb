"""What changes notes: drafts under a version, and signing, amending and marking, which only ever add."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from fifteen.clinic.accounts.matrix import matrix
from fifteen.clinic.accounts.models import User
from fifteen.clinic.audit.record import record
from fifteen.clinic.audit.sealer import seal_now
from fifteen.clinic.notes import access, seal
from fifteen.clinic.notes.credentials import credentials as credentials
from fifteen.clinic.notes.models import Attestation, CoSignature, EnteredInError, Note, SignedVersion
from fifteen.clinic.people import access as people
from fifteen.clinic.people.models import Patient
from fifteen.clinic.people.services import given
from fifteen.clinic.tenancy.access import sites
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.errors import Conflict, Refused
from fifteen.clinic.treatment import changes
from fifteen.clinic.treatment.models import Episode, Visit
from fifteen.clinic.treatment.record import note_services

OF_A_VISIT = ("treatment", "evaluation", "re-evaluation")
"""The kinds of note that say what was done in a visit: its services are signed with them."""


def start_note(
    patient: Patient, user: User, day: date, *, kind: str = "treatment", content: Any = None,
    visit: Visit | None = None, episode: Episode | None = None, cosigner: User | None = None,
) -> Note:  # fmt: skip
    """A new note with an empty draft; for a merged record it is to be started under the one that was kept.

    A note of a visit is of its episode, patient and day. `cosigner`: whose signature locks it after the author's.
    """
    if visit is None and patient.into_id is not None:
        raise Refused(_("This record is merged into another one; start the note there."))
    episode = visit.episode if visit is not None else episode
    _belongs(patient, day, visit, episode)
    if cosigner is not None and (cosigner.id == user.id or not may_cosign(cosigner)):
        raise Refused(_("A note is co-signed by another person, a therapist; choose one, or nobody."))
    at = now()
    draft = {"text": ""} if content is None else _storable(content)
    note = Note(
        patient=patient, author=user, kind=kind, date=day, draft=draft, visit=visit, episode=episode,
        cosigner=cosigner, made=at, changed=at,
    )  # fmt: skip
    note.save(force_insert=True)
    record("notes.start", at=at, kind="note", object=note.id, patient=patient.id)
    changes.day_changed(patient, day)
    return note


def _belongs(patient: Patient, day: date, visit: Visit | None, episode: Episode | None) -> None:
    mine = set(people.family(people.head(patient)))
    if episode is not None and episode.patient_id not in mine:
        raise Refused(_("This episode is of another patient; start the note from their chart."))
    if visit is not None and (visit.patient_id not in mine or visit.date != day):
        raise Refused(_("This visit is of another patient or day; start the note from the visit."))


def save_draft(note: Note, content: Any, version: int) -> Note:
    """Store a draft over the version that was seen; where another is there by now, `Conflict` with both texts."""
    stored = Note.objects.filter(id=note.id, version=version, draft__isnull=False).update(
        draft=_storable(content), version=version + 1, changed=now()
    )
    found = access.note(note.id)
    if not stored:
        raise Conflict(_standing(found), content, found.version)
    record("notes.draft", at=now(), kind="note", object=note.id, patient=note.patient_id, version=found.version)
    changes.day_changed(found.patient, found.date)
    return found


def move_drafts(visit: Visit) -> None:
    """What was not signed of a visit moves with it to its day."""
    for each in Note.objects.filter(visit=visit, versions=None).exclude(date=visit.date):
        Note.objects.filter(id=each.id).update(date=visit.date)
        record("notes.move", at=now(), kind="note", object=each.id, patient=each.patient_id, visit=visit.id)


def sign(note: Note, user: User | None, credential: str, version: int | None = None) -> SignedVersion:
    """Seal the draft as the next version. A note that is signed already stays so, and that version is the answer.

    The services and exercises of its visit go into what is sealed, so that it is whole by itself. `version` is the
    draft that was read before signing; where another is there by now, `Conflict`.
    """
    found = access.held(note.id)
    last = access.newest(found)
    if found.draft is None and last is not None:
        return last
    signer = _signer(found, user, credential)
    if version is not None and version != found.version:
        raise Conflict(found.draft, found.draft, found.version)
    content = _whole(found, found.draft)
    signed = _seal(found, signer, credential, content=content, number=1 if last is None else last.number + 1)
    Note.objects.filter(id=found.id).update(draft=None, version=found.version + 1, changed=now())
    record(
        "notes.sign", at=now(), kind="note_version", object=signed.id, patient=found.patient_id,
        note=found.id, number=signed.number, digest=signed.digest,
    )  # fmt: skip
    changes.day_changed(found.patient, found.date)
    seal_now()
    return signed


def amend(version: SignedVersion, content: Any, reason: str, user: User | None, credential: str) -> SignedVersion:
    """Seal a new version that names the one it amends; `Conflict` where somebody else amended that one first."""
    found = access.held(version.note_id)
    last = access.newest(found)
    if last is None or last.id != version.id:
        raise Conflict(_standing(found), content, found.version)
    signer = _signer(found, user, credential)
    signed = _seal(
        found, signer, credential, content=_storable(content), number=last.number + 1, amends=last, reason=given(reason)
    )
    record(
        "notes.amend", at=now(), kind="note_version", object=signed.id, patient=found.patient_id,
        note=found.id, number=signed.number, amends=last.id, digest=signed.digest,
    )  # fmt: skip
    changes.day_changed(found.patient, found.date)
    seal_now()
    return signed


def may_cosign(user: User) -> bool:
    """Only a therapist co-signs, and one who may sign."""
    return user.active and user.role == "therapist" and matrix().allows(user.role, "notes.sign")


def cosign(version: SignedVersion, user: User, credential: str) -> CoSignature:
    """Sign a version that another person wrote: with it the note is locked. Signed so already, that is the answer."""
    found = access.held(version.note_id)
    last = access.newest(found)
    if last is None or last.id != version.id:
        raise Conflict(_standing(found), seal.content_of(version), found.version)
    before = access.cosignature(last, user)
    if before is not None:
        return before
    if user.id in (last.author, found.author_id):
        raise Refused(_("The author of a note does not co-sign it; another therapist has to."))
    if not may_cosign(user):
        raise Refused(_("Your role may not co-sign notes; a therapist has to."))
    if found.cosigner_id is None or found.cosigner_id != user.id:
        raise Refused(_("This note does not wait for your co-signature; its author names who co-signs."))
    if credential not in credentials(user):
        raise Refused(_("The credential is missing, or is not one of your role and discipline; choose another."))
    if access.in_error(found):
        raise Refused(_("This note was entered in error; take that back before it is co-signed."))
    row = CoSignature(version=last, digest=last.digest, by=user.id, credential=credential, at=now())
    row.save(force_insert=True)
    record(
        "notes.cosign", at=now(), kind="note_cosigned", object=row.id, patient=found.patient_id, note=found.id,
        number=last.number, digest=last.digest,
    )  # fmt: skip
    changes.day_changed(found.patient, found.date)
    seal_now()
    return row


def entered_in_error(note: Note, reason: str, user: User) -> None:
    """Mark a signed note as entered in error: hidden by default, never gone. Marked already, nothing happens."""
    found = access.held(note.id)
    if access.newest(found) is None:
        raise Refused(_("Only a signed note can be entered in error; a draft is corrected by writing it anew."))
    if not access.in_error(found):
        _mark(found, reason, user, withdrawn=False)


def withdraw(note: Note, reason: str, user: User) -> None:
    """Take back that a note was entered in error; both stay in its trail."""
    found = access.held(note.id)
    if found.visit is not None and found.visit.date != found.date:
        raise Refused(_("The visit of this note was moved to another day since; write a note of that day instead."))
    if access.in_error(found):
        _mark(found, reason, user, withdrawn=True)


def attest(note: Note, user: User, *, kind: str, line: str, evidence: str, ground: str = "") -> Attestation:
    """That a person attested something after seeing the evidence of this digest; it only adds.

    `ground`: why two services were distinct all the same, where the record does not show it.
    """
    said = given(ground) if ground.strip() else None
    row = Attestation(note=note, kind=kind, line=line, evidence=evidence, ground=said, by=user.id, at=now())
    row.save(force_insert=True)
    record(
        "notes.attest", at=now(), kind="attestation", object=row.id, patient=note.patient_id, note=note.id,
        attested=kind, line=line,
    )  # fmt: skip
    changes.day_changed(note.patient, note.date)
    return row


def today() -> date:
    """The latest day it is at any site of the organization; in UTC where it has none."""
    at = now()
    return max((at.astimezone(ZoneInfo(site.zone)).date() for site in sites()), default=at.astimezone(UTC).date())


def _signer(note: Note, user: User | None, credential: str) -> User:
    """Who signs, where nothing that a signature needs is missing or not allowed; there are no other refusals."""
    if user is None or not user.active:
        raise Refused(_("The note has no author who works here; log in as the person who signs it."))
    if not matrix().allows(user.role, "notes.sign"):
        raise Refused(_("Your role may not sign notes; a therapist or an assistant has to sign it."))
    if credential not in credentials(user):
        raise Refused(_("The credential is missing, or is not one of your role and discipline; choose another."))
    if not note.patient.name.strip():
        raise Refused(_("The patient of this note has no name; write it into the patient's record first."))
    if note.date > today():
        raise Refused(_("The day of this note has not come yet; sign it on that day."))
    return user


def _seal(
    note: Note, user: User, credential: str, *, content: Any, number: int,
    amends: SignedVersion | None = None, reason: str = "",
) -> SignedVersion:  # fmt: skip
    version = SignedVersion(
        note=note, number=number, amends=amends, reason=reason, author=user.id, credential=credential, at=now()
    )
    seal.sealed(version, note, content).save(force_insert=True)
    return version


def _mark(note: Note, reason: str, user: User, *, withdrawn: bool) -> None:
    row = EnteredInError(note=note, reason=given(reason), withdrawn=withdrawn, by=user.id, at=now())
    row.save(force_insert=True)
    action = "notes.error.withdraw" if withdrawn else "notes.error"
    record(action, at=now(), kind="note_in_error", object=row.id, patient=note.patient_id, note=note.id)
    changes.day_changed(note.patient, note.date)


def _whole(note: Note, content: Any) -> Any:
    """The content with the services of its visit as they stand now; one without visit is whole as it is."""
    if note.visit is None or note.kind not in OF_A_VISIT or not isinstance(content, dict):
        return content
    services = note_services(note.visit)
    return _storable({**content, "services": services}) if services else content


def _standing(note: Note) -> Any:
    """What stands in a note now: its draft, else what was signed last."""
    last = access.newest(note)
    return note.draft if note.draft is not None or last is None else seal.content_of(last)


def _storable(content: Any) -> Any:
    seal.canonical(content)  # a `ValueError` now and not when it is signed
    if any("\0" in text for text in _texts(content)):
        raise Refused(_("The text holds a character that cannot be stored (NUL); take it out and save again."))
    return content


def _texts(content: Any) -> Iterator[str]:
    """Every text in a content, names of fields too."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, dict):
        for pair in content.items():
            yield from _texts(list(pair))
    elif isinstance(content, list):
        for each in content:
            yield from _texts(each)
