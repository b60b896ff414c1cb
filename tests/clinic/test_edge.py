"""The edge: closed unless a page says otherwise, and then only for who may."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from fifteen.clinic.accounts import sessions
from fifteen.clinic.accounts.models import Session, User
from fifteen.clinic.people import services as people
from fifteen.clinic.people.models import Patient
from fifteen.clinic.tenancy import clock
from fifteen.clinic.tenancy.context import NoOrganization
from tests.clinic.conftest import NOON, Keyed, as_organization, log_in

pytestmark = pytest.mark.django_db


def test_nothing_is_open_without_a_session(client: Client) -> None:
    response = client.get("/home")
    assert (response.status_code, response.headers["Location"]) == (302, "/login?next=%2Fhome")
    assert response.headers["Cache-Control"] == "no-store"
    assert client.get("/units").status_code == 200


def test_a_session_with_both_proofs_opens_home(client: Client, therapist: User) -> None:
    log_in(client, therapist)
    response = client.get("/home")
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    assert "Ana" in response.content.decode()


def test_without_the_second_proof_it_stays_closed(client: Client, therapist: User) -> None:
    log_in(client, therapist, mfa=False)
    assert client.get("/home").headers["Location"].startswith("/login/second?")


def test_an_idle_session_is_locked_and_an_old_one_is_over(client: Client, therapist: User) -> None:
    session = log_in(client, therapist)
    with clock.at(NOON + timedelta(minutes=16)):
        assert client.get("/home").headers["Location"].startswith("/locked?")
    with as_organization(therapist.organization_id):
        assert Session.objects.get(id=session.id).locked is not None
    with clock.at(NOON + timedelta(hours=13)):
        assert client.get("/home").headers["Location"].startswith("/login?")


def test_who_is_switched_off_is_out_at_the_next_request(client: Client, therapist: User) -> None:
    log_in(client, therapist)
    with as_organization(therapist.organization_id):
        User.objects.filter(id=therapist.id).update(active=False)
    assert client.get("/home").headers["Location"].startswith("/login?")


def test_rows_are_only_read_while_acting_for_their_organization(therapist: User) -> None:
    with pytest.raises(NoOrganization):
        list(User.objects.all())
    with as_organization(therapist.organization_id):
        assert [each.id for each in User.objects.all()] == [therapist.id]
        assert sessions.policy().idle_minutes == 15


class Deadlock(Exception):
    sqlstate = "40P01"


class Crossing:
    """A service that stores, and then so often waits for somebody who waits for it."""

    def __init__(self, times: int, cause: Exception | None = None) -> None:
        self.times, self.asked, self.cause = times, 0, cause or Deadlock()
        self.real = people.register

    def __call__(self, *args: Any, **given: Any) -> Any:
        found = self.real(*args, **given)
        self.asked += 1
        if self.asked <= self.times:
            raise OperationalError("deadlock detected") from self.cause
        return found


@pytest.mark.parametrize(("times", "status", "stored"), [(1, 302, 1), (3, 302, 1), (4, 500, 0)])
def test_who_crosses_another_begins_again_and_is_stored_once(
    times: int, status: int, stored: int, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Keyed(raise_request_exception=False)
    log_in(client, owner)
    crossing = Crossing(times)
    monkeypatch.setattr(people, "register", crossing)
    assert client.post("/patients/new", {"name": "Ada Alvarez"}).status_code == status
    assert crossing.asked == min(times, 3) + 1
    with as_organization(owner.organization_id):
        assert Patient.objects.count() == stored


def test_another_trouble_of_the_database_is_not_tried_again(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Keyed(raise_request_exception=False)
    log_in(client, owner)
    crossing = Crossing(1, ValueError("the disk"))
    monkeypatch.setattr(people, "register", crossing)
    assert client.post("/patients/new", {"name": "Ada Alvarez"}).status_code == 500
    assert crossing.asked == 1
