"""A real browser for tests: Debian's Chromium, or what this machine has."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
MISSING = (
    "no Chromium was found; install it (Debian: apt-get install chromium; macOS: Google Chrome), "
    "or name its program in FIFTEEN_CHROMIUM."
)
ARGUMENTS = [
    "--no-sandbox",  # root, in a container, has none
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]


def browser_path() -> str | None:
    """The program to start, None where there is none."""
    named = os.environ.get("FIFTEEN_CHROMIUM")
    found = [named] if named else [*filter(None, map(shutil.which, NAMES)), MAC]
    return next((each for each in found if Path(each).exists()), None)
