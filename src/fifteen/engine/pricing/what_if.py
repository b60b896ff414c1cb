"""What another answer would have been worth, told only after the professional has chosen.

Money never breaks a tie and never picks the method. So the question is refused while a tie is open and while the visit
is not signed, and nothing in `units` can import this room.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal

import msgspec

from fifteen.engine.pricing.asked import PriceLine
from fifteen.engine.pricing.day import price
from fifteen.engine.units.answer import Method, UnitsAnswer
from fifteen.kernel.errors import UnreadableInput
from fifteen.rulebook import Rulebook


class Alternative(msgspec.Struct, frozen=True, kw_only=True):
    """Another answer, what it would be allowed, and the difference to the one chosen; None: not known."""

    why: Literal["tie", "method"]
    method: Method
    units: dict[str, int]
    allowed: Decimal | None
    difference: Decimal | None


def what_if(answer: UnitsAnswer, rulebook: Rulebook, *, signed: bool, **asked: Any) -> list[Alternative]:
    """The other answers of a settled tie and the other method's count, priced as `price` prices them.

    Units alone are compared, under the plan's modifiers and without an assistant's. Raises `UnreadableInput` for an
    unsigned visit, an open tie or an answer that was held.
    """
    if not signed:
        raise UnreadableInput("the visit is not signed; compare what answers are worth in a report, after signing.")
    if answer.method is None or answer.suggested is None:
        raise UnreadableInput(
            "the payer's method is not known, so there is no answer to compare; find out how it counts."
        )
    if answer.tie and not answer.chosen:
        raise UnreadableInput("the tie is open; record the professional's choice first, then compare.")
    asked = {"payer": answer.payer, **asked}
    modifiers = {line.code: line.modifiers[:1] for line in answer.lines}

    def allowed(units: Mapping[str, int]) -> Decimal | None:
        plan = next(iter(modifiers.values()), ())
        lines = [PriceLine(code, count, modifiers.get(code, plan)) for code, count in units.items() if count]
        return price(lines, rulebook, on=answer.on, **asked).allowed if lines else Decimal("0.00")

    billed = dict.fromkeys(answer.suggested, 0)
    for line in answer.lines:
        billed[line.code] = billed.get(line.code, 0) + line.units
    ours = allowed(billed)

    def other(why: Literal["tie", "method"], method: Method, units: dict[str, int]) -> Alternative:
        theirs = allowed(units)
        difference = None if theirs is None or ours is None else theirs - ours
        return Alternative(why=why, method=method, units=units, allowed=theirs, difference=difference)

    found = [other("tie", answer.method, units) for units in answer.allocations if answer.tie and units != billed]
    if answer.compared is not None:
        found.append(other("method", answer.compared.method, {**billed, **answer.compared.suggested}))
    return found
