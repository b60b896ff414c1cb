"""The demonstration: everybody's door, for this machine alone, in a home that is gone at its end."""

from __future__ import annotations

import copy
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.urls import Resolver404, resolve

from fifteen.clinic import demo
from fifteen.clinic.accounts import sessions
from fifteen.clinic.accounts.models import User
from fifteen.clinic.audit.models import Event
from fifteen.clinic.tenancy import clock
from fifteen.synth import Practice, Size, practice
from fifteen.web import offline
from fifteen.web.clinic.demo import _words
from tests.clinic.conftest import Keyed, as_organization, make_organization, make_user
from tests.clinic.program import PROGRAM, free_port, served, surroundings

BANNER = "Fictional practice. Everything here is invented and gone when it is closed."


@pytest.fixture
def made(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Practice]:
    monkeypatch.setenv("FIFTEEN_CHECKPOINTS", str(tmp_path / "checkpoints"))
    found = practice(6, size=Size(patients=2, days=40))
    demo.fill(found)
    with clock.at(found.at):
        yield found


@pytest.fixture
def shown() -> Iterator[None]:
    """With the settings of a demonstration."""
    templates = copy.deepcopy(settings.TEMPLATES)
    templates[0]["OPTIONS"]["context_processors"].append("fifteen.web.clinic.demo.page_settings")
    with override_settings(DEMO=True, ROOT_URLCONF="fifteen.web.clinic.demo_urls", TEMPLATES=templates):
        yield


def test_a_clinic_has_no_such_door(made: Practice, client: Keyed) -> None:
    for address in ("/demo", "/demo/enter"):
        with pytest.raises(Resolver404):
            resolve(address)
    assert client.get("/demo").status_code == 404
    assert client.post("/demo/enter", {"person": made.people[0].id}).status_code == 404


def test_its_addresses_open_nothing_without_its_settings(made: Practice, client: Keyed) -> None:
    with override_settings(ROOT_URLCONF="fifteen.web.clinic.demo_urls"):
        assert client.get("/demo").status_code == 404
        assert client.post("/demo/enter", {"person": made.people[0].id}).status_code == 404


def test_everybody_stands_there_by_role_with_a_button(made: Practice, shown: None, client: Keyed) -> None:
    page = client.get("/demo").content.decode()
    assert BANNER in page
    for member in made.people:
        assert f'value="{member.id}"' in page
        assert member.name in page
    for role in ("Owner", "Therapist", "Assistant", "Front desk", "Biller", "Compliance"):
        assert f">{role}</h2>" in page


def test_a_button_opens_the_practice_as_this_person(made: Practice, shown: None, client: Keyed) -> None:
    for member in made.people:
        answer = client.post("/demo/enter", {"person": member.id})
        assert (answer.status_code, answer["Location"]) == (302, "/home")
        home = client.get("/home")
        assert home.status_code == 200
        assert member.name in home.content.decode()
        assert BANNER in home.content.decode()
    with as_organization(made.id):
        running = [each.user_id for each in sessions.running()]
        assert running == [made.people[-1].id]  # whoever was there before is logged out
        session = sessions.running().get()
        assert session.mfa
        assert session.proved is not None
        assert Event.objects.filter(action="login", detail__proof="demo").count() == len(made.people)


def test_the_banner_stands_on_the_open_pages_too(made: Practice, shown: None, client: Keyed) -> None:
    for address in ("/units", "/timeline", "/rules", "/login"):
        assert BANNER in client.get(address).content.decode(), address


def test_no_page_of_a_clinic_bears_the_banner(made: Practice, client: Keyed) -> None:
    for address in ("/units", "/login"):
        assert BANNER not in client.get(address).content.decode(), address


def test_a_device_does_not_keep_its_pages_as_those_of_a_clinic() -> None:
    offline.release.cache_clear()
    own = offline.release()
    offline.release.cache_clear()
    with override_settings(ROOT_URLCONF="fifteen.web.clinic.demo_urls"):
        assert offline.release() != own
    offline.release.cache_clear()


