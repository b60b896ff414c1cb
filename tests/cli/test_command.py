"""The command as a whole: its help, its completion, its exits, and what it costs to start."""

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from fifteen.__about__ import __version__
from fifteen.cli.app import fifteen

from .conftest import Done

Run = Callable[..., Done]
COMMAND = str(Path(sys.executable).parent / "fifteen")
UNITS = ("units", "--on", "2026-03-02", "97110:33", "97140:7")

COMMANDS = [
    "assess",
    "completion",
    "import",
    "keys",
    "note",
    "price",
    "rescue",
    "rulebook",
    "scribe",
    "serve",
    "units",
    "verify",
]


@pytest.mark.parametrize("args", [(), ("-h",), ("--help",)])
def test_the_help_lists_the_commands(args: tuple[str, ...], run: Run) -> None:
    done = run(*args)
    assert (done.code, done.err) == (0, "")
    names = re.findall(r"^  (\w+)  ", done.out, re.MULTILINE)
    assert names[-len(COMMANDS) :] == COMMANDS


@pytest.mark.parametrize("command", [("units",), ("rulebook",), ("rulebook", "show"), ("completion",)])
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_each_command_has_help(command: tuple[str, ...], option: str, run: Run) -> None:
    done = run(*command, option)
    assert (done.code, done.err) == (0, "")
    assert f"Usage: fifteen {' '.join(command)}" in done.out


def test_the_version(run: Run) -> None:
    assert run("--version").out.strip().endswith(__version__)


@pytest.mark.parametrize(
    ("args", "fragment"),
    [
        (("bill",), "'bill'"),
        (("--colour",), "--colour"),
        (("rulebook", "guess"), "'guess'"),
        (("completion",), "bash"),
        (("completion", "tcsh"), "'tcsh'"),
    ],
)
def test_an_unknown_command_is_one_sentence(args: tuple[str, ...], fragment: str, refused: Callable[..., str]) -> None:
    assert fragment in refused(*args)


