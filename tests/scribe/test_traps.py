"""Numbers of minutes that were not today's treatment are never read as such; what was treatment is read right."""

from __future__ import annotations

from collections import Counter

import pytest

from fifteen.rulebook import Rulebook
from fifteen.scribe.draft import Draft
from fifteen.scribe.read import read
from scribe_eval import Report, reader, table
from tests.scribe.conftest import HOME, texts

SETS = ("traps", "traps-second", "traps-third", "traps-fourth", "traps-fifth", "traps-sixth")
TRAPS = [each for name in SETS for each in texts(f"{name}.jsonl")]
CONTROLS = [each for each in TRAPS if str(each["id"]).startswith("c")]
NOTES = texts("development.jsonl")
RECALL, F1, SLICE, KEPT = 0.95, 0.95, 0.90, 0.88


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


def test_ordinary_notes_beside_the_traps_keep_their_minutes(rulebook: Rulebook) -> None:
    """Every word in them was given; what is doubted without need costs a therapist a question."""
    due = [Counter((family, minutes) for family, minutes in each["allowed_minutes"]) for each in CONTROLS]  # type: ignore[attr-defined]
    right = sum(
        (told(read(str(each["text"]), rulebook)) & wanted).total() for each, wanted in zip(CONTROLS, due, strict=True)
    )
    assert right / sum(each.total() for each in due) >= KEPT


def test_the_bars_of_the_development_set_are_held() -> None:
    """Exercise F1 over all and minutes in each slice, as `make scribe-eval` counts them."""
    report = Report(*reader())
    report.add(HOME / "development.jsonl")
    head, *rows = table(report.scores)
    by_slice = {row[0]: dict(zip(head, row, strict=True)) for row in rows}
    assert float(by_slice["all"]["exercise F1"].split()[0]) >= F1
    for name, row in by_slice.items():
        assert row["minutes R"] == "-" or float(row["minutes R"].split()[0]) >= SLICE, name
        assert row["phantoms"].startswith("0.000"), name


def test_nearly_all_minutes_of_the_development_set_are_read(rulebook: Rulebook) -> None:
    right = sum((told(read(str(each["text"]), rulebook)) & expected(each)).total() for each in NOTES)
    assert right / sum(expected(each).total() for each in NOTES) >= RECALL
