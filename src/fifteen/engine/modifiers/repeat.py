"""Modifiers that a person asks for on the lines of a code: 76 and 77, and those no rule is about.

What follows from the record, a notice or an attestation is not put on a line because somebody asks.
"""

from __future__ import annotations

from datetime import date

from fifteen.engine.claim_lines import DayAsked, LineModifier, Outcome
from fifteen.engine.day import Added
from fifteen.kernel.finding import Finding
from fifteen.rulebook import Rulebook

_ASKED_BY = {
    "plan": "It follows from the plan of care: put the visit under the discipline it belongs to.",
    "people": "It follows from who gave each minute: correct the people of the intervals.",
    "attestation": "It stands on what a person attests, having seen the evidence: attest it for the line.",
    "notice": "It follows from the notice that the patient signed and the denial that is expected: record these.",
    "telehealth": "It follows from how the visit was held: say so in the visit.",
    "purpose": "It follows from what the visit was for: say so in the visit.",
    "room": "It is added by itself where a line has more modifiers than room.",
}


def repeat(asked: DayAsked) -> Outcome:
    """Put each modifier that was asked for on the lines of its code, or say why not and how it is asked for."""
    outcome = Outcome()
    on = asked.day.date
    first: dict[tuple[str, str], Added] = {}
    for each in sorted(asked.day.added, key=lambda each: (each.code, each.modifier, each.by)):
        first.setdefault((each.code, each.modifier), each)
    for added in first.values():
        places = [place for place, each in enumerate(asked.lines) if each.line.code == added.code]
        refused = _refused(asked.rulebook, added, len(places), on)
        if refused is not None:
            outcome.findings.append(refused)
            continue
        rule = asked.rulebook.value("fifteen.added_modifier", on)
        outcome.modifiers += [
            LineModifier(
                rule=rule.id, cite=rule.cite, since=rule.since, status=rule.status,
                because=f"{added.by} asked for it.", line=place, modifier=added.modifier,
            )
            for place in places
        ]  # fmt: skip
        outcome.findings.append(
            Finding(
                "modifiers.added-not-checked", "info",
                f"Not checked: {added.modifier} stands on {added.code} because {added.by} asked for it; no rule here "
                "says whether it belongs there.",
                "Look it up in the payer's policy before the claim is sent.", rule.cite, added.code,
            )
        )  # fmt: skip
    return outcome


def _refused(rulebook: Rulebook, added: Added, lines: int, on: date) -> Finding | None:
    """Why a modifier is not put on; None where it is."""
    code, modifier = added.code, added.modifier
    service = rulebook.service(code, on)  # an unknown code is refused, whatever was asked for
    grounds = rulebook.value("fifteen.modifier_grounds", on)
    ground = next((name for name, modifiers in grounds.value.items() if modifier in modifiers), None)
    if ground is not None:
        return Finding(
            "modifiers.added-refused", "warn",
            f"{added.by} asked for {modifier} on {code}; it is never put on a line because somebody asks.",
            _ASKED_BY[ground], grounds.cite, code,
        )  # fmt: skip
    again = rulebook.value("medicare.repeat_modifiers", on)
    if modifier in again.value and service is not None and service.unit_minutes is not None:
        return Finding(
            "modifiers.repeat-on-timed", "warn",
            f"{added.by} asked for {modifier} on {code}, which counts time; units of time are not a repeated "
            "procedure, and it was not added.",
            "All units of the day stand on one line; more treatment of the same kind is more minutes of it.",
            again.cite, code,
        )  # fmt: skip
    if not lines:
        return Finding(
            "modifiers.added-without-line", "warn",
            f"{added.by} asked for {modifier} on {code}, which has no line on this day.",
            "Look at the code and at why it has no unit, or take the wish back.", where=code,
        )  # fmt: skip
    return None
