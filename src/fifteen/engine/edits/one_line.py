"""One line for each code and set of modifiers: units of one service on two equal lines are taken for a duplicate."""

from __future__ import annotations

from fifteen.engine.claim_lines import DayAsked, Outcome
from fifteen.engine.edits.gathered import by_code
from fifteen.engine.units.notes import listed
from fifteen.kernel.finding import Finding


def one_line(asked: DayAsked) -> Outcome:
    """Find equal lines: two disciplines gave one code on which no plan's modifier tells them apart."""
    rule = asked.rulebook.value_or_none("medicare.one_line_per_code", asked.day.date)
    outcome = Outcome()
    for code, places in by_code(asked.lines).items() if rule is not None else ():
        sets: dict[frozenset[str], list[int]] = {}
        for place in places:
            sets.setdefault(frozenset(asked.lines[place].line.modifiers), []).append(place)
        for equal in sets.values():
            if len(equal) > 1 and rule is not None:
                plans = sorted({asked.lines[place].discipline for place in equal})
                outcome.findings.append(
                    Finding(
                        "limits.equal-lines", "warn",
                        f"{code} stands on {len(equal)} lines with the same modifiers ({listed(plans)}); units of one "
                        "code and date belong on one line, and split ones may be rejected.",
                        "Ask the payer how it tells the disciplines apart; never add a modifier only to make lines "
                        "differ.",
                        rule.cite, code,
                    )
                )  # fmt: skip
    return outcome
