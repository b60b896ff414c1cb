"""A note laid out by its sections for reading, and beside it what the minutes of its visit support."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from fifteen.clinic.accounts.matrix import matrix
from fifteen.clinic.accounts.models import User
from fifteen.clinic.chart import queries
from fifteen.clinic.notes.models import Note as Row
from fifteen.clinic.people import access as people
from fifteen.clinic.treatment import access
from fifteen.engine.documentation.note import Measure, Note, NoteService
from fifteen.web.clinic.chart.doses import Dose, doses
from fifteen.web.clinic.chart.found import site_day
from fifteen.web.clinic.chart.header import Header, header_of
from fifteen.web.clinic.chart.visit import DayShown, day_shown, label_of
from fifteen.web.clinic.chart.words import GOALS, MEASURES, NOTES, SIDES, TERMS, word

AROUND = ("date", "kind", "discipline", "visit", "text")


class ServiceRead(msgspec.Struct, frozen=True, kw_only=True):
    """A service in the note's own words, with its exercises as a table."""

    service: NoteService
    label: str
    doses: list[Dose]
    people: str


class GoalRead(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    text: str
    term: str
    status: str
    from_to: str
    by: date | None
    progress: str


class NoteRead(msgspec.Struct, frozen=True, kw_only=True):
    """A note as sections. `note` is the engine's record; the rest are its parts as tables and lines."""

    note: Note
    title: str
    history: tuple[tuple[str, str], ...]
    measures: tuple[tuple[str, str, str, str], ...]
    services: tuple[ServiceRead, ...]
    goals: tuple[GoalRead, ...]
    plan_of_care: tuple[tuple[str, str], ...]
    more: tuple[tuple[str, str], ...]

    @property
    def written(self) -> bool:
        """Does anything stand in fields, beside the free text?"""
        found = msgspec.to_builtins(self.note)
        return any(value for name, value in found.items() if name not in AROUND)


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """What stands beside a note and never in it: the patient's header, and the engine's answer for the visit."""

    header: Header | None
    day: DayShown | None


def read(row: Row, content: Any) -> NoteRead | None:
    """The content by its sections; None where it is not what the engine's record holds: then its text is shown."""
    discipline = row.episode.discipline if row.episode else "PT"
    note = _note({"date": row.date.isoformat(), "kind": row.kind, "discipline": discipline}, content)
    if note is None:
        return None
    names = queries.names({each for one in note.services for each in one.people})
    return NoteRead(
        note=note, title=word(NOTES, note.kind), history=_history(note),
        measures=tuple(_measure(each) for each in note.measures),
        services=tuple(
            ServiceRead(
                service=each, label=label_of(each.code or "", note.on),
                people=", ".join(names.get(one, one) for one in each.people),
                doses=doses(msgspec.to_builtins(one) for one in each.exercises),
            )
            for each in note.services
        ),
        goals=tuple(
            GoalRead(
                name=each.id, text=each.text, term=word(TERMS, each.term or ""), status=word(GOALS, each.status),
                from_to=_from_to(each.baseline, each.target, each.unit), by=each.by, progress=each.progress,
            )
            for each in note.goals
        ),
        plan_of_care=_plan(note), more=_more(note),
    )  # fmt: skip


def readable(content: Any) -> bool:
    """Is it what the engine's record of a note holds, and something stands in it?"""
    return bool(content) and _note({"date": "2000-01-01"}, content) is not None


def _note(around: dict[str, str], content: Any) -> Note | None:
    try:
        return msgspec.convert({**around, **content}, Note) if isinstance(content, Mapping) else None
    except msgspec.ValidationError:
        return None


def _from_to(baseline: str, target: str, unit: str) -> str:
    both = " \N{RIGHTWARDS ARROW} ".join(each for each in (baseline, target) if each)
    return f"{both} {unit}".strip() if both else ""


def _measure(measure: Measure) -> tuple[str, str, str, str]:
    when = {"before": _("before treatment"), "after": _("after treatment")}.get(measure.when or "", "")
    side = word(SIDES, measure.side) if measure.side else ""
    value = f"{measure.value} {measure.unit}".strip()
    return word(MEASURES, measure.kind), measure.name, value, ", ".join(each for each in (side, when) if each)


def _said(rows: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(each for each in rows if each[1])


def _history(note: Note) -> tuple[tuple[str, str], ...]:
    found = note.history
    if found is None:
        return ()
    return _said(
        [
            (_("Onset"), found.onset),
            (_("Present complaint"), found.present),
            (_("Past history"), found.past),
            (_("Prior level of function"), found.prior_level),
            (_("Living situation"), found.living),
            (_("Prior therapy"), found.prior_therapy),
            (_("Deficits"), ", ".join(found.deficits)),
            (_("Presentation"), found.presentation),
            (_("Complexity"), found.complexity),
        ]
    )


def _plan(note: Note) -> tuple[tuple[str, str], ...]:
    found = note.plan_of_care
    if found is None:
        return ()
    return _said(
        [
            (_("Type of therapy"), found.type),
            (_("Amount"), found.amount),
            (_("Frequency"), found.frequency),
            (_("Duration"), found.duration),
            (_("Established on"), found.established.isoformat() if found.established else ""),
            (_("Discharge plan"), found.discharge_plan),
        ]
    )


def _more(note: Note) -> tuple[tuple[str, str], ...]:
    pain = [
        _("%(pain)s of 10 before") % {"pain": note.pain_before} if note.pain_before is not None else "",
        _("%(pain)s of 10 after") % {"pain": note.pain_after} if note.pain_after is not None else "",
    ]
    period = " \N{EN DASH} ".join(each.isoformat() for each in (note.period_from, note.period_until) if each)
    return _said(
        [
            (_("Period of the report"), period),
            (_("Pain"), ", ".join(each for each in pain if each)),
            (_("Response to treatment"), note.response),
            (_("Adverse reaction"), note.adverse),
            (_("Home programme"), note.home_programme),
            (_("Precautions"), note.precautions),
            (_("Consent"), note.consent),
            (_("Written late because"), note.late_reason),
        ]
    )


def beside(row: Row, user: User) -> Beside:
    """The header and the day's answer, for who may read charts; nothing for a note of no episode or visit."""
    if not matrix().allows(user.role, "chart.read"):
        return Beside(header=None, day=None)
    header = day = None
    if row.episode_id:
        of = access.episode(row.episode_id)
        header = header_of(people.head(row.patient), of, site_day(of.site))
    if row.visit_id:
        visit = access.visit(row.visit_id)
        day = day_shown(visit, list(access.intervals_of(visit)), access.assessment(visit.patient, visit.date))
    return Beside(header=header, day=day)
