"""Modifier 59 and X{EPSU}: asked of a person for a pair that a modifier opens, with the evidence; never added silently.

Shown by the record: one service was finished before the other began, or they took turns, and each billed unit rests on
minutes of its own service. Anything else is "not shown", and a person must name another ground. An attestation counts
for the evidence it was given on: a hash over codes, row of the table, intervals with their times, and units.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date
from typing import get_args
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from fifteen.engine.claim_lines import (
    AttestationAsked,
    DayAsked,
    DayLine,
    Held,
    LineModifier,
    Outcome,
    given,
    hash_of,
    lapsed,
)
from fifteen.engine.day import Attestation, AttestationKind, Day, Discipline, Interval
from fifteen.engine.edits.pair_tables import Pair, Pairs
from fifteen.engine.edits.pairs import last_known, pairs_of, table_asked
from fifteen.engine.evidence.distinct import Distinctness, distinctness
from fifteen.kernel.finding import Finding
from fifteen.rulebook import Rulebook
from fifteen.rulebook.resolve import Value

KINDS: tuple[str, ...] = tuple(kind for kind in get_args(AttestationKind) if kind != "KX")

_HOW: dict[Distinctness, str] = {
    "apart": "One was finished before the other began.",
    "interspersed": "They took turns.",
    "intersecting": "At some moment both were given at once.",
    "no-clock-time": "One of them has no clock time.",
}


class Evidence(msgspec.Struct, frozen=True):
    """What the record shows of a pair on one line; `shown`: it supports that the two were distinct."""

    found: Distinctness
    shown: bool
    said: str
    hash: str


def distinct_room(asked: DayAsked) -> Outcome:
    """What each second code of a pair needs: an attestation asked, the modifier it puts, or why the line waits."""
    outcome = Outcome()
    found = pairs_of(asked)
    pairs = found.in_force if isinstance(found, Pairs) else ()
    for name in sorted({each.name for each in asked.lines}):
        places = [place for place, each in enumerate(asked.lines) if each.name == name and each.line.units > 0]
        asking = [pair for pair in pairs if places and pair.opens and pair.column2 == asked.lines[places[0]].line.code]
        if isinstance(found, Pairs) and asking:
            _line(asked, found, asking, name, places, outcome)
    outcome.findings += _for_nothing(asked, found)
    return outcome


def _line(
    asked: DayAsked, found: Pairs, asking: Sequence[Pair], name: str, places: Sequence[int], outcome: Outcome
) -> None:
    """All pairs of one line: the modifier opens them together, so each of them must be attested."""
    day, table = asked.day, found.table
    modifiers = asked.rulebook.policy(day.coverage.payer, "pair_modifiers", day.date)
    discipline = asked.lines[places[0]].discipline
    about = given(day.attestations, KINDS, name)
    good: list[tuple[Pair, Evidence, Attestation]] = []
    hashes: set[str] = set()
    for pair in asking:
        evidence = _evidence(asked, pair, discipline)
        hashes.add(evidence.hash)
        by = _attested(about, evidence, modifiers)
        outcome.asked.append(_asked(pair, table.label, name, evidence, modifiers, by))
        outcome.findings += _about_evidence(pair, name, evidence)
        if by is not None:
            good.append((pair, evidence, by))
            continue
        outcome.findings += [
            _does_not_count(each, evidence, modifiers, table.label) for each in about if each.evidence == evidence.hash
        ]
        why = f"{pair.column2} beside {pair.column1}: nobody has attested that the two were distinct."
        outcome.held += [Held(place, " ".join((why, *last_known(pair)))) for place in places]
    if len(good) < len(asking):
        outcome.findings += [lapsed(each, "the evidence") for each in about if each.evidence not in hashes]
        return
    outcome.modifiers += [
        LineModifier(
            rule=table.policy.id, cite=pair.cite, since=pair.since, status=pair.status, line=place, modifier=by.kind,
            because=_because(pair, evidence, by),
        )
        for place in places
        for pair, evidence, by in good
    ]  # fmt: skip
    outcome.findings += _several_kinds(name, [by.kind for *_, by in good])


def _attested(about: Sequence[Attestation], evidence: Evidence, modifiers: Value | None) -> Attestation | None:
    """The latest attestation that counts: on this evidence, with a modifier of the payer, a ground where one is due."""
    counting = [
        each
        for each in about
        if each.evidence == evidence.hash
        and modifiers is not None
        and each.kind in modifiers.value
        and (evidence.shown or each.ground.strip())
    ]
    return counting[-1] if counting else None


def _evidence(asked: DayAsked, pair: Pair, discipline: Discipline) -> Evidence:
    """The first code with its intervals of the whole day, the second with those of the line's own plan of care."""
    day, on = asked.day, asked.day.date
    first, second = _family(asked.rulebook, pair.column1, on), _family(asked.rulebook, pair.column2, on)
    first, second = first - {pair.column2}, second - {pair.column1}
    both = {
        each.id: (pair.column1 if each.service in first else pair.column2, visit.discipline, each)
        for visit in day.all_visits()
        for each in visit.intervals
        if each.service in first or (each.service in second and visit.discipline == discipline)
    }
    distinct = distinctness(
        pair.column1, pair.column2, [replace(each, service=code) for code, _, each in both.values()]
    )
    shown = [both[id_] for id_ in distinct.intervals]
    units = sorted(
        _units(
            each
            for each in asked.lines
            if each.line.units > 0
            and (each.line.code == pair.column1 or (each.line.code == pair.column2 and each.discipline == discipline))
        ).items()
    )
    borrowed = [code for (_, code), counted in units if not _own(asked.rulebook, code, *counted, on)]
    own = "Each billed unit rests on minutes of its own service."
    if borrowed:
        own = f"A billed unit of {' and '.join(dict.fromkeys(borrowed))} rests on minutes pooled with other services."
    times = " and ".join(
        _clock(code, [each for of, _, each in shown if of == code], day) for code in (pair.column1, pair.column2)
    )
    row = (pair.column1, pair.column2, pair.since, pair.opens)
    return Evidence(
        found=distinct.found,
        shown=distinct.found in ("apart", "interspersed") and not borrowed,
        said=" ".join((f"Recorded: {times}.", _HOW[distinct.found], own)),
        hash=hash_of(row, sorted(_shown(code, plan, each) for code, plan, each in shown), units),
    )


