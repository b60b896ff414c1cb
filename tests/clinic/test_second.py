"""The second proof: codes good once, recovery codes, setting one up, and nothing before it (checks 25 and 26)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver

from fifteen.clinic import vault
from fifteen.clinic.accounts import limits, proofs, services
from fifteen.clinic.accounts.models import Session, User
from fifteen.clinic.people.models import Patient
from fifteen.clinic.tenancy import clock
from fifteen.web.clinic.routes import door_of
from tests.clinic.conftest import NOON, as_organization, log_in
from tests.clinic.doors import code, events, first, give_codes, give_totp, rows, second

pytestmark = pytest.mark.django_db
PATIENT = "Quillfeather"


def inside(client: Client) -> bool:
    return client.get("/home").status_code == 200


def test_a_code_opens_once_whoever_brings_it(client: Client, therapist: User) -> None:
    secret, other = give_totp(therapist), Client()
    first(client)
    first(other)
    assert second(client, code=code(secret)).status_code == 302
    assert second(other, code=code(secret)).status_code == 200
    assert (inside(client), inside(other)) == (True, False)


def test_a_code_older_than_the_last_one_used_is_spent_too(client: Client, therapist: User) -> None:
    secret = give_totp(therapist)
    first(client)
    second(client, code=code(secret, 1))
    other = Client()
    first(other)
    assert [second(other, code=code(secret, step)).status_code for step in (-1, 0, 1)] == [200, 200, 200]
    with clock.at(NOON + timedelta(seconds=60)):
        assert second(other, code=code(secret)).status_code == 302


@pytest.mark.parametrize(("step", "status"), [(-2, 200), (-1, 302), (0, 302), (1, 302), (2, 200)])
def test_a_clock_may_be_one_step_off(client: Client, therapist: User, step: int, status: int) -> None:
    secret = give_totp(therapist)
    first(client)
    assert second(client, code=code(secret, step)).status_code == status


def test_spaces_in_a_code_do_not_matter(client: Client, therapist: User) -> None:
    typed = code(give_totp(therapist))
    first(client)
    assert second(client, code=f" {typed[:3]} {typed[3:]} ").status_code == 302


def test_after_five_wrong_codes_the_right_one_is_refused_for_a_while(client: Client, therapist: User) -> None:
    secret = give_totp(therapist)
    first(client)
    wrong = next(each for each in ("000000", "111111", "222222", "333333") if proofs.counter_of(secret, each) is None)
    said = {second(client, code=wrong).content.count(b'role="alert"') for _ in range(5)}
    assert second(client, code=code(secret)).status_code == 200
    assert said == {1}
    assert rows(therapist, "totp")[0].used == 0
    assert [each.object for each in events(therapist, "login.locked")] == [therapist.id]
    with clock.at(NOON + timedelta(minutes=14, seconds=59)):
        assert second(client, code=code(secret)).status_code == 200
    with clock.at(NOON + timedelta(minutes=15)):
        first(client)
        assert second(client, code=code(secret)).status_code == 302


def test_the_key_is_sealed_for_its_row(therapist: User) -> None:
    secret, other = give_totp(therapist), give_totp(therapist)
    here, there = rows(therapist, "totp")
    assert secret.encode() not in bytes(here.secret)
    assert vault.open_(bytes(here.secret), table="authenticator", column="secret", row=here.id).decode() in (
        secret,
        other,
    )
    with pytest.raises(vault.Sealed):
        vault.open_(bytes(here.secret), table="authenticator", column="secret", row=there.id)


def test_a_recovery_code_opens_once_and_is_stored_as_a_hash(client: Client, therapist: User) -> None:
    give_totp(therapist)
    codes = give_codes(therapist)
    assert len(set(codes)) == 10
    stored = " ".join(each.key for each in rows(therapist, "recovery"))
    assert not any(each in stored or each.replace("-", "") in stored for each in codes)
    first(client)
    assert second(client, recovery=codes[0].upper().replace("-", " ")).status_code == 302
    assert inside(client)
    other = Client()
    first(other)
    assert second(other, recovery=codes[0]).status_code == 200
    assert second(other, recovery=codes[1]).status_code == 302


def test_a_recovery_code_of_another_person_opens_nothing(client: Client, therapist: User, owner: User) -> None:
    give_totp(therapist)
    codes = give_codes(owner)
    first(client)
    assert second(client, recovery=codes[0]).status_code == 200


def test_a_locked_recovery_is_not_spent(client: Client, therapist: User) -> None:
    give_totp(therapist)
    codes = give_codes(therapist)
    first(client)
    for _ in range(5):
        second(client, recovery="none")
    assert second(client, recovery=codes[0]).status_code == 200
    assert [each.used for each in rows(therapist, "recovery")] == [0] * 10


def test_new_recovery_codes_replace_the_old_ones(client: Client, therapist: User) -> None:
    give_totp(therapist)
    old = give_codes(therapist)
    new = give_codes(therapist)
    first(client)
    assert second(client, recovery=old[0]).status_code == 200
    assert second(client, recovery=new[0]).status_code == 302


# -- setting one up


def test_who_has_no_second_factor_sets_one_up_before_anything_else(client: Client, therapist: User) -> None:
    assert first(client).headers["Location"] == "/login/second?next=%2Fhome"
    assert client.get("/login/second").headers["Location"] == "/login/enrol?next=%2Fhome"
    page = client.get("/login/enrol").content.decode()
    assert '<svg viewBox="0 0 ' in page, "scaled by a style sheet, it must not be cut off"
    assert "style=" not in page
    key = re.search(r'class="key"[^>]*>([A-Z2-7 ]+)<', page)
    assert key is not None
    secret = key[1].replace(" ", "")
    assert secret in client.get("/login/enrol").content.decode().replace(" ", ""), "a reload keeps the key"
    assert client.post("/login/enrol", {"code": "12345"}).status_code == 200
    assert not inside(client)
    answered = client.post("/login/enrol", {"code": code(secret), "next": "/units"})
    codes = re.findall(r"<li>([a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4})</li>", answered.content.decode())
    assert len(set(codes)) == 10
    assert 'href="/units"' in answered.content.decode()
    assert inside(client)
    assert client.get("/login/enrol").headers["Location"] == "/home"
    other = Client()
    first(other)
    assert second(other, code=code(secret)).status_code == 200, "the code that confirmed is spent"
    assert second(other, recovery=codes[3]).status_code == 302
    assert {each.detail["proof"] for each in events(therapist, "proof.added")} == {"totp"}


def test_the_key_being_set_up_lies_sealed(client: Client, therapist: User) -> None:
    first(client)
    key = re.search(r'class="key"[^>]*>([A-Z2-7 ]+)<', client.get("/login/enrol").content.decode())
    assert key is not None
    with as_organization(therapist.organization_id):
        note = str(Session.objects.get(user=therapist).note)
    assert key[1].replace(" ", "") not in note
    assert "totp" in note


def test_a_password_alone_sets_up_no_second_factor_beside_the_one_there_is(client: Client, therapist: User) -> None:
    give_totp(therapist)
    first(client)
    assert client.get("/login/enrol").headers["Location"].startswith("/login/second?")
    assert client.post("/login/enrol", {"code": "123456"}).headers["Location"].startswith("/login/second?")
    assert client.post("/login/enrol/passkey").status_code == 409
    assert len(rows(therapist, "totp")) == 1


def test_half_a_log_in_ends_soon(client: Client, therapist: User) -> None:
    secret = give_totp(therapist)
    first(client)
    with clock.at(NOON + timedelta(minutes=15)):
        assert second(client, code=code(secret)).headers["Location"].startswith("/login?")


# -- challenges of passkeys; what a browser does with them is in test_passkeys_browser.py


def test_a_challenge_is_taken_once_runs_out_and_is_answered_once(therapist: User) -> None:
    session = log_in(Client(), therapist)
    state = {"challenge": "of-this-session", "user_verification": "required"}
    with as_organization(therapist.organization_id):
        services.keep_challenge(session, state)
        taken = services.take_challenge(session)
        assert taken is not None
        assert taken["challenge"] == "of-this-session"
        assert services.take_challenge(session) is None
        services.keep_challenge(session, state)
        with clock.at(NOON + limits.CHALLENGE):
            assert services.take_challenge(session) is None
        assert [services._first_use(each) for each in ("one", "one", "two")] == [True, False, True]


@pytest.mark.parametrize(
    "answer",
    ["", "{}", "[]", "null", '{"response": {}}', '{"response": {"userHandle": "AAAA"}}', '{"id": 1}', "x" * 9999],
)
def test_an_answer_that_is_none_lets_nobody_in(client: Client, therapist: User, answer: str) -> None:
    assert client.post("/login", {"credential": answer}).status_code == 200
    client.post("/login/passkey")
    assert client.post("/login", {"credential": answer}).status_code == 200
    first(client)
    client.post("/login/enrol/passkey")
    assert client.post("/login/enrol", {"credential": answer}).status_code == 200
    give_totp(therapist)
    client.post("/login/second/passkey")
    assert client.post("/login/second", {"credential": answer}).status_code == 200
    assert not inside(client)


# -- nothing before it


def addresses(patterns: list[Any] | None = None, before: str = "/") -> Iterator[tuple[str, Any]]:
    """Every address of the clinic with something in its holes, and its view."""
    for each in get_resolver().url_patterns if patterns is None else patterns:
        where = before + re.sub(r"<[^>]*>", "0", str(each.pattern))
        if isinstance(each, URLPattern):
            yield where, each.callback
        else:
            yield from addresses(each.url_patterns, where)


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
@pytest.mark.parametrize("enrolled", [True, False])
def test_without_the_second_proof_no_address_tells_of_a_patient(
    client: Client, therapist: User, method: str, enrolled: bool
) -> None:
    with as_organization(therapist.organization_id):
        Patient(name=PATIENT, made=NOON).save(force_insert=True)
        User.objects.filter(id=therapist.id).update(role="owner")
    if enrolled:
        give_totp(therapist)
    seen = 0
    for address, view in addresses():
        log_in(client, therapist, mfa=False)
        answered = getattr(client, method)(address)
        assert PATIENT.encode() not in b"".join(answered), address
        if door_of(view)[0] in ("inside", "locked", "again"):
            seen += 1
            assert answered.status_code == 302, address
            assert answered.headers["Location"].startswith("/login/second?"), address
    assert seen >= 3
