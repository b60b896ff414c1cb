"""An episode: what happened in it, the newest first, each under the plan of care of its day; and plain editing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from fifteen.clinic.accounts.matrix import matrix
from fifteen.clinic.accounts.models import User
from fifteen.clinic.audit.record import record
from fifteen.clinic.chart import queries
from fifteen.clinic.notes import access as notes
from fifteen.clinic.notes.models import Note
from fifteen.clinic.people import access as people
from fifteen.clinic.people.models import Patient, Referral
from fifteen.clinic.tenancy.access import sites
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.errors import NotFound, Refused
from fifteen.clinic.treatment import access, services
from fifteen.clinic.treatment.models import CarriedOver, Certification, Episode, Interval, Plan, Visit
from fifteen.kernel.dates import read_date
from fifteen.kernel.errors import FifteenError
from fifteen.web.clinic.chart import goals, scores, typed
from fifteen.web.clinic.chart.editing import Field, Form, ask
from fifteen.web.clinic.chart.found import about, address, episode_of, site_day
from fifteen.web.clinic.chart.header import header_of
from fifteen.web.clinic.chart.says import Said, UnitsSaid, said_of
from fifteen.web.clinic.chart.words import NOTES, STEPS, choices, word
from fifteen.web.clinic.forms import day, number
from fifteen.web.clinic.routes import by_patient, needs
from fifteen.web.surroundings import rulebook

SHOWN = 25
"""Visits on one page of the timeline."""
DISCIPLINES = (("PT", "PT"), ("OT", "OT"), ("SLP", "SLP"))


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A step of a certification; `back` is what took it back."""

    row: Certification
    word: str
    back: Certification | None = None


class VisitTold(msgspec.Struct, frozen=True, kw_only=True):
    """A visit with what the engine says of its day. `count` says which treatment day it was."""

    visit: Visit
    who: str
    said: Said | None
    units: UnitsSaid | None
    notes: tuple[Note, ...]
    count: str
    again: bool


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing on the timeline, of the kind that its template knows."""

    on: date
    kind: str
    title: str = ""
    visit: VisitTold | None = None
    note: Note | None = None
    carried: CarriedOver | None = None


class Band(msgspec.Struct, frozen=True, kw_only=True):
    """The time of one plan of care, or time that no plan covers, with what happened in it, newest first."""

    plan: Plan | None
    steps: tuple[Step, ...]
    entries: tuple[Entry, ...]


@needs("chart.read", glass=by_patient)
@require_safe
def page(request: HttpRequest, patient: str, episode: str) -> HttpResponse:
    """The timeline, with the header, the goals and the scores beside it."""
    found, of = episode_of(patient, episode)
    record("chart.view", at=now(), kind="episode", object=of.id, patient=found.id)
    visits = list(access.visits_of(of))
    older, shown = _page_of(visits, request.GET.get("before", ""))
    plans = list(access.plans_of(of))
    written = _notes_of(request, found, of)
    carried = access.carried_of(of)
    entries = [
        *_visits(of, visits, shown, written, carried),
        *_others(of, written, shown, visits, carried if older is None else None, older is None),
    ]
    return render(
        request,
        "clinic/chart/episode.html",
        {
            "patient": found,
            "episode": of,
            "header": header_of(found, of, site_day(of.site)),
            "bands": _bands(entries, plans, shown, older is None),
            "older": older,
            "goals": goals.shown(of),
            "scores": scores.shown(of),
            "visits": len(visits),
        },
    )


# -- the timeline ------------------------------------------------------------------------------------------------------


def _page_of(visits: Sequence[Visit], before: str) -> tuple[date | None, list[Visit]]:
    """The newest visits, or those before a day; and the day before which older ones are left."""
    try:
        day_before = read_date(before, "before") if before else None
    except FifteenError:
        day_before = None
    left = [each for each in visits if day_before is None or each.date < day_before]
    shown = left[-SHOWN:]
    if len(left) > len(shown):
        whole = [each for each in left if each.date >= shown[0].date]  # a day is never cut in two
        return whole[0].date, whole
    return None, shown


def _notes_of(request: HttpRequest, patient: Patient, episode: Episode) -> list[Note]:
    user: User = request.user_row  # type: ignore[attr-defined]
    if not matrix().allows(user.role, "notes.read") and request.glass is None:  # type: ignore[attr-defined]
        return []
    return list(notes.notes_of(patient).filter(episode=episode))


def _visits(
    episode: Episode, visits: Sequence[Visit], shown: Sequence[Visit], written: Sequence[Note],
    carried: CarriedOver | None,
) -> list[Entry]:  # fmt: skip
    """The visits with who treated and what the engine says of each day."""
    given = access.intervals_of_visits(list(shown))
    answers = access.assessments_of(episode.patient, sorted({each.date for each in shown})) if shown else {}
    told = {on: said_of(row, rulebook(), _names(given)) for on, row in answers.items()}
    counts = _counts(visits, written, carried)
    found, seen = [], set()
    for visit in reversed(shown):
        said = told.get(visit.date)
        found.append(
            Entry(
                on=visit.date, kind="visit",
                visit=VisitTold(
                    visit=visit, said=said, again=visit.date in seen, count=counts.get(visit.date, ""),
                    who=", ".join(dict.fromkeys(_people(given, visit))),
                    units=said.of(episode.discipline) if said else None,
                    notes=tuple(each for each in written if each.visit_id == visit.id),
                ),
            )
        )  # fmt: skip
        seen.add(visit.date)
    return found


def _people(given: Sequence[Interval], visit: Visit) -> list[str]:
    return [
        each.user.name for row in given if row.visit_id == visit.id and row.service for each in row.people.all()
    ]  # fmt: skip


def _names(given: Sequence[Interval]) -> dict[str, str]:
    """What stands for the ids in the engine's sentences: people by name, intervals by their service and start."""
    found = {each.user_id: each.user.name for row in given for each in row.people.all()}
    return found | {row.id: row.service or _("unskilled time") for row in given}


