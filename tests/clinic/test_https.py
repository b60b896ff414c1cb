"""HTTPS on a network of one's own: an authority of this machine, what it vouches for, a browser that believes it."""

from __future__ import annotations

import base64
import hashlib
import http.client
import os
import socket
import ssl
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from playwright.sync_api import Page

from fifteen.cli.https import Contexts, context_of
from fifteen.cli.install_page import Installing, serve
from fifteen.clinic import tls
from fifteen.clinic.tenancy import clock
from fifteen.kernel.errors import AskedWrongly
from tests.clinic.program import Served, served
from tests.web.browser import ARGUMENTS, browser_path, no_browser
from tests.web.conftest import engine

# Playwright's loop runs in this thread; nothing here touches a database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

AXE = Path(__file__).parents[1] / "web" / "vendor" / "axe.min.js"
NOW = datetime.now(UTC)  # OpenSSL looks at the real clock
WANTED, FOUND = ["clinic.local", "front.clinic.local"], ["192.168.7.20", "::1", "localhost"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "clinic" / "tls"


def certified(folder: Path, at: datetime = NOW) -> tls.Certified:
    return tls.server(folder, WANTED, FOUND, at)


def handshake(context: ssl.SSLContext, authority: Path, name: str) -> str:
    """What a client that trusts only `authority` and asks for `name` agrees on; `SSLError` where it refuses."""
    client = ssl.create_default_context(cafile=str(authority))
    a, b = ssl.MemoryBIO(), ssl.MemoryBIO()
    there = context.wrap_bio(a, b, server_side=True)
    here = client.wrap_bio(b, a, server_hostname=name)
    for _turn in range(4):
        for side in (here, there):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return str(here.version())


class TestAuthority:
    @pytest.mark.parametrize("name", [*WANTED, *FOUND])
    def test_a_client_that_trusts_it_believes_every_name(self, folder: Path, name: str) -> None:
        assert handshake(context_of(certified(folder)), folder / "ca.crt", name) == "TLSv1.3"

    @pytest.mark.parametrize("name", ["other.local", "192.168.7.21", "local"])
    def test_and_no_other(self, folder: Path, name: str) -> None:
        with pytest.raises(ssl.SSLCertVerificationError):
            handshake(context_of(certified(folder)), folder / "ca.crt", name)

    def test_nothing_older_than_tls_1_2_is_spoken(self, folder: Path) -> None:
        assert context_of(certified(folder)).minimum_version == ssl.TLSVersion.TLSv1_2

    def test_a_thief_of_its_key_cannot_be_a_bank(self, folder: Path) -> None:
        found = certified(folder)
        tls._make_server(folder, tls.authority(folder, [], NOW), ["bank.example.com"], NOW)
        with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree"):
            handshake(context_of(found), folder / "ca.crt", "bank.example.com")

    def test_keys_are_for_their_owner_only(self, folder: Path) -> None:
        certified(folder)
        assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.glob("*.key")} == {
            "ca.key": 0o600,
            "server.key": 0o600,
        }
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE(folder.parent.stat().st_mode) == 0o700
        assert sorted(path.name for path in folder.iterdir()) == ["ca.crt", "ca.key", "server.crt", "server.key"]

    def test_it_lives_397_days_at_most_and_says_what_browsers_ask(self, folder: Path) -> None:
        leaf = x509.load_pem_x509_certificate(certified(folder).certificate.read_bytes())
        assert leaf.not_valid_after_utc - leaf.not_valid_before_utc < timedelta(days=397)
        assert set(tls.names_of(leaf)) == {*WANTED, *FOUND}
        ca = tls.authority(folder, [], NOW)
        constraints = ca.extensions.get_extension_for_class(x509.NameConstraints)
        assert constraints.critical
        assert ca.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == 0

    def test_what_is_held_stays_until_thirty_days_before_its_end(self, folder: Path) -> None:
        first = certified(folder)
        ca = (folder / "ca.crt").read_bytes()
        held = first.certificate.read_bytes()
        certified(folder, first.ends - timedelta(days=30, seconds=1))
        assert first.certificate.read_bytes() == held
        later = certified(folder, first.ends - timedelta(days=30))
        assert first.certificate.read_bytes() != held
        assert later.ends > first.ends
        assert (folder / "ca.crt").read_bytes() == ca

    def test_another_name_makes_another_certificate_of_the_same_authority(self, folder: Path) -> None:
        certified(folder)
        found = tls.server(folder, [*WANTED, "back.local"], FOUND, NOW)
        assert "back.local" in found.names
        assert handshake(context_of(found), folder / "ca.crt", "back.local")

    def test_a_name_that_it_may_not_vouch_for_is_one_sentence(self, folder: Path) -> None:
        certified(folder)
        with pytest.raises(AskedWrongly, match=r"not made for clinic\.example\.com; leave"):
            tls.server(folder, ["clinic.example.com"], FOUND, NOW)
        assert "203.0.113.9" not in tls.server(folder, WANTED, [*FOUND, "203.0.113.9"], NOW).names

    def test_a_name_given_at_the_first_start_it_may_vouch_for(self, folder: Path) -> None:
        found = tls.server(folder, ["clinic.example.com"], ["203.0.113.9"], NOW)
        for name in ("clinic.example.com", "203.0.113.9"):
            assert handshake(context_of(found), folder / "ca.crt", name)

    def test_a_start_that_was_cut_short_heals(self, folder: Path) -> None:
        found = certified(folder)
        found.key.write_bytes((folder / "ca.key").read_bytes())
        assert handshake(context_of(certified(folder)), folder / "ca.crt", WANTED[0])

    def test_an_authority_that_is_broken_is_never_replaced_in_silence(self, folder: Path) -> None:
        certified(folder)
        held = (folder / "ca.crt").read_bytes()
        (folder / "ca.key").write_text("no key")
        with pytest.raises(AskedWrongly, match="restore both"):
            certified(folder)
        assert (folder / "ca.crt").read_bytes() == held

    def test_a_key_that_others_can_read_is_refused(self, folder: Path) -> None:
        certified(folder)
        (folder / "ca.key").chmod(0o640)
        with pytest.raises(AskedWrongly, match="chmod 600"):
            certified(folder)

    def test_an_authority_at_its_end_says_so(self, folder: Path) -> None:
        certified(folder)
        with pytest.raises(AskedWrongly, match=r"ends on .*install the new certificate"):
            certified(folder, NOW + timedelta(days=3640))

    @pytest.mark.parametrize("name", ["", "a b", "-x.local", "*.local", "clinic..local", "x" * 64, "ünï.local"])
    def test_what_is_no_name_is_one_sentence(self, name: str) -> None:
        with pytest.raises(AskedWrongly, match="is no name of a host"):
            tls.plain_name(name)

    def test_names_are_made_plain(self) -> None:
        assert [tls.plain_name(each) for each in ("Clinic.Local.", "[::1]", "10.0.0.5")] == [
            "clinic.local",
            "::1",
            "10.0.0.5",
        ]


