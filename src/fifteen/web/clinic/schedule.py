"""The schedule: a day by person with how each patient stands, one booking, and who has no next visit."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from fifteen.clinic.audit.record import record
from fifteen.clinic.people import access as people
from fifteen.clinic.schedule import access, services
from fifteen.clinic.schedule.models import Booking
from fifteen.clinic.tenancy import access as tenancy
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.errors import Conflict, Refused
from fifteen.clinic.tenancy.models import Site
from fifteen.clinic.treatment.certifying import Certified
from fifteen.clinic.treatment.models import Episode
from fifteen.clinic.treatment.standing import Standing, standings
from fifteen.web.clinic import desk
from fifteen.web.clinic.coverage_pages import chosen_episode, episode_choices
from fifteen.web.clinic.desk import Field, Form
from fifteen.web.clinic.forms import day, number, text, typed, undone, whole
from fifteen.web.clinic.routes import needs

MOST = 100  # of those without a next visit on one page


# -- a day -----------------------------------------------------------------------------------------------------------


@needs("schedule.read")
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The bookings of a day, by person and clock; of one site, or of all."""
    sites = list(tenancy.sites())
    site = next((each for each in sites if each.id == request.GET.get("site")), None)
    on = _day_asked(request.GET.get("date", ""), site or (sites[0] if sites else None))
    found = list(access.bookings_on(on, site))
    record("schedule.day", at=now(), kind="booking", count=len(found), day=on.isoformat())
    told = access.overlaps_among(found)
    standing = _standings([each.episode for each in found if each.episode is not None], on)
    rows = [booking_shown(each, standing, overlaps=each.id in told) for each in found]
    shown = {
        "sites": sites, "site": site, "on": on, "before": on - timedelta(days=1), "after": on + timedelta(days=1),
        "people": _by_person(rows), "count": sum(row["takes_place"] for row in rows),
        "missed": sum(not row["takes_place"] for row in rows), "done": done_word(request.GET.get("done", "")),
    }  # fmt: skip
    return render(request, "clinic/desk/schedule.html", shown)


@needs("schedule.read")
@require_safe
def without_next(request: HttpRequest) -> HttpResponse:
    """Open episodes whose patient has nothing booked, with how they stand."""
    found = list(access.without_next()[: MOST + 1])
    record("schedule.without_next", at=now(), kind="episode", count=min(len(found), MOST))
    on = _day_asked("", None)
    standing = _standings(found[:MOST], on)
    rows = [
        {"episode": each, "patient": people.head(each.patient), "standing": standing_shown(standing.get(each.id), on)}
        for each in found[:MOST]
    ]
    given = {"rows": rows, "more": len(found) > MOST, "most": MOST}
    return render(request, "clinic/desk/without_next.html", given)


# -- a patient's bookings --------------------------------------------------------------------------------------------


@needs("schedule.read")
@require_safe
def of_patient(request: HttpRequest, patient: str) -> HttpResponse:
    """What is booked for a patient, and what became of earlier bookings."""
    found = people.patient(patient)
    record("schedule.patient", at=now(), kind="patient", object=found.id, patient=found.id)
    rows = [booking_shown(each, {}) for each in access.bookings_of(found)]
    coming = [row for row in rows if row["row"].state == "booked" and row["row"].starts >= now()]
    shown = {
        "coming": coming[::-1], "earlier": [row for row in rows if row not in coming], "section": "bookings",
        "done": done_word(request.GET.get("done", "")),
    }  # fmt: skip
    return desk.render_for(request, "clinic/desk/bookings.html", found, shown)


