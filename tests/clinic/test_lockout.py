"""Lockout: brute force, sprays, and answers that do not say whether a name exists (check 25)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher, get_hasher
from django.test import Client

from fifteen.clinic.accounts import lockout
from fifteen.clinic.accounts.models import Attempt, User
from fifteen.clinic.tenancy import clock
from fifteen.clinic.tenancy.models import Organization
from tests.clinic.conftest import NOON, PASSWORD, as_organization, log_in, make_user
from tests.clinic.doors import attempts, body, events, first, give_totp

pytestmark = pytest.mark.django_db
WRONG = "not the password at all"


class Counted:
    """How often a password was hashed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls = 0
        real = MD5PasswordHasher.encode

        def encode(hasher: MD5PasswordHasher, password: str, salt: str) -> str:
            self.calls += 1
            return real(hasher, password, salt)

        monkeypatch.setattr(MD5PasswordHasher, "encode", encode)

    def of(self, client: Client, login: str, password: str) -> tuple[int, int, bytes]:
        """Calls, status and body of one attempt."""
        before = self.calls
        answered = first(client, login, password)
        return self.calls - before, answered.status_code, body(answered, login)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch, client: Client, therapist: User) -> Counted:
    first(client, "warm-up", WRONG)  # the spare hash is made once in a process
    return Counted(monkeypatch)


def test_five_failures_lock_a_login_for_fifteen_minutes(client: Client, therapist: User) -> None:
    give_totp(therapist)
    for _ in range(4):
        first(client, password=WRONG)
    assert first(Client()).status_code == 302, "four failures lock nothing"
    for _ in range(5):
        assert first(client, password=WRONG).status_code == 200
    for minutes, status in ((0, 200), (14, 200), (15, 302)):
        with clock.at(NOON + timedelta(minutes=minutes)):
            assert first(Client(), REMOTE_ADDR="10.9.9.9").status_code == status
    assert [each.object for each in events(therapist, "login.locked")] == [therapist.id]


def test_failures_long_apart_lock_nothing(client: Client, therapist: User) -> None:
    for each in range(12):
        with clock.at(NOON + timedelta(minutes=4 * each)):
            assert first(client, password=WRONG).status_code == 200
    with clock.at(NOON + timedelta(minutes=46)):
        assert first(client).status_code == 302


def test_trying_on_while_locked_does_not_make_it_longer_and_stores_nothing(client: Client, therapist: User) -> None:
    for _ in range(5):
        first(client, password=WRONG)
    stored = attempts(therapist)
    for each in range(40):
        with clock.at(NOON + timedelta(seconds=20 * each)):
            assert first(client, password=PASSWORD if each % 2 else WRONG).status_code == 200
    assert attempts(therapist) == stored == 5
    with clock.at(NOON + timedelta(minutes=15)):
        assert first(client).status_code == 302


def test_a_login_written_otherwise_is_the_same_login(client: Client, therapist: User) -> None:
    for typed in ("ana", "ANA", " Ana", "aNa ", "ａｎａ"):
        first(client, typed, WRONG)
    assert first(client).status_code == 200


def test_brute_force_of_one_login_gets_five_tries(client: Client, therapist: User) -> None:
    guesses = [f"{WRONG} {each}" for each in range(200)] + [PASSWORD]
    statuses = {
        first(client, password=each, REMOTE_ADDR=f"10.0.1.{n % 250}").status_code for n, each in enumerate(guesses)
    }
    assert statuses == {200}, "the right one, last, is refused too"
    with as_organization(therapist.organization_id):
        assert Attempt.objects.filter(login=lockout.key_of("ana")).count() == 5
        assert not Attempt.objects.filter(good=True).exists()