class TestGiven:
    def test_a_good_one_is_taken(self, folder: Path) -> None:
        made = certified(folder)
        found = tls.given(made.certificate, made.key, ["clinic.local"], NOW)
        assert set(found.names) == {*WANTED, *FOUND}

    def test_a_star_stands_for_one_label(self) -> None:
        assert tls._matches("a.clinic.org", "*.clinic.org")
        assert not tls._matches("b.a.clinic.org", "*.clinic.org")
        assert not tls._matches("clinic.org", "*.clinic.org")

    def test_each_that_is_wrong_is_one_sentence(self, folder: Path, tmp_path: Path) -> None:
        made = certified(folder)
        garbage, none = tmp_path / "garbage.pem", tmp_path / "none.pem"
        garbage.write_text("-----BEGIN CERTIFICATE-----\nno\n")
        for certificate, key, wanted, at, said in (
            (none, made.key, [], NOW, "cannot be read as a certificate"),
            (garbage, made.key, [], NOW, "cannot be read as a certificate"),
            (made.certificate, none, [], NOW, "cannot be read as a key"),
            (made.certificate, folder / "ca.key", [], NOW, "is not the key of"),
            (made.certificate, made.key, [], NOW + timedelta(days=400), "and not today"),
            (made.certificate, made.key, [], NOW - timedelta(days=2), "and not today"),
            (made.certificate, made.key, ["other.local"], NOW, "not for other.local"),
            (folder / "ca.crt", folder / "ca.key", [], NOW, "names no host"),
        ):
            with pytest.raises(AskedWrongly, match=said):
                tls.given(certificate, key, wanted, at)


