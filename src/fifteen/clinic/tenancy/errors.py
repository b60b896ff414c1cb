"""What a service says when it does nothing: not there, refused, or somebody else was first."""

from __future__ import annotations

from typing import Any


class NotFound(Exception):
    """There is no such row for the organization acted for; of another organization or of none looks the same."""


class Refused(Exception):
    """It may not be done so; the text is one sentence for the person who asked. Nothing was changed."""


class Conflict(Exception):
    """Somebody else changed it first. `stored` is what stands, `refused` what was not stored, both whole."""

    def __init__(self, stored: Any, refused: Any, version: int) -> None:
        super().__init__("it was changed by somebody else in the meantime; both texts are kept here")
        self.stored, self.refused, self.version = stored, refused, version
