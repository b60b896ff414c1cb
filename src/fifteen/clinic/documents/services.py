"""What changes documents: filing one with its file, marking one as wrongly filed, and putting row and file in step."""

from __future__ import annotations

from datetime import date
from typing import BinaryIO

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fifteen.clinic import vault
from fifteen.clinic.accounts.models import User
from fifteen.clinic.audit.record import record
from fifteen.clinic.documents import access, files, kinds
from fifteen.clinic.documents.models import Document, DocumentHidden
from fifteen.clinic.notes.services import today
from fifteen.clinic.people import access as people
from fifteen.clinic.people.models import Patient
from fifteen.clinic.people.services import EARLIEST, given
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.context import current
from fifteen.clinic.tenancy.errors import Refused
from fifteen.clinic.tenancy.models import Organization
from fifteen.clinic.treatment import access as treatment
from fifteen.clinic.treatment.models import Episode, Plan
from fifteen.clinic.treatment.services import certify, void_certification

KINDS = {
    "plan": gettext_lazy("Signed plan of care"),
    "referral": gettext_lazy("Referral or order"),
    "authorization": gettext_lazy("Authorization"),
    "insurance": gettext_lazy("Insurance card"),
    "identity": gettext_lazy("Proof of identity"),
    "consent": gettext_lazy("Signed consent"),
    "outside": gettext_lazy("Record from elsewhere"),
    "letter": gettext_lazy("Letter"),
    "other": gettext_lazy("Other"),
}
"""What a document is to the clinic: a person says so."""

ABANDONED = 3_600  # seconds after which a `.part` without a row is of no transaction any more


class NoRoom(Refused):
    """There is no room for another file: the organization's share is used up, or the disk nearly is."""


def add(
    patient: Patient, file: BinaryIO, size: int, user: User, *, kind: str, title: str = "", signer: str = "",
    signed: date | None = None, received: date | None = None, plan: Plan | None = None, episode: Episode | None = None,
) -> Document:  # fmt: skip
    """File a document; the bytes are looked at first, and are on the disk before the row is.

    A signed plan that names its plan of care certifies it: the step stands in the same transaction.
    """
    if patient.into_id is not None:
        raise Refused(_("This record is merged into another one; file the document there."))
    media = kinds.media_of(file, _small_enough(size))
    row = Document(
        patient=patient, plan=plan, episode=episode or (plan.episode if plan else None), kind=_kind(kind),
        title=_line(title, 120) or str(KINDS[kind]), media=media, signer=_line(signer, 120), signed=_past(signed),
        received=_past(received) or today(), by=user.id, at=now(),
    )  # fmt: skip
    _of_patient(row, patient)
    mend()
    _room_for(size)
    try:
        written = files.write(row.id, file)
        row.size, row.digest = written.size, written.digest
        row.save(force_insert=True)
        record(
            "documents.add", at=now(), kind="document", object=row.id, patient=patient.id, type=kind, media=media,
            size=row.size, digest=row.digest, plan=plan.id if plan else "",
        )  # fmt: skip
        if plan is not None and kind == "plan" and row.signed is not None:  # `_of_patient` asked for the day
            certify(plan, step="signed", date=row.signed, signer=row.signer, how=_how(row), user=user)
    except BaseException:
        files.drop_part(row.id)
        raise
    organization = current()
    transaction.on_commit(lambda: files.settle(row.id, organization))
    return row


def hide(document: Document, reason: str, user: User) -> None:
    """Mark a document as filed wrongly: not shown by default, never gone. Marked already, nothing happens.

    The certification that it made is taken back with it, for the same reason.
    """
    if access.is_hidden(document):
        return
    _mark(document, reason, user, shown=False)
    if document.plan is not None:
        for step in treatment.certifications_of(document.plan).filter(how=_how(document)):
            void_certification(step, reason, user)


def show(document: Document, reason: str, user: User) -> None:
    """Take back that a document was filed wrongly; both stay in its history. A plan is not certified again by it:
    that is a step to be entered, by who looked at the signature."""
    if access.is_hidden(document):
        _mark(document, reason, user, shown=True)


