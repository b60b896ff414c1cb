"""Times of the day as they are spoken: `ten past nine`, `nine oh two`, `a quarter past one`, `one forty`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from fifteen.scribe.draft import Span

_HOURS = 12
_PARTS = {"quarter": 15, "half": 30}


class Word(Protocol):
    """What a time is read from: a token or a mark."""

    @property
    def kind(self) -> str: ...
    @property
    def low(self) -> str: ...
    @property
    def span(self) -> Span: ...


class Clock(msgspec.Struct, frozen=True):
    """A spoken time: minutes after twelve, where it stands, and the place behind it. `hour` False: only `ten past`."""

    minute: int
    first: int
    last: int
    span: Span
    hour: bool = True


def clocks(found: Sequence[Word], value: Sequence[float]) -> list[Clock]:
    """The times in `found` in order; `value` holds the number of each word. `ten past` takes the hour said last."""
    made: list[Clock] = []
    place = 0
    while place < len(found):
        one = _at(found, value, place)
        if one is None:
            place += 1
            continue
        if not one.hour:
            hour = made[-1].minute // 60 if made else None
            one = None if hour is None else msgspec.structs.replace(one, minute=hour * 60 + one.minute)
        if one is not None:
            made.append(one)
            place = one.last
        else:
            place += 1
    return made


def between(start: Clock, stop: Clock) -> int:
    """Minutes from one time to another, on a dial of twelve hours."""
    return (stop.minute - start.minute) % (_HOURS * 60)


def _at(found: Sequence[Word], value: Sequence[float], place: int) -> Clock | None:
    each = found[place]
    if each.kind == "clock":
        return _clock(found, place, place + 1, int(value[place]) % (_HOURS * 60))
    part = _PARTS.get(each.low)
    said = part if part is not None else value[place] if each.kind == "number" else None
    if said is None or said != int(said):
        return None
    word, hour = _low(found, place + 1), _number(found, value, place + 2)
    if word in ("past", "after", "to", "till", "of") and 1 <= said < 60:
        if hour is not None and 1 <= hour <= _HOURS:
            back = word in ("to", "till", "of")
            if word == "of" and part is None:
                return None  # `ten of twelve` items
            minute = (int(hour) % _HOURS) * 60 + (-int(said) if back else int(said))
            return _clock(found, place, place + 3, minute % (_HOURS * 60))
        return _clock(found, place, place + 2, int(said), hour=False) if word == "past" else None
    if part is not None or not 1 <= said <= _HOURS:
        return None
    return _hour_first(found, value, place, int(said) % _HOURS * 60)


def _hour_first(found: Sequence[Word], value: Sequence[float], place: int, hour: int) -> Clock | None:
    """`nine o'clock`, `nine oh two`, `one forty`; behind `it's` or `at` also what stands alone is no time."""
    after = _low(found, place + 1)
    if after == "o" and _low(found, place + 3) == "clock":
        return _clock(found, place, place + 4, hour)
    if after in ("o'clock", "oclock"):
        return _clock(found, place, place + 2, hour)
    if after in ("oh", "o"):
        minute = _number(found, value, place + 2)
        return _clock(found, place, place + 3, hour + int(minute)) if minute and minute < 10 else None
    minute = _number(found, value, place + 1)
    behind = _low(found, place + 2)
    if minute and 10 <= minute < 60 and behind not in ("minutes", "minute", "min", "seconds", "times", "reps"):
        return _clock(found, place, place + 2, hour + int(minute))
    return None


def _clock(found: Sequence[Word], first: int, last: int, minute: int, hour: bool = True) -> Clock:
    return Clock(minute, first, last, (found[first].span[0], found[last - 1].span[1]), hour)


def _low(found: Sequence[Word], place: int) -> str:
    return found[place].low if place < len(found) else ""


def _number(found: Sequence[Word], value: Sequence[float], place: int) -> float | None:
    return value[place] if place < len(found) and found[place].kind == "number" else None
