"""Names of exercises in full: a movement with its joint, how it was done, and the therapist's own words beside it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from fifteen.scribe.dose import Dose
from fifteen.scribe.draft import Span
from fifteen.scribe.english import GIVEN, PLAIN, UNSAID, WHO
from fifteen.scribe.marks import Mark

_PURPOSES = frozenset(
    (
        "increase", "improve", "restore", "decrease", "reduce", "promote", "facilitate", "normalize", "maximize",
        "regain", "enhance", "address", "improved", "increased", "progress", "prevent", "allow", "achieve",
    )
)  # fmt: skip
_MOVEMENTS = frozenset(
    (
        "external", "internal", "rotation", "flexion", "extension", "abduction", "adduction", "horizontal", "lateral",
        "side", "bending", "elevation", "depression",
    )
)  # fmt: skip
_JOINTS = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle", "neck", "trunk", "finger", "thumb", "forearm")
_OF_A_JOINT = ("distraction", "glide", "mobilization", "manipulation", "range of motion")
_QUALIFIERS = {
    "ecc": "eccentric", "eccentric": "eccentric", "iso": "isometric", "isometric": "isometric", "resisted": "resisted",
    "facilitated": "facilitated",
}  # fmt: skip
_NO_NAME = frozenset(
    (
        "reps", "rep", "sets", "set", "times", "sec", "s", "seconds", "hold", "holds", "lb", "lbs", "kg", "ft", "feet",
        "gr", "grade", "level", "lvl", "laps", "lap", "steps", "trials", "trial", "cm", "mhz", "alt", "alternating",
        "seat", "speed", "mph", "deg", "degrees", "w", "ea", "side", "sides", "ways", "way", "planes", "directions",
        "bouts", "rounds", "items", "cues", "accuracy", "iii", "ii", "iv", "i", "period", "comma", "new", "percent",
    )
)  # fmt: skip


class Item(msgspec.Struct):
    """An exercise on its way: its name, where it stands, and the doses read around it."""

    place: int
    name: str
    family: str
    known: bool
    region: str | None
    span: Span
    doses: list[Dose]
    aerobic: bool = False
    known_as: str | None = None
    joint: str = ""
    each: bool = False
    sentence: int = 0


def aims(found: Sequence[Mark]) -> set[int]:
    """Names that say what for, and were not done: `to increase internal rotation`, `VC for hip hinge`."""
    made: set[int] = set()
    until = -1
    for place, each in enumerate(found):
        cued = each.low in ("for", "to", "w/", "with") and place and found[place - 1].kind == "cue"
        if each.low in _PURPOSES or cued:
            until = each.clause
        if each.clause == until and each.name:
            made.add(place)
    return made


def whole_name(found: Sequence[Mark], item: Item) -> str:
    """A movement with its joint and how it was done, and the words of the same clause that touch the name.

    `ER` of the shoulder, `ecc` heel drop, `PROM` of a knee, `crash pad` jump, tandem gait `with ball toss`.
    """
    words, before = item.name.split(), found[item.place - 1].low if item.place else ""
    told = item.region if item.region in _JOINTS else _body(found, item)
    if set(words) <= _MOVEMENTS:
        joint = told or (item.joint if item.joint in _JOINTS else "") or _listed(found, item)
    else:
        joint = told if item.name.endswith(_OF_A_JOINT) and not set(words) & set(_JOINTS) else ""
    how = _QUALIFIERS.get(before, "")
    own = _own_words(found, item) if item.known and not how and not joint else ""
    return " ".join(filter(None, ("" if how in words else how, joint, own, item.name)))


def _listed(found: Sequence[Mark], item: Item) -> str:
    """The joint of the name right before it behind a slash: `hip flex/abd/ext`."""
    place = item.place
    while place > 1 and found[place - 1].text in ("/", "&", "+", "and") and found[place - 2].name:
        place -= 2
    return next((each for each in _JOINTS if each in found[place].value.split()), "")


def _own_words(found: Sequence[Mark], item: Item) -> str:
    """Unknown words that touch the name from before in its clause, at most three."""
    made: list[str] = []
    for place in range(item.place - 1, -1, -1):
        each = found[place]
        if each.clause != found[item.place].clause or len(made) == 3 or not _is_own(each):
            break
        made.insert(0, each.low)
    return " ".join(made)


def _is_own(mark: Mark) -> bool:
    plain = mark.low in PLAIN or mark.low in WHO or mark.low in GIVEN or mark.low in UNSAID
    return mark.kind == "word" and not plain and mark.low not in _NO_NAME and len(mark.low) > 2 and mark.text.isalpha()


def _body(found: Sequence[Mark], item: Item) -> str:
    """The one joint that the item's sentence names, or where it names none the sentence before."""
    for sentence in (item.sentence, item.sentence - 1):
        named = {each.value for each in found if each.sentence == sentence and each.kind == "body"}
        if named:
            joints = named & set(_JOINTS)
            return next(iter(joints)) if len(joints) == 1 else ""
    return ""


def joined_names(found: Sequence[Mark], made: Sequence[Item]) -> list[Item]:
    """Names that are one: side by side (`bed mobility rolling`, `PROM knee ext`) or by `with` (`SLS w/ ball toss`)."""
    done: list[Item] = []
    for item in made:
        before = done[-1] if done else None
        between = found[before.place + 1 : item.place] if before is not None else ()
        same = before is not None and found[before.place].clause == found[item.place].clause
        if before is None or not same or (any(before.doses) and between):
            if same and [each.low for each in between][-1:] in (["w/"], ["with"]) and not any(item.doses):
                continue  # how the one before was done: `trials x12 w/ chin tuck`
            done.append(item)
        elif not between:
            done[-1] = _as_one(before, item)
        elif [each.low for each in between] in (["w/"], ["with"]):
            done[-1] = msgspec.structs.replace(before, name=f"{before.name} with {item.name}", doses=item.doses)
        else:
            done.append(item)
    return done


def _as_one(first: Item, second: Item) -> Item:
    """A range of motion of a movement is called after the movement; else the second name says more of the first."""
    motion, movement = (first, second) if first.name.endswith(_MOTION) else (second, first)
    if motion.name.endswith(_MOTION) and is_movement(movement.name):
        said = " ".join(each for each in movement.name.split() if each not in motion.name.split())
        joint = next((each for each in _JOINTS if each in f"{movement.name} {motion.name}".split()), "")
        kind = " ".join(each for each in motion.name.split() if each not in _JOINTS and each != "exercise")
        name = " ".join(dict.fromkeys(filter(None, (joint, *said.split(), *kind.split()))))
        return msgspec.structs.replace(second, name=name, known_as=motion.known_as, family=motion.family)
    return msgspec.structs.replace(second, name=f"{first.name} {second.name}")


_MOTION = ("range of motion", "range of motion exercise")


def is_movement(name: str) -> bool:
    """Is this a movement of a joint or a range of motion, and so maybe only measured: `knee flexion`, `PROM`?"""
    return set(name.split()) <= _MOVEMENTS | set(_JOINTS) or name.endswith(_MOTION)


def both(found: Sequence[Mark], item: Item) -> list[Item]:
    """`HR/TR 2x20`: two names written as one, each with the dose."""
    one, joint, other = item.name.partition(" and ")
    if not joint or "/" not in found[item.place].text.replace(" / ", "/"):
        return [item]
    noun = other.split()[-1]
    return [msgspec.structs.replace(item, name=f"{one} {noun}"), msgspec.structs.replace(item, name=other)]
