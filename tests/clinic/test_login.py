"""Log-in: tokens that nobody had before, sessions that end, passwords, invitations, ways back (checks 23 and 26)."""

from __future__ import annotations

import gzip
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib import auth
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.test import Client

from fifteen.clinic.accounts import limits, passwords, services
from fifteen.clinic.accounts.models import Session, User
from fifteen.clinic.tenancy import clock
from fifteen.clinic.tenancy.models import Organization
from fifteen.settings import clinic
from tests.clinic.conftest import NOON, PASSWORD, as_organization, log_in, make_user
from tests.clinic.doors import attempts, code, events, first, give_totp, second, walk_in

pytestmark = pytest.mark.django_db
CHOSEN = "seven herons over water"


def token(client: Client) -> str:
    found = client.cookies.get(settings.SESSION_COOKIE)
    return found.value if found else ""


def test_two_proofs_open_home_and_the_cookie_is_for_this_site_only(client: Client, therapist: User) -> None:
    secret = give_totp(therapist)
    answered = first(client)
    assert answered.headers["Location"] == "/login/second?next=%2Fhome"
    cookie = answered.cookies[settings.SESSION_COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (True, "Strict", "/", "")
    assert client.get("/home").headers["Location"].startswith("/login/second?")
    assert second(client, code=code(secret)).headers["Location"] == "/home"
    assert client.get("/home").status_code == 200
    assert [each.detail["proof"] for each in events(therapist, "login")] == ["password"]
    assert [each.actor for each in events(therapist, "login.second")] == [therapist.id]


def test_the_cookie_is_secure_where_the_site_is(client: Client, therapist: User, settings: object) -> None:
    settings.SECURE = True  # type: ignore[attr-defined]
    assert first(client).cookies["fifteen"]["secure"]


def test_a_token_set_beforehand_is_not_taken_over(client: Client, therapist: User) -> None:
    client.cookies[settings.SESSION_COOKIE] = "chosen-by-an-attacker"
    first(client)
    assert token(client) != "chosen-by-an-attacker"


def test_the_token_changes_at_each_proof_and_the_one_before_opens_nothing(client: Client, therapist: User) -> None:
    secret = give_totp(therapist)
    first(client)
    seen = [token(client)]
    second(client, code=code(secret))
    seen.append(token(client))
    with clock.at(NOON + timedelta(minutes=2)):
        proved = client.post("/prove", {"password": PASSWORD, "code": code(secret), "next": "/units"})
        assert proved.headers["Location"] == "/units"
        seen.append(token(client))
        assert len(set(seen)) == 3
        for old in seen[:2]:
            stranger = Client()
            stranger.cookies[settings.SESSION_COOKIE] = old
            assert stranger.get("/home").headers["Location"].startswith("/login?")
        assert client.get("/home").status_code == 200
    assert len(events(therapist, "proved")) == 1


def test_a_new_log_in_ends_the_session_this_browser_had(client: Client, therapist: User) -> None:
    before = log_in(client, therapist)
    first(client)
    with as_organization(therapist.organization_id):
        assert Session.objects.get(id=before.id).ended is not None


def test_proving_again_makes_the_proof_fresh(client: Client, therapist: User) -> None:
    secret = give_totp(therapist)
    log_in(client, therapist, proved=NOON - timedelta(minutes=30))
    assert client.get("/proofs").headers["Location"] == "/prove?next=%2Fproofs"
    for wrong in ({"password": PASSWORD, "code": "000000"}, {"password": "no", "code": code(secret)}):
        assert client.post("/prove", {**wrong, "next": "/proofs"}).status_code == 200
        assert client.get("/proofs").status_code == 302
    assert client.post("/prove", {"password": PASSWORD, "code": code(secret), "next": "/proofs"}).status_code == 302
    assert client.get("/proofs").status_code == 200


def test_logging_out_ends_the_session_also_for_who_copied_its_cookie(client: Client, therapist: User) -> None:
    walk_in(client, therapist, give_totp(therapist))
    copy = Client()
    copy.cookies[settings.SESSION_COOKIE] = token(client)
    assert copy.get("/home").status_code == 200
    assert client.get("/logout").status_code == 405
    answered = client.post("/logout")
    assert (answered.headers["Location"], answered.cookies[settings.SESSION_COOKIE].value) == ("/login", "")
    assert copy.get("/home").headers["Location"].startswith("/login?")
    assert len(events(therapist, "logout")) == 1


def test_logging_out_everywhere_ends_every_session_of_the_person_only(
    client: Client, therapist: User, owner: User
) -> None:
    others = [Client(), Client(), Client()]
    for each, user in zip([client, *others], [therapist, therapist, therapist, owner], strict=True):
        log_in(each, user)
    client.post("/logout", {"everywhere": "1"})
    assert [each.get("/home").status_code for each in [client, *others]] == [302, 302, 302, 200]


def test_disabling_ends_every_session_and_no_proof_opens_another(client: Client, therapist: User) -> None:
    secret, other = give_totp(therapist), Client()
    walk_in(client, therapist, secret)
    log_in(other, therapist)
    with as_organization(therapist.organization_id):
        services.disable(User.objects.get(id=therapist.id))
        assert not Session.objects.filter(ended=None).exists()
    assert [each.get("/home").status_code for each in (client, other)] == [302, 302]
    assert first(Client()).status_code == 200


@pytest.mark.parametrize(
    "asked",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "evil", "", "///evil.example",
     "/\t/evil.example", "https:evil.example"],
)  # fmt: skip
def test_after_the_log_in_only_to_paths_of_this_site(client: Client, therapist: User, asked: str) -> None:
    secret = give_totp(therapist)
    first(client)
    assert second(client, code=code(secret), next=asked).headers["Location"] == "/home"