def test_an_interrupted_run_exits_as_shells_expect(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_args: object, **_named: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("fifteen.cli.units.count_units", interrupt)
    assert run(*UNITS).code == 130


class TestCompletion:
    @pytest.mark.parametrize(
        ("shell", "words"),
        [
            ("bash", ["complete -o nosort -F", "_FIFTEEN_COMPLETE=bash_complete"]),
            ("zsh", ["#compdef fifteen", "_FIFTEEN_COMPLETE=zsh_complete"]),
            ("fish", ["complete --no-files --command fifteen", "_FIFTEEN_COMPLETE=fish_complete"]),
        ],
    )
    def test_the_script_of_each_shell(self, shell: str, words: list[str], run: Run) -> None:
        done = run("completion", shell)
        assert done.code == 0
        assert [word for word in words if word not in done.out] == []

    @pytest.mark.parametrize(
        ("args", "typed", "offered"),
        [
            ([], "un", ["units"]),
            ([], "", COMMANDS),
            (["units", "--payer"], "ci", ["cigna"]),
            (["units", "--payer"], "CI", ["cigna"]),
            (["units", "--secondary"], "mid", ["midpoint"]),
            (["scribe", "--payer"], "ci", ["cigna"]),
            (["units"], "9711", ["97110:", "97112:", "97113:", "97116:"]),
            (["units", "97110:33"], "g028", ["G0281:", "G0283:"]),
            (["units"], "99999", []),
            (["completion"], "f", ["fish"]),
        ],
    )
    def test_what_is_offered(self, args: list[str], typed: str, offered: list[str]) -> None:
        found = ShellComplete(fifteen, {}, "fifteen", "_FIFTEEN_COMPLETE").get_completions(args, typed)
        assert [item.value for item in found] == offered

    def test_a_code_is_offered_with_its_label(self) -> None:
        [item] = ShellComplete(fifteen, {}, "fifteen", "_FIFTEEN_COMPLETE").get_completions(["units"], "97140")
        assert item.help == "manual therapy"

    def test_in_a_shell(self) -> None:
        asked = {"_FIFTEEN_COMPLETE": "bash_complete", "COMP_WORDS": "fifteen units 971", "COMP_CWORD": "2"}
        done = subprocess.run([COMMAND], env=os.environ | asked, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
        assert "plain,97110:" in done.stdout.splitlines()


class TestProcess:
    """Real runs of the installed command."""

    def test_an_answer(self) -> None:
        done = subprocess.run([COMMAND, *UNITS, "--json"], capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
        assert json.loads(done.stdout)["suggested"] == {"97110": 2, "97140": 1}

    def test_a_refusal(self) -> None:
        done = subprocess.run([COMMAND, "units", "97999:33"], capture_output=True, text=True)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("fifteen: 97999 is not in the service catalogue")

    def test_standard_input(self) -> None:
        done = subprocess.run([COMMAND, "units", "-", "--json"], input="97110:33", capture_output=True, text=True)
        assert json.loads(done.stdout)["suggested"] == {"97110": 2}

    def test_standard_input_that_is_no_text(self) -> None:
        done = subprocess.run(
            [COMMAND, "units", "-"], input=b"97110:33 \xff", capture_output=True, env=os.environ | {"LC_ALL": "C.UTF-8"}
        )
        assert (done.returncode, done.stdout) == (2, b"")
        assert len(done.stderr.splitlines()) == 1

    @pytest.mark.parametrize("unbuffered", ["", "1"])
    @pytest.mark.parametrize("args", [UNITS, (*UNITS, "--json"), ("rulebook", "show"), ("--help",)])
    def test_a_reader_that_went_away_is_no_error(self, args: tuple[str, ...], unbuffered: str) -> None:
        read, write = os.pipe()
        os.close(read)
        try:
            done = subprocess.run(
                [COMMAND, *args],
                stdout=write,
                stderr=subprocess.PIPE,
                env=os.environ | {"PYTHONUNBUFFERED": unbuffered},
            )
        finally:
            os.close(write)
        assert (done.returncode, done.stderr) == (0, b"")

    @pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
    @pytest.mark.parametrize("args", [UNITS, (*UNITS, "--json"), ("rulebook", "show"), ("--help",)])
    def test_a_full_disk_is_one_sentence(self, args: tuple[str, ...]) -> None:
        with open("/dev/full", "wb") as full:
            done = subprocess.run([COMMAND, *args], stdout=full, stderr=subprocess.PIPE, text=True)
        assert done.returncode == 2
        [line] = done.stderr.splitlines()
        assert line.startswith("fifteen: ")
        assert "No space left" in line

    def test_a_closed_output_is_no_error(self) -> None:
        done = subprocess.run(["sh", "-c", f"{COMMAND} units 97110:33 >&-"], stderr=subprocess.PIPE)
        assert (done.returncode, done.stderr) == (0, b"")

    def test_a_terminal_gets_style_and_the_same_words(self) -> None:
        named = {"TERM": "xterm-256color", "COLUMNS": "100"}
        plain = subprocess.run([COMMAND, *UNITS], env=os.environ | named, capture_output=True, text=True).stdout
        ours, theirs = pty.openpty()
        process = subprocess.Popen([COMMAND, *UNITS], env=os.environ | named, stdout=theirs, stdin=theirs)
        os.close(theirs)
        shown = b""
        try:
            while part := os.read(ours, 4096):
                shown += part
        except OSError:  # Linux says so when the other end is closed
            pass
        os.close(ours)
        assert process.wait() == 0
        text = shown.decode().replace("\r\n", "\n")
        assert "\x1b[" in text
        assert re.sub(r"\x1b\[[0-9;]*m", "", text) == plain

    def test_a_warm_start_loads_only_what_it_needs(self) -> None:
        script = (
            "import sys\n"
            "from fifteen.cli import main\n"
            "try:\n"
            "    main(['units', '--json', '97110:33', '97140:7'])\n"
            "except SystemExit as done:\n"
            "    print(done.code, *sorted({name.split('.')[0] for name in sys.modules}), file=sys.stderr)\n"
        )
        loaded: list[str] = []
        for _ in range(2):  # the first run fills the cache
            done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
            code, *loaded = done.stderr.split()
            assert code == "0"
        assert "msgspec" in loaded
        assert set(loaded) & {"rich", "django", "pydantic", "duckdb", "pyarrow", "tomllib", "csv"} == set()

    def test_nothing_is_written_but_the_cache(self, tmp_path: Path) -> None:
        subprocess.run(
            [COMMAND, *UNITS], env=os.environ | {"FIFTEEN_HOME": str(tmp_path)}, capture_output=True, check=True
        )
        assert [path.parent for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / "cache"]
