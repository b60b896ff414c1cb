"""The lines of a day by code, and outcomes put together: what several edits need."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fifteen.engine.claim_lines import DayLine, Held, Outcome


def by_code(lines: Sequence[DayLine]) -> dict[str, list[int]]:
    """The places of each code's lines, by code, whatever order the lines stand in."""
    return {
        code: [place for place, each in enumerate(lines) if each.line.code == code]
        for code in sorted({each.line.code for each in lines})
    }


def by_discipline(lines: Sequence[DayLine], places: Iterable[int]) -> dict[str, list[int]]:
    """The places of each discipline's lines among `places`, by name."""
    places = list(places)
    return {
        discipline: [place for place in places if lines[place].discipline == discipline]
        for discipline in sorted({lines[place].discipline for place in places})
    }


def units_on(lines: Sequence[DayLine], places: Iterable[int]) -> int:
    return sum(lines[place].line.units for place in places)


def hold(places: Iterable[int], why: str) -> list[Held]:
    return [Held(place, why) for place in places]


def together(outcomes: Iterable[Outcome]) -> Outcome:
    """One outcome of several, in their order."""
    whole = Outcome()
    for each in outcomes:
        whole.held.extend(each.held)
        whole.findings.extend(each.findings)
    return whole
