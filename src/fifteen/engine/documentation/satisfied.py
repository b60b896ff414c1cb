"""How each element is recognised: one small check per element, which returns the words that show it or nothing.

A field that was filled in shows it; else words of the prose do. What is asked of each service may stand with that
service, or once for all of them in the note's own text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import msgspec

from fifteen.engine.documentation.answer import Words
from fifteen.engine.documentation.note import Amount, Exercise, Goal, Load, NoteService
from fifteen.engine.documentation.reading import Reading
from fifteen.rulebook.resolve import Service

Services = Mapping[str, Service]
Check = Callable[[Reading, Services], Words | None]
_TREATED = ("procedure", "group")
_EXERCISE = "97110"
_LOADED = ("isotonic", "isokinetic")
_WHOLE_BODY = ("aerobic", "balance", "coordination", "functional", "breathing")
# A field that was filled in to be filled in: it holds the place of an answer.
_PLACEHOLDER = re.compile(
    r"\W*(?:n/?a|tb[ad]|todo|to\sfollow|unknown|pending|see\s(?:above|chart|flow\s?sheet)"
    r"|not\s(?:assessed|applicable|recorded|done|tested))?\W*",
    re.IGNORECASE,
)
# Words that say there was nothing: an answer of a history, and none of what a therapist did or a patient showed.
_NOTHING = re.compile(
    r"\W*(?:no|none|nil|not\s(?:needed|required|given)|independent(?:ly)?|same|as\sbefore"
    r"|cont(?:inue)?(?:\s(?:per\s)?poc)?)\W*",
    re.IGNORECASE,
)
_NO_HELP = re.compile(r"\W*(?:no(?!\s+more)|none|without|independent(?:ly)?)\b", re.IGNORECASE)


class Text(msgspec.Struct, frozen=True):
    """What is said of an element that is not there, and what to write."""

    missing: str
    fix: str


def _field(reading: Reading, *path: str) -> Words | None:
    """A field of the note that was filled in, as `history.onset`."""
    for each in path:
        value: object = reading.note
        for name in each.split("."):
            value = getattr(value, name, None)
        text = said(", ".join(map(str, value)) if isinstance(value, tuple) else str(value or ""))
        if text:
            return Words(text, each)
    return None


def said(text: str) -> str:
    """What a field says; nothing where it only holds the place of an answer, as `TBD`."""
    return "" if _PLACEHOLDER.fullmatch(text) else text


def done(text: str) -> str:
    """What a field tells of something that was done or shown; `none` and `independent` tell of nothing."""
    return "" if _NOTHING.fullmatch(text) else said(text)


def _either(path: tuple[str, ...], kinds: tuple[str, ...]) -> Check:
    return lambda reading, _: _field(reading, *path) or reading.first(*kinds)


def _timed_minutes(reading: Reading, _: Services) -> Words | None:
    return reading.timed.words if reading.timed is not None else None


def _total_minutes(reading: Reading, _: Services) -> Words | None:
    return reading.total.words if reading.total is not None else None


def _services(reading: Reading, _: Services) -> Words | None:
    return reading.services[0].words if reading.services else None


def _signature(reading: Reading, _: Services) -> Words | None:
    return reading.signatures[0].words if reading.signatures else None


def _credential(reading: Reading, _: Services) -> Words | None:
    without = [each for each in reading.signatures if not each.credential]
    return None if without or not reading.signatures else reading.signatures[0].words


def _service_minutes(reading: Reading, services: Services) -> Words | None:
    timed = [each for each in reading.services if (s := services.get(each.code or "")) is not None and s.unit_minutes]
    told = {each.code: each.timed for each in timed if each.timed is not None}
    return next(iter(told.values())) if told and {each.code for each in timed} <= set(told) else None


def _of_each(reading: Reading, services: Services, said: Callable[[NoteService], str]) -> Words | None:
    """What every treatment among the note's own services says; None where one of them is silent."""
    own = reading.note.services
    places = {each.field: each.code for each in reading.services if each.field is not None}
    asked = [
        (place, said(own[place]))
        for place, code in places.items()
        if (service := services.get(code or "")) is None or service.kind in _TREATED
    ]
    if not asked or not all(text for _, text in asked):
        return None
    return Words(asked[0][1], f"services.{asked[0][0]}")


