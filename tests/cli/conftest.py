"""Run the command in this process, with a home of its own."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from fifteen.cli import main


class Done(NamedTuple):
    """What a run left: its exit code, and what it wrote."""

    code: int
    out: str
    err: str


ADVICE = re.compile(
    r"[;:,] (or )?(add|check|choose|correct|did|give|install|leave|look|name|restore|see|use|write)\b|; `fifteen"
)


@pytest.fixture(scope="session")
def warm_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(autouse=True)
def surroundings(warm_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never the real home, and never the settings of the terminal that runs the tests."""
    monkeypatch.setenv("FIFTEEN_HOME", str(warm_home))
    monkeypatch.setenv("HOME", str(warm_home))
    for name in ("COLUMNS", "FORCE_COLOR", "NO_COLOR", "PYTHONUNBUFFERED"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    def call(*args: str) -> Done:
        with pytest.raises(SystemExit) as exit_:
            main(args)
        code = exit_.value.code
        assert isinstance(code, int)
        return Done(code, *capsys.readouterr())

    return call


@pytest.fixture
def refused(run: Callable[..., Done]) -> Callable[..., str]:
    """The one sentence of a run that was asked wrongly."""

    def call(*args: str) -> str:
        done = run(*args)
        assert (done.code, done.out) == (2, "")
        [line] = done.err.splitlines()
        assert line.startswith("fifteen: ")
        assert line.endswith((".", "?"))
        assert ADVICE.search(line), f"no word on what to do: {line}"
        return line

    return call
