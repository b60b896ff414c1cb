"""Chance by a seed: the same on every machine and version, for it only uses whole numbers of `random.Random`."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TypeVar

_T = TypeVar("_T")
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


class Chance:
    """Draws from a seed. `getrandbits` is the one source: what is built on it is written out here."""

    def __init__(self, seed: int | str) -> None:
        self._random = random.Random(str(seed))

    def below(self, limit: int) -> int:
        """A whole number from 0 to before `limit`, each as likely."""
        bits = max((limit - 1).bit_length(), 1)
        while True:
            found = self._random.getrandbits(bits)
            if found < limit:
                return found

    def between(self, least: int, most: int) -> int:
        return least + self.below(most - least + 1)

    def one(self, of: Sequence[_T]) -> _T:
        return of[self.below(len(of))]

    def percent(self, share: int) -> bool:
        """True in `share` of a hundred."""
        return self.below(100) < share

    def mixed(self, of: Sequence[_T]) -> list[_T]:
        """All of them in another order."""
        found = list(of)
        for place in range(len(found) - 1, 0, -1):
            other = self.below(place + 1)
            found[place], found[other] = found[other], found[place]
        return found

    def id(self, made: datetime) -> str:
        """An id of the application's form, as if it had been made then."""
        value = int(made.astimezone(UTC).timestamp()) * 1000 << 80 | self._random.getrandbits(80)
        return "".join(_ALPHABET[(value >> shift) & 31] for shift in range(125, -1, -5))
