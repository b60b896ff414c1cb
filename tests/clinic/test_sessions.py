"""After the log-in: idle, absolute and forced ends, locking, and nothing left in a browser (checks 23, 24)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from fifteen.clinic.accounts import sessions
from fifteen.clinic.accounts.models import Policy, Session, User
from fifteen.clinic.audit.models import Event
from fifteen.clinic.notes.models import Note
from fifteen.clinic.people.models import Patient
from fifteen.clinic.tenancy import clock
from fifteen.clinic.tenancy.ids import new_id
from fifteen.web.clinic.cookies import back
from fifteen.web.clinic.routes import door_of
from tests.clinic.conftest import NOON, Keyed, as_organization, finish, log_in, make_user
from tests.tiers import NIGHTLY

pytestmark = pytest.mark.django_db


def row(session: Session) -> Session:
    with as_organization(session.organization_id):
        found = Session.objects.get(id=session.id)
    assert isinstance(found, Session)
    return found


def actions(organization: str) -> list[str]:
    with as_organization(organization):
        return list(Event.objects.filter(kind="session").order_by("at").values_list("action", flat=True))


def status_at(client: Client, minutes: float, **headers: str) -> int:
    with clock.at(NOON + timedelta(minutes=minutes)):
        return client.get("/home", headers=headers).status_code


def test_use_keeps_a_session_open_and_idling_locks_it(client: Client, therapist: User) -> None:
    log_in(client, therapist)
    assert [status_at(client, minutes) for minutes in (14, 28, 42, 57, 57.5)] == [200, 200, 200, 200, 200]
    assert status_at(client, 57 + 15.1) == 302


@pytest.mark.parametrize("minutes", [2, 30])
def test_the_organization_says_how_long_idling_lasts(client: Client, therapist: User, minutes: int) -> None:
    with as_organization(therapist.organization_id):
        Policy(idle_minutes=minutes).save()
    log_in(client, therapist)
    assert status_at(client, minutes) == 200
    assert status_at(client, 2 * minutes + 0.1) == 302


def test_polls_are_no_use(client: Client, therapist: User) -> None:
    session = log_in(client, therapist)
    poll = {"X-Poll": "1"}
    assert [status_at(client, minutes, **poll) for minutes in range(1, 16)] == [200] * 15
    assert row(session).seen == NOON
    with clock.at(NOON + timedelta(minutes=15.1)):
        response = client.get("/home", headers=poll)
    assert (response.status_code, response.headers["X-Go-To"]) == (401, "/locked?next=%2Fhome")
    assert "Location" not in response.headers


def test_twelve_hours_are_the_end_however_busy(client: Client, therapist: User) -> None:
    log_in(client, therapist)
    statuses = [status_at(client, minutes) for minutes in range(10, 720, 10)]
    assert set(statuses) == {200}
    with clock.at(NOON + timedelta(hours=12)):
        assert client.get("/home").headers["Location"].startswith("/login?")


def test_lock_now_keeps_the_session_its_draft_and_nothing_else_opens(client: Client, therapist: User) -> None:
    session = log_in(client, therapist, note={"timers": ["t1"]})
    with as_organization(therapist.organization_id):
        patient = Patient(name="Pat", made=NOON)
        patient.save()
        Note(patient=patient, author=therapist, date=NOON.date(), draft={"s": "x"}, made=NOON, changed=NOON).save()
    response = client.post("/lock", {"next": "/notes/1?a=b"})
    assert response.headers["Location"] == "/locked?next=%2Fnotes%2F1%3Fa%3Db"
    assert client.get("/home").headers["Location"].startswith("/locked?")
    page = client.get("/locked?next=/notes/1").content.decode()
    assert "Drafts are kept" in page
    assert 'name="pin"' not in page, "a browser that is no registered tablet takes no PIN"
    assert 'href="/login?next=%2Fnotes%2F1"' in page
    assert row(session).note == {"timers": ["t1"]}
    assert row(session).ended is None
    with as_organization(therapist.organization_id):
        assert Note.objects.get().draft == {"s": "x"}
    assert actions(therapist.organization_id) == ["session_locked"]


def test_the_button_of_every_page_locks_and_comes_back_to_it(client: Client, therapist: User) -> None:
    log_in(client, therapist)
    page = client.get("/patients?q=Lee&lang=en").content.decode()
    assert '<input type="hidden" name="next" value="/patients?q=Lee&amp;lang=en">' in page
    refused = client.post("/patients/new", {"name": ""}).content.decode()
    assert '<input type="hidden" name="next" value="/home">' in refused, "a page that was sent to is not gone back to"


def test_a_pin_posted_from_an_unregistered_browser_unlocks_nothing(client: Client, therapist: User) -> None:
    session = log_in(client, therapist)
    client.post("/lock")
    assert client.post("/locked", {"pin": "2580"}).status_code == 200
    assert row(session).locked is not None


def test_unlocking_changes_the_token_and_only_a_full_proof_is_fresh(client: Client, therapist: User) -> None:
    session = log_in(client, therapist)
    for full in (False, True):
        with as_organization(therapist.organization_id):
            sessions.lock(session)
            before = session.token
            token = sessions.unlock(session, full=full)
        assert session.token != before
        assert row(session).token == sessions.hashed(token)
        assert row(session).proved == (NOON if full else None)
    assert client.get("/home").headers["Location"].startswith("/login?"), "the token before opens nothing"


def test_own_sessions_are_listed_and_ended(client: Client, therapist: User) -> None:
    other = log_in(Keyed(), therapist, agent="Mozilla/5.0 (iPad) Safari/604", address="192.0.2.7")
    this = log_in(client, therapist)
    page = client.get("/sessions").content.decode()
    assert page.count("this one") == 1
    assert "Safari, iPad" in page
    assert "192.0.2.7" in page
    assert "2026-03-02 12:00" in page
    assert client.post(f"/sessions/{other.id}/end").headers["Location"] == "/sessions"
    assert row(other).ended == NOON
    response = client.post(f"/sessions/{this.id}/end")
    assert response.headers["Location"] == "/login"
    assert response.cookies[settings.SESSION_COOKIE].value == ""
    assert actions(therapist.organization_id) == ["session_ended"] * 2


def test_all_others_end_at_once_and_this_one_goes_on(client: Client, therapist: User) -> None:
    others = [Keyed(), Keyed()]
    for each in others:
        log_in(each, therapist)
    log_in(client, therapist)
    client.post("/sessions/end-others")
    assert [each.get("/home").status_code for each in others] == [302, 302]
    assert client.get("/home").status_code == 200


def test_the_session_of_someone_else_cannot_be_ended(
    client: Client, therapist: User, owner: User, south: object
) -> None:
    theirs = log_in(Keyed(), owner)
    log_in(client, therapist)
    assert client.post(f"/sessions/{theirs.id}/end").status_code == 404
    assert client.post(f"/sessions/all/{theirs.id}/end").status_code == 403
    assert row(theirs).ended is None
    far = log_in(Keyed(), make_user(south, "sam", "owner"))  # type: ignore[arg-type]
    boss = Keyed()
    log_in(boss, owner)
    assert boss.post(f"/sessions/all/{far.id}/end").status_code == 404
    assert row(far).ended is None


def test_the_owner_sees_and_ends_every_session(client: Client, therapist: User, owner: User) -> None:
    theirs = log_in(Keyed(), therapist)
    log_in(client, owner)
    assert "Ana" in client.get("/sessions/all").content.decode()
    client.post(f"/sessions/all/{theirs.id}/end")
    assert row(theirs).ended == NOON


def test_disabling_ends_every_session_at_its_next_request(therapist: User) -> None:
    clients = [Keyed(), Keyed(), Keyed()]
    found = [log_in(each, therapist) for each in clients]
    with as_organization(therapist.organization_id):
        User.objects.filter(id=therapist.id).update(active=False)
    for each in clients:
        assert each.get("/home").headers["Location"].startswith("/login?")
    assert all(row(each).ended == NOON for each in found)


def test_what_was_read_is_gone_from_a_browser_after_the_log_out(client: Client, therapist: User) -> None:
    session = log_in(client, therapist)
    read = client.get("/home")
    client.post(f"/sessions/{session.id}/end")
    again = client.get("/home")
    assert again.status_code == 302
    assert read.headers["Cache-Control"] == again.headers["Cache-Control"] == "no-store"
    assert not {"ETag", "Last-Modified", "Expires"} & set(read.headers)


def test_a_form_says_where_it_comes_from_and_no_other_site_learns_it(therapist: User) -> None:
    client = Keyed(enforce_csrf_checks=True)
    log_in(client, therapist)
    page = client.get("/sessions")
    assert page.headers["Referrer-Policy"] == "same-origin", "with no-referrer browsers send forms with Origin: null"
    token = page.content.decode().split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    form = {"csrfmiddlewaretoken": token}
    assert client.post("/sessions/end-others", form, headers={"Origin": "null"}).status_code == 403
    assert client.post("/sessions/end-others", form, headers={"Origin": "https://evil.test"}).status_code == 403
    assert client.post("/sessions/end-others", form, headers={"Origin": "http://testserver"}).status_code == 302


def addresses(resolver: URLResolver | None = None, before: str = "") -> Iterator[tuple[str, str, str]]:
    """Every address with its door and action, an id in place of each argument."""
    for each in (resolver or get_resolver()).url_patterns:
        where = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from addresses(each, where)
        else:
            assert isinstance(each, URLPattern)
            for name, converter in each.pattern.converters.items():
                kind = type(converter).__name__
                value = "1" if kind == "IntConverter" else new_id()
                for words in (f"<{name}>", f"<str:{name}>", f"<int:{name}>", f"<slug:{name}>", f"<path:{name}>"):
                    where = where.replace(words, value)
            yield f"/{where}", *door_of(each.callback)


def test_every_answer_behind_the_log_in_is_stored_nowhere(owner: User, therapist: User) -> None:
    closed = [where for where, kind, _action in addresses() if kind != "public"]
    assert {"/home", "/sessions", "/sessions/all", "/locked", "/switch"} <= set(closed)
    for user in (owner, therapist, None):
        for where in closed:
            for method in ("get", "post", "head", "options", "put") if NIGHTLY else ("get", "post"):
                client = Keyed(enforce_csrf_checks=method == "put")
                if user is not None:
                    log_in(client, user)
                response = getattr(client, method)(where)
                assert response.headers.get("Cache-Control") == "no-store", (method, where)
                assert response.status_code < 500, (method, where)
                finish(response)


def test_every_page_inside_is_closed_to_a_locked_session(therapist: User, owner: User) -> None:
    client = Keyed()
    log_in(client, owner, locked=NOON)
    for where, kind, _action in addresses():
        if kind == "inside":
            assert client.get(where).headers["Location"].startswith("/locked?"), where
            assert client.post(where).headers["Location"].startswith("/locked?"), where


@pytest.mark.parametrize(
    ("asked", "goes"),
    [
        ("/notes/1?a=b", "/notes/1?a=b"), ("", "/home"), (None, "/home"), ("//evil.test", "/home"),
        ("/\\evil.test", "/home"), ("https://evil.test/", "/home"), ("/\t/evil.test", "/home"), ("notes", "/home"),
        ("javascript:alert(1)", "/home"), ("/a\r\nSet-Cookie: x=y", "/home"),
    ],
)  # fmt: skip
def test_going_on_stays_on_this_site(asked: str | None, goes: str) -> None:
    assert back(asked) == goes
