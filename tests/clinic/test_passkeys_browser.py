"""Passkeys and the pages of the log-in in a real Chromium with a virtual authenticator; axe on every page (26, 40)."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Page, Response, expect

from tests.clinic.conftest import PASSWORD
from tests.web.conftest import Watched, browser, context, watched

__all__ = ["browser", "context", "watched"]  # fixtures

SHOTS = os.environ.get("FIFTEEN_SHOTS")  # a folder for pictures, where someone wants to look
SIZES = {"tablet": (1180, 820), "phone": (390, 844)}
ROOT = Path(__file__).parents[2]


class Clinic:
    """A served clinic: its address, and whom there is."""

    def __init__(self, address: str, people: dict[str, str]) -> None:
        self.address, self.people = address, people

    def code(self, login: str) -> str:
        """The code of this person's app now; each person here needs one once."""
        return pyotp.TOTP(self.people[login]).now()


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {**os.environ, "FIFTEEN_HOME": str(tmp_path_factory.mktemp("served")), "FIFTEEN_PLAIN_HTTP": "1"}
    env.pop("FIFTEEN_KEYS", None)
    command = [sys.executable, "-m", "tests.clinic.served", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env, cwd=ROOT) as server:
        assert server.stdout is not None
        yield Clinic(f"http://localhost:{port}", json.loads(server.stdout.readline()))
        server.terminate()


@pytest.fixture
def page(watched: Watched) -> Page:
    return watched.page


class Key:
    """A virtual authenticator of this page's browser: it holds passkeys and verifies whoever sits there."""

    def __init__(self, page: Page) -> None:
        self.cdp = page.context.new_cdp_session(page)
        self.cdp.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": True, "automaticPresenceSimulation": True,
        }  # fmt: skip
        self.id = self.cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def credentials(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.cdp.send("WebAuthn.getCredentials", {"authenticatorId": self.id})[
            "credentials"
        ]
        return found

    def verified(self, yes: bool) -> None:
        self.cdp.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": yes})

    def put(self, credential: dict[str, Any]) -> None:
        self.cdp.send(
            "WebAuthn.removeCredential", {"authenticatorId": self.id, "credentialId": credential["credentialId"]}
        )
        self.cdp.send("WebAuthn.addCredential", {"authenticatorId": self.id, "credential": credential})


def look(watched: Watched, name: str) -> None:
    """The page is clean for axe, light and dark; and its picture, where someone wants to look."""
    page = watched.page
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        assert watched.axe() == [], f"{name} {scheme}"
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} {size} is too wide"
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"{name}-{size}.png", full_page=True)
    page.set_viewport_size({"width": 1180, "height": 820})


def first(page: Page, clinic: Clinic, login: str, password: str = PASSWORD, onward: str = "/home") -> None:
    page.goto(f"{clinic.address}/login?next={onward}")
    page.get_by_label("Login").fill(login)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in", exact=True).click()


def token(page: Page) -> str:
    found = [each for each in page.context.cookies() if each["name"] == "fifteen"]
    assert len(found) <= 1
    return found[0]["value"] if found else ""


def log_out(page: Page, clinic: Clinic) -> None:
    page.goto(f"{clinic.address}/home")
    page.locator("summary").click()
    page.get_by_role("button", name="Log out").click()
    expect(page).to_have_url(f"{clinic.address}/login")


def enrol_passkey(page: Page, clinic: Clinic, login: str) -> None:
    first(page, clinic, login)
    expect(page.get_by_role("heading", name="Set up a second proof")).to_be_visible()
    page.get_by_role("button", name="Make a passkey on this device").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()


