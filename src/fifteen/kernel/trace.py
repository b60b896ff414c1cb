"""How an answer was reached: one step a rule applied."""

from __future__ import annotations

from datetime import date

import msgspec

from fifteen.kernel.finding import Status


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One rule applied: its id, its citation, since when it is in force, how well it is known, and what it did."""

    rule: str
    cite: str
    since: date
    status: Status
    because: str


Trace = tuple[Step, ...]
