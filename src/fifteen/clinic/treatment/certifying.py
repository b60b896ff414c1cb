"""In which state the certification of a plan of care is on a day: a pure function of its dates.

Deadlines are Medicare's, from the rulebook; each is counted from a day whose own number stands beside it. Where the
rulebook holds none for the date, nothing is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal

import msgspec
from django.utils.translation import gettext_noop

from fifteen.rulebook import Rulebook

State = Literal["waiting", "sent", "verbal", "certified", "by-order", "late", "overdue", "expired"]

STATES: dict[State, str] = {
    "waiting": gettext_noop("Not certified yet"),
    "sent": gettext_noop("Sent, not signed yet"),
    "verbal": gettext_noop("Verbal order, not signed yet"),
    "certified": gettext_noop("Certified"),
    "by-order": gettext_noop("Certified by the signed order"),
    "late": gettext_noop("Certified late"),
    "overdue": gettext_noop("Overdue"),
    "expired": gettext_noop("Expired"),
}
"""Each state as a person reads it."""


class Dates(msgspec.Struct, frozen=True, kw_only=True):
    """What a state follows from. `first`: the episode's first treatment; `ordered`: the day of the signed order.

    `before`: the last day that the certification of the plan before it holds; None: this is the episode's first plan.
    `discharged`: the episode's last day. A certification need not hold after it, and may still come.
    """

    starts: date
    ends: date | None = None
    first: date | None = None
    before: date | None = None
    ordered: date | None = None
    discharged: date | None = None
    sent: Sequence[date] = ()
    verbal: Sequence[date] = ()
    signed: Sequence[date] = ()


class Certified(msgspec.Struct, frozen=True, kw_only=True):
    """A state, what is due next and when, and the law; `until` is the last day that the certification holds."""

    state: State
    due: date | None
    until: date
    cite: str
    late: bool = False


class Law(msgspec.Struct, frozen=True):
    """The deadlines in days; `order` None: a signed order stands in for no signature at that time."""

    holds: int
    first_day: int
    signature: int
    verbal: int
    order: int | None
    cites: dict[str, str]


def law_on(rulebook: Rulebook, on: date) -> Law | None:
    """The deadlines for a plan whose treatment begins on a day; None where one of them is not known."""
    ids = ("plan_certified_for", "plan_signature", "plan_verbal")
    found = {each: rulebook.value_or_none(f"medicare.{each}", on) for each in ids}
    held, signature, verbal = (found[each] for each in ids)
    if held is None or signature is None or verbal is None:
        return None
    order = rulebook.value_or_none("medicare.plan_order", on)
    cites = {each: value.cite for each, value in found.items() if value is not None}
    return Law(
        holds=held.value["days"], first_day=held.value["first_day"], signature=signature.value["days"],
        verbal=verbal.value["days"], order=None if order is None else order.value["days"],
        cites=cites | ({} if order is None else {"plan_order": order.cite}),
    )  # fmt: skip


def holds_until(dates: Dates, law: Law) -> date:
    """The plan's own last day, or the most that one certification holds, whichever is earlier.

    The days count from the first treatment for the episode's first plan, from its own first day for a later one.
    """
    begins = dates.starts if dates.before is not None or dates.first is None else min(dates.first, dates.starts)
    most = begins + timedelta(days=law.holds - law.first_day)
    return most if dates.ends is None else min(most, dates.ends)


def certified(dates: Dates, on: date, law: Law) -> Certified:
    """The state on a day; what happened after that day is not seen.

    A signed order with the plan sent in time certifies the plan, and no later step worsens that.
    """
    until = holds_until(dates, law)
    first = dates.first or dates.starts
    due = first + timedelta(days=law.signature) if dates.before is None else dates.before
    signed, verbal, sent = (_by(each, on) for each in (dates.signed, dates.verbal, dates.sent))
    cite = law.cites["plan_signature"]
    stands = signed if signed is None else _since(signed, verbal, law)
    if (stands is None or stands > due) and _by_order(dates, first, law, sent, on):
        held: State = "by-order"
        late, cite = False, law.cites["plan_order"]
    elif stands is not None:
        late = stands > due
        held = "late" if late else "certified"
    elif verbal is not None:
        by, late = verbal + timedelta(days=law.verbal), verbal > due
        state: State = "overdue" if on > by else "verbal"
        return Certified(state=state, due=by, until=until, cite=law.cites["plan_verbal"], late=late)
    else:
        state = "overdue" if on > due else "sent" if sent is not None else "waiting"
        return Certified(state=state, due=due, until=until, cite=cite)
    cite = f"{cite}; {law.cites['plan_certified_for']}"
    treated = on if dates.discharged is None else min(on, dates.discharged)
    return Certified(state="expired" if treated > until else held, due=until, until=until, cite=cite, late=late)


def _since(signed: date, verbal: date | None, law: Law) -> date:
    """The day that a signature counts from: of the verbal order before it, where that was signed within its days."""
    if verbal is not None and signed <= verbal + timedelta(days=law.verbal):
        return min(signed, verbal)
    return signed


def _by(days: Sequence[date], on: date) -> date | None:
    """The first of these days that has come."""
    return min((each for each in days if each <= on), default=None)


def _by_order(dates: Dates, first: date, law: Law, sent: date | None, on: date) -> bool:
    """Does a signed order, with the plan sent in time, stand in for the first signature?"""
    if law.order is None or dates.before is not None or dates.ordered is None or sent is None:
        return False
    return dates.ordered <= on and sent <= first + timedelta(days=law.order)
