"""Taps and intervals: what comes in from devices and hands, and how it is corrected. Both only grow."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

import msgspec
from django.utils.translation import gettext as _

from fifteen.clinic.accounts import access as accounts
from fifteen.clinic.accounts.models import User
from fifteen.clinic.audit.record import record
from fifteen.clinic.codes import typed_code
from fifteen.clinic.people.services import given
from fifteen.clinic.tenancy import rows
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.errors import Conflict, Refused
from fifteen.clinic.tenancy.ids import LENGTH
from fifteen.clinic.treatment import access, changes
from fifteen.clinic.treatment.models import Interval, IntervalPerson, TimerEvent, Visit
from fifteen.clinic.treatment.record import interval_record
from fifteen.engine import day as engine
from fifteen.engine.evidence.fold import Folded, fold
from fifteen.engine.evidence.fold import TimerEvent as Tap
from fifteen.kernel.errors import AskedWrongly

ROLES = ("therapist", "assistant", "student")
"""What the engine knows as people who treat; everybody else gives time as an aide."""

LATER_TAPS = "Taps that came in later changed it."
"""The reason of a correction that folding made and nobody wrote."""

_SPAN = ("service", "mode", "start", "stop", "minutes", "origin", "session")
_TAP = ("kind", "service", "mode", "people", "session", "wall", "mono", "boot", "device")


def role_of(user: User) -> str:
    """The part that a person takes in treatment by their role in the house."""
    return user.role if user.role in ROLES else "aide"


def add_interval(
    visit: Visit, *, people: Sequence[User], service: str = "", mode: str = "one-on-one", start: datetime | None = None,
    stop: datetime | None = None, minutes: int | None = None, origin: str = "typed", session: str = "", user: User,
) -> Interval:  # fmt: skip
    """A closed span of a patient's time: start and stop, or minutes alone. People keep the role they have today."""
    held = access.held_visit(visit.id)  # who moves the visit at once waits, or was first
    visit.date, visit.site_id = held.date, held.site_id
    row = Interval(
        visit=visit, service=typed_code(service) if service.strip() else "", mode=mode, start=start, stop=stop,
        minutes=minutes, origin=origin, session=session.strip(), by=user.id, at=now(),
    )  # fmt: skip
    return _stored(row, [(each.id, role_of(each)) for each in people], "intervals.add")


def amend_interval(
    interval: Interval, reason: str, user: User, *, people: Sequence[User] | None = None, **changed: Any
) -> Interval:
    """A new interval that corrects this one and says why; `changed` are service, mode, start, stop, minutes, session.

    Roles stay as they were on the day for those who gave it before. Tapped time stays tapped where only its code, mode
    or people are corrected; a time that is another is typed.
    """
    unknown = sorted(set(changed) - {"service", "mode", "start", "stop", "minutes", "session"})
    if unknown:
        raise TypeError(f"no such field: {', '.join(unknown)}")
    access.held_visit(interval.visit_id)  # two corrections of one interval take turns
    if access.is_corrected(interval):
        raise Refused(_("This interval was corrected already; correct the newest one."))
    if changed.get("service"):
        changed["service"] = typed_code(changed["service"])
    span = {field: getattr(interval, field) for field in _SPAN} | changed
    if any(span[field] != getattr(interval, field) for field in ("start", "stop", "minutes")):
        span["origin"] = "typed"
    row = Interval(visit=interval.visit, **span, amends=interval, reason=given(reason), by=user.id, at=now())
    before = {each.user_id: each.role for each in interval.people.all()}
    who = list(before.items())
    if people is not None:
        who = [(each.id, before.get(each.id, role_of(each))) for each in people]
    return _stored(row, who, "intervals.amend")


def _stored(row: Interval, people: Sequence[tuple[str, str]], action: str, *, strict: bool = True) -> Interval:
    """Store an interval with its people, and have the days assessed that it bears on."""
    _fits(row, [each for each, _role in people], strict=strict)
    accounts.held_people([each for each, _role in people])  # who adds time of theirs elsewhere at once waits
    rows.add(row)
    for place, (person, role) in enumerate(people):
        rows.add(IntervalPerson(interval=row, user_id=person, role=role, place=place))
    record(
        action, at=now(), kind="interval", object=row.id, patient=row.visit.patient_id, visit=row.visit_id,
        people=[each for each, _role in people], roles=[role for _each, role in people],
    )  # fmt: skip
    changes.day_changed(row.visit.patient, row.visit.date)
    return row


