"""A draft to a note: stated facts go into the note's fields, and nothing that nobody stated.

Skill, necessity, progress and tolerance have no fact in a draft, so these fields stay empty for a person to write.
`text` stays empty too: the note's own reader would take services from the same words a second time, those of the home
programme or the next visit among them. The words remain with the draft.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal

from fifteen.engine.documentation.note import (
    Amount,
    Exercise,
    Goal,
    Load,
    Measure,
    MeasureKind,
    Note,
    NoteService,
    Side,
)
from fifteen.engine.people import Discipline
from fifteen.scribe import draft as drafted
from fifteen.scribe.draft import Draft, DraftExercise, DraftService, Measured, Pain, Resistance
from fifteen.scribe.families import FAMILY_NAMES

SIDES: dict[str, Side] = {"R": "right", "L": "left", "B": "both"}
_When = Literal["before", "after"]
_BEFORE = frozenset({"before", "pre", "start", "initial", "initially", "beginning", "arrival"})
_AFTER = frozenset({"after", "post", "end", "final", "departure"})
_DEGREES = frozenset({"deg", "degree", "degrees", "°"})


def to_note(draft: Draft, *, on: date, discipline: Discipline, visit: str | None = None) -> Note:
    """The treatment note that `draft` states, of `on` and `discipline`; totals only where they were stated."""
    before, after = _whole_pain(draft, "before"), _whole_pain(draft, "after")
    elsewhere = [each for each in draft.pain if each not in (before, after)]
    return Note(
        on=on,
        discipline=discipline,
        visit=visit,
        measures=(*map(_measure, draft.measures), *map(_pain, elsewhere)),
        services=tuple(map(_service, draft.services)),
        goals=(Goal(id="g1", text=draft.goal),) if draft.goal else (),
        timed_minutes=draft.total_timed_minutes,
        total_minutes=draft.total_minutes,
        response=draft.response or "",
        pain_before=None if before is None else int(before.value),
        pain_after=None if after is None else int(after.value),
        plan=draft.plan or _words_of(draft, "planned"),
        home_programme=_words_of(draft, "home"),
    )


def number(value: float | int) -> str:
    """A number as it is written: 2 and not 2.0."""
    return str(int(value)) if value == int(value) else str(value)


def _service(service: DraftService) -> NoteService:
    named = (FAMILY_NAMES[service.family], _place(service.side, service.region), service.parameters)
    return NoteService(
        code=service.code,
        what=_joined(named),
        minutes=service.minutes,
        exercises=tuple(map(_exercise, service.exercises)),
    )


def _exercise(each: DraftExercise) -> Exercise:
    """The exercise in the note's fields; condition and repetitions by set, which have none, stand behind its name."""
    scheme = "/".join(map(str, each.rep_scheme)) if each.rep_scheme else None
    return Exercise(
        name=_joined((each.name, each.condition, scheme)),
        region=each.region,
        side=SIDES[each.side] if each.side else None,
        sets=each.sets,
        reps=each.reps,
        hold_s=each.hold_s,
        duration_s=each.duration_s,
        load=_load(each.resistance),
        distance=_amount(each.distance),
        level=_level(each),
        height=_amount(each.height),
        assistance=each.assist,
        cues=each.cues,
        position=each.position,
        device=_joined((each.device, each.support)) or None,
    )


def _load(resistance: Resistance | None) -> Load | None:
    if resistance is None:
        return None
    coloured = ((resistance.band, ""), (resistance.putty, " putty"), (resistance.flexbar, " flexbar"))
    band = _joined(f"{colour}{kind}" for colour, kind in coloured if colour)
    value = None if resistance.value is None else number(resistance.value)
    return Load(value=value, unit=resistance.unit, band=band or None)


def _level(each: DraftExercise) -> Amount | None:
    """A machine's level, or the grade of a mobilization, which says that it is one."""
    if each.level is not None:
        return Amount(value=each.level)
    return None if each.grade is None else Amount(value=each.grade, unit="grade")


def _amount(amount: drafted.Amount | None) -> Amount | None:
    return None if amount is None else Amount(value=number(amount.value), unit=amount.unit)


def _measure(each: Measured) -> Measure:
    return Measure(
        kind=_kind(each), name=each.name, value=each.value, unit=each.unit, side=SIDES[each.side] if each.side else None
    )


def _kind(each: Measured) -> MeasureKind:
    """What unit or value show by themselves; anything else is `other`."""
    if each.unit.lower() in _DEGREES:
        return "rom"
    return "strength" if each.unit == "/5" or each.value.endswith("/5") else "other"


def _pain(each: Pain) -> Measure:
    """A pain that is not simply before or after treatment; a half of a point is kept as it was stated."""
    when = _when(each)
    name = _joined(("pain", None if when else each.when, each.site))
    return Measure(kind="pain", name=name, value=number(each.value), unit="/10", when=when)


def _whole_pain(draft: Draft, when: _When) -> Pain | None:
    """The one pain said to be before or after treatment: none where two were stated, or where it is no whole number."""
    found = [each for each in draft.pain if _when(each) == when]
    return found[0] if len(found) == 1 and found[0].value == int(found[0].value) else None


def _when(pain: Pain) -> _When | None:
    first = (pain.when or "").lower().replace("-", " ").split(" ")[0]
    if first in _BEFORE:
        return "before"
    return "after" if first in _AFTER else None


def _words_of(draft: Draft, why: str) -> str:
    """What was named and not done for one reason, in the therapist's own words."""
    return "; ".join(draft.text[slice(*each.source)] for each in draft.not_performed if each.why == why)


def _place(side: str | None, region: str | None) -> str:
    return " ".join(filter(None, (SIDES[side] if side else None, region)))


def _joined(parts: Iterable[str | None]) -> str:
    return ", ".join(filter(None, parts))
