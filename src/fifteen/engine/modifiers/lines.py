"""The modifiers of a day's lines: whether the payer asks for them, and which a service takes."""

from __future__ import annotations

from datetime import date

import msgspec

from fifteen.engine.day import Billing, Discipline
from fifteen.engine.modifiers.assistants import AssistantRules, assistant_rules
from fifteen.kernel.finding import Finding, Severity
from fifteen.rulebook import Rulebook
from fifteen.rulebook.resolve import Service, Value


class LineRules(msgspec.Struct, frozen=True):
    """What a payer asks for on a plan's lines on a date; None: it asks for none, or it is not known.

    `plan_modifiers` remembers what `plan_modifier` found for a code.
    """

    plan: Discipline
    payer: str | None
    discipline: Value | None
    assistant: str | None
    assistants: AssistantRules | None
    may_not: Value
    outside: frozenset[str]
    billing: str
    unknown: tuple[str, ...]
    medicare: bool
    plan_modifiers: dict[str, tuple[str, ...]]

    def takes_assistant(self, service: Service) -> bool:
        """Is this a service that the assistant's rule is about, under a plan that has a modifier for it?"""
        return (
            self.assistant is not None and service.kind not in self.outside and service.kind not in self.may_not.value
        )

    def blocking(self, severity: Severity) -> Severity:
        """A block rests on Medicare's law, and holds only claims of payers that follow it."""
        return severity if self.medicare else "warn"


def line_rules(rulebook: Rulebook, payer: str | None, plan: Discipline, billing: Billing, on: date) -> LineRules:
    """The rules of both kinds of modifier for a payer, a plan of care and a way of billing on a date."""
    asks = {
        field: rulebook.policy(rulebook.payer(payer).id, field, on) if payer is not None else None
        for field in ("discipline_modifier", "assistant_modifier")
    }
    rules = assistant_rules(rulebook, on)
    asked = asks["assistant_modifier"]
    ways = rulebook.value_or_none("medicare.assistant_billing", on)
    way = ways.value[billing] if ways is not None else "none"
    applies = asked is not None and asked.value and way == "modifier"
    discipline = asks["discipline_modifier"]
    outside = rulebook.value_or_none("medicare.assistant_outside", on)
    return LineRules(
        plan=plan,
        payer=payer,
        discipline=rulebook.value("medicare.discipline_modifier", on)
        if discipline is not None and discipline.value
        else None,
        assistant=rules.modifiers.value.get(plan) if rules is not None and applies else None,
        assistants=rules if applies else None,
        may_not=rulebook.value("medicare.assistant_may_not", on),
        outside=frozenset(outside.value) if outside is not None else frozenset(),
        billing=way,
        unknown=tuple(field for field, value in asks.items() if value is None),
        medicare=payer is not None and rulebook.follows(payer, "medicare"),
        plan_modifiers={},
    )


def plan_modifier(rulebook: Rulebook, rules: LineRules, code: str, on: date) -> tuple[str, ...]:
    """GP, GO or GN by the plan of care, for codes of Medicare's therapy list; nothing for any other code."""
    found = rules.plan_modifiers.get(code)
    if found is None:
        asked = rules.discipline is not None and rulebook.row("therapy_list", code, on) is not None
        found = (rules.discipline.value[rules.plan],) if asked and rules.discipline is not None else ()
        rules.plan_modifiers[code] = found
    return found


def about_plan(rulebook: Rulebook, rules: LineRules, service: Service, on: date) -> list[Finding]:
    """A code that another discipline owns, under this plan."""
    if not service.disciplines or rules.plan in service.disciplines:
        return []
    owner = rulebook.value("medicare.owning_discipline", on)
    severity: Severity = rules.blocking(owner.severity if service.status == "primary" else "warn")
    owners = " or ".join(service.disciplines)
    return [
        Finding(
            "modifiers.wrong-discipline", severity,
            f"{service.code} ({service.label}) is {owners}'s and stands under a {rules.plan} plan.",
            "Choose the code of the plan's own discipline, or put the service under the plan it belongs to.",
            owner.cite, service.code,
        )
    ]  # fmt: skip


def about_assistant(rulebook: Rulebook, rules: LineRules, service: Service, assistant: int, on: date) -> list[Finding]:
    """What an assistant's minutes of this service mean beyond the modifier."""
    if not assistant:
        return []
    if service.kind in rules.may_not.value:
        return [
            Finding(
                "modifiers.assistant-may-not", rules.blocking(rules.may_not.severity),
                f"{assistant} minutes of {service.code} ({service.label}) were given by an assistant, who may not "
                "evaluate; no modifier makes it billable.",
                "Record who evaluated, with the reason, or leave it unbilled.", rules.may_not.cite, service.code,
            )
        ]  # fmt: skip
    if rules.billing == "not-billable":
        ways = rulebook.value("medicare.assistant_billing", on)
        return [
            Finding(
                "modifiers.assistant-incident-to", rules.blocking(ways.severity),
                f"{assistant} minutes of {service.code} were given by an assistant, and time incident to a physician "
                "may not be given by one.",
                "Bill only what the therapist gave, or bill under the therapist's own number.", ways.cite, service.code,
            )
        ]  # fmt: skip
    if rules.assistants is not None and rules.assistant is None:
        modifiers = rules.assistants.modifiers
        return [
            Finding(
                "modifiers.assistant-of-no-discipline", "warn",
                f"{assistant} minutes of {service.code} were an assistant's; {rules.plan} has no modifier for that.",
                "Ask the payer whether it pays such time at all before billing it.", modifiers.cite, service.code,
            )
        ]  # fmt: skip
    return []


def assistant_without_plan(rules: LineRules, code: str) -> Finding:
    """The assistant's modifier goes only with that of the plan; where the plan's is not asked, neither is added."""
    value = rules.assistants.modifiers if rules.assistants is not None else rules.may_not
    return Finding(
        "modifiers.assistant-without-plan", "warn",
        f"{code}: units of an assistant, but no GP, GO or GN stands on this code for this payer, and {rules.assistant} "
        "goes only with one; it was not added.",
        "Ask the payer how it wants an assistant's part of this code shown.", value.cite, code,
    )  # fmt: skip


def about_payer(rulebook: Rulebook, rules: LineRules, assistant: int) -> list[Finding]:
    """Modifiers that were left out because nobody knows whether the payer asks for them."""
    missing = [
        name
        for field, name, matters in (
            ("discipline_modifier", "GP, GO or GN", True),
            ("assistant_modifier", "CQ or CO", assistant > 0),
        )
        if field in rules.unknown and matters
    ]
    if not missing:
        return []
    if rules.payer is None:
        said = f"Not checked: no payer was named, so {' and '.join(missing)} were not added."
        return [Finding("modifiers.not-known", "info", said, "Name the payer.", where="payer")]
    label = rulebook.payer(rules.payer).label or rules.payer
    return [
        Finding(
            "modifiers.not-known", "info",
            f"Not checked: whether {label} asks for {' and for '.join(missing)} is not known; none was added.",
            "Ask the payer, and add its answer with the source to your organization's rulebook.", where="payer",
        )
    ]  # fmt: skip
