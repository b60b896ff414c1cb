"""The records of a price: what `price` returns and `fifteen price --json` prints. Amounts are dollars, exact."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

import msgspec

from fifteen.kernel.finding import Finding
from fifteen.kernel.money import read_cents
from fifteen.kernel.trace import Step

Track = Literal["nonqp", "qp"]
Stage = Literal[
    "order", "unit-price", "reduced-price", "mppr", "unit-cap", "fixed-rate", "allowed", "charge", "money-cap",
    "deductible", "coinsurance", "copay", "out-of-pocket", "payer-share", "assistant", "sequestration", "paid",
]  # fmt: skip


class PriceStep(Step, frozen=True, kw_only=True):
    """One step of the way to a price: `because` holds the arithmetic, `amount` its result in dollars.

    `line` is the argument's number from 1 up, None for a step about the whole day. `assumption` says what no source
    was found for; it is empty where there is one.
    """

    step: Stage
    line: int | None
    amount: Decimal | None
    assumption: str = ""


class PricedLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line as asked, with each unit's price and what becomes of its amount; a figure not known is None."""

    code: str
    units: int
    modifiers: tuple[str, ...]
    unit_prices: list[Decimal]
    allowed: Decimal | None
    charge: Decimal | None
    deductible: Decimal | None
    coinsurance: Decimal | None
    copay: Decimal | None
    medicare_share: Decimal | None
    assistant_reduction: Decimal | None
    sequestration: Decimal | None
    medicare_paid: Decimal | None
    provider_total: Decimal | None


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """A good-faith estimate of a plan of care: the same expected day `visits` times, at the price of one date.

    `by_visit` is what the patient owes at each visit, as the deductible and the out-of-pocket limit are used up.
    """

    visits: int
    patient_share: Decimal | None
    allowed: Decimal | None
    by_visit: list[Decimal | None]


class PriceAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a payer is expected to pay for the lines of one patient, day and billing group, and every step to it.

    For another payer than Medicare `medicare_share` and `medicare_paid` are that payer's. `patient_share` is the
    amount to collect for the day: deductible, coinsurance and copay. Totals are sums of the lines.
    """

    payer: str
    on: date
    locality: str
    facility: bool
    track: Track
    rulebook: str
    lines: list[PricedLine]
    allowed: Decimal | None
    deductible: Decimal | None
    coinsurance: Decimal | None
    copay: Decimal | None
    patient_share: Decimal | None
    medicare_share: Decimal | None
    assistant_reduction: Decimal | None
    sequestration: Decimal | None
    medicare_paid: Decimal | None
    provider_total: Decimal | None
    estimate: Estimate | None
    explain: list[PriceStep]
    findings: list[Finding]


def allowed_cents(priced: PriceAnswer | None, lines: int) -> tuple[int | None, ...]:
    """Cents allowed for each of so many lines after MPPR, None where no price is known."""
    if priced is None:
        return (None,) * lines
    return tuple(None if each.allowed is None else read_cents(str(each.allowed)) for each in priced.lines)
