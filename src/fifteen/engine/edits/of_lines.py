"""What pairs of codes and limits on units say of lines alone, where minutes are known and no visit was recorded.

The same rooms as in `assess`, of a day without visits. What needs more than lines (place, telehealth, notices, KX, and
the evidence that two codes were distinct) is not asked here, so no modifier is put and no line is called clean.
"""

from __future__ import annotations

import msgspec

from fifteen.engine.claim_lines import DayAsked, day_lines
from fifteen.engine.day import Billing, Context, Coverage, Day
from fifteen.engine.edits.limits import limits
from fifteen.engine.edits.pair_tables import Pairs
from fifteen.engine.edits.pairs import about_pair, pairs_of, pairs_room
from fifteen.engine.pricing.answer import PriceAnswer, allowed_cents
from fifteen.engine.units.answer import UnitsAnswer
from fifteen.kernel.finding import Finding
from fifteen.rulebook import Rulebook


class PairMet(msgspec.Struct, frozen=True, kw_only=True):
    """A pair in force among the lines, and the finding that tells of it; `column2` is the code that is denied.

    `row` is its key in `table`. `modifiers` are those that open it once a person attests one; empty where none does or
    the payer's are not known.
    """

    column1: str
    column2: str
    row: str
    table: str
    opens: bool
    modifiers: tuple[str, ...]
    finding: Finding


class LineEdits(msgspec.Struct, frozen=True, kw_only=True):
    """Pairs in force, and all other findings in the order of the rooms."""

    pairs: tuple[PairMet, ...] = ()
    others: tuple[Finding, ...] = ()

    @property
    def findings(self) -> list[Finding]:
        return [*(each.finding for each in self.pairs), *self.others]


def edits_of_lines(
    answer: UnitsAnswer,
    rulebook: Rulebook,
    *,
    billing: Billing = "private-practice",
    priced: PriceAnswer | None = None,
) -> LineEdits:
    """Pairs and limits of the lines of `answer`; a cap on money is checked where they are `priced`."""
    if answer.payer is None or not answer.lines:
        return LineEdits()
    day = Day(patient="", date=answer.on, people=(), billing=billing, coverage=Coverage(payer=answer.payer))
    lines = tuple(day_lines([answer]))
    asked = DayAsked(day, Context(), rulebook, lines, allowed_cents(priced, len(lines)))
    pairs = _pairs(asked)
    told = [each.finding for each in pairs]
    found = [*pairs_room(asked).findings, *limits(asked).findings]
    return LineEdits(
        pairs=tuple(pairs), others=tuple(dict.fromkeys(each for each in found if each not in told)),
    )  # fmt: skip


def _pairs(asked: DayAsked) -> list[PairMet]:
    found, day = pairs_of(asked), asked.day
    if not isinstance(found, Pairs):
        return []
    opening = asked.rulebook.policy(day.coverage.payer, "pair_modifiers", day.date)
    return [
        PairMet(
            column1=each.column1, column2=each.column2, row=f"{each.column1}+{each.column2}", table=found.table.name,
            opens=each.opens, modifiers=tuple(opening.value) if each.opens and opening is not None else (),
            finding=about_pair(each, found.table, day.date),
        )
        for each in found.in_force
    ]  # fmt: skip