def _exercise_dose(reading: Reading, services: Services) -> Words | None:
    places = {each.field for each in reading.services if each.code == _EXERCISE and each.field is not None}
    exercises = [each for place in sorted(places) for each in reading.note.services[place].exercises]
    if exercises:
        first = exercises[0]
        return Words(first.name, "services") if all(map(_dosed, exercises)) else None
    dose = reading.first("dose")
    return dose if dose is not None and reading.first("region", "movement") is not None else None


def _dosed(exercise: Exercise) -> bool:
    """Is it said where, of what type and how much; and against what, where it is resisted?"""
    amount = exercise.reps or exercise.duration_s or exercise.hold_s or _amount(exercise.distance)
    against = _amount(exercise.load, exercise.level, exercise.height) or exercise.position or exercise.device
    where = exercise.region or exercise.type in _WHOLE_BODY
    return bool(amount and where and exercise.type and (against or exercise.type not in _LOADED))


def _amount(*written: Load | Amount | None) -> bool:
    return any(each is not None and (each.value or (isinstance(each, Load) and each.band)) for each in written)


def _told(goal: Goal) -> str:
    """A goal in words; an id alone is the name of one that stands nowhere."""
    return said(goal.text) or said(goal.task) or said(goal.target)


def _goal(reading: Reading, services: Services) -> Words | None:
    return (
        _of_each(reading, services, lambda service: ", ".join(service.goals))
        or next((Words(_told(each), f"goals.{each.id}") for each in reading.note.goals if _told(each)), None)
        or reading.first("goal")
        or _aim(reading)
    )


def _aim(reading: Reading) -> Words | None:
    """A task of daily life that the note names, but for what the patient says of it: a complaint is no goal."""
    report = reading.first("part-S")
    since, until = (report.start or 0, report.end or 0) if report is not None else (0, 0)
    for words in reading.found.get("function", ()):
        if words.where != "subjective" and not (words.where == "text" and since <= (words.start or 0) < until):
            return words
    return None


def _response(reading: Reading, services: Services) -> Words | None:
    note = reading.note
    before_after = note.pain_before is not None and note.pain_after is not None
    return (
        _field(reading, "response")
        or (Words(note.adverse, "adverse") if done(note.adverse) else None)
        or _of_each(reading, services, lambda service: done(service.response) or done(service.progression))
        or (Words(f"{note.pain_before}, {note.pain_after}", "pain_before") if before_after else None)
        or reading.first("response", "change", "progression")
    )


def _reason(reading: Reading, services: Services) -> Words | None:
    return _of_each(reading, services, skill_told) or reading.first("skill", "reason")


def skill_told(service: NoteService) -> str:
    """Why this service needed a therapist, as far as its own fields say."""
    told = [text for each in service.exercises for text in (each.cues, each.assistance) if text and _helped(text)]
    return done(service.skilled_reason) or ", ".join(told)


def _helped(text: str) -> bool:
    """Were there cues or assistance? `no cues`, `independent`: there were none."""
    return bool(done(text)) and not _NO_HELP.match(text)


def _diagnosis(reading: Reading, _: Services) -> Words | None:
    for place, each in enumerate(reading.note.diagnoses):
        if each.code or said(each.text):
            return Words(" ".join(filter(None, (each.code, each.text))), f"diagnoses.{place}")
    return reading.first("diagnosis", "condition")


def _measures(reading: Reading, _: Services) -> Words | None:
    for place, each in enumerate(reading.note.measures):
        if said(each.value):
            return Words(f"{each.name} {each.value}".strip(), f"measures.{place}")
    return reading.first("measured", "pain")


def _goals(reading: Reading, _: Services) -> Words | None:
    for each in reading.note.goals:
        if _told(each):
            return Words(_told(each), f"goals.{each.id}")
    return reading.first("goal")


