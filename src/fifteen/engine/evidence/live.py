"""Corrections: an interval never changes; another one amends it, with a reason, and both are kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fifteen.engine.day import Interval
from fifteen.kernel.finding import Finding


def live(intervals: Iterable[Interval]) -> tuple[list[Interval], list[Finding]]:
    """The intervals that no other amends, in the order given, and what is wrong with the corrections."""
    given = list(intervals)
    by_id = {interval.id: interval for interval in given}
    amended: dict[str, list[str]] = {}
    findings = []
    for interval in given:
        if interval.amends is None:
            continue
        amended.setdefault(interval.amends, []).append(interval.id)
        if interval.amends not in by_id:
            findings.append(
                _warn("unknown", interval.id, f"{interval.id} amends {interval.amends}, which the day does not hold")
            )
        if not interval.reason.strip():
            findings.append(
                _warn("no-reason", interval.id, f"{interval.id} amends {interval.amends} and gives no reason")
            )
    for id_, amending in amended.items():
        if len(amending) > 1:
            findings.append(_warn("twice", id_, f"{' and '.join(sorted(amending))} both amend {id_}, and both count"))
    for interval in given:
        if [interval, *_chain(interval, by_id)][-1].amends == interval.id:
            findings.append(
                _warn(
                    "in-a-circle",
                    interval.id,
                    f"{interval.id} amends itself through its own corrections; none of them counts",
                )
            )
    return [interval for interval in given if interval.id not in amended], findings


def history(interval: Interval, intervals: Sequence[Interval]) -> list[Interval]:
    """What `interval` corrected, the newest first, back to the first value recorded."""
    return _chain(interval, {each.id: each for each in intervals})


def _chain(interval: Interval, by_id: dict[str, Interval]) -> list[Interval]:
    chain: list[Interval] = []
    seen = {interval.id}
    before = by_id.get(interval.amends or "")
    while before is not None and before.id not in seen:
        chain.append(before)
        seen.add(before.id)
        before = by_id.get(before.amends or "")
    return chain


def _warn(id_: str, where: str, message: str) -> Finding:
    fix = "Record one correction that names the interval it corrects and says why."
    return Finding(f"amendment.{id_}", "warn", f"{message}.", fix, where=where)
