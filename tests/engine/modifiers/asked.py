"""A day's lines in one line of text, as a room is asked about them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from fifteen.engine.claim_lines import DayAsked, DayLine, Outcome
from fifteen.engine.day import Added, Context, Coverage, Day, Expected
from fifteen.engine.units.answer import Line
from fifteen.rulebook import Rulebook

PLANS: dict[str, Any] = {"PT": "GP", "OT": "GO", "SLP": "GN"}


def line(text: str, modifiers: bool = True) -> DayLine:
    """`PT 97110 x3`, and more modifiers behind it."""
    plan, code, units, *more = text.split()
    own = (PLANS[plan], *more) if modifiers else tuple(more)
    count = int(units.removeprefix("x"))
    return DayLine(plan, Line(code, count, own, 15 * count))  # type: ignore[arg-type]


def asked(
    lines: Iterable[str], rulebook: Rulebook, on: date, *, payer: str = "medicare", modifiers: bool = True,
    expected: Sequence[str] = (), added: Sequence[str] = (), allowed: int | None = None, **day: Any,
) -> DayAsked:  # fmt: skip
    held = tuple(line(text, modifiers) for text in lines)
    people = tuple(Added(code=text.split()[0], modifier=text.split()[1], by="Dr. Lee") for text in added)
    not_necessary = (Expected(why="not-necessary", codes=tuple(expected), by="Dr. Lee"),) if expected else ()
    whole = Day(
        patient="p", date=on, people=(), coverage=Coverage(payer=payer), expected=not_necessary, added=people, **day
    )  # fmt: skip
    return DayAsked(whole, Context(), rulebook, held, (allowed,) * len(held))


def found(outcome: Outcome) -> list[str]:
    return [f"{each.severity} {each.id} {each.where}" for each in outcome.findings]


def held(outcome: Outcome, whole: DayAsked) -> list[str]:
    return [whole.lines[place].name for place in sorted({each.line for each in outcome.held})]
