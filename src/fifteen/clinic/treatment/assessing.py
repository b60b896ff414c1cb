"""A day is assessed: its answer is stored where it is another, with what that means for other days."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, cast

import msgspec
from django.utils.translation import gettext_noop
from msgspec.structs import replace

from fifteen.clinic.audit.record import record
from fifteen.clinic.people.models import Patient
from fifteen.clinic.tenancy import rows
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.treatment import answering, queries
from fifteen.clinic.treatment.answering import Inputs, answer_to
from fifteen.clinic.treatment.models import Assessment
from fifteen.clinic.treatment.queries import AroundRows, DayRows
from fifteen.clinic.treatment.record import before, inputs_for
from fifteen.clinic.treatment.stored import answer_bytes, answer_of, answered, inputs_of, own, rulebook
from fifteen.engine.assess import DayAnswer, person_intervals
from fifteen.engine.day import Context, Day
from fifteen.engine.documentation.note import Note
from fifteen.engine.evidence.overlap import check_person_day
from fifteen.kernel.errors import AskedWrongly, FifteenError
from fifteen.kernel.finding import Finding

logger = logging.getLogger(__name__)

PROGRAM = gettext_noop("The day could not be assessed because of an error in the program; tell who looks after it.")


def assess_day(patient: Patient, date: date) -> Assessment | None:
    """Assess a person's day, and store the answer where anything differs from the one that holds; that one.

    None where there is no visit and never was an answer. An error of the engine's never reaches the caller: the day
    is stored with a reason and without an answer.
    """
    return assessed(patient, date)[0]


class Effect(msgspec.Struct, frozen=True):
    """What a new answer means for other days: patients whose overlaps changed, and whether later days rest on it."""

    patients: frozenset[str] = frozenset()
    later: bool = False


def assessed(patient: Patient, on: date) -> tuple[Assessment | None, Effect]:
    """`assess_day`, and what its answer means for other days."""
    return assessed_days(patient, [on])[on]


def assessed_days(patient: Patient, days: Iterable[date]) -> dict[date, tuple[Assessment | None, Effect]]:
    """The same for many days of a person in their order, in a number of queries that does not grow with them."""
    dates = sorted(set(days))
    if not dates:
        return {}
    rows_of = queries.days_rows(patient, dates)
    around = queries.around_rows(list(rows_of.values()))
    answers = queries.answers(rows_of[dates[0]].ids, dates)
    read: dict[str, Note | None] = {}
    return {on: _assess(rows_of[on], around[on], answers, read) for on in dates}


def _assess(
    found: DayRows, around: AroundRows, answers: dict[date, Assessment], read: dict[str, Note | None]
) -> tuple[Assessment | None, Effect]:
    """Assess a day, and put its answer among the `answers` that later days rest on."""
    held = answers.get(found.date)
    if held is None and not found.visits:
        return None, Effect(later=bool(found.notes))
    inputs, answer, reason = _decide(found, around, before(answers, found.date), read)
    stored = None if held is None else inputs_of(held)
    number = 1 if held is None else held.number + 1
    row = answered(found.head.id, found.date, number, inputs, answer, reason, now())
    if held is not None and stored is not None and _same(held, stored, row, inputs):
        return held, Effect()
    rows.add(row)
    record(
        "visits.assess", at=now(), kind="assessment", object=row.id, patient=found.head.id,
        date=found.date.isoformat(), number=row.number, assessed=answer is not None,
    )  # fmt: skip
    answers[found.date] = row
    return row, _effect(held, stored, row, inputs)


def first_answer(inputs: Inputs, reason: str = "") -> tuple[Assessment, Inputs]:
    """The first answer for a day whose rows were written just now, not stored; and what the next day's rests on.

    For `clinic.demo`, which writes months of days at once and knows each `Day` without reading it back. A test holds it
    to `assess_day`, which has nothing to add on any of these days.
    """
    day = cast("Day", inputs.day)
    answer = None if reason else answer_to(inputs, rulebook())
    row = answered(day.patient, day.date, 1, inputs, answer, reason, cast("datetime", inputs.context.now))
    mine, unpriced = own(row, answer_of(row))
    counted = (*(inputs.context.counted or ()), *mine)
    return row, Inputs(day=None, context=Context(counted=counted), unpriced=inputs.unpriced + unpriced)


def _decide(
    found: DayRows, around: AroundRows, last: Assessment | None, read: dict[str, Note | None]
) -> tuple[Inputs, DayAnswer | None, str]:
    inputs, reason = inputs_for(found, around, last, read)
    if reason or inputs.day is None:
        return inputs, None, reason
    try:
        return inputs, answer_to(inputs, rulebook()), ""
    except AskedWrongly as error:
        if not inputs.day.notes:
            return inputs, None, str(error)
        left = answering.notes_unread(error)
    except Exception:
        logger.exception("an error of the engine; the day is stored without an answer")
        return inputs, None, PROGRAM
    return _without_notes(inputs, left)


def _without_notes(inputs: Inputs, left: Finding) -> tuple[Inputs, DayAnswer | None, str]:
    """Units and lines do not wait for a note that cannot be read."""
    day = replace(cast("Day", inputs.day), notes=())
    inputs = replace(inputs, day=day, context=replace(inputs.context, earlier=None), said=(*inputs.said, left))
    try:
        return inputs, answer_to(inputs, rulebook()), ""
    except FifteenError as error:
        return inputs, None, str(error)


def _same(held: Assessment, stored: Inputs, row: Assessment, inputs: Inputs) -> bool:
    """Is the answer that holds still the one? The present instant alone makes no new one."""
    if (held.engine, held.rulebook, held.reason) != (row.engine, row.rulebook, row.reason):
        return False
    return _timeless(stored) == _timeless(inputs) and answer_bytes(held) == answer_bytes(row)


def _timeless(inputs: Inputs) -> Inputs:
    return replace(inputs, context=replace(inputs.context, now=None))


def _effect(before: Assessment | None, stored: Inputs | None, row: Assessment, inputs: Inputs) -> Effect:
    old = _overlaps(stored) if stored is not None else frozenset()
    changed = old ^ _overlaps(inputs)
    own = {inputs.day.patient} if inputs.day is not None else set()
    return Effect(
        patients=frozenset(patient for each in changed for patient in each[0] if patient not in own),
        later=_passed_on(before, stored) != _passed_on(row, inputs),
    )


def _overlaps(inputs: Inputs) -> frozenset[tuple[tuple[str, str], tuple[str, str], str]]:
    if inputs.day is None:
        return frozenset()
    try:
        found = check_person_day([*person_intervals(inputs.day), *(inputs.context.others or ())]).overlaps
    except AskedWrongly:
        return frozenset()
    mine = inputs.day.patient
    return frozenset(
        (each.patients, each.intervals, f"{each.person} {each.start} {each.stop}")
        for each in found
        if mine in each.patients and each.patients[0] != each.patients[1]
    )


def _passed_on(row: Assessment | None, inputs: Inputs | None) -> Any:
    """What later days know of a day: the year's sum with it, and its signed notes."""
    if row is None or inputs is None:
        return (), 0, []
    counted, unpriced = own(row, answer_of(row))
    notes = [each for each in (inputs.day.notes if inputs.day is not None else ()) if each.signatures]
    return (*(inputs.context.counted or ()), *counted), inputs.unpriced + unpriced, notes