@needs("schedule.write")
def new(request: HttpRequest, patient: str) -> HttpResponse:
    """Book a visit, or a series on some weekdays at the same time of the wall clock."""
    found = people.patient(patient)

    def store() -> str:
        site, on, at = _place_and_time(request)
        what: dict[str, Any] = {
            "site": site, "minutes": whole(request, "minutes") or 0, "person": access.person(text(request, "person")),
            "episode": chosen_episode(request, found),
        }  # fmt: skip
        days = {int(each) for each in request.POST.getlist("weekday") if each in "0123456" and each}
        count = whole(request, "count") or 1
        rows = services.series(found, first=on, weekdays=days, at=at, count=count, **what)
        if len(rows) == 1 and access.overlapping(rows[0]):
            return f"/bookings/{rows[0].id}?done=overlaps"
        some = any(access.overlapping(each) for each in rows)
        done = "series-overlaps" if some else "booked"
        return f"/patients/{found.id}/bookings?done={done}"

    episodes = episode_choices(found, open_only=True)
    sites = list(tenancy.sites())
    start = {
        "date": _day_asked(request.GET.get("date", ""), sites[0] if sites else None).isoformat(), "time": "09:00",
        "minutes": "45", "count": "1", "site": sites[0].id if sites else "",
        "episode": episodes[0][0] if len(episodes) == 1 else "",
    }  # fmt: skip
    form = Form(
        title=_("Book a visit"), patient=found, section="bookings", button=_("Book"),
        fields=(*_when_fields(episodes, sites), *_series_fields()), back=f"/patients/{found.id}/bookings",
        back_word=_("Bookings"),
    )  # fmt: skip
    return desk.answer(request, form, start, store)


# -- one booking -----------------------------------------------------------------------------------------------------


@needs("schedule.read")
def one(request: HttpRequest, booking: str) -> HttpResponse:
    """One booking, and what can be done with it."""
    found = access.booking(booking)
    record("schedule.view", at=now(), kind="booking", object=found.id, patient=found.patient_id)
    return _one(request, found, done=done_word(request.GET.get("done", "")))


@needs("schedule.write")
def change(request: HttpRequest, booking: str) -> HttpResponse:
    """Move it, cancel it, say that the patient did not come or is here; each button is a form of its own."""
    found = access.booking(booking)
    sent = text(request, "do")
    if request.method != "POST" or sent not in DOING:
        return HttpResponseRedirect(f"/bookings/{found.id}")
    try:
        _do(request, found, sent, number(request, "version"))
    except Refused as met:
        undone(request)
        return _one(request, access.booking(found.id), refused=str(met), status=422)
    except Conflict:
        undone(request)
        return _one(request, access.booking(found.id), changed=True, status=409)
    return HttpResponseRedirect(f"/bookings/{found.id}?done={sent}")


def _do(request: HttpRequest, booking: Booking, sent: str, version: int) -> None:
    match sent:
        case "move":
            site, on, at = _place_and_time(request)
            services.move(
                booking, version, starts=services.instant(on, at, site), minutes=whole(request, "minutes") or 0,
                person=access.person(text(request, "person")), site=site,
            )  # fmt: skip
        case "cancel":
            services.cancel(booking, version, text(request, "reason"))
        case "no-show":
            services.no_show(booking, version, text(request, "reason"))
        case "arrive":
            services.arrive(booking, version, chosen_episode(request, booking.patient))
        case "restore":
            services.restore(booking, version)


DOING = ("move", "cancel", "no-show", "arrive", "restore")