def _counts(visits: Sequence[Visit], written: Sequence[Note], carried: CarriedOver | None) -> dict[date, str]:
    """Which treatment day since the last signed progress report each day was; what was carried over counts with it."""
    reports = sorted(each.date for each in written if each.kind == "progress-report" and each.draft is None)
    days = sorted({each.date for each in visits})
    found = {}
    for on in days:
        report = max((each for each in reports if each < on), default=None)
        if report is not None and (carried is None or report > carried.as_of):
            count = len([each for each in days if report < each <= on])
            found[on] = _("treatment day %(count)s since the report of %(day)s") % {"count": count, "day": report}
        elif carried is None:
            found[on] = _("treatment day %(count)s since the first") % {"count": days.index(on) + 1}
        elif on > carried.as_of:
            here = len([each for each in days if carried.as_of < each <= on])
            if carried.days_since_report is None:
                found[on] = _("treatment day %(count)s here, those before not known") % {"count": here}
            else:
                count = here + carried.days_since_report
                found[on] = _("treatment day %(count)s since a report in the former system") % {"count": count}
    return found


def _others(
    episode: Episode, written: Sequence[Note], shown: Sequence[Visit], visits: Sequence[Visit],
    carried: CarriedOver | None, whole: bool,
) -> list[Entry]:  # fmt: skip
    """What stands on the timeline beside visits: notes without one, the first and last day, what was carried over."""
    mine = {each.id for each in visits}
    found = [
        Entry(on=each.date, kind="note", note=each, title=word(NOTES, each.kind))
        for each in written
        if each.visit_id not in mine and (whole or (shown and each.date >= shown[0].date))
    ]
    if episode.ended is not None:
        found.append(Entry(on=episode.ended, kind="ended", title=_("Discharged")))
    if whole:
        found.append(Entry(on=episode.started, kind="started", title=_("The episode begins")))
        if carried is not None:
            found.append(Entry(on=carried.as_of, kind="carried", title=_("From the former system"), carried=carried))
    return found


_ORDER = ("ended", "visit", "note", "carried", "started")


def _bands(entries: Sequence[Entry], plans: Sequence[Plan], shown: Sequence[Visit], whole: bool) -> list[Band]:
    """The entries, newest first, each under the plan that held on its day: of several the one with the last number."""
    steps = queries.certifications_of_all(plans)
    first = min((each.on for each in entries), default=None)
    rows = sorted(entries, key=lambda each: (-each.on.toordinal(), _ORDER.index(each.kind)))
    bands: list[Band] = []
    for entry in rows:
        plan = next((each for each in reversed(plans) if _holds(each, entry.on)), None)
        if bands and (bands[-1].plan and bands[-1].plan.id) == (plan and plan.id):
            bands[-1] = msgspec.structs.replace(bands[-1], entries=(*bands[-1].entries, entry))
        else:
            bands.append(Band(plan=plan, steps=_steps(steps, plan), entries=(entry,)))
    placed = {each.plan.id for each in bands if each.plan}
    empty = [
        each for each in plans if each.id not in placed and (whole or first is None or each.starts >= first)
    ]  # fmt: skip
    bands += [Band(plan=each, steps=_steps(steps, each), entries=()) for each in empty]
    return sorted(bands, key=lambda each: _since(each), reverse=True)


