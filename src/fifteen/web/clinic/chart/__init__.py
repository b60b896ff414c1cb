"""The chart: lists, the header of a patient, the episode's timeline, visits, goals, scores, and the day of a person."""
