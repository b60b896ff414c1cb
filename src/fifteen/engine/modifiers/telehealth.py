"""95, 93 and GT: lines of services that were given from afar.

A line takes the modifier only if every visit that gave it was telehealth in the same way. What Medicare pays, and until
when, changed several times and was twice repaired backwards; the rulebook's `known` says what could be known on a day.
"""

from __future__ import annotations

from fifteen.engine.claim_lines import DayAsked, Held, LineModifier, Outcome
from fifteen.engine.day import Telehealth, Visit
from fifteen.engine.evidence.visits import visits_of_lines
from fifteen.kernel.finding import Finding
from fifteen.rulebook.resolve import Value

WAYS: dict[Telehealth | None, str] = {
    "audio-video": "by video",
    "audio-only": "by audio only",
    None: "in person",
}


def telehealth(asked: DayAsked) -> Outcome:
    """The room. Nothing is said of a day without telehealth."""
    outcome = Outcome()
    if not any(visit.telehealth for visit in asked.day.all_visits() if visit.intervals):
        return outcome
    day, rulebook = asked.day, asked.rulebook
    lines = [
        (number, visits)
        for number, visits in enumerate(visits_of_lines(asked))
        if any(visit.telehealth for visit in visits)
    ]
    policy = rulebook.policy(day.coverage.payer, "telehealth_modifier", day.date)
    medicare = rulebook.follows(day.coverage.payer, "medicare")
    hospital = medicare and day.billing == "critical-access-hospital"
    second = rulebook.value_or_none("medicare.telehealth_method_2", day.date)
    if policy is None or (hospital and second is None):
        outcome.findings.append(_payer_not_known(asked))
    elif hospital and second is not None:
        _method_not_recorded(asked, outcome, second, [number for number, _ in lines])
    else:
        for number, visits in lines:
            _mark(asked, outcome, number, visits)
    if medicare:
        _payable(asked, outcome)
        _codes(asked, outcome, [number for number, _ in lines])
    return outcome


def _mark(asked: DayAsked, outcome: Outcome, number: int, visits: tuple[Visit, ...]) -> None:
    """One line's modifier, or why it has none."""
    day, line = asked.day, asked.lines[number]
    policy = asked.rulebook.policy(day.coverage.payer, "telehealth_modifier", day.date)
    assert policy is not None
    ways = [way for way in WAYS if way in {visit.telehealth for visit in visits}]
    said = " and ".join([WAYS[way] for way in ways])
    if len(ways) > 1:
        outcome.held.append(Held(number, f"it was given {said}, and what it carries is not decided"))
        outcome.findings.append(
            Finding(
                "telehealth.mixed", "warn",
                f"{line.name} was given {said} on one day; a line takes the modifier only if all of it was telehealth.",
                "Only a person can say which units were which; until then the line waits.", policy.cite, line.name,
            )
        )  # fmt: skip
        return
    modifier = policy.value.get(ways[0])
    if modifier is None:
        outcome.findings.append(
            Finding(
                "telehealth.way-not-known", "info",
                f"Not checked: which modifier {line.name} takes {said} on {day.date} is not known; none was added.",
                "Ask the payer, and add its answer with the source to your organization's rulebook.",
                policy.cite, line.name,
            )
        )  # fmt: skip
        return
    outcome.modifiers.append(
        LineModifier(
            rule=policy.id, cite=policy.cite, since=policy.since, status=policy.status, line=number, modifier=modifier,
            because=f"Each {line.discipline} visit that gave {line.line.code} was telehealth {said}.",
        )
    )  # fmt: skip


def _payable(asked: DayAsked, outcome: Outcome) -> None:
    day, rulebook = asked.day, asked.rulebook
    payable = rulebook.value_or_none("medicare.telehealth_payable", day.date)
    if payable is None:
        outcome.findings.append(
            Finding(
                "telehealth.not-known", "info",
                f"Not checked: whether Medicare pays telehealth of PT, OT and SLP on {day.date} is not known.",
                "Ask the contractor before the claim is sent.", where="visits",
            )
        )  # fmt: skip
        return
    if payable.value:
        return
    known = f" as published by {rulebook.known}" if rulebook.known is not None else ""
    outcome.findings.append(
        Finding(
            "telehealth.not-payable", "warn",
            f"Medicare did not pay telehealth of PT, OT and SLP on {day.date}{known}.",
            "Keep the claim back while the law has lapsed: earlier lapses were repaired back to their first day.",
            payable.cite, "visits",
        )
    )  # fmt: skip


def _codes(asked: DayAsked, outcome: Outcome, numbers: list[int]) -> None:
    """Codes of which nobody here knows whether Medicare lists them for telehealth."""
    day, rulebook = asked.day, asked.rulebook
    listed = rulebook.value_or_none("medicare.telehealth_codes", day.date)
    held = frozenset(listed.value) if listed is not None else frozenset()
    open_ = sorted({asked.lines[number].line.code for number in numbers} - held)
    if open_:
        outcome.findings.append(
            Finding(
                "telehealth.codes-not-checked", "info",
                f"Not checked: whether Medicare lists {' and '.join(open_)} for telehealth on {day.date}; its list was "
                "not read.",
                "Look the code up on CMS's list of telehealth services.",
                listed.cite if listed is not None else "", "visits",
            )
        )  # fmt: skip


def _method_not_recorded(asked: DayAsked, outcome: Outcome, second: Value, numbers: list[int]) -> None:
    for number in numbers:
        name = asked.lines[number].name
        outcome.held.append(Held(number, "whether the hospital bills under method II is not recorded"))
        outcome.findings.append(
            Finding(
                "telehealth.method-not-recorded", "warn",
                f"{name} was telehealth of a critical access hospital; only under method II it takes "
                f"{second.value}, and the day does not say which method.",
                "Add the modifier that the hospital's method asks for; until then the line waits.", second.cite, name,
            )
        )  # fmt: skip


def _payer_not_known(asked: DayAsked) -> Finding:
    payer = asked.rulebook.payer(asked.day.coverage.payer)
    return Finding(
        "telehealth.payer-not-known", "info",
        f"Not checked: how {payer.label or payer.id} wants telehealth shown on {asked.day.date} is not known; no "
        "modifier was added.",
        "Ask the payer which modifier and place it wants, and add its answer with the source to your organization's "
        "rulebook.", where="payer",
    )  # fmt: skip
