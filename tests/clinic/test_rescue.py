"""`fifteen rescue`: the way back in of an owner whom no other owner can help."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from fifteen.cli import main
from fifteen.clinic.accounts import access, lockout
from fifteen.clinic.accounts.models import Attempt, Authenticator, Session, User
from fifteen.clinic.audit.models import Event
from fifteen.clinic.tenancy.models import Organization
from tests.clinic.conftest import NOON, as_organization, log_in
from tests.clinic.doors import give_totp

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """The command in this process; the test's database stands in for the clinic's."""
    from fifteen.clinic import vault

    monkeypatch.setenv("FIFTEEN_KEYS", str(vault.keys_path()))
    monkeypatch.setenv("FIFTEEN_DATABASE_URL", "postgresql:///elsewhere")

    def call(*args: str) -> tuple[Any, str, str]:
        with pytest.raises(SystemExit) as end:
            main(["rescue", "--organization", "north", *args])
        return (end.value.code, *capsys.readouterr())

    return call


def shut_out(user: User) -> None:
    with as_organization(user.organization_id):
        key = lockout.key_of(user.login)
        for minute in range(100):
            at = NOON - timedelta(days=9, minutes=minute)
            Attempt(kind="password", login=key, address="192.0.2.7", good=False, at=at).save(force_insert=True)
        assert lockout.capped([user.login]) == {user.login}


def events(user: User) -> list[tuple[str, str, str, str]]:
    with as_organization(user.organization_id):
        rows = Event.objects.filter(action__startswith="person.").order_by("id")
        return [(each.action, each.actor, each.role, each.object) for each in rows]


def test_the_only_owner_is_let_in_and_the_trail_says_where(run: Any, owner: User) -> None:
    give_totp(owner)
    shut_out(owner)
    code, out, err = run(owner.login.upper())
    assert (code, err) == (0, "")
    assert out == f"{owner.login} can log in again; wrong proofs forgiven: 100.\n"
    assert events(owner) == [("person.let_in", "", "server", owner.id)]
    with as_organization(owner.organization_id):
        assert not lockout.capped([owner.login])
        assert Authenticator.objects.filter(user=owner).count() == 1
        found = access.person(owner.id)
        assert found is not None
        assert found.state == "active"


def test_a_lost_second_factor_is_taken_away_and_every_session_ends(run: Any, owner: User, client: Client) -> None:
    give_totp(owner)
    log_in(client, owner)
    password = owner.password
    code, out, _ = run(owner.login, "--second-factor", "--json")
    assert (code, json.loads(out)) == (0, {"login": owner.login, "forgiven": 0, "second_factor_reset": True})
    with as_organization(owner.organization_id):
        assert not Authenticator.objects.filter(user=owner).exists()
        assert not Session.objects.filter(user=owner, ended=None).exists()
        assert User.objects.get(id=owner.id).password == password
    assert [each[0] for each in events(owner)] == ["person.let_in", "person.second_reset"]


def test_whoever_is_not_there_or_switched_off_is_refused_in_one_sentence(
    run: Any, owner: User, therapist: User, north: Organization
) -> None:
    assert run("nobody")[::2] == (2, "fifteen: nobody logs in here as 'nobody'; check how the log-in is written.\n")
    with as_organization(north.id):
        User.objects.filter(id=therapist.id).update(active=False)
    code, out, err = run(therapist.login)
    assert (code, out) == (2, "")
    assert "switched off" in err
    assert events(owner) == []
