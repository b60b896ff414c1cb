"""Goals: measurable, served by the treatment, met, past their day. Each is said by itself; none is scored."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from fifteen.engine.documentation.note import Goal, Note, NoteService
from fifteen.engine.documentation.words import vocabulary
from fifteen.kernel.finding import Finding
from fifteen.rulebook import Rulebook
from fifteen.rulebook.resolve import Value

_TARGET = re.compile(r"\d|\bindependen|\bwithout\b|\bno\b|\bmod(?:ified)?\si\b", re.IGNORECASE)
_BASELINE = re.compile(r"\b(?:from|currently|current|baseline|now|was|presently)\b", re.IGNORECASE)
_BY = re.compile(r"\b\d{1,2}\s*(?:wks?|weeks?|mos?|months?|visits?|sessions?|days?)\b|\bby\s+\S*\d", re.IGNORECASE)
_BARE = re.compile(r"[\s\d.,/+<>=-]+")
_NAMES = {
    "baseline": "where it starts",
    "target": "a target",
    "unit": "a unit",
    "task": "a task of daily life",
    "by": "a day",
}


def goal_findings(note: Note, earlier: Sequence[Note] | None, rulebook: Rulebook) -> list[Finding]:
    """What is worth knowing of a note's goals and of the links between them and its services.

    A goal of an `earlier` note of the discipline stands as the last note left it.
    """
    value = rulebook.value_or_none("fifteen.note_goal_parts", note.on)
    if value is None:
        return []
    before = None if earlier is None else [each for each in earlier if each.discipline == note.discipline]
    goals = {goal.id: goal for each in (*(before or ()), note) for goal in each.goals}
    found = [finding for goal in note.goals for finding in _measurable(note, goal, rulebook, value)]
    found += [finding for goal in goals.values() for finding in _stale(note, goal, value)]
    found += _links(note, goals, rulebook, value)
    return found + _unserved(note, before, list(goals.values()), value)


def _measurable(note: Note, goal: Goal, rulebook: Rulebook, value: Value) -> list[Finding]:
    if note.kind not in value.value["kinds"] or goal.status in ("met", "dropped"):
        return []
    words = vocabulary(rulebook, note.on).find(goal.text) if goal.text else []
    there = {
        "baseline": goal.baseline or _BASELINE.search(goal.text),
        "target": goal.target or _TARGET.search(_BY.sub("", goal.text)),  # the number of weeks is no target
        "unit": goal.unit or not goal.target or not _BARE.fullmatch(goal.target),
        "task": goal.task or any("function" in each.phrase.kinds for each in words),
        "by": goal.by or _BY.search(goal.text),
    }
    lacking = [_NAMES[part] for part in value.value["parts"] if not there[part]]
    if not lacking:
        return []
    return [
        Finding(
            "goals.not-measurable", "info", f"Goal {goal.id} cannot be measured: it lacks {' and '.join(lacking)}.",
            "Write baseline, target with unit, the task it is for, and by when.", value.cite, goal.id,
        )
    ]  # fmt: skip


def _stale(note: Note, goal: Goal, value: Value) -> list[Finding]:
    if goal.status in ("active", "revised") and goal.by is not None and goal.by < note.on:
        return [
            Finding(
                "goals.stale", "info", f"Goal {goal.id} was to be reached by {goal.by} and is still open.",
                "Judge it: met, revised with a new day and why, or dropped.", value.cite, goal.id,
            )
        ]  # fmt: skip
    return []


def _links(note: Note, goals: Mapping[str, Goal], rulebook: Rulebook, value: Value) -> list[Finding]:
    """Services without a goal, with an unknown or a met one."""
    found: list[Finding] = []
    for service in note.services:
        name = service.code or service.what
        if not _treatment(service, note, rulebook):
            continue
        known = [goals[each] for each in service.goals if each in goals]
        if goals and not service.goals and any(each.goals for each in note.services):
            found.append(
                Finding(
                    "goals.service-without-goal", "info", f"{name} works toward no goal of the note.",
                    "Name the goal it serves, or say why it is given.", value.cite, name,
                )
            )  # fmt: skip
        if goals and len(known) < len(service.goals):
            lost = next(each for each in service.goals if each not in goals)
            found.append(
                Finding(
                    "goals.unknown", "info", f"{name} works toward goal {lost}, which no note of the episode holds.",
                    "Name a goal of the plan, or add this one to the plan.", value.cite, name,
                )
            )  # fmt: skip
        if note.kind != "discharge" and known and all(each.status in ("met", "dropped") for each in known):
            found.append(
                Finding(
                    "goals.met", "info", f"{name} works toward goal {known[0].id} alone, which is no longer open.",
                    "Name an open goal, set a new one, or end the service.", value.cite, name,
                )
            )  # fmt: skip
    return found


def _treatment(service: NoteService, note: Note, rulebook: Rulebook) -> bool:
    """A test, an evaluation or a modality works toward no goal by itself."""
    known = rulebook.service(service.code, note.on) if service.code is not None else None
    return known is None or known.kind in ("procedure", "group")


def _unserved(note: Note, earlier: Sequence[Note] | None, goals: Sequence[Goal], value: Value) -> list[Finding]:
    """A goal is served over the episode, not at each visit, so without earlier notes nothing is said."""
    if earlier is None or note.kind != "treatment":
        return []
    notes = [each for each in (*earlier, note) if each.services]
    served = {goal for each in notes for service in each.services for goal in service.goals}
    if not served:
        return []
    return [
        Finding(
            "goals.goal-without-service", "info", f"No service of the episode has worked toward goal {goal.id} yet.",
            "Plan a service for it, or revise or drop the goal with the reason.", value.cite, goal.id,
        )
        for goal in goals
        if goal.status == "active" and goal.id not in served
    ]  # fmt: skip
