"""The schedule: who is expected where, when and by whom."""
