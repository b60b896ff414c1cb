"""Signals of medical necessity: what a reviewer would stop at, each explained, none of them proof of anything.

Therapy that keeps function, or slows its loss, is lawful where it needs a therapist's skill; improvement is no
condition.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fifteen.engine.documentation.note import Exercise, Measure, Note
from fifteen.engine.documentation.reading import Reading
from fifteen.engine.documentation.satisfied import skill_told
from fifteen.kernel.finding import Finding
from fifteen.rulebook import Rulebook
from fifteen.rulebook.resolve import Value

_JUDGED = ("treatment", "progress-report")


def necessity_findings(
    reading: Reading, earlier: Sequence[Note] | None, rulebook: Rulebook, medicare: bool
) -> list[Finding]:
    """What a reviewer of this note, with the earlier ones of the episode beside it, would ask about.

    Medicare's words on maintenance weigh as its law says only for payers that follow it (`medicare`).
    """
    law = rulebook.value_or_none("medicare.note_necessity", reading.note.on)
    if law is None or reading.note.kind not in _JUDGED:
        return []
    found = _unskilled(reading, law)
    maintenance = reading.note.maintenance or "maintenance" in reading.found
    found += _maintenance(reading, rulebook, medicare) if maintenance else []
    before = [each for each in earlier or () if each.discipline == reading.note.discipline]
    if reading.note.kind == "treatment":
        found += _behind(reading, before, rulebook, law)
    if earlier is not None:
        found += _repeated(reading.note, before, rulebook)
        found += [] if maintenance else _plateau(reading.note, before, rulebook)
    return found


def _skilled(reading: Reading) -> bool:
    return any(map(skill_told, reading.note.services)) or reading.first("skill", "reason") is not None


def _unskilled(reading: Reading, law: Value) -> list[Finding]:
    words = reading.first("unskilled")
    if words is None or _skilled(reading):
        return []
    return [
        Finding(
            "necessity.unskilled", "info",
            f"{words.text!r} is all that is said of the treatment's effect, and no word shows what a therapist's skill "
            "added. Such wording is often read as unskilled care; it proves nothing by itself.",
            "Write what was assessed, cued, adjusted or progressed, and why.", law.cite, words.where,
        )
    ]  # fmt: skip


def _maintenance(reading: Reading, rulebook: Rulebook, medicare: bool) -> list[Finding]:
    law = rulebook.value_or_none("medicare.note_maintenance", reading.note.on)
    if law is None or _skilled(reading):
        return []
    return [
        Finding(
            "necessity.maintenance", law.severity if medicare else "info",
            "The therapy is to keep function. That is lawful without improvement, but the note does not show why a "
            "therapist's skill is needed for it.",
            "Write what makes the programme complex or unsafe without a therapist.", law.cite, "maintenance",
        )
    ]  # fmt: skip


def _behind(reading: Reading, earlier: Sequence[Note], rulebook: Rulebook, law: Value) -> list[Finding]:
    """A diagnosis and a measured deficit stand behind each service, in this note or an earlier one."""
    notes = [*earlier, reading.note]
    found: list[Finding] = []
    if not reading.services or _prose(earlier):
        return found
    if not any(each.diagnoses for each in notes) and reading.first("diagnosis", "condition") is None:
        found.append(
            Finding(
                "necessity.no-diagnosis", "info",
                "Neither this note nor an earlier one that came with it names a diagnosis behind the services.",
                "Write the diagnosis in the evaluation or the plan of care.", law.cite, "diagnoses",
            )
        )  # fmt: skip
    told = any(map(str.isdigit, "".join(each.response + each.progression for each in reading.note.services)))
    if not told and not any(each.measures for each in notes) and reading.first("measured", "pain") is None:
        found.append(
            Finding(
                "necessity.no-deficit", "info",
                "Neither this note nor an earlier one that came with it holds a measurement behind the services.",
                "Write what was measured, with side, value and unit.", law.cite, "measures",
            )
        )  # fmt: skip
        return found
    return found + _unmeasured(reading.note, notes, rulebook)


def _unmeasured(note: Note, notes: Sequence[Note], rulebook: Rulebook) -> list[Finding]:
    """A service for whose kind of deficit nothing was measured, where other things were; fields alone, never prose."""
    rule = rulebook.value_or_none("fifteen.note_deficits", note.on)
    kinds = {measure.kind for each in notes for measure in each.measures}
    named = any(each.history is not None and each.history.deficits for each in notes)
    if rule is None or not kinds or named or note.text:
        return []
    found = []
    for service in note.services:
        wanted = rule.value.get(service.code)
        if wanted is None or kinds & set(wanted) or any(map(str.isdigit, service.response + service.progression)):
            continue
        found.append(
            Finding(
                "necessity.service-no-deficit", "info",
                f"{service.code}: neither this note nor an earlier one that came with it holds a measurement of what "
                "this service is for.",
                "Write what was measured that this service is to change.", rule.cite, service.code or "",
            )
        )  # fmt: skip
    return found


def _prose(notes: Iterable[Note]) -> bool:
    """Is there free prose among them, which is not read again and may hold what is looked for?"""
    return any(each.text for each in notes)


def _repeated(note: Note, earlier: Sequence[Note], rulebook: Rulebook) -> list[Finding]:
    """The same exercises with the same doses over visits in a row."""
    rule = rulebook.value_or_none("fifteen.note_repeats", note.on)
    treated = [each for each in earlier if each.kind == "treatment"]
    if rule is None or note.kind != "treatment":
        return []
    found = []
    if (text := _same_words(note)) and any(_same_words(each) == text for each in treated):
        found.append(
            Finding(
                "necessity.same-words", "info",
                "The prose of this note is word for word that of an earlier one of the episode.",
                "Write what was different today, or why nothing was.", rule.cite, "text",
            )
        )  # fmt: skip
    visits: int = rule.value["same"]
    last = [_doses(each) for each in [*treated, note][-visits:]]
    if len(last) == visits and last[0] and all(each == last[0] for each in last):
        found.append(
            Finding(
                "necessity.same-parameters", "info",
                f"Exercises and doses are the same in the last {visits} visits. There can be a good reason; the note "
                "is where a reviewer looks for it.",
                "Write why the dose was kept, or what was changed.", rule.cite, "services",
            )
        )  # fmt: skip
    return found


def _same_words(note: Note) -> str:
    return " ".join(f"{note.text} {note.assessment} {note.response}".split())


def _doses(note: Note) -> frozenset[Exercise]:
    return frozenset(exercise for service in note.services for exercise in service.exercises)


def _plateau(note: Note, earlier: Sequence[Note], rulebook: Rulebook) -> list[Finding]:
    """Nothing measured has changed over the last notes that measured it, and no goal was met."""
    rule = rulebook.value_or_none("fifteen.note_repeats", note.on)
    law = rulebook.value_or_none("medicare.note_maintenance", note.on)
    if rule is None or law is None or not note.measures:
        return []
    times: int = rule.value["plateau"]
    measured = [_values(each.measures) for each in [*earlier, note] if each.measures][-times:]
    shared = set(measured[0]).intersection(*measured[1:])
    met = any(goal.status == "met" for each in [*earlier, note] for goal in each.goals)
    same = shared and all(len({values[key] for values in measured}) == 1 for key in shared)
    if met or len(measured) < times or not same:
        return []
    return [
        Finding(
            "necessity.plateau", "info",
            f"Nothing that was measured has changed over the last {times} measurements. That does not end coverage: a "
            "plan may be changed, or may keep function where that needs skill.",
            "Write what the standstill means for the plan.", law.cite, "measures",
        )
    ]  # fmt: skip


def _values(measures: Iterable[Measure]) -> dict[tuple[str, str, str | None, str | None], str]:
    return {(each.kind, each.name.lower(), each.side, each.when): f"{each.value} {each.unit}" for each in measures}