def _family(rulebook: Rulebook, code: str, on: date) -> set[str]:
    """The codes under which a service may be recorded: a base and its add-on are one service in the record."""
    kin = rulebook.kin(code, on)
    return {code} | ({each.code for each in kin if each is not None} if kin is not None else set())


def _units(lines: Iterable[DayLine]) -> dict[tuple[str, str], tuple[int, int]]:
    """(discipline, code) to its billed units and minutes; units with and without CQ are one."""
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for each in lines:
        units, minutes = found.get((each.discipline, each.line.code), (0, 0))
        found[each.discipline, each.line.code] = (units + each.line.units, minutes + each.line.minutes)
    return found


def _own(rulebook: Rulebook, code: str, units: int, minutes: int, on: date) -> bool:
    """Would the code's own minutes earn all its units? What more it has comes from minutes left over elsewhere."""
    service = rulebook.service(code, on)
    if service is None or service.unit_minutes is None:
        return True
    return minutes >= (units - 1) * service.unit_minutes + service.counts_from


def _shown(code: str, plan: str, interval: Interval) -> tuple[str, ...]:
    """An interval as the hash has it: the same instant in another zone is the same."""
    start, stop = (
        "" if instant is None else instant.astimezone(UTC).isoformat() for instant in (interval.start, interval.stop)
    )
    return code, plan, interval.id, start, stop, str(interval.minutes)


def _clock(code: str, intervals: Iterable[Interval], day: Day) -> str:
    """`97530 09:00-09:20 10:00-10:15`, times of the site; minutes where no clock ran."""
    zone = ZoneInfo(day.zone)
    order = sorted(intervals, key=lambda each: (each.start is None, each.start and each.start.timestamp(), each.id))
    times = []
    for each in order:
        if each.start is None:
            times.append(f"{each.minutes}min")
        else:
            stop = "" if each.stop is None else f"{each.stop.astimezone(zone):%H:%M}"
            times.append(f"{each.start.astimezone(zone):%H:%M}-{stop}")
    return " ".join([code, *times])


def _asked(
    pair: Pair, label: str, name: str, evidence: Evidence, modifiers: Value | None, by: Attestation | None
) -> AttestationAsked:
    because = f"{label} pays {pair.column2} beside {pair.column1} on one day only where the two were distinct"
    if not evidence.shown:
        because = f"{because}; the record does not show it, so another ground must be named"
    return AttestationAsked(
        kind=by.kind if by is not None else modifiers.value[0] if modifiers is not None else KINDS[0],
        line=name, asked_because=f"{because}.", evidence=evidence.said, evidence_hash=evidence.hash,
        shown=evidence.shown, given_by=by.by if by is not None else None, cite=pair.cite,
    )  # fmt: skip


