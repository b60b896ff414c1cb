"""What changes bookings: one or a series, moved, cancelled, missed, and arrived, which begins a visit."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from fifteen.clinic.accounts.models import User
from fifteen.clinic.audit.record import record
from fifteen.clinic.people import access as people
from fifteen.clinic.people.models import Patient
from fifteen.clinic.schedule import access
from fifteen.clinic.schedule.models import Booking
from fifteen.clinic.tenancy import rows
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.errors import Refused
from fifteen.clinic.tenancy.models import Site
from fifteen.clinic.treatment.models import Episode
from fifteen.clinic.treatment.services import start_visit

MOST_IN_SERIES = 60
MOST_MINUTES = 480
FARTHEST = timedelta(days=730)


def book(
    patient: Patient, *, site: Site, starts: datetime, minutes: int = 45, person: User | None = None,
    episode: Episode | None = None,
) -> Booking:  # fmt: skip
    """An appointment. It may overlap others of the same person: `access.overlapping` says so."""
    if patient.into_id is not None:
        raise Refused(_("This record is merged into another one; book the visit there."))
    if episode is not None and episode.patient_id not in people.family(patient):
        raise Refused(_("This episode is another patient's; choose one of this patient."))
    if episode is not None and episode.ended is not None:
        raise Refused(_("This episode has ended; open a new one first, or book without an episode."))
    row = Booking(
        patient=patient, episode=episode, site=site, person=person, starts=_soon(starts), minutes=_minutes(minutes),
        made=now(),
    )  # fmt: skip
    rows.add(row)
    record("schedule.book", at=now(), **_which(row))
    return row


def series(
    patient: Patient, *, site: Site, first: date, weekdays: Collection[int], at: time, count: int, minutes: int = 45,
    person: User | None = None, episode: Episode | None = None,
) -> list[Booking]:  # fmt: skip
    """`count` appointments on these weekdays (Monday 0) from `first` on, each at the same time of the wall clock."""
    if not 1 <= count <= MOST_IN_SERIES:
        raise Refused(_("A series has from 1 to %(most)s visits; book the rest later.") % {"most": MOST_IN_SERIES})
    days = days_of(first, weekdays, count)
    return [
        book(patient, site=site, starts=instant(day, at, site), minutes=minutes, person=person, episode=episode)
        for day in days
    ]


def days_of(first: date, weekdays: Collection[int], count: int) -> list[date]:
    """The first `count` days from `first` on that fall on these weekdays; on that of `first` where none is named."""
    wanted = set(weekdays) & set(range(7)) or {first.weekday()}
    found, day = list[date](), _near(first)
    while len(found) < count:
        if day.weekday() in wanted:
            found.append(day)
        day += timedelta(days=1)
    return found


def instant(day: date, at: time, site: Site) -> datetime:
    """The instant of a time on the wall clock of a site; `Refused` where the clocks are put forward over it."""
    zone = ZoneInfo(site.zone)
    found = datetime.combine(_near(day), at, zone).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) != datetime.combine(day, at):
        raise Refused(
            _("On %(day)s there is no %(time)s at this site: the clocks are put forward; choose another time.")
            % {"day": day.isoformat(), "time": at.strftime("%H:%M")}
        )
    return found


def move(booking: Booking, version: int, *, starts: datetime, minutes: int, person: User | None, site: Site) -> Booking:
    """To another time, length, person or site; `Conflict` where somebody else changed the booking first."""
    _still_booked(booking)
    wanted = {"starts": _soon(starts), "minutes": _minutes(minutes), "person": person, "site": site}
    fields = [name for name, value in wanted.items() if getattr(booking, name) != value]
    return _store(booking, version, "schedule.move", wanted, fields=fields)


def cancel(booking: Booking, version: int, reason: str) -> Booking:
    """Called off before it took place, and why."""
    _still_booked(booking)
    return _store(booking, version, "schedule.cancel", {"state": "cancelled", "reason": _reason(reason)})


def no_show(booking: Booking, version: int, reason: str) -> Booking:
    """The patient did not come, and what is known of why."""
    _still_booked(booking)
    if booking.starts > now():
        raise Refused(_("The time of this visit has not come yet; cancel it instead."))
    return _store(booking, version, "schedule.no_show", {"state": "no-show", "reason": _reason(reason)})


def restore(booking: Booking, version: int) -> Booking:
    """A booking that was cancelled or missed by mistake stands again; the trail keeps both."""
    if booking.state not in ("cancelled", "no-show"):
        raise Refused(_("This booking stands as it is; there is nothing to take back."))
    return _store(booking, version, "schedule.restore", {"state": "booked", "reason": ""})


def arrive(booking: Booking, version: int, episode: Episode | None = None) -> Booking:
    """The patient is here: a visit begins under the episode, on the day that it is at the site."""
    _still_booked(booking)
    under = booking.episode or episode
    if under is None:
        raise Refused(_("This booking names no episode, so no visit can begin; choose the episode it belongs to."))
    if under.patient_id not in people.family(people.head(booking.patient)):
        raise Refused(_("This episode is another patient's; choose one of this patient."))
    at = now()
    if access.local(at, booking.site).date() != access.local(booking.starts, booking.site).date():
        raise Refused(_("This booking is for another day; move it to today first, so that the visit has its day."))
    visit = start_visit(under, date=access.local(at, booking.site).date(), site=booking.site, arrived=at)
    return _store(booking, version, "schedule.arrive", {"state": "arrived", "episode": under, "visit": visit})


def _store(booking: Booking, version: int, action: str, wanted: dict[str, Any], **detail: Any) -> Booking:
    rows.change(booking, version, wanted)
    record(action, at=now(), **_which(booking), **detail)
    return booking


def _which(booking: Booking) -> dict[str, Any]:
    ids = {"episode": booking.episode_id or "", "visit": booking.visit_id or "", "person": booking.person_id or ""}
    return {"kind": "booking", "object": booking.id, "patient": booking.patient_id, **ids}


def _still_booked(booking: Booking) -> None:
    if booking.state != "booked":
        raise Refused(_("This booking is not open any more: it was cancelled, missed, or the patient has arrived."))


def _soon(starts: datetime) -> datetime:
    if abs(starts - now()) > FARTHEST:
        raise _too_far()
    return starts


def _near(day: date) -> date:
    """A day of which some hour may be booked, before anything is computed from it: at the ends of the calendar that
    fails. It is a day more than FARTHEST, for sites of every zone; of the instant itself `_soon` asks."""
    if abs(day - now().date()) > FARTHEST + timedelta(days=1):
        raise _too_far()
    return day


def _too_far() -> Refused:
    return Refused(_("The day lies more than two years away; look at the year again."))


def _minutes(minutes: int) -> int:
    if not 5 <= minutes <= MOST_MINUTES:
        raise Refused(_("A visit is booked for 5 to %(most)s minutes.") % {"most": MOST_MINUTES})
    return minutes


def _reason(reason: str) -> str:
    plain = " ".join(reason.split())
    if not plain:
        raise Refused(_("A reason is needed: write in a few words why."))
    if len(plain) > 200 or not plain.isprintable():
        raise Refused(_("The reason is longer than 200 characters, or holds a character that cannot be seen."))
    return plain
