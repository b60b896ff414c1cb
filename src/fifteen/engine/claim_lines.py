"""The lines of a day's claim, and what each room of the engine has to say of them.

Lines are those of one patient, day and billing group, all disciplines together. A room never changes a line: it returns
an `Outcome`, and `claim_lines` puts the outcomes together in one order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import msgspec

from fifteen.engine.day import Context, Day, Discipline
from fifteen.engine.units.answer import Line, UnitsAnswer
from fifteen.kernel.finding import Finding
from fifteen.kernel.trace import Step
from fifteen.rulebook import Rulebook


class DayLine(msgspec.Struct, frozen=True):
    """A billed line of `units` and the plan it stands under; `name` is how people call it: `PT 97140`."""

    discipline: Discipline
    line: Line

    @property
    def name(self) -> str:
        return f"{self.discipline} {self.line.code}"


class LineModifier(Step, frozen=True, kw_only=True):
    """A modifier on line number `line` (from 0), and why it stands there."""

    line: int
    modifier: str


class AttestationAsked(msgspec.Struct, frozen=True):
    """An attestation asked of a person for a line, with the evidence shown; `given_by` once somebody gave it."""

    kind: str
    line: str
    asked_because: str
    evidence: str
    given_by: str | None


class Held(msgspec.Struct, frozen=True):
    """Line number `line` (from 0) waits, and why."""

    line: int
    why: str


class DayAsked(msgspec.Struct, frozen=True):
    """What every room is asked about. `allowed`: cents of each line after MPPR, None where no price is known."""

    day: Day
    context: Context
    rulebook: Rulebook
    lines: tuple[DayLine, ...]
    allowed: tuple[int | None, ...]


class Outcome(msgspec.Struct):
    """What one room found: modifiers, attestations asked, lines held, findings."""

    modifiers: list[LineModifier] = []
    asked: list[AttestationAsked] = []
    held: list[Held] = []
    findings: list[Finding] = []


class ClaimLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line as it would be sent: at most as many modifiers as it has room for, the rest in the claim's note.

    `held`: why the line waits, empty where nothing holds it.
    """

    discipline: Discipline
    code: str
    units: int
    modifiers: tuple[str, ...]
    note_modifiers: tuple[str, ...]
    minutes: int
    held: tuple[str, ...]


def day_lines(answers: Iterable[UnitsAnswer]) -> list[DayLine]:
    """All billed lines of a day, in the order of disciplines and lines."""
    return [DayLine(answer.discipline, line) for answer in answers for line in answer.lines]


def claim_lines(lines: Sequence[DayLine], outcomes: Iterable[Outcome], rulebook: Rulebook, on: date) -> list[ClaimLine]:
    """Each line with all its modifiers in the house order (`fifteen.modifier_order`), four on the line."""
    found = list(outcomes)
    order = rulebook.value("fifteen.modifier_order", on).value
    room: int = rulebook.value("medicare.modifier_positions", on).value["positions"]
    more: str = rulebook.value("medicare.modifier_positions", on).value["more"]
    made = []
    for place, each in enumerate(lines):
        added = [m.modifier for outcome in found for m in outcome.modifiers if m.line == place]
        ranked = sorted(dict.fromkeys([*each.line.modifiers, *added]), key=lambda m: (_rank(order, m), m))
        fits = len(ranked) <= room
        on_line = ranked if fits else [*ranked[: room - 1], more]
        held = [h.why for outcome in found for h in outcome.held if h.line == place]
        made.append(
            ClaimLine(
                discipline=each.discipline, code=each.line.code, units=each.line.units, modifiers=tuple(on_line),
                note_modifiers=() if fits else tuple(ranked[room - 1 :]), minutes=each.line.minutes,
                held=tuple(dict.fromkeys(held)),
            )
        )  # fmt: skip
    return made


def _rank(order: Sequence[Sequence[str]], modifier: str) -> int:
    """The place of a modifier's group in the order; one of no group comes last."""
    return next((place for place, group in enumerate(order) if modifier in group), len(order))