def _since(band: Band) -> tuple[date, int]:
    on = band.entries[0].on if band.entries else band.plan.starts if band.plan else date.min
    return on, band.plan.number if band.plan else 0


def _holds(plan: Plan, on: date) -> bool:
    return plan.starts <= on and (plan.ends is None or on <= plan.ends)


def _steps(steps: Mapping[str, Sequence[Certification]], plan: Plan | None) -> tuple[Step, ...]:
    """The steps of a plan's certification; one that was taken back stays, with why."""
    rows = steps.get(plan.id, ()) if plan else ()
    back = {each.void_id: each for each in rows if each.void_id}
    return tuple(
        Step(row=each, word=word(STEPS, each.step), back=back.get(each.id)) for each in rows if each.void_id is None
    )


# -- editing -----------------------------------------------------------------------------------------------------------


def _therapists() -> tuple[tuple[str, str], ...]:
    rows = [(each.id, each.name) for each in queries.treating() if each.role == "therapist"]
    return (("", _("not said")), *rows)


def _therapist(request: HttpRequest, name: str = "therapist") -> User | None:
    chosen = request.POST.get(name, "")
    found = queries.user(chosen) if chosen else None
    if chosen and found is None:
        raise Refused(_("The person chosen is not of this organization; choose one of the list."))
    return found


def _referrals(patient: Patient, row: Episode | None) -> tuple[tuple[str, str], ...]:
    """The person's orders, for the episode's discipline where it has one; the one that stands is always there."""
    rows = [
        each
        for each in people.referrals(people.head(patient))
        if row is None or each.discipline == row.discipline or each.id == row.referral_id
    ]
    return (("", _("No referral")), *((each.id, _order(each)) for each in rows))


def _order(row: Referral) -> str:
    told = _("%(name)s, %(discipline)s, signed %(day)s") if row.signed else _("%(name)s, %(discipline)s, not signed")
    return told % {"name": row.referrer.name, "discipline": row.discipline, "day": row.signed}


def _referral(request: HttpRequest) -> Referral | None:
    chosen = request.POST.get("referral", "")
    try:
        return people.referral(chosen) if chosen else None
    except NotFound:
        raise Refused(_("The referral chosen is not stored here; choose one of the list.")) from None


def _episode_fields(patient: Patient, row: Episode | None, on: date) -> tuple[Field, ...]:
    return (
        Field(
            name="problem", label=_("Problem"), value=row.problem if row else "", needed=True,
            hint=_("What therapy is for, in a few words: right knee after replacement."),
        ),
        Field(
            name="diagnoses", label=_("Diagnoses"), kind="area", value=typed.as_lines(row.diagnoses) if row else "",
            hint=_("One a line: the code, then the words. A star before the one that is treated: * M25.561 knee pain."),
        ),
        Field(
            name="therapist", label=_("Therapist"), kind="choice", choices=_therapists(),
            value=(row.therapist_id or "") if row else "",
        ),
        Field(
            name="referral", label=_("Referral"), kind="choice", choices=_referrals(patient, row),
            value=(row.referral_id or "") if row else "",
            hint=_("The order that sent the patient. Signed and dated, it may stand for the plan's certification."),
        ),
        Field(name="onset", label=_("Onset"), kind="date", value=_iso(row.onset if row else None)),
        Field(name="started", label=_("First day"), kind="date", value=_iso(row.started if row else on), needed=True),
    )  # fmt: skip


def _iso(on: date | None) -> str:
    return on.isoformat() if on else ""


def _episode_values(request: HttpRequest) -> dict[str, Any]:
    return {
        "problem": typed.line(request, "problem", 120), "diagnoses": typed.diagnoses(request, "diagnoses"),
        "therapist": _therapist(request), "referral": _referral(request), "onset": day(request, "onset"),
        "started": typed.needed(request, "started"),
    }  # fmt: skip


