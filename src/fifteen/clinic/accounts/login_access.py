"""What the log-in asks the tables for: who a login is, and what they prove themselves with."""

from __future__ import annotations

import unicodedata

from django.db.models import QuerySet

from fifteen.clinic.accounts.models import Authenticator, User


def login_of(typed: str) -> str:
    """What is stored and looked for of a login as typed."""
    return unicodedata.normalize("NFKC", typed).strip().casefold()


def person(login: str) -> User | None:
    """The person of this login, if they may log in at all."""
    found = User.objects.filter(login=login_of(login)[:120], active=True).first()
    return found if isinstance(found, User) else None


def person_of(id: str) -> User | None:
    """The person of this id, if they may log in at all."""
    found = User.objects.filter(id=id, active=True).first()
    return found if isinstance(found, User) else None


def proofs(user: User, *kinds: str) -> QuerySet[Authenticator]:
    """What the person proves themselves with, of these kinds, oldest first."""
    return Authenticator.objects.filter(user=user, kind__in=kinds).order_by("made", "id")


def second_factors(user: User) -> set[str]:
    """Which of `totp` and `passkey` the person has."""
    return set(proofs(user, "totp", "passkey").values_list("kind", flat=True))


def codes_left(user: User) -> int:
    """How many recovery codes are not spent."""
    return proofs(user, "recovery").filter(used=0).count()
