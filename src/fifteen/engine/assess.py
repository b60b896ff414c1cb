"""The door: a patient's day in, everything Fifteen has to say about it out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from fifteen.engine.claim_lines import (
    AttestationAsked,
    ClaimLine,
    DayAsked,
    LineModifier,
    Outcome,
    ThresholdUsed,
    claim_lines,
    day_lines,
    more_than_room,
)
from fifteen.engine.day import Context, Day, Discipline, Interval, check_context, check_day
from fifteen.engine.documentation.answer import NoteAnswer
from fifteen.engine.documentation.check import check_note
from fifteen.engine.documentation.note import Note
from fifteen.engine.documentation.of_day import check_day_notes, entry_not_checked, held_by_notes
from fifteen.engine.edits.limits import limits
from fifteen.engine.edits.pairs import pairs_room
from fifteen.engine.evidence.minutes import DisciplineMinutes, Uncounted, minutes_of
from fifteen.engine.evidence.overlap import Overlap, check_person_day
from fifteen.engine.modifiers.distinct import distinct_room
from fifteen.engine.modifiers.liability import liability
from fifteen.engine.modifiers.place import place
from fifteen.engine.modifiers.purpose import purpose
from fifteen.engine.modifiers.repeat import repeat
from fifteen.engine.modifiers.telehealth import telehealth
from fifteen.engine.modifiers.threshold import threshold
from fifteen.engine.pricing import PriceAnswer, price
from fifteen.engine.pricing.answer import allowed_cents
from fifteen.engine.units import UnitsAnswer, count_units
from fifteen.kernel.finding import Finding
from fifteen.kernel.trace import Step
from fifteen.rulebook import Rulebook

# Each looks at all lines of the day by itself, in the order a reader wants their findings.
ROOMS: tuple[Callable[[DayAsked], Outcome], ...] = (
    pairs_room,
    distinct_room,
    limits,
    threshold,
    place,
    telehealth,
    liability,
    purpose,
    repeat,
)


class Clock(msgspec.Struct, frozen=True):
    """A deadline of the episode: its state, when it is due and what stops it."""

    id: str
    state: str
    due: date | None
    stops: str
    cite: str


class DayAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A day assessed: minutes by discipline and service, units of each discipline, the claim's lines, findings.

    `lines` are the lines of all disciplines as they would be sent, with every modifier and what holds each;
    `explain_modifiers` says why the modifiers stand that the units do not explain. `edits` are findings about lines,
    `attestations` what a person is asked, `thresholds` what is used of the therapy thresholds. `note` are all findings
    about the day's notes, `notes` each of them by itself. `clocks` is part of the contract and empty until its room
    exists; the findings say so. Every list is present.
    """

    rulebook: str
    on: date
    minutes: tuple[DisciplineMinutes, ...]
    uncounted: tuple[Uncounted, ...]
    explain_minutes: tuple[Step, ...]
    units: list[UnitsAnswer]
    overlaps: tuple[Overlap, ...]
    lines: list[ClaimLine]
    explain_modifiers: list[LineModifier]
    price: PriceAnswer | None
    edits: list[Finding]
    note: list[Finding]
    notes: list[NoteAnswer]
    clocks: list[Clock]
    attestations: list[AttestationAsked]
    findings: list[Finding]
    thresholds: list[ThresholdUsed]


