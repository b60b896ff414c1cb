"""Fifteen: from treated minutes to a defensible note, a correct claim and a payment that can be explained.

The public names of the engine are here and nowhere else; each is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from fifteen.__about__ import __version__

if TYPE_CHECKING:
    from fifteen.engine.assess import assess
    from fifteen.engine.day import Context, Day, Interval, read_day
    from fifteen.engine.documentation.check import check_note
    from fifteen.engine.documentation.note import Note
    from fifteen.engine.evidence import check_person_day, fold
    from fifteen.engine.pricing import price
    from fifteen.engine.units import count_units
    from fifteen.kernel.errors import AskedWrongly, FifteenError, NotInForce
    from fifteen.kernel.minutes import ServiceMinutes
    from fifteen.rulebook import load_rulebook

_HOMES = {
    "AskedWrongly": "fifteen.kernel.errors",
    "Context": "fifteen.engine.day",
    "Day": "fifteen.engine.day",
    "FifteenError": "fifteen.kernel.errors",
    "Interval": "fifteen.engine.day",
    "NotInForce": "fifteen.kernel.errors",
    "Note": "fifteen.engine.documentation.note",
    "ServiceMinutes": "fifteen.kernel.minutes",
    "assess": "fifteen.engine.assess",
    "check_note": "fifteen.engine.documentation.check",
    "check_person_day": "fifteen.engine.evidence",
    "count_units": "fifteen.engine.units",
    "fold": "fifteen.engine.evidence",
    "load_rulebook": "fifteen.rulebook",
    "price": "fifteen.engine.pricing",
    "read_day": "fifteen.engine.day",
}

__all__ = [
    "AskedWrongly",
    "Context",
    "Day",
    "FifteenError",
    "Interval",
    "NotInForce",
    "Note",
    "ServiceMinutes",
    "__version__",
    "assess",
    "check_note",
    "check_person_day",
    "count_units",
    "fold",
    "load_rulebook",
    "price",
    "read_day",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'fifteen' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
