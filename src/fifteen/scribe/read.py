"""Text to a draft by rules: families and their minutes, exercises and their doses, and what was not done today."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import msgspec

from fifteen.engine.people import Discipline
from fifteen.rulebook import Rulebook
from fifteen.scribe import around
from fifteen.scribe.dialogue import is_dialogue, only_therapist, said_of
from fifteen.scribe.draft import Doubtful, Draft, DraftExercise, DraftService, NotPerformed, Unread, side_of
from fifteen.scribe.gate import gated
from fifteen.scribe.given import parted
from fifteen.scribe.items import DOSED, items
from fifteen.scribe.lexicon import lexicon
from fifteen.scribe.marks import Mark, marks
from fifteen.scribe.minutes import UNTIMED, Anchor, Candidate, Total, anchors, candidates
from fifteen.scribe.naming import Item
from fifteen.scribe.outside import outside
from fifteen.scribe.pairing import Reading, solve
from fifteen.scribe.questions import asked


def read(text: str, rulebook: Rulebook, *, discipline: Discipline = "PT", on: date | None = None) -> Draft:
    """What `text` says was done today, with the words of each value; minutes only where they are stated or timed."""
    day = on or date.max
    words = lexicon(rulebook, day)
    codes: dict[str, str] = rulebook.value("fifteen.scribe_codes", day).value
    found = outside(marks(text, words), text)
    talk = is_dialogue(text)
    if talk:
        found = only_therapist(found, text)
        found, families, numbers, reading = said_of(found, rulebook.value("fifteen.scribe_talk", day).value)
        totals, doubted = list[Total](), list[Doubtful]()
    else:
        families = anchors(found)
        numbers, totals = candidates(found, families)
        families, reading, doubted = parted(found, families, numbers, solve(found, families, numbers, totals))
    used = set(reading.minutes.values())
    usual = "SPEECH" if discipline == "SLP" else "TE"  # what an exercise of no known family is
    made = items(found, families, [numbers[place] for place in used], words, usual)
    services = [
        msgspec.structs.replace(each, code=each.code or codes.get(each.family))
        for each in _services(found, families, numbers, reading, made, talk)
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
        doubtful=tuple(doubted),
        unread=tuple(_unread(found, made, text)),
    )
    return asked(gated(draft), reading, totals, rulebook, day)


# -- services ----------------------------------------------------------------------------------------------------------


def _services(
    found: Sequence[Mark], families: Sequence[Anchor], numbers: Sequence[Candidate], reading: Reading,
    exercises: Sequence[Item], talk: bool,
) -> list[DraftService]:  # fmt: skip
    owners = [_told_after(families, item) if talk else _owner(found, families, item, exercises) for item in exercises]
    made: list[tuple[int, DraftService]] = []
    for place, one in enumerate(families):
        own = [item for item, owner in zip(exercises, owners, strict=True) if owner == place]
        minutes = numbers[reading.minutes[place]] if place in reading.minutes else None
        again = any(families[other].family == one.family for other in reading.minutes)
        if minutes is None and not own and (again or not _entered(found, one)):
            continue  # merely spoken of, or told once more: `ESU 15 min. IFC to the neck`
        made.append((one.first, _service(found, one, minutes, own)))
    implied: dict[str, list[Item]] = {}
    for item, owner in zip(exercises, owners, strict=True):
        if owner is None and any(item.doses):
            implied.setdefault(item.family, []).append(item)
    for family, own in implied.items():
        if not any(DOSED & set(dose) for item in own for dose in item.doses):
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


def _told_after(families: Sequence[Anchor], item: Item) -> int | None:
    """In talk: the next service of the exercise's own family, or one that is made of all kinds of exercise."""
    return next(
        (
            place
            for place, one in enumerate(families)
            if one.first >= item.place and (one.family == item.family or one.family in ("AQ", "SI"))
        ),
        None,
    )


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
