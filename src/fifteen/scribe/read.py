"""Text to a draft by rules: families and their minutes, exercises and their doses, and what was not done today."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import msgspec

from fifteen.engine.people import Discipline
from fifteen.rulebook import Rulebook
from fifteen.scribe import around
from fifteen.scribe.dose import Dose, doses
from fifteen.scribe.draft import Draft, DraftExercise, DraftService, NotPerformed, Span, Unread, side_of
from fifteen.scribe.gate import gated
from fifteen.scribe.lexicon import Lexicon, lexicon
from fifteen.scribe.marks import Mark, marks
from fifteen.scribe.minutes import UNTIMED, Anchor, Candidate, Reading, anchors, candidates, solve, speaks_for_itself
from fifteen.scribe.questions import asked

_ITSELF = {"GT": "gait training"}  # a family that is its own exercise
_FILLER = frozenset(
    (
        "a", "an", "the", "of", "to", "for", "with", "w/", "and", "or", "then", "also", "performed", "completed", "did",
        "do", "done", "pt", "patient", "x", "today", "in", "on", "at", "by", "each", "ea", "all", "per", "post", "pre",
        "total", "min", "mins", "minute", "minutes",
    )
)  # fmt: skip


# An exercise under no family was done today only if some of its dose is told: a movement that hurts has none.
_DOSED = {"sets", "reps", "hold_s", "resistance", "rep_scheme"}


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


def read(text: str, rulebook: Rulebook, *, discipline: Discipline = "PT", on: date | None = None) -> Draft:
    """What `text` says was done today, with the words of each value; minutes only where they are stated or timed."""
    day = on or date.max
    words = lexicon(rulebook, day)
    codes: dict[str, str] = rulebook.value("fifteen.scribe_codes", day).value
    found = marks(text, words)
    families = anchors(found)
    numbers, totals = candidates(found, families)
    reading = solve(found, families, numbers, totals)
    used = set(reading.minutes.values())
    usual = "SPEECH" if discipline == "SLP" else "TE"  # what an exercise of no known family is
    items = _items(found, families, [numbers[place] for place in used], words, usual)
    services = [
        msgspec.structs.replace(each, code=each.code or codes.get(each.family))
        for each in _services(found, families, numbers, reading, items)
    ]
    told = around.response(found)
    draft = Draft(
        text=text,
        services=tuple(services),
        pain=tuple(around.pain(found)),
        measures=tuple(around.measures(found)),
        response=None if told is None else text[slice(*told)],
        response_source=told,
        plan=around.plan(found, text),
        goal=around.goal(found, text),
        total_timed_minutes=next((each.value for each in totals if each.timed), None),
        total_minutes=next((each.value for each in totals if not each.timed), None),
        not_performed=tuple(_not_performed(found)),
        unread=tuple(_unread(found, items, text)),
    )
    return asked(gated(draft), reading, totals)


# -- exercises ---------------------------------------------------------------------------------------------------------


def _items(
    found: Sequence[Mark], families: Sequence[Anchor], used: Sequence[Candidate], words: Lexicon, usual: str
) -> list[Item]:
    heads = {one.first for one in used}
    places = [
        place
        for place, each in enumerate(found)
        if each.name and each.why is None and place + 1 not in heads and not speaks_for_itself(each)
    ]
    aims = _aims(found)
    places = [place for place in places if place not in aims and not _qualifies(found, place)]
    named = {place: _named(found, place) for place in places}
    skip = {place for one in used for place in range(one.first, one.last)}
    for place, item in _unknown(found, families, skip, words, usual).items():
        named.setdefault(place, item)
    for one in families:
        if one.family in _ITSELF and not any(one.first <= place < one.last for place in named):
            named[one.last - 1] = Item(
                one.last - 1, _ITSELF[one.family], one.family, True, None, found[one.last - 1].span, []
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
    items = [named[place] for place in order]
    for item in items:
        item.name = _whole_name(found, item)
    items = [each for item in items for each in _both(found, item)]
    _spread(found, items)
    return [
        each for each in items if each.name not in _ITSELF.values() or each.family not in _ITSELF or any(each.doses)
    ]


_PURPOSES = frozenset(
    (
        "increase", "improve", "restore", "decrease", "reduce", "promote", "facilitate", "normalize", "maximize",
        "regain", "enhance", "address", "improved", "increased", "progress", "prevent", "allow", "achieve",
    )
)  # fmt: skip


def _aims(found: Sequence[Mark]) -> set[int]:
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


_MOVEMENTS = frozenset(
    (
        "external", "internal", "rotation", "flexion", "extension", "abduction", "adduction", "horizontal", "lateral",
        "side", "bending", "elevation", "depression",
    )
)  # fmt: skip
_JOINTS = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle", "neck", "trunk")


_OF_A_JOINT = ("distraction", "glide", "mobilization", "manipulation", "range of motion")
_QUALIFIERS = {
    "ecc": "eccentric", "eccentric": "eccentric", "iso": "isometric", "isometric": "isometric", "resisted": "resisted",
    "facilitated": "facilitated",
}  # fmt: skip


def _whole_name(found: Sequence[Mark], item: Item) -> str:
    """A movement with its joint and with how it was done: `ER` of the shoulder, `ecc` heel drop, `PROM` of a knee."""
    words, before = item.name.split(), found[item.place - 1].low if item.place else ""
    told = item.region if item.region in _JOINTS else _body(found, item)
    if set(words) <= _MOVEMENTS:
        joint = told or (item.joint if item.joint in _JOINTS else "")
    else:
        joint = told if item.name.endswith(_OF_A_JOINT) and not set(words) & set(_JOINTS) else ""
    how = _QUALIFIERS.get(before, "")
    return " ".join(filter(None, ("" if how in words else how, joint, item.name)))


def _body(found: Sequence[Mark], item: Item) -> str:
    """The one joint that the item's sentence names."""
    named = {each.value for each in found if each.sentence == item.sentence and each.kind == "body"} & set(_JOINTS)
    return next(iter(named)) if len(named) == 1 else ""


