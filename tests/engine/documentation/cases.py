"""Bases and cases of `tests/cases/documentation/rules`: a complete note, and the one thing that is changed in it."""

from __future__ import annotations

import copy
import json
from typing import Any

from fifteen.engine.day import Context, Day, read_context, read_day
from tests.case_tables import CASES, read_cases

RULES = read_cases("documentation/rules")
BASES: dict[str, Any] = json.loads((CASES / "documentation" / "rules" / "bases.json").read_text("utf-8"))
NOW = "2026-03-02T20:00:00-05:00"


def changed(case: dict[str, Any]) -> tuple[Day, Context]:
    """The base of a case with its changes, as a day with the note in it and its context."""
    made = {**copy.deepcopy(BASES[case["base"]]), "now": NOW}
    for path in case.get("remove", ()):
        *way, last = path.split(".")
        place = _at(made, way)
        del place[int(last) if isinstance(place, list) else last]
    for path, value in case.get("set", {}).items():
        *way, last = path.split(".")
        place = _at(made, way)
        if isinstance(place, list) and int(last) == len(place):
            place.append(value)
        else:
            place[int(last) if isinstance(place, list) else last] = value
    day = {**made["day"], "notes": [made["note"]]}
    context = {"others": [], "now": made["now"], "earlier": case.get("earlier", made["earlier"])}
    return read_day(json.dumps(day)), read_context(json.dumps(context))


def _at(made: Any, way: list[str]) -> Any:
    for name in way:
        made = made[int(name) if isinstance(made, list) else name]
    return made
