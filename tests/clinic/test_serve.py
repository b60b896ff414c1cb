"""`fifteen serve` with a clinic: its database is brought up first, or one sentence says why not; whom it believes."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings

from fifteen.clinic.accounts.sessions import hashed
from fifteen.clinic.tenancy.ids import new_id
from fifteen.web.clinic.edge import address_of
from fifteen.web.clinic.proxy import Proxy
from tests.clinic.program import refused, served, surroundings

BRING_UP = """
import django; django.setup()
from django.db import connection
connection.settings_dict["OPTIONS"].update(%s)
from fifteen.clinic.database import bring_up
bring_up()
"""


class Place:
    """A home, and on PostgreSQL a database of its own."""

    def __init__(self, home: Path, database: str | None) -> None:
        self.home, self.database = home, database

    def execute(self, statement: str) -> Any:
        """As someone beside the program."""
        if self.database:
            import psycopg

            with psycopg.connect(self.database, autocommit=True) as link:
                found = link.execute(statement)
                return found.fetchall() if found.description else None
        link_ = sqlite3.connect(self.home / "clinic" / "fifteen.sqlite3")
        try:
            with link_:
                return link_.execute(statement).fetchall()
        finally:
            link_.close()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Nothing was ever started here."""
    server = os.environ.get("FIFTEEN_DATABASE_URL")
    if not server:
        yield Place(tmp_path, None)
        return
    import psycopg

    name = f"serve_{new_id()}"
    with psycopg.connect(server, autocommit=True) as link:
        link.execute(f"CREATE DATABASE {name}")
        yield Place(tmp_path, urlunsplit(urlsplit(server)._replace(path=f"/{name}")))
        link.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def shape(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose SQLite database was brought up."""
    home = tmp_path_factory.mktemp("shape")
    bring_up(Place(home, None))
    return home


@pytest.fixture
def file(shape: Path, tmp_path: Path) -> Place:
    """A copy of it."""
    home = tmp_path / "home"
    shutil.copytree(shape, home)
    return Place(home, None)


def bring_up(place: Place, options: str = "{}") -> subprocess.CompletedProcess[str]:
    environment = {
        **surroundings(place.home, place.database), "DJANGO_SETTINGS_MODULE": "fifteen.settings.clinic"
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "-c", BRING_UP % options], env=environment, capture_output=True, text=True, check=False
    )


def test_the_first_start_makes_the_database_and_offers_the_setup(place: Place) -> None:
    with served(place.home, lines=2, database=place.database) as found:
        assert found.lines[0] == f"Fifteen is open at http://127.0.0.1:{found.port}/units (Ctrl+C ends it)\n"
        assert f" http://127.0.0.1:{found.port}/setup?code={found.code}\n" in found.lines[1]
        with urllib.request.urlopen(f"http://127.0.0.1:{found.port}/setup?code={found.code}") as page:
            assert page.status == 200
            assert page.headers["Cache-Control"] == "no-store"
            assert "Strict-Transport-Security" not in page.headers
        with urllib.request.urlopen(f"http://127.0.0.1:{found.port}/static/fifteen/clinic.css") as page:
            assert page.status == 200
    assert place.execute("SELECT code FROM installation") == [(hashed(str(found.code)),)]
    assert (place.home / "clinic").stat().st_mode & 0o077 == 0
    place.execute("UPDATE installation SET organizations = 1")
    with served(place.home, lines=1, database=place.database) as again:
        with pytest.raises(urllib.error.HTTPError, match="404") as missing:
            urllib.request.urlopen(f"http://127.0.0.1:{again.port}/setup?code={found.code}")
        missing.value.close()


def test_a_database_of_a_newer_program_is_left_alone(place: Place) -> None:
    assert bring_up(place).returncode == 0
    place.execute(
        "INSERT INTO django_migrations (app, name, applied) VALUES ('notes', '0999_later', '2027-01-01 00:00:00')"
    )
    before = place.execute("SELECT count(*) FROM django_migrations")
    said = refused(place.home, database=place.database)
    assert "was made by a newer Fifteen (notes.0999_later" in said
    assert "install that version" in said
    assert place.execute("SELECT count(*) FROM django_migrations") == before


def test_two_that_start_at_once_do_not_meet_in_the_middle(place: Place) -> None:
    with ThreadPoolExecutor(2) as both:
        done = list(both.map(lambda _each: bring_up(place), range(2)))
    assert 0 in [each.returncode for each in done]
    assert all("is locked by another program" in each.stderr for each in done if each.returncode)
    assert bring_up(place).returncode == 0


def test_a_file_that_another_program_holds_is_one_sentence(file: Place) -> None:
    file.execute("DELETE FROM django_migrations WHERE app = 'accounts' AND name = '0003_invitation'")
    link = sqlite3.connect(file.home / "clinic" / "fifteen.sqlite3", isolation_level=None)
    link.execute("BEGIN EXCLUSIVE")
    done = bring_up(file, '{"timeout": 0}')
    link.close()
    assert "DatabaseTrouble" in done.stderr
    assert "is locked by another program, and nothing was changed; see which one" in done.stderr


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "clinic" / "fifteen.sqlite3").mkdir(parents=True)
    said = refused(tmp_path)
    assert "cannot be written" in said
    assert "give the user that runs Fifteen the right" in said


def test_a_step_that_fails_is_undone_and_said(file: Place) -> None:
    [(last,)] = file.execute("SELECT max(name) FROM django_migrations WHERE app = 'people'")
    file.execute(f"DELETE FROM django_migrations WHERE app = 'people' AND name = '{last}'")
    said = refused(file.home)
    assert "cannot be brought to this version" in said
    assert "already exists" in said
    assert file.execute(f"SELECT count(*) FROM django_migrations WHERE app = 'people' AND name = '{last}'") == [(0,)]


def test_a_step_that_is_missing_in_the_middle_is_said(file: Place) -> None:
    file.execute("DELETE FROM django_migrations WHERE app = 'accounts' AND name = '0003_invitation'")
    said = refused(file.home)
    assert "cannot be brought to this version" in said
    assert "accounts.0003_invitation" in said


def test_a_server_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    said = refused(tmp_path, database=f"postgresql://fifteen@/fifteen?host={tmp_path}")
    assert "cannot be reached" in said
    assert "FIFTEEN_DATABASE_URL" in said


def test_settings_that_cannot_be_read_are_one_sentence(tmp_path: Path) -> None:
    assert "begins with 'mysql'" in refused(tmp_path, database="mysql://fifteen@host/name")
    (tmp_path / "clinic" / "keys.json").write_text("{")
    assert "nothing was started" in refused(tmp_path)


def test_behind_a_proxy_only_https_is_spoken_of(tmp_path: Path) -> None:
    with served(tmp_path, "--behind-proxy", "127.0.0.1", "--name", "clinic.example.org", lines=2) as found:
        assert found.lines[0] == "Fifteen is open at https://clinic.example.org/units (Ctrl+C ends it)\n"
        page = f"http://127.0.0.1:{found.port}/home"
        redirects: tuple[tuple[dict[str, str], str], ...] = (
            ({}, "https://clinic.example.org/home"),
            ({"X-Forwarded-Proto": "https"}, "/login?next=%2Fhome"),
        )
        for said, location in redirects:
            asked = urllib.request.Request(page, headers={"Host": "clinic.example.org", **said})
            opener = urllib.request.build_opener(_Stay)
            with pytest.raises(urllib.error.HTTPError) as sent:
                opener.open(asked)
            assert sent.value.headers["Location"] == location
            sent.value.close()


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_named: Any) -> None:
        return None


class TestProxy:
    """Whose word is believed of where a request came from, and how."""

    def seen(self, **said: str) -> str:
        """Scheme and address, as everything behind the proxy's middleware reads them."""
        found: list[str] = []

        def answer(request: HttpRequest) -> HttpResponse:
            found.append(f"{request.scheme} {address_of(request)}")
            assert not [name for name in request.META if name.startswith("HTTP_X_FORWARDED")]
            return HttpResponse()

        Proxy(answer)(RequestFactory().get("/home", **said))  # type: ignore[arg-type]
        return found[0]

    def test_it_comes_before_everything_else(self) -> None:
        assert settings.MIDDLEWARE[0] == "fifteen.web.clinic.proxy.Proxy"
        assert settings.SECURE_PROXY_SSL_HEADER is None

    @pytest.mark.parametrize("trusted", ["", "10.0.0.1", "127.0.0.2", "::1"])
    def test_a_stranger_is_not_believed(self, trusted: str) -> None:
        with override_settings(TRUSTED_PROXY=trusted):
            found = self.seen(HTTP_X_FORWARDED_FOR="203.0.113.7", HTTP_X_FORWARDED_PROTO="https")
        assert found == "http 127.0.0.1"

    @pytest.mark.parametrize(
        ("said", "address"),
        [
            ("203.0.113.7", "203.0.113.7"),
            ("198.51.100.1, 203.0.113.7", "203.0.113.7"),
            ("203.0.113.7:4711", "203.0.113.7"),
            ("2001:db8::7", "2001:db8::7"),
            ("[2001:db8::7]:4711", "2001:db8::7"),
            ("<script>", "127.0.0.1"),
            ("", "127.0.0.1"),
        ],
    )
    def test_the_proxy_is_believed_of_what_it_saw_itself(self, said: str, address: str) -> None:
        with override_settings(TRUSTED_PROXY="127.0.0.1"):
            found = self.seen(HTTP_X_FORWARDED_FOR=said, HTTP_X_FORWARDED_PROTO="https")
        assert found == f"https {address}"

    @pytest.mark.parametrize("said", ["http", "", "https, http", "httpsx"])
    def test_anything_but_https_is_http(self, said: str) -> None:
        with override_settings(TRUSTED_PROXY="127.0.0.1"):
            assert self.seen(HTTP_X_FORWARDED_PROTO=said).startswith("http ")
