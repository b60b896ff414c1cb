"""What becomes of a line's allowed amount: the patient's share, the assistant's cut, sequestration, and what is paid.

Medicare, in this order: deductible, coinsurance on what remains, assistant's cut off the paid share, sequestration
(CMS Pub. 100-04 ch. 5 §10.7, §20.1). Another payer's assistant factor is a part of its contracted rate, so it comes
off before the patient's share.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from fifteen.kernel.money import percent_of


class Rates(msgspec.Struct, frozen=True):
    """Percents and the plan's copay. `assistant` is the percent taken off; None: not known, or for a copay none.

    `before` says that the assistant's percent comes off before the patient's share.
    """

    coinsurance: int | None
    copay: int | None
    assistant: int | None
    sequestration: int = 0
    before: bool = False


class Left(NamedTuple):
    """What is left of the deductible, of the day's copay and of the out-of-pocket limit (None: no limit), in cents."""

    deductible: int
    copay: int
    out_of_pocket: int | None


class Shares(msgspec.Struct, frozen=True):
    """A line's amounts in cents; None: not known. What is paid is the share less the cut and sequestration."""

    allowed: int
    deductible: int
    coinsurance: int | None
    copay: int
    forgiven: int
    share: int | None
    assistant: int | None
    sequestration: int | None
    paid: int | None
    total: int | None


def shares_of(allowed: int, marked: bool, rates: Rates, left: Left) -> Shares:
    """The shares of a line of `allowed` cents; `marked` lines carry an assistant's modifier.

    Each step is rounded once, half up. `forgiven` is what the out-of-pocket limit took off the patient's share.
    """
    cut: int | None = 0
    base: int | None = allowed
    if marked and rates.before:
        cut = None if rates.assistant is None else percent_of(allowed, rates.assistant)
        base = None if cut is None else allowed - cut
    deductible = min(left.deductible, allowed if base is None else base)
    remains = None if base is None else base - deductible
    copay = 0 if remains is None or rates.copay is None else min(left.copay, remains)
    coinsurance: int | None = None
    if remains == 0 or rates.copay is not None:
        coinsurance = 0
    elif remains is not None and rates.coinsurance is not None:
        coinsurance = percent_of(remains, rates.coinsurance)
    deductible, coinsurance, copay, forgiven = _within_limit(deductible, coinsurance, copay, left.out_of_pocket)
    share = None if coinsurance is None else allowed - deductible - coinsurance - copay
    if marked and not rates.before:
        cut = None if share is None or rates.assistant is None else percent_of(share, rates.assistant)
    after = None if share is None or cut is None else share - cut
    sequestration = None if after is None else percent_of(after, rates.sequestration)
    paid = None if after is None or sequestration is None else after - sequestration
    total = None if paid is None or coinsurance is None else paid + deductible + coinsurance + copay
    if rates.before and not rates.sequestration:
        total = base  # whoever pays which part of it
    return Shares(allowed, deductible, coinsurance, copay, forgiven, share, cut, sequestration, paid, total)


def _within_limit(
    deductible: int, coinsurance: int | None, copay: int, limit: int | None
) -> tuple[int, int | None, int, int]:
    """The patient's parts cut to what is left of the out-of-pocket limit, and how much that took off."""
    if limit is None:
        return deductible, coinsurance, copay, 0
    whole = deductible + (coinsurance or 0) + copay
    deductible = min(deductible, limit)
    copay = min(copay, limit - deductible)
    if coinsurance is not None:
        coinsurance = min(coinsurance, limit - deductible - copay)
    return deductible, coinsurance, copay, whole - deductible - (coinsurance or 0) - copay


def left_after(left: Left, shares: Shares) -> Left:
    """What is left for the next line."""
    patient = shares.deductible + (shares.coinsurance or 0) + shares.copay
    return Left(
        left.deductible - shares.deductible,
        left.copay - shares.copay,
        None if left.out_of_pocket is None else left.out_of_pocket - patient,
    )
