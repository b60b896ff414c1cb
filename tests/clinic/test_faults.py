"""Checks 1 and 2: kill -9 in the middle of signing loses no acknowledged note and leaves none half signed."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

FAULTS = Path(__file__).with_name("faults.py")


def run(kind: str, kills: int) -> Any:
    seed = int(os.environ.get("FIFTEEN_SEED", "0")) or secrets.randbelow(1_000_000) + 1
    print(f"FIFTEEN_SEED={seed}")  # shown when it fails
    done = subprocess.run(
        [sys.executable, str(FAULTS), kind, str(kills), str(seed)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


@pytest.mark.parametrize("kills", [60, pytest.param(1_000, marks=pytest.mark.nightly)])
def test_a_killed_worker_leaves_every_note_signed_or_not(kills: int) -> None:
    found = run("sqlite", kills)
    assert (found["kills"], found["wrong"]) == (kills, [])
    assert found["cut"] > 0  # some fell into the middle of a signature; else this proved nothing


@pytest.mark.nightly
def test_a_killed_postmaster_leaves_every_note_signed_or_not() -> None:
    found = run("postgres", 50)
    assert (found["kills"], found["wrong"]) == (50, [])
    assert found["cut"] > 0
