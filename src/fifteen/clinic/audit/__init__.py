"""The trail: what was done, by whom, sealed in a chain."""
