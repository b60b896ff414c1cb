"""Notes as a careful therapist writes them: each element that is asked for is there, and no two are word for word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from msgspec.structs import replace

from fifteen.engine.day import Interval
from fifteen.engine.documentation.note import (
    Diagnosis,
    Exercise,
    Goal,
    History,
    Load,
    Measure,
    Note,
    NoteService,
    Plan,
    Side,
)
from fifteen.rulebook import Rulebook
from fifteen.synth.chance import Chance
from fifteen.synth.problems import BANDS, Drill, Given, Problem
from fifteen.synth.records import Plan as PlanRow

_JUDGED = (
    "Control improves faster than endurance; range still limits the task.",
    "Less guarding than last week, so load can go on rising.",
    "Gains hold between visits; carry-over into the task is the next step.",
    "Progress is steady, irritability low.",
)
_NEXT = (
    "Raise the load by one step if the last set stays clean.",
    "Add the task in standing next visit.",
    "Keep the dose, lower the cues.",
    "Review the home programme and add one exercise.",
)


class Course:
    """One patient's way through a problem: which side, which goals, how far along. `step` counts visits from 0."""

    def __init__(self, problem: Problem, chance: Chance, started: date, ends: date) -> None:
        self.problem, self.chance = problem, chance
        self.side: Side | None = chance.one(("left", "right")) if problem.sided else None
        self.started = started
        self.goals = [
            Goal(
                id=f"g{number}", term="long" if aim.term == "long" else "short", text=aim.text, baseline=aim.baseline,
                target=aim.target, unit=aim.unit, task=aim.task, by=ends,
            )
            for number, aim in enumerate(problem.aims, 1)
        ]  # fmt: skip
        self.diagnoses = (Diagnosis(code=problem.code, text=problem.words, treated=True),)
        self.offset = chance.below(4)

    def value(self, first: int, last: int, step: int, of: int) -> int:
        """How far from the first to the last value after `step` of `of` visits, with a little of life's unevenness."""
        even = first + (last - first) * min(step, of) // max(of, 1)
        wobble = self.chance.between(-1, 1) if abs(last - first) > 20 and step else 0  # not law: a wobble
        return max(even + wobble, 0)

    def measures(self, step: int, of: int) -> tuple[Measure, ...]:
        return tuple(
            Measure(
                kind=each.kind, name=each.name, value=str(self.value(each.first, each.last, step, of)), unit=each.unit,
                side=self.side if each.kind in ("rom", "strength") else None,
            )
            for each in self.problem.measures
        )  # fmt: skip

    # -- notes ---------------------------------------------------------------------------------------------------------

    def evaluation(self, on: date, visit: str, plan: PlanRow, minutes: Sequence[tuple[str, int, str]]) -> Note:
        problem = self.problem
        services = tuple(
            NoteService(code=code, what="evaluation", minutes=spent, people=(person,))
            for code, spent, person in minutes
        )
        return Note(
            on=on, kind="evaluation", discipline=problem.discipline, visit=visit, diagnoses=self.diagnoses,
            subjective=f"Came because of: {', '.join(problem.deficits)}.", measures=self.measures(0, 1),
            services=services, goals=tuple(self.goals),
            history=History(
                onset="Began gradually some weeks before the referral.", present=f"{problem.name}.",
                past="No surgery or condition that limits therapy beyond the precautions.", prior_level=problem.prior,
                living="Lives at home, help from family is at hand.", prior_therapy="No therapy for this before.",
                complexity="History, body structures examined and presentation support the level chosen.",
                presentation="Stable presentation.", deficits=problem.deficits,
            ),
            timed_minutes=0, total_minutes=sum(spent for _, spent, _ in minutes),
            assessment="Findings fit the referral; skilled therapy is needed, the outlook for the goals is good.",
            plan=f"Treat {plan.frequency} for {plan.duration}.",
            plan_of_care=self.plan_of_care(on, plan), consent="Plan explained, patient agrees.",
        )  # fmt: skip

    def plan_of_care(self, on: date, plan: PlanRow) -> Plan:
        return Plan(
            type=plan.type, amount=plan.amount, frequency=plan.frequency, duration=plan.duration, established=on,
            discharge_plan="Discharge to a home programme when the goals are reached.",
        )  # fmt: skip

    def treatment(
        self, on: date, visit: str, intervals: Iterable[Interval], minutes: dict[str, int], step: int
    ) -> Note:
        chance = self.chance
        people: dict[str, dict[str, None]] = {}
        for interval in intervals:
            people.setdefault(interval.service or "", {}).update(dict.fromkeys(interval.people))
        given = {each.code: each for each in self.problem.services}
        before = chance.between(2, 5)
        return Note(
            on=on, kind="treatment", discipline=self.problem.discipline, visit=visit, diagnoses=self.diagnoses,
            subjective=self.problem.reports[(step + self.offset) % len(self.problem.reports)],
            services=tuple(
                self.service(given[code], minutes[code], tuple(people[code]), step) for code in people if code in given
            ),
            timed_minutes=0, total_minutes=0,
            response=f"{chance.one(_RESPONSE)} Visit {step + 1} of the plan.", pain_before=before,
            pain_after=max(before - chance.between(0, 2), 0),
            assessment=f"{_JUDGED[(step + self.offset) % len(_JUDGED)]} After visit {step + 1}.",
            plan=_NEXT[(step + self.offset) % len(_NEXT)],
        )  # fmt: skip

    def service(self, given: Given, minutes: int, people: tuple[str, ...], step: int) -> NoteService:
        chance = self.chance
        return NoteService(
            code=given.code, what=given.what, minutes=minutes,
            exercises=tuple(self.exercise(drill, step) for drill in given.drills),
            skilled_reason=given.reasons[(step + self.offset) % len(given.reasons)],
            response=chance.one(given.responses),
            progression="Dose as at the last visit." if step % 3 == 2 else "One step up from the last visit.",
            goals=(self.goals[step % 2].id, self.goals[(step + 1) % 2].id), people=people,
        )  # fmt: skip

    def exercise(self, drill: Drill, step: int) -> Exercise:
        level = step // 3  # not law: the dose goes up every third visit
        load = None
        if drill.load is not None:
            load = Load(value=str(drill.load * (level + 1)), unit="lb")
        elif drill.band:
            load = Load(band=BANDS[min(level // 2, len(BANDS) - 1)])
        return Exercise(
            name=drill.name, region=drill.region, side=self.side, type=drill.type, sets=drill.sets,
            reps=None if drill.reps is None else drill.reps + (step % 3), hold_s=drill.hold_s,
            duration_s=None if drill.duration_s is None else drill.duration_s + 30 * (step % 3), load=load,
            position=drill.position, device=drill.device, cues=drill.cues,
        )  # fmt: skip

    def progress(self, on: date, since: date, step: int, of: int, last: bool = False) -> Note:
        """A progress report, or with `last` the discharge note."""
        goals = tuple(self.judged(goal, on, step, of, last) for goal in self.goals)
        return Note(
            on=on, kind="discharge" if last else "progress-report", discipline=self.problem.discipline,
            diagnoses=self.diagnoses, measures=self.measures(step, of), goals=goals,
            subjective=f"{self.problem.reports[step % len(self.problem.reports)]} Daily tasks are easier than before.",
            assessment=f"{'Goals reached as far as expected; therapy ends.' if last else _JUDGED[step % len(_JUDGED)]}"
            f" Report after {step} visits.",
            plan="Go on with the home programme." if last else "Go on with the plan as it stands.",
            period_from=since, period_until=on,
        )  # fmt: skip

    def judged(self, goal: Goal, on: date, step: int, of: int, last: bool) -> Goal:
        share = min(100, 100 * step // max(of, 1))  # not law: percent
        return Goal(
            id=goal.id, term=goal.term, text=goal.text, baseline=goal.baseline, target=goal.target, unit=goal.unit,
            task=goal.task, by=goal.by, status="met" if last and share > 80 else "active",  # not law: nearly there
            judged=on, progress=f"About {share} percent of the way to {goal.target} {goal.unit}.",
        )  # fmt: skip

    def plan_note(self, on: date, plan: PlanRow, step: int, of: int) -> Note:
        return Note(
            on=on, kind="plan-of-care", discipline=self.problem.discipline, diagnoses=self.diagnoses,
            goals=tuple(self.judged(goal, on, step, of, False) for goal in self.goals),
            measures=self.measures(step, of), plan_of_care=self.plan_of_care(on, plan),
            assessment="The goals stand and need more time; the plan goes on.",
        )  # fmt: skip


_RESPONSE = (
    "Tolerated the session well.", "Needed two short rests.", "Cues fewer than at the start.",
    "Mild fatigue at the end, no dizziness.",
)  # fmt: skip


def totals(content: Note, book: Rulebook) -> Note:
    """The note with the two totals that Medicare asks for, as its services have them."""
    timed = total = 0
    any_timed = False
    for each in content.services:
        service = book.service(each.code, content.on) if each.code else None
        total += each.minutes or 0
        if service is not None and service.pooled:
            any_timed, timed = True, timed + (each.minutes or 0)
    return replace(content, timed_minutes=timed if any_timed else None, total_minutes=total)
