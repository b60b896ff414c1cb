"""What a command takes from its surroundings: today, the home directory, the rulebook, the terminal."""

from __future__ import annotations

import shutil
import sys
from datetime import date, datetime

from fifteen.kernel.dates import read_date
from fifteen.settings.home import home, rulebook

__all__ = ["day", "home", "on_terminal", "rulebook", "width"]


def day(text: str | None) -> date:
    """The date of `--on`, by default today where this machine is."""
    return datetime.now().astimezone().date() if text is None else read_date(text, "--on")


def on_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()  # None: started with a closed output


def width() -> int:
    """Columns to write in: the terminal's, between 60 and 100."""
    return max(60, min(shutil.get_terminal_size((96, 24)).columns, 100))
