"""Pairs of codes that are not both paid on one day (NCCI procedure-to-procedure edits): what a day's codes meet.

The code of column 2 is the one denied. Indicator 0: no modifier opens the pair; 1: one of the payer's modifiers does,
where the two were distinct (`fifteen.engine.modifiers.distinct`). Only a row whose dates were read, of a release made
for the day, may block. A table is silent about codes that it was not taken for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby

from fifteen.engine.claim_lines import DayAsked, Held, Outcome
from fifteen.engine.edits.pair_tables import Absent, Pair, Pairs, PairTable, pair_table, pairs_among
from fifteen.kernel.finding import Finding, Severity, blocking


def pairs_of(asked: DayAsked) -> Pairs | str | None:
    """All pairs among the billed codes of the day; a sentence where they are not known, None where there are none."""
    codes = {each.line.code for each in asked.lines if each.line.units > 0}
    if len(codes) < 2:
        return None
    table = table_asked(asked)
    return pairs_among(asked.rulebook, table, codes, asked.day.date) if isinstance(table, PairTable) else table


def table_asked(asked: DayAsked) -> PairTable | str | None:
    """The table that checks this day's claim, known or not, however many codes it has."""
    day = asked.day
    return pair_table(asked.rulebook, day.coverage.payer, day.billing, day.date)


def pairs_room(asked: DayAsked) -> Outcome:
    """What the pairs of the day mean: which line waits because of which, and what was looked up in vain."""
    outcome = Outcome()
    found = pairs_of(asked)
    if isinstance(found, str):
        outcome.findings.append(
            Finding(
                "pairs.not-checked", "info", f"Not checked: pairs of codes that are not both paid on one day; {found}.",
                "Ask the payer, and add its table with the source to your organization's rulebook.", where="payer",
            )
        )  # fmt: skip
    if not isinstance(found, Pairs):
        return outcome
    for pair in found.in_force:
        outcome.findings.append(about_pair(pair, found.table, asked.day.date))
        if not pair.opens:
            why = f"{pair.column2} is not paid beside {pair.column1}, and no modifier opens that."
            outcome.held += [
                Held(place, " ".join((why, *last_known(pair))))
                for place, each in enumerate(asked.lines)
                if each.line.code == pair.column2 and each.line.units > 0
            ]
    outcome.findings += _looked_up(found, asked)
    return outcome


def last_known(pair: Pair) -> Sequence[str]:
    """A sentence on the age of what is known of a pair; none where it is of the day."""
    if not pair.release:
        return ["Of which release the table is, is not known."]
    return [f"Last known {pair.release}."] if pair.stale else []


def about_pair(pair: Pair, table: PairTable, on: date) -> Finding:
    """What a pair in force means on a day, and how well that is known."""
    sure = pair.certain and not pair.stale
    if not pair.release:
        how = f"The table does not say of which release it is, so whether it stands on {on} is not known."
    elif pair.stale:
        how = f"Last known {pair.release}; whether it still stands on {on} is not known."
    else:
        how = f"In force on {on} by release {pair.release}."
    if pair.release and not pair.certain:
        how = f"The day it began is not known; release {pair.release} shows it."
    if pair.opens:
        id_ = "pairs.if-distinct"
        severity: Severity = "info" if sure else "warn"
        said = f"{table.label} pays {pair.column2} beside {pair.column1} on one day only where the two were distinct."
        fix = "Look at the evidence, and attest it or take the unit off."
    else:
        id_ = "pairs.never-together"
        severity = blocking(pair.status) if table.policy.status == "primary" and sure else "warn"
        said = f"{table.label} does not pay {pair.column2} beside {pair.column1} on one day; no modifier opens that."
        fix = "Bill the code that describes the day and leave the other off, with the reason in the record."
    if not sure:
        fix = " ".join(("Look the pair up in the payer's present table.", fix))
    return Finding(id_, severity, " ".join((said, how)), fix, pair.cite, pair.column2)


def _looked_up(found: Pairs, asked: DayAsked) -> Iterable[Finding]:
    """Which pairs are in no row, and as of which release: never more than the release can say."""
    on = asked.day.date
    cite = found.table.policy.cite
    for release, absent in groupby(sorted(found.absent, key=_order), key=lambda each: each.release):
        listed = ", ".join("+".join(each.codes) for each in absent)
        if release is None:
            said = f"Not checked: {listed}; no release that is held covers both codes."
            yield Finding(
                "pairs.not-covered", "info", said, "Look them up in the payer's present table.", cite, "lines"
            )
            continue
        said = f"Looked up and no pair in force on {on}: {listed}, as of release {release.name}."
        if release.until <= on:
            said = f"Looked up and no pair in force when last known, in release {release.name}: {listed}. What was "
            said += f"added since, up to {on}, is not known."
        yield Finding("pairs.none-in-force", "info", said, cite=cite, where="lines")


def _order(absent: Absent) -> tuple[date, Sequence[str]]:
    return absent.release.start if absent.release is not None else date.max, absent.codes
