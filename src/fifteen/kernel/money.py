"""Exact money: integer cents at rest, exact decimals in formulas, rounded in one place."""

from __future__ import annotations

import contextlib
import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from fifteen.kernel.errors import UnreadableInput

_CENT = Decimal("0.01")

# Decimal alone also reads 1e3, 1_000, NaN and the digits of other scripts.
_PLAIN = re.compile(r"-?([0-9]+\.?[0-9]*|\.[0-9]+)", re.ASCII)


def round_half_up(amount: Decimal) -> int:
    """Dollars to cents, half up: the house rounding rule (`fifteen.rounding.half-up-cent`)."""
    return int(amount.quantize(_CENT, ROUND_HALF_UP).scaleb(2))


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
