"""The steps of a price in words and figures that a biller can check with a pocket calculator."""

from __future__ import annotations

from collections.abc import Sequence

from fifteen.engine.pricing.answer import PriceStep, Stage
from fifteen.engine.pricing.fees import Fee
from fifteen.engine.pricing.shares import Rates, Shares
from fifteen.kernel.money import show_cents, show_percent_of, to_dollars
from fifteen.rulebook.resolve import Value

NO_SOURCE = "Rounded half up on the line: our assumption, no source says how."
LISTED = "Units over the cap are those listed last: our assumption."
NO_MORE = "That this payer pays no more than the charge: our assumption, its contract says."
IN_ORDER = "Spread over the lines in their order: our assumption."


def of_value(
    step: Stage, line: int | None, value: Value, because: str, amount: int | None = None, assumption: str = ""
) -> PriceStep:
    return PriceStep(
        rule=value.id, cite=value.cite, since=value.since, status=value.status, because=because, step=step, line=line,
        amount=None if amount is None else to_dollars(amount), assumption=assumption,
    )  # fmt: skip


def of_fee(step: Stage, line: int, fee: Fee, because: str, amount: int) -> PriceStep:
    return PriceStep(
        rule=fee.rule, cite=fee.cite, since=fee.since, status=fee.status, because=because, step=step, line=line,
        amount=to_dollars(amount),
    )  # fmt: skip


def sum_of(prices: Sequence[int]) -> str:
    """`1 x 38.43 + 2 x 27.53`, equal prices that stand beside each other told together."""
    runs: list[tuple[int, int]] = []
    for price in prices:
        if runs and runs[-1][1] == price:
            runs[-1] = (runs[-1][0] + 1, price)
        else:
            runs.append((1, price))
    return " + ".join([f"{count} x {show_cents(price)}" for count, price in runs])


class Rules:
    """The values behind the steps of the shares, as they stand on the date."""

    __slots__ = ("assistant", "coinsurance", "order", "plan", "sequestration")

    def __init__(
        self, coinsurance: Value | None, assistant: Value | None, sequestration: Value | None, order: Value, plan: Value
    ) -> None:
        self.coinsurance, self.assistant, self.sequestration = coinsurance, assistant, sequestration
        self.order, self.plan = order, plan


def of_shares(line: int, shares: Shares, rates: Rates, marked: bool, rules: Rules) -> list[PriceStep]:
    """The steps from a line's allowed amount to what is paid; a step that changes nothing is left out."""
    found = []
    show = show_cents
    base, cut = shares.allowed, shares.assistant
    if marked and rates.before and cut is not None:
        found.append(_assistant(line, shares.allowed, cut, rates, rules))
        base -= cut
    if shares.deductible:
        said = f"{show(shares.deductible)} of {show(base)} goes to the deductible"
        found.append(of_value("deductible", line, rules.order, said, shares.deductible, IN_ORDER))
    left = base - shares.deductible
    if shares.copay:
        said = f"copay: {show(shares.copay)} of {show(left)}"
        found.append(of_value("copay", line, rules.order, said, shares.copay, IN_ORDER))
    elif rates.coinsurance is not None and shares.coinsurance is not None and left:
        of = f"({show(base)} - {show(shares.deductible)})" if shares.deductible else show(base)
        raw = show_percent_of(left, rates.coinsurance)
        said = f"{rates.coinsurance}% of {of} = {raw}, rounded {show(shares.coinsurance + shares.forgiven)}"
        rule = rules.coinsurance if rules.coinsurance is not None else rules.plan
        if not shares.forgiven:
            found.append(of_value("coinsurance", line, rule, said, shares.coinsurance))
    if shares.forgiven:
        patient = shares.deductible + shares.copay + (shares.coinsurance or 0)
        said = f"the out-of-pocket limit leaves the patient {show(patient)} of {show(patient + shares.forgiven)}"
        found.append(of_value("out-of-pocket", line, rules.order, said, patient, IN_ORDER))
    if shares.share is not None:
        off = [show(each) for each in (shares.deductible, shares.copay, shares.coinsurance) if each]
        said = f"{' - '.join([show(shares.allowed), *(off or [show(0)])])} = {show(shares.share)}"
        found.append(of_value("payer-share", line, rules.plan, said, shares.share))
    if marked and not rates.before and cut is not None and shares.share:
        found.append(_assistant(line, shares.share, cut, rates, rules))
    after = (shares.share or 0) - (cut or 0)
    if after and shares.sequestration is not None and rules.sequestration is not None:
        of = f"({show(shares.share or 0)} - {show(cut)})" if cut else show(after)
        if rates.sequestration:
            raw = show_percent_of(after, rates.sequestration)
            said = f"sequestration {rates.sequestration}% of {of} = {raw}, rounded {show(shares.sequestration)}"
            step = of_value("sequestration", line, rules.sequestration, said, shares.sequestration, NO_SOURCE)
        else:
            step = of_value("sequestration", line, rules.sequestration, "sequestration 0%: suspended", 0)
        found.append(step)
    if shares.paid is not None and (cut or shares.sequestration):
        parts = [show(shares.share or 0), *(show(each) for each in (cut, shares.sequestration) if each)]
        found.append(of_value("paid", line, rules.plan, f"{' - '.join(parts)} = {show(shares.paid)}", shares.paid))
    return found


def _assistant(line: int, of: int, cut: int, rates: Rates, rules: Rules) -> PriceStep:
    assert rules.assistant is not None  # the cut was figured with it
    assert rates.assistant is not None
    raw = show_percent_of(of, rates.assistant)
    said = f"assistant {rates.assistant}% of {show_cents(of)} = {raw}, rounded {show_cents(cut)}"
    return of_value("assistant", line, rules.assistant, said, cut, NO_SOURCE)
