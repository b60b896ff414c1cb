"""Cents are exact, and rounded in one place only."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fifteen.kernel.errors import UnreadableInput
from fifteen.kernel.money import (
    percent_of,
    read_cents,
    round_half_up,
    show_cents,
    show_percent_of,
    to_dollars,
)

CENTS = st.integers(-(10**15), 10**15)


@pytest.mark.parametrize(
    ("dollars", "cents"),
    [
        ("0", 0),
        ("0.004", 0),
        ("0.005", 1),
        ("0.0049999999999", 0),
        ("38.425", 3843),
        ("38.435", 3844),
        ("1.015", 102),
        ("-0.005", -1),
        ("-0.004", 0),
        ("38", 3800),
    ],
)
def test_half_a_cent_goes_up(dollars: str, cents: int) -> None:
    assert round_half_up(Decimal(dollars)) == cents


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=6))
def test_rounding_moves_no_amount_by_more_than_half_a_cent(amount: Decimal) -> None:
    assert abs(Decimal(round_half_up(amount)) - amount * 100) <= Decimal("0.5")


@pytest.mark.parametrize(
    ("cents", "shown"),
    [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (100, "1.00"), (3843, "38.43"), (-12345, "-123.45")],
)
def test_cents_are_shown_with_two_places(cents: int, shown: str) -> None:
    assert show_cents(cents) == shown


@given(CENTS)
def test_what_is_shown_reads_back(cents: int) -> None:
    assert read_cents(show_cents(cents)) == cents


@pytest.mark.parametrize(
    ("text", "cents"), [("38", 3800), ("38.4", 3840), ("38.43", 3843), (" 38.430 ", 3843), ("-1", -100), ("-0", 0)]
)
def test_amounts_are_read(text: str, cents: int) -> None:
    assert read_cents(text) == cents


@pytest.mark.parametrize(
    "text", ["", "x", "38.435", "0.001", "$38", "1,000", "NaN", "sNaN", "Infinity", "1e999999", "1 0"]
)
def test_an_unreadable_amount_is_refused(text: str, says: Callable[..., None]) -> None:
    with pytest.raises(UnreadableInput) as error:
        read_cents(text, "charge")
    says(error.value, "charge", repr(text))


@pytest.mark.parametrize("text", ["1e3", "1_000", "３８"])
def test_an_amount_is_written_with_plain_digits(text: str) -> None:
    with pytest.raises(UnreadableInput):
        read_cents(text)


@given(CENTS)
def test_cents_in_dollars_are_exact(cents: int) -> None:
    assert str(to_dollars(cents)) == show_cents(cents)
    assert round_half_up(to_dollars(cents)) == cents


@given(st.integers(0, 10**9), st.integers(0, 100))
def test_a_percentage_is_rounded_once_half_up(cents: int, percent: int) -> None:
    exact = Decimal(show_percent_of(cents, percent))
    assert exact == Decimal(cents) * percent / 10_000
    assert percent_of(cents, percent) == round_half_up(exact)


@pytest.mark.parametrize(
    ("cents", "percent", "shown", "rounded"),
    [(3021, 20, "6.042", 604), (25, 2, "0.005", 1), (24, 2, "0.0048", 0), (10000, 2, "2", 200), (0, 15, "0", 0)],
)
def test_a_percentage_is_shown_before_it_is_rounded(cents: int, percent: int, shown: str, rounded: int) -> None:
    assert (show_percent_of(cents, percent), percent_of(cents, percent)) == (shown, rounded)