def test_after_the_log_in_back_to_the_page_asked_for(client: Client, therapist: User) -> None:
    secret = give_totp(therapist)
    answered = client.post("/login", {"login": " ANA ", "password": PASSWORD, "next": "/proofs?a=b"})
    assert answered.headers["Location"] == "/login/second?next=%2Fproofs%3Fa%3Db"
    assert second(client, code=code(secret), next="/proofs?a=b").headers["Location"] == "/proofs?a=b"


def test_the_organization_is_asked_for_only_where_there_are_several(
    client: Client, therapist: User, request: pytest.FixtureRequest
) -> None:
    assert b'name="organization"' not in client.get("/login").content
    south: Organization = request.getfixturevalue("south")
    make_user(south, "bea")
    assert b'name="organization"' in client.get("/login").content
    assert first(client, "bea").status_code == 200
    answered = client.post("/login", {"organization": "South", "login": "bea", "password": PASSWORD})
    assert answered.status_code == 302
    assert client.post("/login", {"organization": "south", "login": "ana", "password": PASSWORD}).status_code == 200


def test_a_form_from_elsewhere_logs_nobody_in(therapist: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert first(strict).status_code == 403
    assert attempts(therapist) == 0


# -- passwords


def test_none_of_the_3000_most_common_passwords_is_one(therapist: User) -> None:
    common = common_first(3000)
    assert [each for each in common if not passwords.troubles(each, therapist)] == []


def test_the_list_itself_refuses_them_also_where_length_would_not(
    therapist: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "PASSWORD_MIN", 1)
    assert all("common" in passwords.troubles(each.upper(), therapist) for each in common_first(3000))


def common_first(count: int) -> list[str]:
    """The first so many of Django's list, which begins with the most common."""
    text = gzip.decompress(Path(auth.__file__).with_name("common-passwords.txt.gz").read_bytes()).decode()
    found = text.split("\n")[:count]
    assert (found[0], len(found)) == ("123456", count)
    return found


@pytest.mark.parametrize(
    ("typed", "trouble"),
    [("eleven char", "short"), ("x" * 257, "long"), ("1234567890qwertyuiop", "common"),
     ("my name is Annabel", "personal"),
     ("annabel-s@north.example", "personal"), (CHOSEN, "")],
)  # fmt: skip
def test_what_makes_a_password(north: Organization, typed: str, trouble: str) -> None:
    user = User(organization=north, login="annabel-s@north.example", name="Annabel Smith")
    assert passwords.troubles(typed, user) == ([trouble] if trouble else [])


def test_production_hashes_with_argon2() -> None:
    said = Path(clinic.__file__).read_text("utf-8")
    assert 'PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]' in said
    hasher = Argon2PasswordHasher()
    assert hasher.verify(PASSWORD, hasher.encode(PASSWORD, hasher.salt()))


# -- invitations


def test_an_invitation_is_good_once_and_leads_to_the_second_factor(client: Client, north: Organization) -> None:
    user = make_user(north, "new")
    with as_organization(north.id):
        User.objects.filter(id=user.id).update(password="")
        link = f"/invited/{services.invite(user)}"
    assert b"Choose a password" in client.get(link).content
    refused = client.post(link, {"password": "short", "again": "short"})
    assert b'role="alert"' in refused.content
    assert client.post(link, {"password": CHOSEN, "again": CHOSEN + "!"}).status_code == 200
    answered = client.post(link, {"password": CHOSEN, "again": CHOSEN})
    assert answered.headers["Location"] == "/login/second"
    assert client.get("/login/second").headers["Location"].startswith("/login/enrol")
    assert client.get("/home").status_code == 302
    assert Client().post(link, {"password": CHOSEN, "again": CHOSEN}).status_code == 404
    assert first(Client(), "new", CHOSEN).status_code == 302
    assert len(events(user, "person.invited")) == len(events(user, "person.accepted")) == 1


def test_an_invitation_runs_out_and_a_newer_one_replaces_it(client: Client, therapist: User) -> None:
    with as_organization(therapist.organization_id):
        old, new = services.invite(therapist), services.invite(therapist)
    assert client.get(f"/invited/{old}").status_code == 404
    assert client.get(f"/invited/{new}").status_code == 200
    with clock.at(NOON + limits.INVITATION):
        assert client.get(f"/invited/{new}").status_code == 404
    assert client.get("/invited/nothing").status_code == 404


def test_a_new_password_ends_every_session(client: Client, therapist: User) -> None:
    log_in(client, therapist)
    with as_organization(therapist.organization_id):
        link = services.invite(therapist)
    Client().post(f"/invited/{link}", {"password": CHOSEN, "again": CHOSEN})
    assert client.get("/home").headers["Location"].startswith("/login?")
    assert first(Client()).status_code == 200
