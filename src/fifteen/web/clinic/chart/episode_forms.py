"""Plain editing of an episode, its plans of care and the steps of their certification."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _

from fifteen.clinic.accounts.matrix import matrix
from fifteen.clinic.accounts.models import User
from fifteen.clinic.chart import queries
from fifteen.clinic.people import access as people
from fifteen.clinic.people.models import Patient, Referral
from fifteen.clinic.tenancy.access import sites
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.errors import NotFound, Refused
from fifteen.clinic.treatment import access, services
from fifteen.clinic.treatment.models import Episode, Plan
from fifteen.web.clinic.chart import typed
from fifteen.web.clinic.chart.editing import Field, Form, ask
from fifteen.web.clinic.chart.found import about, address, episode_of, site_day
from fifteen.web.clinic.chart.words import STEPS, choices, word
from fifteen.web.clinic.forms import day, number
from fifteen.web.clinic.routes import needs

DISCIPLINES = tuple((each, each) for each in services.DISCIPLINES)


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
    path("patients/<slug:patient>/episodes/<slug:episode>/change", change, name="episode-change"),
    path("patients/<slug:patient>/episodes/<slug:episode>/discharge", discharge, name="episode-discharge"),
    path("patients/<slug:patient>/episodes/<slug:episode>/plans/new", plan_new, name="plan-new"),
    path("plans/<slug:plan>/change", plan_change, name="plan-change"),
    path("plans/<slug:plan>/certify", certify, name="plan-certify"),
    path("certifications/<slug:certification>/void", void, name="certification-void"),
]