@needs("chart.write")
def new(request: HttpRequest, patient: str) -> HttpResponse:
    """Open an episode."""
    found = people.patient(patient)
    here = list(sites())
    fields = (
        Field(name="discipline", label=_("Discipline"), kind="choice", choices=DISCIPLINES, value="PT"),
        Field(name="site", label=_("Site"), kind="choice", choices=tuple((each.id, each.name) for each in here)),
        *_episode_fields(found, None, site_day(here[0]) if here else now().date()),
    )
    form = Form(
        title=_("Open an episode"), about=found.name, back=f"/patients/{found.id}", send=_("Open the episode"),
        fields=fields, hint=_("One episode runs from the evaluation to the discharge, for one problem."),
    )  # fmt: skip

    def store() -> None:
        site = next((each for each in here if each.id == request.POST.get("site", "")), None)
        if site is None:
            raise Refused(_("An episode needs a site; register one under Sites first, then choose it."))
        services.open_episode(
            found, discipline=request.POST.get("discipline", ""), site=site, **_episode_values(request)
        )  # fmt: skip

    return ask(request, form, store)


@needs("chart.write")
def change(request: HttpRequest, patient: str, episode: str) -> HttpResponse:
    """Change what an episode is about, who leads it, and when it began."""
    found, of = episode_of(patient, episode)
    form = Form(
        title=_("Change the episode"), about=about(of),
        back=address(found, of), send=_("Save"), fields=_episode_fields(of.patient, of, of.started), version=of.version,
    )  # fmt: skip
    return ask(
        request, form, lambda: services.change_episode(of, number(request, "version"), **_episode_values(request))
    )


@needs("plans.write")
def discharge(request: HttpRequest, patient: str, episode: str) -> HttpResponse:
    """Say which day was the last, or take that back."""
    found, of = episode_of(patient, episode)
    if of.ended is not None:
        form = Form(
            title=_("Take the discharge back"), about=about(of), back=address(found, of),
            send=_("Open the episode again"), fields=(), version=of.version,
            hint=_("The episode ended on %(day)s. Taking that back is recorded in the trail.") % {"day": of.ended},
        )  # fmt: skip
        return ask(request, form, lambda: services.reopen(of, number(request, "version")))
    form = Form(
        title=_("Discharge"), about=about(of), back=address(found, of), send=_("Discharge"), version=of.version,
        fields=(Field(name="on", label=_("Last day"), kind="date", value=_iso(site_day(of.site)), needed=True),),
        hint=_("The discharge note is written as a note of its own, and covers the time since the last report."),
    )  # fmt: skip
    return ask(request, form, lambda: services.discharge(of, number(request, "version"), typed.needed(request, "on")))


def _plan_fields(row: Plan | None, on: date) -> tuple[Field, ...]:
    def text(name: str) -> str:
        return str(getattr(row, name)) if row else ""

    return (
        Field(name="starts", label=_("From"), kind="date", value=_iso(row.starts if row else on), needed=True),
        Field(
            name="ends", label=_("Last day"), kind="date", value=_iso(row.ends if row else None),
            hint=_("Left empty: not known."),
        ),
        Field(
            name="established", label=_("Established on"), kind="date", value=_iso(row.established if row else None)
        ),
        Field(
            name="author", label=_("Author"), kind="choice", choices=_therapists(),
            value=(row.author_id or "") if row else "",
        ),
        Field(name="type", label=_("Type of therapy"), value=text("type"), longest=200, wide=True),
        Field(name="amount", label=_("Amount"), value=text("amount"), longest=60, hint=_("How often a day.")),
        Field(name="frequency", label=_("Frequency"), value=text("frequency"), longest=60, hint=_("2 times a week")),
        Field(name="duration", label=_("Duration"), value=text("duration"), longest=60, hint=_("8 weeks")),
    )  # fmt: skip


def _plan_values(request: HttpRequest) -> dict[str, Any]:
    return {
        "starts": typed.needed(request, "starts"), "ends": day(request, "ends"),
        "established": day(request, "established"), "author": _therapist(request, "author"),
        "type": typed.line(request, "type", 200),
        **{name: typed.line(request, name, 60) for name in ("amount", "frequency", "duration")},
    }  # fmt: skip


