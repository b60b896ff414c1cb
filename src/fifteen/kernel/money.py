"""Exact money: integer cents at rest, exact decimals in formulas, rounded in one place."""

from __future__ import annotations

import contextlib
import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

from fifteen.kernel.errors import UnreadableInput

_CENT = Decimal("0.01")

# Decimal alone also reads 1e3, 1_000, NaN and the digits of other scripts.
_PLAIN = re.compile(r"-?([0-9]+\.?[0-9]*|\.[0-9]+)", re.ASCII)


def round_half_up(amount: Decimal) -> int:
    """Dollars to cents, half up: the house rounding rule (`fifteen.rounding.half-up-cent`)."""
    return int(amount.quantize(_CENT, ROUND_HALF_UP).scaleb(2))


@lru_cache(maxsize=8192)
def to_dollars(cents: int) -> Decimal:
    """Cents as an exact number of dollars with two places: 3843 is `Decimal("38.43")`."""
    return Decimal(cents).scaleb(-2)


def percent_of(cents: int, percent: int) -> int:
    """So many percent of an amount from 0 up, rounded once, half up: 20 percent of 3021 cents is 604."""
    return (cents * percent + 50) // 100


def show_percent_of(cents: int, percent: int) -> str:
    """So many percent of an amount from 0 up as it is before rounding: 20 percent of 3021 cents is `6.042`."""
    dollars, rest = divmod(cents * percent, 10_000)
    return f"{dollars}.{rest:04d}".rstrip("0").rstrip(".")


@lru_cache(maxsize=8192)
def show_cents(cents: int) -> str:
    """Cents as a plain decimal string with two places: 3843 is `38.43`."""
    sign, cents = ("-", -cents) if cents < 0 else ("", cents)
    return f"{sign}{cents // 100}.{cents % 100:02d}"


def read_cents(text: str, where: str = "amount") -> int:
    """Read `38.43` or `38` as cents; `UnreadableInput` for parts of a cent or anything else."""
    written = text.strip()
    if _PLAIN.fullmatch(written):
        amount = Decimal(written)
        with contextlib.suppress(InvalidOperation):  # more digits than money has
            if amount == amount.quantize(_CENT):
                return round_half_up(amount)
    raise UnreadableInput(f"{where}: {text!r} is not an amount of dollars and cents; write it as 38.43.")
