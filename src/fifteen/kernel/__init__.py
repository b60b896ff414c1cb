"""Floor 1: what every other floor speaks in. No rule lives here."""
