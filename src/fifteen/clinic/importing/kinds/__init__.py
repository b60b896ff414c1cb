"""How the rows of each kind are grouped and put in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from fifteen.clinic.importing.kinds import coverages, episodes, history, patients
from fifteen.clinic.importing.run import one_by_one

PUTS: dict[str, tuple[Callable[..., Iterable[Any]], Callable[..., Any]]] = {
    "patients": (one_by_one, patients.put),
    "coverages": (one_by_one, coverages.put),
    "episodes": (one_by_one, episodes.put),
    "history": (history.visits, history.put),
}
"""By kind: what makes groups of its rows, and what puts a group in."""