def _long_term(reading: Reading, _: Services) -> Words | None:
    for each in reading.note.goals:
        if each.term == "long" and _told(each):
            return Words(_told(each), f"goals.{each.id}")
    return next((words for words in reading.found.get("goal", ()) if words.text.upper().startswith("L")), None)


def _progress(reading: Reading, _: Services) -> Words | None:
    """Progress is told of every active goal in its own field, judged in this period, or of the goals in the text."""
    since = reading.note.period_from
    told = [
        each
        for each in reading.note.goals
        if (said(each.progress) or each.status != "active")
        and (since is None or each.judged is None or each.judged >= since)
    ]
    if told and len(told) == len(reading.note.goals):
        return Words(told[0].progress or told[0].status, f"goals.{told[0].id}")
    return reading.first("progress") if reading.first("goal", "function") else None


def _period(reading: Reading, _: Services) -> Words | None:
    if reading.note.period_from is not None and reading.note.period_until is not None:
        return Words(f"{reading.note.period_from} {reading.note.period_until}", "period_from")
    return reading.first("range") or (reading.first("period") if reading.first("date", "duration") else None)


CHECKS: dict[str, Check] = {
    "timed-minutes": _timed_minutes,
    "total-minutes": _total_minutes,
    "services": _services,
    "signature": _signature,
    "credential": _credential,
    "evaluation-diagnosis": _diagnosis,
    "evaluation-measures": _measures,
    "evaluation-report": _either(("subjective", "history.present"), ("subjective", "part-S", "pain")),
    "reevaluation-reason": _either((), ("reevaluation",)),
    "plan-diagnosis": _diagnosis,
    "plan-goals": _goals,
    "plan-type": _either(("plan_of_care.type",), ("type",)),
    "plan-amount": _either(("plan_of_care.amount",), ("amount",)),
    "plan-frequency": _either(("plan_of_care.frequency",), ("frequency",)),
    "plan-duration": _either(("plan_of_care.duration",), ("duration",)),
    "plan-long-term": _long_term,
    "progress-period": _period,
    "progress-subjective": _either(("subjective",), ("subjective", "part-S", "pain")),
    "progress-measures": _measures,
    "progress-goals": _progress,
    "progress-plan": _either(("plan", "plan_of_care.duration"), ("part-P", "plan")),
    "discharge-summary": _either(("assessment",), ("part-A", "summary")),
    "service-minutes": _service_minutes,
    "exercise-dose": _exercise_dose,
    "goal": _goal,
    "response": _response,
    "reason": _reason,
    "evaluation-onset": _either(("history.onset",), ("onset",)),
    "evaluation-history": _either(("history.past", "history.present", "precautions"), ("history",)),
    "evaluation-prior-level": _either(("history.prior_level",), ("prior-level",)),
    "evaluation-prior-therapy": _either(("history.prior_therapy",), ("prior-therapy",)),
    "evaluation-function": _either(("history.deficits",), ("function",)),
    "evaluation-judgement": _either(("assessment",), ("judgement", "part-A")),
    "evaluation-complexity": _either(("history.complexity", "history.presentation"), ("complexity",)),
}

