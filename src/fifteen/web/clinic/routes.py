"""What a page needs of who opens it, said beside the page; the edge holds everyone to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeVar

from fifteen.clinic.accounts.matrix import matrix
from fifteen.clinic.people import access
from fifteen.clinic.people.models import Patient

_V = TypeVar("_V", bound=Callable[..., Any])
Door = Literal["public", "login", "half", "locked", "again", "inside"]
"""`public`: anyone, no session is looked at. `login`: anyone, for log-in pages. `half`: logged in, the second proof is
missing. `locked`: a session that is locked. `again`: a session with both proofs, to prove them again. `inside`: a
session with both proofs, and an action of the matrix."""
Whose = Callable[..., Patient]
"""From what stands in the address, the patient whose record a page reads; `NotFound` where there is no such row."""


def door(kind: Door, action: str = "") -> Callable[[_V], _V]:
    """Mark a view; `ValueError` where an action is not in the matrix, when the module is imported."""
    if kind == "inside" and action not in matrix().actions:
        raise ValueError(f"{action!r} is not in matrix.toml; add it there with its roles")

    def marked(view: _V) -> _V:
        view.door, view.action = kind, action  # type: ignore[attr-defined]
        return view

    return marked


def needs(action: str, *, glass: Whose | None = None) -> Callable[[_V], _V]:
    """A page behind both proofs, for the roles that the matrix lets do `action`.

    `glass`: it reads one patient's record, this one's, so that breaking the glass for it opens the page. Only what is
    read opens so: `ValueError` for any other action, and for one that asks for a fresh proof.
    """
    opened = door("inside", action)
    if glass is None:
        return opened
    if not action.endswith(".read") or matrix().actions[action].fresh:
        raise ValueError(f"{action!r} does more than read a record; breaking the glass never opens it")

    def marked(view: _V) -> _V:
        view.glass = glass  # type: ignore[attr-defined]
        return opened(view)

    return marked


def by_patient(patient: str, **_: str) -> Patient:
    """Whose record it is where the address names the patient."""
    return access.patient(patient)


def glass_of(view: Any) -> Whose | None:
    """Whose record the page reads, if breaking the glass may open it."""
    found: Whose | None = getattr(view, "glass", None)
    return found


def door_of(view: Any) -> tuple[Door, str]:
    """The door of a view; pages of `fifteen.web` outside of the clinic are public, anything unmarked is closed."""
    kind = getattr(view, "door", None)
    if kind is not None:
        return kind, view.action
    module = getattr(view, "__module__", "") or ""
    public = module.startswith("fifteen.web.") and not module.startswith("fifteen.web.clinic.")
    return ("public" if public or module.startswith("django.views.generic") else "inside"), ""
