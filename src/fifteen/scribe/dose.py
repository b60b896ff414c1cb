"""The dose of an exercise, read from the words around its name: sets, repetitions, times, loads, help and place.

`"` are seconds behind repetitions and inches before a step or chair; `'` are minutes, and feet behind a distance.
What is not stated is not there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from fifteen.scribe.draft import Amount, Resistance
from fifteen.scribe.marks import Mark

Dose = dict[str, Any]
"""Fields of `DraftExercise` by name, those that were stated."""

_SECONDS = ("s", "sec", "secs", "second", "seconds", '"')
_MINUTES = ("min", "mins", "minute", "minutes", "'")
_POUNDS = ("#", "lb", "lbs", "pound", "pounds")
_KILOS = ("kg", "kgs", "kilogram", "kilograms")
_FEET = ("ft", "feet", "foot", "'")
_METRES = ("m", "meter", "meters", "metre", "metres")
_INCHES = ("in", "inch", "inches", '"')
_UNTIL = ("amrap", "fatigue", "failure", "max")
_TIMES = ("x", "by", "*", "times")
_ROMAN = {
    "1": "I",
    "2": "II",
    "3": "III",
    "4": "IV",
    "5": "V",
    "i": "I",
    "ii": "II",
    "iii": "III",
    "iv": "IV",
    "v": "V",
}
_RAISED = ("step", "box", "chair", "stool", "curb", "hurdle", "bench", "mat", "table", "block", "stair")
_MOST_SETS = 6  # not law: of `10x3` the smaller number is the sets


class _Cursor:
    """The words of one dose, read from left to right."""

    def __init__(self, words: Sequence[Mark], name: str, aerobic: bool) -> None:
        self.words, self.name, self.aerobic, self.place = words, name, aerobic, 0
        self.dose: Dose = {}

    def at(self, step: int = 0) -> Mark | None:
        place = self.place + step
        return self.words[place] if 0 <= place < len(self.words) else None

    def low(self, step: int = 0) -> str:
        mark = self.at(step)
        return "" if mark is None else mark.low

    def number(self, step: int = 0) -> float | None:
        mark = self.at(step)
        return mark.number if mark is not None and mark.kind == "number" else None

    def put(self, field: str, value: Any) -> None:
        self.dose.setdefault(field, value)

    def put_count(self, field: str, number: float) -> None:
        """A number of sets, repetitions or seconds; a broken number is none of these."""
        if _count(number):
            self.put(field, int(number))


def doses(words: Sequence[Mark], name: str, aerobic: bool = False) -> list[Dose]:
    """The doses that `words` state of `name`: one, or one for each side where each side has its own."""
    return [_dose(part, name, aerobic) for part in _by_side(words)]


def _by_side(words: Sequence[Mark]) -> list[Sequence[Mark]]:
    """`R 3x10 3#, L 3x10 5#`: each side with a dose of its own."""
    places = [place for place, each in enumerate(words) if each.kind == "side" and each.value in ("R", "L")]
    if len(places) == 2 and words[places[0]].value != words[places[1]].value:
        one, other = words[: places[1]], words[places[1] :]
        if all(any(m.kind == "number" for m in part) for part in (one, other)):
            return [one, other]
    return [words]


def _dose(words: Sequence[Mark], name: str, aerobic: bool) -> Dose:
    cursor = _Cursor(words, name, aerobic)
    while cursor.at() is not None:
        cursor.place += next((size for rule in _RULES if (size := rule(cursor))), 1)
    return cursor.dose


# -- rules: each looks at the cursor and answers how many words it took -----------------------------------------------


def _scheme(c: _Cursor) -> int:
    """`30/15/15/15`."""
    found, step = [c.number()], 1
    while c.low(step) == "/" and c.number(step + 1) is not None:
        found.append(c.number(step + 1))
        step += 2
    if len(found) < 3:
        return 0
    c.put("rep_scheme", tuple(int(each or 0) for each in found))
    return step


def _times(c: _Cursor) -> int:
    """`3x10`, `10 x 5"`, `2 x 150'`, `3x10x5s`, `three by twelve`, `2 x 3 min`."""
    first, second = c.number(), c.number(2)
    if first is not None and c.low(1) in _TIMES and c.low(2) in _UNTIL:
        c.put_count("sets", first)
        return 3
    if first is None or second is None or c.low(1) not in _TIMES or not (_count(first) and _count(second)):
        return 0
    unit = c.low(3)
    taken = _second(c, int(first), second, unit)
    if not taken:
        one, other = int(first), int(second)
        if one > other and other <= _MOST_SETS < one:
            one, other = other, one
        c.put("sets", one)
        c.put("reps", other)
        taken = 3
    if c.low(taken) in ("ea", "each"):
        c.put("side", "B")
    third = c.number(taken + 1)
    if c.low(taken) in _TIMES and third is not None:
        size = _hold(c, third, c.low(taken + 2))
        return taken + 2 + size
    return taken


def _second(c: _Cursor, first: int, second: float, unit: str) -> int:
    if unit == "'":
        if second >= 25 or _walked(c.name):
            c.put("reps", first)
            c.put("distance", Amount(_whole(second), "ft"))
        else:
            c.put("sets", first)
            c.put("duration_s", int(second * 60))
        return 4
    for units, field in ((_SECONDS, "hold_s"), (_FEET, "distance"), (_MINUTES, "duration_s")):
        if unit in units:
            c.put("reps" if field != "duration_s" else "sets", first)
            value: Any = (
                Amount(_whole(second), "ft")
                if field == "distance"
                else int(second * (60 if field == "duration_s" else 1))
            )
            c.put(field, value)
            return 4
    return 0


def _hold(c: _Cursor, seconds: float, unit: str) -> int:
    c.put_count("hold_s", seconds)
    return 1 if unit in _SECONDS else 0


def _behind_x(c: _Cursor) -> int:
    """`x10`, `x 30s`, `x 3 min`, `x4`, `x 50 ft`."""
    number = c.number(1)
    if c.low() not in ("x", "times", "for", "*") or number is None:
        return 0
    unit, for_ = c.low(2), c.low() == "for"
    if unit in _SECONDS and not (unit == '"' and c.low(3) in _RAISED):
        c.put_count("hold_s", number)
    elif unit in _MINUTES and not (unit == "'" and (number >= 25 or _walked(c.name))):
        c.put("duration_s", int(number * 60))
    elif unit in _FEET:
        c.put("distance", Amount(_whole(number), "ft"))
    elif unit in ("rep", "reps", "repetition", "repetitions"):
        c.put_count("reps", number)
    elif unit in ("set", "sets"):
        c.put_count("sets", number)
    elif for_:
        return 0
    elif number.is_integer():
        # A ride has no repetitions: `bike x5` are minutes.
        c.put("duration_s" if c.aerobic else "reps", int(number) * (60 if c.aerobic else 1))
        return 2
    return 3


def _sets_of(c: _Cursor) -> int:
    """`3 sets of 10`, `two sets of fifteen`, `3 sets x 10`, `10 reps`."""
    number, unit = c.number(), c.low(1)
    if number is None:
        return 0
    if unit in ("set", "sets"):
        c.put_count("sets", number)
        step = 3 if c.low(2) in ("of", "x", "by") else 2
        reps = c.number(step)
        if step == 3 and reps is not None and c.low(step + 1) not in (*_SECONDS, *_MINUTES, *_FEET):
            c.put_count("reps", reps)
            return 4
        return step
    if unit in ("rep", "reps", "repetition", "repetitions", "time", "times"):
        c.put_count("reps", number)
        return 2
    return 0


def _slash(c: _Cursor) -> int:
    """`3/10` behind a name are sets and repetitions, where sets are few."""
    first, second = c.number(), c.number(2)
    if first is None or second is None or c.low(1) != "/":
        return 0
    before = c.at(-1)
    if before is not None and (before.kind in ("pain", "measure") or before.low in ("rpe", "pain", "mmt", "strength")):
        return 3
    if first <= _MOST_SETS and second >= 5 and c.low(3) not in ("pain",):
        c.put_count("sets", first)
        c.put_count("reps", second)
    return 3


def _measured(c: _Cursor) -> int:
    """A number with a unit of load, distance, time or height, or in percent."""
    number, unit = c.number(), c.low(1)
    if number is None:
        return 0
    after = c.low(2)
    raised = after in _RAISED or any(word in c.name for word in ("step", "stand", "squat", "jump", "hurdle"))
    if (
        unit == '"'
        and raised
        and "hold_s" not in c.dose
        and not ("reps" in c.dose and "step" not in c.name and after not in _RAISED)
    ):
        c.put("height", Amount(_whole(number), "in"))
        return 2
    if unit in _POUNDS or unit in _KILOS:
        c.put("resistance", Resistance(value=_whole(number), unit="kg" if unit in _KILOS else "lb"))
        return 2
    if unit in _INCHES and unit != '"':
        c.put("height", Amount(_whole(number), "in"))
        return 2
    if unit in _SECONDS:
        c.put_count("hold_s", number)
        return 2
    if unit == "'":
        if number >= 25 or _walked(c.name):
            c.put("distance", Amount(_whole(number), "ft"))
        else:
            _minutes(c, number)
        return 2
    if unit in _FEET or (unit in _METRES and number >= 3):
        c.put("distance", Amount(_whole(number), "m" if unit in _METRES else "ft"))
        return 2
    if unit in _MINUTES:
        _minutes(c, number)
        return 2
    return 0


def _minutes(c: _Cursor, number: float) -> None:
    """`3' fwd/3' bwd` add up: two directions of one exercise."""
    if c.low(2) in ("bwd", "backward", "backwards", "retro", "rev") or c.low(1) == "bwd":
        c.dose["duration_s"] = c.dose.get("duration_s", 0) + int(number * 60)
        return
    c.put("duration_s", int(number * 60))


def _level(c: _Cursor) -> int:
    if c.low() in ("level", "lvl", "lv") and c.number(1) is not None:
        c.put("level", f"{c.number(1):g}")
        return 2
    found = re.fullmatch(r"[Ll](\d{1,2})", c.at().text) if c.at() is not None else None  # type: ignore[union-attr]
    if found:
        c.put("level", found[1])
        return 1
    return 0


def _grade(c: _Cursor) -> int:
    if (c.low() in ("grade", "gr", "grades") and c.low(1) in _ROMAN) or (
        c.low() in ("grade", "gr") and c.number(1) is not None
    ):
        said = f"{c.number(1):g}" if c.number(1) is not None else c.low(1)
        if said in _ROMAN:
            c.put("grade", _ROMAN[said])
            return 2
    found = re.fullmatch(r"gr([1-5])", c.low())
    if found:
        c.put("grade", _ROMAN[found[1]])
        return 1
    return 0


def _known(c: _Cursor) -> int:
    """Words of the lexicon: side, band, help, cues, device, position, support, condition."""
    mark = c.at()
    assert mark is not None
    match mark.kind:
        case "side":
            if mark.low in ("each", "ea", "per") and c.low(1) not in ("side", "leg", "arm", "direction", "way", ""):
                return 0
            c.put("side", mark.value)
        case "band":
            near = " ".join(m.low for m in c.words[max(c.place - 2, 0) : c.place + 3]) + f" {c.name}"
            field = "putty" if "putty" in near else "flexbar" if "flexbar" in near or "flex bar" in near else "band"
            c.put("resistance", _coloured(field, mark.value))
        case "assist":
            c.dose["assist"] = (
                f"{c.dose['assist']} to {mark.value}"
                if c.low(-1) in ("->", "to", ">") and "assist" in c.dose
                else c.dose.get("assist", mark.value)
            )
        case "cue":
            return _cues(c, mark)
        case "device":
            c.dose["device"] = (
                f"{c.dose['device']}, {mark.value}"
                if "device" in c.dose and mark.value not in c.dose["device"]
                else mark.value
            )
        case "position" | "support" | "condition":
            c.put(mark.kind, mark.value)
        case _:
            return 0
    return 1


def _cues(c: _Cursor, mark: Mark) -> int:
    """`VC for step length` keeps what for; `50% VC` how much; `VC + TC` both."""
    percent = f" {c.number(-2):g}%" if c.low(-1) == "%" and c.number(-2) is not None else ""
    size, more = 1, []
    while c.low(size) in ("+", "and", "&", "/", ",") and (nxt := c.at(size + 1)) is not None and nxt.kind == "cue":
        more.append(nxt.value)
        size += 2
    said = " + ".join(dict.fromkeys([mark.value, *more])) + percent
    if c.low(size) in ("for", "to"):
        size += 1
        words = []
        while (each := c.at(size)) is not None and each.text not in (",", ";", ".", "(", ")") and each.kind != "number":
            words.append(each.value if each.kind == "body" else each.text)
            size += 1
        said += f": {' '.join(words)}" if words else ""
    c.put("cues", said)
    return size


_RULES: tuple[Callable[[_Cursor], int], ...] = (
    _scheme, _times, _behind_x, _sets_of, _slash, _level, _grade, _measured, _known,
)  # fmt: skip


def _walked(name: str) -> bool:
    return any(word in name for word in ("gait", "walk", "ambulat", "carry", "sled", "march", "crawl", "propulsion"))


def _count(number: float) -> bool:
    """Can this be a number of sets, repetitions, seconds or feet?"""
    return number == int(number) and number > 0


def _whole(number: float) -> int | float:
    return int(number) if number == int(number) else number


def _coloured(kind: str, colour: str) -> Resistance:
    match kind:
        case "putty":
            return Resistance(putty=colour)
        case "flexbar":
            return Resistance(flexbar=colour)
        case _:
            return Resistance(band=colour)
