"""The price of one unit: Medicare's fee schedule, a part of it, or the payer's own table.

amount = (work x GPCI + practice expense x GPCI + malpractice x GPCI) x conversion factor, rounded once, half up. For
every unit but one of the day the practice expense counts by half (`mppr.py`); that price is rounded once of its own.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from fifteen.engine.pricing import notes
from fifteen.engine.pricing.answer import Track
from fifteen.kernel.errors import UnreadableInput
from fifteen.kernel.finding import Finding, Status
from fifteen.kernel.money import read_cents, round_half_up, show_cents, to_dollars
from fifteen.rulebook import Rulebook
from fifteen.rulebook.resolve import Value

NATIONAL = "national"
_DOUBT: tuple[Status, ...] = ("primary", "secondary", "expected", "local")
_SHOWN = Decimal("0.0001")  # not law: places shown of an amount before it is rounded


class Fee(msgspec.Struct, frozen=True, kw_only=True):
    """One unit's price in cents, in full and reduced, with the arithmetic of both and where it comes from.

    `ranks` says that the code is on the list of the reduction and `expense` its practice expense, by which units
    are ranked. `reduced` is None where the payer's table does not give it; `by_place` says that a facility has
    another price.
    """

    code: str
    full: int
    reduced: int | None
    ranks: bool
    expense: Decimal
    rule: str
    cite: str
    since: date
    status: Status
    because: str
    because_reduced: str
    about: tuple[Finding, ...] = ()
    by_place: bool = False


class Asking(msgspec.Struct, frozen=True):
    """Where, how and by which factor a schedule amount is asked for."""

    on: date
    locality: str
    facility: bool
    track: Track


def unit_price(
    work: Decimal, expense: Decimal, malpractice: Decimal, place: tuple[Decimal, Decimal, Decimal], factor: Decimal,
    share: Decimal | None = None,
) -> int:  # fmt: skip
    """Cents of one unit; `place` holds the three GPCI, `share` the percent of practice expense paid (None: all)."""
    return round_half_up(_unrounded(work, expense, malpractice, place, factor, share))


def _unrounded(
    work: Decimal, expense: Decimal, malpractice: Decimal, place: tuple[Decimal, Decimal, Decimal], factor: Decimal,
    share: Decimal | None,
) -> Decimal:  # fmt: skip
    part = expense if share is None else expense * share.scaleb(-2)
    return (work * place[0] + part * place[1] + malpractice * place[2]) * factor


def schedule_fee(rulebook: Rulebook, code: str, asking: Asking) -> Fee | Finding:
    """Medicare's price of one unit, or the finding that says why it is not known.

    Raises `UnreadableInput` for a locality that CMS did not have on the date.
    """
    return rulebook.remember(("fee", code, asking), lambda: _schedule_fee(rulebook, code, asking))


def _schedule_fee(rulebook: Rulebook, code: str, asking: Asking) -> Fee | Finding:
    on = asking.on
    place = _place(rulebook, asking.locality, on)
    factor = rulebook.value_or_none(factor_id(asking.track), on)
    table = f"rvu_{on.year}"
    if place is None or factor is None or table not in rulebook.tables:
        return notes.no_release(rulebook, on)
    row = rulebook.row(table, code, on)
    if row is None:
        return notes.not_in_schedule(code, on)
    formula, letters, share, indicator = (
        rulebook.value(f"medicare.{name}", on) for name in ("fee_formula", "fee_status", "mppr_share", "mppr_indicator")
    )
    cite = rulebook.cite(row["refs"].split())
    kind = letters.value.get(row["letter"])
    bare = kind == "priced" and not any(Decimal(row[part]) for part in ("work", "pe", "pe_facility", "mp"))
    if bare or kind == "contractor" or kind is None:
        return _contractor_fee(rulebook, code, on) or notes.no_national_price(code, row["letter"], bare, cite)
    since = max(date.fromisoformat(row["from"]), factor.since)
    if kind != "priced":
        return Fee(
            code=code, full=0, reduced=0, ranks=False, expense=Decimal(0), rule=letters.id, cite=cite, since=since,
            status=_worst(row["status"]), because=f"{code} has status {row['letter']}: Medicare pays nothing for it",
            because_reduced="", about=(notes.pays_nothing(rulebook, code, kind, row["letter"], on, cite),),
        )  # fmt: skip
    work, malpractice = Decimal(row["work"]), Decimal(row["mp"])
    expense = Decimal(row["pe_facility"] if asking.facility else row["pe"])
    dollars, percent = Decimal(factor.value), Decimal(share.value)
    gpci = (Decimal(place["work"]), Decimal(place["pe"]), Decimal(place["mp"]))
    ranks = row["mult_proc"] == indicator.value
    sums = [
        f"({row['work']} x {place['work']} + {pe} x {place['pe']} + {row['mp']} x {place['mp']}) x {factor.value}"
        for pe in (str(expense), f"{percent}% of {expense}")
    ]
    exact = [_unrounded(work, expense, malpractice, gpci, dollars, part) for part in (None, percent)]
    prices = [round_half_up(each) for each in exact]
    said = [
        f"{code}: {each} = {value.quantize(_SHOWN)}, rounded {show_cents(cents)}"
        for each, value, cents in zip(sums, exact, prices, strict=True)
    ]
    return Fee(
        code=code, full=prices[0], reduced=prices[1], ranks=ranks, expense=expense, rule=formula.id,
        cite="; ".join(filter(None, dict.fromkeys([cite, place["cite"], factor.cite]))), since=since,
        status=_worst(row["status"], factor.status, place["status"], formula.status),
        because=said[0], because_reduced=said[1], by_place=row["pe"] != row["pe_facility"],
        about=(notes.stands_in(row["release"], on, cite),) if row["status"] == "secondary" else (),
    )  # fmt: skip


def _contractor_fee(rulebook: Rulebook, code: str, on: date) -> Fee | None:
    """The contractor's price, where the organization keeps it; the reduction's list never holds such a code."""
    own = rulebook.value_or_none("organization.contractor_prices", on)
    if own is None or code not in own.value:
        return None
    amount = read_cents(own.value[code], f"contractor_prices of {code}")
    return Fee(
        code=code, full=amount, reduced=amount, ranks=False, expense=Decimal(0), rule=own.id, cite=own.cite,
        since=own.since, status=own.status, because=f"{code}: the contractor's price, {show_cents(amount)}",
        because_reduced="",
    )  # fmt: skip


def factor_id(track: Track) -> str:
    return "medicare.conversion_factor_qp" if track == "qp" else "medicare.conversion_factor"


def _worst(*statuses: Any) -> Status:
    return max(statuses, key=_DOUBT.index)


def _place(rulebook: Rulebook, locality: str, on: date) -> dict[str, str] | None:
    """The three GPCI of a locality; None where the year is not held."""
    if locality == NATIONAL:
        return {"work": "1.000", "pe": "1.000", "mp": "1.000", "cite": "", "status": "primary"}
    table = f"gpci_{on.year}"
    if table not in rulebook.tables:
        return None
    row = rulebook.row(table, locality, on)
    if row is None:
        raise UnreadableInput(
            f"locality {locality!r} is not one of Medicare's on {on}; write contractor and locality such as 15202-00, "
            f"or {NATIONAL}: `fifteen rulebook show {table}` lists them."
        )
    return {**row, "cite": rulebook.cite(row["refs"].split())}


def percent_fee(rulebook: Rulebook, code: str, asking: Asking, basis: Value) -> Fee | Finding:
    """So many percent of Medicare's price, of today or of the base date that the payer's contract names."""
    base = basis.value.get("base")
    fee = schedule_fee(rulebook, code, asking if base is None else msgspec.structs.replace(asking, on=_day(base)))
    if isinstance(fee, Finding):
        return fee
    if not fee.full:
        return notes.no_percent_of_nothing(code)
    percent = Decimal(basis.value["percent"])
    full, reduced = (round_half_up(to_dollars(cents) * percent.scaleb(-2)) for cents in (fee.full, fee.reduced or 0))
    of = f"{percent}% of Medicare's price" + (f" of {base}" if base else "")
    return msgspec.structs.replace(
        fee, full=full, reduced=reduced, rule=basis.id, cite=f"{basis.cite}; {fee.cite}", since=basis.since,
        status=_worst(basis.status, fee.status),
        because=f"{fee.because}; {of}: {show_cents(full)}",
        because_reduced=f"{fee.because_reduced}; {of}: {show_cents(reduced)}",
    )  # fmt: skip


def _day(text: str) -> date:
    return date.fromisoformat(text)


def table_fee(rulebook: Rulebook, code: str, on: date, basis: Value) -> Fee | Finding:
    """The price in the payer's own table: column `amount`, or `rvu` times the payer's factor; `reduced` and `pe`
    where the payer gives them."""
    name = basis.value["table"]
    row = rulebook.row(name, code, on) if name in rulebook.tables else None
    if row is None:
        return notes.not_in_table(code, name, on)
    factor = basis.value.get("factor")
    if row.get("amount"):
        full = read_cents(row["amount"], f"{name}, {code}")
        said = f"{code}: {show_cents(full)} in {name}"
    elif row.get("rvu") and factor:
        full = round_half_up(Decimal(row["rvu"]) * Decimal(factor))
        said = f"{code}: {row['rvu']} x {factor}, rounded {show_cents(full)}"
    else:
        return notes.not_in_table(code, name, on)
    reduced = read_cents(row["reduced"], f"{name}, {code}") if row.get("reduced") else None
    return Fee(
        code=code, full=full, reduced=reduced, ranks=reduced is not None or on_the_list(rulebook, code, on),
        expense=Decimal(row.get("pe") or 0), rule=basis.id, cite=rulebook.cite(row["refs"].split()),
        since=date.fromisoformat(row["from"]), status=_worst(row["status"], basis.status), because=said,
        because_reduced=f"{code}: {show_cents(reduced or 0)} reduced in {name}",
    )  # fmt: skip


def on_the_list(rulebook: Rulebook, code: str, on: date) -> bool:
    """Is the code on Medicare's list of the reduction?"""
    row = rulebook.row(f"rvu_{on.year}", code, on) if f"rvu_{on.year}" in rulebook.tables else None
    indicator = rulebook.value_or_none("medicare.mppr_indicator", on)
    return row is not None and indicator is not None and row["mult_proc"] == indicator.value


def charge_fee(code: str, charge: int | None, basis: Value) -> Fee | Finding:
    """The charge itself, where that is the price."""
    if charge is None:
        return notes.no_charge(code)
    return Fee(
        code=code, full=charge, reduced=charge, ranks=False, expense=Decimal(0), rule=basis.id, cite=basis.cite,
        since=basis.since, status=basis.status, because=f"{code}: the charge, {show_cents(charge)}", because_reduced="",
    )  # fmt: skip
