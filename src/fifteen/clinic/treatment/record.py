"""Rows become `Day` and `Context` here, and nowhere else; `assessing` asks the engine, `stored` keeps its answer.

What the inputs hold, and what they do not:

- A person's merged records are one patient, called by the id of the record that they are read under.
- `others` are the intervals that touch this day's time: the same people, other patients, by opaque ids.
- `counted` are the earlier days of the year in this installation, as far as they were priced for a payer that has a
  threshold. No claim was sent yet: each counts as if it were received on its own day, at its price as stored, so the
  sum is an estimate, and the answer says so.
- What a payer said was used as of a day bears on that day and later ones, never on earlier ones. As of the day itself
  it bears on it: the day's own claim cannot have been received yet.
- Sites that bill in different ways make no single claim; such a day waits with a reason and without an answer.
- Notices, expected denials and added modifiers have no rows yet.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date
from typing import Any, cast

from django.utils.translation import gettext_noop
from msgspec.structs import replace

from fifteen.clinic.notes.models import Attestation
from fifteen.clinic.people.access import two_first
from fifteen.clinic.people.models import Patient
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.treatment import answering as findings
from fifteen.clinic.treatment import queries
from fifteen.clinic.treatment.answering import Inputs
from fifteen.clinic.treatment.models import Assessment, Interval, Visit
from fifteen.clinic.treatment.note_records import NoDiscipline, of_written, services_as_noted, unread
from fifteen.clinic.treatment.note_records import note_record as note_record
from fifteen.clinic.treatment.queries import AroundRows, DayRows
from fifteen.clinic.treatment.stored import NO_VISIT, answer_of, inputs_of, own, rulebook
from fifteen.engine import day as engine
from fifteen.engine.day import Context, Day
from fifteen.engine.documentation.note import Note
from fifteen.engine.evidence.live import live
from fifteen.kernel.finding import Finding
from fifteen.rulebook import Rulebook

NO_COVERAGE = gettext_noop("No payer is in force on this day; add the coverage in the patient's chart.")
TWO_FIRST = gettext_noop("Two payers stand first on this day; say which pays first.")
NO_POLICY = gettext_noop("The rules of this day's payer are not known here; choose its policy on the payer's page.")
TWO_BILLINGS = gettext_noop(
    "The visits of this day were at sites that bill in different ways, so that they make no single claim; "
    "correct the site of a visit, or the way of billing of a site."
)
TWO_ROLES = gettext_noop("A person gave time in two roles on this day; correct the intervals of one of them.")


class CannotAssess(ValueError):
    """A day that the engine is not asked about; the text is the sentence that says why."""


# -- rows to records ---------------------------------------------------------------------------------------------------


def day_of(patient: Patient, date: date) -> Day:
    """A person's day with all its visits and disciplines; `CannotAssess` where there is none that could be assessed."""
    day, reason, _said = _day(queries.day_rows(patient, date), rulebook())
    if day is None or reason:
        raise CannotAssess(reason)
    return day


def context_of(patient: Patient, date: date, day: Day) -> Context:
    """What is known from outside that day; see the words at the head of this module."""
    found = queries.day_rows(patient, date)
    counted, _unpriced = _counted(before(queries.answers(found.ids, [date]), date))
    return _context(queries.around_rows([found])[date], day, counted, {})


def inputs_for(
    found: DayRows, around: AroundRows, last: Assessment | None, read: dict[str, Note | None]
) -> tuple[Inputs, str]:
    """What an answer of a day rests on, and why there is none, where it cannot be assessed; `last`: see `before`."""
    day, reason, said = _day(found, rulebook())
    counted, unpriced = _counted(last)
    if day is None:
        context = Context(accrued=_accrued(around), counted=counted)
    else:
        context = _context(around, day, counted, read)
    return Inputs(day=day, context=context, said=tuple(said), unpriced=unpriced), reason


def note_services(visit: Visit) -> list[dict[str, Any]]:
    """The services of a visit as a note holds them, with the people who gave time to each."""
    found = queries.services_of([visit]).get(visit.id, [])
    return services_as_noted(found, queries.intervals_of([visit])) if found else []


