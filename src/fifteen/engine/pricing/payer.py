"""How a payer prices on a date. A field that nobody holds is unknown, and unknown stays unknown."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec

from fifteen.engine.pricing import fees, notes
from fifteen.engine.pricing.fees import Asking, Fee
from fifteen.kernel.finding import Finding
from fifteen.kernel.money import round_half_up
from fifteen.rulebook import Rulebook
from fifteen.rulebook.resolve import Value

FIXED = ("per-visit", "per-diem")


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """The dated policy of a payer; None: not known.

    `medicare` is True where Part B's own law decides over the patient's share, the assistant's cut and sequestration.
    """

    payer: str
    label: str
    basis: Value | None
    mppr: Value | None
    assistant: Value | None
    unit_cap: Value | None
    money_cap: Value | None
    line_order: Value | None
    coinsurance: Value | None
    sequestration: Value | None
    marks: frozenset[str]
    plans: dict[str, str]
    denied: Value | None
    rank: Value

    @property
    def medicare(self) -> bool:
        return self.basis is not None and self.basis.value["basis"] == "medicare"


def terms_of(rulebook: Rulebook, payer: str, on: date) -> Terms:
    """The payer's terms on `on`; `UnknownPayer` where no layer describes it."""
    policy = rulebook.payer(payer)

    def make() -> Terms:
        basis = rulebook.policy(policy.id, "fee_basis", on)
        medicare = basis is not None and basis.value["basis"] == "medicare"
        law = rulebook.value_or_none
        marks, plans = law("medicare.assistant_modifier", on), law("medicare.discipline_modifier", on)
        return Terms(
            payer=policy.id,
            label=policy.label or policy.id,
            basis=basis,
            mppr=rulebook.policy(policy.id, "mppr", on),
            assistant=rulebook.policy(policy.id, "assistant_factor", on),
            unit_cap=rulebook.policy(policy.id, "unit_cap", on),
            money_cap=rulebook.policy(policy.id, "money_cap", on),
            line_order=rulebook.policy(policy.id, "line_order", on),
            coinsurance=rulebook.value("medicare.coinsurance", on)
            if medicare
            else rulebook.policy(policy.id, "coinsurance", on),
            sequestration=rulebook.value("medicare.sequestration", on) if medicare else None,
            marks=frozenset(marks.value.values()) if marks is not None else frozenset(),
            plans={mark: plan for plan, mark in plans.value.items()} if plans is not None else {},
            denied=law("medicare.liability_modifier", on) if medicare else None,
            rank=rulebook.value("medicare.mppr_rank", on),
        )

    return rulebook.remember(("terms", policy.id, on), make)


def fee_of(rulebook: Rulebook, terms: Terms, code: str, asking: Asking, charge: int | None) -> Fee | Finding:
    """One unit's price under the payer's fee basis, which is not one of `FIXED`."""
    basis = terms.basis
    if basis is None:
        return notes.basis_unknown(terms.label, asking.on)
    match basis.value["basis"]:
        case "medicare":
            return fees.schedule_fee(rulebook, code, asking)
        case "percent-of-medicare":
            return fees.percent_fee(rulebook, code, asking, basis)
        case "table":
            return fees.table_fee(rulebook, code, asking.on, basis)
        case _:
            return fees.charge_fee(code, charge, basis)


def cap_in_cents(terms: Terms, visits: int) -> int | Finding | None:
    """The payer's money cap for the day in cents; None where it has none or none is known; a finding where it is in
    relative values and the payer's factor is not held."""
    cap = terms.money_cap
    if cap is None or "none" in cap.value:
        return None
    times = visits if cap.value["per"] == "visit" else 1
    if "cents" in cap.value:
        cents: int = cap.value["cents"]
        return cents * times
    factor = terms.basis.value.get("factor") if terms.basis is not None else None
    if factor is None:
        return notes.cap_without_factor(terms.label, cap.value["rvu"], cap.cite)
    return round_half_up(Decimal(cap.value["rvu"]) * Decimal(factor)) * times
