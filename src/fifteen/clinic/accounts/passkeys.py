"""Passkeys (WebAuthn): registered and asked for, always found by themselves and with the person verified by the device.

The user handle is the organization's id and the person's: it is how a passkey alone says whose it is.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
from collections.abc import Iterable
from typing import Any

import msgspec
from fido2.server import Fido2Server
from fido2.utils import websafe_decode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from fifteen.clinic import vault
from fifteen.clinic.accounts.login_access import proofs
from fifteen.clinic.accounts.models import Authenticator, User
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.ids import LENGTH, new_id

_VERIFIED = UserVerificationRequirement.REQUIRED
_PLACE = {"table": "authenticator", "column": "secret"}


class NotThisKey(ValueError):
    """A passkey's answer that proves nothing: of another site, challenge or person, or from a copied key."""


class Site(msgspec.Struct, frozen=True):
    """This site as a browser names it: `host` without a port, and the whole `origin`."""

    host: str
    origin: str

    @property
    def possible(self) -> bool:
        """A passkey belongs to a name; an address in numbers has none."""
        try:
            ipaddress.ip_address(self.host.strip("[]"))
        except ValueError:
            return True
        return False


def ask_new(site: Site, user: User) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the browser needs to make a passkey, and what to keep until it answers."""
    options, state = _server(site).register_begin(
        PublicKeyCredentialUserEntity(id=_handle(user), name=user.login, display_name=user.name),
        [each for _, each in _stored(proofs(user, "passkey"))],
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=_VERIFIED,
    )
    return dict(options), state


def add(site: Site, user: User, state: dict[str, Any], answer: str, label: str = "") -> Authenticator:
    """Keep the passkey that the browser made; `NotThisKey` where the answer is none to what was asked."""
    try:
        made = _server(site).register_complete(state, json.loads(answer))
        credential = made.credential_data
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise NotThisKey("the answer is none to what was asked") from error
    if credential is None:
        raise NotThisKey("the answer holds no key")
    row = Authenticator(
        id=new_id(), user=user, kind="passkey", label=label[:80], key=_key(credential.credential_id),
        used=made.counter, made=now(),
    )  # fmt: skip
    row.secret = vault.seal(bytes(credential), row=row.id, **_PLACE)
    row.save(force_insert=True)
    return row


def ask(site: Site, user: User | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the browser needs to use a passkey: of this person, or of whoever is there; and what to keep."""
    known = [each for _, each in _stored(proofs(user, "passkey"))] if user is not None else None
    options, state = _server(site).authenticate_begin(known, user_verification=_VERIFIED)
    return dict(options), state


def whose(answer: str) -> tuple[str, str]:
    """The organization and person an answer claims to be of; nothing is proved yet."""
    try:
        handle = websafe_decode(json.loads(answer)["response"]["userHandle"]).decode("ascii")
    except (ValueError, TypeError, KeyError) as error:
        raise NotThisKey("the answer does not say whose it is") from error
    if len(handle) != 2 * LENGTH or not handle.isalnum():
        raise NotThisKey("the answer does not say whose it is")
    return handle[:LENGTH], handle[LENGTH:]


def check(site: Site, user: User, state: dict[str, Any], answer: str) -> Authenticator:
    """The passkey of this person that signed what was asked; `NotThisKey` where none did."""
    try:
        given = AuthenticationResponse.from_dict(json.loads(answer))
        rows = list(_stored(proofs(user, "passkey").filter(key=_key(given.raw_id))))
        _server(site).authenticate_complete(state, [each for _, each in rows], given)
        counter = given.response.authenticator_data.counter
        handle = given.response.user_handle
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise NotThisKey("no passkey of this person signed what was asked") from error
    if handle and handle != _handle(user):
        raise NotThisKey("the passkey is another person's")
    row = rows[0][0]
    moved = proofs(user, "passkey").filter(id=row.id).order_by()
    # A device that counts counts on. Where it does not, two devices hold one key; many never count and stay at 0.
    if counter or row.used:
        moved = moved.filter(used__lt=counter)
    if not moved.update(used=counter, last=now()):
        raise NotThisKey("the counter of this passkey went back: there may be a copy of it")
    return row


def _server(site: Site) -> Fido2Server:
    return Fido2Server(
        PublicKeyCredentialRpEntity(id=site.host, name="Fifteen"), verify_origin=lambda origin: origin == site.origin
    )


def _stored(rows: Iterable[Authenticator]) -> Iterable[tuple[Authenticator, AttestedCredentialData]]:
    for row in rows:
        yield row, AttestedCredentialData(vault.open_(bytes(row.secret), row=row.id, **_PLACE))


def _handle(user: User) -> bytes:
    return f"{user.organization_id}{user.id}".encode("ascii")


def _key(credential: bytes) -> str:
    return hashlib.sha256(credential).hexdigest()