def test_a_passkey_is_made_then_logs_in_alone_and_proves_again(watched: Watched, clinic: Clinic) -> None:
    page, key = watched.page, Key(watched.page)
    enrol_passkey(page, clinic, "fred")
    look(watched, "codes")
    assert len(page.locator(".codes-in li").all()) == 10
    credential = key.credentials()[0]
    assert (credential["isResidentCredential"], credential["rpId"]) == (True, "localhost")
    page.get_by_role("link", name="I have kept them").click()
    expect(page).to_have_url(f"{clinic.address}/home")
    log_out(page, clinic)

    page.goto(f"{clinic.address}/login?next=/proofs")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url(f"{clinic.address}/proofs")
    expect(page.get_by_role("main")).to_contain_text("Recovery codes left: 10")
    look(watched, "own")
    before = token(page)
    page.goto(f"{clinic.address}/prove?next=/proofs")
    assert page.get_by_label("Password").count() == 0, "who has only a passkey proves by it"
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url(f"{clinic.address}/proofs")
    assert token(page) not in ("", before)

    log_out(page, clinic)
    first(page, clinic, "fred")
    expect(page.get_by_role("heading", name="One more proof")).to_be_visible()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url(f"{clinic.address}/home")


def test_a_passkey_proves_nothing_when_copied_unverified_or_answered_twice(watched: Watched, clinic: Clinic) -> None:
    page, key = watched.page, Key(watched.page)
    enrol_passkey(page, clinic, "carl")
    log_out(page, clinic)
    answers: list[str] = []
    page.on("request", lambda each: answers.append(each.post_data or "") if each.method == "POST" else None)

    key.verified(False)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.locator(".passkey [role=alert]")).to_be_visible()
    look(watched, "login-passkey-stopped")
    key.verified(True)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url(f"{clinic.address}/home")
    log_out(page, clinic)

    # The same answer again, with the challenge's cookie as it was: a thief who recorded both.
    challenge: list[str | None] = []

    def watch(each: Response) -> None:
        if each.url.endswith("/login/passkey"):
            challenge.append(each.header_value("set-cookie"))

    page.on("response", watch)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url(f"{clinic.address}/home")
    log_out(page, clinic)
    name, value = str(challenge[-1]).split(";")[0].split("=", 1)
    page.context.add_cookies([{"name": name, "value": value.strip('"'), "url": clinic.address}])
    answer = next(each for each in reversed(answers) if "credential=" in each)
    fresh = page.locator("form.passkey [name=csrfmiddlewaretoken]").input_value()
    csrf = answer.split("csrfmiddlewaretoken=")[1].split("&")[0]
    replayed = page.request.post(
        f"{clinic.address}/login", data=answer.replace(csrf, fresh), max_redirects=0,
        headers={"Content-Type": "application/x-www-form-urlencoded", "Origin": clinic.address},
    )  # fmt: skip
    assert replayed.status == 200
    assert 'role="alert" id="trouble"' in replayed.text()

    # A copy of the key that counted less than the key itself.
    page.goto(f"{clinic.address}/login")
    credential = key.credentials()[0]
    assert credential["signCount"] >= 3
    key.put({**credential, "signCount": 1})
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.locator("#trouble")).to_be_visible()
    key.put({**credential, "signCount": credential["signCount"] + 10})
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url(f"{clinic.address}/home")


def test_a_locked_session_opens_by_passkey_alone(watched: Watched, clinic: Clinic) -> None:
    page, key = watched.page, Key(watched.page)
    enrol_passkey(page, clinic, "uma")
    page.goto(f"{clinic.address}/patients")
    before = token(page)
    page.get_by_role("button", name="Lock").click()
    expect(page.get_by_role("heading", name="Locked")).to_be_visible()
    look(watched, "locked-passkey")
    key.verified(False)
    page.get_by_role("button", name="Unlock with passkey").click()
    expect(page.locator(".passkey [role=alert]")).to_be_visible()
    key.verified(True)
    page.get_by_role("button", name="Unlock with passkey").click()
    expect(page).to_have_url(f"{clinic.address}/patients")
    assert token(page) not in ("", before)

    page.get_by_role("button", name="Lock").click()
    credential = key.credentials()[0]
    key.put({**credential, "signCount": 0})
    page.get_by_role("button", name="Unlock with passkey").click()
    expect(page.get_by_role("alert").first).to_contain_text("did not unlock the session")
    look(watched, "locked-passkey-wrong")
    watched.said.clear()  # the browser calls a page of 422 an error, and it is meant


