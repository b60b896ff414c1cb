"""The matrix of roles and actions, read once from `matrix.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import msgspec


class Action(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be done, by which roles; `fresh`: only shortly after the person proved again who they are."""

    title: str
    roles: tuple[str, ...]
    fresh: bool = False


class Matrix(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Roles with their titles, and actions by name."""

    roles: dict[str, str]
    actions: dict[str, Action]

    def allows(self, role: str, action: str) -> bool:
        """May this role do that? An action that is not named nobody may do."""
        found = self.actions.get(action)
        return found is not None and role in found.roles


@cache
def matrix() -> Matrix:
    """`matrix.toml`; `ValueError` where an action names a role that is none."""
    found = msgspec.convert(tomllib.loads(Path(__file__).with_name("matrix.toml").read_text("utf-8")), Matrix)
    for name, action in found.actions.items():
        if unknown := set(action.roles) - set(found.roles):
            raise ValueError(f"matrix.toml: {name} names {', '.join(sorted(unknown))}, which is no role")
    return found
