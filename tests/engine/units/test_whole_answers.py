"""Whole answers to the letter, words included: what a therapist, biller or program is shown.

A change of words is a change of the product: run `python -m tests.engine.units.test_whole_answers` to write the
answers anew, and read the difference.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fifteen import ServiceMinutes, count_units, load_rulebook
from fifteen.rulebook import Rulebook

FOLDER = Path(__file__).parents[2] / "cases" / "answers"

# name: ({code: minutes or [therapist, assistant]}, settings)
ASKED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "remainders": ({"97110": 33, "97140": 7}, {}),
    "tie": ({"97112": 20, "97110": 20}, {}),
    "tie-of-three-for-two": ({"97110": 10, "97112": 10, "97140": 10}, {}),
    "tie-chosen": ({"97112": 20, "97110": 20}, {"choose": ["97112"]}),
    "zero-units": ({"97110": 18, "97140": 13, "97116": 10, "97035": 8}, {}),
    "one-minute-short": ({"97110": 7}, {}),
    "midpoint": ({"97110": 24, "97112": 8, "97116": 10}, {"payer": "midpoint"}),
    "method-alone": ({"97110": 16}, {"payer": None, "method": "midpoint"}),
    "secondary-differs": ({"97112": 24, "97110": 23}, {"secondary": "midpoint"}),
    "secondary-unknown": ({"97110": 20}, {"secondary": "aetna"}),
    "payer-unknown": ({"97110": 20}, {"payer": "aetna"}),
    "payer-not-yet": ({"97110": 20}, {"payer": "bcbs-nebraska", "on": date(2022, 9, 21)}),
    "no-payer": ({"97110": 20}, {"payer": None}),
    "method-assumed": ({"97110": [0, 20]}, {"payer": "highmark"}),
    "over-cap": ({"97110": 75, "97161": 30}, {"payer": "cigna", "method": "total"}),
    "caregiver": ({"97550": 38, "97110": 8}, {}),
    "caregiver-once": ({"97550": 20}, {}),
    "hour": ({"96125": 91}, {"discipline": "SLP"}),
    "whole-time": ({"97545": 180}, {}),
    "monitoring": ({"98980": 40, "98977": 0}, {}),
    "pool": ({"97129": 38, "97110": 16}, {"discipline": "OT"}),
    "add-on-alone": ({"97130": 20}, {"discipline": "SLP"}),
    "invalid": ({"97014": 10, "97010": 5, "97039": 15}, {}),
    "not-in-force": ({"97550": 38, "97110": 15}, {"on": date(2023, 12, 31)}),
    "more-than-a-day": ({"97161": 1441}, {}),
    "assistant": ({"97110": [13, 23], "97140": 30}, {}),
    "assistant-two-units": ({"97110": [9, 14]}, {}),
    "assistant-silent": ({"97110": [10, 10], "97140": 19}, {}),
    "assistant-silent-both": ({"97110": [6, 14], "97140": 19}, {}),
    "assistant-in-2020": ({"97110": [14, 12]}, {"on": date(2020, 6, 1)}),
    "assistant-untimed": ({"97150": [44, 5]}, {}),
    "assistant-evaluates": ({"97161": [10, 20]}, {}),
    "assistant-incident-to": ({"97110": [0, 30]}, {"billing": "incident-to"}),
    "assistant-slp": ({"97129": [0, 15]}, {"discipline": "SLP"}),
    "wrong-discipline": ({"97165": 30, "92507": 30}, {}),
}


def answer(name: str, rulebook: Rulebook) -> Any:
    minutes, settings = ASKED[name]
    services = [
        ServiceMinutes(code, *each) if isinstance(each, list) else ServiceMinutes(code, each)
        for code, each in minutes.items()
    ]
    answer = count_units(services, rulebook, **{"on": date(2026, 3, 2), **settings})
    found = json.loads(msgspec.json.encode(answer))
    del found["rulebook"]  # the hash changes with every file of the rulebook
    return found


@pytest.mark.parametrize("name", ASKED)
def test_the_whole_answer(name: str, rulebook: Rulebook) -> None:
    assert answer(name, rulebook) == json.loads((FOLDER / f"{name}.json").read_text("utf-8"))


def test_no_answer_is_left_over() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(ASKED)


if __name__ == "__main__":
    book = load_rulebook()
    for each in ASKED:
        text = json.dumps(answer(each, book), indent=1, ensure_ascii=False)
        (FOLDER / f"{each}.json").write_text(text + "\n", "utf-8")