def _both(found: Sequence[Mark], item: Item) -> list[Item]:
    """`HR/TR 2x20`: two names written as one, each with the dose."""
    one, joint, other = item.name.partition(" and ")
    if not joint or "/" not in found[item.place].text.replace(" / ", "/"):
        return [item]
    noun = other.split()[-1]
    return [msgspec.structs.replace(item, name=f"{one} {noun}"), msgspec.structs.replace(item, name=other)]


def _given(item: Item) -> bool:
    return any(_DOSED & set(dose) or "duration_s" in dose for dose in item.doses)


def _measured(found: Sequence[Mark], items: Sequence[Item]) -> set[int]:
    """Sentences of measurements: a movement with a bare number behind it, `knee flex 118 ext -2`."""
    made: set[int] = set()
    for item in items:
        if _given(item):
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


_UNIT = ("x", "min", "mins", "'", '"', "reps", "sets", "lb", "lbs", "#", "ft", "feet", "sec", "s", "times", "%")


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
        head = [place for place in clause[:first] if found[place].kind == "word" and found[place].low not in _FILLER]
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


# -- services ----------------------------------------------------------------------------------------------------------


def _services(
    found: Sequence[Mark], families: Sequence[Anchor], numbers: Sequence[Candidate], reading: Reading,
    items: Sequence[Item],
) -> list[DraftService]:  # fmt: skip
    owners = [_owner(found, families, item, items) for item in items]
    made: list[tuple[int, DraftService]] = []
    for place, one in enumerate(families):
        own = [item for item, owner in zip(items, owners, strict=True) if owner == place]
        minutes = numbers[reading.minutes[place]] if place in reading.minutes else None
        again = any(families[other].family == one.family for other in reading.minutes)
        if minutes is None and not own and (again or not _entered(found, one)):
            continue  # merely spoken of, or told once more: `ESU 15 min. IFC to the neck`
        made.append((one.first, _service(found, one, minutes, own)))
    implied: dict[str, list[Item]] = {}
    for item, owner in zip(items, owners, strict=True):
        if owner is None and any(item.doses):
            implied.setdefault(item.family, []).append(item)
    for family, own in implied.items():
        if not any(_DOSED & set(dose) for item in own for dose in item.doses):
            continue
        span = (own[0].span[0], own[-1].span[1])
        service = DraftService(family=family, exercises=_exercises(own), stated=False, source=span)  # type: ignore[arg-type]
        made.append((own[0].place, service))
    return [service for _, service in sorted(made, key=lambda each: each[0])]


