"""`fifteen serve` as its own process, in a home of its own."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

COMMAND = str(Path(sys.executable).with_name("fifteen"))
PROGRAM = [COMMAND, "serve", "--no-browser"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def surroundings(home: Path, database: str | None = None) -> dict[str, str]:
    """The environment of a program that knows nothing of the one that tests it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FIFTEEN_", "DJANGO_"))}
    return {**kept, "FIFTEEN_HOME": str(home), **({"FIFTEEN_DATABASE_URL": database} if database else {})}


class Served:
    """What a running server printed, line by line, until it was ready."""

    def __init__(self, lines: list[str], port: int, install_port: int, home: Path) -> None:
        self.lines, self.port, self.install_port, self.home = lines, port, install_port, home

    @property
    def code(self) -> str | None:
        """The code of the first start, where one was printed."""
        found = re.search(r"/setup\?code=(\S+)", "\n".join(self.lines))
        return found[1] if found else None


@contextmanager
def served(home: Path, *options: str, lines: int = 2, database: str | None = None) -> Iterator[Served]:
    """A server that is ready: `lines` lines were printed."""
    port, install_port = free_port(), free_port()
    command = [*PROGRAM, "--port", str(port), *options]
    if "--network" in options and "--certificate" not in options:
        command += ["--install-port", str(install_port)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=surroundings(home, database)
    ) as server:
        assert server.stdout is not None
        assert server.stderr is not None
        try:
            said = [server.stdout.readline() for _ in range(lines)]
            assert all(said), server.stderr.read()
            yield Served(said, port, install_port, home)
        finally:
            server.terminate()


def refused(home: Path, *options: str, database: str | None = None) -> str:
    """The one sentence of a server that did not start."""
    done = subprocess.run(
        [*PROGRAM, "--port", str(free_port()), *options],
        capture_output=True, text=True, env=surroundings(home, database), check=False, timeout=120,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    [line] = done.stderr.splitlines()
    assert line.startswith("fifteen: ")
    assert line.endswith(".")
    return line
