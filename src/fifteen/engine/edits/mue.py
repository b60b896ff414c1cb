"""Medicare's limits on the units of one code a day (NCCI medically unlikely edits, MUE).

A limit is a row of the table `mue`: one number for practitioners, one for outpatient hospitals, each with its indicator
(MAI) and the quarterly files that showed it. On a date whose quarter is not among those the limit is the last known
one: it warns, never holds a claim, and what lies within it is not said to be clean. The units stay as they are.
"""

from __future__ import annotations

from datetime import date

import msgspec

from fifteen.engine.claim_lines import DayAsked, Outcome
from fifteen.engine.day import Billing
from fifteen.engine.edits.gathered import by_code, hold, units_on
from fifteen.engine.units.notes import listed, plural
from fifteen.kernel.finding import Finding, Severity, Status
from fifteen.rulebook import Rulebook
from fifteen.rulebook.resolve import Value

MONTHS_OF_A_QUARTER = 3  # not law: the calendar
_FILES = {"practitioner": "practitioner file", "hospital": "outpatient hospital file"}
_INDICATORS = ("medicare.mue_by_line", "medicare.mue_absolute", "medicare.mue_by_day")
_CHECK = "Check the units against the record; they stay as they are."
_MEANS = {
    "medicare.mue_by_line": f"{_CHECK} Each line is judged by itself; never split one only to pass.",
    "medicare.mue_absolute": (
        f"{_CHECK} This limit is absolute: an appeal does not overcome it. Correct the record if it is wrong; never "
        "split the line or move units to another code."
    ),
    "medicare.mue_by_day": (
        f"{_CHECK} If all were given and needed, bill them on one line and appeal the denial with the notes. Treatment "
        "may be planned over more days; never split the line or lower the units to pass."
    ),
}


class _Limit(msgspec.Struct, frozen=True):
    """The limit of a code for a way of billing: from which file, and whether that is the file of the date."""

    code: str
    most: int
    kind: Value
    label: str
    release: str
    current: bool
    status: Status
    cite: str

    @property
    def severity(self) -> Severity:
        """Only a limit of the date itself, read in the file, may hold a claim."""
        return self.kind.severity if self.current and self.status == "primary" else "warn"


def mue(asked: DayAsked) -> Outcome:
    """Compare the units of each code with its limit; for payers that follow Medicare."""
    outcome = Outcome()
    within: dict[tuple[str, str], list[_Limit]] = {}
    for code, places in by_code(asked.lines).items():
        limit = _limit(asked.rulebook, code, asked.day.billing, asked.day.date)
        if isinstance(limit, Finding):
            outcome.findings.append(limit)
            continue
        by_line = limit.kind.id == "medicare.mue_by_line"
        groups = [[place] for place in places] if by_line else [places]
        counted = [(units_on(asked.lines, group), group) for group in groups]
        for units, group in sorted(counted, reverse=True):
            if units <= limit.most:
                continue
            found = _over(limit, units)
            outcome.findings.append(found)
            if found.severity == "block":
                outcome.held += hold(group, f"{code}: {plural(units, 'unit')}, and the limit is {limit.most}.")
        if not limit.current and max(counted)[0] <= limit.most:
            within.setdefault((limit.label, limit.release), []).append(limit)
    outcome.findings += [_last_known(limits) for limits in within.values()]
    return outcome


def _limit(rulebook: Rulebook, code: str, billing: Billing, on: date) -> _Limit | Finding:
    """The limit of `code`, or a finding that says why none can be checked."""
    ways = (
        ("practitioner", rulebook.value("medicare.mue_practitioner", on)),
        ("hospital", rulebook.value("medicare.mue_hospital", on)),
    )
    way, table = next(((name, value) for name, value in ways if billing in value.value), ("", ways[0][1]))
    if not way:
        return _not_checked(code, f"which unit limits hold for this way of billing ({billing}) is not known", table)
    row = rulebook.row("mue", code, on)
    if row is None:
        return _not_checked(code, f"no unit limit (MUE) of this code is held for {on}", table)
    kinds = [rulebook.value(each, on) for each in _INDICATORS]
    kind = next((each for each in kinds if each.value == row[f"{way}_mai"]), None)
    if kind is None:
        return _not_checked(code, f"the indicator {row[f'{way}_mai']!r} of its unit limit is not known", table)
    releases = row[f"{way}_releases"].split()
    return _Limit(
        code=code, most=int(row[way]), kind=kind, label=_FILES[way], release=releases[-1].replace("-", " "),
        current=_quarter(on) in releases,
        status="primary" if row["status"] == table.status == "primary" else "secondary",
        cite=rulebook.cite(row["refs"].split()),
    )  # fmt: skip


def _quarter(on: date) -> str:
    """The name of the quarterly file that is for a date: `2026-Q4`."""
    return f"{on.year}-Q{(on.month - 1) // MONTHS_OF_A_QUARTER + 1}"


def _over(limit: _Limit, units: int) -> Finding:
    source = f"MUE, {limit.label} of {limit.release}, MAI {limit.kind.value}"
    newer = "" if limit.current else " The file of this date was not read."
    if not limit.most:
        return Finding(
            "limits.mue-none", limit.severity,
            f"{limit.code}: Medicare accepts no unit of it this way ({source}).{newer}",
            "Document it, and bill it to Medicare only where another code stands for what was done.",
            limit.cite, limit.code,
        )  # fmt: skip
    return Finding(
        "limits.mue", limit.severity,
        f"{limit.code}: {plural(units, 'unit')}, and Medicare accepts {limit.most} ({source}).{newer}",
        _MEANS[limit.kind.id], limit.cite, limit.code,
    )  # fmt: skip


def _last_known(limits: list[_Limit]) -> Finding:
    """Codes within limits of one file that is not the date's: said together, and never called clean."""
    first = limits[0]
    codes = listed([each.code for each in limits])
    return Finding(
        "limits.mue-last-known", "info",
        f"Not checked: within the unit limit last known, from the {first.label} of {first.release}: {codes}. The file "
        "of this date was not read.",
        "Look at the newest MUE file, or add its rows with their source to your organization's rulebook.",
        first.cite, codes,
    )  # fmt: skip


def _not_checked(code: str, said: str, table: Value) -> Finding:
    return Finding(
        "limits.mue-not-checked", "info", f"Not checked: {code}, {said}.",
        "Look the limit up in CMS's file of that quarter.", table.cite, code,
    )  # fmt: skip
