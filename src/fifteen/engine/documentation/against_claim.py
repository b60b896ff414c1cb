"""The note against what was recorded and billed: minutes, units and services of one discipline's day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from fifteen.engine.documentation.reading import Reading, ReadService
from fifteen.engine.evidence.minutes import DisciplineMinutes
from fifteen.engine.units.answer import UnitsAnswer
from fifteen.kernel.finding import Finding, Severity
from fifteen.rulebook import Rulebook
from fifteen.rulebook.resolve import Value

_EVALUATIONS = {"evaluation": ("evaluation",), "re-evaluation": ("reevaluation",)}
_OF_A_VISIT = ("treatment", *_EVALUATIONS)
_LEFT_OUT = ("supervised_modality", "supply")
_CORRECT = "Correct the note or the record, whichever is wrong, with the reason."


def claim_findings(
    readings: Sequence[Reading],
    minutes: DisciplineMinutes | None,
    billed: UnitsAnswer | None,
    rulebook: Rulebook,
    medicare: bool,
) -> list[Finding]:
    """Where the notes of one discipline and day, together, differ from the day's minutes and units."""
    treated = [each for each in readings if each.services or each.timed or each.total or each.note.kind in _OF_A_VISIT]
    if billed is not None and billed.lines:
        treated = treated or list(readings)  # a report that is the day's only note stands for the treatment note
    if not treated:
        return []
    law = rulebook.value_or_none("medicare.note_agrees", treated[0].note.on)
    if law is None:
        return []
    found = _units(treated, billed, rulebook, medicare)
    if minutes is not None:
        found += _minutes(treated, minutes, law, told=bool(found))
    return found + _services(treated, minutes, billed, rulebook, law)


def _timed(readings: Sequence[Reading]) -> int | None:
    """The timed minutes of all notes; None where one that names a service does not state them."""
    known = [each.timed.minutes for each in readings if each.timed is not None]
    return sum(known) if known and len(known) == len(readings) else None


def _units(
    readings: Sequence[Reading], billed: UnitsAnswer | None, rulebook: Rulebook, medicare: bool
) -> list[Finding]:
    """Do the note's own timed minutes support the timed units that are billed?"""
    timed, on = _timed(readings), readings[0].note.on
    law, unit = rulebook.value_or_none("medicare.note_units", on), rulebook.value_or_none("medicare.timed_unit", on)
    if billed is None or timed is None or law is None or unit is None or billed.method != "total":
        return []
    each, least = unit.value["minutes"], unit.value["counts_from"]
    supported = (timed + each - least) // each
    if (billed.timed_units or 0) <= supported:
        return []
    severity: Severity = law.severity if medicare else "warn"
    return [
        Finding(
            "claim.units-over-note", severity,
            f"{billed.timed_units} timed units are billed; the {timed} timed minutes that the note states support "
            f"{supported}.",
            "Correct the minutes in the note if they are wrong, with the reason, or bill what it supports.",
            law.cite, "timed_minutes",
        )
    ]  # fmt: skip


def _minutes(readings: Sequence[Reading], minutes: DisciplineMinutes, law: Value, told: bool) -> list[Finding]:
    found = []
    timed = _timed(readings)
    if timed is not None and timed != minutes.timed_minutes and not told:
        found.append(
            Finding(
                "claim.timed-minutes", "warn",
                f"The note states {timed} timed minutes, the record has {minutes.timed_minutes}.",
                _CORRECT, law.cite, "timed_minutes",
            )
        )  # fmt: skip
    known = [each.total.minutes for each in readings if each.total is not None]
    if len(known) == len(readings) and sum(known) != minutes.total_minutes:
        found.append(
            Finding(
                "claim.total-minutes", "warn",
                f"The note states {sum(known)} minutes of treatment in all, the record has {minutes.total_minutes}.",
                _CORRECT, law.cite, "total_minutes",
            )
        )  # fmt: skip
    recorded = {each.code: each.therapist + each.assistant for each in minutes.services}
    # What was read of prose may be another service's minutes; what stands in a field is what was meant.
    severity: Severity = "warn" if any(each.note.services for each in readings) else "info"
    for code, stated in _stated(readings).items():
        if code in recorded and recorded[code] != stated:
            found.append(
                Finding(
                    "claim.service-minutes", severity,
                    f"The note states {stated} minutes of {code}, the record has {recorded[code]}.",
                    _CORRECT, law.cite, code,
                )
            )  # fmt: skip
    return found


