"""The door: a day's minutes of one discipline in, every answer the payer's rule allows out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import combinations, islice
from math import comb
from typing import NamedTuple, get_args

from msgspec.structs import replace

from fifteen.engine.day import Billing, Discipline
from fifteen.engine.modifiers import lines as modifiers
from fifteen.engine.modifiers.lines import LineRules, line_rules
from fifteen.engine.units import explain, notes
from fifteen.engine.units.allocate import Split
from fifteen.engine.units.answer import (
    Comparison,
    Documented,
    Method,
    Tied,
    UnitsAnswer,
)
from fifteen.engine.units.family import Family, Given, families_of, split_by
from fifteen.engine.units.lines import lines_of
from fifteen.engine.units.method import METHODS, Chosen, Counting, choose_method, counting_rules
from fifteen.kernel.codes import read_code
from fifteen.kernel.errors import UnreadableInput
from fifteen.kernel.finding import Finding
from fifteen.kernel.minutes import ServiceMinutes
from fifteen.rulebook import Rulebook

MOST_ALLOCATIONS = 64  # not law: so many equal answers are listed; their true number stands beside them
_BILLINGS: frozenset[Billing] = frozenset(get_args(Billing))
_DISCIPLINES: dict[str, Discipline] = {each: each for each in get_args(Discipline)}

Services = Mapping[str, int] | Iterable[ServiceMinutes]


def count_units(
    services: Services,
    rulebook: Rulebook,
    *,
    on: date,
    payer: str | None = "medicare",
    method: str | None = None,
    discipline: str = "PT",
    secondary: str | None = None,
    billing: Billing = "private-practice",
    choose: Sequence[str] = (),
    explained: bool = True,
) -> UnitsAnswer:
    """Count the units that `services` support on `on` under the payer's rule, or by `method` alone (payer None).

    `services` maps codes to whole minutes, or lists `ServiceMinutes`. `choose` records the professional's choice
    in a tie: the codes that take the tied units. `secondary` names a second payer whose count is compared;
    `billing` says how the therapist bills, which decides over the assistant's modifier.
    `explained=False` counts only: no reasons, comparison, cap or findings about the units.

    Raises `AskedWrongly`: unknown code or payer, negative or doubled minutes, a choice that the rule does not
    allow, a date outside every rule. What is readable but doubtful is a finding.
    """
    given = _read(services)
    plan = _DISCIPLINES.get(discipline)
    if plan is None:
        raise UnreadableInput(f"discipline {discipline!r} is not known; choose one of {', '.join(_DISCIPLINES)}.")
    if billing not in _BILLINGS:
        raise UnreadableInput(f"billing {billing!r} is not known; choose one of {', '.join(sorted(_BILLINGS))}.")
    if secondary is not None:
        rulebook.payer(secondary)  # an unknown one is refused whatever the primary says
    law, by, rules = _rules(rulebook, payer, method, plan, billing, on)
    day = families_of(given, rulebook, on)
    findings: list[Finding] = []
    if explained:
        findings += notes.about_minutes(given, day.families)
        findings += notes.about_codes(given, day.absent, rulebook, payer, on)
        findings += _about_modifiers(day, rules, rulebook, on)
    if by.method is None:
        return _held(rulebook, payer, by, plan, on, sum(day.pooled_minutes), choose, findings)

    split = split_by(by.method, day, law)
    tie = _settle(day.families, split, choose) if split.tied or choose else None
    units = split.fixed if tie is None else tie.units
    allocations = _allocations(day.families, split)
    lines = lines_of(day.families, units, given, rules, rulebook, on)
    if day.absent:
        lines.documented.extend([Documented(code, given[code].total) for code in day.absent])
    timed_minutes = sum(day.pooled_minutes)
    timed_units = sum([units[place] for place in day.pooled])
    answer = UnitsAnswer(
        payer=by.payer,
        method=by.method,
        method_from=by.by,
        discipline=plan,
        on=on,
        rulebook=rulebook.hash,
        timed_minutes=timed_minutes,
        timed_units=timed_units,
        minutes_per_unit=notes.one_decimal(timed_minutes, timed_units) if timed_units else None,
        expected_minutes_per_unit=law.average.value,
        allocations=allocations,
        allocations_count=1 if tie is None else comb(len(tie.codes), split.choose),
        suggested=allocations[0],
        lines=lines.billed,
        documented=lines.documented,
        explain_modifiers=lines.reasons,
    )
    if tie is not None:
        chosen = tie.taken if choose else ()
        tied = Tied(tie.codes, split.choose)
        answer = replace(answer, tie=True, tied=tied, chosen=chosen)
        findings.append(notes.tie(tied, tie.taken, bool(choose), law.leftover.cite))
    if not explained:
        return replace(answer, findings=findings) if findings else answer
    compared = _compare(by.method, day, split, law, timed_units)
    cap = None
    if payer is not None:
        cap = notes.cap_on(rulebook, rulebook.payer(payer).id, on, lines.billed)
        findings += notes.about_payer(rulebook, payer, by, cap)
    findings += notes.documented_only(lines.documented, day, law, by.method)
    findings += lines.findings
    if compared is not None:
        findings.append(notes.methods_differ(by.method, timed_units, compared, law))
    if secondary is not None:
        findings += _secondary(secondary, rulebook, on, day, split, law)
    reasons = explain.reasons(day.families, units, split, by.method, law)
    return replace(answer, explain=reasons, compared=compared, cap=cap, findings=findings)


def _rules(
    rulebook: Rulebook, payer: str | None, method: str | None, plan: Discipline, billing: Billing, on: date
) -> tuple[Counting, Chosen, LineRules]:
    def make() -> tuple[Counting, Chosen, LineRules]:
        law, by = counting_rules(rulebook, on), choose_method(rulebook, payer, method, on)
        return law, by, line_rules(rulebook, by.payer, plan, billing, on)

    return rulebook.remember(("units", payer, method, plan, billing, on), make)


def _held(
    rulebook: Rulebook, payer: str | None, by: Chosen, plan: Discipline, on: date, timed_minutes: int,
    choose: Sequence[str], findings: list[Finding],
) -> UnitsAnswer:  # fmt: skip
    """The answer where no method is known: nothing is counted, and the claim waits for the payer's rule."""
    if choose:
        raise UnreadableInput("there is no tie to settle: how the payer counts is not known; leave out the choice.")
    return UnitsAnswer(
        payer=by.payer, method=None, method_from=None, discipline=plan, on=on, rulebook=rulebook.hash,
        timed_minutes=timed_minutes, findings=[*findings, notes.method_unknown(rulebook, payer, by, on)],
    )  # fmt: skip


