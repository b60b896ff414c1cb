"""Whose data: organizations, sites, and the wall between them."""
