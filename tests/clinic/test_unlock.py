"""A locked session opens by a passkey of its person, and by nothing that only looks like one (checks 23 to 26)."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import Aaguid, AttestedCredentialData, AuthenticatorData, CollectedClientData

from fifteen.clinic import vault
from fifteen.clinic.accounts import devices, lockout, passkeys, pins, sessions
from fifteen.clinic.accounts.models import Authenticator, Session, User
from fifteen.clinic.tenancy import clock
from fifteen.clinic.tenancy.ids import new_id
from tests.clinic.conftest import NOON, PASSWORD, Keyed, as_organization, log_in, make_user
from tests.clinic.doors import events

pytestmark = pytest.mark.django_db
FLAG = AuthenticatorData.FLAG


class Key:
    """A passkey of a person, in software: it signs whatever a test wants."""

    def __init__(self, user: User) -> None:
        self.user, self.count, self.id = user, 0, new_id().encode()
        self.private = ec.generate_private_key(ec.SECP256R1())
        public = ES256.from_cryptography_key(self.private.public_key())
        credential = AttestedCredentialData.create(Aaguid.NONE, self.id, public)
        with as_organization(user.organization_id):
            row = Authenticator(id=new_id(), user=user, kind="passkey", key=passkeys._key(self.id), made=NOON)
            row.secret = vault.seal(bytes(credential), row=row.id, table="authenticator", column="secret")
            row.save()

    def answer(
        self, challenge: str, *, host: str = "testserver", origin: str = "http://testserver", verified: bool = True,
        whose: User | None = None,
    ) -> str:  # fmt: skip
        """What a browser sends of it."""
        self.count += 1
        flags = FLAG.UP | (FLAG.UV if verified else FLAG(0))
        data = AuthenticatorData.create(hashlib.sha256(host.encode()).digest(), flags, self.count)
        said = CollectedClientData.create("webauthn.get", websafe_decode(challenge), origin)
        signature = self.private.sign(data + said.hash, ec.ECDSA(hashes.SHA256()))
        parts = {
            "clientDataJSON": said, "authenticatorData": data, "signature": signature,
            "userHandle": passkeys._handle(whose or self.user),
        }  # fmt: skip
        response = {name: websafe_encode(part) for name, part in parts.items()}
        id_ = websafe_encode(self.id)
        return json.dumps({"id": id_, "rawId": id_, "type": "public-key", "response": response})


@pytest.fixture
def key(therapist: User) -> Key:
    return Key(therapist)


@pytest.fixture
def locked(client: Keyed, therapist: User, key: Key) -> Session:
    return log_in(client, therapist, locked=NOON, note={"timers": ["t1"]})


def row(session: Session) -> Session:
    with as_organization(session.organization_id):
        found = Session.objects.get(id=session.id)
    assert isinstance(found, Session)
    return found


def ask(client: Keyed) -> str:
    """The challenge that the page would sign."""
    response = client.post("/locked/passkey")
    assert response.status_code == 200
    asked = response.json()["publicKey"]
    assert asked["userVerification"] == "required"
    return str(asked["challenge"])


def send(client: Keyed, answer: str) -> Any:
    return client.post("/locked", {"credential": answer, "next": "/patients"})


def test_a_passkey_goes_on_under_a_new_token_with_a_fresh_proof(
    client: Keyed, therapist: User, key: Key, locked: Session
) -> None:
    page = client.get("/locked?next=/patients").content.decode()
    assert "Unlock with passkey" in page
    assert 'data-ask="/locked/passkey"' in page
    before = row(locked).token
    with clock.at(NOON + timedelta(minutes=30)):
        response = send(client, key.answer(ask(client)))
        assert response.headers["Location"] == "/patients"
        assert client.get("/patients").status_code == 200
        assert client.get("/sessions/pin").status_code == 200, "it is a fresh proof, of both at once"
    now = row(locked)
    assert (now.id, now.locked, now.proved, now.note) == (
        locked.id, None, NOON + timedelta(minutes=30), {"timers": ["t1"]}
    )  # fmt: skip
    assert now.token not in ("", before)
    assert now.token == sessions.hashed(client.cookies[settings.SESSION_COOKIE].value)
    found = events(therapist, "session_unlocked")
    assert [(each.actor, each.object, each.outcome, each.detail) for each in found] == [
        (therapist.id, locked.id, "done", {"by": "passkey"})
    ]


WRONG = {
    "another challenge": lambda key, asked: key.answer(websafe_encode(b"x" * 32)),
    "another site": lambda key, asked: key.answer(asked, host="evil.test"),
    "another origin": lambda key, asked: key.answer(asked, origin="https://evil.test"),
    "nobody verified": lambda key, asked: key.answer(asked, verified=False),
    "no answer": lambda key, asked: "{}",
    "no JSON": lambda key, asked: "x" * 9999,
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_no_answer_to_what_was_asked_opens_nothing(
    client: Keyed, therapist: User, key: Key, locked: Session, wrong: str
) -> None:
    response = send(client, WRONG[wrong](key, ask(client)))
    assert response.status_code == 422
    assert "The passkey did not unlock the session" in response.content.decode()
    assert row(locked).locked == NOON
    assert client.get("/home").headers["Location"].startswith("/locked?")
    assert [each.outcome for each in events(therapist, "session_unlocked")] == ["refused"]
    assert [each.detail["proof"] for each in events(therapist, "login.failed")] == ["passkey"]


def test_the_key_of_another_person_opens_nothing(client: Keyed, therapist: User, owner: User, locked: Session) -> None:
    theirs = Key(owner)
    for whose in (owner, therapist):
        assert send(client, theirs.answer(ask(client), whose=whose)).status_code == 422
    assert row(locked).locked == NOON


def test_an_answer_opens_once_and_in_the_session_that_asked(
    client: Keyed, therapist: User, key: Key, locked: Session
) -> None:
    other = Keyed()
    elsewhere = log_in(other, therapist, locked=NOON)
    ask(other)
    answer = key.answer(ask(client))
    assert send(other, answer).status_code == 422
    assert row(elsewhere).locked == NOON
    assert send(client, answer).status_code == 302
    client.post("/lock")
    assert send(client, answer).status_code == 422
    with as_organization(therapist.organization_id):  # even where the challenge is put back by force
        state = {"challenge": json.loads(websafe_decode(json.loads(answer)["response"]["clientDataJSON"]))["challenge"]}
        until = (NOON + timedelta(minutes=5)).isoformat()
        Session.objects.filter(id=locked.id).update(
            note={"challenge": {**state, "user_verification": "required", "until": until}}
        )
    assert send(client, answer).status_code == 422


def test_an_answer_that_comes_too_late_opens_nothing(client: Keyed, key: Key, locked: Session) -> None:
    answer = key.answer(ask(client))
    with clock.at(NOON + timedelta(minutes=5)):
        assert send(client, answer).status_code == 422
    assert send(client, key.answer(ask(client))).status_code == 302


def test_five_failures_lock_it_for_a_while(client: Keyed, therapist: User, key: Key, locked: Session) -> None:
    for _ in range(5):
        send(client, "{}")
    assert [each.object for each in events(therapist, "login.locked")] == [therapist.id]
    with as_organization(therapist.organization_id):
        assert [(each.user.id, each.kind) for each in lockout.locks()] == [(therapist.id, "passkey")]
    assert send(client, key.answer(ask(client))).status_code == 422
    with clock.at(NOON + timedelta(minutes=14, seconds=59)):
        assert send(client, key.answer(ask(client))).status_code == 422
    assert row(locked).locked == NOON
    with clock.at(NOON + timedelta(minutes=15)):
        assert send(client, key.answer(ask(client))).status_code == 302


def test_a_full_log_in_leads_out_of_a_locked_session(client: Keyed, therapist: User, locked: Session) -> None:
    link = re.search(r'href="(/login[^"]*)"', client.get("/locked?next=/patients").content.decode())
    assert link is not None
    page = client.get(link[1])
    assert page.status_code == 200, "and not back to the page that is locked"
    assert 'name="next" value="/patients"' in page.content.decode()
    answered = client.post("/login", {"login": "ana", "password": PASSWORD, "next": "/patients"})
    assert answered.headers["Location"] == "/login/second?next=%2Fpatients"
    assert row(locked).ended == NOON


def test_who_has_none_is_offered_none(client: Keyed, north: Any) -> None:
    log_in(client, make_user(north, "ben"), locked=NOON)
    assert "Unlock with passkey" not in client.get("/locked").content.decode()
    assert client.post("/locked/passkey").status_code == 409
    assert send(client, "{}").status_code == 422


def test_a_session_that_is_not_locked_asks_nothing(client: Keyed, therapist: User, key: Key) -> None:
    session = log_in(client, therapist)
    before = row(session).token
    assert client.post("/locked/passkey").headers["Location"] == "/home"
    assert send(client, "{}").headers["Location"] == "/home"
    assert row(session).token == before


def test_on_a_tablet_of_the_house_it_stands_beside_the_pin_and_opens_the_day(
    client: Keyed, therapist: User, owner: User, key: Key, locked: Session
) -> None:
    with as_organization(therapist.organization_id):
        device, token = devices.register("Blue", site=None, by=owner)
        pins.set_pin(therapist, "2580")
    client.cookies[settings.DEVICE_COOKIE] = token
    page = client.get("/locked").content.decode()
    assert "Unlock with passkey" in page
    assert 'name="pin"' not in page, "nobody opened its day"
    assert send(client, key.answer(ask(client))).status_code == 302
    with as_organization(therapist.organization_id):
        device.refresh_from_db()
    assert (device.opened, row(locked).device_id) == (NOON, device.id)
    client.post("/lock")
    page = client.get("/locked").content.decode()
    assert 'name="pin"' in page
    assert "Unlock with passkey" in page
