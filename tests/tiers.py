"""What `make test` does a part of and `make test-nightly` the whole of: screens, and examples of properties."""

from __future__ import annotations

import os

import pytest

SIZES = {"phone": (390, 844), "tablet": (1180, 820), "desktop": (1440, 900)}

# Every size and both schemes each night; on every change the therapist's home, and walks of the demonstration at both.
SOON = (("tablet", "dark"), ("phone", "light"))
LOOKS = [
    pytest.param(size, scheme, marks=() if (size, scheme) == SOON[0] else pytest.mark.nightly)
    for size in SIZES
    for scheme in ("light", "dark")
]


NIGHTLY = os.environ.get("FIFTEEN_NIGHTLY") == "1"


def examples(nightly: int) -> int:
    """How many examples of a property are tried: all of them each night, a quarter on every change."""
    return nightly if NIGHTLY else max(nightly // 4, 10)
