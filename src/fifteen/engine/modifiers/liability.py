"""GA, GX, GY and GZ: lines whose denial is expected, and who then owes.

They follow from what the clinician expects together with a notice that the patient signed before the service; from
neither alone, and for original Medicare only.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from fifteen.engine.claim_lines import DayAsked, Held, LineModifier, Outcome
from fifteen.engine.day import Expected, Notice
from fifteen.kernel.finding import Finding
from fifteen.rulebook.resolve import Value

Kind = Literal["mandatory", "voluntary"]
OWES = {"patient": "the patient owes it", "provider": "the provider bears it and may not charge the patient"}
WHY = {"not-necessary": "as not necessary", "excluded": "as no benefit of Medicare"}

OTHER: dict[Kind, str] = {
    "mandatory": "voluntary, and what is expected asks for a mandatory one",
    "voluntary": "mandatory, and what is expected asks for a voluntary one",
}


class _Rules(msgspec.Struct, frozen=True, kw_only=True):
    modifiers: Value
    owes: Value
    before: Value
    routine: Value
    unreviewed: Value


def liability(asked: DayAsked) -> Outcome:
    """The room. A day on which nobody expects a denial and nobody signed a notice says nothing here."""
    outcome = Outcome()
    day, rulebook = asked.day, asked.rulebook
    if not day.expected and not day.notices:
        return outcome
    payer = rulebook.payer(day.coverage.payer)
    payers = rulebook.value("medicare.notice_payers", day.date)
    if payer.id not in payers.value:
        outcome.findings.append(
            Finding(
                "liability.not-for-payer", "warn",
                f"GA, GX, GY and GZ and the advance notice are original Medicare's; {payer.label or payer.id} is not, "
                "and none was added.",
                "Ask the payer before the service how it wants an expected denial shown, and who then owes.",
                payers.cite, "payer",
            )
        )  # fmt: skip
        return outcome
    rules = _Rules(
        modifiers=rulebook.value("medicare.notice_modifier", day.date),
        owes=rulebook.value("medicare.liability_modifier", day.date),
        before=rulebook.value("medicare.notice_before", day.date),
        routine=rulebook.value("medicare.notice_routine", day.date),
        unreviewed=rulebook.value("medicare.denied_unreviewed", day.date),
    )
    _lines(asked, rules, outcome)
    return outcome


def _lines(asked: DayAsked, rules: _Rules, outcome: Outcome) -> None:
    day = asked.day
    billed = {line.line.code for line in asked.lines}
    for number, line in enumerate(asked.lines):
        expected = [each for each in day.expected if line.line.code in each.codes]
        if {each.why for each in expected} == set(WHY):
            outcome.held.append(Held(number, "it is expected to be denied for two reasons that exclude each other"))
            outcome.findings.append(
                Finding(
                    "liability.two-reasons", "warn",
                    f"{line.name} is expected to be denied as not necessary and as no benefit; only one can be.",
                    "Take one of the two back; until then the line waits.", rules.modifiers.cite, line.name,
                )
            )  # fmt: skip
        elif expected:
            _expected(asked, rules, number, expected[0], outcome)
        else:
            _routine(asked, rules, number, outcome)
    for each in day.expected:
        for code in sorted(set(each.codes) - billed):
            outcome.findings.append(
                Finding(
                    "liability.no-line", "warn",
                    f"{each.by} expects a denial of {code}, which has no line on this day.",
                    "Look at the codes, or take it back.", where=code,
                )
            )  # fmt: skip


def _expected(asked: DayAsked, rules: _Rules, number: int, expected: Expected, outcome: Outcome) -> None:
    """The modifiers of a line whose denial is expected, from the notice that was signed or its absence."""
    name, code = asked.lines[number].name, asked.lines[number].line.code
    kind: Kind = "mandatory" if expected.why == "not-necessary" else "voluntary"
    signed = _signed(asked, rules, name, code, kind, outcome)
    modifiers = rules.modifiers.value[expected.why]
    said = f"{expected.by} expects a denial {WHY[expected.why]}"
    if expected.why == "excluded":
        _add(rules, number, modifiers["always"], f"{said}.", outcome)
        _denied(rules, name, modifiers["always"], outcome)
        if signed is not None:
            because = f"{said}, and the patient signed a voluntary notice on {signed.signed}."
            _add(rules, number, modifiers["signed"], because, outcome)
        return
    if signed is None:
        _add(rules, number, modifiers["none"], f"{said}, and no valid notice was signed before the service.", outcome)
        _denied(rules, name, modifiers["none"], outcome)
        return
    _add(rules, number, modifiers["signed"], f"{said}; the patient signed a notice on {signed.signed}.", outcome)
    _denied(rules, name, modifiers["signed"], outcome)


def _signed(asked: DayAsked, rules: _Rules, name: str, code: str, kind: Kind, outcome: Outcome) -> Notice | None:
    """The latest valid notice of this kind for a code; what makes another invalid is said."""
    day = asked.day
    notices = sorted((each for each in day.notices if code in each.codes), key=lambda each: each.signed)
    for each in notices:
        if each.signed > day.date:
            outcome.findings.append(
                Finding(
                    "liability.notice-late", "warn",
                    f"The notice for {name} was signed on {each.signed}, after the service of {day.date}; it is not "
                    "valid.",
                    "It moves no cost to the patient. Keep it, and have the next one signed before the service.",
                    rules.before.cite, name,
                )
            )  # fmt: skip
        elif each.kind != kind:
            outcome.findings.append(
                Finding(
                    "liability.notice-of-other-kind", "warn",
                    f"The notice for {name} is {OTHER[kind]}; it was not used.",
                    "Look at what is expected, and at which notice was given.", rules.modifiers.cite, name,
                )
            )  # fmt: skip
    valid = [each for each in notices if each.signed <= day.date and each.kind == kind]
    return valid[-1] if valid else None


def _routine(asked: DayAsked, rules: _Rules, number: int, outcome: Outcome) -> None:
    """A notice for a line that nobody expects to be denied."""
    line = asked.lines[number]
    if not any(line.line.code in notice.codes for notice in asked.day.notices) or rules.routine.value:
        return
    outcome.findings.append(
        Finding(
            "liability.notice-without-reason", "warn",
            f"The patient signed a notice for {line.name}, and nobody expects a denial of it; nothing was added.",
            "Say who expects which denial. Routine notices are prohibited.", rules.routine.cite, line.name,
        )
    )  # fmt: skip


def _add(rules: _Rules, number: int, modifier: str, because: str, outcome: Outcome) -> None:
    rule = rules.modifiers
    outcome.modifiers.append(
        LineModifier(
            rule=rule.id, cite=rule.cite, since=rule.since, status=rule.status, because=because, line=number,
            modifier=modifier,
        )
    )  # fmt: skip


def _denied(rules: _Rules, name: str, modifier: str, outcome: Outcome) -> None:
    """Who owes, and whether Medicare looks at the line at all."""
    owes = OWES[rules.owes.value[modifier]]
    unreviewed = modifier in rules.unreviewed.value
    how = "Medicare denies it without review" if unreviewed else "if Medicare denies it"
    outcome.findings.append(
        Finding(
            "liability.denial-expected", "info", f"{name} carries {modifier}: {how}, {owes}.",
            "A price of this day counts the line as paid; do not expect that amount.", rules.owes.cite, name,
        )
    )  # fmt: skip
