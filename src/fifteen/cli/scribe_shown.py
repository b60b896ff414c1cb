"""A draft as a page: the words with what was read marked on them, then what was made of them, and what was not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from fifteen.cli.page import Mark
from fifteen.scribe.families import FAMILY_NAMES
from fifteen.scribe.to_note import SIDES, number

if TYPE_CHECKING:
    from fifteen.cli.page import Page
    from fifteen.scribe.draft import (
        Doubtful,
        Draft,
        DraftExercise,
        DraftService,
        Fact,
        Measured,
        Pain,
        Resistance,
        Span,
    )

_READ, _NOT_DONE, _NOT_UNDERSTOOD = ("underline green", "^"), ("dim strike", "-"), ("reverse yellow", "?")
_WHY = {
    "home": "at home",
    "planned": "planned",
    "earlier": "at an earlier visit",
    "declined": "declined",
    "denied": "said not to have been done",
}


def draft_section(page: Page, draft: Draft) -> None:
    """Everything of a draft but its findings, which stand at the end of the page with those of the day."""
    page.marked(draft.text, list(_marks(draft)))
    page.line("  ^ read   - not done today   ? not understood, or not said to have been given", "dim")
    if draft.services:
        page.heading("Services")
    facts = {each.path: each for each in draft.facts}
    for place, service in enumerate(draft.services):
        _service(page, service, facts.get(f"services[{place}].minutes"))
    _beside(page, draft)
    _list(page, "Not done today", [f"{each.name}, {_WHY[each.why]}" for each in draft.not_performed])
    _list(page, "Perhaps not given today", [_doubtful(each) for each in draft.doubtful])
    _list(page, "Asked", [f"{each.text}{_choices(each.choices)}" for each in draft.questions])
    _list(page, "Not understood", [f"“{' '.join(each.text.split())}”" for each in draft.unread])


def summary(drafts: Sequence[Draft]) -> str:
    """What many drafts hold together."""
    counts = (
        (len(drafts), "note", "notes"),
        (sum(len(each.services) for each in drafts), "service", "services"),
        (sum(len(each.questions) for each in drafts), "question", "questions"),
        (sum(len(each.unread) for each in drafts), "stretch not understood", "stretches not understood"),
    )
    return ", ".join(f"{count} {one if count == 1 else many}" for count, one, many in counts)


def _marks(draft: Draft) -> Iterator[Mark]:
    """What was read, then what was not done, then what was not understood; the later mark on a letter is seen."""
    read: list[Span | None] = [draft.response_source, *(each.source for each in draft.facts)]
    for service in draft.services:
        read += [service.source, *(each.source for each in service.exercises)]
    read += [each.source for each in draft.pain] + [each.source for each in draft.measures]
    yield from (Mark(*span, *_READ) for span in read if span is not None)
    yield from (Mark(*each.source, *_NOT_DONE) for each in draft.not_performed)
    yield from (Mark(*each.source, *_NOT_UNDERSTOOD) for each in draft.doubtful)
    yield from (Mark(*each.source, *_NOT_UNDERSTOOD) for each in draft.unread)


def _service(page: Page, service: DraftService, fact: Fact | None) -> None:
    code = f" ({service.code})" if service.code else ""
    place = " ".join(filter(None, (SIDES[service.side] if service.side else None, service.region)))
    said = [f"{FAMILY_NAMES[service.family]}{code}", place, service.parameters]
    said += [f"by the {service.role}" if service.role != "therapist" else None]
    said += [None if service.billable else "not charged"]
    page.wrapped(f"{', '.join(filter(None, said))}: {_minutes(service, fact)}", 2, 4)
    for each in service.exercises:
        page.wrapped(exercise_line(each), 4, 6)


def _minutes(service: DraftService, fact: Fact | None) -> str:
    stated = "minutes not stated" if service.minutes is None else f"{service.minutes} min"
    if fact is None or fact.status in ("accepted", "missing"):
        return stated
    if fact.timers is not None:
        return f"{stated} by the words, {fact.timers} min by the timers"
    if fact.intervals:
        return f"{fact.value} min by the timers ({', '.join(fact.intervals)}), none by the words"
    return f"{stated}, {'in doubt' if fact.status == 'conflict' else 'to be looked at'}"


def exercise_line(each: DraftExercise) -> str:
    """An exercise with its dose in one line: `straight leg raise, right: 3x10, 2 lb`."""
    named = ", ".join(filter(None, (each.name, SIDES[each.side] if each.side else None, each.region)))
    dose = ", ".join(filter(None, _dose(each)))
    return f"{named}{': ' if dose else ''}{dose}{'' if each.known else ' (a name not known here)'}"


def _dose(each: DraftExercise) -> Iterator[str | None]:
    yield _times(each)
    yield None if each.hold_s is None else f"hold {each.hold_s} s"
    yield None if each.duration_s is None else _duration(each.duration_s)
    yield None if each.resistance is None else _resistance(each.resistance)
    yield f"level {each.level}" if each.level else None
    yield f"grade {each.grade}" if each.grade else None
    yield None if each.distance is None else f"{number(each.distance.value)} {each.distance.unit}"
    yield None if each.height is None else f"height {number(each.height.value)} {each.height.unit}"
    yield from (each.position, each.condition, each.device, each.support, each.assist)
    yield f"cues {each.cues}" if each.cues else None


def _times(each: DraftExercise) -> str | None:
    if each.rep_scheme:
        return "/".join(map(str, each.rep_scheme))
    if each.reps is None:
        return None if each.sets is None else f"{each.sets} sets"
    return f"x{each.reps}" if each.sets is None else f"{each.sets}x{each.reps}"


def _duration(seconds: int) -> str:
    return f"{seconds} s" if seconds % 60 else f"{seconds // 60} min"


def _resistance(load: Resistance) -> str:
    amount = None if load.value is None else f"{number(load.value)} {load.unit or ''}".strip()
    coloured = [f"{each} {kind}" for kind, each in _coloured(load) if each]
    return ", ".join(filter(None, (amount, *coloured)))


def _coloured(load: Resistance) -> tuple[tuple[str, str | None], ...]:
    return ("band", load.band), ("putty", load.putty), ("flexbar", load.flexbar)


def _beside(page: Page, draft: Draft) -> None:
    """What the words say beside services, each under its own name."""
    rows = [("pain", _pain(each)) for each in draft.pain]
    rows += [("measured", _measured(each)) for each in draft.measures]
    rows += [("response", draft.response or ""), ("plan", draft.plan or ""), ("goal", draft.goal or "")]
    rows += [(name, "" if minutes is None else f"{minutes} min") for name, minutes in _totals(draft)]
    rows = [(name, said) for name, said in rows if said]
    if rows:
        page.heading("Also said")
    for name, said in rows:
        page.entry(name, " ".join(said.split()), 18)


def _totals(draft: Draft) -> tuple[tuple[str, int | None], ...]:
    return ("timed in all", draft.total_timed_minutes), ("minutes in all", draft.total_minutes)


def _pain(pain: Pain) -> str:
    return ", ".join(filter(None, (f"{number(pain.value)} of 10", pain.when, pain.site)))


def _measured(each: Measured) -> str:
    side = SIDES[each.side] if each.side else ""
    return " ".join(filter(None, (side, each.name, each.value, each.unit)))


def _doubtful(each: Doubtful) -> str:
    return f"{FAMILY_NAMES[each.family]}, {each.minutes} min: nothing was made of it"


def _choices(choices: Sequence[str]) -> str:
    return f" ({' or '.join(choices)})" if choices else ""


def _list(page: Page, title: str, lines: Sequence[str]) -> None:
    if lines:
        page.heading(title)
    for each in lines:
        page.wrapped(f"- {each}", 2, 4)
