"""What changes patients: registering, changing, merging two records of one person, and taking them apart again."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from fifteen.clinic import vault
from fifteen.clinic.accounts.models import User
from fifteen.clinic.audit.record import record
from fifteen.clinic.people import access
from fifteen.clinic.people.models import Merge, Patient
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.context import current
from fifteen.clinic.tenancy.errors import Conflict, Refused
from fifteen.clinic.tenancy.models import Organization

EARLIEST = date(1880, 1, 1)


def register(name: str, born: date | None = None, identifier: str = "") -> Patient:
    """A new record; the identifier is sealed, and found again by a keyed hash only."""
    patient = Patient(name=_name(name), born=_born(born), made=now())
    if identifier:
        patient.identifier = vault.seal(identifier.encode(), row=patient.id, **access.IDENTIFIER)
        patient.identifier_key = access.identifier_key(identifier)
    patient.save(force_insert=True)
    record("patients.register", at=now(), kind="patient", object=patient.id, patient=patient.id)
    return patient


def change(patient: Patient, version: int, *, name: str, born: date | None) -> Patient:
    """Store a name and a day of birth over the version that was seen; `Conflict` where that is no longer the newest."""
    wanted = {"name": _name(name), "born": _born(born)}
    if not Patient.objects.filter(id=patient.id, version=version).update(**wanted, version=version + 1):
        found = access.patient(patient.id)
        raise Conflict({"name": found.name, "born": found.born}, wanted, found.version)
    fields = [field for field, value in wanted.items() if getattr(patient, field) != value]
    record("patients.change", at=now(), kind="patient", object=patient.id, patient=patient.id, fields=fields)
    return access.patient(patient.id)


def set_identifier(patient: Patient, value: str) -> None:
    """Seal an identifier into the record, an empty one takes it away; `Conflict` where the record is not as read."""
    plain = value.strip()
    sealed = vault.seal(plain.encode(), row=patient.id, **access.IDENTIFIER) if plain else None
    key, version = access.identifier_key(plain), patient.version + 1
    same = Patient.objects.filter(id=patient.id, version=patient.version)
    if not same.update(identifier=sealed, identifier_key=key, version=version):
        found = access.patient(patient.id)
        raise Conflict({"version": found.version}, {"version": patient.version}, found.version)
    patient.identifier, patient.identifier_key, patient.version = sealed, key, version
    which = {"kind": "patient", "object": patient.id, "patient": patient.id}
    record("patients.identifier", at=now(), **which, fields=["identifier"])


def merge(kept: Patient, other: Patient, reason: str, user: User) -> Merge:
    """Read `other` under `kept` from now on. No note moves, so that separating brings everything back."""
    _one_at_a_time()
    kept, other = access.patient(kept.id), access.patient(other.id)
    if kept.id == other.id:
        raise Refused(_("A record cannot be merged with itself; choose the other record of the same person."))
    if other.into_id is not None:
        raise Refused(_("This record is merged into another one already; separate it first."))
    if access.head(kept).id == other.id:
        raise Refused(_("The record to keep is itself merged into this one; separate it first."))
    return _joined(kept, other, reason, user, apart=False)


def separate(other: Patient, reason: str, user: User) -> Merge:
    """Take a merged record out again, with everything that had been merged into it before."""
    _one_at_a_time()
    other = access.patient(other.id)
    if other.into_id is None:
        raise Refused(_("This record is not merged into another one; there is nothing to separate."))
    return _joined(access.patient(other.into_id), other, reason, user, apart=True)


def _joined(kept: Patient, other: Patient, reason: str, user: User, *, apart: bool) -> Merge:
    row = Merge(kept=kept, other=other, apart=apart, reason=given(reason), by=user.id, at=now())
    row.save(force_insert=True)
    Patient.objects.filter(id=other.id).update(into=None if apart else kept, version=other.version + 1)
    action = "patients.separate" if apart else "patients.merge"
    record(action, at=now(), kind="patient_merge", object=row.id, patient=kept.id, other=other.id)
    return row


def _one_at_a_time() -> None:
    """Two merges that cross could close a circle: they queue for the organization (SQLite has one writer anyway)."""
    Organization.objects.select_for_update(no_key=True).get(id=current())


def given(reason: str) -> str:
    """A reason, without the blanks around it; `Refused` where there is none or it is too long or not plain text."""
    plain = reason.strip()
    if not plain:
        raise Refused(_("A reason is needed: write in a few words why."))
    if len(plain) > 400 or "\0" in plain:
        raise Refused(_("The reason is longer than 400 characters, or holds a character that cannot be stored."))
    return plain


def _name(name: str) -> str:
    plain = " ".join(name.replace("\0", " ").split())
    if not plain or len(plain) > 200:
        raise Refused(_("A patient needs a name of at most 200 characters."))
    return plain


def _born(born: date | None) -> date | None:
    if born is not None and not EARLIEST <= born <= now().date():
        raise Refused(_("The day of birth lies in the future or before 1880; look at the year again."))
    return born
