"""Treatment: episodes, plans, visits, and the intervals that everything billed is derived from."""
