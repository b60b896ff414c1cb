"""The good-faith estimate of a plan of care: so many visits like one expected day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from fifteen.engine.pricing import notes
from fifteen.engine.pricing.answer import Estimate, PriceAnswer
from fifteen.engine.pricing.asked import BilledLine
from fifteen.engine.pricing.day import price
from fifteen.kernel.errors import UnreadableInput
from fifteen.kernel.money import round_half_up
from fifteen.rulebook import Rulebook

MOST_VISITS = 366  # not law: a visit each day of a year


def estimate(
    lines: Iterable[BilledLine], rulebook: Rulebook, *, plan_visits: int, on: date, deductible_left: int | None = None,
    out_of_pocket_left: int | None = None, **asked: Any,
) -> PriceAnswer:  # fmt: skip
    """The price of the first visit, as `price` gives it, with the estimate of `plan_visits` visits like it.

    The deductible and the out-of-pocket limit are used up from visit to visit. Raises what `price` raises, and
    `UnreadableInput` for a number of visits that cannot be.
    """
    if not 0 < plan_visits <= MOST_VISITS:
        raise UnreadableInput(f"{plan_visits} visits cannot be estimated; give a number from 1 to {MOST_VISITS}.")
    given = list(lines)
    first: PriceAnswer | None = None
    left, limit = deductible_left, out_of_pocket_left
    shares: list[Decimal | None] = []
    allowed: list[Decimal | None] = []
    for _ in range(plan_visits):
        day = price(given, rulebook, on=on, deductible_left=left, out_of_pocket_left=limit, **asked)
        first = first or day
        shares.append(day.patient_share)
        allowed.append(day.allowed)
        if day.patient_share is None or day.deductible is None:
            shares += [None] * (plan_visits - len(shares))
            break
        left = (left or 0) - round_half_up(day.deductible)
        limit = None if limit is None else limit - round_half_up(day.patient_share)
    assert first is not None  # there is at least one visit
    each = first.allowed
    made = Estimate(
        visits=plan_visits,
        patient_share=_sum(shares),
        allowed=None if each is None else each * plan_visits,
        by_visit=shares,
    )
    return replace(first, estimate=made, findings=[*first.findings, notes.plan_at_one_date(plan_visits, on)])


def _sum(amounts: list[Decimal | None]) -> Decimal | None:
    known = [each for each in amounts if each is not None]
    return sum(known, Decimal("0.00")) if len(known) == len(amounts) else None
