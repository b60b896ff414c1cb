"""Exercises in the words: which names are what was done, the doses around each, and words of no known name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from fifteen.scribe.dose import Dose, doses
from fifteen.scribe.lexicon import Lexicon
from fifteen.scribe.marks import Mark
from fifteen.scribe.minutes import Anchor, Candidate, speaks_for_itself
from fifteen.scribe.naming import Item, aims, both, is_movement, joined_names, whole_name

ITSELF = {"GT": "gait training"}  # a family that is its own exercise
FILLER = frozenset(
    (
        "a", "an", "the", "of", "to", "for", "with", "w/", "and", "or", "then", "also", "performed", "completed", "did",
        "do", "done", "pt", "patient", "x", "today", "in", "on", "at", "by", "each", "ea", "all", "per", "post", "pre",
        "total", "min", "mins", "minute", "minutes",
    )
)  # fmt: skip


# An exercise under no family was done today only if some of its dose is told: a movement that hurts has none.
DOSED = {"sets", "reps", "hold_s", "resistance", "rep_scheme"}


def items(
    found: Sequence[Mark], families: Sequence[Anchor], used: Sequence[Candidate], words: Lexicon, usual: str
) -> list[Item]:
    heads = {one.first for one in used}
    places = [
        place
        for place, each in enumerate(found)
        if each.name and each.why is None and place + 1 not in heads and not speaks_for_itself(each)
    ]
    purposes = aims(found)
    places = [place for place in places if place not in purposes and not _qualifies(found, place)]
    named = {place: _named(found, place) for place in places}
    skip = {place for one in used for place in range(one.first, one.last)}
    for place, item in _unknown(found, families, skip, words, usual).items():
        named.setdefault(place, item)
    for one in families:
        if one.family in ITSELF and not any(one.first <= place < one.last for place in named):
            named[one.last - 1] = Item(
                one.last - 1, ITSELF[one.family], one.family, True, None, found[one.last - 1].span, []
            )
    order = sorted(named)
    stops = {place for one in families for place in range(one.first, one.last)}
    for number, place in enumerate(order):
        item = named[place]
        item.sentence = found[place].sentence
        before = _before(found, place, order[number - 1] if number else -1, stops)
        after = _after(found, place, order[number + 1] if number + 1 < len(order) else len(found), stops)
        around_it = [found[each] for each in (*before, *after) if each not in skip]
        item.doses = doses(around_it, item.name, item.aerobic)
        item.each = any(m.low in ("each", "ea") for m in around_it)
        item.region = next((m.value for m in around_it if m.kind == "body" and not (m.term and m.term.unsure)), None)
    made = joined_names(found, [named[place] for place in order])
    for item in made:
        item.name = whole_name(found, item)
    made = [each for item in made for each in both(found, item)]
    _spread(found, made)
    made = _once(_of_putty(found, made))
    readings = _measured(found, made)
    return [
        each
        for each in made
        if (each.name not in ITSELF.values() or each.family not in ITSELF or any(each.doses))
        and (each.sentence not in readings or _given(each))
    ]


def _once(made: Sequence[Item]) -> list[Item]:
    """Without what is named once more without a dose: `the buttons first ... ten buttons`."""
    dosed = {item.name for item in made if any(item.doses)}
    return [item for item in made if any(item.doses) or item.name not in dosed]


_PUTTY = {"grip": "putty grip", "grips": "putty grip", "gripping": "putty grip", "squeeze": "putty grip",
          "squeezes": "putty grip", "pinch": "putty pinch", "pinches": "putty pinch", "roll": "putty roll"}  # fmt: skip


def _of_putty(found: Sequence[Mark], made: Sequence[Item]) -> list[Item]:
    """`putty (yellow) grip/pinch 3 min ea`: what is done with putty, each with the dose of its clause."""
    done: list[Item] = []
    clauses = {found[item.place].clause: item for item in made if item.known_as == "putty exercise"}
    for item in made:
        putty = clauses.get(found[item.place].clause)
        if putty is None:
            done.append(item)
        elif item is putty:
            words = [each.low for each in found if each.clause == found[item.place].clause]
            names = dict.fromkeys(_PUTTY[word] for part in words for word in part.split() if word in _PUTTY)
            beside = [each.doses for each in made if found[each.place].clause == found[item.place].clause]
            given = next((each for each in beside if any({"reps", "duration_s"} & set(dose) for dose in each)), [])
            each_dose = _beside(given or item.doses, item.doses)
            done += [msgspec.structs.replace(item, name=name, known_as=name, doses=each_dose) for name in names] or [
                item
            ]
        elif item.known_as not in ("grip strengthening", "pinch strengthening") and item.name not in _PUTTY:
            done.append(item)
    return done


def _beside(doses: Sequence[Dose], own: Sequence[Dose]) -> list[Dose]:
    """The doses, with what the item's own words add to each."""
    added = {key: value for dose in own for key, value in dose.items()}
    return [{**added, **dose} for dose in doses]


def _given(item: Item) -> bool:
    return any(DOSED & set(dose) or "duration_s" in dose for dose in item.doses)


