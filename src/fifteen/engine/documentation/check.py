"""The door: a note in; its elements, what a reader would see in it, and what could not be read, out.

The answer is about the note and never enters its document. Earlier notes are compared with and satisfy nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import get_args

from fifteen.engine.day import MOST_MINUTES, Person
from fifteen.engine.documentation.against_claim import claim_findings, totals_findings
from fifteen.engine.documentation.answer import ElementAnswer, NoteAnswer
from fifteen.engine.documentation.authors import Clock, author_findings, plan_findings
from fifteen.engine.documentation.elements import MEDICARE, asked_elements, elements_of, missing, named
from fifteen.engine.documentation.goals import goal_findings
from fifteen.engine.documentation.necessity import necessity_findings
from fifteen.engine.documentation.note import KIND_NAMES, Note
from fifteen.engine.documentation.reading import Reading, reading_of
from fifteen.engine.evidence.minutes import DisciplineMinutes
from fifteen.engine.units.answer import UnitsAnswer
from fifteen.kernel.codes import read_code
from fifteen.kernel.errors import UnreadableInput
from fifteen.kernel.finding import Finding, Severity
from fifteen.rulebook import Rulebook

_WORST: tuple[Severity, ...] = get_args(Severity)


def check_note(
    note: Note,
    rulebook: Rulebook,
    *,
    on: date | None = None,
    payer: str = MEDICARE,
    billed: UnitsAnswer | None = None,
    minutes: DisciplineMinutes | None = None,
    people: Sequence[Person] = (),
    earlier: Sequence[Note] | None = None,
    now: datetime | None = None,
    zone: str | None = None,
    also: Sequence[Finding] = (),
) -> NoteAnswer:
    """Check `note` under the rules of `payer`; `on` is the day it is for (default: its own date).

    `minutes` and `billed` are those of its discipline on the day, `people` those who treated, `earlier` the notes of
    the episode before it, `also` what was found of how it fits its day. Dates are those of `zone`, the site's; without
    one, of each instant's own offset. `AskedWrongly` for what cannot be read: an unknown code or payer, an instant
    without offset.
    """
    _check_readable(note, rulebook)
    reading = reading_of(note, rulebook)
    name = rulebook.payer(payer).id
    medicare = rulebook.follows(name, MEDICARE)
    lines = [line.code for line in billed.lines] if billed is not None else []
    elements = elements_of(reading, asked_elements(rulebook, name, note.on), named(reading, lines, rulebook))
    found = [*missing(elements), *also]
    found += _known(elements, name, rulebook, note)
    found += _dates(note, on)
    found += author_findings(reading, people, rulebook, medicare, Clock(now, zone), name)
    found += plan_findings(reading, earlier, rulebook, medicare)
    found += totals_findings(reading)
    found += claim_findings([reading], minutes, billed, rulebook, medicare)
    found += goal_findings(note, earlier, rulebook)
    found += necessity_findings(reading, earlier, rulebook, medicare)
    return _answer(reading, rulebook, name, elements, found)


def _answer(
    reading: Reading, rulebook: Rulebook, payer: str, elements: list[ElementAnswer], found: list[Finding]
) -> NoteAnswer:
    findings = sorted(dict.fromkeys(found), key=lambda each: _WORST.index(each.severity))
    return NoteAnswer(
        rulebook=rulebook.hash,
        on=reading.note.on,
        kind=reading.note.kind,
        discipline=reading.note.discipline,
        visit=reading.note.visit,
        payer=payer,
        timed_minutes=reading.timed.minutes if reading.timed is not None else None,
        total_minutes=reading.total.minutes if reading.total is not None else None,
        services=reading.codes,
        elements=elements,
        findings=findings,
        counts={severity: sum(each.severity == severity for each in findings) for severity in _WORST},
        unread=reading.unread,
    )


def _known(elements: Sequence[ElementAnswer], payer: str, rulebook: Rulebook, note: Note) -> list[Finding]:
    """Said once: nothing is known for the date, or not what this payer asks a note to hold."""
    label = rulebook.payer(payer).label or payer
    if not elements:
        said = f"Not checked: what a note such as this {KIND_NAMES[note.kind]} must hold on {note.on} is not known."
        return [Finding("note.not-known", "info", said, "Choose a date the rulebook covers.", where="date")]
    if all(each.requirement != "required" for each in elements) and any(
        each.requirement == "not-asked" for each in elements
    ):
        return [
            Finding(
                "note.payer-not-known", "info",
                f"Not checked: what {label} asks a note to hold is not known; Medicare's own are shown as not asked.",
                "Ask the payer, and add its answer with the source to your organization's rulebook.", where="payer",
            )
        ]  # fmt: skip
    return []


def _dates(note: Note, on: date | None) -> list[Finding]:
    if on is None or on == note.on:
        return []
    return [
        Finding(
            "note.other-date", "warn", f"The note is of {note.on} and came with the day {on}.",
            "Correct the date, or put the note with its own day.", where="date",
        )
    ]  # fmt: skip


def _check_readable(note: Note, rulebook: Rulebook) -> None:
    """Refuse what cannot be read: codes no catalogue holds, minutes below none, instants without offset."""
    for service in note.services:
        if service.code is not None:
            if read_code(service.code, "note") != service.code:
                raise UnreadableInput(f"note: {service.code!r} is not a code; use capitals, as G0283.")
            rulebook.service(service.code, note.on)
    for minutes in (note.timed_minutes, note.total_minutes, *(service.minutes for service in note.services)):
        if minutes is not None and not 0 <= minutes <= MOST_MINUTES:
            raise UnreadableInput(f"note: {minutes} minutes cannot be; write 0 or more, up to {MOST_MINUTES}.")
    for instant in (note.written, *(signature.at for signature in note.signatures)):
        if instant is not None and instant.utcoffset() is None:
            raise UnreadableInput(f"note: {instant.isoformat()} has no offset; end it with Z or -05:00.")
