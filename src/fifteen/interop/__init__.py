"""Formats in, formats out: no database, no clock, no law."""
