"""The edge: closed unless a page says otherwise, and then only for who may."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from fifteen.clinic.accounts import sessions
from fifteen.clinic.accounts.models import Session, User
from fifteen.clinic.tenancy import clock
from fifteen.clinic.tenancy.context import NoOrganization
from tests.clinic.conftest import NOON, as_organization, log_in

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
