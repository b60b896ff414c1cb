"""What a day's lines are worth, step by step. It reads units and never feeds them."""

from fifteen.engine.pricing.answer import Estimate, PriceAnswer, PricedLine, PriceStep
from fifteen.engine.pricing.asked import PriceLine, read_line
from fifteen.engine.pricing.day import price
from fifteen.engine.pricing.estimate import estimate
from fifteen.engine.pricing.what_if import Alternative, what_if

__all__ = [
    "Alternative",
    "Estimate",
    "PriceAnswer",
    "PriceLine",
    "PriceStep",
    "PricedLine",
    "estimate",
    "price",
    "read_line",
    "what_if",
]
