"""Units of a code that Medicare allows each discipline a day (CMS Pub. 100-04 ch. 5 s. 20.2.D)."""

from __future__ import annotations

from fifteen.engine.claim_lines import DayAsked, Outcome
from fifteen.engine.edits.gathered import by_code, by_discipline, hold, units_on
from fifteen.engine.units.notes import plural
from fifteen.kernel.finding import Finding, blocking


def discipline_units(asked: DayAsked) -> Outcome:
    """Compare the units of each code and plan with the table `discipline_units`; for payers that follow Medicare.

    Where the code belongs to another discipline, `modifiers.wrong-discipline` says so already: its lines are only held.
    A denial that the clinician expects (an advance notice was the way to tell the patient) is not held.
    """
    outcome = Outcome()
    on = asked.day.date
    expected = {code for each in asked.day.expected if each.why == "not-necessary" for code in each.codes}
    for code, places in by_code(asked.lines).items():
        row = asked.rulebook.row("discipline_units", code, on)
        if row is None:
            continue
        service = asked.rulebook.service(code, on)
        owners = service.disciplines if service is not None else ()
        for plan, lines in by_discipline(asked.lines, places).items():
            units, most = units_on(asked.lines, lines), int(row[plan.lower()])
            if units <= most:
                continue
            severity = blocking("primary" if row["status"] == "primary" else "secondary")
            if code in expected:
                severity = "warn"
            if severity == "block":
                outcome.held += hold(lines, f"{code}: {plural(units, 'unit')} under a {plan} plan, and {most} allowed.")
            if owners and plan not in owners:
                continue
            outcome.findings.append(
                Finding(
                    "limits.discipline", severity,
                    f"{code}: {plural(units, 'unit')} under the {plan} plan, and Medicare allows {most} a day for one "
                    "discipline.",
                    "Check the record; the units stay as they are. What lies over is denied as not reasonable and "
                    "necessary: that can be appealed, and with an advance notice (ABN) signed before the service the "
                    "patient may be charged.",
                    asked.rulebook.cite(row["refs"].split()), f"{plan} {code}",
                )
            )  # fmt: skip
    return outcome