def _fits(row: Interval, people: Sequence[str], *, strict: bool) -> None:
    """`Refused` where the engine could not read the interval, or, when `strict`, it is no closed span of its day."""
    if len(set(people)) < len(people):
        raise Refused(_("A person is named twice in one interval; name each once."))
    try:
        found = msgspec.convert(msgspec.to_builtins(interval_record(row, people)), engine.Interval)
        engine.check_interval(found, None, "interval")
    except (AskedWrongly, msgspec.ValidationError):
        raise Refused(
            _(
                "An interval needs at least one person, a service unless it is rest or unskilled time, and a start and "
                "stop or minutes; look at it again."
            )
        ) from None
    if row.start is not None and row.stop is None:
        raise Refused(_("The interval has a start and no stop; give both, or minutes alone."))
    if row.start is not None and row.stop is not None and row.stop < row.start:
        raise Refused(_("The interval stops before it starts; look at the times again."))
    if (
        strict
        and row.start is not None
        and row.start.astimezone(ZoneInfo(row.visit.site.zone)).date() != row.visit.date
    ):
        raise Refused(_("The interval lies on another day than its visit; look at the date of the times."))


# -- taps -------------------------------------------------------------------------------------------------------------


def add_event(
    visit: Visit, *, event: str, kind: str, people: Sequence[str], wall: datetime, service: str = "",
    mode: str = "one-on-one", session: str = "", mono: int | None = None, boot: str = "", device: str = "",
) -> TimerEvent:  # fmt: skip
    """A tap as its device sent it. Sent again it is the same one; another tap of the same id is a `Conflict`."""
    row = TimerEvent(
        visit=visit, event=event, kind=kind, service=service, mode=mode, people=list(people), session=session,
        wall=wall, mono=mono, boot=boot, device=device, received=now(),
    )  # fmt: skip
    before = access.event(event)
    if before is not None:
        said, told = ({field: getattr(each, field) for field in ("visit_id", *_TAP)} for each in (before, row))
        if said != told:
            raise Conflict(said, told, 1)
        return before
    try:
        fold([_tap(row)])
    except (AskedWrongly, msgspec.ValidationError):
        raise Refused(_("A tap of the timer cannot be read; look at the day and type the minutes.")) from None
    if not people or not event:
        raise Refused(_("A tap of the timer names nobody; look at the day and type the minutes."))
    accounts.named(people)
    rows.add(row)
    record("timer.tap", at=now(), kind="timer_event", object=row.id, patient=visit.patient_id, visit=visit.id)
    return row


def fold_visit(visit: Visit, user: User) -> Folded:
    """Fold the day's taps into intervals and store what is new of this visit and of those whose time it ended.

    A person's taps with one patient end their time with another, so a day's taps are folded together. What a person
    corrected by hand stays as they left it; open time waits for its stop. The answer is what the engine folded.
    """
    taps = {each.event: each for each in access.events_on(visit.date)}
    folded = fold([_tap(each) for each in taps.values()])
    closed = [each for each in folded.intervals if each.stop is not None]
    visits = {taps[each.id].visit_id: taps[each.id].visit for each in closed}
    for each in sorted(visits):
        access.held_visit(each)
    stored = access.intervals_of_visits(list(visits.values()))
    people = accounts.named({person for each in closed for person in each.people})
    for each in closed:
        _fold_in(each, taps[each.id].visit, stored, people, user)
    return folded


def _fold_in(
    found: engine.Interval, visit: Visit, stored: Sequence[Interval], people: dict[str, User], user: User
) -> None:
    """Store a folded interval, correct the one that was folded before, or leave it to the person who corrected it."""
    first = folded_id(found.id)
    row = Interval(
        visit=visit, service=found.service or "", mode=found.mode, start=found.start, stop=found.stop,
        origin="timer", session=found.session or "", by=user.id, at=now(),
    )  # fmt: skip
    who = [(each, role_of(people[each])) for each in found.people]
    newest, by_hand = _newest(first, stored)
    if newest is None:
        row.id = first
        _stored(row, who, "intervals.fold", strict=False)
    elif not by_hand and any(getattr(newest, field) != getattr(row, field) for field in ("start", "stop")):
        row.amends, row.reason = newest, LATER_TAPS
        _stored(row, who, "intervals.fold", strict=False)


def folded_id(tap: str) -> str:
    """The id of the interval that a tap starts: always the same one, so that folding again makes no second."""
    return hashlib.sha256(tap.encode()).hexdigest()[:LENGTH]


def _newest(first: str, stored: Iterable[Interval]) -> tuple[Interval | None, bool]:
    """The end of the chain of corrections of an interval, and whether a person wrote one of them."""
    by_amended = {each.amends_id: each for each in stored if each.amends_id is not None}
    newest = next((each for each in stored if each.id == first), None)
    by_hand = False
    while newest is not None and newest.id in by_amended:
        newest = by_amended[newest.id]
        by_hand = by_hand or newest.reason != LATER_TAPS
    return newest, by_hand


def _tap(row: TimerEvent) -> Tap:
    tap: Tap = msgspec.convert(
        {
            "id": row.event, "patient": row.visit.patient_id, "service": row.service or None,
            "people": tuple(cast("list[str]", row.people)), "kind": row.kind, "wall": row.wall, "mode": row.mode,
            "session": row.session or None, "mono": row.mono, "boot": row.boot or None, "device": row.device,
        },
        Tap,
    )  # fmt: skip
    return tap
