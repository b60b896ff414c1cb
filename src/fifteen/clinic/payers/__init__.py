"""Payers, by the policy of the rulebook that they follow, and what they pay."""