def _read(services: Services) -> dict[str, ServiceMinutes]:
    if type(services) is dict or isinstance(services, Mapping):  # dict first: an abstract class is slow to ask
        rows = [ServiceMinutes(code, minutes) for code, minutes in services.items()]
    else:
        rows = list(services)
    given: dict[str, ServiceMinutes] = {}
    for row in rows:
        code = read_code(row.code)
        if type(row.therapist) is not int or type(row.assistant) is not int or row.therapist < 0 or row.assistant < 0:
            raise UnreadableInput(f"{code}: cannot read its minutes; give whole numbers from 0 up, for example 33.")
        if code in given:
            both = given[code].total + row.total
            raise UnreadableInput(
                f"{code} is given twice; give it once with all its minutes of the day, as {code}:{both}."
            )
        given[code] = row
    if not given:
        raise UnreadableInput("no service was given; write at least one, for example 97110:33.")
    return given


class _Tie(NamedTuple):
    """The codes that are equal, those of them that take a unit, and the units of all families after that."""

    codes: tuple[str, ...]
    taken: tuple[str, ...]
    units: list[int]


def _settle(families: Sequence[Family], split: Split, choose: Sequence[str]) -> _Tie:
    """Settle a tie as the professional chose, else by the first of the stable order."""
    if not split.tied:
        raise UnreadableInput("there is no tie to settle: the rule allows one answer only; leave out the choice.")
    codes = tuple(families[place].code_after(split.fixed[place]) for place in split.tied)
    taken = tuple(read_code(code, "choice") for code in choose) or codes[: split.choose]
    if len(set(taken)) != len(taken) or len(taken) != split.choose or not set(taken) <= set(codes):
        raise UnreadableInput(
            f"the choice {', '.join(taken)} is not allowed: name {split.choose} of {', '.join(codes)}, each once."
        )
    units = list(split.fixed)
    for place, code in zip(split.tied, codes, strict=True):
        units[place] += code in taken
    return _Tie(codes, taken, units)


def _allocations(families: Sequence[Family], split: Split) -> list[dict[str, int]]:
    """The first answers, the suggested one first; each lists every code, those with 0 units included."""
    if not split.tied:
        return [_named(families, split.fixed)]
    return [
        _named(families, [units + (place in winners) for place, units in enumerate(split.fixed)])
        for winners in islice(combinations(split.tied, split.choose), MOST_ALLOCATIONS)
    ]


def _named(families: Sequence[Family], units: Sequence[int]) -> dict[str, int]:
    named: dict[str, int] = {}
    for family, count in zip(families, units, strict=True):
        if family.addon is None:
            named[family.base.code] = count
        else:
            named.update(family.spread(family.addon, count))
    return named


def _about_modifiers(day: Given, rules: LineRules, rulebook: Rulebook, on: date) -> list[Finding]:
    found: list[Finding] = []
    for family in day.families:
        found += modifiers.about_plan(rulebook, rules, family.base, on)
        found += modifiers.about_assistant(rulebook, rules, family.base, family.assistant, on)
    return found + modifiers.about_payer(rulebook, rules, sum(family.assistant for family in day.families))


def _compare(ours: Method, day: Given, split: Split, law: Counting, timed_units: int) -> Comparison | None:
    """The other method's count of the pooled services, None where both suggest the same."""
    other = METHODS[1 - METHODS.index(ours)]
    theirs = _suggested(split_by(other, day, law))
    mine = _suggested(split)
    pooled = [theirs[place] for place in day.pooled]
    if [mine[place] for place in day.pooled] == pooled:
        return None
    count = sum(pooled)
    named = _named([day.families[place] for place in day.pooled], pooled)
    return Comparison(other, count, named, count - timed_units)


def _secondary(name: str, rulebook: Rulebook, on: date, day: Given, split: Split, law: Counting) -> list[Finding]:
    policy = rulebook.payer(name)
    by = choose_method(rulebook, policy.id, None, on)
    label = policy.label or policy.id
    if by.method is None or by.policy is None:
        return [notes.secondary_unknown(label)]
    theirs = _suggested(split_by(by.method, day, law))
    if theirs == _suggested(split):
        return []
    return [notes.secondary_differs(label, by.method, _named(day.families, theirs), by.policy.cite)]


def _suggested(split: Split) -> list[int]:
    if not split.tied:
        return split.fixed
    winners = split.tied[: split.choose]
    return [units + (place in winners) for place, units in enumerate(split.fixed)]
