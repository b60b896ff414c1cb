"""The first start: a code that is printed once makes the organization and its first owner, and then never again."""

from __future__ import annotations

import secrets
from datetime import timedelta

import msgspec
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from fifteen.clinic.accounts.models import User
from fifteen.clinic.accounts.sessions import hashed
from fifteen.clinic.audit.record import Who, acting_as, record
from fifteen.clinic.tenancy import access
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.context import acting
from fifteen.clinic.tenancy.ids import new_id
from fifteen.clinic.tenancy.models import Installation, Organization

_LIFE = timedelta(hours=1)
_LONGEST = 120


class First(msgspec.Struct, frozen=True):
    """What the page asks: the organization's name, and who its first owner is."""

    organization: str
    name: str
    login: str
    password: str
    again: str


def done() -> bool:
    """Is there an organization? Then the setup is over for good."""
    return access.installation().organizations > 0


def new_code() -> str | None:
    """A new code in place of the one before, stored only as a hash; None where the setup is over."""
    with transaction.atomic():
        if done():
            return None
        code = secrets.token_urlsafe(24)
        Installation.objects.update_or_create(id=1, defaults={"code": hashed(code), "code_ends": now() + _LIFE})
    return code


def opens(code: str) -> bool:
    """Does this code open the setup now?"""
    found = access.installation()
    in_time = found.code_ends is not None and now() < found.code_ends
    return bool(code) and in_time and not found.organizations and secrets.compare_digest(found.code, hashed(code))


def troubles(first: First) -> dict[str, list[str]]:
    """What is wrong with each field, by its name; nothing where all is well."""
    found: dict[str, list[str]] = {}
    for field in ("organization", "name", "login"):
        value = getattr(first, field).strip()
        if not value:
            found[field] = [_("Please fill this in.")]
        elif len(value) > _LONGEST or not value.isprintable():
            found[field] = [_("Please write it in 120 letters or fewer, on one line.")]
    try:
        validate_password(first.password, _named(first))  # type: ignore[arg-type]  # any object with login and name
    except ValidationError as error:
        found["password"] = list(error.messages)
    if first.again != first.password:
        found["again"] = [_("The two passwords differ. Please type both again.")]
    return found


def establish(code: str, first: First, *, address: str = "") -> User | None:
    """Make the organization with its first owner, once; None where the code was used or is too old."""
    if troubles(first):
        raise ValueError("look at troubles() before the organization is made")
    at, organization = now(), new_id()
    with transaction.atomic():
        # Whoever changes this row first has the code; a second one waits here and then finds it gone.
        mine = Installation.objects.filter(id=1, code=hashed(code), code_ends__gt=at, organizations=0)
        if not code or not mine.update(code=""):
            return None
        slug = slugify(first.organization)[:40].strip("-") or "clinic"
        with acting(organization):
            Organization(id=organization, slug=slug, name=first.organization.strip(), made=at).save(force_insert=True)
            owner = User(
                login=first.login.strip(), name=first.name.strip(), role="owner",
                password=make_password(first.password), made=at,
            )  # fmt: skip
            owner.save(force_insert=True)
            with acting_as(Who(actor=owner.id, role="owner", address=address)):
                record("setup", at=at, kind="organization", object=organization)
    return owner


def _named(first: First) -> User:
    return User(login=first.login, name=first.name)
