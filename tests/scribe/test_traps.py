"""Numbers of minutes that were not today's treatment are never read as such; what was treatment is read right."""

from __future__ import annotations

from collections import Counter

import pytest

from fifteen.rulebook import Rulebook
from fifteen.scribe.draft import Draft
from fifteen.scribe.read import read
from tests.scribe.conftest import texts

TRAPS = [*texts("traps.jsonl"), *texts("traps-second.jsonl")]
NOTES = texts("development.jsonl")
RECALL = 0.95


def told(draft: Draft) -> Counter[tuple[str, int]]:
    return Counter((each.family, each.minutes) for each in draft.services if each.minutes is not None)


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap["id"])
def test_no_minute_is_invented(trap: dict[str, object], rulebook: Rulebook) -> None:
    allowed = Counter((family, minutes) for family, minutes in trap["allowed_minutes"])  # type: ignore[attr-defined]
    assert told(read(str(trap["text"]), rulebook)) <= allowed, trap["why"]


def expected(note: dict[str, object]) -> Counter[tuple[str, int]]:
    services = note["expected"]["interventions"]  # type: ignore[index]
    return Counter((each["family"], each["minutes"]) for each in services if each["minutes"] is not None)


@pytest.mark.parametrize("note", NOTES, ids=lambda note: note["id"])
def test_no_minute_of_the_development_set_is_wrong(note: dict[str, object], rulebook: Rulebook) -> None:
    assert told(read(str(note["text"]), rulebook)) <= expected(note)


def test_nearly_all_minutes_of_the_development_set_are_read(rulebook: Rulebook) -> None:
    right = sum((told(read(str(each["text"]), rulebook)) & expected(each)).total() for each in NOTES)
    assert right / sum(expected(each).total() for each in NOTES) >= RECALL
