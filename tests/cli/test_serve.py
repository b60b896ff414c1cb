"""`fifteen serve`: one address printed, one sentence where it cannot listen. What it serves is tested in tests/web."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from fifteen.cli.serving import Asked, plan


def test_it_prints_one_address_serves_it_and_ends_quietly(warm_home: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(Path(sys.executable).with_name("fifteen")), "serve", "--port", str(port), "--no-browser"]
    environment = {**os.environ, "FIFTEEN_HOME": str(warm_home)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as server:
        assert server.stdout is not None
        assert server.stderr is not None
        line = server.stdout.readline()
        address = f"http://127.0.0.1:{port}/units"
        assert line == f"Fifteen is open at {address} (Ctrl+C ends it)\n"
        with urllib.request.urlopen(f"{address}?s=97110:33") as answer:
            assert answer.status == 200
        server.send_signal(signal.SIGINT)
        assert server.wait(20) == 0
        # The address holds what people typed: it is in no log.
        assert "97110" not in server.stderr.read() + server.stdout.read()


def test_a_port_that_is_taken_is_one_sentence(refused: Callable[..., str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"cannot listen on 127.0.0.1 port {port}" in refused("serve", "--port", str(port), "--no-browser")


def test_a_port_that_cannot_be_is_one_sentence(run: Callable[..., object]) -> None:
    assert run("serve", "--port", "0").code == 2  # type: ignore[attr-defined]
    assert run("serve", "--port", "70000").code == 2  # type: ignore[attr-defined]


def test_without_the_packages_of_the_pages_it_says_what_to_install(
    refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "gunicorn.app.base", None)
    assert "pip install 'fifteen[web]'" in refused("serve", "--no-browser")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--network", "--host", "127.0.0.1"), "contradict each other"),
        (("--network", "--certificate", "c.pem"), "of no use without --key"),
        (("--network", "--key", "k.pem"), "of no use without --certificate"),
        (("--network", "--certificate", "c.pem", "--key", "k.pem"), "cannot be read as a certificate"),
        (("--network", "--certificate", "c.pem", "--key", "k.pem", "--install-port", "8017"), "leave one of them out"),
        (("--network", "--install-port", "8015"), "cannot be both --port and --install-port"),
        (("--network", "--name", "not a name"), "is no name of a host"),
        (("--name", "clinic.local"), "--name is for HTTPS"),
        (("--install-port", "8017"), "--install-port is for HTTPS"),
        (("--certificate", "c.pem", "--key", "k.pem"), "--certificate is for HTTPS"),
        (("--behind-proxy", "everyone", "--name", "clinic.example.org"), "is no address"),
        (("--behind-proxy", "127.0.0.1"), "give it with --name"),
    ],
)
def test_options_that_do_not_go_together_are_one_sentence(
    options: tuple[str, ...], said: str, refused: Callable[..., str]
) -> None:
    assert said in refused("serve", "--no-browser", *options)


def test_a_taken_install_port_is_named(refused: Callable[..., str]) -> None:
    with socket.socket() as taken, socket.socket() as free:
        taken.bind(("0.0.0.0", 0))
        taken.listen()
        free.bind(("127.0.0.1", 0))
        ports = [str(each.getsockname()[1]) for each in (free, taken)]
        free.close()
        said = refused("serve", "--network", "--port", ports[0], "--install-port", ports[1], "--no-browser")
    assert f"port {ports[1]}" in said
    assert "--install-port" in said


@pytest.mark.parametrize(
    ("host", "https"),
    [("127.0.0.1", False), ("::1", False), ("localhost", False), ("0.0.0.0", True), ("10.0.0.5", True)],
)
def test_whatever_is_not_this_machine_alone_is_https(host: str, https: bool) -> None:
    found = plan(Asked(False, host, 8015, (), None, None, None, None))
    assert (found.is_https, found.secure, found.install_port) == (https, https, 8016 if https else None)
