"""Check 32: every answer, of every route and of everything that can go wrong, says the same to a browser."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import URLPattern, get_resolver

from fifteen.clinic.accounts import setup
from fifteen.clinic.accounts.models import User
from fifteen.web.clinic import home
from fifteen.web.clinic.routes import door_of
from tests.clinic.conftest import Keyed, finish, log_in, make_user
from tests.clinic.program import surroundings

pytestmark = pytest.mark.django_db

NAMES = (
    "CSRF_COOKIE_NAME", "CSRF_COOKIE_SECURE", "CSRF_COOKIE_HTTPONLY", "CSRF_COOKIE_SAMESITE", "SESSION_COOKIE",
    "DEVICE_COOKIE", "CHALLENGE_COOKIE", "SECURE", "SECURE_HSTS_SECONDS", "SECURE_SSL_REDIRECT",
)  # fmt: skip
METHODS = ("get", "head", "post", "put", "delete", "options")
CSP = {
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'",
    "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
}  # fmt: skip


@pytest.fixture(scope="module")
def as_served(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a clinic that is served over HTTPS sets, asked of a program that is one."""
    ask = (
        "import json; from fifteen.settings import clinic; "
        f"print(json.dumps({{name: getattr(clinic, name) for name in {NAMES}}}))"
    )
    environment = surroundings(tmp_path_factory.mktemp("home"))
    done = subprocess.run([sys.executable, "-c", ask], env=environment, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(autouse=True)
def secure(as_served: dict[str, Any]) -> Iterator[None]:
    with override_settings(**as_served):
        yield


def browser(**options: Any) -> Client:
    return Keyed(raise_request_exception=False, **options)


def routes() -> list[URLPattern]:
    return [each for each in get_resolver("fifteen.web.clinic.urls").url_patterns if isinstance(each, URLPattern)]


def address(route: URLPattern) -> str:
    """The route with something for each of its parts."""
    return "/" + re.sub(r"<(?:(\w+):)?\w+>", lambda part: "7" if part[1] == "int" else "x" * 26, str(route.pattern))


def wrong(response: Any) -> list[str]:
    """What an answer lacks, or says too much."""
    said = response.headers
    found = []
    policy = {" ".join(each.split()) for each in said.get("Content-Security-Policy", "").split(";")}
    if lacking := CSP - policy:
        found.append(f"policy lacks {sorted(lacking)}")
    if "unsafe" in said.get("Content-Security-Policy", "") or "*" in said.get("Content-Security-Policy", ""):
        found.append("policy is loose")
    for name, value in (
        ("X-Frame-Options", "DENY"),
        ("X-Content-Type-Options", "nosniff"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
    ):
        if said.get(name) != value:
            found.append(f"{name}: {said.get(name)}")
    if said.get("Referrer-Policy") not in ("no-referrer", "same-origin"):  # no other site learns an address
        found.append(f"Referrer-Policy: {said.get('Referrer-Policy')}")
    if not said.get("Strict-Transport-Security", "").startswith("max-age=31536000"):
        found.append("no Strict-Transport-Security")
    found += [f"{name} is CORS" for name in said if name.lower().startswith("access-control-")]
    for name, cookie in response.cookies.items():
        flags = tuple(cookie[flag] for flag in ("secure", "httponly", "path", "domain"))
        strict = cookie["samesite"] in ("Strict", "Lax")
        if not name.startswith("__Host-") or not strict or flags != (True, True, "/", ""):
            found.append(f"cookie {name}: {flags}")
    return found


def sweep(client: Client) -> list[str]:
    """Every route by every method; what is wrong, each with where."""
    found = []
    for route in routes():
        kind, _action = door_of(route.callback)
        for method in METHODS:
            stranger = {"Origin": "https://evil.example"}
            response = client.generic(method.upper(), address(route), secure=True, headers=stranger)
            trouble = wrong(response)
            finish(response)
            if kind != "public" and "no-store" not in response.headers.get("Cache-Control", ""):
                trouble.append("may be kept")
            if kind != "public" and response.headers.get("Referrer-Policy") != "same-origin":
                trouble.append("its forms would come with no origin")
            found += [f"{method} {address(route)} {response.status_code}: {each}" for each in trouble]
    return found


def test_a_clinic_is_served_with_host_cookies_over_https_only(as_served: dict[str, Any]) -> None:
    assert as_served["SECURE"] is True
    assert as_served["SECURE_SSL_REDIRECT"] is True
    for name in ("CSRF_COOKIE_NAME", "SESSION_COOKIE", "DEVICE_COOKIE"):
        assert as_served[name].startswith("__Host-")


def test_every_route_for_who_is_not_logged_in() -> None:
    assert len(routes()) > 10
    assert sweep(browser()) == []


@pytest.mark.parametrize(
    "role", ["owner", *(pytest.param(each, marks=pytest.mark.nightly) for each in ("therapist", "front_desk"))]
)
def test_every_route_for_who_is(north: Any, role: str) -> None:
    client = browser()
    for number, route in enumerate(routes()):  # a fresh session each time: some routes end it
        user = make_user(north, f"{role}{number}", role)
        log_in(client, user)
        kind, _action = door_of(route.callback)
        for method in ("get", "post"):
            response = client.generic(method.upper(), address(route), secure=True)
            assert wrong(response) == [], address(route)
            if kind != "public":
                assert "no-store" in response.headers["Cache-Control"], address(route)
            finish(response)


def test_where_forms_are_guarded_the_refusal_says_it_too(therapist: User) -> None:
    client = browser(enforce_csrf_checks=True)
    log_in(client, therapist)
    for route in routes():
        response = client.post(address(route), secure=True)
        assert wrong(response) == [], address(route)
    response = client.post("/setup", secure=True)
    assert response.status_code == 403
    assert "no-store" in response.headers["Cache-Control"]


def test_there_is_nothing_at_an_address_that_is_none() -> None:
    for path in ("/no-such-page", "/patients/../../etc", "/home/", "/.git/config", "/static/none.css"):
        response = browser().get(path, secure=True)
        assert (response.status_code, wrong(response)) == (404, []), path


def test_a_role_that_may_not(monkeypatch: pytest.MonkeyPatch, therapist: User) -> None:
    monkeypatch.setattr(home.page, "action", "people.write", raising=False)
    client = browser()
    log_in(client, therapist)
    response = client.get("/home", secure=True)
    assert (response.status_code, wrong(response)) == (403, [])
    assert "no-store" in response.headers["Cache-Control"]


def test_a_page_that_fails(monkeypatch: pytest.MonkeyPatch, therapist: User, caplog: pytest.LogCaptureFixture) -> None:
    def fail(*_args: Any, **_named: Any) -> HttpResponse:
        raise RuntimeError("Ana Gomez has knee pain")

    monkeypatch.setattr(home, "render", fail)
    client = browser()
    log_in(client, therapist)
    response = client.get("/home", secure=True)
    assert (response.status_code, wrong(response)) == (500, [])
    assert "no-store" in response.headers["Cache-Control"]
    assert "knee" not in response.content.decode()


def test_a_host_that_is_not_ours_is_refused() -> None:
    response = browser().get("/units", secure=True, headers={"Host": "evil.example"})
    assert (response.status_code, wrong(response)) == (400, [])
    assert "evil" not in response.content.decode()


def test_plain_http_is_sent_to_https_and_learns_nothing(therapist: User) -> None:
    client = browser()
    log_in(client, therapist)
    response = client.get("/home")
    assert (response.status_code, response.headers["Location"]) == (301, "https://testserver/home")
    assert response.content == b""
    strange = client.get("/home", headers={"Host": "evil.example"})
    assert strange.status_code == 400
    assert "evil" not in strange.content.decode()


def test_files_of_the_pages_say_it_too() -> None:
    for name in ("page.css", "theme.js", "icon.svg"):
        response = browser().get(f"/static/fifteen/{name}", secure=True)
        assert (response.status_code, wrong(response)) == (200, []), name
        finish(response)


def test_the_cookie_of_a_form_is_a_host_cookie() -> None:
    response = browser().get(f"/setup?code={setup.new_code()}", secure=True)
    assert (response.status_code, wrong(response)) == (200, [])
    assert list(response.cookies) == ["__Host-csrf"]


def test_what_is_wrong_would_be_found() -> None:
    bare = HttpResponse()
    bare.headers["Access-Control-Allow-Origin"] = "*"
    bare.set_cookie("plain", "1")
    found = " ".join(wrong(bare))
    for part in ("policy lacks", "X-Frame-Options", "X-Content-Type-Options", "is CORS", "cookie plain"):
        assert part in found


def test_no_page_asks_another_machine_for_anything() -> None:
    templates = Path(home.__file__).parents[1] / "templates"
    for path in templates.rglob("*.html"):
        text = path.read_text("utf-8")
        assert not re.search(r"""(?:src|href|action)\s*=\s*["'](?:https?:)?//""", text), path
        assert not re.search(r"<script(?![^>]*\bsrc=)|\bstyle\s*=|<style|\bon[a-z]+\s*=\s*[\"']", text), path