@needs("plans.write")
def plan_new(request: HttpRequest, patient: str, episode: str) -> HttpResponse:
    """Add a plan of care, the next by number."""
    found, of = episode_of(patient, episode)
    form = Form(
        title=_("Add a plan of care"), about=about(of),
        back=address(found, of), send=_("Add the plan"), fields=_plan_fields(None, site_day(of.site)),
    )  # fmt: skip
    return ask(request, form, lambda: services.add_plan(of, **_plan_values(request)))


@needs("plans.write")
def plan_change(request: HttpRequest, plan: str) -> HttpResponse:
    """Change a plan of care until it is sent; a significant change is a new plan that is certified anew."""
    row = access.plan(plan)
    of = row.episode
    form = Form(
        title=_("Change plan %(number)s") % {"number": row.number},
        about=about(of), back=address(of.patient, of), send=_("Save"),
        fields=_plan_fields(row, row.starts), version=row.version, shut=services.fixed(row),
        hint=_("For corrections. A significant change of the treatment is a new plan, which is certified anew."),
    )  # fmt: skip
    return ask(request, form, lambda: services.change_plan(row, number(request, "version"), **_plan_values(request)))


@needs("certifications.write")
def certify(request: HttpRequest, plan: str) -> HttpResponse:
    """Enter a step of a plan's certification: it was sent, ordered verbally, or signed."""
    row = access.plan(plan)
    fields = (
        Field(name="step", label=_("Step"), kind="radio", choices=choices(STEPS), needed=True),
        Field(name="date", label=_("Day"), kind="date", needed=True, hint=_("The day it happened, as it is written.")),
        Field(name="signer", label=_("Practitioner"), hint=_("Who signed or gave the order, by name.")),
        Field(name="how", label=_("How"), longest=60, hint=_("Fax with confirmation, portal, on paper.")),
        Field(
            name="reason", label=_("Why it came late"), longest=400, wide=True,
            hint=_("Only where it did. A late certification is allowed with its reason."),
        ),
    )  # fmt: skip
    form = Form(
        title=_("Certification of plan %(number)s") % {"number": row.number}, about=row.episode.patient.name,
        back=_where(request, row.episode), send=_("Enter the step"), fields=fields,
    )  # fmt: skip
    user: User = request.user_row  # type: ignore[attr-defined]
    return ask(
        request, form,
        lambda: services.certify(
            row, step=request.POST.get("step", ""), date=typed.needed(request, "date"), user=user,
            signer=typed.line(request, "signer", 120), how=typed.line(request, "how", 60),
            reason=typed.line(request, "reason", 400),
        ),
    )  # fmt: skip


@needs("certifications.write")
def void(request: HttpRequest, certification: str) -> HttpResponse:
    """Take back a step that was entered wrongly; it stays, with the reason."""
    row = access.certification(certification)
    of = row.plan.episode
    form = Form(
        title=_("Take this step back"), about=f"{word(STEPS, row.step)}, {row.date}", back=_where(request, of),
        send=_("Take it back"), careful=True,
        fields=(Field(name="reason", label=_("Reason"), needed=True, longest=400, wide=True),),
        hint=_("The step stays in the chart, struck through, with your reason."),
    )  # fmt: skip
    user: User = request.user_row  # type: ignore[attr-defined]
    return ask(request, form, lambda: services.void_certification(row, typed.line(request, "reason", 400), user))


def _where(request: HttpRequest, episode: Episode) -> str:
    """Back to the chart, for who may read it; to the patient for others."""
    user: User = request.user_row  # type: ignore[attr-defined]
    if matrix().allows(user.role, "chart.read"):
        return address(episode.patient_id, episode)
    return f"/patients/{episode.patient_id}"


urlpatterns = [
    path("patients/<slug:patient>/episodes/new", new, name="episode-new"),
    path("patients/<slug:patient>/episodes/<slug:episode>", page, name="episode"),
    path("patients/<slug:patient>/episodes/<slug:episode>/change", change, name="episode-change"),
    path("patients/<slug:patient>/episodes/<slug:episode>/discharge", discharge, name="episode-discharge"),
    path("patients/<slug:patient>/episodes/<slug:episode>/plans/new", plan_new, name="plan-new"),
    path("plans/<slug:plan>/change", plan_change, name="plan-change"),
    path("plans/<slug:plan>/certify", certify, name="plan-certify"),
    path("certifications/<slug:certification>/void", void, name="certification-void"),
]