def test_a_passkey_is_added_beside_an_app(watched: Watched, clinic: Clinic) -> None:
    page = watched.page
    key = Key(page)
    first(page, clinic, "olga", onward="/proofs")
    page.get_by_label("Code of your authenticator app").fill(clinic.code("olga"))
    look(watched, "second")
    page.get_by_role("button", name="Continue").first.click()
    expect(page).to_have_url(f"{clinic.address}/proofs")
    page.get_by_label("Name of this passkey").fill("north window")
    page.get_by_role("button", name="Make a passkey on this device").click()
    expect(page.get_by_role("main")).to_contain_text("north window")
    assert len(key.credentials()) == 1
    page.goto(f"{clinic.address}/prove")
    look(watched, "prove")
    page.get_by_label("Password").fill("wrong")
    page.get_by_label("Code of your authenticator app").fill("000000")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    look(watched, "prove-wrong")
    page.goto(f"{clinic.address}/locked-out")
    look(watched, "locked-out")


def test_every_step_with_the_keyboard_of_a_person_and_no_fault_for_axe(watched: Watched, clinic: Clinic) -> None:
    page = watched.page
    page.goto(f"{clinic.address}/login")
    look(watched, "login")
    for label, name in (("Login", "username"), ("Password", "current-password")):
        assert page.get_by_label(label).get_attribute("autocomplete") == name
    first(page, clinic, "ana", "wrong")
    expect(page.get_by_role("alert").first).to_contain_text("That did not let you in")
    expect(page.get_by_label("Password")).to_have_attribute("aria-describedby", "trouble")
    look(watched, "login-wrong")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Password").press("Enter")
    expect(page.get_by_role("heading", name="One more proof")).to_be_visible()
    field = page.get_by_label("Code of your authenticator app")
    assert (field.get_attribute("inputmode"), field.get_attribute("autocomplete")) == ("numeric", "one-time-code")
    field.focus()
    page.keyboard.insert_text("000 000")  # as a paste does, in one go
    field.press("Enter")
    expect(page.get_by_role("alert").first).to_be_visible()
    look(watched, "second-wrong")
    page.get_by_text("Use a recovery code").click()
    page.get_by_label("Recovery code").fill(clinic.people["recovery"])
    look(watched, "second-recovery")
    page.get_by_label("Recovery code").press("Enter")
    expect(page).to_have_url(f"{clinic.address}/home")


def test_an_invitation_to_the_first_page(watched: Watched, clinic: Clinic) -> None:
    page, link = watched.page, f"{clinic.address}/invited/{clinic.people['invitation']}"
    page.goto(link)
    look(watched, "invited")
    page.get_by_label("New password").fill("my name is ines")
    page.get_by_label("The same once more").fill("another")
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_role("alert")).to_contain_text("your login or your name")
    look(watched, "invited-wrong")
    for label in ("New password", "The same once more"):
        page.get_by_label(label).fill("seven herons over water")
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_role("heading", name="Set up a second proof")).to_be_visible()
    look(watched, "enrol")
    clinic.people["ines"] = page.locator(".key").inner_text().replace(" ", "")
    page.get_by_label("Code of the app").fill("000000")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    look(watched, "enrol-wrong")
    page.get_by_label("Code of the app").fill(clinic.code("ines"))
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    page.get_by_role("link", name="I have kept them").click()
    expect(page).to_have_url(f"{clinic.address}/home")
    page.context.clear_cookies()
    page.goto(link)
    look(watched, "invited-gone")
    watched.said.clear()  # the browser calls a page of 404 an error, and it is meant


def test_without_scripts_all_but_passkeys_works(browser: Any, clinic: Clinic) -> None:
    bare = browser.new_context(java_script_enabled=False)
    page = bare.new_page()
    first(page, clinic, "lars")
    assert page.get_by_role("button", name="Use a passkey").count() == 0
    page.get_by_label("Code of your authenticator app").fill(clinic.code("lars"))
    page.get_by_role("button", name="Continue").first.click()
    expect(page).to_have_url(f"{clinic.address}/home")
    bare.close()
