"""What a command takes from its surroundings: today, the home directory, the rulebook, the terminal."""

from __future__ import annotations

import os
import shutil
import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from fifteen.kernel.dates import read_date

if TYPE_CHECKING:
    from fifteen.rulebook import Rulebook


def home() -> Path | None:
    """`$FIFTEEN_HOME`, by default `~/.fifteen`; None where the user has no home directory."""
    chosen = os.environ.get("FIFTEEN_HOME")
    if chosen:
        return Path(chosen)
    try:
        return Path.home().joinpath(".fifteen")
    except RuntimeError:
        return None


def rulebook() -> Rulebook:
    from fifteen.rulebook import load_rulebook

    base = home()
    if base is None:
        return load_rulebook()
    return load_rulebook(
        home=base.joinpath("rulebook"),
        organization=base.joinpath("organization"),
        cache=base.joinpath("cache"),
    )


def day(text: str | None) -> date:
    """The date of `--on`, by default today where this machine is."""
    return datetime.now().astimezone().date() if text is None else read_date(text, "--on")


def on_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()  # None: started with a closed output


def width() -> int:
    """Columns to write in: the terminal's, between 60 and 100."""
    return max(60, min(shutil.get_terminal_size((96, 24)).columns, 100))