@pytest.mark.parametrize("size", [300, pytest.param(10_000, marks=pytest.mark.nightly)])
def test_a_spray_of_many_logins_over_fifty_addresses_enters_nowhere(north: Organization, size: int) -> None:
    user = make_user(north, "login7")
    addresses = 50 if size > 5_000 else 4
    client, answers = Client(), set()
    for each in range(size):
        answered = first(client, f"login{each}", "Winter2026!ab", REMOTE_ADDR=f"10.1.0.{each % addresses}")
        answers.add((answered.status_code, body(answered, f"login{each}")))
    assert len(answers) == 1, "no login is told from another"
    assert next(iter(answers))[0] == 200
    assert attempts(user) == 50 * addresses, "each address is heard fifty times"
    assert len([each for each in events(user, "login.locked") if each.kind == "address"]) == addresses
    assert first(Client(), "login7", REMOTE_ADDR="10.1.0.1").status_code == 200
    assert first(Client(), "login7", REMOTE_ADDR="10.2.0.1").status_code == 302


def test_names_known_unknown_disabled_locked_and_without_a_password_look_the_same(
    client: Client, therapist: User, north: Organization, counted: Counted
) -> None:
    off, bare, locked = make_user(north, "off"), make_user(north, "bare"), make_user(north, "locked")
    with as_organization(north.id):
        User.objects.filter(id=off.id).update(active=False)
        User.objects.filter(id=bare.id).update(password="")
    for _ in range(5):
        first(client, locked.login, WRONG)
        first(client, "nobody-locked", WRONG)
    found = {
        "wrong": counted.of(client, "ana", WRONG),
        "unknown": counted.of(client, "nobody", WRONG),
        "off, right": counted.of(client, "off", PASSWORD),
        "bare": counted.of(client, "bare", WRONG),
        "bare, empty": counted.of(client, "bare", "x"),
        "locked, wrong": counted.of(client, "locked", WRONG),
        "locked, right": counted.of(client, "locked", PASSWORD),
        "unknown, locked": counted.of(client, "nobody-locked", WRONG),
    }
    assert {calls for calls, _, _ in found.values()} == {1}
    assert {status for _, status, _ in found.values()} == {200}
    assert len({said for _, _, said in found.values()}) == 1, found.keys()


def test_an_unknown_organization_looks_the_same(
    client: Client, therapist: User, south: Organization, counted: Counted
) -> None:
    def of(organization: str) -> tuple[int, int, bytes]:
        before = counted.calls
        answered: Any = client.post("/login", {"organization": organization, "login": "ana", "password": WRONG})
        return counted.calls - before, answered.status_code, body(answered, organization)

    assert of("north")[0] == 1
    assert of("north") == of("nowhere")


def test_the_hasher_counted_is_the_one_in_use() -> None:
    assert isinstance(get_hasher(), MD5PasswordHasher)


def test_a_lock_of_one_organization_is_none_of_another(client: Client, therapist: User, south: Organization) -> None:
    make_user(south)
    for _ in range(5):
        client.post("/login", {"organization": "north", "login": "ana", "password": WRONG})
    assert client.post("/login", {"organization": "north", "login": "ana", "password": PASSWORD}).status_code == 200
    assert client.post("/login", {"organization": "south", "login": "ana", "password": PASSWORD}).status_code == 302


def test_the_owner_sees_who_is_locked_out(client: Client, therapist: User, owner: User) -> None:
    log_in(client, owner)
    assert b"Nobody is locked out" in client.get("/locked-out").content
    for _ in range(5):
        first(Client(), password=WRONG)
    page = client.get("/locked-out").content.decode()
    assert "<b>Ana</b> password: until 17:15 UTC" in page
    log_in(client, therapist)
    assert client.get("/locked-out").status_code == 403


def test_no_login_is_written_into_attempts_or_the_trail(client: Client, therapist: User) -> None:
    first(client, "somebody.by.name", WRONG)
    first(client, password=WRONG)
    with as_organization(therapist.organization_id):
        stored = str(list(Attempt.objects.values()))
    said = " ".join(str(each.__dict__) for each in events(therapist, "login.failed"))
    assert "somebody" not in stored + said
    assert [each.object for each in events(therapist, "login.failed")] == ["", therapist.id]
    assert WRONG not in stored + said