def _about_evidence(pair: Pair, name: str, evidence: Evidence) -> list[Finding]:
    if not evidence.shown:
        said = f"{pair.column2} beside {pair.column1}: the record does not show that they were distinct."
        return [
            Finding(
                "pairs.not-shown", "warn", " ".join((said, evidence.said)),
                "Name another ground if there is one, and attest it; else the unit is not billable beside the other.",
                pair.cite, name,
            )
        ]  # fmt: skip
    if evidence.found == "interspersed":
        said = f"{pair.column2} beside {pair.column1}: they took turns, which supports it less well than one after the "
        said += "other."
        return [
            Finding(
                "pairs.interspersed", "warn", " ".join((said, evidence.said)),
                "See that the note tells the blocks of time apart.", pair.cite, name,
            )
        ]  # fmt: skip
    return []


def _does_not_count(given_: Attestation, evidence: Evidence, modifiers: Value | None, label: str) -> Finding:
    """An attestation on the right evidence that nevertheless puts no modifier."""
    said = f"{given_.by} attested {given_.kind} for {given_.line}"
    if modifiers is None:
        return Finding(
            "pairs.modifiers-not-known", "warn",
            f"{said}; which modifiers {label} takes for a pair is not known, so it was not added.",
            "Ask the payer, and add its answer with the source to your organization's rulebook.", where=given_.line,
        )  # fmt: skip
    if given_.kind not in modifiers.value:
        return Finding(
            "pairs.modifier-not-taken", "warn",
            f"{said}; for a pair {label} takes {' or '.join(modifiers.value)}, so it was not added.",
            "Attest one of these, if it is true.", modifiers.cite, given_.line,
        )  # fmt: skip
    return Finding(
        "pairs.no-ground", "warn",
        f"{said} and named no ground, and the record does not show it, so it was not added.",
        "Name why the two were distinct, or take the attestation back.", where=given_.line,
    )  # fmt: skip


def _because(pair: Pair, evidence: Evidence, by: Attestation) -> str:
    ground = by.ground.strip()
    said = f"{by.by} attested on {by.at.date()} that {pair.column2} was distinct from {pair.column1}"
    first = f"{said}, on the ground {ground!r}." if ground else f"{said}."
    return " ".join((first, evidence.said))


def _several_kinds(name: str, kinds: Sequence[str]) -> list[Finding]:
    apart = sorted(set(kinds))
    if len(apart) < 2:
        return []
    return [
        Finding(
            "pairs.several-modifiers", "warn",
            f"{name} carries {' and '.join(apart)}, each attested for another pair; whether a payer takes them side by "
            "side was not found.",
            "One of them opens the line for every pair: attest the same for all, if it is true.", where=name,
        )
    ]  # fmt: skip


def _for_nothing(asked: DayAsked, found: Pairs | str | None) -> list[Finding]:
    """Attestations that no pair in force asks for: nothing was added, and why."""
    day = asked.day
    findings = []
    billed = {each.name for each in asked.lines if each.line.units > 0}
    pairs = found.in_force if isinstance(found, Pairs) else ()
    opens = {pair.column2 for pair in pairs if pair.opens}
    never = {pair.column2 for pair in pairs if not pair.opens}
    for each in given(day.attestations, KINDS):
        code = each.line.rpartition(" ")[2]
        said = f"{each.by} attested {each.kind} for {each.line}"
        if each.line not in billed:
            why = f"{said}, which has no billed unit on this day; nothing was added."
            findings.append(Finding("pairs.attested-no-line", "warn", why, "Take it back.", where=each.line))
        elif code in never and code not in opens:
            why = f"{said}, but no modifier opens its pair; nothing was added."
            findings.append(Finding("pairs.attested-in-vain", "warn", why, "Take it back.", where=each.line))
        elif isinstance(table_asked(asked), str):  # of one code too: a second one must not change what is known
            why = f"{said}; whether the payer asks for it is not known, so nothing was added."
            findings.append(Finding("pairs.attested-not-known", "warn", why, "Ask the payer.", where=each.line))
        elif code not in opens:
            why = f"{said}, but no pair in force on {day.date} asks for it; nothing was added."
            findings.append(Finding("pairs.attested-for-nothing", "info", why, "Take it back.", where=each.line))
    return findings
