"""What the engine said of a patient's day, arranged for the chart: units with their reasons, findings by severity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import combinations, islice

import msgspec
from django.utils.translation import gettext as _

from fifteen.clinic.treatment.models import Assessment
from fifteen.clinic.treatment.stored import answer_of
from fifteen.engine.claim_lines import AttestationAsked, ClaimLine, LineModifier, ThresholdUsed
from fifteen.engine.evidence.minutes import DisciplineMinutes, Uncounted
from fifteen.engine.evidence.overlap import Overlap
from fifteen.engine.units.answer import UnitsAnswer
from fifteen.engine.units.notes import METHOD_NAMES
from fifteen.kernel.finding import Finding
from fifteen.rulebook import Rulebook
from fifteen.web.edits_shown import RANKS
from fifteen.web.said import said
from fifteen.web.shown import MOST_CHOICES, CodeShown, codes_shown, label

NOT_CHECKED = "-not-checked"


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The parts of a stored answer that the chart shows."""

    on: date
    minutes: tuple[DisciplineMinutes, ...] = ()
    uncounted: tuple[Uncounted, ...] = ()
    units: tuple[UnitsAnswer, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    lines: tuple[ClaimLine, ...] = ()
    explain_modifiers: tuple[LineModifier, ...] = ()
    edits: tuple[Finding, ...] = ()
    note: tuple[Finding, ...] = ()
    attestations: tuple[AttestationAsked, ...] = ()
    thresholds: tuple[ThresholdUsed, ...] = ()
    findings: tuple[Finding, ...] = ()


class UnitsSaid(msgspec.Struct, frozen=True, kw_only=True):
    """One discipline's units; `method` empty: how the payer counts is not known. `ways`: how a tie may be settled."""

    discipline: str
    payer: str
    method: str
    units: int
    timed: int
    total: int
    tie: bool
    chosen: tuple[str, ...]
    ways: tuple[tuple[str, str], ...]
    codes: tuple[CodeShown, ...]
    lines: tuple[ClaimLine, ...]
    modifiers: tuple[LineModifier, ...]


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One day. `why` says why there is no answer; then nothing else stands here."""

    on: date
    why: str = ""
    units: tuple[UnitsSaid, ...] = ()
    block: tuple[Finding, ...] = ()
    warn: tuple[Finding, ...] = ()
    info: tuple[Finding, ...] = ()
    not_checked: tuple[Finding, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    uncounted: Mapping[str, str] = {}
    engine: str = ""

    @property
    def findings(self) -> tuple[Finding, ...]:
        return (*self.block, *self.warn, *self.info)

    @property
    def counts(self) -> tuple[tuple[str, int], ...]:
        """How many of each severity, the gravest first."""
        return tuple((name, len(getattr(self, name))) for name in RANKS if getattr(self, name))

    def of(self, discipline: str) -> UnitsSaid | None:
        """The units of one discipline."""
        return next((each for each in self.units if each.discipline == discipline), None)


def said_of(row: Assessment | None, rulebook: Rulebook, names: Mapping[str, str] | None = None) -> Said | None:
    """A stored answer for reading; None where the day was not assessed. `names` stand for ids in its sentences."""
    if row is None:
        return None
    if row.answer is None:
        return Said(on=row.date, why=said(row.reason) or _("The day could not be assessed, and no reason was kept."))
    try:
        answer = msgspec.convert(answer_of(row), Answer)
    except (msgspec.ValidationError, msgspec.DecodeError, ValueError):
        return Said(on=row.date, why=_("It was assessed by another version of Fifteen, and cannot be shown here."))
    told = [*answer.findings, *(each for units in answer.units for each in units.findings), *answer.edits, *answer.note]
    known = {**dict.fromkeys((each for one in answer.overlaps for each in one.intervals), _("time")), **(names or {})}
    told = [_named(each, known) for each in dict.fromkeys(told)]
    checked = [each for each in told if not each.id.endswith(NOT_CHECKED)]
    return Said(
        on=row.date,
        units=tuple(_units(each, answer, rulebook) for each in answer.units),
        block=_of(checked, "block"), warn=_of(checked, "warn"), info=_of(checked, "info"),
        not_checked=tuple(each for each in told if each.id.endswith(NOT_CHECKED)),
        overlaps=answer.overlaps,
        uncounted={each.interval: each.why for each in answer.uncounted},
        engine=row.engine,
    )  # fmt: skip


def _of(findings: Sequence[Finding], severity: str) -> tuple[Finding, ...]:
    return tuple(each for each in findings if each.severity == severity)


def _units(units: UnitsAnswer, answer: Answer, rulebook: Rulebook) -> UnitsSaid:
    policy = rulebook.payer(units.payer) if units.payer and _known(units.payer, rulebook) else None
    minutes = next((each for each in answer.minutes if each.discipline == units.discipline), None)
    lines = tuple(each for each in answer.lines if each.discipline == units.discipline)
    places = {place for place, each in enumerate(answer.lines) if each.discipline == units.discipline}
    return UnitsSaid(
        discipline=units.discipline,
        payer=(policy.label or policy.id) if policy else units.payer or "",
        method=METHOD_NAMES[units.method] if units.method else "",
        units=sum(line.units for line in units.lines),
        timed=minutes.timed_minutes if minutes else units.timed_minutes,
        total=minutes.total_minutes if minutes else units.timed_minutes,
        tie=units.tie, chosen=units.chosen, ways=tuple(_ways(units, rulebook)),
        codes=tuple(codes_shown(units, rulebook)),
        lines=lines, modifiers=tuple(each for each in answer.explain_modifiers if each.line in places),
    )  # fmt: skip


def _ways(units: UnitsAnswer, rulebook: Rulebook) -> list[tuple[str, str]]:
    """Every way to settle a tie, in the order of codes: its codes, and their labels."""
    if not units.tie:
        return []
    ways = islice(combinations(sorted(units.tied.codes), units.tied.choose), MOST_CHOICES)
    return [(" ".join(way), ", ".join(said(label(code, units, rulebook)) for code in way)) for way in ways]


def _known(payer: str, rulebook: Rulebook) -> bool:
    return any(each.id == payer for each in rulebook.payers)


def _named(finding: Finding, names: Mapping[str, str]) -> Finding:
    """The finding with names and clock times where the engine knows ids only; in the active language."""
    return msgspec.structs.replace(
        finding,
        message=named(said(finding.message), names),
        fix=named(said(finding.fix), names),
        where=named(finding.where, names),
    )  # fmt: skip


def named(text: str, names: Mapping[str, str]) -> str:
    for id, name in names.items():
        text = text.replace(id, name)
    return text
