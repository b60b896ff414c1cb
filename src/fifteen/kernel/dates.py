"""Calendar dates and half-open ranges of them. Today is always an argument."""

from __future__ import annotations

from datetime import date

from fifteen.kernel.errors import UnreadableInput


def read_date(text: str, where: str = "date") -> date:
    """Read an ISO date (`YYYY-MM-DD`); `UnreadableInput` for anything else."""
    written = text.strip()
    try:
        day = date.fromisoformat(written)
    except ValueError:
        day = None
    if day is None or day.isoformat() != written:  # Python also reads 20260302 and 2026-W10-1
        raise UnreadableInput(
            f"{where}: {text!r} is not a date of the calendar; write it as YYYY-MM-DD, for example 2026-03-02."
        )
    return day


def in_range(day: date, start: date, until: date | None) -> bool:
    """Is `day` in the half-open range from `start` up to, not including, `until`?"""
    return start <= day and (until is None or day < until)
