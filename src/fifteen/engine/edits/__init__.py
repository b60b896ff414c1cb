"""What the lines of a claim must pass."""