@pytest.mark.parametrize("address", ["192.168.1.20", "10.0.0.3", "2001:db8::1", ""])
def test_another_machine_finds_nothing(made: Practice, shown: None, address: str) -> None:
    client = Keyed(REMOTE_ADDR=address)
    assert client.get("/demo").status_code == 404
    assert client.post("/demo/enter", {"person": made.people[0].id}).status_code == 404
    assert settings.SESSION_COOKIE not in client.cookies


def test_who_comes_through_a_proxy_finds_nothing(made: Practice, shown: None) -> None:
    client: Client = Keyed(REMOTE_ADDR="127.0.0.1")
    assert client.get("/demo", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404


def test_only_people_of_the_practice_go_in(made: Practice, shown: None, client: Keyed) -> None:
    with as_organization(made.id):
        User.objects.filter(id=made.people[0].id).update(active=False)
    for person in ("", "nobody", made.people[0].id):
        assert client.post("/demo/enter", {"person": person}).status_code == 404
    assert client.get("/home").status_code == 302


def test_where_there_are_two_organizations_it_is_no_demonstration(made: Practice, shown: None, client: Keyed) -> None:
    other = make_user(make_organization("north"))
    assert client.get("/demo").status_code == 404
    assert client.post("/demo/enter", {"person": other.id}).status_code == 404


def test_what_was_planted_is_told_with_links_once_one_is_inside(
    made: Practice, shown: None, client: Keyed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Things to find" not in client.get("/demo").content.decode()
    monkeypatch.setenv("FIFTEEN_HOME", str(tmp_path))
    demo.keep_to_find(made)
    first = next(each for each in made.planted)
    before = client.get("/demo").content.decode()
    assert "Things to find" in before
    assert f'href="/patients/{first.patient}"' not in before
    client.post("/demo/enter", {"person": made.people[0].id})
    assert f'href="/patients/{first.patient}"' in client.get("/demo").content.decode()


def test_every_kind_that_is_planted_has_words() -> None:
    assert {each.kind for each in practice(1).planted} == set(_words())


# -- the program -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", [False, True])
def test_its_settings_hold_for_no_other_home(tmp_path: Path, mark: bool) -> None:
    if mark:
        tmp_path.joinpath("fictional").touch()
    done = subprocess.run(
        [sys.executable, "-c", "import fifteen.settings.demo"], env=surroundings(tmp_path), capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert (done.returncode == 0) is mark, done.stderr
    assert mark or "only for what `fifteen serve --demo` opens" in done.stderr


@pytest.mark.parametrize(
    ("options", "database", "word"),
    [
        (["--network"], None, "--network"),
        (["--host", "0.0.0.0"], None, "--host"),
        (["--behind-proxy", "127.0.0.1", "--name", "x.example"], None, "--behind-proxy"),
        ([], "postgresql://nobody@localhost/none", "FIFTEEN_DATABASE_URL"),
    ],
)
def test_what_does_not_go_together_is_one_sentence(
    tmp_path: Path, options: list[str], database: str | None, word: str
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    environment = {**surroundings(tmp_path / "home", database), "TMPDIR": str(temporary)}
    done = subprocess.run(
        [*PROGRAM, "--demo", "--port", str(free_port()), *options], env=environment, capture_output=True, text=True,
        check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stdout == ""
    assert word in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert list(temporary.iterdir()) == []
    assert not (tmp_path / "home").exists()


@pytest.mark.nightly
def test_it_fills_opens_and_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    with served(tmp_path / "home", "--demo") as server:
        assert server.lines[0].startswith("Making a fictional practice")
        assert f"http://127.0.0.1:{server.port}/demo" in server.lines[1]
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/demo") as answer:
            assert BANNER in answer.read().decode()
        assert len(list(temporary.glob("fifteen-demo-*"))) == 1
    assert list(temporary.glob("fifteen-demo-*")) == []
    assert not (tmp_path / "home").exists()
