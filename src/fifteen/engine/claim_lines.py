"""The lines of a day's claim, and what each room of the engine has to say of them.

Lines are those of one patient, day and billing group, all disciplines together. A room never changes a line: it returns
an `Outcome`, and `claim_lines` puts the outcomes together in one order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

import msgspec

from fifteen.engine.day import Attestation, Bucket, Context, Day, Discipline
from fifteen.engine.units.answer import Line, UnitsAnswer
from fifteen.kernel.finding import Finding
from fifteen.kernel.trace import Step
from fifteen.rulebook import Rulebook


class DayLine(msgspec.Struct, frozen=True):
    """A billed line of `units` and the plan it stands under; `name` is how attestations call it: `PT 97140`."""

    discipline: Discipline
    line: Line

    @property
    def name(self) -> str:
        return f"{self.discipline} {self.line.code}"


class LineModifier(Step, frozen=True, kw_only=True):
    """A modifier on line number `line` (from 0), and why it stands there."""

    line: int
    modifier: str


class AttestationAsked(msgspec.Struct, frozen=True, kw_only=True):
    """An attestation asked of a person for a line, with the evidence shown and its hash; `given_by` once given.

    `shown`: the record itself supports it; where it does not, the person must name a ground.
    """

    kind: str
    line: str
    asked_because: str
    evidence: str
    evidence_hash: str
    shown: bool
    given_by: str | None
    cite: str


class Held(msgspec.Struct, frozen=True):
    """Line number `line` (from 0) waits, and why."""

    line: int
    why: str


class ThresholdUsed(msgspec.Struct, frozen=True, kw_only=True):
    """What is used of a therapy threshold in a year, in dollars: an estimate, other providers' claims may be missing.

    `used` before this day, `with_day` with its lines; a figure that is not known is None. `as_of`: up to when the payer
    said what it had counted, None where it was not asked; `claims` received since then are added, and None means that
    they are not known.
    """

    bucket: Bucket
    year: int
    used: Decimal | None
    with_day: Decimal | None
    threshold: Decimal | None
    review: Decimal | None
    as_of: date | None
    claims: int | None


class DayAsked(msgspec.Struct, frozen=True):
    """What every room is asked about. `allowed`: cents of each line after MPPR, None where no price is known."""

    day: Day
    context: Context
    rulebook: Rulebook
    lines: tuple[DayLine, ...]
    allowed: tuple[int | None, ...]


class Outcome(msgspec.Struct):
    """What one room found: modifiers, attestations asked, lines held, findings, and what is used of thresholds."""

    modifiers: list[LineModifier] = []
    asked: list[AttestationAsked] = []
    held: list[Held] = []
    findings: list[Finding] = []
    thresholds: list[ThresholdUsed] = []


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


def more_than_room(lines: Iterable[ClaimLine], rulebook: Rulebook, on: date) -> list[LineModifier]:
    """Why 99 stands where it does: no room adds it, since it follows from all of them together."""
    rule = rulebook.value("medicare.modifier_positions", on)
    return [
        LineModifier(
            rule=rule.id, cite=rule.cite, since=rule.since, status=rule.status, line=place, modifier=rule.value["more"],
            because=f"A line has room for {rule.value['positions']} modifiers; {' and '.join(each.note_modifiers)} "
            "stand in the note of the claim.",
        )
        for place, each in enumerate(lines)
        if each.note_modifiers
    ]  # fmt: skip


def _rank(order: Sequence[Sequence[str]], modifier: str) -> int:
    """The place of a modifier's group in the order; one of no group comes last."""
    return next((place for place, group in enumerate(order) if modifier in group), len(order))


def hash_of(*shown: object) -> str:
    """The hash of what a person was shown; the same evidence has the same hash on every machine."""
    return hashlib.sha256(msgspec.json.encode(shown, order="deterministic")).hexdigest()


def given(attestations: Iterable[Attestation], kinds: Sequence[str], line: str | None = None) -> list[Attestation]:
    """The attestations of these kinds, for a line or for all, the latest last; in whatever order they are told."""
    those = (each for each in attestations if each.kind in kinds and line in (None, each.line))
    return sorted(those, key=lambda each: (each.at, each.line, each.kind, each.by, each.evidence, each.ground))


def lapsed(attestation: Attestation, what: str) -> Finding:
    """The evidence has changed since a person attested: it no longer counts and is asked again."""
    return Finding(
        "attestation.lapsed", "warn",
        f"{attestation.by} attested {attestation.kind} for {attestation.line}; {what} has changed since, so it lapsed.",
        "Look at the evidence as it is now and attest again, or leave it.", where=attestation.line,
    )  # fmt: skip
