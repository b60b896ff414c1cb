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
