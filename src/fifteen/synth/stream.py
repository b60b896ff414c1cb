"""Days without end for measuring: one practice after the other, and never more than one in memory."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from fifteen.engine.day import Context, Day
from fifteen.rulebook import load_rulebook
from fifteen.synth.days import Chart
from fifteen.synth.practice import ANCHOR, Size, practice


def stream(
    seed: int, visits: int = 1_000_000, *, at: datetime = ANCHOR, size: Size | None = None
) -> Iterator[tuple[Day, Context]]:
    """Days that can be assessed, of as many practices as it takes for `visits` visits; the same for the same seed."""
    book, number, seen = load_rulebook(), 0, 0
    while seen < visits:
        chart = Chart(practice(f"{seed}/{number}", at=at, size=size, book=book))
        for day, context in chart.days():
            if seen >= visits:
                return
            seen += len(day.visits)
            yield day, context
        number += 1
