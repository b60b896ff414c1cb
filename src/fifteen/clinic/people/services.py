"""What changes patients: registering, changing, merging two records of one person, and taking them apart again.

And what belongs to them: who pays, what payers said, who sent them, what they agreed to.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from fifteen.clinic import vault
from fifteen.clinic.accounts.models import User
from fifteen.clinic.audit.record import record
from fifteen.clinic.payers.models import Payer
from fifteen.clinic.people import access
from fifteen.clinic.people.models import Accrual, Consent, Coverage, Merge, Patient, Referral, Referrer
from fifteen.clinic.tenancy import rows
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.context import current
from fifteen.clinic.tenancy.errors import Conflict, Refused
from fifteen.clinic.tenancy.models import Organization
from fifteen.clinic.treatment import changes

EARLIEST = date(1880, 1, 1)


def register(
    name: str, born: date | None = None, identifier: str = "", *, phone: str = "", precautions: str = ""
) -> Patient:
    """A new record; the identifier is sealed, and found again by a keyed hash only."""
    patient = Patient(name=_name(name), born=_born(born), phone=phone, precautions=precautions, made=now())
    rows.fit({"phone": phone, "precautions": precautions}, Patient)
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
    for each in (kept, other):
        changes.patient_changed(access.patient(each.id))
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


# -- who pays --------------------------------------------------------------------------------------------------------

RELATIONS = ("self", "spouse", "child", "other")
BUCKETS = ("pt_slp", "ot")
COVERAGE = ("payer", "rank", "plan", "relation", "starts", "ends")
REFERRER = ("name", "npi", "phone", "fax")
REFERRAL = ("referrer", "discipline", "diagnosis", "received", "signed", "visits", "ends")


def add_coverage(
    patient: Patient, payer: Payer, *, rank: int = 1, plan: str = "", member: str = "", relation: str = "self",
    starts: date | None = None, ends: date | None = None,
) -> Coverage:  # fmt: skip
    """Who pays for a patient, in which order; the member's number is sealed, and found by a keyed hash only."""
    row = Coverage(
        patient=patient, payer=payer, rank=rank, plan=plan.strip(), relation=relation, starts=starts, ends=ends,
        made=now(),
    )  # fmt: skip
    _of_coverage({"rank": rank, "relation": relation}, starts, ends)
    row.member, row.member_key = _sealed_member(row, member)
    rows.add(row)
    record("coverages.add", at=now(), kind="coverage", object=row.id, patient=patient.id, payer=payer.id, rank=rank)
    changes.patient_changed(patient, starts, ends)
    return row


def change_coverage(coverage: Coverage, version: int, **wanted: Any) -> Coverage:
    """Store fields of COVERAGE, and `member`, over the version that was seen; `Conflict` where it is not the newest."""
    before = (coverage.starts, coverage.ends)
    starts, ends = wanted.get("starts", coverage.starts), wanted.get("ends", coverage.ends)
    _of_coverage(wanted, starts, ends)
    if "member" in wanted:
        wanted["member"], wanted["member_key"] = _sealed_member(coverage, wanted["member"])
    fields = rows.change(coverage, version, _known(wanted, (*COVERAGE, "member", "member_key")))
    named = [each for each in fields if each != "member_key"]
    which = {"kind": "coverage", "object": coverage.id, "patient": coverage.patient_id}
    record("coverages.change", at=now(), **which, fields=named)
    changes.patient_changed(coverage.patient, *_widest(before, (starts, ends)))
    return coverage


def end_coverage(coverage: Coverage, version: int, on: date) -> Coverage:
    """The last day on which it pays."""
    return change_coverage(coverage, version, ends=on)


def say_accrued(
    patient: Patient, *, year: int, bucket: str, cents: int, as_of: date, source: str = "", user: User
) -> Accrual:
    """What a payer said was used of a threshold, as of a day. What it said before stays; the newest holds."""
    if bucket not in BUCKETS:
        raise Refused(_("There is no such threshold; choose physical and speech therapy together, or occupational."))
    if as_of.year != year or as_of > _latest_today():
        raise Refused(_("The day of what the payer said does not lie in that year, or has not come; correct it."))
    row = Accrual(
        patient=patient, year=year, bucket=bucket, cents=cents, as_of=as_of, source=source.strip(), by=user.id, at=now()
    )
    rows.add(row)
    record(
        "accruals.add", at=now(), kind="accrual", object=row.id, patient=patient.id, year=year, bucket=bucket
    )  # fmt: skip
    changes.patient_changed(patient, date(year, 1, 1), date(year, 12, 31))
    return row


def _of_coverage(wanted: dict[str, Any], starts: date | None, ends: date | None) -> None:
    if "rank" in wanted and not 1 <= wanted["rank"] <= 9:
        raise Refused(_("The order of payers is 1 for the first, 2 for the second, up to 9."))
    if "relation" in wanted and wanted["relation"] not in RELATIONS:
        raise Refused(_("The member is the patient, their spouse, a parent of theirs, or another person; choose one."))
    if starts is not None and ends is not None and ends < starts:
        raise Refused(_("The coverage ends before it begins; look at the dates again."))