def _one(
    request: HttpRequest, booking: Booking, *, done: str = "", refused: str = "", changed: bool = False,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    on = access.local(booking.starts, booking.site)
    today = access.local(now(), booking.site).date()
    sent = typed(request) if refused else {}
    values = {
        "date": on.date().isoformat(), "time": on.strftime("%H:%M"), "minutes": str(booking.minutes),
        "site": booking.site_id, "person": booking.person_id or "",
    } | sent  # fmt: skip
    sites = list(tenancy.sites())
    standing = _standings([booking.episode] if booking.episode else [], on.date())
    episodes = episode_choices(booking.patient, open_only=True)
    shown = {
        "booking": booking_shown(booking, standing), "section": "bookings", "refused": refused, "changed": changed,
        "done": done, "rows": [{"field": each, "value": values.get(each.name, "")} for each in _when_fields((), sites)],
        "overlaps": [booking_shown(each, {}) for each in access.overlapping(booking)], "is_today": on.date() == today,
        "past": booking.starts <= now(), "episodes": [] if booking.episode else episodes,
        "reason": sent.get("reason", ""),
    }  # fmt: skip
    return desk.render_for(request, "clinic/desk/booking.html", booking.patient, shown, status=status)


# -- what is shown ---------------------------------------------------------------------------------------------------


def booking_shown(booking: Booking, standing: dict[str, Standing], *, overlaps: bool = False) -> dict[str, Any]:
    """What templates show of a booking, on the wall clock of its site."""
    starts = access.local(booking.starts, booking.site).replace(tzinfo=None)  # else a template puts it in UTC
    return {
        "row": booking, "starts": starts, "ends": starts + timedelta(minutes=booking.minutes),
        "state": states()[booking.state], "takes_place": booking.state in access.TAKES_PLACE, "overlaps": overlaps,
        "late": booking.state == "booked" and booking.starts < now() - timedelta(minutes=15),
        "standing": standing_shown(standing.get(booking.episode_id or ""), starts.date()),
    }  # fmt: skip


def states() -> dict[str, tuple[str, str]]:
    """A colour and a word for each state of a booking."""
    return {
        "booked": ("info", _("Booked")), "arrived": ("good", _("Arrived")), "cancelled": ("off", _("Cancelled")),
        "no-show": ("warn", _("Did not come")),
    }  # fmt: skip


def standing_shown(standing: Standing | None, on: date) -> list[tuple[str, str]]:
    """How an episode stands, each with a colour: visits and units left, the plan's end, the report that is due."""
    if standing is None:
        return []
    found: list[tuple[str, str]] = []
    if standing.visits_left is not None:
        left = standing.visits_left
        found.append((_short(left), ngettext("%(left)s visit left", "%(left)s visits left", left) % {"left": left}))
    if standing.units_left is not None:
        left = standing.units_left
        found.append((_short(left), ngettext("%(left)s unit left", "%(left)s units left", left) % {"left": left}))
    if standing.plan_ends is not None:
        left = (standing.plan_ends - on).days
        kind = "block" if left < 0 else "warn" if left <= 7 else "off"
        word = _("Plan ended %(day)s") if left < 0 else _("Plan to %(day)s")
        found.append((kind, word % {"day": standing.plan_ends.isoformat()}))
    if standing.certification is not None and standing.certification.state in ("waiting", "sent", "verbal", "overdue"):
        kind = "block" if standing.certification.state == "overdue" else "warn"
        found.append((kind, _certification_word(standing.certification)))
    if standing.report_due_in is not None:
        due = standing.report_due_in
        kind = "block" if due < 0 else "warn" if due <= 1 else "off"
        days = ngettext("Report in %(days)s treatment day", "Report in %(days)s treatment days", due) % {"days": due}
        found.append((kind, _("Report is due") if due <= 0 else days))
    if standing.threshold_used is not None and standing.threshold and standing.threshold_used > standing.threshold:
        found.append(("info", _("Above the threshold")))
    return found


def _certification_word(found: Certified) -> str:
    due = "" if found.due is None else " " + _("by %(day)s") % {"day": found.due.isoformat()}
    return _("Plan overdue for certification") if found.state == "overdue" else _("Plan to be certified") + due


def _short(left: int) -> str:
    return "block" if left <= 0 else "warn" if left <= 2 else "off"


def _standings(episodes: list[Episode], on: date) -> dict[str, Standing]:
    """How these episodes stand, by their ids, in a number of queries that does not grow with them."""
    unique = {each.id: each for each in episodes}
    return standings(list(unique.values()), on) if unique else {}


def _by_person(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows under the person who treats, by name; those of nobody last."""
    groups: dict[str, list[dict[str, Any]]] = {}
    names: dict[str, str] = {}
    for row in rows:
        person = row["row"].person
        key = person.id if person else ""
        names[key] = person.name if person else _("Nobody named yet")
        groups.setdefault(key, []).append(row)
    order = sorted(groups, key=lambda key: (not key, names[key].casefold()))
    return [
        {"name": names[key], "rows": groups[key], "count": sum(row["takes_place"] for row in groups[key])}
        for key in order
    ]


# -- what was typed --------------------------------------------------------------------------------------------------


def _when_fields(episodes: Any, sites: list[Site]) -> tuple[Field, ...]:
    people_ = [
        (each.id, f"{each.name}" + (f" · {each.discipline}" if each.discipline else "")) for each in access.who_treat()
    ]
    first = Field(name="episode", label=_("Episode"), kind="choice", choices=episodes, empty=_("None yet"),
                  hint=_("The visit begins under it when the patient arrives."))  # fmt: skip
    return (
        *([first] if episodes != () else []),
        Field(name="date", label=_("Day"), kind="date", half=True),
        Field(name="time", label=_("Time at the site"), kind="time", half=True),
        Field(name="minutes", label=_("Minutes"), kind="number", length=3, half=True),
        Field(name="site", label=_("Site"), kind="choice", choices=[(each.id, each.name) for each in sites], half=True,
              hint="" if sites else _("No site is registered yet.")),
        Field(name="person", label=_("With"), kind="choice", choices=people_, empty=_("Nobody named yet"), half=True),
    )  # fmt: skip


def _series_fields() -> tuple[Field, ...]:
    return (
        Field(name="count", label=_("How many visits"), kind="number", length=2, half=True,
              hint=_("1 for a single one; up to 60.")),
        Field(name="weekday", label=_("On these days of the week"), kind="days", choices=weekdays(),
              hint=_("None: on the weekday of the first. The time stays the same when the clocks change.")),
    )  # fmt: skip


def weekdays() -> list[tuple[str, str]]:
    words = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))
    return [(str(each), word) for each, word in enumerate(words)]


def _place_and_time(request: HttpRequest) -> tuple[Site, date, time]:
    site = tenancy.site(text(request, "site"))
    on = day(request, "date")
    if site is None or on is None:
        raise Refused(_("Choose a site and a day; nothing was booked."))
    return site, on, _time(text(request, "time"))


def _time(written: str) -> time:
    try:
        return datetime.strptime(written.strip(), "%H:%M").time()
    except ValueError:
        raise Refused(_("The time cannot be read; write hours and minutes, such as 14:30.")) from None


def _day_asked(written: str, site: Site | None) -> date:
    """The day of the address; today at the site where there is none that can be read."""
    try:
        found = date.fromisoformat(written)
    except ValueError:
        found = date.min
    if date(2000, 1, 1) <= found <= date(2199, 12, 30):
        return found
    return access.local(now(), site).date() if site is not None else now().date()


def done_word(word: str) -> str:
    """The sentence for what was just done; empty for a word that is none of ours."""
    return {
        "booked": _("Booked."),
        "overlaps": _("Booked. It overlaps another booking, which may be right; look below."),
        "series-overlaps": _("Booked. At least one of these visits overlaps another booking; open the day to see."),
        "move": _("The booking is moved."), "cancel": _("The booking is cancelled."),
        "no-show": _("It is noted that the patient did not come."), "restore": _("The booking stands again."),
        "arrive": _("The patient has arrived, and the visit has begun."),
    }.get(word, "")  # fmt: skip


urlpatterns = [
    path("schedule", page, name="schedule"),
    path("schedule/without-next", without_next, name="without-next"),
    path("patients/<slug:patient>/bookings", of_patient, name="bookings"),
    path("patients/<slug:patient>/bookings/new", new, name="booking-new"),
    path("bookings/<slug:booking>", one, name="booking"),
    path("bookings/<slug:booking>/change", change, name="booking-change"),
]