class TestRenewal:
    def test_a_program_that_runs_for_a_year_has_a_new_one(self, folder: Path) -> None:
        days: list[datetime] = []

        def certify() -> tls.Certified:
            days.append(clock.now())
            return certified(folder, clock.now())

        contexts = Contexts(certify)
        with clock.at(NOW):
            first = contexts()
            assert contexts() is first
        with clock.at(NOW + timedelta(days=390)):
            assert contexts() is not first
        assert days == [NOW, NOW + timedelta(days=390)]

    def test_where_it_fails_the_one_in_use_stays(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        contexts = Contexts(lambda: certified(folder, clock.now()))
        with clock.at(NOW):
            first = contexts()
        (folder / "ca.key").chmod(0o644)
        with clock.at(NOW + timedelta(days=1)):
            assert contexts() is first
        assert "chmod 600" in capsys.readouterr().err


class TestInstallPage:
    @pytest.fixture
    def page(self, folder: Path) -> Iterator[tuple[int, x509.Certificate]]:
        certified(folder)
        ca = tls.authority(folder, [], NOW)
        listening = socket.create_server(("127.0.0.1", 0))
        shown = Installing(tls.in_der(ca), tls.fingerprint(ca), ("clinic.local", "127.0.0.1"), "clinic.local", 8015)
        running = serve(listening, shown)
        yield listening.getsockname()[1], ca
        running.shutdown()
        running.server_close()

    def ask(self, port: int, path: str, method: str = "GET", **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
        link = http.client.HTTPConnection("127.0.0.1", port)
        link.request(method, path, headers=headers)
        answer = link.getresponse()
        body = answer.read()
        link.close()
        return answer, body

    def test_it_shows_the_fingerprint_of_the_file_it_offers(self, page: tuple[int, x509.Certificate]) -> None:
        port, ca = page
        answer, body = self.ask(port, "/install")
        assert answer.status == 200
        assert tls.fingerprint(ca) in body.decode()
        assert all(device in body.decode() for device in ("iPad", "Android", "Windows", "macOS", "Chromebook"))
        file, content = self.ask(port, "/fifteen-clinic.crt")
        assert file.headers["Content-Type"] == "application/x-x509-ca-cert"
        assert hashlib.sha256(content).hexdigest().upper() == tls.fingerprint(ca).replace(":", "")
        style, _ = self.ask(port, "/install.css")
        for each in (answer, file, style):
            assert each.headers["X-Content-Type-Options"] == "nosniff"
            assert "default-src 'none'" in each.headers["Content-Security-Policy"]
            assert "Strict-Transport-Security" not in each.headers
            assert "Set-Cookie" not in each.headers

    @pytest.mark.parametrize(
        "path", ["/home", "/login", "/units?s=97110:33", "/static/fifteen/page.css", "/ca.key", "/.."]
    )
    @pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE"])
    def test_everything_else_goes_to_https(self, page: tuple[int, x509.Certificate], path: str, method: str) -> None:
        answer, body = self.ask(page[0], path, method)
        assert (answer.status, body) == (302, b"")
        assert answer.headers["Location"] == f"https://127.0.0.1:8015{path}"

    @pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "clinic.local@evil.example", "", "[::1]:9"])
    def test_it_sends_nobody_to_a_stranger(self, page: tuple[int, x509.Certificate], host: str) -> None:
        answer, _ = self.ask(page[0], "//evil.example/x", Host=host)
        assert answer.headers["Location"] == "https://clinic.local:8015/evil.example/x"


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(
        tmp_path_factory.mktemp("network"),
        "--network",
        "--name",
        "clinic.local",
        "--name",
        "front.clinic.local",
        lines=4,
    ) as found:
        yield found


@pytest.fixture
def second(network: Served) -> Iterator[Page]:
    """A page in Chromium, which resolves the second name to this machine and trusts only our certificate's key."""
    path = browser_path()
    if path is None:
        no_browser()
    ca = x509.load_pem_x509_certificate((network.home / "clinic" / "tls" / "ca.crt").read_bytes())
    public = ca.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    leaf = x509.load_pem_x509_certificate((network.home / "clinic" / "tls" / "server.crt").read_bytes())
    leaf_public = leaf.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    pins = ",".join(base64.b64encode(hashlib.sha256(each).digest()).decode() for each in (public, leaf_public))
    browser = engine().chromium.launch(
        executable_path=path,
        args=[
            *ARGUMENTS,
            "--host-resolver-rules=MAP *.clinic.local 127.0.0.1",
            f"--ignore-certificate-errors-spki-list={pins}",
        ],
    )
    page = browser.new_context().new_page()
    page.set_default_timeout(20_000)
    yield page
    browser.close()


