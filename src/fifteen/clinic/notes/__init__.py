"""Notes: drafts that change, signed versions that never do."""
