"""Break-glass: a record opened outside of one's role, for a reason, for some hours, and seen by compliance."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import QuerySet

from fifteen.clinic.accounts.matrix import matrix
from fifteen.clinic.accounts.models import BreakGlass, User
from fifteen.clinic.accounts.sessions import policy
from fifteen.clinic.audit.record import record
from fifteen.clinic.people import access
from fifteen.clinic.people.models import Patient
from fifteen.clinic.tenancy.clock import now

SHORTEST, LONGEST = 10, 400
"""How many letters a reason has."""


class NoReason(ValueError):
    """The reason is too short to be one, or too long to be kept."""


def patient(id_: str) -> Patient | None:
    """The patient of this id in the organization acted for."""
    found = Patient.objects.filter(id=id_).first()
    return found if isinstance(found, Patient) else None


def names(ids: set[str]) -> dict[str, str]:
    """What the patients of these ids are called, for who reviews."""
    return dict(Patient.objects.filter(id__in=ids).values_list("id", "name"))


def open_(user: User, patient: Patient, reason: str) -> BreakGlass:
    """Open a patient's record to a person until the policy's hours are over, and alert at once; `NoReason`.

    The reason stays out of the trail: people write what they know of the patient into it.
    """
    reason = " ".join(reason.split())
    if not SHORTEST <= len(reason) <= LONGEST:
        raise NoReason(f"a reason has {SHORTEST} to {LONGEST} letters; this one has {len(reason)}")
    at = now()
    until = at + timedelta(hours=policy().break_glass_hours)
    found = BreakGlass(user=user, patient=patient.id, reason=reason, at=at, until=until)
    found.save(force_insert=True)
    record("break_glass", at=at, kind="break_glass", object=found.id, patient=patient.id)
    return found


def running(user: User, patient: Patient) -> BreakGlass | None:
    """What opens this record to this person now, the one that ends last; it opens every record of the same person.

    Not one that was merged in since: else who may merge would read a second record for the reason of the first.
    """
    if not user.active or not matrix().allows(user.role, "break_glass"):
        return None
    head = access.head(patient)
    open_now = BreakGlass.objects.filter(user=user, patient__in=access.family(head), until__gt=now())
    merged = access.merges(head).filter(apart=False).last()
    if merged is not None:
        open_now = open_now.filter(at__gte=merged.at)
    found = open_now.order_by("-until").first()
    return found if isinstance(found, BreakGlass) else None


def may_see(user: User, patient: Patient) -> bool:
    """Is this record open to this person outside of their role, at this moment?"""
    return running(user, patient) is not None


def used(glass: BreakGlass, patient: Patient, action: str) -> None:
    """That a record was read under it, for the trail."""
    record("break_glass.read", at=now(), kind="break_glass", object=glass.id, patient=patient.id, asked=action)


def close(id_: str) -> bool:
    """Close now what was opened so, for who reviews; False where there is no such alert. Closed, it stays closed."""
    if not BreakGlass.objects.filter(id=id_).exists():
        return False
    if BreakGlass.objects.filter(id=id_, until__gt=now()).update(until=now()):
        record("break_glass_closed", at=now(), kind="break_glass", object=id_)
    return True


def alerts() -> QuerySet[BreakGlass]:
    """All that was opened so, the newest first."""
    found: QuerySet[BreakGlass] = BreakGlass.objects.select_related("user", "seen_by")
    return found.order_by("-at", "-id")


def unseen() -> QuerySet[BreakGlass]:
    """What nobody of compliance has marked as seen."""
    return alerts().filter(seen_by=None)


def mark_seen(id_: str, by: User) -> bool:
    """Mark as seen, for everyone who is alerted; False where there is no such alert. The first to mark it stays."""
    if not BreakGlass.objects.filter(id=id_).exists():
        return False
    if BreakGlass.objects.filter(id=id_, seen_by=None).update(seen_by=by):
        record("break_glass_seen", at=now(), kind="break_glass", object=id_)
    return True