def _entered(found: Sequence[Mark], one: Anchor) -> bool:
    """Is a family without minutes or exercises written as an entry, and not merely spoken of?"""
    after = found[one.last] if one.last < len(found) else None
    untimed = one.family in UNTIMED
    written = one.code is not None or (after is not None and after.text in (":", "(", "-"))
    dosed = after is not None and (after.kind in ("side", "body", "number") or after.low in ("to", "x"))
    free = any(each.kind == "nocharge" for each in found[one.last :] if each.sentence == found[one.first].sentence)
    return (
        one.concurrent
        or free
        or written
        or (untimed and (dosed or after is None or after.kind in ("line", "nocharge")))
        or (after is not None and after.kind == "number")
    )


def _owner(found: Sequence[Mark], families: Sequence[Anchor], item: Item, items: Sequence[Item]) -> int | None:
    """The family that an exercise stands under: the one named before it, or behind it where families come last."""
    holding = [place for place, one in enumerate(families) if one.family not in UNTIMED]
    before = [place for place in holding if families[place].first <= item.place]
    behind = [place for place in holding if families[place].first > item.place]
    last = bool(holding) and bool(items) and min(each.place for each in items) < families[holding[0]].first
    if last:
        return behind[0] if behind else before[-1]
    return before[-1] if before else None


def _service(found: Sequence[Mark], one: Anchor, minutes: Candidate | None, own: Sequence[Item]) -> DraftService:
    sentence = found[one.first].sentence
    following = [each for each in found[one.last :] if each.sentence == sentence]
    bare = one.family in UNTIMED
    stop = next((n for n, each in enumerate(following) if each.kind == "family"), len(following))
    near = following[:stop]
    free = any(each.kind == "nocharge" for each in near)
    span = (found[one.first].span[0], found[one.last - 1].span[1])
    if minutes is not None:
        span = (min(span[0], minutes.span[0]), max(span[1], minutes.span[1]))
    return DraftService(
        family=one.family, code=one.code, minutes=None if minutes is None else minutes.value,  # type: ignore[arg-type]
        exercises=_exercises(own), billable=not free, source=span,
        minutes_source=None if minutes is None else minutes.span,
        side=next((side_of(each.value) for each in near if each.kind == "side"), None) if bare else None,
        region=next((each.value for each in near if each.kind == "body"), None) if bare else None,
        concurrent=one.concurrent,
    )  # fmt: skip


def _exercises(items: Sequence[Item]) -> tuple[DraftExercise, ...]:
    made = []
    for item in items:
        for dose in item.doses or [{}]:
            fields: dict[str, Any] = dict(dose)
            if item.region is not None:
                fields.setdefault("region", item.region)
            made.append(
                DraftExercise(name=item.name, source=item.span, known=item.known, known_as=item.known_as, **fields)
            )
    return tuple(made)


def _not_performed(found: Sequence[Mark]) -> list[NotPerformed]:
    return [
        NotPerformed(name=each.value, why=each.why, source=each.span)
        for each in found
        if each.why is not None and (each.name or each.kind == "family")
    ]


def _unread(found: Sequence[Mark], items: Iterable[Item], text: str) -> list[Unread]:
    """Names that are not known, and clauses with a family and a number of which it is not sure that they were today."""
    made = [Unread(text[slice(*item.span)], item.span) for item in items if not item.known]
    for clause in dict.fromkeys(each.clause for each in found if each.kind == "doubt" and each.why is None):
        words = [each for each in found if each.clause == clause and each.kind != "line"]
        if {"family", "number"} <= {each.kind for each in words}:
            span = (words[0].span[0], words[-1].span[1])
            made.append(Unread(text[slice(*span)], span))
    return made