def _day(found: DayRows, book: Rulebook) -> tuple[Day | None, str, list[Finding]]:
    """The day, why it cannot be assessed, and what is to be said of it."""
    if not found.visits:
        return None, NO_VISIT, []
    said: list[Finding] = []
    reasons: list[str] = []
    site = found.visits[0].site
    if len({each.site.billing for each in found.visits}) > 1:
        reasons.append(TWO_BILLINGS)
    localities = {each.site.locality for each in found.visits}
    if len(localities) > 1:
        said.append(findings.two_localities())
    people, clear = _people(found)
    if not clear:
        reasons.append(TWO_ROLES)
    day = Day(
        patient=found.head.id, date=found.date, people=people, zone=site.zone,
        billing=cast("engine.Billing", site.billing), coverage=_coverage(found, book, reasons, said),
        visits=tuple(_visit(each, found.intervals) for each in found.visits), choices=_choices(found),
        locality=(site.locality or None) if len(localities) == 1 else None,
        attestations=_attestations(found.attestations), notes=_notes(found, said),
    )  # fmt: skip
    return day, reasons[0] if reasons else "", said


def _people(found: DayRows) -> tuple[tuple[engine.Person, ...], bool]:
    """Who gave time, in the role that stands beside it; False where one person has two.

    What was corrected is read last: it tells only of people whom nothing that holds names.
    """
    visits = {each.id: each for each in found.visits}
    people: dict[str, engine.Person] = {}
    clear = True
    corrected = {each.amends_id for each in found.intervals}
    for row in sorted(found.intervals, key=lambda row: row.id in corrected):
        for each in row.people.all():
            discipline = each.user.discipline or visits[row.visit_id].episode.discipline
            person = engine.Person(
                id=each.user_id, role=cast("engine.Role", each.role),
                discipline=None if each.role == "aide" else cast("engine.Discipline", discipline),
            )  # fmt: skip
            before = people.setdefault(person.id, person)
            if before.role != person.role and row.id not in corrected:
                clear = False
    return tuple(people.values()), clear


def _coverage(found: DayRows, book: Rulebook, reasons: list[str], said: list[Finding]) -> engine.Coverage:
    """Who pays first and second, by their rules here. A payer whose rules are not known is nobody's guess."""
    known = {each.id for each in book.payers}
    payers = list({each.payer_id: each.payer for each in found.coverages}.values())
    if not payers:
        reasons.append(NO_COVERAGE)
        return engine.Coverage(payer="")
    if two_first(found.coverages):
        reasons.append(TWO_FIRST)
        return engine.Coverage(payer="")
    first, second = payers[0].policy, payers[1].policy if len(payers) > 1 else None
    if first not in known:
        reasons.append(NO_POLICY)
    if second is not None and second not in known:
        said.append(findings.secondary_unknown())
        second = None
    return engine.Coverage(payer=first, secondary=second)


def _visit(row: Visit, intervals: Iterable[Interval]) -> engine.Visit:
    return engine.Visit(
        id=row.id, discipline=cast("engine.Discipline", row.episode.discipline),
        intervals=tuple(_interval(each) for each in intervals if each.visit_id == row.id),
        place_of_service=row.place_of_service or None, telehealth=cast("Any", row.telehealth or None),
        purpose=cast("Any", row.purpose or None),
    )  # fmt: skip


def _interval(row: Interval, patient: str | None = None) -> engine.Interval:
    """The engine's interval; of another patient, what it corrects lies in another chart and is left out."""
    found = interval_record(row, (each.user_id for each in row.people.all()))
    return found if patient is None else replace(found, patient=patient, amends=None, reason="")


def interval_record(row: Interval, people: Iterable[str]) -> engine.Interval:
    """The engine's interval of a row that these people gave."""
    return engine.Interval(
        id=row.id, people=tuple(people), service=row.service or None, mode=cast("engine.Mode", row.mode),
        start=_utc(row.start), stop=_utc(row.stop), minutes=row.minutes, origin=cast("engine.Origin", row.origin),
        session=row.session or None, amends=row.amends_id, reason=row.reason,
    )  # fmt: skip


