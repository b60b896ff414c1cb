"""From taps and intervals to minutes: what was given to whom, by whom, and for how long."""

from fifteen.engine.evidence.fold import Folded, TimerEvent, fold
from fifteen.engine.evidence.minutes import DayMinutes, DisciplineMinutes, ServiceTime, minutes_of
from fifteen.engine.evidence.overlap import Overlap, check_person_day

__all__ = [
    "DayMinutes",
    "DisciplineMinutes",
    "Folded",
    "Overlap",
    "ServiceTime",
    "TimerEvent",
    "check_person_day",
    "fold",
    "minutes_of",
]
