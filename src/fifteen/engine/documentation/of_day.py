"""The notes of a day, each checked by itself, and those of one discipline together against its minutes and units."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from fifteen.engine.claim_lines import DayLine, Held, Outcome
from fifteen.engine.day import Context, Day, Discipline, Person
from fifteen.engine.documentation.against_claim import claim_findings
from fifteen.engine.documentation.answer import NoteAnswer
from fifteen.engine.documentation.authors import entered
from fifteen.engine.documentation.check import check_note
from fifteen.engine.documentation.elements import MEDICARE
from fifteen.engine.documentation.note import KIND_NAMES, Note
from fifteen.engine.documentation.reading import reading_of
from fifteen.engine.evidence.minutes import DisciplineMinutes
from fifteen.engine.units.answer import UnitsAnswer
from fifteen.kernel.finding import Finding
from fifteen.rulebook import Rulebook

_OF_A_VISIT = ("treatment", "evaluation", "re-evaluation")


class NotesOfDay(msgspec.Struct, frozen=True):
    """Each note of a day with its answer, and what several notes of one discipline say `together` of its claim.

    `findings` are all of them in the order of the notes, what was not checked last.
    """

    answers: list[NoteAnswer]
    together: dict[Discipline, list[Finding]]
    unchecked: list[Finding]

    @property
    def findings(self) -> list[Finding]:
        own = [found for answer in self.answers for found in answer.findings]
        return [*own, *(found for each in self.together.values() for found in each), *self.unchecked]


def check_day_notes(
    day: Day, context: Context, rulebook: Rulebook, minutes: Sequence[DisciplineMinutes], units: Sequence[UnitsAnswer]
) -> NotesOfDay:
    """Check each note of `day` by itself, and those of one discipline together against its minutes and units."""
    recorded = {each.discipline: each for each in minutes}
    billed = {each.discipline: each for each in units}
    answers = []
    for note in day.notes:
        alone = _treating(day, note.discipline) == [note]
        answers.append(
            check_note(
                note, rulebook, on=day.date, payer=day.coverage.payer,
                billed=billed.get(note.discipline) if alone else None,
                minutes=recorded.get(note.discipline) if alone else None,
                people=_people(day, note), earlier=context.earlier, now=context.now, zone=day.zone,
                also=_fits(day, note),
            )
        )  # fmt: skip
    together: dict[Discipline, list[Finding]] = {}
    for discipline in dict.fromkeys(note.discipline for note in day.notes):
        those = _treating(day, discipline)
        if len(those) > 1:
            medicare = rulebook.follows(day.coverage.payer, MEDICARE)
            readings = [reading_of(each, rulebook) for each in those]
            together[discipline] = claim_findings(
                readings, recorded.get(discipline), billed.get(discipline), rulebook, medicare
            )
    unchecked = [*_not_checked(day, context, minutes), *entry_not_checked(day.notes, answers)]
    return NotesOfDay(answers, together, unchecked)


def held_by_notes(lines: Sequence[DayLine], notes: NotesOfDay) -> Outcome:
    """The lines that wait for a note: what holds the claim in a note of a discipline holds each of its lines."""
    found: dict[Discipline, list[Finding]] = {}
    for answer in notes.answers:
        found.setdefault(answer.discipline, []).extend(answer.findings)
    for discipline, each in notes.together.items():
        found.setdefault(discipline, []).extend(each)
    return Outcome(
        held=[
            Held(place, f"The {line.discipline} note holds it: {finding.message}")
            for place, line in enumerate(lines)
            for finding in found.get(line.discipline, ())
            if finding.severity == "block"
        ]
    )


def _fits(day: Day, note: Note) -> list[Finding]:
    """Does the note belong to a visit of the day, and who signed it to the day's people?"""
    found = []
    visits = [each for each in day.all_visits() if each.discipline == note.discipline]
    if note.kind in _OF_A_VISIT and not visits:
        found.append(
            Finding(
                "note.no-visit", "warn",
                f"The {note.discipline} note came with a day that has no {note.discipline} visit.",
                "Correct the note's discipline, or record the visit it tells of.", where="discipline",
            )
        )  # fmt: skip
    elif note.visit is not None and note.visit not in {each.id for each in visits}:
        found.append(
            Finding(
                "note.no-visit", "warn",
                f"The note names the visit {note.visit!r}, and no {note.discipline} visit of this day has that id.",
                "Correct the visit in the note, or leave it out where the discipline has one visit.", where="visit",
            )
        )  # fmt: skip
    people = {person.id for person in day.people}
    # Who only signs beside the author need not have been there.
    signed = {each.person for each in note.signatures if each.person and each.part != "co-signer"}
    signed |= {person for service in note.services for person in service.people}
    return found + [
        Finding(
            "note.person-not-known", "warn", f"{person} stands in the note and is not among the people of this day.",
            "Correct who it was, or add them to the day's people with their role.", where="signatures",
        )
        for person in sorted(signed - people)
    ]  # fmt: skip