def _utc(instant: Any) -> Any:
    """One spelling of an instant, whatever zone it came in; one without a zone is left for the engine to refuse."""
    return instant if instant is None or instant.utcoffset() is None else instant.astimezone(UTC)


def _choices(found: DayRows) -> tuple[engine.Choice, ...]:
    """The latest word on the tie of each discipline; one without codes takes the word back."""
    latest = {each.visit.episode.discipline: each for each in found.choices}
    return tuple(
        engine.Choice(discipline=cast("engine.Discipline", discipline), codes=tuple(row.codes), by=row.by)
        for discipline, row in sorted(latest.items())
        if row.codes
    )


def _attestations(found: Iterable[Attestation]) -> tuple[engine.Attestation, ...]:
    """The latest attestation of each kind and line."""
    latest = {(each.kind, each.line): each for each in found}
    return tuple(
        engine.Attestation(
            kind=cast("Any", row.kind), line=row.line, by=row.by, at=_utc(row.at), evidence=row.evidence,
            ground=row.ground or "",
        )
        for row in latest.values()
        if row.kind in ("59", "XE", "XP", "XS", "XU", "KX")
    )  # fmt: skip


def _notes(found: DayRows, said: list[Finding]) -> tuple[Note, ...]:
    """The day's notes as they were signed, and drafts as they stand with the services of their visit."""
    notes = []
    for each in found.notes:
        of_visit = each.note.visit_id or ""
        services = services_as_noted(
            found.services.get(of_visit, ()), (row for row in found.intervals if row.visit_id == of_visit)
        )
        try:
            notes.append(of_written(each, services))
        except NoDiscipline:
            said.append(findings.note_of_no_discipline())
            continue
        left = unread(each.note.draft)
        if left:
            said.append(findings.draft_unread(left))
    return tuple(notes)


def _context(
    around: AroundRows, day: Day, counted: tuple[engine.Counted, ...], read: dict[str, Note | None]
) -> Context:
    return Context(
        others=_others(around, day), now=now(), accrued=_accrued(around), counted=counted,
        earlier=tuple(_earlier(around, read)),
    )  # fmt: skip


def _accrued(around: AroundRows) -> tuple[engine.Accrued, ...] | None:
    found = (
        engine.Accrued(year=row.year, bucket=cast("engine.Bucket", row.bucket), cents=row.cents, as_of=row.as_of)
        for row in around.accruals
    )
    return tuple(found) or None


def _others(around: AroundRows, day: Day) -> tuple[engine.Interval, ...]:
    """What the same people gave to others in the time of this day's intervals."""
    mine, _found = live(each for visit in day.all_visits() for each in visit.intervals)
    return tuple(
        _interval(row, row.visit.patient_id) for row in around.others if any(_touch(row, each) for each in mine)
    )


def _touch(row: Interval, mine: engine.Interval) -> bool:
    """Do two intervals share time and a person?"""
    if row.start is None or row.stop is None or mine.start is None or mine.stop is None:
        return False
    together = row.start < mine.stop and mine.start < row.stop
    return together and any(each.user_id in mine.people for each in row.people.all())


def _earlier(around: AroundRows, read: dict[str, Note | None]) -> Iterable[Note]:
    """Earlier notes as they were signed; `read` keeps each for the next day."""
    for each in around.earlier:
        if each.note.id not in read:
            try:
                read[each.note.id] = of_written(each)
            except NoDiscipline:
                read[each.note.id] = None
        note = read[each.note.id]
        if note is not None:
            yield note


def before(answers: dict[date, Assessment], on: date) -> Assessment | None:
    """The last answer of the year before a day."""
    days = [each for each in answers if each < on and each.year == on.year]
    return answers[max(days)] if days else None


def _counted(last: Assessment | None) -> tuple[tuple[engine.Counted, ...], int]:
    """The year's days before this one: those that the last of them knew, and that one itself; and those unpriced."""
    if last is None:
        return (), 0
    inputs = inputs_of(last)
    mine, unpriced = own(last, answer_of(last))
    return (*(inputs.context.counted or ()), *mine), inputs.unpriced + unpriced
