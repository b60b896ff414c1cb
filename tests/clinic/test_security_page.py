"""What an organization may set for its security: within ranges, one change at a time, with its trail."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client

from fifteen.clinic import vault
from fifteen.clinic.accounts import policies, sessions
from fifteen.clinic.accounts.models import Policy, Session, User
from fifteen.clinic.audit.models import Event
from fifteen.clinic.tenancy import clock
from fifteen.clinic.tenancy.models import Organization
from fifteen.clinic.tenancy.protections import protections
from tests.clinic.conftest import NOON, Keyed, as_organization, log_in, make_user

pytestmark = pytest.mark.django_db
SET = {"idle_minutes": "10", "session_hours": "8", "fresh_minutes": "5", "break_glass_hours": "2", "version": "1"}


def test_a_change_holds_at_once_and_the_trail_has_old_and_new(client: Client, owner: User) -> None:
    log_in(client, owner)
    assert client.post("/security/change", SET).headers["Location"] == "/security"
    with as_organization(owner.organization_id):
        found = sessions.policy()
        event = Event.objects.get(action="security_changed")
    assert (found.idle_minutes, found.session_hours, found.break_glass_hours, found.version) == (10, 8, 2, 2)
    assert (event.action, event.object) == ("security_changed", found.id)
    assert event.detail == {"idle_minutes": [15, 10], "session_hours": [12, 8], "break_glass_hours": [4, 2]}
    with clock.at(NOON + timedelta(minutes=10.1)):
        assert client.get("/home").headers["Location"].startswith("/locked?")


def test_what_was_read_before_another_change_changes_nothing(client: Client, owner: User) -> None:
    log_in(client, owner)
    client.post("/security/change", SET)
    for version in ("1", "3", "", "x"):
        response = client.post("/security/change", {**SET, "idle_minutes": "20", "version": version})
        assert response.status_code == 409
        assert 'value="10"' in response.content.decode(), "what is set now is shown"
    assert client.post("/security/change", {**SET, "idle_minutes": "20", "version": "2"}).status_code == 302
    with as_organization(owner.organization_id):
        assert (sessions.policy().idle_minutes, sessions.policy().version) == (20, 3)
        assert Event.objects.filter(action="security_changed").count() == 2


def test_two_first_changes_at_once_are_one(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    with as_organization(owner.organization_id):
        policies.change(SET, version="1")
        monkeypatch.setattr(policies, "policy", lambda: Policy())  # as the second read it, before the first stored
        with pytest.raises(policies.Stale):
            policies.change({**SET, "idle_minutes": "20"}, version="1")
        assert sessions.policy().idle_minutes == 10


def test_nothing_new_is_no_change(client: Client, owner: User) -> None:
    log_in(client, owner)
    same = {"idle_minutes": "15", "session_hours": "12", "fresh_minutes": "5", "break_glass_hours": "4", "version": "1"}
    assert client.post("/security/change", same).status_code == 302
    with as_organization(owner.organization_id):
        assert not Event.objects.filter(action="security_changed").exists()


@pytest.mark.parametrize("name", list(policies.RANGES))
def test_the_ranges_hold_at_both_ends(client: Client, owner: User, name: str) -> None:
    log_in(client, owner)
    low, high = policies.RANGES[name].low, policies.RANGES[name].high
    for wrong in (str(low - 1), str(high + 1), "", "-5", "1e1", "٥", "9" * 5000, "1_0", "x"):
        response = client.post("/security/change", {**SET, name: wrong})
        assert response.status_code == 422, wrong
        assert response.content.decode().count('aria-invalid="true"') == 1
    with as_organization(owner.organization_id):
        assert not Policy.objects.exists()
        assert not Event.objects.filter(action="security_changed").exists()
    for version, right in ((1, low), (2, high)):
        assert client.post("/security/change", {**SET, name: str(right), "version": str(version)}).status_code == 302
        with as_organization(owner.organization_id):
            assert getattr(sessions.policy(), name) == right


def test_every_number_of_the_policy_has_a_range_and_its_default_is_in_it() -> None:
    numbers = {each.name for each in Policy._meta.get_fields()} - {"id", "organization", "version"}
    assert numbers == set(policies.RANGES)
    for name, range_ in policies.RANGES.items():
        assert range_.low <= getattr(Policy(), name) <= range_.high
    assert (policies.RANGES["idle_minutes"].low, policies.RANGES["idle_minutes"].high) == (2, 30)
    assert policies.RANGES["session_hours"].high == 12


def test_shorter_hours_end_running_sessions_earlier_and_longer_ones_nothing(client: Client, owner: User) -> None:
    session = log_in(client, owner)
    short = log_in(Keyed(), owner, ends=NOON + timedelta(hours=1))
    client.post("/security/change", SET)
    client.post("/security/change", {**SET, "session_hours": "12", "version": "2"})
    with as_organization(owner.organization_id):
        assert Session.objects.get(id=session.id).ends == NOON + timedelta(hours=8)
        assert Session.objects.get(id=short.id).ends == NOON + timedelta(hours=1)


def test_who_may(client: Client, north: Organization, owner: User) -> None:
    log_in(client, make_user(north, "rita", "compliance"))
    page = client.get("/security")
    assert page.status_code == 200
    assert "/security/change" not in page.content.decode()
    assert client.post("/security/change", SET).status_code == 403
    log_in(client, make_user(north))
    assert client.get("/security").status_code == 403
    log_in(client, owner)
    with clock.at(NOON + timedelta(minutes=6)):
        assert client.get("/security").status_code == 200
        assert client.get("/security/change").headers["Location"] == "/prove?next=%2Fsecurity%2Fchange"
        assert client.post("/security/change", SET).headers["Location"].startswith("/prove?")
    with as_organization(north.id):
        assert not Policy.objects.exists()


def test_one_organization_sets_nothing_for_another(client: Client, owner: User, south: Organization) -> None:
    log_in(client, owner)
    client.post("/security/change", SET)
    with as_organization(south.id):
        assert sessions.policy().idle_minutes == 15


def test_the_page_says_what_protects_and_shows_no_key(client: Client, owner: User) -> None:
    log_in(client, owner)
    page, ring = client.get("/security").content.decode(), vault.ring()
    assert f"Key {ring.newest} seals" in page
    assert re.search(r"Sealed events: \d+ of \d+\.", page)
    assert "note_version" in page
    assert not any(secret in page for secret in (*ring.keys.values(), ring.lookup, ring.chain, ring.django))


def test_the_facts_are_the_database_s_own(db: None) -> None:
    found = protections()
    assert {"audit_event", "audit_seal", "note_version", "note_in_error", "attestation"} <= set(found.grow_only)
    assert {"person", "session", "patient", "note"} <= set(found.owned)
    if connection.vendor == "postgresql":
        assert found.vendor == "PostgreSQL"
        assert found.walled == found.owned
        assert found.bound
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE note NO FORCE ROW LEVEL SECURITY")
            cursor.execute("DROP TRIGGER note_version_no_change ON note_version")
        assert set(found.walled) - set(protections().walled) == {"note"}
    else:
        assert (found.vendor, found.walled, found.durable) == ("SQLite", (), True)
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER note_version_no_update")
    assert set(found.grow_only) - set(protections().grow_only) == {"note_version"}