TEXTS: dict[str, Text] = {
    "timed-minutes": Text(
        "The total minutes of the timed codes are not in the note; the minutes of single services do not stand for it.",
        "Write the total minutes of all timed services of the visit.",
    ),
    "total-minutes": Text(
        "The total minutes of treatment, timed and untimed together, are not in the note.",
        "Write the total minutes of treatment, without rest and time that is not billable.",
    ),
    "services": Text(
        "No service that was given can be read in the note.",
        "Name each service given, billed or not, in words that match its code.",
    ),
    "signature": Text(
        "No signature of the treating professional can be read in the note.",
        "Sign the note with name and credential.",
    ),
    "credential": Text(
        "A signature stands without a professional credential.",
        "Write the credential behind the name.",
    ),
    "evaluation-diagnosis": Text(
        "The evaluation names no diagnosis that therapy is for.",
        "Write the medical diagnosis, the treatment diagnosis, or both.",
    ),
    "evaluation-measures": Text(
        "No objective finding can be read: no measurement and no standard test.",
        "Write what was measured, with side, value and unit.",
    ),
    "evaluation-report": Text(
        "The patient's own report of the problem is not there.",
        "Write what the patient or caregiver said of the problem.",
    ),
    "reevaluation-reason": Text(
        "Why a re-evaluation was needed cannot be read; it is not a routine service.",
        "Write what was new, what changed, or what did not respond.",
    ),
    "plan-diagnosis": Text(
        "The plan of care names no diagnosis.",
        "Write the diagnosis that the plan is for.",
    ),
    "plan-goals": Text(
        "The plan of care holds no goals.",
        "Write the goals that therapy is expected to reach.",
    ),
    "plan-type": Text(
        "The plan of care does not say the type of therapy.",
        "Write which therapy it is, or which interventions.",
    ),
    "plan-amount": Text(
        "The plan of care does not say the amount; one session a day is then assumed.",
        "Write how many sessions a day are planned.",
    ),
    "plan-frequency": Text(
        "The plan of care does not say the frequency; once is then assumed.",
        "Write how often a week treatment is planned.",
    ),
    "plan-duration": Text(
        "The plan of care does not say its duration.",
        "Write for how many weeks or sessions it is meant.",
    ),
    "plan-long-term": Text(
        "No goal of the plan is marked as long-term.",
        "Write at least one goal for the end of the episode, and mark it long-term.",
    ),
    "progress-period": Text(
        "The progress report does not say which dates it covers.",
        "Write the first and the last day of the period.",
    ),
    "progress-subjective": Text(
        "The patient's own report is not in the progress report.",
        "Write what the patient or caregiver said of the change.",
    ),
    "progress-measures": Text(
        "The progress report holds no measurement.",
        "Write what was measured again, with side, value and unit.",
    ),
    "progress-goals": Text(
        "The progress report does not say how far each goal was reached.",
        "Write for each goal where the patient stands now.",
    ),
    "progress-plan": Text(
        "The progress report does not say what happens next.",
        "Write whether the plan is kept, changed or ended, and why.",
    ),
    "discharge-summary": Text(
        "The discharge note does not say what was reached and why therapy ends.",
        "Write what was reached since the last report, and the reason for the end.",
    ),
    "service-minutes": Text(
        "The minutes of each timed service are not all there; Medicare does not require them.",
        "Write the minutes beside each timed service: they show which one earned which unit.",
    ),
    "exercise-dose": Text(
        "Not every exercise is told with body region, type, amount and, where it is resisted, resistance.",
        "Write for each exercise the region, the type, sets and repetitions or time, and the resistance.",
    ),
    "goal": Text(
        "No functional goal can be read behind the treatment.",
        "Write which goal of the plan each service works toward.",
    ),
    "response": Text(
        "How the patient responded, or what progressed, cannot be read.",
        "Write tolerance, pain before and after, and what changed since the last visit.",
    ),
    "reason": Text(
        "Why the diagnosis needs this treatment, or what a therapist's skill added, cannot be read.",
        "Write what was assessed, cued, adjusted or progressed, and for which deficit.",
    ),
    "evaluation-onset": Text(
        "When the problem began or grew worse cannot be read.",
        "Write the date or the time of onset, or of the exacerbation.",
    ),
    "evaluation-history": Text(
        "History and conditions that bear on recovery cannot be read.",
        "Write what of the history matters, or that nothing does.",
    ),
    "evaluation-prior-level": Text(
        "What the patient could do before cannot be read.",
        "Write the prior level of function.",
    ),
    "evaluation-prior-therapy": Text(
        "Whether there was therapy before cannot be read.",
        "Write what therapy there was before, when and with what result, or that there was none.",
    ),
    "evaluation-function": Text(
        "What the patient cannot do now cannot be read.",
        "Write the functional limits that therapy is for.",
    ),
    "evaluation-judgement": Text(
        "The clinician's judgement and prognosis cannot be read.",
        "Write what the findings mean, and what may be expected.",
    ),
    "evaluation-complexity": Text(
        "What supports the level of the evaluation code cannot be read.",
        "Write the history, the elements examined and the presentation that make it this level.",
    ),
}
