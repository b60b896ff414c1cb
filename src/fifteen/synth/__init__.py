"""Fictional practices by a seed: to try, to show and to measure with, and no real person in them."""

from fifteen.synth.days import Chart
from fifteen.synth.practice import Size, practice
from fifteen.synth.records import Planted, Practice
from fifteen.synth.stream import stream

__all__ = ["Chart", "Planted", "Practice", "Size", "practice", "stream"]
