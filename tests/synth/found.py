"""What the engine says of a practice, to be held against what was planted in it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from fifteen.engine.assess import DayAnswer
from fifteen.synth import Practice

Fact = tuple[str, date, str]


def told(answer: DayAnswer) -> set[tuple[str, str]]:
    """Every finding of a day as (severity, id), and every line that waits as (held, code)."""
    found = [*answer.findings, *answer.note, *answer.edits]
    found += [each for units in answer.units for each in units.findings]
    found += list(answer.price.findings) if answer.price is not None else []
    return {(each.severity, each.id) for each in found} | {("held", line.code) for line in answer.lines if line.held}


def differences(practice: Practice, answers: Iterable[tuple[str, date, DayAnswer]]) -> list[str]:
    """Where what was planted is not what was found: exactly, for everything above `info`; empty is as it must be."""
    said = {patient.id: _gaps(practice, patient.coverages[0].payer) for patient in practice.patients}
    planted = [each for each in practice.planted if each.told_by == "engine"]
    expected: dict[tuple[str, date], set[str]] = {}
    held: dict[tuple[str, date], set[str]] = {}
    for each in planted:
        expected.setdefault((each.patient, each.date), set()).update(each.findings)
        held.setdefault((each.patient, each.date), set()).update(each.held)
    found, wrong = {}, []
    for patient, on, answer in answers:
        found[patient, on] = answer
        all_told = told(answer)
        ids = {id_ for severity, id_ in all_told if severity != "held"}
        loud = {id_ for severity, id_ in all_told if severity in ("warn", "block")}
        waits = {code for severity, code in all_told if severity == "held"}
        mine, lines = expected.get((patient, on), set()), held.get((patient, on), set())
        wrong += [f"{patient} {on}: {id_} was planted and not found" for id_ in sorted(mine - ids)]
        wrong += [f"{patient} {on}: {id_} was found and not planted" for id_ in sorted(loud - mine - said[patient])]
        if waits != lines:
            wrong.append(f"{patient} {on}: lines that wait are {sorted(waits)}, planted were {sorted(lines)}")
    for each in planted:
        if (each.patient, each.date) not in found:
            wrong.append(f"{each.patient} {each.date}: {each.kind} was planted on a day that was not assessed")
            continue
        lines_of = found[each.patient, each.date].lines
        wrong += [
            f"{each.patient} {each.date}: {each.kind}: {code} has other units than {units}"
            for code, units in each.units
            if sum(line.units for line in lines_of if line.code == code) != units
        ]
        if each.units and sum(line.units for line in lines_of) != sum(units for _, units in each.units):
            wrong.append(f"{each.patient} {each.date}: {each.kind}: other lines than planted")
        wrong += [
            f"{each.patient} {each.date}: {each.kind}: {code} lacks {modifier}"
            for code, modifier in each.modifiers
            if not any(line.code == code and modifier in line.modifiers for line in lines_of)
        ]
    return wrong


def _gaps(practice: Practice, payer: str) -> set[str]:
    return set(next(each.gaps for each in practice.payers if each.id == payer))
