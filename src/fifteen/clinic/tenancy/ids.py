"""Opaque ids: 26 letters and digits that sort by when they were made and say nothing else."""

from __future__ import annotations

import secrets
import threading
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 26


_lock = threading.Lock()
_last = 0


def new_id() -> str:
    """48 bits of milliseconds and 79 of chance, in Crockford's base 32 (a ULID in small letters).

    Of two ids that one process makes in the same millisecond the second is the greater, by a chance amount: what was
    recorded first sorts first, and the next id cannot be guessed.
    """
    global _last
    now = time.time_ns() // 1_000_000
    with _lock:
        same = _last >> 80 == now
        _last = _last + 1 + secrets.randbits(64) if same else now << 80 | secrets.randbits(79)
        value = _last
    return _written(value)


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
    return _written(max(milliseconds, 0) << 80)


def _written(value: int) -> str:
    return "".join(_ALPHABET[(value >> shift) & 31] for shift in range(125, -1, -5))
