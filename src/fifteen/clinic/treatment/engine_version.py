"""Which engine answered: the version of Fifteen, and a digest of the sources that decide."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from fifteen import engine, kernel, rulebook
from fifteen.__about__ import __version__
from fifteen.clinic.treatment import answering


@lru_cache(maxsize=1)
def engine_version() -> str:
    """`0.1.0+` and twelve digits: a change to a rule of the engine is another engine, released or not."""
    found = hashlib.sha256()
    rooms = [Path(str(room.__file__)).parent for room in (kernel, rulebook, engine)]
    for path in [*(each for room in rooms for each in sorted(room.rglob("*.py"))), Path(str(answering.__file__))]:
        found.update(path.read_bytes())
    return f"{__version__}+{found.hexdigest()[:12]}"
