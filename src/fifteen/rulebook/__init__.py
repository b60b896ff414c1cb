"""Floor 2: dated, cited law, payer policy and tables, and the one way to ask for them."""

from fifteen.rulebook.loader import load_rulebook
from fifteen.rulebook.resolve import Rulebook

__all__ = ["Rulebook", "load_rulebook"]
