"""Texts of therapists to read, and short ways to ask of them."""

from __future__ import annotations

import json

from tests.case_tables import CASES

HOME = CASES / "scribe"


def texts(name: str) -> list[dict[str, object]]:
    """The lines of a jsonl of cases."""
    return [json.loads(line) for line in (HOME / name).read_text("utf-8").splitlines() if line.strip()]