class TestServed:
    def test_it_prints_one_address_where_to_install_and_what_to_compare(self, network: Served) -> None:
        ca = x509.load_pem_x509_certificate((network.home / "clinic" / "tls" / "ca.crt").read_bytes())
        assert network.lines[0] == f"Fifteen is open at https://clinic.local:{network.port}/units (Ctrl+C ends it)\n"
        assert network.lines[1].endswith(f":{network.install_port}/install\n")
        assert tls.fingerprint(ca) in network.lines[2]
        assert f"https://clinic.local:{network.port}/setup?code=" in network.lines[3]

    def test_a_client_with_the_authority_reaches_it_by_the_second_name(self, network: Served) -> None:
        context = ssl.create_default_context(cafile=str(network.home / "clinic" / "tls" / "ca.crt"))
        with (
            socket.create_connection(("127.0.0.1", network.port)) as raw,
            context.wrap_socket(raw, server_hostname="front.clinic.local") as link,
        ):
            assert link.version() == "TLSv1.3"
            link.sendall(
                f"GET /units HTTP/1.1\r\nHost: front.clinic.local:{network.port}\r\nConnection: close\r\n\r\n".encode()
            )
            assert link.recv(15) == b"HTTP/1.1 200 OK"

    @pytest.mark.parametrize(("host", "status"), [("front.clinic.local", 200), ("evil.example", 400)])
    def test_only_its_own_names_are_answered(self, network: Served, host: str, status: int) -> None:
        context = ssl.create_default_context(cafile=str(network.home / "clinic" / "tls" / "ca.crt"))
        link = http.client.HTTPSConnection("127.0.0.1", network.port, context=context)
        link.request("GET", "/units", headers={"Host": host, "X-Forwarded-Proto": "http"})
        assert link.getresponse().status == status
        link.close()

    def test_plain_http_reaches_nothing_there(self, network: Served) -> None:
        with socket.create_connection(("127.0.0.1", network.port)) as link:
            link.sendall(b"GET /units HTTP/1.1\r\nHost: clinic.local\r\n\r\n")
            try:
                said = link.recv(64)
            except ConnectionResetError:
                said = b""
        assert not said.startswith(b"HTTP/")

    def test_its_install_page_is_there(self, network: Served) -> None:
        link = http.client.HTTPConnection("127.0.0.1", network.install_port)
        link.request("GET", "/install")
        assert link.getresponse().status == 200
        link.close()

    def test_a_browser_has_a_secure_context_by_the_second_name(self, network: Served, second: Page) -> None:
        second.goto(f"https://front.clinic.local:{network.port}/units")
        assert second.evaluate("window.isSecureContext") is True
        assert second.evaluate("'credentials' in navigator && 'PublicKeyCredential' in window") is True
        assert second.evaluate("typeof navigator.mediaDevices.getUserMedia") == "function"
        worker = second.evaluate(
            "async () => { await navigator.serviceWorker.register('/sw.js');"
            " return (await navigator.serviceWorker.ready).active.scriptURL; }"
        )
        assert worker == f"https://front.clinic.local:{network.port}/sw.js"

    def test_both_pages_of_the_first_day_are_accessible(self, network: Served, second: Page) -> None:
        setup = f"https://front.clinic.local:{network.port}/setup?code={network.code}"
        for address in (setup, f"http://127.0.0.1:{network.install_port}/install"):
            second.goto(address)
            second.evaluate(AXE.read_text("utf-8"))
            tags = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']"
            found = second.evaluate(f"async () => (await axe.run(document, {{runOnly: {tags}}})).violations")
            assert [(each["id"], node["html"]) for each in found for node in each["nodes"]] == []

    def test_the_first_start_in_a_browser_with_host_cookies(self, network: Served, second: Page) -> None:
        second.goto(f"https://front.clinic.local:{network.port}/setup?code={network.code}")
        [cookie] = [each for each in second.context.cookies() if each["name"] == "__Host-csrf"]
        assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, True, "Strict", "/")
        assert cookie["domain"] == "front.clinic.local"
        for name, value in (
            ("organization", "North Shore Therapy"), ("name", "Olga Diaz"), ("login", "olga"),
            ("password", "three rivers under snow"), ("again", "three rivers under snow"),
        ):  # fmt: skip
            second.locator(f"#{name}").fill(value)
        with second.expect_request(lambda request: request.method == "POST") as sent:
            second.get_by_role("button", name="Set up").click()
        second.wait_for_url("**/login")
        assert "__Host-csrf=" in (sent.value.all_headers().get("cookie") or "")
        answer = second.goto(f"https://front.clinic.local:{network.port}/setup?code={network.code}")
        assert answer is not None
        assert answer.status == 404
