"""Texts of therapists to read, and short ways to ask of them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.case_tables import CASES

HOME = CASES / "scribe"
sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))  # `scribe_eval` is a script, and its parts are tested


def texts(name: str) -> list[dict[str, object]]:
    """The lines of a jsonl of cases."""
    return [json.loads(line) for line in (HOME / name).read_text("utf-8").splitlines() if line.strip()]
