"""People of the organization acted for are fetched here only, and the invitation of a link."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

import msgspec
from django.db.models import Count, Max, Q, QuerySet

from fifteen.clinic import vault
from fifteen.clinic.accounts import lockout
from fifteen.clinic.accounts.limits import FAILURES, LOCK
from fifteen.clinic.accounts.models import Attempt, Invitation, Licence, User
from fifteen.clinic.accounts.sessions import hashed
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.context import tell_database
from fifteen.clinic.tenancy.errors import NotFound

PROOFS = ("totp", "passkey")

State = Literal["active", "invited", "expired", "no_second", "locked_out", "off"]
"""`invited`: has not chosen a password; `expired`: nor can, the link has run out; `no_second`: no second factor."""


class Person(msgspec.Struct, frozen=True):
    """Someone with a log-in, as the list of people shows them; `last` is the last use of any session.

    `capped`: locked out until an owner lets them in, not for a quarter of an hour.
    """

    user: User
    state: State
    last: datetime | None
    proofs: int
    capped: bool


def people() -> list[Person]:
    """Everyone with a log-in, by name; who is switched off last."""
    found = list(_rows())
    logins = [each.login for each in found if each.active]
    open_, out, shut = _invited(), _locked_out(logins), lockout.capped(logins)
    shown = [_person(each, open_, out, shut) for each in found]
    return sorted(shown, key=lambda each: (not each.user.active, each.user.name.casefold()))


def person(id: str) -> Person | None:
    """The person of this id in the organization acted for."""
    found = _rows().filter(id=id).first()
    if found is None:
        return None
    return _person(found, _invited(), _locked_out([found.login]), lockout.capped([found.login]))


def licences(user: User) -> list[Licence]:
    """What this person may sign with, the newest first."""
    return list(Licence.objects.filter(user=user).order_by("credential", "-starts", "id"))


def owners_ready() -> int:
    """How many owners can log in."""
    return User.objects.filter(role="owner", active=True).exclude(password="").count()


def invitation_of(token: str) -> Invitation | None:
    """The invitation of this link, of whatever organization, if it can still be accepted: asked before anyone acts."""
    if not token:
        return None
    tell_database(hashed(token), "app.invitation")
    found = Invitation.everywhere.filter(token=hashed(token), used=None, ended=None).first()
    return found if isinstance(found, Invitation) and found.ends > now() else None


def _rows() -> QuerySet[Any]:
    proofs = Count("authenticators", filter=Q(authenticators__kind__in=PROOFS), distinct=True)
    return User.objects.annotate(last=Max("sessions__seen"), proofs=proofs)


def _person(user: User, open_: set[str], out: set[str], shut: set[str]) -> Person:
    state, capped = _state(user, open_, out | shut), user.login in shut
    return Person(user, state, user.last, user.proofs, capped)  # type: ignore[attr-defined]  # annotated


def _state(user: User, open_: set[str], out: set[str]) -> State:
    if not user.active:
        return "off"
    if not user.password:
        return "invited" if user.id in open_ else "expired"
    if user.login in out:
        return "locked_out"
    return "active" if user.proofs else "no_second"  # type: ignore[attr-defined]  # annotated


def _invited() -> set[str]:
    return set(Invitation.objects.filter(used=None, ended=None, ends__gt=now()).values_list("user_id", flat=True))


def _locked_out(logins: list[str]) -> set[str]:
    """Those whose last proofs of one kind failed as often as lockout allows, within the time it lasts."""
    keys = {vault.lookup(each, kind="login"): each for each in logins}
    failed: dict[tuple[str, str], int] = {}
    recent = Attempt.objects.filter(login__in=keys, at__gt=now() - LOCK).order_by("at")
    for key, kind, good in recent.values_list("login", "kind", "good"):
        failed[key, kind] = 0 if good else failed.get((key, kind), 0) + 1
    return {keys[key] for (key, _), count in failed.items() if count >= FAILURES}


def named(ids: Iterable[str]) -> dict[str, User]:
    """The people of these ids, also those who are switched off; `NotFound` where one is of nobody here."""
    wanted = set(ids)
    found = {each.id: each for each in User.objects.filter(id__in=wanted)}
    if wanted - found.keys():
        raise NotFound("person")
    return found


def held_people(ids: Iterable[str]) -> None:
    """Hold these people until the transaction ends: two who add time of one person take turns, in whatever chart."""
    list(
        User.objects.select_for_update(no_key=True).filter(id__in=set(ids)).order_by("id").values_list("id", flat=True)
    )
