"""Honest notes are let through: thirty complete ones in varied styles, and the same visits as terse prose."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from fifteen.engine.assess import NotesAnswer, assess_notes
from fifteen.engine.day import Context, Day
from fifteen.engine.documentation.note import Note
from fifteen.kernel.finding import Finding
from fifteen.rulebook import Rulebook
from tests.case_tables import CASES

HOME = CASES / "documentation"
COMPLETE, TERSE = (sorted((HOME / room).glob("*.json")) for room in ("notes", "terse"))
MOST_ADVISABLE = 2


def checked(path: Path, rulebook: Rulebook) -> tuple[NotesAnswer, list[Finding]]:
    """The answer, and the findings about what is there; those of what was not checked left out."""
    case: dict[str, Any] = json.loads(path.read_text("utf-8"))
    day = replace(msgspec.convert(case["day"], Day), notes=(msgspec.convert(case["note"], Note),))
    answer = assess_notes(day, rulebook, msgspec.convert(case.get("context", {}), Context))
    return answer, [each for each in answer.findings if not each.message.startswith("Not checked: ")]


@pytest.mark.parametrize("path", COMPLETE, ids=lambda path: path.stem)
def test_a_complete_note(path: Path, rulebook: Rulebook) -> None:
    answer, found = checked(path, rulebook)
    assert [each for each in found if each.severity != "info"] == []
    assert len(found) <= MOST_ADVISABLE
    assert len(answer.notes) == 1


@pytest.mark.parametrize("path", TERSE, ids=lambda path: path.stem)
def test_a_terse_note(path: Path, rulebook: Rulebook) -> None:
    _, found = checked(path, rulebook)
    assert [each for each in found if each.severity == "block"] == []
    assert len(found) <= MOST_ADVISABLE


@pytest.mark.parametrize("path", COMPLETE, ids=lambda path: path.stem)
def test_a_complete_note_without_its_totals_is_found(path: Path, rulebook: Rulebook) -> None:
    """The corpus can fail: Medicare's two totals taken out of an honest note are missed at once."""
    case = json.loads(path.read_text("utf-8"))
    note = msgspec.convert(case["note"], Note)
    if case["payer"] != "medicare" or not note.timed_minutes:
        return
    day = replace(
        msgspec.convert(case["day"], Day), notes=(replace(note, timed_minutes=None, total_minutes=None),)
    )  # fmt: skip
    found = {each.id for each in assess_notes(day, rulebook).findings if each.severity != "info"}
    assert {"note.timed-minutes", "note.total-minutes"} <= found