def _stated(readings: Iterable[Reading]) -> dict[str, int]:
    """Minutes by code, where every mention of the code states some; a mention without them leaves the sum open."""
    found: dict[str, int] = {}
    silent = set()
    for each in _mentioned(readings):
        if each.code is not None and each.minutes is not None:
            found[each.code] = found.get(each.code, 0) + each.minutes
        elif each.field is not None:
            silent.add(each.code)
    return {code: minutes for code, minutes in found.items() if code not in silent}


def _mentioned(readings: Iterable[Reading]) -> Iterable[ReadService]:
    """Each note's services: its own fields where it has any, else what was read of its prose."""
    for reading in readings:
        own = [each for each in reading.services if each.field is not None]
        yield from own or reading.services


def _services(
    readings: Sequence[Reading],
    minutes: DisciplineMinutes | None,
    billed: UnitsAnswer | None,
    rulebook: Rulebook,
    law: Value,
) -> list[Finding]:
    found = []
    on = readings[0].note.on
    inside = {code for each in readings for code in each.codes}
    evaluated = {kind for each in readings for kind in _EVALUATIONS.get(each.note.kind, ())}
    lines = list(dict.fromkeys(line.code for line in billed.lines)) if billed is not None else []
    absent = [code for code in lines if not _is_told(code, inside, evaluated, rulebook, on)]
    if absent and any(each.note.text for each in readings) and not any(each.note.services for each in readings):
        found.append(
            Finding(
                "claim.code-not-in-note", "info",
                f"Billed, and not read in the note's prose: {' and '.join(absent)}. It may be there in other words.",
                "Write what was done in words that match the code, or take the line off the claim.",
                law.cite, absent[0],
            )
        )  # fmt: skip
        absent = []
    for code in absent:
        service = rulebook.service(code, on)
        label = service.label if service is not None else code
        found.append(
            Finding(
                "claim.code-not-in-note", "warn", f"{code} ({label}) is billed and cannot be read in the note.",
                "Write what was done in words that match the code, or take the line off the claim.", law.cite, code,
            )
        )  # fmt: skip
    if minutes is None:
        return found
    recorded = {each.code for each in minutes.services}
    bases = {kin[0].code for kin in (rulebook.kin(code, on) for code in recorded) if kin is not None}
    for each in {each.code: each for each in _mentioned(readings)}.values():
        kin = rulebook.kin(each.code, on) if each.code is not None else None
        base = kin[0].code if kin is not None else each.code
        if each.code is None or {each.code, base} & (recorded | bases) or (each.field is None and each.minutes is None):
            continue
        service = rulebook.service(each.code, on)
        if service is not None and service.kind not in (*_LEFT_OUT, *evaluated):
            found.append(
                Finding(
                    "claim.service-not-recorded", "info",
                    f"The note tells of {each.code} ({service.label}), and no time of it is recorded on this day.",
                    "Record who gave it and when, or take it out of the note.", law.cite, each.code,
                )
            )  # fmt: skip
    return found


def _is_told(code: str, inside: set[str], evaluated: set[str], rulebook: Rulebook, on: date) -> bool:
    """Does the note tell of a billed code, by its base, by the code used in its place, or by being an evaluation?"""
    service, kin = rulebook.service(code, on), rulebook.kin(code, on)
    status = rulebook.row("medicare_code_status", code, on)
    same = {code, kin[0].code if kin is not None else code, status["use_instead"] if status is not None else code}
    return bool(same & inside) or (service is not None and service.kind in evaluated)


def totals_findings(reading: Reading) -> list[Finding]:
    """Timed minutes are a part of all minutes."""
    timed, total = reading.timed, reading.total
    if timed is None or total is None or timed.minutes <= total.minutes:
        return []
    return [
        Finding(
            "claim.timed-over-total", "warn",
            f"The note states {timed.minutes} timed minutes and only {total.minutes} minutes in all.",
            "Correct the one that is wrong.", where="total_minutes",
        )
    ]  # fmt: skip
