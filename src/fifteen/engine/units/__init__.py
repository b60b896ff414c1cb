"""Minutes to units: every answer the payer's rule allows, the one suggested, and why."""

from fifteen.engine.units.answer import UnitsAnswer
from fifteen.engine.units.count import count_units

__all__ = ["UnitsAnswer", "count_units"]
