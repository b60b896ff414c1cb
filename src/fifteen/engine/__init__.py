"""Floor 3: decisions. Pure functions, each beside the law it applies; today and the rulebook are arguments."""
