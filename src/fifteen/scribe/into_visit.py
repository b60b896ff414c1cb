"""A draft into its visit: stated minutes as dictated intervals where no timer ran, and the note beside them."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from fifteen.engine.day import Day, Discipline, Interval, Mode, Person, Visit
from fifteen.engine.evidence.live import live
from fifteen.kernel.errors import UnreadableInput
from fifteen.scribe.against_day import visit_of
from fifteen.scribe.draft import Draft, DraftService, Family
from fifteen.scribe.families import FAMILY_NAMES
from fifteen.scribe.to_note import to_note

_MODES: dict[Family, Mode] = {
    "GRP": "group", "ESU": "supervised", "TRX": "supervised", "VASO": "supervised", "PAR": "supervised",
    "HPCP": "supervised",
}  # fmt: skip
"""How a family is given; every other one is given one-on-one."""


def into_visit(
    draft: Draft, day: Day, people: Sequence[Person], visit: str | None = None, discipline: Discipline | None = None
) -> Day:
    """`day` with what `draft` states put into one visit: accepted minutes by whoever of `people` gave them, and a note.

    A service of which the visit has recorded time gets no interval: the timers are its evidence. Minutes that are a
    question, of a service without a code, or said not to be charged give none either. Raises as `visit_of`, and
    `UnreadableInput` where `people` do not show who gave a service.
    """
    into = visit_of(day, visit, discipline)
    recorded = {each.service for each in live(into.intervals)[0]}
    taken = {each.id for held in day.all_visits() for each in held.intervals}
    added = []
    for place, service in enumerate(draft.services):
        if service.code is None or service.code in recorded or not _accepted(draft, place):
            continue
        id_ = next(name for name in (f"dictated-{n}" for n in range(1, len(taken) + 2)) if name not in taken)
        taken.add(id_)
        added.append(_interval(id_, service, people))
    known = {each.id for each in day.people}
    return replace(
        day,
        people=(*day.people, *(each for each in people if each.id not in known)),
        visits=_with(day, replace(into, intervals=(*into.intervals, *added))),
        intervals=(),
        discipline=None,
        notes=(*day.notes, to_note(draft, on=day.date, discipline=into.discipline, visit=into.id)),
    )


def _accepted(draft: Draft, place: int) -> bool:
    """Are the minutes stated, and is nothing about the service they belong to still open?"""
    service = draft.services[place]
    if service.minutes is None or not service.billable:
        return False
    paths = [f"services[{place}].{name}" for name in ("minutes", "family", "code")]
    status = {each.path: each.status for each in draft.facts if each.path in paths}
    if paths[0] not in status and not service.stated:
        return False
    return all(each == "accepted" for each in status.values())


def _interval(id_: str, service: DraftService, people: Sequence[Person]) -> Interval:
    return Interval(
        id=id_,
        people=(_giver(service, people),),
        service=service.code,
        mode=_MODES.get(service.family, "one-on-one"),
        minutes=service.minutes,
        origin="dictated",
    )


def _giver(service: DraftService, people: Sequence[Person]) -> str:
    """Who gave it: the one of that role, or the only person there, where the words name nobody (so: a therapist)."""
    found = [each for each in people if each.role == service.role]
    if not found and len(people) == 1 and service.role == "therapist":
        found = list(people)
    if len(found) == 1:
        return found[0].id
    who = " and ".join(f"{each.id} ({each.role})" for each in people) or "nobody"
    raise UnreadableInput(
        f"The {service.minutes} minutes of {FAMILY_NAMES[service.family]} are by one {service.role}, and {who} "
        "could have given them; name the one who did."
    )


def _with(day: Day, visit: Visit) -> tuple[Visit, ...]:
    """The visits of the day with this one in place of the one it was made from, or after them where it is new."""
    visits = day.all_visits()
    if visit.id not in {each.id for each in visits}:
        return (*visits, visit)
    return tuple(visit if each.id == visit.id else each for each in visits)
