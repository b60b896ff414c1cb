"""The records of an answer: what `count_units` returns and `fifteen units --json` prints."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

from fifteen.engine.day import Discipline
from fifteen.kernel.finding import Finding, Status
from fifteen.kernel.trace import Step

Method = Literal["total", "midpoint"]
MethodFrom = Literal["payer", "asked", "organization"]


class Tied(msgspec.Struct, frozen=True, gc=False):
    """`choose` of these codes take one more unit each; the law leaves the choice to the professional."""

    codes: tuple[str, ...] = ()
    choose: int = 0


class Line(msgspec.Struct, frozen=True, gc=False):
    """A service line of the claim: billed units of one code with one set of modifiers, and their minutes."""

    code: str
    units: int
    modifiers: tuple[str, ...]
    minutes: int


class UnitReason(Step, frozen=True, kw_only=True):
    """Why unit number `unit` of `code` is there: the minutes that earned it, the rule, and what would change it."""

    code: str
    unit: int
    minutes: int
    would_change: str


class ModifierReason(Step, frozen=True, kw_only=True):
    """Why the assistant modifier stands, or does not stand, on `units` units of `code`."""

    code: str
    units: int
    modifier: str | None


class Documented(msgspec.Struct, frozen=True, gc=False):
    """A service that was given and is documented, and earns no unit: it stays off the claim."""

    code: str
    minutes: int


class Comparison(msgspec.Struct, frozen=True):
    """The count of the other method, where it differs; `difference` is its units less ours."""

    method: Method
    timed_units: int
    suggested: dict[str, int]
    difference: int


class Cap(msgspec.Struct, frozen=True):
    """A payer's cap on units (`only` timed ones where it says so), and how many units of this answer lie over it."""

    units: int
    per: str
    scope: str
    over: int
    cite: str
    status: Status
    only: str = ""


class UnitsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the payer's rule says of a day's minutes, for one discipline.

    `timed_minutes` are those of 15-minute codes. `allocations` lists at most 64 of the `allocations_count`
    answers that the rule allows; `lines` and `explain` follow `suggested`, or the recorded choice (`chosen`).
    A scalar that is not known is None.
    """

    payer: str | None
    method: Method | None
    method_from: MethodFrom | None
    discipline: Discipline
    on: date
    rulebook: str
    timed_minutes: int
    timed_units: int | None = None
    minutes_per_unit: str | None = None
    expected_minutes_per_unit: int | None = None
    allocations: list[dict[str, int]] = []
    allocations_count: int = 0
    tied: Tied = Tied()
    suggested: dict[str, int] | None = None
    tie: bool = False
    chosen: tuple[str, ...] = ()
    lines: list[Line] = []
    documented: list[Documented] = []
    explain: list[UnitReason] = []
    explain_modifiers: list[ModifierReason] = []
    compared: Comparison | None = None
    cap: Cap | None = None
    findings: list[Finding] = []
