"""Opaque ids: 26 letters and digits that sort by when they were made and say nothing else."""

from __future__ import annotations

import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 26


def new_id() -> str:
    """48 bits of milliseconds and 80 of chance, in Crockford's base 32 (a ULID in small letters)."""
    value = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    return "".join(_ALPHABET[(value >> shift) & 31] for shift in range(125, -1, -5))


def made_ms(value: str) -> int:
    """When an id was made, in milliseconds since 1970; 0 for what is no id of ours."""
    places = [_ALPHABET.find(each) for each in value]
    if len(places) != LENGTH or min(places) < 0:
        return 0
    number = 0
    for each in places:
        number = number << 5 | each
    return number >> 80


def first_id(milliseconds: int) -> str:
    """The least id that can have been made then."""
    value = max(milliseconds, 0) << 80
    return "".join(_ALPHABET[(value >> shift) & 31] for shift in range(125, -1, -5))
