"""What a page takes from its surroundings: today, and the rulebook that was loaded when the pages started."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

from fifteen.rulebook import Rulebook
from fifteen.settings import home


@lru_cache(maxsize=1)
def rulebook() -> Rulebook:
    return home.rulebook()


def today() -> date:
    return datetime.now().astimezone().date()
