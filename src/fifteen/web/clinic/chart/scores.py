"""Scores of outcome measures: the trend of each, with the change that matters where the rulebook holds it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from fifteen.clinic.accounts.models import User
from fifteen.clinic.audit.record import record
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.treatment import access, services
from fifteen.clinic.treatment.models import Episode, Score
from fifteen.web.clinic.chart import typed
from fifteen.web.clinic.chart.editing import Field, Form, ask
from fifteen.web.clinic.chart.found import about, address, episode_of, site_day
from fifteen.web.clinic.chart.header import header_of
from fifteen.web.clinic.chart.trend import Trend, plain, trend
from fifteen.web.clinic.routes import by_patient, needs
from fifteen.web.said import said
from fifteen.web.surroundings import rulebook

TABLE = "outcome_measures"


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """A measure with its scores. `change` and what follows it are empty where the rulebook holds none."""

    name: str
    label: str
    unit: str
    scores: tuple[tuple[Score, str], ...]
    trend: Trend
    first: str
    last: str
    difference: str
    better: str
    change: str
    reached: bool | None
    group: str
    cite: str
    status: str


def shown(episode: Episode) -> list[Measure]:
    """The measures of an episode, in the order in which they were first scored."""
    rows: dict[str, list[Score]] = {}
    for score in access.scores_of(episode):
        rows.setdefault(score.measure, []).append(score)
    return [_measure(name, found) for name, found in rows.items()]


def _measure(name: str, found: list[Score]) -> Measure:
    known = rulebook().row(TABLE, name, found[-1].date) or {}
    lower = known.get("better") == "lower"
    change = _change(known)
    first, last = found[0].value, found[-1].value
    gained = first - last if lower else last - first
    return Measure(
        name=name, label=said(known.get("label", "")), unit=said(known.get("unit", "")),
        scores=tuple((each, plain(each.value)) for each in reversed(found)),
        trend=trend([(each.date, each.value) for each in found], change, lower=lower),
        first=plain(first), last=plain(last), difference=_signed(last - first),
        better=_("lower is better") if lower else _("higher is better") if known else "",
        change=_between(change), group=said(known.get("population", "")),
        reached=None if change is None or len(found) < 2 else gained >= change[0],
        cite=rulebook().cite(known.get("refs", "").split()), status=_status(known),
    )  # fmt: skip


def _change(known: Mapping[str, str]) -> tuple[Decimal, Decimal] | None:
    if not known.get("change"):
        return None
    return Decimal(known["change"]), Decimal(known["change_most"])


def _between(change: tuple[Decimal, Decimal] | None) -> str:
    if change is None:
        return ""
    least, most = (plain(each) for each in change)
    return least if least == most else _("%(least)s to %(most)s") % {"least": least, "most": most}


def _status(known: Mapping[str, str]) -> str:
    """How well the value is known, in a word."""
    if not known:
        return ""
    if known["refs"].split() == ["recalled"]:
        return _("unverified")
    return _("primary") if known["status"] == "primary" else _("secondary")


def _signed(value: Decimal) -> str:
    return f"+{plain(value)}" if value > 0 else f"\N{MINUS SIGN}{plain(-value)}" if value < 0 else "0"


@needs("chart.read", glass=by_patient)
@require_safe
def page(request: HttpRequest, patient: str, episode: str) -> HttpResponse:
    """Every measure with its trend and its scores."""

    found, of = episode_of(patient, episode)
    record("scores.view", at=now(), kind="episode", object=of.id, patient=found.id)
    header = header_of(found, of, site_day(of.site))
    return render(
        request, "clinic/chart/scores.html", {"patient": found, "episode": of, "header": header, "scores": shown(of)}
    )


def _form(request: HttpRequest, of: Episode, amends: Score | None) -> HttpResponse:
    measure = Field(
        name="measure", label=_("Measure"), value=amends.measure if amends else "", needed=True, longest=20,
        hint=_("Its short name. The rulebook knows: %(names)s.") % {"names": ", ".join(_known())},
    )  # fmt: skip
    fields: tuple[Field, ...] = (
        measure,
        Field(
            name="value", label=_("Score"), value=plain(amends.value) if amends else "", needed=True, mode="decimal",
            longest=12,
        ),
        Field(
            name="date", label=_("Day"), kind="date", needed=True,
            value=(amends.date if amends else site_day(of.site)).isoformat(),
        ),
    )  # fmt: skip
    if amends:
        fields += (Field(name="reason", label=_("Reason"), needed=True, longest=400, wide=True),)
    form = Form(
        title=_("Correct the score") if amends else _("Add a score"), send=_("Save"), fields=fields,
        about=about(of), back=f"{address(of.patient_id, of)}/scores",
        hint=_("The first value stays in the chart; this one names it.") if amends else "",
    )  # fmt: skip
    user: User = request.user_row  # type: ignore[attr-defined]
    return ask(
        request, form,
        lambda: services.add_score(
            of, measure=typed.line(request, "measure", 20), value=typed.decimal(request, "value"), user=user,
            date=typed.needed(request, "date"), amends=amends, reason=typed.line(request, "reason", 400),
        ),
    )  # fmt: skip


def _known() -> list[str]:
    return sorted({row[0] for row in rulebook().tables[TABLE].rows})


@needs("chart.write")
def new(request: HttpRequest, patient: str, episode: str) -> HttpResponse:
    """Add a score."""

    return _form(request, episode_of(patient, episode)[1], None)


@needs("chart.write")
def correct(request: HttpRequest, score: str) -> HttpResponse:
    """Correct a score by a new one that names it and says why."""
    row = access.score(score)
    return _form(request, row.episode, row)


urlpatterns = [
    path("patients/<slug:patient>/episodes/<slug:episode>/scores", page, name="scores"),
    path("patients/<slug:patient>/episodes/<slug:episode>/scores/new", new, name="score-new"),
    path("scores/<slug:score>/correct", correct, name="score-correct"),
]