def _measured(found: Sequence[Mark], items: Sequence[Item]) -> set[int]:
    """Sentences of measurements: a movement with a bare number behind it, `knee flex 118 ext -2`."""
    made: set[int] = set()
    for item in items:
        if _given(item) or not is_movement(item.name):
            continue
        behind = [
            each
            for each in found[item.place + 1 : item.place + 4]
            if each.sentence == item.sentence and each.text != "-"
        ]
        after = behind[1] if len(behind) > 1 else None
        bare = bool(behind) and behind[0].kind == "number" and (after is None or after.low not in _UNIT)
        if bare and not (after is not None and after.kind == "number"):
            made.add(item.sentence)
    return made


_UNIT = (
    "x",
    "min",
    "mins",
    "'",
    '"',
    "reps",
    "sets",
    "lb",
    "lbs",
    "#",
    "ft",
    "feet",
    "sec",
    "s",
    "times",
    "%",
    "minutes",
    "minute",
    "seconds",
)


def _qualifies(found: Sequence[Mark], place: int) -> bool:
    """A stance beside another name is how that one was done: `cone taps SLS`, `BOSU step taps`."""
    each = found[place]
    beside = [found[other] for other in (place - 1, place + 1) if 0 <= other < len(found)]
    return _stance(each) and any(other.name and other.clause == each.clause and not _stance(other) for other in beside)


def _stance(mark: Mark) -> bool:
    return any(word in mark.value for word in ("stance", "bosu", "standing balance", "foam"))


def _named(found: Sequence[Mark], place: int) -> Item:
    term = found[place].term
    assert term is not None
    return Item(
        place, term.said or term.value, term.family or "TE", True, None, found[place].span, [],
        aerobic=term.type == "aerobic", known_as=term.value, joint=term.region,
    )  # fmt: skip


def _unknown(
    found: Sequence[Mark], families: Sequence[Anchor], skip: Iterable[int], words: Lexicon, usual: str
) -> dict[int, Item]:
    """A clause with sets and repetitions and words of its own, but no known name: the therapist's words stay."""
    made: dict[int, Item] = {}
    clauses: dict[int, list[int]] = {}
    for place, each in enumerate(found):
        clauses.setdefault(each.clause, []).append(place)
    taken = {place for one in families for place in range(one.first, one.last)} | set(skip)
    for places in clauses.values():
        clause = [
            place for place in places if place not in taken and found[place].text not in (":", "-", "(", ")", "•", "*")
        ]
        if any(found[place].name or found[place].why for place in clause):
            continue
        dosed = next((n for n, place in enumerate(clause) if _dosed(found, place)), None)
        first = next((n for n, place in enumerate(clause) if found[place].kind == "number"), dosed)
        head = [place for place in clause[:first] if found[place].kind == "word" and found[place].low not in FILLER]
        if not dosed or not head or len(head) > 5:
            continue
        said = " ".join(found[place].low for place in head)
        term = words.alike(said)
        span = (found[head[0]].span[0], found[head[-1]].span[1])
        name, family, known = (term.value, term.family or usual, False) if term is not None else (said, usual, False)
        made[head[-1]] = Item(head[-1], name, family, known, None, span, [])
    return made


def _dosed(found: Sequence[Mark], place: int) -> bool:
    """Do sets and repetitions begin here: `3x10`, `x 10`, `3 sets`?"""
    low = [each.low for each in found[place : place + 3]]
    kinds = [each.kind for each in found[place : place + 3]]
    if kinds[:1] == ["number"] and len(low) > 1:
        return (low[1] in ("x", "by") and kinds[2:3] == ["number"]) or low[1] in ("sets", "set", "reps", "rep")
    return low[:1] == ["x"] and kinds[1:2] == ["number"]


def _before(found: Sequence[Mark], place: int, previous: int, stops: Iterable[int]) -> list[int]:
    """Words of the same clause before the name, back to the name or family before it."""
    taken = set(stops)
    made: list[int] = []
    for back in range(place - 1, previous, -1):
        if back in taken or found[back].clause != found[place].clause or found[back].text == ":":
            break
        made.insert(0, back)
    return made if previous < 0 or found[previous].clause != found[place].clause else []


def _after(found: Sequence[Mark], place: int, following: int, stops: Iterable[int]) -> list[int]:
    """Words behind the name up to the next name's clause, a family, or the end of the sentence."""
    taken = set(stops)
    made: list[int] = []
    for ahead in range(place + 1, following):
        each = found[ahead]
        next_clause = following < len(found) and each.clause == found[following].clause != found[place].clause
        if ahead in taken or each.sentence != found[place].sentence or next_clause or each.why is not None:
            break
        made.append(ahead)
    return made


def _spread(found: Sequence[Mark], items: Sequence[Item]) -> None:
    """`all R`, and `x10 each` behind a list of names without a dose of their own."""
    for place, each in enumerate(found):
        if each.kind == "side" and place and found[place - 1].low == "all":
            for item in (item for item in items if item.sentence == each.sentence):
                for dose in item.doses:
                    dose["side"] = each.value
    for number, item in enumerate(items):
        if not item.each or not item.doses or not {"reps", "duration_s", "hold_s"} & set(item.doses[0]):
            continue
        for other in reversed(items[:number]):
            if other.sentence != item.sentence or any(other.doses):
                break
            other.doses = [dict(item.doses[0])]
