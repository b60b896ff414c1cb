"""Passwords: what makes one good, and the same work of hashing whoever is asked for."""

from __future__ import annotations

import secrets
import unicodedata
from functools import cache
from typing import Literal

from django.contrib.auth.hashers import check_password, get_hasher, make_password
from django.contrib.auth.password_validation import CommonPasswordValidator

from fifteen.clinic.accounts.limits import PASSWORD_MAX, PASSWORD_MIN
from fifteen.clinic.accounts.models import User

Trouble = Literal["short", "long", "common", "personal"]
_PART = 4  # letters of a name that must not stand in a password; shorter parts stand in many words


def troubles(typed: str, user: User) -> list[Trouble]:
    """Why this is no password for this person; empty where it is one."""
    password = _normal(typed)
    found: list[Trouble] = []
    if len(password) < PASSWORD_MIN:
        found.append("short")
    if len(password) > PASSWORD_MAX:
        found.append("long")
    if _plain(password) in _common().passwords:
        found.append("common")
    if _personal(password, user):
        found.append("personal")
    return found


def keep(user: User, typed: str) -> None:
    """Make it the person's password; `ValueError` where it is none, so that no caller forgets to ask."""
    if found := troubles(typed, user):
        raise ValueError(f"this is no password: {', '.join(found)}")
    user.password = make_password(_normal(typed))
    user.save(update_fields=["password"])


def right(user: User | None, typed: str) -> bool:
    """Is it the password of this person? Nobody, and who has none, costs the same work."""
    spare = _spare(get_hasher().algorithm)
    has = user is not None and bool(user.password)
    stored = user.password if user is not None and has else spare
    same = check_password(_normal(typed)[: PASSWORD_MAX + 1], stored)
    return same and has


def _normal(typed: str) -> str:
    return unicodedata.normalize("NFKC", typed)


def _plain(password: str) -> str:
    return password.casefold().strip()


def _personal(password: str, user: User) -> bool:
    plain = _plain(password)
    parts = [user.login, user.login.split("@")[0], user.name, *user.name.split()]
    names = {each.casefold() for each in parts}
    return plain in names or any(len(each) >= _PART and each in plain for each in names)


@cache
def _common() -> CommonPasswordValidator:
    return CommonPasswordValidator()


@cache
def _spare(algorithm: str) -> str:
    return make_password(secrets.token_urlsafe(32), hasher=algorithm)
