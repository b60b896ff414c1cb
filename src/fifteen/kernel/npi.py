"""The National Provider Identifier: ten digits, the last of which checks the others."""

from __future__ import annotations

_PREFIX = 24  # what 80840, which stands before every NPI on a card of the United States, adds to the sum


def is_npi(text: str) -> bool:
    """Is it ten digits beginning with 1 or 2 whose check digit holds (ISO 7812, after the prefix 80840)?"""
    if len(text) != 10 or not (text.isascii() and text.isdigit()) or text[0] not in "12":
        return False
    total = _PREFIX
    for place, digit in enumerate(reversed(text)):
        value = int(digit) * (1 + place % 2)
        total += value // 10 + value % 10
    return total % 10 == 0