def _treating(day: Day, discipline: Discipline) -> list[Note]:
    """The notes of a discipline that tell of treatment: a plan alone has no minutes."""
    return [each for each in day.notes if each.discipline == discipline and each.kind != "plan-of-care"]


def _people(day: Day, note: Note) -> list[Person]:
    """Who treated in the note's visit, or in all visits of its discipline where it names none of them.

    Who signed another note of the discipline answers there: two people may each write their own.
    """
    own = {each.person for each in note.signatures}
    others = [each for each in _treating(day, note.discipline) if each is not note]
    elsewhere = {each.person for other in others for each in other.signatures} - own
    visits = [each for each in day.all_visits() if each.discipline == note.discipline]
    visits = [each for each in visits if each.id == note.visit] or visits
    treated = {
        person
        for visit in visits
        for interval in visit.intervals
        if interval.mode not in ("rest", "unskilled")
        for person in interval.people
    }
    return [person for person in day.people if person.id in treated - elsewhere]


def _not_checked(day: Day, context: Context, minutes: Sequence[DisciplineMinutes]) -> list[Finding]:
    if not day.notes:
        said = "Not checked: no note came with the day."
        return [Finding("assess.note-not-checked", "info", said, "Add the note to the day's notes.", where="notes")]
    found = []
    noted = {note.discipline for note in day.notes}
    for each in minutes:
        if each.services and each.discipline not in noted:
            found.append(
                Finding(
                    "assess.note-not-checked", "info", f"Not checked: no {each.discipline} note came with the day.",
                    "Add the note to the day's notes.", where="notes",
                )
            )  # fmt: skip
        elif each.services and not _treating(day, each.discipline):
            found.append(
                Finding(
                    "assess.note-not-checked", "info",
                    f"Not checked: minutes and codes; no {each.discipline} note of this day tells of its treatment.",
                    "Add the treatment note to the day's notes.", where="notes",
                )
            )  # fmt: skip
    if context.earlier is None:
        found.append(
            Finding(
                "assess.earlier-not-checked", "info",
                "Not checked: earlier notes of the episode, so repetition, plateau and goals over time are not known.",
                where="context",
            )
        )  # fmt: skip
    return found


def entry_not_checked(notes: Sequence[Note], answers: Sequence[NoteAnswer]) -> list[Finding]:
    """A note that is signed and bears no date of it: whether it was late is not known."""
    unsigned = {place for place, each in enumerate(answers) if any(f.id == "note.signature" for f in each.findings)}
    undated = [note.kind for place, note in enumerate(notes) if entered(note) is None and place not in unsigned]
    return [
        Finding(
            "assess.entry-not-checked", "info",
            f"Not checked: when the {KIND_NAMES[kind]} was entered; its author's signature bears no date.",
            "Give the time of the signature, or when the note was written.", where="written",
        )
        for kind in dict.fromkeys(undated)
    ]  # fmt: skip
