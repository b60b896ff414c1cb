"""The first start: one code, one organization, one owner, and then the door is gone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.test import Client

from fifteen.clinic.accounts import setup
from fifteen.clinic.accounts.models import User
from fifteen.clinic.audit.models import Event
from fifteen.clinic.tenancy import access, clock
from fifteen.clinic.tenancy.models import Installation, Organization
from tests.clinic.conftest import NOON, PASSWORD, as_organization

pytestmark = pytest.mark.django_db

FIRST = {
    "organization": "North Shore Therapy",
    "name": "Olga Diaz",
    "login": "olga",
    "password": PASSWORD,
    "again": PASSWORD,
}


def code() -> str:
    found = setup.new_code()
    assert found is not None
    return found


def post(client: Client, **fields: str) -> Any:
    return client.post("/setup", {**FIRST, **fields})


def made() -> int:
    return access.installation().organizations


def test_it_makes_the_organization_and_its_owner_and_records_it(client: Client) -> None:
    key = code()
    assert key in client.get(f"/setup?code={key}").content.decode()
    response = post(client, code=key)
    assert (response.status_code, response.headers["Location"]) == (302, "/login")
    assert made() == 1
    organization = id_of("north-shore-therapy")
    with as_organization(organization):
        found = Organization.objects.get()
        assert (found.slug, found.name, found.made) == ("north-shore-therapy", "North Shore Therapy", NOON)
        [owner] = User.objects.all()
        assert (owner.login, owner.name, owner.role, owner.active) == ("olga", "Olga Diaz", "owner", True)
        assert check_password(PASSWORD, owner.password)
        [event] = Event.objects.all()
        assert (event.action, event.kind, event.object, event.actor, event.outcome) == (
            "setup", "organization", organization, owner.id, "done",
        )  # fmt: skip
        assert event.address == "127.0.0.1"
        assert "olga" not in str(vars(event)).lower()


def test_afterwards_there_is_no_such_page(client: Client) -> None:
    key = code()
    post(client, code=key)
    for response in (client.get("/setup"), client.get(f"/setup?code={key}"), post(client, code=key)):
        assert response.status_code == 404
    assert setup.new_code() is None
    assert setup.establish(key, setup.First(**FIRST)) is None
    assert made() == 1


def test_an_organization_made_by_another_road_closes_it_too(client: Client, north: Organization) -> None:
    assert setup.done()
    assert setup.new_code() is None
    assert client.get("/setup").status_code == 404


def test_a_code_made_before_it_opens_nothing_then(client: Client, request: pytest.FixtureRequest) -> None:
    key = code()
    request.getfixturevalue("north")
    assert not setup.opens(key)
    assert post(client, code=key).status_code == 404
    assert made() == 1


@pytest.mark.parametrize("key", ["", "wrong"])
def test_without_the_code_nothing_is_made(client: Client, key: str) -> None:
    code()
    for response in (client.get(f"/setup?code={key}"), post(client, code=key)):
        assert response.status_code == 403
        assert "Start Fifteen again" in response.content.decode()
    assert made() == 0


def test_a_fresh_installation_has_no_code_that_opens(client: Client) -> None:
    assert client.get("/setup?code=").status_code == 403
    assert post(client, code="").status_code == 403


def test_an_hour_later_it_opens_nothing(client: Client) -> None:
    key = code()
    with clock.at(NOON + timedelta(minutes=59, seconds=59)):
        assert setup.opens(key)
    with clock.at(NOON + timedelta(hours=1)):
        assert client.get(f"/setup?code={key}").status_code == 403
        assert post(client, code=key).status_code == 403
        assert setup.establish(key, setup.First(**FIRST)) is None
    assert made() == 0


def test_a_new_code_ends_the_one_before(client: Client) -> None:
    old, new = code(), code()
    assert post(client, code=old).status_code == 403
    assert post(client, code=new).status_code == 302


def test_the_code_is_stored_as_a_hash_only() -> None:
    key = code()
    assert key not in str(list(Installation.objects.values()))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"password": "password1234", "again": "password1234"}, "too common"),
        ({"password": "short", "again": "short"}, "too short"),
        ({"password": "938471650293", "again": "938471650293"}, "entirely numeric"),
        ({"login": "olgadiaznorth", "password": "olgadiaznorth", "again": "olgadiaznorth"}, "too similar"),
        ({"again": "three rivers under rain"}, "The two passwords differ"),
        ({"organization": "  "}, "Please fill this in"),
        ({"name": ""}, "Please fill this in"),
        ({"login": "x" * 121}, "120 letters"),
        ({"name": "Olga\nDiaz"}, "120 letters"),
    ],
)
def test_what_is_wrong_is_said_kept_and_stored_nowhere(client: Client, wrong: dict[str, str], said: str) -> None:
    key = code()
    response = post(client, code=key, **wrong)
    text = response.content.decode()
    assert response.status_code == 400
    assert said in text
    assert PASSWORD not in text
    assert wrong.get("organization", FIRST["organization"]).strip() in text
    assert made() == 0
    assert setup.opens(key)


def test_nothing_is_half_done(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    key = code()

    def fail(*_args: object, **_named: object) -> None:
        raise RuntimeError("the trail cannot be written")

    monkeypatch.setattr(setup, "record", fail)
    client.raise_request_exception = False
    assert post(client, code=key).status_code == 500
    assert made() == 0
    assert setup.opens(key)


def test_a_form_from_elsewhere_is_refused() -> None:
    key = code()
    assert post(Client(enforce_csrf_checks=True), code=key).status_code == 403
    assert made() == 0


def test_a_name_without_latin_letters_has_a_slug_all_the_same(client: Client) -> None:
    post(client, code=code(), organization="北の診療所")
    with as_organization(id_of("clinic")):
        assert Organization.objects.get().slug == "clinic"


def test_passwords_are_checked_as_a_clinic_checks_them() -> None:
    names = {each["NAME"].rpartition(".")[2] for each in settings.AUTH_PASSWORD_VALIDATORS}
    assert "CommonPasswordValidator" in names


def id_of(slug: str) -> str:
    found = access.organization_of(slug)
    assert found is not None
    return found.id
