"""A payer's own limits over the whole day: caps that reach over disciplines or visits, limits by code, pairs.

The cap on one discipline's units is said with its units, and what a cap on money takes away with the price.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec

from fifteen.engine.claim_lines import DayAsked, DayLine, Outcome
from fifteen.engine.edits.gathered import by_code, by_discipline, hold, units_on
from fifteen.engine.units.notes import listed, plural
from fifteen.kernel.finding import Finding, Severity
from fifteen.rulebook import Rulebook
from fifteen.rulebook.resolve import Value

_SCOPES = {"npi": "for one treating provider", "discipline": "for one discipline"}


class _Payer(msgspec.Struct, frozen=True):
    """The payer, how it is called, and what it says of a field on the day."""

    id: str
    label: str
    rulebook: Rulebook
    on: date

    def says(self, field: str) -> Value | None:
        return self.rulebook.policy(self.id, field, self.on)


def payer_limits(asked: DayAsked) -> Outcome:
    """What the payer's policy says of the day's lines beyond the units of one discipline."""
    policy = asked.rulebook.payer(asked.day.coverage.payer)
    payer = _Payer(policy.id, policy.label or policy.id, asked.rulebook, asked.day.date)
    outcome = Outcome()
    _unit_cap(asked, payer, outcome)
    _code_limits(asked, payer, outcome)
    _pairs(asked, payer, outcome)
    _money_cap(asked, payer, outcome)
    _not_known(asked, payer, outcome)
    return outcome


# -- caps on units -------------------------------------------------------------------------------------------------


def _unit_cap(asked: DayAsked, payer: _Payer, outcome: Outcome) -> None:
    """A cap by visit where a discipline has several, and a cap by provider over all disciplines."""
    cap = payer.says("unit_cap")
    if cap is None or "units" not in cap.value:
        return
    most: int = cap.value["units"]
    counted = [place for place, each in enumerate(asked.lines) if "only" not in cap.value or _timed(asked, each)]
    groups = by_discipline(asked.lines, counted)
    units = {discipline: units_on(asked.lines, places) for discipline, places in groups.items()}
    over = sum(max(each - most, 0) for each in units.values())
    if cap.value["per"] == "visit":
        for discipline, each in units.items():
            visits = sum(bool(v.intervals) and v.discipline == discipline for v in asked.day.all_visits())
            if visits > 1 and each > most:
                outcome.findings.append(_several_visits(payer, cap, discipline, visits, each))
    elif cap.value["scope"] == "npi" and _one_number(asked):
        whole = sum(units.values())
        if whole - most > over:  # more than the disciplines by themselves are over it
            outcome.findings.append(
                Finding(
                    "payer.unit-cap-together", "warn",
                    f"{payer.label} pays at most {plural(most, 'unit')} a day for one treating provider; "
                    f"{listed(list(units))} are billed under one number and have {whole} together.",
                    "The lines show what the minutes support; the payer denies what lies over its cap. "
                    "Never split a line to pass it.",
                    cap.cite, "payer",
                )
            )  # fmt: skip


def _several_visits(payer: _Payer, cap: Value, discipline: str, visits: int, units: int) -> Finding:
    most = cap.value["units"] * visits
    return Finding(
        "payer.unit-cap-visits", "info" if units <= most else "warn",
        f"{payer.label} caps each visit: the {visits} {discipline} visits of this day may hold {plural(most, 'unit')} "
        f"together, and have {units}.",
        "Minutes count over the day: look which visit each unit belongs to.", cap.cite, discipline,
    )  # fmt: skip


def _timed(asked: DayAsked, line: DayLine) -> bool:
    service = asked.rulebook.service(line.line.code, asked.day.date)
    return service is not None and service.unit_minutes is not None


def _one_number(asked: DayAsked) -> bool:
    """Do all disciplines stand under one provider number?"""
    return asked.day.billing in asked.rulebook.value("fifteen.one_provider_number", asked.day.date).value


# -- limits by code, pairs -----------------------------------------------------------------------------------------


def _code_limits(asked: DayAsked, payer: _Payer, outcome: Outcome) -> None:
    limits = payer.says("code_limits")
    if limits is None or "none" in limits.value:
        return
    scope: str = limits.value["scope"]
    for code, places in by_code(asked.lines).items():
        most = limits.value["units"].get(code)
        if most is None:
            continue
        whole = scope == "npi" and _one_number(asked)
        for discipline, group in ({"": places} if whole else by_discipline(asked.lines, places)).items():
            units = units_on(asked.lines, group)
            if units > most:
                severity = _severity(limits)
                outcome.findings.append(
                    Finding(
                        "payer.code-limit", severity,
                        f"{payer.label} pays at most {plural(most, 'unit')} of {code} a day ({_SCOPES[scope]}), and "
                        f"{units} stand on the lines.",
                        "The units stay as they were given; expect a denial of the rest, and appeal it with the notes "
                        "where the payer allows that. Never split a line to pass it.",
                        limits.cite, f"{discipline} {code}".strip(),
                    )
                )  # fmt: skip
                if severity == "block":
                    outcome.held += hold(group, f"{code}: {plural(units, 'unit')}, and the limit is {most}.")


def _pairs(asked: DayAsked, payer: _Payer, outcome: Outcome) -> None:
    pairs = payer.says("forbidden_pairs")
    places = by_code(asked.lines)
    for pair in pairs.value if pairs is not None else ():
        first, second = pair.split("+")
        if pairs is None or first not in places or second not in places:
            continue
        severity = _severity(pairs)
        outcome.findings.append(
            Finding(
                "payer.forbidden-pair", severity, f"{payer.label} does not pay {second} on a day with {first}.",
                f"Both stand on the lines as they were given; expect a denial of {second}, or ask the payer before it "
                "is billed. Never leave a code out or change it only to pass.",
                pairs.cite, second,
            )
        )  # fmt: skip
        if severity == "block":
            outcome.held += hold(places[second], f"{payer.label} does not pay {second} on a day with {first}.")


def _severity(value: Value) -> Severity:
    """A payer's limit warns; where its own text was read and its entry says so, it holds."""
    return "block" if value.severity == "block" else "warn"


# -- what others say, and what is not known ------------------------------------------------------------------------


def _money_cap(asked: DayAsked, payer: _Payer, outcome: Outcome) -> None:
    cap = payer.says("money_cap")
    if cap is None or "none" in cap.value or any(cents is not None for cents in asked.allowed):
        return
    per, scope = cap.value["per"], cap.value["scope"]
    outcome.findings.append(
        Finding(
            "payer.money-cap-not-checked", "info",
            f"Not checked: {payer.label} has a cap on money a {per} ({_SCOPES[scope]}), and no price of the lines is "
            "known.",
            "Name the day's locality, or price the lines by themselves.", cap.cite, "payer",
        )
    )  # fmt: skip


def _not_known(asked: DayAsked, payer: _Payer, outcome: Outcome) -> None:
    """Which limits nobody knows of this payer; of one that follows Medicare its own are asked for."""
    if asked.rulebook.follows(payer.id, "medicare"):
        return
    fields = (("unit_cap", "cap on units"), ("code_limits", "limits by code"), ("forbidden_pairs", "forbidden pairs"))
    missing: Sequence[str] = [name for field, name in fields if payer.says(field) is None]
    if missing:
        outcome.findings.append(
            Finding(
                "payer.limits-not-known", "info",
                f"Not checked: not known of {payer.label} are {listed(missing)}; Medicare's were not taken for it.",
                "Ask the payer, and add its answer with the source to your organization's rulebook.", where="payer",
            )
        )  # fmt: skip
