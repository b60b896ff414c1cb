"""One effect per request: a replay gives the first answer, another request under the same key is refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from fifteen.clinic.accounts.matrix import matrix
from fifteen.clinic.accounts.models import User
from fifteen.clinic.audit.models import Event
from fifteen.clinic.jobs import answered
from fifteen.clinic.jobs.models import Answered
from fifteen.clinic.notes import seal, services
from fifteen.clinic.notes.models import Note
from fifteen.clinic.people.models import Patient
from fifteen.clinic.people.services import merge, register
from fifteen.clinic.tenancy import clock
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.ids import new_id
from fifteen.clinic.tenancy.models import Organization
from fifteen.web.clinic.routes import door_of
from tests.clinic.apart import apart, at_once
from tests.clinic.conftest import NOON, as_organization, log_in, make_organization, make_user, post

__all__ = ["apart"]
ADA = {"name": "Ada Stone"}


def rows(organization: str, *but: str) -> list[str]:
    """Everything stored for an organization, except sessions, which a log-in makes, and kept answers."""
    with as_organization(organization):
        return sorted(
            f"{model._meta.db_table} {row}"
            for model in apps.get_models()
            if model._meta.db_table not in ("session", "answered", "organization", "installation", *but)
            for row in model.everywhere.values_list()  # type: ignore[attr-defined]
        )


@pytest.mark.django_db
class TestKeys:
    @pytest.fixture
    def inside(self, client: Client, owner: User) -> Client:
        log_in(client, owner)
        return client

    def test_a_replay_gives_the_first_answer_and_does_nothing(self, inside: Client, owner: User) -> None:
        first = post(inside, "/patients/new", ADA, key="key-12345")
        stored = rows(owner.organization_id)
        again = post(inside, "/patients/new", ADA, key="key-12345")
        assert (again.status_code, again.content) == (first.status_code, first.content)
        assert again.headers["Location"] == first.headers["Location"]
        assert (first.headers.get("Idempotent-Replay"), again.headers["Idempotent-Replay"]) == (None, "true")
        assert again.headers["Cache-Control"] == "no-store"
        assert rows(owner.organization_id) == stored

    def test_a_page_of_an_answer_comes_back_byte_for_byte_and_is_kept_sealed(self, inside: Client, owner: User) -> None:
        first = post(inside, "/patients/new", {"name": ""}, key="key-12345")
        again = post(inside, "/patients/new", {"name": ""}, key="key-12345")
        assert (first.status_code, again.status_code) == (422, 422)
        assert first.content == again.content
        assert again.headers["Content-Type"] == first.headers["Content-Type"]
        with as_organization(owner.organization_id):
            kept = Answered.objects.get()
        assert b"Nothing was changed" in first.content
        assert b"Nothing was changed" not in bytes(kept.body)

    def test_the_same_key_for_another_request_is_refused(self, inside: Client, owner: User) -> None:
        post(inside, "/patients/new", ADA, key="key-12345")
        stored = rows(owner.organization_id)
        others = [
            post(inside, "/patients/new", {"name": "Berta"}, key="key-12345"),
            post(inside, "/patients/new?x=1", ADA, key="key-12345"),
            post(inside, "/lock", ADA, key="key-12345"),
            inside.put("/patients/new", ADA, headers={"Idempotency-Key": "key-12345"}),
            post(inside, "/patients/new", '{"name":"Ada Stone"}', key="key-12345", content_type="application/json"),
        ]
        assert {each.status_code for each in others[:2] + others[3:]} == {422}
        assert rows(owner.organization_id) == stored

    @pytest.mark.parametrize("key", ["", "short", "x" * 81, "with blank", "ünicode-key"])
    def test_without_a_key_nothing_is_done(self, inside: Client, owner: User, key: str) -> None:
        response = inside.post("/patients/new", {**ADA, "idempotency_key": key})
        assert response.status_code == 400
        assert "Idempotency-Key" in response.content.decode()
        with as_organization(owner.organization_id):
            assert not Patient.objects.exists()

    def test_every_form_brings_a_fresh_key_and_the_csrf_token_is_no_part_of_what_is_asked(self, owner: User) -> None:
        client = Client(enforce_csrf_checks=True)
        log_in(client, owner)
        page = client.get("/patients/new").content.decode()
        keys = [each.split('"', 1)[0] for each in page.split('name="idempotency_key" value="')[1:]]
        assert page.count('method="post"') == len(keys) == len(set(keys)) == 3
        again = client.get("/patients/new").content.decode()
        tokens = [each.split('name="csrfmiddlewaretoken" value="')[1].split('"', 1)[0] for each in (page, again)]
        assert tokens[0] != tokens[1]
        form = {**ADA, "idempotency_key": keys[-1]}
        assert client.post("/patients/new", form).status_code == 403  # and its key is still good
        answers = [client.post("/patients/new", {**form, "csrfmiddlewaretoken": token}) for token in tokens]
        assert [each.status_code for each in answers] == [302, 302]
        assert answers[1].headers["Idempotent-Replay"] == "true"

    def test_keys_are_of_one_person(self, inside: Client, owner: User, north: Organization) -> None:
        first = post(inside, "/patients/new", ADA, key="key-12345")
        other = Client()
        log_in(other, make_user(north, "fred", "front_desk"))
        second = post(other, "/patients/new", ADA, key="key-12345")
        assert first.headers["Location"] != second.headers["Location"]

    def test_a_key_is_kept_thirty_days(self, inside: Client, owner: User) -> None:
        first = post(inside, "/patients/new", ADA, key="key-12345")
        with clock.at(NOON + timedelta(days=30)):
            log_in(inside, owner)
            same = post(inside, "/patients/new", ADA, key="key-12345")
            with as_organization(owner.organization_id):
                assert answered.sweep() == 0
        assert same.headers["Location"] == first.headers["Location"]
        with clock.at(NOON + timedelta(days=30, seconds=1)):
            log_in(inside, owner)
            new = post(inside, "/patients/new", ADA, key="key-12345")
        assert new.headers["Location"] != first.headers["Location"]
        with clock.at(NOON + timedelta(days=61)), as_organization(owner.organization_id):
            assert answered.sweep() == 1

    def test_what_failed_keeps_no_answer(self, owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
        client = Client(raise_request_exception=False)
        log_in(client, owner)
        with monkeypatch.context() as broken:
            broken.setattr("fifteen.clinic.people.services.record", lambda *_, **__: 1 // 0)
            assert post(client, "/patients/new", ADA, key="key-12345").status_code == 500
        with as_organization(owner.organization_id):
            assert not Patient.objects.exists()
        assert post(client, "/patients/new", ADA, key="key-12345").status_code == 302


def test_twenty_at_once_with_one_key_are_one_effect(apart: None) -> None:
    user = make_user(make_organization(), "olga", "owner")
    first = Client()
    log_in(first, user)

    def send(place: int) -> tuple[int, str, str]:
        client = Client()
        client.cookies = first.cookies
        response = post(client, "/patients/new", ADA, key="key-12345")
        return response.status_code, response.headers["Location"], response.headers.get("Idempotent-Replay", "")

    answers = at_once(20, send)
    assert len({(status, where) for status, where, _ in answers}) == 1
    assert sorted(replay for _, _, replay in answers) == ["", *["true"] * 19]
    with as_organization(user.organization_id):
        assert Patient.objects.count() == Event.objects.filter(action="patients.register").count() == 1


# -- check 9: every unsafe address there is ----------------------------------------------------------------------


def inside_routes(found: Any = None, before: str = "") -> Iterator[tuple[str, str]]:
    """Every address behind the log-in, with its action."""
    for each in (found or get_resolver()).url_patterns:
        route = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from inside_routes(each, route)
        elif isinstance(each, URLPattern):
            kind, action = door_of(each.callback)
            if kind == "inside" and action:
                yield route, action


ROUTES = sorted(inside_routes())
CHANGING = {
    "patients/new", "patients/<slug:patient>/change", "patients/<slug:patient>/merge",
    "patients/<slug:patient>/separate", "patients/<slug:patient>/notes", "notes/<slug:note>/draft",
    "notes/<slug:note>/sign", "notes/<slug:note>/amend", "notes/<slug:note>/error",
}  # fmt: skip
"""Addresses of which this test knows a form that changes something, so that one effect can be told from none."""


def test_the_sweep_finds_the_routes() -> None:
    assert {route for route, _ in ROUTES} >= CHANGING


@pytest.mark.django_db
@pytest.mark.parametrize("replays", [20, pytest.param(100, marks=pytest.mark.nightly)])
@pytest.mark.parametrize(("route", "action"), ROUTES)
def test_every_unsafe_route_has_one_effect(north: Organization, route: str, action: str, replays: int) -> None:
    roles = matrix().actions[action].roles
    user = make_user(north, "sam", "therapist" if "therapist" in roles else roles[0])
    address, form = prepared(route, user)
    client = Client(raise_request_exception=False)
    before = rows(north.id)

    def send(**more: str) -> Any:
        log_in(client, user)  # some of them end the session
        return post(client, address, {**form, **more}, key="one-key-for-all")

    first, after = send(), None
    assert first.status_code < 500
    after = rows(north.id)
    if route in CHANGING:
        assert first.status_code == 302
        assert after != before
    for _ in range(replays):
        again = send()
        assert (again.status_code, again.content) == (first.status_code, first.content)
        assert again.headers["Idempotent-Replay"] == "true"
    assert send(another="field").status_code == 422
    log_in(client, user)
    client.keyed = False  # type: ignore[attr-defined]
    assert client.post(address, form).status_code == 400
    assert rows(north.id) == after


def prepared(route: str, user: User) -> tuple[str, dict[str, str]]:
    """The address with rows of this organization in it, and a form that does something there."""
    with as_organization(user.organization_id):
        patient, other = register("Ada"), register("Berta")
        note = Note(patient=patient, author=user, date=NOON.date(), draft={"text": "x"}, made=now(), changed=now())
        note.save()
        form = {"name": "Ada Stone", "version": "1", "text": "new", "reason": "because", "credential": "PT"}
        form["digest"] = seal.digest(seal.canonical(note.draft))
        if route.endswith(("amend", "error")):
            form["amends"] = services.sign(note, user, "PT").id
        if route.endswith("separate"):
            merge(patient, other, "same", user)
            patient = other
        elif route.endswith("merge"):
            form["other"] = other.id
    places = {"<slug:patient>": patient.id, "<slug:note>": note.id}
    for name, value in places.items():
        route = route.replace(name, value)
    parts = [new_id() if part.startswith("<") else part for part in route.split("/")]
    return "/" + "/".join(parts), form
