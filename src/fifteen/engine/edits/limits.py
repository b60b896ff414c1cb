"""The room of limits: how many units of a code, of a discipline and of a day the payer accepts.

No limit changes a unit or a line: what lies over one is said, with what can be done, and held where law says so.
"""

from __future__ import annotations

from fifteen.engine.claim_lines import DayAsked, Outcome
from fifteen.engine.edits.discipline_units import discipline_units
from fifteen.engine.edits.gathered import together
from fifteen.engine.edits.mue import mue
from fifteen.engine.edits.one_line import one_line
from fifteen.engine.edits.payer_limits import payer_limits


def limits(asked: DayAsked) -> Outcome:
    """Medicare's limits where the payer follows Medicare, the payer's own, and equal lines."""
    if not asked.lines:
        return Outcome()
    medicare = asked.rulebook.follows(asked.day.coverage.payer, "medicare")
    law = (mue(asked), discipline_units(asked)) if medicare else ()
    return together([*law, payer_limits(asked), one_line(asked)])
