"""`fifteen rulebook aliases`: corrections in, proposals out; what is accepted is read by `fifteen scribe`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Done

Run = Callable[..., Done]
Refused = Callable[..., str]
EXAMPLE = str(Path(__file__).parents[2] / "examples" / "scribe" / "corrections.jsonl")
SHOW = ("rulebook", "aliases", EXAMPLE, "--from", "2026-04-01")
NOTE = ("scribe", "TE 18 min: kickstand squats 3x10", "--json", "--on")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, in which an organization may write."""
    monkeypatch.setenv("FIFTEEN_HOME", str(tmp_path))
    return tmp_path


def test_the_page_has_each_state_under_its_heading(run: Run) -> None:
    done = run(*SHOW)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(
        f"10 corrections in {EXAMPLE}\nagainst the words known from 2026-04-01 on\n\nProposed\n"
        "  kickstand squat: split squat\n    2 notes by 1 person, PT, drafted as squat\n"
    )
    headings = [line for line in done.out.splitlines()[3:] if line and not line.startswith(" ")]
    assert headings == [
        "Proposed", "People disagree: choose one, as WORDS=NAME", "Known as something else", "Never an alias",
        "Read so already",
    ]  # fmt: skip
    assert "  penny pick up: coin pickup, a new name (TA)\n" in done.out


def test_json_has_every_key(run: Run) -> None:
    found = json.loads(run(*SHOW, "--json").out)
    assert set(found) == {"from", "rulebook", "corrections", "proposals", "accepted", "written"}
    assert (found["from"], found["corrections"], found["accepted"], found["written"]) == ("2026-04-01", 10, [], [])
    states = {each["words"]: each["state"] for each in found["proposals"] if each["words"] != "SLR"}
    assert states == {
        "kickstand squat": "open", "kick stand squat": "open", "penny pick up": "open", "wall clock reach": "conflict",
        "3 way kick": "refused", "ther ex": "refused",
    }  # fmt: skip


def test_from_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with open(EXAMPLE) as file:
        monkeypatch.setattr("sys.stdin", file)
        assert run("rulebook", "aliases", "-").out.startswith("10 corrections in standard input\n")


def test_what_is_accepted_is_read_by_the_scribe(run: Run, home: Path) -> None:
    def read(on: str) -> str | None:
        [service] = json.loads(run(*NOTE, on).out)["services"]
        name: str | None = service["exercises"][0]["known_as"]
        return name

    organization = home / "organization"
    assert read("2026-04-01") == "squat"
    accepting = (*SHOW, "--accept", "kickstand squats", "--by", "t-3", "--into", str(organization))
    done = run(*accepting)
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        "Accepted from 2026-04-01 on\n  kickstand squat: split squat\n\n"
        + "".join(
            f"written: {organization / each}\n"
            for each in ("references.toml", "tables/exercises.csv", "tables/exercises.toml")
        )
    )
    assert (read("2026-03-31"), read("2026-04-01")) == ("squat", "split squat")
    assert "it was read so already" in run(*accepting).out
    assert "Nothing had to be written." in run(*accepting).out
    found = json.loads(run(*accepting, "--json").out)
    assert [each["words"] for each in found["accepted"]] == ["kickstand squat"]
    assert found["written"] == []


def test_the_folder_is_what_words_are_judged_by(run: Run, tmp_path: Path) -> None:
    into = ("--into", str(tmp_path / "other"))
    run(*SHOW, "--accept", "kickstand squat", "--by", "t-3", *into)
    states = [
        {each["words"]: each["state"] for each in json.loads(run(*SHOW, *where, "--json").out)["proposals"]}
        for where in ((), into)
    ]
    assert [each["kickstand squat"] for each in states] == ["open", "known"]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--accept", "kickstand squat"), "give --by too"),
        (("--accept", "kickstand squat", "--by", "t-3"), "give --into too"),
        (("--by", "t-3"), "--by says who accepts: give the words with --accept"),
        (("--into", "/nowhere/at/all"), "--into: '/nowhere/at/all' is no folder"),
        (("--into", EXAMPLE), "is no folder and cannot become one"),
        (("--accept", "wall clock reach", "--by", "t-3", "--into", "."), "people disagree on 'wall clock reach'"),
        (("--accept", "nothing", "--by", "t-3", "--into", "."), "'nothing' is not proposed"),
        (("--accept", "penny pick ups", "--by", "Ann", "--into", "."), "--by 'Ann' is not an opaque id"),
        (("--from", "soon"), "--from"),
    ],
)
def test_what_is_asked_wrongly(
    args: tuple[str, ...], said: str, refused: Refused, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert said in refused(*SHOW[:3], *args)
    assert list(tmp_path.iterdir()) == []


def test_a_line_that_cannot_be_read(refused: Refused, tmp_path: Path) -> None:
    file = tmp_path / "c.jsonl"
    file.write_text('\n{"words": 3}\n')
    assert f"{file}, line 2: " in refused("rulebook", "aliases", str(file))
    assert "check the path" in refused("rulebook", "aliases", str(tmp_path / "none"))
