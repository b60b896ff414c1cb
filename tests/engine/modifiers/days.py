"""A day from a case: visits with their minutes by service, and the lines and findings that are compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from fifteen import Context, Day, assess, read_day
from fifteen.engine.assess import DayAnswer
from fifteen.engine.claim_lines import DayAsked, day_lines
from fifteen.kernel.finding import Finding
from fifteen.rulebook import Rulebook

PEOPLE = [
    *({"id": each.lower(), "role": "therapist", "discipline": each} for each in ("PT", "OT", "SLP")),
    {"id": "pta", "role": "assistant", "discipline": "PT"},
    {"id": "aide", "role": "aide"},
]


def visit_of(number: int, visit: Mapping[str, Any]) -> dict[str, Any]:
    by = visit.get("by", visit["discipline"].lower())
    return {
        "id": str(number),
        "discipline": visit["discipline"],
        "place_of_service": visit.get("place"),
        "telehealth": visit.get("way"),
        "purpose": visit.get("purpose"),
        "intervals": [
            {"id": f"{number} {code}", "people": [by], "service": code, "minutes": minutes}
            for code, minutes in visit["minutes"].items()
        ],
    }


def day_of(visits: Iterable[Mapping[str, Any]], **day: Any) -> Day:
    made = [visit_of(number, visit) for number, visit in enumerate(visits, 1)]
    raw = {"patient": "p", "date": "2026-05-04", "people": PEOPLE, "visits": made, **day}
    return read_day(msgspec.json.encode(raw))


def assessed(rulebook: Rulebook, visits: Iterable[Mapping[str, Any]], **day: Any) -> DayAnswer:
    return assess(day_of(visits, **day), rulebook, Context(others=()))


def asked_of(rulebook: Rulebook, visits: Iterable[Mapping[str, Any]], **day: Any) -> DayAsked:
    """What each room is asked of the same day, to look at one room alone."""
    made = day_of(visits, **day)
    lines = tuple(day_lines(assess(made, rulebook, Context(others=())).units))
    return DayAsked(made, Context(others=()), rulebook, lines, (None,) * len(lines))


def of_case(case: Mapping[str, Any], rulebook: Rulebook, **day: Any) -> DayAnswer:
    if "payer" in case:
        day["coverage"] = {"payer": case["payer"]}
    if "billing" in case:
        day["billing"] = case["billing"]
    return assessed(rulebook, case["visits"], **day)


def lines_of(answer: DayAnswer) -> list[str]:
    return [" ".join((each.code, f"x{each.units}", *each.modifiers, *each.note_modifiers)) for each in answer.lines]


def held_of(answer: DayAnswer) -> list[str]:
    return [each.code for each in answer.lines if each.held]


def said(answer: DayAnswer, *rooms: str) -> list[Finding]:
    """What these rooms say, by the first word of their ids; other rooms may say more."""
    return [each for each in answer.edits if each.id.split(".")[0] in rooms]


def ids_of(answer: DayAnswer, *rooms: str) -> list[str]:
    return [each.id for each in said(answer, *rooms)]
