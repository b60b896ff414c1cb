"""Words to a draft: shorthand and dictated text become facts, each with the words it came from, and questions."""
