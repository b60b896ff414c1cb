"""An episode in flight: opened as it stands in the other system, with its plan, its certification and what was used.

What the file does not say stays unknown: no count becomes 0, and no day is put in place of another.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from fifteen.clinic.importing.run import Group, Result, Run
from fifteen.clinic.people import access as people
from fifteen.clinic.people.models import Patient
from fifteen.clinic.people.services import say_accrued
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.errors import Refused
from fifteen.clinic.treatment import access, services
from fifteen.clinic.treatment.models import Episode, Plan

UNNAMED = "Not named in the file"
COUNTS = ("days_since_report", "visits_used", "units_used")
PLAN = ("plan_established", "plan_starts", "plan_ends", "type", "amount", "frequency", "duration")
AUTHORIZED = ("auth_number", "auth_visits", "auth_units", "auth_starts", "auth_ends")
BUCKETS = {"PT": "pt_slp", "SLP": "pt_slp", "OT": "ot"}


def put(group: Group, run: Run) -> tuple[Result, str]:
    """The episode of this row, and all that the row says of it."""
    said = group.values
    patient = run.patients.need(said)
    episode = _open(patient, said, run)
    plan = _plan(episode, said, run)
    _certify(plan, said, run)
    _counts(episode, said, run)
    _threshold(patient, episode, said, run)
    _authorization(patient, episode, said, run)
    return "new", episode.id


def _open(patient: Patient, said: dict[str, Any], run: Run) -> Episode:
    discipline = said.get("discipline") or run.options.discipline
    if not discipline:
        raise Refused(_("It does not say of which discipline; choose one for the rows that say none."))
    for each in access.episodes_of(patient):
        if each.discipline == discipline and each.started == said["started"]:
            raise Refused(_("An episode of this discipline that began on that day is here already; look at it there."))
    codes = said.get("diagnoses", ())
    episode = services.open_episode(
        patient, discipline=discipline, site=run.others.site(said), started=said["started"],
        problem=said.get("problem") or ", ".join(codes)[:120] or UNNAMED, therapist=run.others.person(said),
        diagnoses=[{"code": code} for code in codes], onset=said.get("onset"),
    )  # fmt: skip
    run.made["episode"] += 1
    return episode


def _plan(episode: Episode, said: dict[str, Any], run: Run) -> Plan | None:
    if not any(name in said for name in PLAN):
        return None
    if "plan_starts" not in said:
        raise Refused(_("A plan of care is named without its first day; give the day, or leave the plan out."))
    words = {name: said[name] for name in ("type", "amount", "frequency", "duration") if name in said}
    plan = services.add_plan(
        episode, starts=said["plan_starts"], ends=said.get("plan_ends"), established=said.get("plan_established"),
        author=episode.therapist, **words,
    )  # fmt: skip
    run.made["plan"] += 1
    return plan


def _certify(plan: Plan | None, said: dict[str, Any], run: Run) -> None:
    for step in services.STEPS:
        if step not in said:
            continue
        if plan is None:
            raise Refused(_("A plan was sent or certified, but its first day is missing; give that day."))
        signer = said.get("signer", "")
        if step != "sent" and not signer:
            signer = UNNAMED
            run.told["unnamed"] += 1
        services.certify(plan, step=step, date=said[step], signer="" if step == "sent" else signer, user=run.user)
        run.made["certification"] += 1


def _as_of(said: dict[str, Any], run: Run) -> date:
    found = said.get("as_of") or run.options.as_of
    if found is None:
        raise Refused(_("It does not say as of which day it counts; give that day for the whole file, or in a column."))
    return found


def _counts(episode: Episode, said: dict[str, Any], run: Run) -> None:
    """What was used elsewhere. Of a file that is silent too: it began there, so that what is here is not all of it."""
    known = {name: said.get(name) for name in COUNTS}
    told = any(name in said for name in COUNTS)
    as_of = _as_of(said, run) if told else said.get("as_of") or run.options.as_of or _today(episode)
    if told and as_of < episode.started:
        raise Refused(_("The day that the counts are of lies before the episode began; look at both dates."))
    as_of = max(as_of, episode.started)
    services.carry_over(episode, as_of=as_of, source=run.source, **known)
    run.made["carried_over"] += told


def _today(episode: Episode) -> date:
    return now().astimezone(ZoneInfo(episode.site.zone)).date()


def _threshold(patient: Patient, episode: Episode, said: dict[str, Any], run: Run) -> None:
    if "threshold_used" not in said:
        return
    as_of = _as_of(said, run)
    say_accrued(
        patient, year=as_of.year, bucket=BUCKETS[episode.discipline], cents=said["threshold_used"], as_of=as_of,
        source=run.source, user=run.user,
    )  # fmt: skip
    run.made["accrual"] += 1


def _authorization(patient: Patient, episode: Episode, said: dict[str, Any], run: Run) -> None:
    if not any(name in said for name in AUTHORIZED):
        return
    if "auth_number" not in said or "auth_starts" not in said:
        raise Refused(_("An authorization needs its number and its first day; give both, or leave it out."))
    first = people.coverages(patient, said["auth_starts"]).first()
    if first is None:
        raise Refused(_("The patient has no coverage on the first day of the authorization; import coverages first."))
    services.authorize(
        first, number=said["auth_number"], starts=said["auth_starts"], ends=said.get("auth_ends"),
        visits=said.get("auth_visits"), units=said.get("auth_units"), episode=episode,
    )  # fmt: skip
    run.made["authorized"] += 1
