"""Tablets of the house: registered, opened by one full log-in a day, shared by PIN, ended when lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from fifteen.clinic.accounts import devices, pins, sessions
from fifteen.clinic.accounts.models import Attempt, Device, Session, User
from fifteen.clinic.audit.models import Event
from fifteen.clinic.tenancy import clock
from fifteen.clinic.tenancy.models import Organization, Site
from fifteen.web.clinic.locked_pages import initials
from tests.clinic.conftest import NOON, Keyed, as_organization, log_in, make_user

pytestmark = pytest.mark.django_db
PIN = "2580"


def later(minutes: float) -> Any:
    return clock.at(NOON + timedelta(minutes=minutes))


def with_pin(organization: Organization, login: str, pin: str = PIN, role: str = "therapist") -> User:
    user = make_user(organization, login, role)
    with as_organization(organization.id):
        pins.set_pin(user, pin)
    return user


class Tablet:
    """A browser on a registered tablet."""

    def __init__(self, owner: User) -> None:
        self.client = Keyed()
        self.organization = owner.organization_id
        with as_organization(self.organization):
            site = Site(name="Main street")
            site.save()
            self.device, self.token = devices.register("Blue", site=site, by=owner)
        self.client.cookies[settings.DEVICE_COOKIE] = self.token

    def full_log_in(self, user: User) -> Session:
        """As the log-in does it once both proofs held."""
        session = log_in(self.client, user)
        with as_organization(self.organization):
            devices.opened_by(session, self.token)
        return session

    def switch(self, user: User | str, pin: str = PIN) -> int:
        who = {"login": user} if isinstance(user, str) else {"person": user.id}
        return int(self.client.post("/switch", {**who, "pin": pin}).status_code)

    def session(self) -> Session:
        """The session of the cookie as it stands now."""
        token = self.client.cookies[settings.SESSION_COOKIE].value
        with as_organization(self.organization):
            found = Session.objects.select_related("user").get(token=sessions.hashed(token))
        assert isinstance(found, Session)
        return found


@pytest.fixture
def tablet(owner: User) -> Tablet:
    return Tablet(owner)


@pytest.fixture
def ana(north: Organization) -> User:
    return with_pin(north, "ana")


@pytest.fixture
def ben(north: Organization) -> User:
    return with_pin(north, "ben", "1379")


@pytest.mark.parametrize("pin", ["2580", "1379", "13579", "90210", "24681357", "0012"])
def test_a_pin(pin: str) -> None:
    assert pins.trouble(pin) == ""


@pytest.mark.parametrize(
    ("pin", "why"),
    [
        ("", "digits"), ("258", "digits"), ("258013579", "digits"), ("25a0", "digits"), ("²⁵⁸⁰", "digits"),
        ("٢٥٨٠", "digits"), ("0000", "repeat"), ("77777777", "repeat"), ("1212", "repeat"), ("123123", "repeat"),
        ("1234", "sequence"), ("4321", "sequence"), ("7890", "sequence"), ("98765432", "sequence"),
    ],
)  # fmt: skip
def test_no_pin(pin: str, why: str) -> None:
    assert pins.trouble(pin) == why


def test_a_pin_is_set_with_a_fresh_proof_only(client: Client, therapist: User) -> None:
    session = log_in(client, therapist)
    with later(6):
        assert client.get("/sessions/pin").headers["Location"] == "/prove?next=%2Fsessions%2Fpin"
        assert client.post("/sessions/pin", {"pin": PIN, "again": PIN}).status_code == 401
    with as_organization(therapist.organization_id):
        assert User.objects.get(id=therapist.id).pin == ""
    for pin, again, said in (("1234", "1234", "in a row"), ("0000", "0000", "repeats"), (PIN, "2581", "not the same")):
        response = client.post("/sessions/pin", {"pin": pin, "again": again})
        assert response.status_code == 422
        assert said in response.content.decode()
    assert client.post("/sessions/pin", {"pin": PIN, "again": PIN}).headers["Location"] == "/sessions"
    with as_organization(therapist.organization_id):
        stored = User.objects.get(id=therapist.id).pin
        event = Event.objects.get(action="pin_set")
    assert stored
    assert PIN not in stored
    assert (event.session, event.detail) == (session.id, {})


def test_the_same_pin_of_two_people_is_kept_differently_and_opens_only_its_own(tablet: Tablet, ana: User) -> None:
    with as_organization(tablet.organization):
        other = User.objects.get(id=tablet.device.made_by_id)
        other.pin = ana.pin
        other.save()
        assert pins.attempt(other, tablet.device, PIN) == "wrong", "a hash moved to another row opens nothing"
        assert pins.attempt(ana, tablet.device, PIN) == "good"


def test_an_owner_registers_the_tablet_in_hand(client: Client, owner: User) -> None:
    log_in(client, owner)
    with as_organization(owner.organization_id):
        site = Site(name="Main street")
        site.save()
    assert client.post("/devices/register", {"label": " ", "site": site.id}).status_code == 422
    assert client.post("/devices/register", {"label": "Blue", "site": "?"}).status_code == 422
    response = client.post("/devices/register", {"label": "Blue", "site": site.id})
    assert response.headers["Location"] == "/sessions/all"
    cookie = response.cookies[settings.DEVICE_COOKIE]
    assert (cookie["max-age"], cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (
        365 * 24 * 3600, True, "Strict", "/", "",
    )  # fmt: skip
    with as_organization(owner.organization_id):
        device = Device.objects.get()
        assert device.token == sessions.hashed(cookie.value)
        assert (device.label, device.site_id, device.made_by_id, device.opened) == ("Blue", site.id, owner.id, None)
        assert Event.objects.get(action="device_registered").object == device.id
    assert "Blue" in client.get("/sessions/all").content.decode()
    again = client.post("/devices/register", {"label": "Red", "site": site.id})
    assert again.status_code == 422
    assert "registered already" in again.content.decode()


def test_only_an_owner_with_a_fresh_proof_registers(client: Client, therapist: User, owner: User) -> None:
    log_in(client, therapist)
    assert client.post("/devices/register", {"label": "Blue"}).status_code == 403
    log_in(client, owner)
    with later(6):
        assert client.post("/devices/register", {"label": "Blue"}).headers["Location"].startswith("/prove?")
    with as_organization(owner.organization_id):
        assert not Device.objects.exists()


def test_the_day_opens_with_one_full_log_in(tablet: Tablet, ana: User, ben: User) -> None:
    assert tablet.switch(ana) == 403
    assert "day is not open" in tablet.client.get("/switch").content.decode()
    with as_organization(tablet.organization):
        assert not Attempt.objects.exists(), "a closed tablet does not even try a PIN"
    first = tablet.full_log_in(ana)
    with later(1):
        assert tablet.switch("ben", "1379") == 302
        now = tablet.session()
    assert (now.user_id, now.mfa, now.device_id, now.proved) == (ben.id, True, tablet.device.id, None)
    with as_organization(tablet.organization):
        left = Session.objects.get(id=first.id)
        event = Event.objects.get(action="switched")
    assert left.ended is None
    assert left.locked == NOON + timedelta(minutes=1)
    assert (event.actor, event.session, event.device) == (ben.id, now.id, tablet.device.id)


def test_the_day_ends_at_three_at_the_site(tablet: Tablet, ana: User) -> None:
    tablet.full_log_in(ana)
    three = datetime(2026, 3, 3, 8, 0, tzinfo=UTC)
    with clock.at(three - timedelta(minutes=1)):
        assert tablet.switch(ana) == 302
        assert tablet.session().ends == three, "what a PIN began ends with the day"
    with clock.at(three):
        assert tablet.switch(ana) == 403


@pytest.mark.parametrize(
    ("instant", "began"),
    [
        (datetime(2026, 3, 8, 6, 59, tzinfo=UTC), datetime(2026, 3, 7, 8, 0, tzinfo=UTC)),
        (datetime(2026, 3, 8, 7, 0, tzinfo=UTC), datetime(2026, 3, 8, 7, 0, tzinfo=UTC)),  # the hour that is skipped
        (datetime(2026, 11, 1, 7, 59, tzinfo=UTC), datetime(2026, 10, 31, 7, 0, tzinfo=UTC)),
        (datetime(2026, 11, 1, 8, 0, tzinfo=UTC), datetime(2026, 11, 1, 8, 0, tzinfo=UTC)),
    ],
)
def test_a_day_when_the_clock_changes(tablet: Tablet, instant: datetime, began: datetime) -> None:
    with clock.at(instant), as_organization(tablet.organization):
        assert devices.day_began(tablet.device) == began


def test_switching_shows_who_used_it_today(tablet: Tablet, ana: User, ben: User, north: Organization) -> None:
    tablet.full_log_in(ana)
    assert 'value="' + ana.id in tablet.client.get("/switch").content.decode()
    assert ben.id not in tablet.client.get("/switch").content.decode()
    with later(1):
        tablet.switch("ben", "1379")
    page = tablet.client.get("/switch").content.decode()
    assert page.index("Ana") < page.index("Ben")
    with as_organization(north.id):
        User.objects.filter(id=ben.id).update(active=False)
    assert ben.id not in tablet.client.get("/switch").content.decode()
    with clock.at(NOON + timedelta(days=1)), as_organization(north.id):
        assert devices.people_today(tablet.device) == []


def test_there_and_back_is_the_same_session_under_a_new_token(tablet: Tablet, ana: User, ben: User) -> None:
    first = tablet.full_log_in(ana)
    tokens = {first.token}
    for minute, user, pin in ((1, ben, "1379"), (2, ana, PIN), (3, ben, "1379")):
        with later(minute):
            assert tablet.switch(user, pin) == 302
            assert tablet.client.get("/home").status_code == 200
            now = tablet.session()
            assert now.user_id == user.id
            tokens.add(now.token)
            if user is ana:
                assert (now.id, now.proved, now.locked) == (first.id, None, None)
    assert len(tokens) == 4
    with as_organization(tablet.organization):
        assert Session.objects.filter(ended=None).count() == 2
        assert Session.objects.filter(ended=None, locked=None).count() == 1


def test_after_a_pin_a_fresh_action_asks_for_a_full_proof(tablet: Tablet, owner: User, north: Organization) -> None:
    tablet.full_log_in(owner)
    with as_organization(north.id):
        pins.set_pin(User.objects.get(id=owner.id), PIN)
    with later(1):
        assert tablet.client.get("/sessions/all").status_code == 200
        assert tablet.switch(owner) == 302
        assert tablet.client.get("/sessions/all").headers["Location"].startswith("/prove?")


def test_a_locked_tablet_unlocks_by_pin_and_goes_back(tablet: Tablet, ana: User) -> None:
    before = tablet.full_log_in(ana)
    with later(20):
        assert tablet.client.get("/home").headers["Location"] == "/locked?next=%2Fhome"
        assert 'name="pin"' in tablet.client.get("/locked?next=/notes/1").content.decode()
        response = tablet.client.post("/locked", {"pin": PIN, "next": "/notes/1"})
        assert response.headers["Location"] == "/notes/1"
        now = tablet.session()
        assert (now.id, now.locked, now.proved) == (before.id, None, None)
        assert now.token != before.token
        assert tablet.client.get("/home").status_code == 200


@pytest.mark.parametrize("how", ["day over", "other browser", "device ended", "no cookie"])
def test_a_pin_unlocks_only_on_the_open_tablet_itself(tablet: Tablet, ana: User, how: str) -> None:
    session = tablet.full_log_in(ana)
    with as_organization(tablet.organization):
        sessions.lock(session)
        if how == "day over":
            Device.objects.update(opened=NOON - timedelta(days=1))
        if how == "other browser":
            Session.objects.update(device=None)
        if how == "device ended":
            Device.objects.update(ended=NOON)
    if how == "no cookie":
        del tablet.client.cookies[settings.DEVICE_COOKIE]
    with later(1):
        response = tablet.client.post("/locked", {"pin": PIN})
        assert response.status_code == 200
        assert 'name="pin"' not in response.content.decode()
    with as_organization(tablet.organization):
        assert Session.objects.get(id=session.id).locked is not None


def test_five_wrong_pins_then_only_a_full_log_in(tablet: Tablet, ana: User) -> None:
    tablet.full_log_in(ana)
    with later(1):
        tablet.client.post("/lock")
        assert [tablet.client.post("/locked", {"pin": "9753"}).status_code for _ in range(5)] == [422] * 4 + [429]
        assert tablet.client.post("/locked", {"pin": PIN}).status_code == 429
        assert tablet.session().locked is not None, "the right PIN comes too late"
        assert tablet.switch(ana) == 429
    with later(2):
        tablet.full_log_in(ana)
    with later(3):
        tablet.client.post("/lock")
        assert tablet.client.post("/locked", {"pin": PIN}).status_code == 302


def test_tries_count_across_people_and_a_right_pin_of_another_clears_none(
    tablet: Tablet, ana: User, ben: User, north: Organization
) -> None:
    cem = with_pin(north, "cem", "8520")
    tablet.full_log_in(ana)
    with later(1):
        assert [tablet.switch(user, "9753") for user in (ana, ana, cem, cem)] == [422] * 4
        assert tablet.switch(ben, "1379") == 302
        assert tablet.switch(ana, "9753") == 429
        assert [tablet.switch(user, pin) for user, pin in ((ana, PIN), (ben, "1379"), (cem, "8520"))] == [429] * 3
    with later(2):
        tablet.full_log_in(ben)
    with later(3):
        assert tablet.switch(cem, "8520") == 302
        assert tablet.switch(ana) == 302


def test_tries_of_a_person_count_across_tablets(tablet: Tablet, owner: User, ana: User) -> None:
    second = Tablet(owner)
    for each in (tablet, second):
        each.full_log_in(owner)
    with later(1):
        assert [tablet.switch(ana, "9753") for _ in range(3)] == [422] * 3
        assert [second.switch(ana, "9753") for _ in range(2)] == [422, 429]
        assert second.switch(ana) == 429
        assert second.switch("olga", "9753") == 422, "others may still try on the second"


def test_a_slip_of_the_finger_is_forgotten_with_the_right_pin(tablet: Tablet, ana: User) -> None:
    tablet.full_log_in(ana)
    for minute in range(1, 5):
        with later(minute):
            assert [tablet.switch(ana, "9753") for _ in range(3)] == [422] * 3
            assert tablet.switch(ana) == 302


def test_an_unknown_name_is_answered_like_a_wrong_pin_and_counts(tablet: Tablet, ana: User) -> None:
    tablet.full_log_in(ana)
    with later(1):
        unknown = tablet.client.post("/switch", {"login": "nobody", "pin": PIN})
        known = tablet.client.post("/switch", {"login": "olga", "pin": PIN})
        assert (unknown.status_code, known.status_code) == (422, 422)
        assert "4 tries are left" in unknown.content.decode()
        assert "3 tries are left" in known.content.decode(), "the tablet counts both"
        assert [tablet.switch("nobody"), tablet.switch("no one"), tablet.switch("x")] == [422, 422, 429]
        assert tablet.switch(ana) == 429


def test_locking_an_open_tablet_asks_who_goes_on_and_only_the_same_person_goes_back(
    tablet: Tablet, ana: User, ben: User
) -> None:
    tablet.full_log_in(ana)
    with later(1):
        assert tablet.client.post("/lock", {"next": "/notes/1"}).headers["Location"] == "/switch?next=%2Fnotes%2F1"
        page = tablet.client.get("/switch?next=/notes/1").content.decode()
        assert f'value="{ana.id}" checked' in page
        goes = tablet.client.post("/switch", {"person": ana.id, "pin": PIN, "next": "/notes/1"}).headers["Location"]
        assert goes == "/notes/1"
        goes = tablet.client.post("/switch", {"login": "ben", "pin": "1379", "next": "/notes/1"}).headers["Location"]
        assert goes == "/home"


def test_tries_at_once_wait_for_each_other(tablet: Tablet, ana: User) -> None:
    with as_organization(tablet.organization), CaptureQueriesContext(connection) as asked:
        pins.attempt(ana, tablet.device, "9753")
    statements = [each["sql"] for each in asked if "set_config" not in each["sql"] and "current_set" not in each["sql"]]
    locks = ["FOR UPDATE" in each for each in statements]
    assert locks[:2] == [connection.vendor == "postgresql"] * 2, "both rows are held before anything is counted"


def test_no_name_chosen_costs_no_try(tablet: Tablet, ana: User) -> None:
    tablet.full_log_in(ana)
    with later(1):
        assert tablet.client.post("/switch", {"pin": PIN}).status_code == 422
        with as_organization(tablet.organization):
            assert not Attempt.objects.exists()


def test_no_pin_or_name_is_written_down(tablet: Tablet, ana: User) -> None:
    tablet.full_log_in(ana)
    with later(1):
        tablet.switch("secretname", "9753")
        tablet.switch(ana)
    with as_organization(tablet.organization):
        written = str(list(Event.objects.values())) + str(list(Attempt.objects.values()))
    assert "secretname" not in written
    assert "9753" not in written.replace(ana.id, "")


def test_without_a_session_the_open_tablet_still_switches(tablet: Tablet, ana: User) -> None:
    session = tablet.full_log_in(ana)
    with later(1):
        tablet.client.post(f"/sessions/{session.id}/end")
        assert "Ana" in tablet.client.get("/switch").content.decode()
        assert tablet.switch(ana) == 302
        assert tablet.session().id != session.id


def test_a_lost_tablet_is_ended_with_its_sessions(client: Client, tablet: Tablet, ana: User, owner: User) -> None:
    tablet.full_log_in(ana)
    log_in(client, owner)
    assert client.post(f"/devices/{tablet.device.id}/end").headers["Location"] == "/sessions/all"
    assert tablet.client.get("/home").headers["Location"].startswith("/login?")
    with later(1):
        assert tablet.client.get("/switch").status_code == 404
        assert tablet.switch(ana) == 404
        again = log_in(tablet.client, ana)
        with as_organization(tablet.organization):
            assert devices.opened_by(again, tablet.token) is None
            assert Event.objects.get(action="device_ended").detail == {"sessions": 1}
    assert client.post(f"/devices/{tablet.device.id}/end").status_code == 404


def test_a_tablet_of_another_organization_is_none(tablet: Tablet, ana: User, south: Organization) -> None:
    tablet.full_log_in(ana)
    sam = with_pin(south, "sam")
    with later(1):
        assert tablet.switch(sam) == 422
        assert tablet.switch("sam") == 422
        there = log_in(tablet.client, sam)
        with as_organization(south.id):
            assert devices.opened_by(there, tablet.token) is None
        assert tablet.client.get("/switch").status_code == 404


def test_a_browser_that_is_no_tablet_cannot_switch(client: Client, ana: User) -> None:
    client.cookies[settings.DEVICE_COOKIE] = "made up"
    assert client.get("/switch").status_code == 404
    assert client.post("/switch", {"person": ana.id, "pin": PIN}).status_code == 404


@pytest.mark.parametrize(
    ("name", "letters"), [("Ana", "A"), ("Ana María de la Cruz", "AC"), ("", ""), ("ana ana", "A")]
)
def test_initials(name: str, letters: str) -> None:
    assert initials(name) == letters
