"""Counted units to the lines of a claim: one for each code and set of modifiers, minutes conserved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby

import msgspec

from fifteen.engine.modifiers import lines as modifiers
from fifteen.engine.modifiers.assistants import AssistantSplit, Judged, split_lengths, split_units
from fifteen.engine.modifiers.lines import LineRules
from fifteen.engine.units.answer import Documented, Line, ModifierReason
from fifteen.engine.units.family import Family
from fifteen.kernel.finding import Finding
from fifteen.kernel.minutes import ServiceMinutes
from fifteen.rulebook import Rulebook


class Lines(msgspec.Struct, frozen=True):
    """Billed lines, services that earned no unit, and for services of assistants why each unit is marked or not."""

    billed: list[Line]
    documented: list[Documented]
    reasons: list[ModifierReason]
    findings: list[Finding]


def lines_of(
    families: Sequence[Family], units: Sequence[int], given: Mapping[str, ServiceMinutes],
    rules: LineRules, rulebook: Rulebook, on: date,
) -> Lines:  # fmt: skip
    """Lines in the order of `families`; of one code those without the assistant's modifier come first."""
    lines = Lines([], [], [], [])
    for family, count in zip(families, units, strict=True):
        code = family.base.code
        if not count:
            lines.documented.extend([Documented(typed, given[typed].total) for typed in family.typed])
        elif family.assistant and rules.assistants is not None and rules.takes_assistant(family.base):
            _shared(lines, family, count, given, rules, rulebook, on)
        elif family.addon is None:
            lines.billed.append(Line(code, count, modifiers.plan_modifier(rulebook, rules, code, on), family.minutes))
        else:
            for each, billed, minutes in _spread(family, count):
                if billed:
                    plan = modifiers.plan_modifier(rulebook, rules, each, on)
                    lines.billed.append(Line(each, billed, plan, minutes))
                else:
                    lines.documented.append(Documented(each, minutes))
    return lines


def _spread(family: Family, count: int) -> list[tuple[str, int, int]]:
    """(code, units, minutes) of a family: the base holds its own length, an add-on the minutes beyond it."""
    if family.addon is None:
        return [(family.base.code, count, family.minutes)]
    spread = list(family.spread(family.addon, count).items())
    own = family.minutes if len(spread) == 1 else min(family.minutes, family.base.unit_minutes or 0)
    return [(code, billed, own if not place else family.minutes - own) for place, (code, billed) in enumerate(spread)]


def _shared(
    lines: Lines, family: Family, count: int, given: Mapping[str, ServiceMinutes],
    rules: LineRules, rulebook: Rulebook, on: date,
) -> None:  # fmt: skip
    """A service in which an assistant took part: each unit is judged, and units that stand alike share a line."""
    assert rules.assistants is not None
    base, therapist = family.base, family.minutes - family.assistant
    spread = _spread(family, count)
    if base.pooled and base.unit_minutes is not None:
        split = split_units(count, therapist, family.assistant, base.unit_minutes, rules.assistants)
        if given.get(base.code) is not None and given[base.code].assistant > given[base.code].therapist:
            # The record says whose the base is: an assistant's base takes the marked units first.
            split = split._replace(units=split.units[::-1])
    else:
        lengths = [(family.base if not place else family.addon or base).unit_minutes or 0 for place in range(count)]
        split = split_lengths(lengths, therapist, family.assistant, rules.assistants)
    start = 0
    for code, billed, minutes in spread:
        if not billed:
            lines.documented.append(Documented(code, minutes))
            continue
        plan = modifiers.plan_modifier(rulebook, rules, code, on)
        units = sorted(split.units[start : start + billed], key=lambda unit: unit.marked)
        start += billed
        runs = [list(run) for _, run in groupby(units, key=lambda unit: unit.marked)]
        held = _minutes(runs, minutes)
        for run, part in zip(runs, held, strict=True):
            modifier = rules.assistant if run[0].marked and plan else None
            lines.billed.append(Line(code, len(run), (*plan, modifier) if modifier else plan, part))
            lines.reasons.append(_reason(code, run, modifier))
        if not plan and any(unit.marked for unit in units):
            lines.findings.append(modifiers.assistant_without_plan(rules, code))
    lines.findings.extend(_findings(base.code, split, rules))


def _minutes(runs: Sequence[Sequence[Judged]], minutes: int) -> list[int]:
    """The minutes of a code's runs of units: the marked ones hold theirs, the others what is left."""
    if len(runs) == 1:
        return [minutes]
    marked = min(sum(unit.minutes for unit in runs[-1]), minutes)
    return [minutes - marked, marked]


def _reason(code: str, run: Sequence[Judged], modifier: str | None) -> ModifierReason:
    rule = run[-1].rule
    because = "; ".join(dict.fromkeys(unit.because for unit in run))
    return ModifierReason(
        rule=rule.id, cite=rule.cite, since=rule.since, status=rule.status,
        because=f"{because[0].upper()}{because[1:]}.", code=code, units=len(run), modifier=modifier,
    )  # fmt: skip


def _findings(code: str, split: AssistantSplit, rules: LineRules) -> list[Finding]:
    assert rules.assistants is not None
    found = []
    if split.silent:
        found.append(
            Finding(
                "modifiers.assistant-text-silent",
                "warn",
                f"{code}: its second unit comes from minutes pooled with other services; the regulation is silent on "
                "who gave it. The last unit was judged by its own rule, the other by the assistant's share.",
                "Look at the minutes and confirm the modifier, or record the choice of another.",
                split.units[0].rule.cite,
                code,
            )
        )
    if split.service_differs:
        found.append(
            Finding(
                "modifiers.assistant-text-of-2020",
                "warn",
                f"{code}: unit by unit, as CMS applied the rule, not all its units stand as they would if the service "
                "were judged as one, which is how the text read until 2022.",
                "Look at what was billed then; the units here follow CMS's practice.",
                rules.assistants.share.cite,
                code,
            )
        )
    if split.methods_differ:
        used, other = "the text", "the rounded percent"
        if rules.assistants.by_rounded_percent:
            used, other = other, used
        due, not_due = (used, other) if split.units[-1].marked else (other, used)
        found.append(
            Finding(
                "modifiers.assistant-methods-differ",
                "warn",
                f"{code}: by {due} the assistant's modifier is due, by {not_due} it is not; {used} was followed.",
                "The text is the default; an organization may choose the rounded percent in its rulebook.",
                rules.assistants.share.cite,
                code,
            )
        )
    return found
