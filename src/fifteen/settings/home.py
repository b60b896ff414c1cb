"""Where this installation keeps its own files, and the rulebook with its layers from there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fifteen.rulebook import Rulebook

DEMO_MARK = "fictional"
"""The file that marks the home of a demonstration; it holds what was planted there."""


def home() -> Path | None:
    """`$FIFTEEN_HOME`, by default `~/.fifteen`; None where the user has no home directory."""
    chosen = os.environ.get("FIFTEEN_HOME")
    if chosen:
        return Path(chosen)
    try:
        return Path.home().joinpath(".fifteen")
    except RuntimeError:
        return None


def rulebook(organization: Path | None = None, *, keep: bool = True) -> Rulebook:
    """The rulebook of this installation; `organization` is a folder in place of its own, `keep` False: not cached."""
    from fifteen.rulebook import load_rulebook

    base = home()
    if base is None:
        return load_rulebook(organization=organization)
    return load_rulebook(
        home=base.joinpath("rulebook"),
        organization=organization or base.joinpath("organization"),
        cache=base.joinpath("cache") if keep else None,
    )
