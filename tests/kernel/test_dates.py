"""Dates are of the calendar, ranges half open."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fifteen.kernel.dates import in_range, read_date
from fifteen.kernel.errors import UnreadableInput

DAY = timedelta(days=1)


@given(st.dates())
def test_a_date_reads_back(day: date) -> None:
    assert read_date(f" {day.isoformat()} ") == day


@pytest.mark.parametrize(
    "text", ["", "today", "2026-02-30", "2026-13-01", "03/02/2026", "2026-3-2", "0000-01-01", "2026-03-02T08:00"]
)
def test_what_is_no_date_is_refused(text: str, says: Callable[..., None]) -> None:
    with pytest.raises(UnreadableInput) as error:
        read_date(text, "--on")
    says(error.value, "--on", repr(text), "YYYY-MM-DD")


@pytest.mark.parametrize("text", ["20260302", "2026-W10-1", "2026W101"])
def test_only_one_way_to_write_a_date(text: str) -> None:
    with pytest.raises(UnreadableInput):
        read_date(text)


@given(st.dates(max_value=date(2900, 1, 1)), st.integers(1, 10_000))
def test_a_range_holds_its_first_day_and_not_its_last(start: date, length: int) -> None:
    until = start + length * DAY
    assert in_range(start, start, until)
    assert in_range(until - DAY, start, until)
    assert not in_range(until, start, until)


@given(st.dates(min_value=date(2, 1, 1), max_value=date(9000, 1, 1)))
def test_a_range_without_end_goes_on(start: date) -> None:
    assert in_range(date.max, start, None)
    assert in_range(start, start, None)
    assert not in_range(start - DAY, start, None)
