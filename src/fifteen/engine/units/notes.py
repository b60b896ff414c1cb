"""What is worth saying about a count: each function returns findings, with the law beside each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from fifteen.engine.units.answer import Cap, Comparison, Documented, Line, Method, Tied
from fifteen.engine.units.family import Family, Given
from fifteen.engine.units.method import Chosen, Counting
from fifteen.kernel.finding import Finding, blocking
from fifteen.kernel.minutes import MINUTES_PER_DAY, ServiceMinutes
from fifteen.rulebook import Rulebook
from fifteen.rulebook.resolve import Value

METHOD_NAMES: dict[Method, str] = {
    "total": "total timed minutes",
    "midpoint": "the CPT midpoint of each code",
}


def plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def listed(words: Sequence[str], joint: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    head, last = words[:-1], words[-1]
    return f"{', '.join(head)} {joint} {last}" if head else last


def units_of(allocation: Mapping[str, int]) -> str:
    """`97110 x2, 97140 x1`, zero-unit codes left out; `no unit` when nothing is left."""
    return ", ".join(f"{code} x{units}" for code, units in allocation.items() if units) or "no unit"


def one_decimal(minutes: int, units: int) -> str:
    """`minutes` a unit with one decimal, half up, as text: 40 for 3 units is `13.3`."""
    tenths = (20 * minutes + units) // (2 * units)  # not law: tenths, rounded half up
    return f"{tenths // 10}.{tenths % 10}"  # not law: tenths


# -- what was given ------------------------------------------------------------------------------------------------


def about_minutes(given: Mapping[str, ServiceMinutes], families: Sequence[Family]) -> list[Finding]:
    found = []
    total = sum(minutes.total for minutes in given.values())
    if total > MINUTES_PER_DAY:
        found.append(
            Finding(
                "units.more-than-a-day",
                "warn",
                f"{total} minutes were given for one day, which has {MINUTES_PER_DAY}.",
                "Check the minutes; they count as they are, and no service is explained beyond the units of a day.",
                where=listed(list(given)),
            )
        )
    for family in families:
        base, addon = family.base, family.addon
        if addon is not None and base.code not in family.typed:
            found.append(
                Finding(
                    "units.add-on-alone",
                    "warn",
                    f"{addon.code} only adds to {base.code}: its minutes were counted from the first unit, "
                    f"which is {base.code}'s.",
                    f"Give the minutes under {base.code} if it was done; an add-on without its base is denied.",
                    addon.cite,
                    addon.code,
                )
            )
        needed = [each for each in (base, addon) if each is not None and each.code in family.typed and each.needs]
        for service in needed:
            if service.continues is None and service.needs not in given:
                found.append(
                    Finding(
                        "units.add-on-alone",
                        "warn",
                        f"{service.code} only adds to {service.needs}, which is not among the day's services.",
                        f"Add {service.needs} if it was done; an add-on without its base is denied.",
                        service.cite,
                        service.code,
                    )
                )
        if base.period == "month":
            found.append(
                Finding(
                    "units.minutes-of-a-month",
                    "info",
                    f"{base.code} counts the minutes of a calendar month; {family.minutes} was taken for all of them.",
                    "Give the month's total once; it never joins the day's timed minutes.",
                    base.cite,
                    base.code,
                )
            )
    return found


def about_codes(
    given: Mapping[str, ServiceMinutes],
    absent: Sequence[str],
    rulebook: Rulebook,
    payer: str | None,
    on: date,
) -> list[Finding]:
    found = []
    for code in absent:
        found.append(
            Finding(
                "units.code-not-in-force",
                "warn",
                f"{code} is not in force on {on} (held {rulebook.service_span(code)}) and was not counted.",
                "Choose the code that was in force on the day, or check the date.",
                where=code,
            )
        )
    if payer is None or not rulebook.follows(payer, "medicare"):
        return found
    for code in given:
        row = rulebook.row("medicare_code_status", code, on)
        if row is not None:
            instead = row["use_instead"]
            found.append(
                Finding(
                    f"units.{_LETTERS[row['letter']][0]}",
                    blocking("primary" if row["status"] == "primary" else "secondary")
                    if row["letter"] in "IN"
                    else "info",
                    f"{code}: Medicare {_LETTERS[row['letter']][1]}.",
                    f"Bill {instead} instead if that is what was done." if instead else "Document it all the same.",
                    rulebook.cite(row["refs"].split()),
                    code,
                )
            )
    return found


# Status letters of the Medicare fee schedule: the finding's name and what the letter means.
_LETTERS = {
    "B": ("bundled", "never pays this code apart: its payment is part of the day's other services"),
    "C": ("priced-by-contractor", "leaves the price of this code to each contractor"),
    "I": ("invalid-for-medicare", "does not accept this code"),
    "N": ("not-covered", "does not cover this code"),
}


# -- which method --------------------------------------------------------------------------------------------------


def method_unknown(rulebook: Rulebook, payer: str | None, chosen: Chosen, on: date) -> Finding:
    if payer is None:
        return Finding(
            "payer.method-unknown", "warn", "Neither a payer nor a method was given, so no unit was counted.",
            "Name the payer, or ask for a method: total or midpoint.", where="payer",
        )  # fmt: skip
    policy = rulebook.payer(payer)
    known = rulebook.parameters.get(f"payer.{policy.id}.counting_method")
    when = f"on {on}: its policy is known from {known.at[0].entry.start}" if known else "from any policy text"
    held = " Your organization holds such claims." if chosen.policy is not None else ""
    return Finding(
        "payer.method-unknown",
        "warn",
        f"How {policy.label or policy.id} turns minutes into units is not known {when}; no unit was counted.{held}",
        "Ask the payer and add its answer with the source to your organization's rulebook, "
        "or choose a method for it (total or midpoint); the choice is marked on the answer.",
        where="payer",
    )


def about_payer(rulebook: Rulebook, payer: str, by: Chosen, cap: Cap | None) -> list[Finding]:
    label = rulebook.payer(payer).label or payer
    found = []
    if by.by != "payer":
        source = "your organization's default" if by.by == "organization" else "the method you asked for"
        found.append(
            Finding(
                "payer.method-assumed",
                "warn",
                f"How {label} counts is not known: the units follow {source}, not its policy.",
                "Ask the payer and add its answer with the source to your organization's rulebook.",
                by.policy.cite if by.policy is not None else "",
                "payer",
            )
        )
    if cap is not None and cap.over:
        most = plural(cap.units, f"{cap.only} unit".strip())
        found.append(
            Finding(
                "payer.unit-cap",
                "warn",
                f"{label} pays at most {most} a {cap.per} ({_SCOPES[cap.scope]}); "
                f"the minutes support {plural(cap.over, 'unit')} more.",
                "The lines show what the minutes support; the payer denies what lies over its cap. "
                "Never split a line to pass it.",
                cap.cite,
                "payer",
            )
        )
    return found


_SCOPES = {"npi": "for one treating provider", "discipline": "for one discipline"}


def methods_differ(ours: Method, timed_units: int, other: Comparison, law: Counting) -> Finding:
    values: dict[Method, Value] = {"total": law.total, "midpoint": law.midpoint}
    return Finding(
        "units.methods-differ",
        "info",
        f"By {METHOD_NAMES[ours]}: {plural(timed_units, 'timed unit')}. "
        f"By {METHOD_NAMES[other.method]}: {other.timed_units} ({units_of(other.suggested)}).",
        "The payer's rule decides, never the higher count.",
        f"{values[ours].cite}; {values[other.method].cite}",
    )


def secondary_differs(label: str, method: Method, suggested: Mapping[str, int], cite: str) -> Finding:
    return Finding(
        "units.secondary-differs",
        "warn",
        f"The secondary payer, {label}, counts by {METHOD_NAMES[method]} and would allow {units_of(suggested)}; "
        "the lines follow the primary.",
        "Bill the primary's lines to both, and expect the secondary to answer otherwise.",
        cite,
        "secondary",
    )


def secondary_unknown(label: str) -> Finding:
    return Finding(
        "units.secondary-not-checked",
        "info",
        f"Not checked: how the secondary payer, {label}, counts is not known.",
        "The lines follow the primary.",
        where="secondary",
    )


# -- what was counted ----------------------------------------------------------------------------------------------


def documented_only(documented: Sequence[Documented], day: Given, law: Counting, method: Method) -> list[Finding]:
    """Zero-unit services, each with the rule that was not met."""
    rules = {code: counting_rule(family, law, method) for family in day.families for code in family.codes}
    return [
        Finding(
            "units.documented-not-billable",
            "info",
            f"{each.code} ({plural(each.minutes, 'minute')}): documented, not billable; it earns no unit.",
            "Keep it and its minutes in the note; leave it off the claim.",
            rules[each.code].cite,
            each.code,
        )
        for each in documented
        if each.code in rules
    ]


def counting_rule(family: Family, law: Counting, method: Method) -> Value:
    """The rule that decides whether the minutes of a family reach a unit."""
    if method == "total" and family.base.pooled:
        return law.total
    return law.whole_time if method == "total" and family.base.code in law.whole else law.midpoint


def tie(tied: Tied, taken: Sequence[str], recorded: bool, cite: str) -> Finding:
    equal = f"{listed(tied.codes)} have equal minutes left over for {plural(tied.choose, 'more unit')}"
    if recorded:
        said = f"{equal}; the professional gave it to {listed(taken)}."
        return Finding("units.tie-chosen", "info", said, cite=cite, where=listed(tied.codes))
    return Finding(
        "units.tie",
        "info",
        f"{equal}; the law names none of them. Suggested: {listed(taken)}, by more minutes and then by lower code, "
        "which is our order and not law.",
        "The treating professional chooses; the choice is recorded.",
        cite,
        listed(tied.codes),
    )


def cap_on(rulebook: Rulebook, payer: str, on: date, lines: Sequence[Line]) -> Cap | None:
    """The payer's unit cap on `on`, None where it has none or none is known."""
    value = rulebook.policy(payer, "unit_cap", on)
    if value is None or "units" not in value.value:
        return None
    most = value.value["units"]
    only = value.value.get("only", "")
    over = max(sum(line.units for line in lines if not only or _timed(rulebook, line.code, on)) - most, 0)
    return Cap(most, value.value["per"], value.value["scope"], over, value.cite, value.status, only)


def _timed(rulebook: Rulebook, code: str, on: date) -> bool:
    service = rulebook.service(code, on)
    return service is not None and service.unit_minutes is not None
