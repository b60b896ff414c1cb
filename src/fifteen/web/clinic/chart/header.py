"""Where a patient stands, on every page of the chart: each fact with how it is known, and what is not known, why."""

from __future__ import annotations

from datetime import date

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from fifteen.clinic.people import access as people
from fifteen.clinic.people.models import Patient
from fifteen.clinic.treatment.certifying import STATES
from fifteen.clinic.treatment.models import Episode
from fifteen.clinic.treatment.standing import Standing, standing

SOON_DAYS, SOON_VISITS = 14, 2


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One fact. `tone` is good, info, warn, block, unknown or plain; `short` and `flag` are what a list shows."""

    label: str
    value: str
    short: str = ""
    tone: str = ""
    word: str = ""
    why: str = ""
    cite: str = ""
    flag: str = ""


class Header(msgspec.Struct, frozen=True, kw_only=True):
    patient: Patient
    age: int | None
    payers: tuple[str, ...]
    facts: tuple[Fact, ...]


def header_of(patient: Patient, episode: Episode, on: date) -> Header:
    """The header of a record and one of its episodes, on a day of the site; of one that ended, on its last day.

    The certification is owed after a discharge too, and may still come: it stands as it is now.
    """
    today, on = on, min(on, episode.ended or on)
    covered = people.coverages(patient, on).select_related("payer")
    known = facts(standing(episode, on), on)
    if episode.ended is not None:
        known.pop("report")  # nobody waits for one after the discharge
        known["certification"] = _certified(standing(episode, today), today)
    return Header(
        patient=patient, age=age(patient.born, on), payers=tuple(each.payer.name for each in covered),
        facts=tuple(known.values()),
    )  # fmt: skip


def age(born: date | None, on: date) -> int | None:
    """Whole years."""
    return None if born is None else on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def facts(found: Standing, on: date) -> dict[str, Fact]:
    """What stands in the header, by the names that the list uses."""
    return {
        "visits": _visits(found),
        "units": _units(found),
        "plan": _plan(found, on),
        "certification": _certified(found, on),
        "report": _report(found),
        "threshold": _threshold(found),
    }


def _why(found: Standing, name: str, told: str = "") -> str:
    """What a fact rests on: our sentence, and what `standing` says of it."""
    return " ".join(each for each in (told, found.why.get(name, "")) if each)


def _visits(found: Standing) -> Fact:
    label, used, left = _("Visits left"), found.visits_used, found.visits_left
    told = "" if used is None else ngettext("%(used)s visit used.", "%(used)s visits used.", used) % {"used": used}
    return _left(label, used, left, _why(found, "visits", told), _("Visits: none left"), _("Visits: %(left)s left"))


def _units(found: Standing) -> Fact:
    label, used, left = _("Units left"), found.units_used, found.units_left
    told = "" if used is None else ngettext("%(used)s unit used.", "%(used)s units used.", used) % {"used": used}
    return _left(label, used, left, _why(found, "units", told), _("Units: none left"), _("Units: %(left)s left"))


def _left(label: str, used: int | None, left: int | None, why: str, none: str, some: str) -> Fact:
    """What is left of an authorization; what was used where nothing says how much there is."""
    if left is None:
        value = _("not known") if used is None else _("%(used)s used") % {"used": used}
        return Fact(
            label=label, value=value, short=value, tone="unknown", why=why,
            word="" if used is None else _("left: not known"),
        )  # fmt: skip
    tone = "block" if left <= 0 else "warn" if left <= SOON_VISITS else ""
    return Fact(
        label=label, value=str(left) if used is None else _("%(left)s of %(all)s") % {"left": left, "all": left + used},
        short=str(left), tone=tone, word=(_("none left") if left <= 0 else _("running out")) if tone else "", why=why,
        flag=(none if left <= 0 else some % {"left": left}) if tone else "",
    )  # fmt: skip


def _plan(found: Standing, on: date) -> Fact:
    label, ends = _("Plan ends"), found.plan_ends
    if ends is None:
        return _unknown(label, _why(found, "plan"))
    left = (ends - on).days
    tone = "block" if left < 0 else "warn" if left <= SOON_DAYS else ""
    soon = ngettext("in %(days)s day", "in %(days)s days", left) % {"days": left} if left else _("today")
    told = _("The last day of the plan of care in force, as it was entered.")
    return Fact(
        label=label, value=ends.isoformat(), short=ends.isoformat(), tone=tone,
        word=(_("over") if left < 0 else soon) if tone else "", why=_why(found, "plan", told),
        flag=(_("Plan is over") if left < 0 else _("Plan ends %(when)s") % {"when": soon}) if tone else "",
    )  # fmt: skip


_HELD = ("certified", "by-order", "late")
_WRONG = ("overdue", "expired")


def _certified(found: Standing, on: date) -> Fact:
    label, state = _("Certification"), found.certification
    if state is None:
        return _unknown(label, _why(found, "certification"))
    word = _(STATES[state.state])
    # What held to a discharge does not end soon: it is over.
    soon = state.due is not None and 0 <= (state.due - on).days <= SOON_DAYS
    tone = "block" if state.state in _WRONG else "good" if state.state in _HELD and not soon else "info"
    tone = "warn" if tone == "info" and soon else tone
    due = state.due.isoformat() if state.due else ""
    when = _("holds until %(day)s") if state.state in _HELD else _("due %(day)s")
    when = {"overdue": _("was due %(day)s"), "expired": _("ended %(day)s")}.get(state.state, when)
    told = _("The certification holds until %(day)s.") % {"day": state.until.isoformat()}
    if state.late:
        told = _("It came late; a late certification needs its reason.") + " " + told
    return Fact(
        label=label, value=word, short=word, tone=tone, word=when % {"day": due} if due else "", cite=state.cite,
        why=_why(found, "certification", told),
        flag=_flag(found, on) if tone in ("block", "warn") else "",
    )  # fmt: skip


def _flag(found: Standing, on: date) -> str:
    """What a list says of a certification that needs a look; nothing where the end of the plan says the same."""
    state = found.certification
    assert state is not None
    if state.state in _WRONG:
        return _("Certification overdue") if state.state == "overdue" else _("Certification expired")
    if state.state in _HELD:
        return "" if state.due == found.plan_ends else _("Certification ends %(day)s") % {"day": state.due}
    return _("Certification due %(day)s") % {"day": state.due}


def _report(found: Standing) -> Fact:
    label, left = _("Progress report"), found.report_due_in
    if left is None:
        return _unknown(label, _why(found, "report"))
    tone = "block" if left < 0 else "warn" if left <= SOON_VISITS else ""
    if left < 0:
        value = ngettext("%(days)s treatment day late", "%(days)s treatment days late", -left) % {"days": -left}
        short = _("%(days)s late") % {"days": -left}
    elif left == 0:
        value = short = _("due now")
    else:
        value = ngettext("due in %(days)s treatment day", "due in %(days)s treatment days", left) % {"days": left}
        short = _("in %(days)s") % {"days": left}
    told = _("Counted in treatment days since the last report, the day that it is due on among them.")
    return Fact(
        label=label, value=value, short=short, tone=tone, why=_why(found, "report", told),
        word=(_("overdue") if left < 0 else _("soon")) if tone else "",
        flag=(_("Report overdue") if left < 0 else _("Report %(when)s") % {"when": value}) if tone else "",
    )  # fmt: skip


_BUCKETS = {"pt_slp": "PT and SLP", "ot": "OT"}


def _threshold(found: Standing) -> Fact:
    label = _("Threshold used")
    if found.threshold is None:
        return _unknown(label, _why(found, "threshold"))
    told = _("The therapy threshold of this year for %(plans)s.") % {"plans": _BUCKETS.get(found.bucket, found.bucket)}
    values = {"used": _("not known"), "all": _dollars(found.threshold)}
    if found.threshold_used is None:
        return Fact(
            label=label, value=_("%(used)s of %(all)s") % values, tone="unknown", word=_("not known"),
            why=_why(found, "threshold", told),
        )  # fmt: skip
    values["used"] = _dollars(found.threshold_used)
    over = found.threshold_used >= found.threshold
    return Fact(
        label=label, value=_("%(used)s of %(all)s") % values, tone="warn" if over else "",
        word=_("reached") if over else "", flag=_("Threshold reached") if over else "",
        why=_why(found, "threshold", told),
    )  # fmt: skip


def _dollars(cents: int) -> str:
    return f"${cents // 100:,}.{cents % 100:02d}"


def _unknown(label: str, why: str) -> Fact:
    return Fact(label=label, value=_("not known"), short=_("not known"), tone="unknown", why=why)
