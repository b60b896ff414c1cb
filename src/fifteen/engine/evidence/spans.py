"""Half-open spans of clock time: what is left of one when others are taken out, and how long they are together."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

Span = tuple[datetime, datetime]


def span(start: datetime, stop: datetime) -> Span:
    """In UTC, so that a change of daylight saving time inside the span changes nothing about its length."""
    return (start.astimezone(UTC), stop.astimezone(UTC))


def shared(one: Span, other: Span) -> Span | None:
    """The part both hold, None when they only touch or are apart."""
    start, stop = max(one[0], other[0]), min(one[1], other[1])
    return (start, stop) if start < stop else None


def without(whole: Span, taken: Iterable[Span]) -> list[Span]:
    """What is left of `whole` when `taken` is cut out of it."""
    left = [whole]
    for cut in taken:
        left = [
            part
            for piece in left
            for part in ((piece[0], min(piece[1], cut[0])), (max(piece[0], cut[1]), piece[1]))
            if part[0] < part[1]
        ] if any(shared(piece, cut) for piece in left) else left  # fmt: skip
    return left


def length(spans: Iterable[Span]) -> timedelta:
    """How long spans that do not intersect are together."""
    return sum((stop - start for start, stop in spans), timedelta())


def seconds(spans: Iterable[Span]) -> int:
    """Their whole seconds, parts of a second dropped once from the sum."""
    return length(spans) // timedelta(seconds=1)


def union(spans: Iterable[Span]) -> timedelta:
    """How long at least one of the spans lasts."""
    covered: list[Span] = []
    for each in spans:
        covered += without(each, covered)
    return length(covered)
