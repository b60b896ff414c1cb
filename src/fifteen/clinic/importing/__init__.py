"""Patients, coverages, episodes in flight and history from the tables that another system exports."""
