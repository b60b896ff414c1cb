"""What a command takes from its surroundings: today, the home directory, the rulebook, the terminal."""

from __future__ import annotations

import shutil
import sys
from datetime import date, datetime
from typing import TYPE_CHECKING

from fifteen.kernel.dates import read_date
from fifteen.settings.home import home, rulebook

if TYPE_CHECKING:
    from fifteen.rulebook import Rulebook

__all__ = ["day", "home", "on_terminal", "rulebook", "rulebook_as_known", "width"]


def day(text: str | None) -> date:
    """The date of `--on`, by default today where this machine is."""
    return datetime.now().astimezone().date() if text is None else read_date(text, "--on")


def rulebook_as_known(known: str | None) -> Rulebook:
    """The rulebook, or for `--known` what of it had been published by that day."""
    return rulebook() if known is None else rulebook().as_known(read_date(known, "--known"))


def on_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()  # None: started with a closed output


def width() -> int:
    """Columns to write in: the terminal's, between 60 and 100."""
    return max(60, min(shutil.get_terminal_size((96, 24)).columns, 100))
