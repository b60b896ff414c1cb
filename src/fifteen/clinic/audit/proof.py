"""What a proof of the trail answers: counts, how far checkpoints reach, and what was found."""

from __future__ import annotations

from datetime import datetime

import msgspec

from fifteen.kernel.finding import Finding


class Proof(msgspec.Struct, frozen=True):
    """The trail of one organization. `waiting` are events too new to be sealed; a finding's `where` is its place.

    `answers` are the stored answers of days that were recomputed, `differ` those that newer rules answer otherwise.
    `documents` are the files that were opened and compared.
    """

    organization: str
    links: int
    waiting: int
    versions: int
    checkpoints: int
    checked_to: int
    checked_at: datetime | None
    findings: list[Finding]
    answers: int = 0
    differ: int = 0
    documents: int = 0

    @property
    def whole(self) -> bool:
        return not any(each.severity == "block" for each in self.findings)


class Proven(msgspec.Struct, frozen=True):
    """The trails of all organizations that were asked for."""

    whole: bool
    organizations: list[Proof]
