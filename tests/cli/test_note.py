"""`fifteen note check`: the page, the JSON, the exit code and what it refuses."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Done

EXAMPLES = Path(__file__).parents[2] / "examples"
NOTED = EXAMPLES / "days" / "noted.json"
CONTEXT = EXAMPLES / "days" / "noted.context.json"
TERSE = EXAMPLES / "notes" / "terse.json"

Run = Callable[..., Done]


def changed(tmp_path: Path, **fields: Any) -> str:
    day = json.loads(NOTED.read_text())
    for name, value in fields.items():
        if value is None:
            del day["notes"][0][name]
        else:
            day["notes"][0][name] = value
    path = tmp_path / "day.json"
    path.write_text(json.dumps(day))
    return str(path)


def test_a_complete_note_is_a_page_and_no_block(run: Run) -> None:
    done = run("note", "check", str(NOTED), "--context", str(CONTEXT))
    assert done.code == 0
    assert "Treatment of 2026-03-02, PT" in done.out
    assert "Medicare Part B; no finding" in done.out
    assert "+ Total minutes of the timed codes: “38”" in done.out
    assert done.out.index("Required") < done.out.index("Advisable")


def test_a_block_exits_with_1_and_says_the_law(run: Run, tmp_path: Path) -> None:
    done = run("note", "check", changed(tmp_path, timed_minutes=None))
    assert done.code == 1
    assert "findings: 1 block" in done.out
    assert "- Total minutes of the timed codes" in done.out
    assert "CMS Pub. 100-04 ch. 5 §20.2" in done.out
    assert "asked by Medicare Part B" in " ".join(done.out.split())
    assert "Holds the claim" in done.out


def test_json_is_the_contract(run: Run) -> None:
    done = run("note", "check", str(NOTED), "--json")
    answer = json.loads(done.out)
    assert set(answer) == {"rulebook", "on", "payer", "notes", "findings"}
    element = answer["notes"][0]["elements"][0]
    assert {"id", "kind", "requirement", "asked_by", "satisfied", "words", "cite", "status", "fix"} <= set(element)


def test_a_note_alone_and_a_payer_nobody_knows_the_wishes_of(run: Run) -> None:
    assert run("note", "check", str(TERSE)).code == 0
    done = run("note", "check", str(TERSE), "--payer", "aetna")
    assert "Not known to be asked by this payer" in done.out


def test_what_was_not_read_is_shown_and_a_day_without_a_note(run: Run, tmp_path: Path) -> None:
    done = run("note", "check", changed(tmp_path, text="The cat sat on the mat."))
    assert "- The cat sat on the mat" in done.out
    day = json.loads(NOTED.read_text())
    del day["notes"]
    path = tmp_path / "bare.json"
    path.write_text(json.dumps(day))
    done = run("note", "check", str(path))
    assert (done.code, done.out.splitlines()[0]) == (0, "No note came with the day")


def test_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TERSE.read_bytes())))
    assert run("note", "check", "-").code == 0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "see `fifteen assess --help` for the form of a day"),
        ("[]", "Expected `object`, got `array`"),
        ('{"date": "2026-03-02", "mood": 1}', "see `fifteen note check --help` for the form of a note"),
        ('{"date": "2026-03-02", "services": [{"code": "00000"}]}', "is not in the service catalogue"),
    ],
)
def test_what_cannot_be_read_is_refused(text: str, says: str, refused: Callable[..., str], tmp_path: Path) -> None:
    path = tmp_path / "note.json"
    path.write_text(text)
    assert says in refused("note", "check", str(path))


def test_assess_shows_the_findings_of_the_note(run: Run, tmp_path: Path) -> None:
    done = run("assess", changed(tmp_path, timed_minutes=None))
    assert "The total minutes of the timed codes are not in the note" in " ".join(done.out.split())


def two_notes(tmp_path: Path) -> str:
    day = json.loads(NOTED.read_text())
    second = {**day["notes"][0], "kind": "progress-report"}
    day["notes"] = [{**day["notes"][0], "signatures": []}, {**second, "signatures": []}]
    path = tmp_path / "two.json"
    path.write_text(json.dumps(day))
    return str(path)


@pytest.mark.parametrize("command", [("assess",), ("note", "check")])
def test_findings_of_several_notes_stand_under_their_names(command: tuple[str, ...], run: Run, tmp_path: Path) -> None:
    out = run(*command, two_notes(tmp_path)).out
    look = out[out.index("Needs a look") :]
    first, second = look.index("  Treatment of 2026-03-02, PT"), look.index("  Progress report of 2026-03-02, PT")
    assert first < look.index("No signature of the treating professional") < second
    assert "\n\n\n" not in out


def test_a_page_has_no_empty_stretch(run: Run) -> None:
    out = run("note", "check", str(TERSE)).out
    assert "\n\n\n" not in out
    assert not out.startswith("\n")


def test_a_block_makes_the_lines_wait(run: Run, tmp_path: Path) -> None:
    out = " ".join(run("assess", changed(tmp_path, timed_minutes=None)).out.split())
    assert "waits: The PT note holds it: The total minutes of the timed codes are not in the note" in out


def test_a_day_says_itself_who_pays(refused: Callable[..., str]) -> None:
    assert "leave it out" in refused("note", "check", str(NOTED), "--payer", "aetna")


def test_a_day_without_patient_is_refused_as_a_day(refused: Callable[..., str], tmp_path: Path) -> None:
    path = tmp_path / "day.json"
    path.write_text('{"date": "2026-03-02", "notes": []}')
    assert "form of a day" in refused("note", "check", str(path))


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"date": "2026-03-01"}, "The note is of 2026-03-01 and came with the day 2026-03-02."),
        ({"discipline": "OT"}, "The OT note came with a day that has no OT visit."),
        ({"visit": "pm"}, "The note names the visit 'pm', and no PT visit of this day has that id."),
        ({"signatures": [{"person": "pt-9", "role": "therapist", "credential": "PT"}]}, "pt-9 stands in the note"),
    ],
)
def test_what_can_be_read_and_is_doubtful_is_a_finding(
    fields: dict[str, Any], says: str, run: Run, tmp_path: Path
) -> None:
    done = run("note", "check", changed(tmp_path, **fields))
    assert says in " ".join(done.out.split())


def test_standard_input_is_named_in_a_refusal(refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"{")))
    assert "standard input: Input data was truncated" in refused("note", "check", "-")