def _sealed_member(coverage: Coverage, member: str) -> tuple[bytes | None, str]:
    plain = member.strip()
    if len(plain) > 80 or "\0" in plain:
        raise Refused(_("The member's number is longer than 80 characters, or holds one that cannot be stored."))
    sealed = vault.seal(plain.encode(), row=coverage.id, **access.MEMBER) if plain else None
    return sealed, access.member_key(plain)


def _widest(*spans: tuple[date | None, date | None]) -> tuple[date | None, date | None]:
    """The shortest span of days that holds all of these; None: without end on that side."""
    starts, ends = [each[0] for each in spans], [each[1] for each in spans]
    first = None if None in starts else min(each for each in starts if each is not None)
    last = None if None in ends else max(each for each in ends if each is not None)
    return first, last


# -- who sent them, and what they agreed to ---------------------------------------------------------------------------


def register_referrer(name: str, *, npi: str = "", phone: str = "", fax: str = "") -> Referrer:
    """A practitioner who orders therapy or certifies its plan."""
    row = Referrer(name=name.strip(), npi=npi.strip(), phone=phone.strip(), fax=fax.strip(), made=now())
    _of_referrer({"name": row.name, "npi": row.npi})
    rows.add(row)
    record("referrers.add", at=now(), kind="referrer", object=row.id)
    return row


def change_referrer(referrer: Referrer, version: int, **wanted: Any) -> Referrer:
    """Store fields of REFERRER over the version that was seen; `Conflict` where that is no longer the newest."""
    wanted = {field: value.strip() for field, value in wanted.items()}
    _of_referrer(wanted)
    fields = rows.change(referrer, version, _known(wanted, REFERRER))
    record("referrers.change", at=now(), kind="referrer", object=referrer.id, fields=fields)
    return referrer


def add_referral(
    patient: Patient, referrer: Referrer, *, discipline: str, received: date, diagnosis: str = "",
    signed: date | None = None, visits: int | None = None, ends: date | None = None,
) -> Referral:  # fmt: skip
    """An order for therapy as it came in; `signed` is the day beside its signature, None where it is unsigned."""
    _of_referral({"discipline": discipline, "received": received, "signed": signed})
    row = Referral(
        patient=patient, referrer=referrer, discipline=discipline, diagnosis=diagnosis.strip(), received=received,
        signed=signed, visits=visits, ends=ends, made=now(),
    )  # fmt: skip
    rows.add(row)
    record("referrals.add", at=now(), kind="referral", object=row.id, patient=patient.id, referrer=referrer.id)
    return row


def change_referral(referral: Referral, version: int, **wanted: Any) -> Referral:
    """Store fields of REFERRAL over the version that was seen; `Conflict` where that is no longer the newest."""
    _of_referral(wanted)
    fields = rows.change(referral, version, _known(wanted, REFERRAL))
    which = {"kind": "referral", "object": referral.id, "patient": referral.patient_id}
    record("referrals.change", at=now(), **which, fields=fields)
    return referral


def add_consent(patient: Patient, kind: str, on: date, user: User) -> Consent:
    """What a patient agreed to, and on which day."""
    return _consent(patient, kind, on, user, withdrawn=False)


def withdraw_consent(consent: Consent, on: date, user: User) -> Consent:
    """A patient takes a consent back: a new row; the first one stays."""
    return _consent(consent.patient, consent.kind, on, user, withdrawn=True)


def _consent(patient: Patient, kind: str, on: date, user: User, *, withdrawn: bool) -> Consent:
    if not kind.strip():
        raise Refused(_("Say what the patient agreed to; choose one of the list."))
    if on > _latest_today():
        raise Refused(_("The day of the consent has not come yet; look at the date again."))
    row = Consent(patient=patient, kind=kind.strip(), date=on, withdrawn=withdrawn, by=user.id, at=now())
    rows.add(row)
    action = "consents.withdraw" if withdrawn else "consents.add"
    record(action, at=now(), kind="consent", object=row.id, patient=patient.id)
    return row


def _of_referrer(wanted: dict[str, str]) -> None:
    if wanted.get("name") == "":
        raise Refused(_("A referring practitioner needs a name."))
    npi = wanted.get("npi", "")
    if npi and not (npi.isascii() and npi.isdigit() and len(npi) == 10):
        raise Refused(_("An NPI has ten digits; look at it again, or leave it empty."))


def _of_referral(wanted: dict[str, Any]) -> None:
    if "discipline" in wanted and wanted["discipline"] not in ("PT", "OT", "SLP"):
        raise Refused(_("An order is for PT, OT or SLP; choose one."))
    for field in ("received", "signed"):
        if wanted.get(field) is not None and wanted[field] > _latest_today():
            raise Refused(_("An order cannot have been signed or received on a day that has not come; correct it."))


def _latest_today() -> date:
    """The latest day it can be anywhere: what lies behind it has not come at any site."""
    return (now() + timedelta(hours=14)).date()


def _known(wanted: dict[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    unknown = sorted(set(wanted) - set(fields))
    if unknown:
        raise TypeError(f"no such field: {', '.join(unknown)}")
    return wanted
