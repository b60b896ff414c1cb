"""Lockout: brute force, sprays, and answers that do not say whether a name exists (check 25)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher, get_hasher
from django.db.models import Count
from django.test import Client

from fifteen.clinic.accounts import access, lockout, people_services, pins, services, tasks
from fifteen.clinic.accounts.models import Attempt, Device, Session, User
from fifteen.clinic.tenancy import clock
from fifteen.clinic.tenancy.models import Organization
from tests.clinic.conftest import NOON, PASSWORD, as_organization, log_in, make_user
from tests.clinic.doors import attempts, body, code, events, first, give_totp, walk_in

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


# Too many in a row, and what is forgotten


def fail(
    user: User, times: int, kind: str = "password", *, after: timedelta = timedelta(0), good: bool = False
) -> None:
    """So many attempts of the past, twenty minutes apart so that none of them locks for a while."""
    with as_organization(user.organization_id):
        given = {"kind": kind, "login": lockout.key_of(user.login), "address": "10.3.0.1", "good": good}
        moments = [NOON + after + timedelta(minutes=20 * each) for each in range(times)]
        Attempt.objects.bulk_create(Attempt(at=at, **given) for at in moments)


def state(user: User) -> tuple[str, bool]:
    with as_organization(user.organization_id):
        found = access.person(user.id)
        assert found is not None
        assert [each for each in access.people() if each.user.id == user.id] == [found]
        return found.state, found.capped


LATER = timedelta(days=30)


def test_a_hundred_failures_in_a_row_lock_until_an_owner_lets_in(client: Client, therapist: User, owner: User) -> None:
    secret = give_totp(therapist)
    fail(therapist, 99)
    with clock.at(NOON + LATER):
        assert state(therapist) == ("active", False)
        assert first(Client(), password=WRONG).status_code == 200  # the hundredth
        assert state(therapist) == ("locked_out", True)
        assert [each.detail["for_good"] for each in events(therapist, "login.locked")] == [True]
    with clock.at(NOON + 2 * LATER):
        stored = attempts(therapist)
        assert first(Client()).status_code == 200, "time alone opens nothing"
        assert attempts(therapist) == stored, "nothing is counted any more"
        log_in(client, owner, ends=NOON + 3 * LATER, proved=NOON + 2 * LATER, seen=NOON + 2 * LATER)
        assert "until an owner lets them in again" in client.get("/locked-out").content.decode()
        assert "Too many wrong proofs in a row" in client.get(f"/people/{therapist.id}").content.decode()
        assert 'value="in"' in client.get(f"/people/{therapist.id}/change").content.decode()
        client.post(f"/people/{therapist.id}/change", {"do": "in", "version": 1})
        assert state(therapist) == ("active", False)
        assert [each.detail for each in events(therapist, "person.let_in")] == [{"failures": 100}]
        walk_in(Client(), therapist, secret)


def test_a_proof_that_holds_begins_the_count_of_its_kind_anew(therapist: User) -> None:
    """Of its own kind only: who has the password guesses at most a hundred codes."""
    give_totp(therapist)
    fail(therapist, 60)
    fail(therapist, 1, good=True, after=LATER)
    fail(therapist, 60, after=2 * LATER)
    with clock.at(NOON + 4 * LATER):
        assert state(therapist) == ("active", False)
        fail(therapist, 39, "totp", after=2 * LATER)
        assert state(therapist) == ("active", False)
        fail(therapist, 1, "recovery", after=3 * LATER)
        assert state(therapist) == ("locked_out", True)


def test_at_the_limit_no_typed_proof_is_taken_of_whatever_kind(client: Client, therapist: User) -> None:
    secret = give_totp(therapist)
    assert first(client).status_code == 302
    fail(therapist, 100, "recovery", after=-LATER)
    with as_organization(therapist.organization_id):
        session = Session.objects.get()
        came = services.Came("10.0.0.9")
        assert services.second(session, therapist, "totp", code(secret), came) is None
        assert [kind for kind in lockout.KINDS if not lockout.refused(kind, "ana")] == ["pin", "passkey"]
        assert lockout.let_in("ana") == 100
        assert services.second(session, therapist, "totp", code(secret), came) is not None


def test_choosing_a_password_by_a_new_link_lets_in(therapist: User) -> None:
    fail(therapist, 100)
    with as_organization(therapist.organization_id):
        token = people_services.link(therapist)
        assert people_services.accept(token, PASSWORD)
        assert lockout.capped(["ana", "nobody"]) == set()


def test_nobody_else_is_locked_and_an_unknown_name_looks_the_same(
    client: Client, therapist: User, south: Organization
) -> None:
    other, same = make_user(south), make_user(south, "bea")
    fail(therapist, 100)
    fail(User(organization_id=therapist.organization_id, login="nobody"), 100)
    with clock.at(NOON + LATER):
        assert (state(other)[1], state(same)[1]) == (False, False)
        here = [client.post("/login", {"organization": "north", "login": each, "password": WRONG}) for each in
                ("ana", "nobody", "unheard")]  # fmt: skip
        assert len({body(each, login) for each, login in zip(here, ("ana", "nobody", "unheard"), strict=True)}) == 1


def test_what_no_count_needs_is_forgotten_and_every_lock_stays(therapist: User, owner: User) -> None:
    fail(therapist, 3)
    fail(therapist, 1, good=True, after=LATER)  # which ends the three before
    fail(therapist, 100, "totp", after=LATER)
    fail(User(organization_id=owner.organization_id, login="nobody"), 7, after=LATER)
    later = 3 * LATER
    with as_organization(owner.organization_id):
        Attempt(kind="challenge", login="x", address="", good=True, at=NOON).save()
        Attempt(kind="past", login=lockout.key_of("ana"), address="10.3.0.1", good=False, at=NOON).save()
    fail(owner, 5, after=later - timedelta(hours=2))
    with clock.at(NOON + later):
        for _ in range(5):
            first(Client(), "somebody", WRONG)
        with as_organization(owner.organization_id):
            before = (lockout.locks(), lockout.locked_until("password", "somebody"), lockout.capped(["ana", "olga"]))
            tasks.forget_attempts()
            kept = sorted(Attempt.objects.values_list("login", "kind").annotate(n=Count("id")))
            assert kept == sorted([
                (lockout.key_of("ana"), "totp", 100), (lockout.key_of("olga"), "password", 5),
                (lockout.key_of("somebody"), "password", 5),
            ])  # fmt: skip
            after = (lockout.locks(), lockout.locked_until("password", "somebody"), lockout.capped(["ana", "olga"]))
            assert before == after
            assert [each.until for each in after[0]] == [None]
            assert after[1] is not None


def test_tries_of_a_pin_are_forgotten_where_neither_tablet_nor_person_counts_them(therapist: User) -> None:
    hour = timedelta(hours=1)
    with as_organization(therapist.organization_id):
        tablet = Device(label="T", token="t", made=NOON, made_by=therapist, opened=NOON + 2 * hour)
        tablet.save(force_insert=True)
        Session(user=therapist, token="s", made=NOON, seen=NOON, ends=NOON, proved=NOON + 3 * hour).save()
        for person in (therapist, None):
            for each in range(5):
                login = pins._who(person, "nobody")
                Attempt(kind="pin", login=login, address=tablet.id, good=False, at=NOON + each * hour).save()
        Attempt(kind="pin", login=pins._who(therapist, ""), address=tablet.id, good=True, at=NOON).save()
        Attempt(kind="pin-past", login=pins._who(therapist, ""), address=tablet.id, good=False, at=NOON).save()
        left = [pins.left(each, tablet, name="nobody") for each in (therapist, None)]
        tasks.forget_attempts()
        assert [pins.left(each, tablet, name="nobody") for each in (therapist, None)] == left
        mine = Attempt.objects.filter(login=pins._who(therapist, "")).order_by("at").values_list("at", flat=True)
        assert list(mine) == [NOON + 3 * hour, NOON + 4 * hour]
        assert Attempt.objects.exclude(login=pins._who(therapist, "")).count() == 5, "a name of nobody proves nothing"
