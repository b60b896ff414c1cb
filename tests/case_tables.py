"""Read the case tables under `tests/cases/`: TOML that a billing expert can read and extend."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

CASES = Path(__file__).parent / "cases"
STATUSES = ("primary", "derived", "unverified", "contradicted")


def read_cases(room: str) -> list[dict[str, Any]]:
    """All cases of a folder, in order of file and place."""
    return [case for path in sorted((CASES / room).glob("*.toml")) for case in tomllib.loads(path.read_text())["case"]]
