"""What becomes of an allowed amount: deductible, coinsurance or copay, limit, cut, sequestration."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fifteen.engine.pricing.shares import Left, Rates, left_after, shares_of

TWENTY, FIFTEEN, TWO = 20, 15, 2
MEDICARE = Rates(TWENTY, None, FIFTEEN, TWO)
CENTS = st.integers(0, 100_000)
LEFTS = st.builds(Left, CENTS, CENTS, st.none() | CENTS)
RATES = st.builds(
    Rates, st.sampled_from([0, TWENTY]), st.none() | CENTS, st.sampled_from([0, FIFTEEN]),
    st.sampled_from([0, 1, TWO]), st.booleans(),
)  # fmt: skip


def test_the_cut_comes_off_what_is_paid_and_not_off_what_is_allowed() -> None:
    """20 + 0.85 x 80 = 88 percent of the allowed amount, as published, before sequestration."""
    found = shares_of(10_000, True, Rates(TWENTY, None, FIFTEEN), Left(0, 0, None))
    assert (found.coinsurance, found.share, found.assistant, found.total) == (2_000, 8_000, 1_200, 8_800)


def test_a_copay_takes_the_place_of_coinsurance_and_never_more_than_is_left() -> None:
    rates = Rates(TWENTY, 3_000, FIFTEEN, before=True)
    one = shares_of(2_000, False, rates, Left(500, 3_000, None))
    assert (one.deductible, one.copay, one.coinsurance, one.paid) == (500, 1_500, 0, 0)
    assert left_after(Left(500, 3_000, None), one) == Left(0, 1_500, None)


def test_the_limit_stops_the_patient_s_share_and_the_payer_pays_the_rest() -> None:
    found = shares_of(10_000, False, Rates(TWENTY, None, None, before=True), Left(1_000, 0, 1_200))
    assert (found.deductible, found.coinsurance, found.forgiven, found.paid) == (1_000, 200, 1_600, 8_800)
    assert left_after(Left(1_000, 0, 1_200), found) == Left(0, 0, 0)


@pytest.mark.parametrize(
    ("rates", "marked", "known"),
    [
        (Rates(None, None, FIFTEEN, before=True), False, {"total": 5_000, "paid": None}),
        (Rates(TWENTY, None, None, before=True), True, {"total": None, "paid": None, "coinsurance": None}),
        (Rates(TWENTY, None, None), True, {"total": None, "paid": None, "coinsurance": 1_000}),
        (Rates(None, None, FIFTEEN), True, {"total": None, "paid": None, "assistant": None}),
    ],
)
def test_what_is_not_known_is_none(rates: Rates, marked: bool, known: dict[str, int | None]) -> None:
    found = shares_of(5_000, marked, rates, Left(0, 0, None))
    assert {name: getattr(found, name) for name in known} == known


def test_an_unknown_coinsurance_within_a_limit_stays_unknown() -> None:
    found = shares_of(5_000, False, Rates(None, None, None, before=True), Left(1_000, 0, 500))
    assert (found.deductible, found.coinsurance, found.share) == (500, None, None)


@given(CENTS, st.booleans(), RATES, LEFTS)
def test_the_parts_are_the_whole_and_none_is_negative(allowed: int, marked: bool, rates: Rates, left: Left) -> None:
    found = shares_of(allowed, marked, rates, left)
    assert found.coinsurance is not None
    assert found.share is not None
    assert found.assistant is not None
    assert found.sequestration is not None
    assert found.paid is not None
    patient = found.deductible + found.coinsurance + found.copay
    assert patient + found.share == allowed
    assert found.paid == found.share - found.assistant - found.sequestration
    parts = (found.deductible, found.coinsurance, found.copay, found.forgiven, found.share, found.assistant)
    assert min(*parts, found.sequestration, found.paid) >= 0
    assert min(part for part in left_after(left, found) if part is not None) >= 0
    if left.out_of_pocket is not None:
        assert patient <= left.out_of_pocket