def _how(document: Document) -> str:
    """How a step of a certification names the document that it rests on."""
    return f"document {document.id}"


def _mark(document: Document, reason: str, user: User, *, shown: bool) -> None:
    row = DocumentHidden(document=document, reason=given(reason), shown=shown, by=user.id, at=now())
    row.save(force_insert=True)
    action = "documents.show" if shown else "documents.hide"
    which = {"kind": "document_hidden", "object": row.id, "patient": document.patient_id}
    record(action, at=now(), **which, document=document.id)


def mend() -> tuple[int, int]:
    """Put row and file in step for the organization acted for: how many files took their name, how many were dropped.

    A `.part` with a row is what a power cut left after the row was stored; one without, older than an hour, is of a
    transaction that never ended well: nobody was told that it was kept.
    """
    settled = dropped = 0
    for id in files.names()[1]:
        if access.exists(id):
            files.settle(id)
            settled += 1
        elif int(now().timestamp()) - files.part_written(id) > ABANDONED:
            files.drop_part(id)
            dropped += 1
    return settled, dropped


def troubles() -> list[tuple[str, str]]:
    """What is not in step between rows and files of the organization acted for: the document's id and what it is.

    `missing`: a row without its file; `stray`: a file without a row; `unreadable`: it does not open; `changed`: it
    opens, and is not what was filed.
    """
    known, found = access.files_known(), list[tuple[str, str]]()
    for id, (size, digest) in known.items():
        try:
            written = files.digest_of(id)
        except files.Missing:
            found.append((id, "missing"))
        except vault.Sealed:
            found.append((id, "unreadable"))
        else:
            if (written.size, written.digest) != (size, digest):
                found.append((id, "changed"))
    found.extend((id, "stray") for id in sorted(files.names()[0] - known.keys()))
    return found


def _kind(kind: str) -> str:
    if kind not in KINDS:
        raise Refused(_("Say what the document is: choose one of the kinds."))
    return kind


def _line(text: str, longest: int) -> str:
    """A line as typed, its blanks put right; `Refused` where it holds what turns text round or cannot be seen."""
    plain = " ".join(text.split())
    if len(plain) > longest or not plain.isprintable():
        raise Refused(
            _("The title or the signer is longer than 120 characters, or holds a character that cannot be seen.")
        )
    return plain


def _past(day: date | None) -> date | None:
    if day is not None and not EARLIEST <= day <= today():
        raise Refused(_("A day of the document lies in the future or before 1880; look at the year again."))
    return day


def _of_patient(row: Document, patient: Patient) -> None:
    """A plan and an episode of this person, and none of another."""
    if row.episode is not None and row.episode.patient_id not in people.family(patient):
        raise Refused(_("This plan of care is another patient's; choose one of this patient."))
    if row.plan is not None and row.kind == "plan" and (row.signed is None or not row.signer):
        raise Refused(_("To certify a plan, say who signed it and on which day the signature is."))


def _small_enough(size: int) -> int:
    if size > settings.DOCUMENT_LIMIT:
        raise Refused(
            _("The file is larger than %(most)s MB; scan it in black and white or with fewer dots to the inch.")
            % {"most": settings.DOCUMENT_LIMIT // 1_000_000}
        )
    return size


def _room_for(size: int) -> None:
    """Hold the organization's share, so that two uploads at once do not both take the last of it."""
    Organization.objects.select_for_update(no_key=True).get(id=current())
    if access.bytes_kept() + size > settings.DOCUMENT_QUOTA:
        raise NoRoom(
            _(
                "The documents of this clinic fill the room that is set aside for them; nothing was stored. "
                "Tell who looks after this installation to raise FIFTEEN_DOCUMENT_QUOTA_MB."
            )
        )
    if files.free() - size < settings.DOCUMENT_RESERVE:
        raise NoRoom(
            _(
                "The disk of this clinic is nearly full, and the rest is kept for notes; nothing was stored. "
                "Tell who looks after this installation to make room."
            )
        )
