"""96 and 97: whether the patient learns a skill or regains one, for payers that ask."""

from __future__ import annotations

from fifteen.engine.claim_lines import DayAsked, Held, LineModifier, Outcome
from fifteen.engine.evidence.visits import visits_of_lines
from fifteen.kernel.finding import Finding
from fifteen.rulebook.resolve import Value

WAS = {
    "habilitative": "habilitative (a skill is learned)",
    "rehabilitative": "rehabilitative (a skill is regained)",
}


def purpose(asked: DayAsked) -> Outcome:
    """The room. Where the payer asks, a purpose that is not said is never guessed."""
    outcome = Outcome()
    day, rulebook = asked.day, asked.rulebook
    payer = rulebook.payer(day.coverage.payer)
    asks = rulebook.policy(payer.id, "purpose_modifier", day.date)
    modifiers = rulebook.value_or_none("cpt.purpose_modifier", day.date)
    if asks is not None and not asks.value:
        return outcome
    if asks is None or modifiers is None:
        if any(visit.purpose for visit in day.all_visits() if visit.intervals):
            outcome.findings.append(
                Finding(
                    "purpose.payer-not-known", "info",
                    f"Not checked: whether {payer.label or payer.id} asks for 96 or 97 is not known; none was added.",
                    "Ask the payer, and add its answer with the source to your organization's rulebook.", where="payer",
                )
            )  # fmt: skip
        return outcome
    _mark(asked, asks, modifiers, outcome)
    return outcome


def _mark(asked: DayAsked, asks: Value, modifiers: Value, outcome: Outcome) -> None:
    for number, (line, visits) in enumerate(zip(asked.lines, visits_of_lines(asked), strict=True)):
        said = {visit.purpose for visit in visits}
        of = next(iter(said)) if len(said) == 1 else None
        if of is not None:
            outcome.modifiers.append(
                LineModifier(
                    rule=modifiers.id, cite=f"{asks.cite}; {modifiers.cite}", since=max(asks.since, modifiers.since),
                    status=asks.status, line=number, modifier=modifiers.value[of],
                    because=f"The payer asks what therapy is for; each visit that gave {line.line.code} was {WAS[of]}.",
                )
            )  # fmt: skip
            continue
        mixed = None not in said
        why = "its visits had different purposes" if mixed else "the payer asks what it was for, and it is not said"
        outcome.held.append(Held(number, why))
        outcome.findings.append(
            Finding(
                "purpose.mixed" if mixed else "purpose.missing", "warn",
                f"{line.name} takes 96 or 97 for this payer, and neither was added: {why}.",
                "Say of each visit whether it was habilitative (a skill is learned) or rehabilitative (one is "
                "regained).", asks.cite, line.name,
            )
        )  # fmt: skip
