"""Floor 7: the pages. Thin: read the question, ask the engine, show."""
