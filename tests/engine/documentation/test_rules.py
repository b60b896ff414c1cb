"""Each rule has a case that breaks just it: `tests/cases/documentation/rules/`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from fifteen.engine.assess import assess_notes
from fifteen.engine.documentation import check
from fifteen.engine.documentation.satisfied import CHECKS, TEXTS
from fifteen.rulebook import Rulebook
from tests.engine.documentation.cases import BASES, RULES, changed

CITES = {
    "42 CFR 410.61": "42 CFR 410.61",
    "Pub. 100-02 ch. 15 s. 220-230": "CMS Pub. 100-02 ch. 15 §220-230",
    "Pub. 100-04 ch. 5 s. 20.2": "CMS Pub. 100-04 ch. 5 §20.2",
    "Therapy Comply": "Therapy Comply, on late entries",
    "our convention": "Fifteen, our own convention",
}
RULE_ID = re.compile(r'"((?:goals|necessity|note|claim)\.[a-z-]+)"')
ROOM = Path(check.__file__).parent
WITHOUT_ELEMENTS = "note.not-known"  # no base has a date before every rule; test_check.py has


@pytest.mark.parametrize("base", sorted(BASES))
def test_a_complete_note_raises_nothing(base: str, rulebook: Rulebook) -> None:
    answer = assess_notes(*_arguments({"base": base}, rulebook))
    assert answer.findings == []
    assert all(element.satisfied for note in answer.notes for element in note.elements)


@pytest.mark.parametrize("case", RULES, ids=[case["id"] for case in RULES])
def test_the_case_finds_just_its_rule(case: dict[str, Any], rulebook: Rulebook) -> None:
    answer = assess_notes(*_arguments(case, rulebook))
    assert sorted({finding.id for finding in answer.findings}) == sorted(case["finds"])
    found = {finding.id: finding for finding in answer.findings}[case["finds"][0]]
    assert found.severity == case["severity"]
    assert found.message[0].isupper() or found.message[0] in "'0123456789" or found.message.split()[0].islower()
    assert found.fix or found.where
    assert not found.cite or found.cite.startswith(CITES[case["source"]])


def test_every_rule_has_its_case_and_its_words() -> None:
    broken = {finding for case in RULES for finding in case["finds"]}
    assert {f"note.{element}" for element in CHECKS} - broken == set()
    assert set(CHECKS) == set(TEXTS)
    spelled = {each for path in ROOM.glob("*.py") for each in RULE_ID.findall(path.read_text("utf-8"))}
    assert spelled - broken == {WITHOUT_ELEMENTS}


def test_ids_are_unique_and_each_case_has_a_source() -> None:
    assert len({case["id"] for case in RULES}) == len(RULES)
    assert all(case["source"] and case["says"] for case in RULES)


def _arguments(case: dict[str, Any], rulebook: Rulebook) -> tuple[Any, Rulebook, Any]:
    day, context = changed(case)
    return day, rulebook, context
