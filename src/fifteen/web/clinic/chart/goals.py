"""The goals of an episode: what they are, how they stand, and editing them."""

from __future__ import annotations

from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from fifteen.clinic.audit.record import record
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.treatment import access, services
from fifteen.clinic.treatment.models import Episode, Goal
from fifteen.web.clinic.chart import typed
from fifteen.web.clinic.chart.editing import Field, Form, ask
from fifteen.web.clinic.chart.found import about, address, episode_of, site_day
from fifteen.web.clinic.chart.header import header_of
from fifteen.web.clinic.chart.words import GOAL_TONES, GOALS, TERMS, choices, word
from fifteen.web.clinic.forms import day, number
from fifteen.web.clinic.routes import by_patient, needs


class GoalShown(msgspec.Struct, frozen=True, kw_only=True):
    """A goal with the words and the tone of its state."""

    row: Goal
    status: str
    tone: str
    term: str


def shown(episode: Episode) -> list[GoalShown]:
    """The goals in the order they were set, those that are worked on first."""
    rows = [
        GoalShown(
            row=each, status=word(GOALS, each.status), tone=GOAL_TONES.get(each.status, "off"),
            term=word(TERMS, each.term),
        )
        for each in access.goals_of(episode)
    ]  # fmt: skip
    return sorted(rows, key=lambda each: each.row.status != "active")


def _fields(row: Goal | None) -> tuple[Field, ...]:
    def text(name: str) -> str:
        return str(getattr(row, name)) if row else ""

    def on(name: str) -> str:
        found = getattr(row, name) if row else None
        return found.isoformat() if found else ""

    return (
        Field(
            name="text", label=_("Goal"), kind="area", value=text("text"), needed=True, longest=400,
            hint=_("What the patient will do, so that it can be measured."),
        ),
        Field(name="term", label=_("Term"), kind="choice", choices=choices(TERMS), value=text("term")),
        Field(name="due", label=_("By"), kind="date", value=on("due")),
        Field(name="baseline", label=_("Baseline"), value=text("baseline"), longest=60),
        Field(name="target", label=_("Target"), value=text("target"), longest=60),
        Field(name="unit", label=_("Unit"), value=text("unit"), longest=30),
        Field(name="task", label=_("Task of daily life"), value=text("task")),
        Field(
            name="status", label=_("State"), kind="choice", choices=choices(GOALS), value=text("status") or "active"
        ),
        Field(name="judged", label=_("Judged on"), kind="date", value=on("judged")),
        Field(name="progress", label=_("Progress"), kind="area", value=text("progress"), longest=400),
    )  # fmt: skip


def _values(request: HttpRequest) -> dict[str, Any]:
    return {
        "text": typed.line(request, "text", 400), "term": typed.line(request, "term"), "due": day(request, "due"),
        "baseline": typed.line(request, "baseline", 60), "target": typed.line(request, "target", 60),
        "unit": typed.line(request, "unit", 30), "task": typed.line(request, "task", 120),
        "status": typed.line(request, "status") or "active", "judged": day(request, "judged"),
        "progress": typed.line(request, "progress", 400),
    }  # fmt: skip


@needs("chart.read", glass=by_patient)
@require_safe
def page(request: HttpRequest, patient: str, episode: str) -> HttpResponse:
    """The goals as a table, with the header."""

    found, of = episode_of(patient, episode)
    record("goals.view", at=now(), kind="episode", object=of.id, patient=found.id)
    header = header_of(found, of, site_day(of.site))
    return render(
        request, "clinic/chart/goals.html", {"patient": found, "episode": of, "header": header, "goals": shown(of)}
    )


@needs("plans.write")
def new(request: HttpRequest, patient: str, episode: str) -> HttpResponse:
    """Set a goal."""

    found, of = episode_of(patient, episode)
    name = Field(
        name="goal", label=_("Short name"), needed=True, longest=20,
        hint=_("How notes call it, such as STG 1 or LTG 2."),
    )  # fmt: skip
    form = Form(
        title=_("Set a goal"), about=about(of),
        back=f"{address(found, of)}/goals", send=_("Set the goal"), fields=(name, *_fields(None)),
    )  # fmt: skip
    return ask(request, form, lambda: services.set_goal(of, typed.line(request, "goal", 20), **_values(request)))


@needs("plans.write")
def change(request: HttpRequest, goal: str) -> HttpResponse:
    """Change a goal, or say how it stands."""

    row = access.goal(goal)
    of = row.episode
    form = Form(
        title=_("Change goal %(name)s") % {"name": row.goal}, about=about(of),
        back=f"{address(of.patient_id, of)}/goals", send=_("Save"), fields=_fields(row), version=row.version,
    )  # fmt: skip
    return ask(request, form, lambda: services.change_goal(row, number(request, "version"), **_values(request)))


urlpatterns = [
    path("patients/<slug:patient>/episodes/<slug:episode>/goals", page, name="goals"),
    path("patients/<slug:patient>/episodes/<slug:episode>/goals/new", new, name="goal-new"),
    path("goals/<slug:goal>/change", change, name="goal-change"),
]