def assess(day: Day, rulebook: Rulebook, context: Context | None = None) -> DayAnswer:
    """Assess `day` under `rulebook`; what `context` does not hold is said to be not checked.

    Raises `AskedWrongly` for a day that cannot be read (unknown person, code, payer or zone; a time without offset).
    """
    context = context or Context()
    check_day(day)
    check_context(context)
    reckoned = minutes_of(day, rulebook, context.now)
    findings = list(reckoned.findings)
    units = [_units(day, each, rulebook, findings) for each in reckoned.disciplines if each.services]
    overlaps = _overlaps(day, context, rulebook, findings)
    findings += _missing(day, context, reckoned.disciplines)
    priced = _price(day, units, rulebook, findings)
    lines = day_lines(units)
    asked = DayAsked(day, context, rulebook, tuple(lines), allowed_cents(priced, len(lines)))
    outcomes = [room(asked) for room in ROOMS]
    noted = check_day_notes(day, context, rulebook, reckoned.disciplines, units)
    outcomes.append(held_by_notes(lines, noted))
    sent = claim_lines(lines, outcomes, rulebook, day.date)
    explained = [each for outcome in outcomes for each in outcome.modifiers]
    return DayAnswer(
        rulebook=rulebook.hash,
        on=day.date,
        minutes=reckoned.disciplines,
        uncounted=reckoned.uncounted,
        explain_minutes=reckoned.explain,
        units=units,
        overlaps=overlaps,
        lines=sent,
        explain_modifiers=explained + more_than_room(sent, rulebook, day.date),
        price=priced,
        edits=list(dict.fromkeys(found for outcome in outcomes for found in outcome.findings)),
        note=noted.findings,
        notes=noted.answers,
        clocks=[],
        attestations=[each for outcome in outcomes for each in outcome.asked],
        findings=findings,
        thresholds=[each for outcome in outcomes for each in outcome.thresholds],
    )


class NotesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The notes of a day, each with its elements; `findings` are those of all of them, and what was not checked."""

    rulebook: str
    on: date
    payer: str
    notes: list[NoteAnswer]
    findings: list[Finding]


def assess_notes(day: Day, rulebook: Rulebook, context: Context | None = None) -> NotesAnswer:
    """Check the notes of `day` against its minutes and units, without its price and modifiers; raises as `assess`."""
    context = context or Context()
    check_day(day)
    check_context(context)
    reckoned = minutes_of(day, rulebook, context.now)
    units = [_units(day, each, rulebook, []) for each in reckoned.disciplines if each.services]
    noted = check_day_notes(day, context, rulebook, reckoned.disciplines, units)
    return NotesAnswer(
        rulebook=rulebook.hash, on=day.date, payer=day.coverage.payer, notes=noted.answers, findings=noted.findings
    )


def note_alone(note: Note, rulebook: Rulebook, payer: str, context: Context | None = None) -> NotesAnswer:
    """Check a note that came without its day, so against no minutes and no claim."""
    context = context or Context()
    answer = check_note(note, rulebook, payer=payer, earlier=context.earlier, now=context.now)
    alone = _not_checked("claim", "the note against minutes and units; it came without its day")
    undated = entry_not_checked([note], [answer])
    return NotesAnswer(
        rulebook=rulebook.hash,
        on=note.on,
        payer=answer.payer,
        notes=[answer],
        findings=[*answer.findings, alone, *undated],
    )


def _units(day: Day, minutes: DisciplineMinutes, rulebook: Rulebook, findings: list[Finding]) -> UnitsAnswer:
    """The units of one discipline, its ties settled as recorded; a choice that no longer fits lapses and is said."""
    services = [each.minutes for each in minutes.services]

    def count(choose: Sequence[str]) -> UnitsAnswer:
        return count_units(
            services, rulebook, on=day.date, payer=day.coverage.payer, secondary=day.coverage.secondary,
            discipline=minutes.discipline, billing=day.billing, choose=choose,
        )  # fmt: skip

    answer = count(())
    for choice in day.choices:
        if choice.discipline != minutes.discipline:
            continue
        fits = len(choice.codes) == len(set(choice.codes)) == answer.tied.choose
        if answer.tie and fits and set(choice.codes) <= set(answer.tied.codes):
            return count(choice.codes)
        findings.append(
            Finding(
                "units.choice-lapsed", "warn",
                f"{choice.by} once gave the tied unit to {' and '.join(choice.codes)}; the minutes have changed since.",
                "Look at the units again and settle the tie that is there now, if there is one.",
                where=minutes.discipline,
            )
        )  # fmt: skip
    return answer


def _price(day: Day, units: Sequence[UnitsAnswer], rulebook: Rulebook, findings: list[Finding]) -> PriceAnswer | None:
    """The price of all lines of the day together, or None and why. Money never breaks a tie, so an open one waits."""
    lines = [line for answer in units for line in answer.lines]
    if day.locality is None:
        findings.append(_not_checked("price", "the price; the day says no locality such as 15202-00"))
    elif any(answer.tie and not answer.chosen for answer in units):
        findings.append(_not_checked("price", "the price; a tie is open, and the professional settles it first"))
    elif any(answer.method is None for answer in units):
        findings.append(_not_checked("price", "the price; how the payer counts units is not known"))
    elif lines:
        visits = len([visit for visit in day.all_visits() if visit.intervals])
        return price(
            lines, rulebook, on=day.date, payer=day.coverage.payer, locality=day.locality, visits=max(visits, 1)
        )
    return None


def _overlaps(day: Day, context: Context, rulebook: Rulebook, findings: list[Finding]) -> tuple[Overlap, ...]:
    others = [each for each in context.others or () if each.patient != day.patient]
    checked = check_person_day([*person_intervals(day), *others])
    value = rulebook.value("medicare.one_patient_at_a_time", day.date)
    found = tuple(each for each in checked.overlaps if day.patient in each.patients)
    zone = ZoneInfo(day.zone)
    for each in found:
        start, stop = (instant.astimezone(zone).strftime("%H:%M") for instant in (each.start, each.stop))
        mine, other = each.intervals if each.patients[0] == day.patient else each.intervals[::-1]
        said = f"gives attended time to two patients from {start} to {stop}: {mine} here, {other} with another"
        if each.patients[0] == each.patients[1]:
            said = f"gives one-on-one and group time at once from {start} to {stop}: {mine} and {other}"
        findings.append(
            Finding(
                "overlap.person", "warn", f"{each.person} {said}.",
                f"Either {'; or '.join(each.ways_out)}.", value.cite, mine,
            )
        )  # fmt: skip
    own = {each.id for visit in day.all_visits() for each in visit.intervals}
    typed = sorted(own & {interval for patient, interval in checked.not_checkable if patient == day.patient})
    if typed:
        findings.append(
            Finding(
                "overlap.not-checkable", "info",
                f"Not checked: overlap of {', '.join(typed)}, which has no clock time.",
                "Start and stop times make it checkable.", where=", ".join(typed),
            )
        )  # fmt: skip
    return found


def _missing(day: Day, context: Context, minutes: Sequence[DisciplineMinutes]) -> list[Finding]:
    """What was not seen or not checked."""
    found = []
    if context.others is None:
        found.append(_not_checked("others", "the other patients of the same people, so overlap with them is not known"))
    if context.now is None:
        found.append(_not_checked("now", "whether recorded time lies in the future"))
    found.append(_not_checked("rooms", "the deadlines of the episode (clocks); this version does not hold them"))
    counted: set[Discipline] = {each.discipline for each in minutes if each.services}
    for choice in day.choices:
        if choice.discipline not in counted:
            found.append(
                Finding(
                    "units.choice-without-units", "warn",
                    f"{choice.by} settled a tie of {choice.discipline}, which has no counted time on this day.",
                    "Look at the intervals, or take the choice back.", where=choice.discipline,
                )
            )  # fmt: skip
    if not any(visit.intervals for visit in day.all_visits()):
        found.append(
            Finding(
                "assess.nothing-recorded", "warn", "No time is recorded on this day.",
                "Record who gave what, and when, or take the visit back.", where="visits",
            )
        )  # fmt: skip
    for discipline in sorted({visit.discipline for visit in day.all_visits()} - counted):
        found.append(
            Finding(
                "assess.nothing-counted", "warn", f"None of the {discipline} time of this day counts.",
                "See why each interval was left out.", where=discipline,
            )
        )  # fmt: skip
    return found


def _not_checked(what: str, said: str) -> Finding:
    return Finding(f"assess.{what}-not-checked", "info", f"Not checked: {said}.", where="context")


def person_intervals(day: Day) -> list[Interval]:
    """The intervals of a day with its patient on each, for `check_person_day` across patients."""
    return [replace(each, patient=day.patient) for visit in day.all_visits() for each in visit.intervals]
