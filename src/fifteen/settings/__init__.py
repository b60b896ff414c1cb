"""What an installation sets: where its rulebook is, and how its pages are served."""
