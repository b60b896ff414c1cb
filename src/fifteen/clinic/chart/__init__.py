"""The chart as a whole: reading that goes over several apps at once."""
