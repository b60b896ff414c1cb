"""What changes the chart: episodes, their plans and goals, visits, and what was done in them.

Whatever changes a visit has its day assessed in the same transaction; see `assessing.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar, get_args
from zoneinfo import ZoneInfo

import msgspec
from django.utils.translation import gettext as _

from fifteen.clinic.accounts.models import User
from fifteen.clinic.audit.record import record
from fifteen.clinic.codes import typed_code
from fifteen.clinic.notes import services as notes
from fifteen.clinic.notes.access import signed_of_visit
from fifteen.clinic.people import access as people
from fifteen.clinic.people.models import Coverage, Patient, Referral
from fifteen.clinic.people.services import given
from fifteen.clinic.tenancy import rows
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.errors import Refused
from fifteen.clinic.tenancy.models import Owned, Site
from fifteen.clinic.treatment import access, changes
from fifteen.clinic.treatment.intervals import add_event as add_event
from fifteen.clinic.treatment.intervals import add_interval as add_interval
from fifteen.clinic.treatment.intervals import amend_interval as amend_interval
from fifteen.clinic.treatment.intervals import fold_visit as fold_visit
from fifteen.clinic.treatment.models import (
    Authorization,
    CarriedOver,
    Certification,
    Episode,
    Exercise,
    Goal,
    Plan,
    Score,
    Service,
    TieChoice,
    Visit,
)
from fifteen.engine.documentation.note import Diagnosis
from fifteen.engine.documentation.note import Exercise as Done
from fifteen.engine.people import Discipline

_R = TypeVar("_R", bound=Owned)

DISCIPLINES: tuple[str, ...] = get_args(Discipline)
STEPS = ("sent", "verbal", "signed")
EPISODE = ("site", "therapist", "referral", "problem", "diagnoses", "onset", "started")
PLAN = ("author", "established", "starts", "ends", "type", "amount", "frequency", "duration")
GOAL = ("term", "text", "baseline", "target", "unit", "task", "due", "status", "judged", "progress")
AUTHORIZATION = ("number", "visits", "units", "codes", "starts", "ends", "episode")
VISIT = ("site", "date", "arrived", "departed", "place_of_service", "telehealth", "purpose")
SERVICE = ("code", "what", "skilled_reason", "response", "progression", "goals", "place")


# -- episodes ---------------------------------------------------------------------------------------------------------


def open_episode(
    patient: Patient, *, discipline: str, site: Site, problem: str, started: date, therapist: User | None = None,
    referral: Referral | None = None, diagnoses: Sequence[dict[str, Any]] = (), onset: date | None = None,
) -> Episode:  # fmt: skip
    """A new episode; `diagnoses` by the names of the engine's record `Diagnosis`."""
    if patient.into_id is not None:
        raise Refused(_("This record is merged into another one; open the episode there."))
    if discipline not in DISCIPLINES:
        raise Refused(_("An episode is of PT, OT or SLP; choose one."))
    _ordered(patient, discipline, referral)
    row = Episode(
        patient=patient, discipline=discipline, site=site, problem=_said(problem), started=_not_ahead(started, site),
        therapist=therapist, referral=referral, diagnoses=_diagnoses(diagnoses), onset=onset, made=now(),
    )  # fmt: skip
    rows.add(row)
    record("episodes.open", at=now(), kind="episode", object=row.id, patient=patient.id, discipline=discipline)
    return row


def change_episode(episode: Episode, version: int, **wanted: Any) -> Episode:
    """Store fields of EPISODE over the version that was seen; `Conflict` where that is no longer the newest."""
    if "diagnoses" in wanted:
        wanted["diagnoses"] = _diagnoses(wanted["diagnoses"])
    if "problem" in wanted:
        wanted["problem"] = _said(wanted["problem"])
    if "started" in wanted:
        _not_ahead(wanted["started"], wanted.get("site", episode.site))
        first = access.visits_of(episode).first()
        if first is not None and wanted["started"] > first.date:
            raise Refused(_("The episode has a visit before that day; look at the date again."))
    if "referral" in wanted:
        _ordered(episode.patient, episode.discipline, wanted["referral"])
    return _changed("episodes.change", "episode", episode, episode.patient_id, version, _known(wanted, EPISODE))


def _ordered(patient: Patient, discipline: str, referral: Referral | None) -> None:
    """`Refused` where an order is not of this person, in whatever record, or is for another discipline."""
    if referral is None:
        return
    if referral.patient_id not in people.family(people.head(patient)):
        raise Refused(_("The referral is of another patient; choose one of this patient."))
    if referral.discipline != discipline:
        raise Refused(_("The referral is for another discipline than the episode; choose one for the same."))


def discharge(episode: Episode, version: int, on: date) -> Episode:
    """The episode's last day. `change_episode` cannot; a discharge that was wrong is taken back with `reopen`."""
    last = access.visits_of(episode).last()
    if on < episode.started or (last is not None and on < last.date):
        raise Refused(_("The episode has a visit after that day, or began later; look at the date again."))
    _not_ahead(on, episode.site)
    return _changed("episodes.discharge", "episode", episode, episode.patient_id, version, {"ended": on})


def reopen(episode: Episode, version: int) -> Episode:
    """Take a discharge back."""
    return _changed("episodes.reopen", "episode", episode, episode.patient_id, version, {"ended": None})


def carry_over(
    episode: Episode, *, as_of: date, days_since_report: int | None = None, visits_used: int | None = None,
    units_used: int | None = None, source: str,
) -> CarriedOver:  # fmt: skip
    """What another system knew of an episode in flight; None: it did not say."""
    row = CarriedOver(
        episode=episode, as_of=_not_ahead(as_of, episode.site), days_since_report=days_since_report,
        visits_used=visits_used, units_used=units_used, source=source.strip(), at=now(),
    )  # fmt: skip
    rows.add(row)
    record("episodes.carry_over", at=now(), kind="carried_over", object=row.id, patient=episode.patient_id)
    return row


# -- plans, certifications, goals, scores, authorizations --------------------------------------------------------------


def add_plan(
    episode: Episode, *, starts: date, ends: date | None = None, author: User | None = None,
    established: date | None = None, type: str = "", amount: str = "", frequency: str = "", duration: str = "",
) -> Plan:  # fmt: skip
    """A plan of care, the next of its episode by number; `ends` is its last day."""
    _in_order(starts, ends)
    access.held_episode(episode.id)
    row = Plan(
        episode=episode, number=access.plans_of(episode).count() + 1, author=author, established=established,
        starts=starts, ends=ends, type=type.strip(), amount=amount.strip(), frequency=frequency.strip(),
        duration=duration.strip(), made=now(),
    )  # fmt: skip
    rows.add(row)
    record("plans.add", at=now(), kind="plan", object=row.id, patient=episode.patient_id, episode=episode.id)
    return row


def change_plan(plan: Plan, version: int, **wanted: Any) -> Plan:
    """Store fields of PLAN over the version that was seen; `Conflict` where that is no longer the newest.

    `Refused` once it was sent or certified: what somebody certified is what is read.
    """
    access.held_episode(plan.episode_id)  # a step that is entered at once waits, or is seen
    if why := fixed(plan):
        raise Refused(why)
    _in_order(wanted.get("starts", plan.starts), wanted.get("ends", plan.ends))
    return _changed("plans.change", "plan", plan, plan.episode.patient_id, version, _known(wanted, PLAN))


def fixed(plan: Plan) -> str:
    """Why a plan cannot be changed any more; empty while no step of its certification stands."""
    if not access.certifications_of(plan).exists():
        return ""
    return _("A plan that was sent or certified stays as it is: take the step back with its reason, or add a new plan.")


def certify(
    plan: Plan, *, step: str, date: date, signer: str = "", how: str = "", reason: str = "", user: User
) -> Certification:
    """One step of a plan's certification, on the day it happened; `reason` says why it came late, where it did."""
    if step not in STEPS:
        raise Refused(_("A plan is sent, certified by a verbal order, or signed; choose one."))
    if step != "sent" and not signer.strip():
        raise Refused(_("Say who certified the plan, by name."))
    access.held_episode(plan.episode_id)
    row = Certification(
        plan=plan, step=step, date=_not_ahead(date, plan.episode.site), signer=signer.strip(), how=how.strip(),
        reason=reason.strip(), by=user.id, at=now(),
    )  # fmt: skip
    return _certification("plans.certify", row)


def void_certification(row: Certification, reason: str, user: User) -> Certification:
    """Take back a step that was entered wrongly: a new row that names it and says why."""
    access.held_episode(row.plan.episode_id)
    if row.void_id is not None or row.id not in set(access.certifications_of(row.plan).values_list("id", flat=True)):
        raise Refused(_("This step was taken back already; enter the right one as a new step."))
    back = Certification(plan=row.plan, step=row.step, date=row.date, reason=given(reason), void=row, by=user.id)
    back.at = now()
    return _certification("plans.certify.void", back)


def _certification(action: str, row: Certification) -> Certification:
    rows.add(row)
    patient = row.plan.episode.patient_id
    record(action, at=now(), kind="certification", object=row.id, patient=patient, plan=row.plan_id, step=row.step)
    return row


def set_goal(episode: Episode, goal: str, **fields: Any) -> Goal:
    """A new goal; `goal` is the short id that notes name it by, and `fields` are of GOAL."""
    name = goal.strip()
    if not name or access.goals_of(episode).filter(goal=name).exists():
        raise Refused(_("A goal needs a short name that no other goal of the episode has, such as LTG 2."))
    row = rows.add(Goal(episode=episode, goal=name, made=now(), **_goal(fields)))
    record("goals.set", at=now(), kind="goal", object=row.id, patient=episode.patient_id, episode=episode.id)
    return row


def change_goal(goal: Goal, version: int, **wanted: Any) -> Goal:
    """Store fields of GOAL over the version that was seen; `Conflict` where that is no longer the newest."""
    return _changed("goals.change", "goal", goal, goal.episode.patient_id, version, _goal(wanted))


def _goal(fields: dict[str, Any]) -> dict[str, Any]:
    if fields.get("term", "") not in ("", "short", "long"):
        raise Refused(_("A goal is for the short or the long term; choose one."))
    if fields.get("status", "active") not in ("active", "met", "revised", "dropped"):
        raise Refused(_("A goal is active, met, revised or dropped; choose one."))
    if "text" in fields:
        fields["text"] = _said(fields["text"])
    return _known(fields, GOAL)


def add_score(
    episode: Episode, *, measure: str, value: Decimal | int | str, date: date, user: User, amends: Score | None = None,
    reason: str = "",
) -> Score:  # fmt: skip
    """A score of an outcome measure, as it was scored; one that corrects another names it and says why."""
    try:
        number = Decimal(value)
    except ArithmeticError:
        raise Refused(_("A score is a number, such as 54 or 7.5.")) from None
    if amends is not None:
        access.held_episode(episode.id)
        if amends.episode_id != episode.id or not access.scores_of(episode).filter(id=amends.id).exists():
            raise Refused(_("This score was corrected already; correct the newest one."))
        reason = given(reason)
    row = Score(
        episode=episode, measure=_said(measure), value=number, date=_not_ahead(date, episode.site), amends=amends,
        reason=reason.strip(), by=user.id, at=now(),
    )  # fmt: skip
    rows.add(row)
    record("scores.add", at=now(), kind="score", object=row.id, patient=episode.patient_id, episode=episode.id)
    return row


def authorize(
    coverage: Coverage, *, number: str, starts: date, ends: date | None = None, visits: int | None = None,
    units: int | None = None, codes: Sequence[str] = (), episode: Episode | None = None,
) -> Authorization:  # fmt: skip
    """What a payer authorized: visits, units, or both; for these codes, for all where none is named."""
    _in_order(starts, ends)
    row = Authorization(
        coverage=coverage, episode=episode, number=_said(number), visits=visits, units=units,
        codes=[typed_code(each) for each in codes], starts=starts, ends=ends, made=now(),
    )  # fmt: skip
    rows.add(row)
    record("authorizations.add", at=now(), kind="authorized", object=row.id, patient=coverage.patient_id)
    return row


def change_authorization(authorization: Authorization, version: int, **wanted: Any) -> Authorization:
    """Store fields of AUTHORIZATION over the version that was seen; `Conflict` where that is not the newest."""
    _in_order(wanted.get("starts", authorization.starts), wanted.get("ends", authorization.ends))
    if "codes" in wanted:
        wanted["codes"] = [typed_code(each) for each in wanted["codes"]]
    patient = authorization.coverage.patient_id
    wanted = _known(wanted, AUTHORIZATION)
    return _changed("authorizations.change", "authorized", authorization, patient, version, wanted)


# -- visits -----------------------------------------------------------------------------------------------------------


def start_visit(
    episode: Episode, *, date: date, site: Site | None = None, arrived: Any = None, place_of_service: str = "",
    telehealth: str = "", purpose: str = "", source: str = "",
) -> Visit:  # fmt: skip
    """A visit of an episode on a day of its site; where it took place is the site's own unless it is said."""
    where = site or episode.site
    row = Visit(
        episode=episode, patient=episode.patient, site=where, date=date, arrived=arrived, telehealth=telehealth,
        place_of_service=place_of_service.strip() or where.place_of_service, purpose=purpose, source=source.strip(),
        made=now(),
    )  # fmt: skip
    _of_visit(row)
    rows.add(row)
    record("visits.start", at=now(), kind="visit", object=row.id, patient=row.patient_id, episode=episode.id)
    changes.day_changed(row.patient, row.date)
    return row


def change_visit(visit: Visit, version: int, **wanted: Any) -> Visit:
    """Store fields of VISIT over the version that was seen; `Conflict` where that is no longer the newest.

    A note that is not signed moves along. `Refused` where time or a signed note would stay behind on another day.
    """
    before = visit.date
    seen = Visit(**{field: getattr(visit, field) for field in ("episode", "patient", *VISIT)})
    for field, value in _known(wanted, VISIT).items():
        setattr(seen, field, value)
    _of_visit(seen)
    access.held_visit(visit.id)  # time that is added or corrected at once waits, or is seen
    if _strands(visit, seen):
        raise Refused(
            _(
                "Time or a signed note of this visit belongs to its day: correct the time to 0 minutes, mark the note "
                "as entered in error, then move the visit and enter both again."
            )
        )
    _changed("visits.change", "visit", visit, visit.patient_id, version, wanted)
    if visit.date != before:
        notes.move_drafts(visit)
    for day in sorted({before, visit.date}):
        changes.day_changed(visit.patient, day)
    return visit


def _strands(visit: Visit, seen: Visit) -> bool:
    """Would what was recorded of a visit lie on another day than the visit, were it as it is `seen`?"""
    if seen.date == visit.date and seen.site.zone == visit.site.zone:
        return False
    times = access.live_intervals_of(visit)
    if seen.date != visit.date:
        return times.exists() or signed_of_visit(visit).exists()
    zones = ZoneInfo(visit.site.zone), ZoneInfo(seen.site.zone)
    return any(
        len({each.start.astimezone(zone).date() for zone in zones}) > 1 for each in times if each.start is not None
    )


def _of_visit(row: Visit) -> None:
    """`Refused` where a visit cannot have been so."""
    _not_ahead(row.date, row.site)
    if row.episode.ended is not None and row.date > row.episode.ended:
        raise Refused(_("The episode ended before that day; open a new one, or take the discharge back."))
    if row.date < row.episode.started:
        raise Refused(_("The visit lies before its episode began; correct the date, or the episode's first day."))
    zone = ZoneInfo(row.site.zone)
    for instant in (row.arrived, row.departed):
        if instant is not None and instant.utcoffset() is None:
            raise Refused(_("A time came without its time zone; enter it again."))
        if instant is not None and instant.astimezone(zone).date() != row.date:
            raise Refused(
                _("The time of arrival or departure lies on another day than the visit; correct one of them.")
            )
    if row.arrived is not None and row.departed is not None and row.departed < row.arrived:
        raise Refused(_("The patient left before they arrived; look at the times again."))
    place = row.place_of_service
    if place and not (len(place) == 2 and place.isascii() and place.isdigit()):
        raise Refused(_("A place of service has two digits, such as 11 for an office."))
    if row.telehealth not in ("", "audio-video", "audio-only"):
        raise Refused(_("Telehealth is by audio and video, or by audio only; choose one, or leave it empty."))
    if row.purpose not in ("", "habilitative", "rehabilitative"):
        raise Refused(_("The purpose is habilitative or rehabilitative; choose one, or leave it empty."))


def set_service(
    visit: Visit, *, code: str = "", what: str = "", skilled_reason: str = "", response: str = "",
    progression: str = "", goals: Sequence[str] = (), exercises: Sequence[dict[str, Any]] = (),
    place: int | None = None,
) -> Service:  # fmt: skip
    """A service of a visit in the therapist's words, with its exercises by the names of the engine's `Exercise`."""
    row = Service(
        visit=visit, place=access.services_of(visit).count() if place is None else place,
        code=typed_code(code) if code.strip() else "", what=what, skilled_reason=skilled_reason, response=response,
        progression=progression, goals=list(goals),
    )  # fmt: skip
    done = _exercises(exercises)
    rows.add(row)
    _set_exercises(row, done)
    record("services.set", at=now(), kind="service", object=row.id, patient=visit.patient_id, visit=visit.id)
    changes.day_changed(visit.patient, visit.date)
    return row


def change_service(service: Service, version: int, **wanted: Any) -> Service:
    """Store fields of SERVICE, and `exercises`, over the version that was seen; `Conflict` where it is another now."""
    exercises = wanted.pop("exercises", None)
    done = None if exercises is None else _exercises(exercises)
    if wanted.get("code"):
        wanted["code"] = typed_code(wanted["code"])
    if "goals" in wanted:
        wanted["goals"] = list(wanted["goals"])
    _changed("services.change", "service", service, service.visit.patient_id, version, _known(wanted, SERVICE))
    if done is not None:
        Exercise.objects.filter(service=service).delete()
        _set_exercises(service, done)
    changes.day_changed(service.visit.patient, service.visit.date)
    return service


def drop_service(service: Service, version: int) -> None:
    """Take a service out of a visit that was written there by mistake. What was signed keeps it."""
    visit = service.visit
    rows.change(service, version, {})
    Service.objects.filter(id=service.id).delete()
    record("services.drop", at=now(), kind="service", object=service.id, patient=visit.patient_id, visit=visit.id)
    changes.day_changed(visit.patient, visit.date)


def choose_tie(visit: Visit, codes: Sequence[str], user: User) -> TieChoice:
    """How the professional settled a tie of the day's units; the latest holds."""
    row = rows.add(TieChoice(visit=visit, codes=[typed_code(each) for each in codes], by=user.id, at=now()))
    record(
        "visits.tie", at=now(), kind="tie_choice", object=row.id, patient=visit.patient_id, visit=visit.id,
        codes=row.codes,
    )  # fmt: skip
    changes.day_changed(visit.patient, visit.date)
    return row


def _exercises(exercises: Sequence[dict[str, Any]]) -> list[Done]:
    try:
        return msgspec.convert(list(exercises), list[Done])
    except msgspec.ValidationError:
        raise Refused(_("An exercise holds a field or a value that is not known; look at its dose again.")) from None


def _set_exercises(service: Service, done: Sequence[Done]) -> None:
    for place, each in enumerate(done):
        dose = _without_none(msgspec.to_builtins(each))
        own = {name: dose.pop(name, "") for name in ("name", "region", "side", "type")}
        rows.add(Exercise(service=service, place=place, dose=dose, **own))


def _without_none(found: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _without_none(value) if isinstance(value, dict) else value
        for name, value in found.items()
        if value is not None
    }


# -- what may stand where ---------------------------------------------------------------------------------------------


def _changed(action: str, kind: str, row: _R, patient: str, version: int, wanted: dict[str, Any]) -> _R:
    fields = rows.change(row, version, wanted)
    record(action, at=now(), kind=kind, object=row.id, patient=patient, fields=fields)
    return row


def _known(wanted: dict[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    unknown = sorted(set(wanted) - set(fields))
    if unknown:
        raise TypeError(f"no such field: {', '.join(unknown)}")
    return wanted


def _said(text: str) -> str:
    plain = " ".join(text.split())
    if not plain:
        raise Refused(_("A name is missing: say in a few words what it is about."))
    return plain


def _not_ahead(day: date, site: Site) -> date:
    """A day that has come at the site."""
    if day > now().astimezone(ZoneInfo(site.zone)).date():
        raise Refused(_("That day has not come yet at the site; look at the date again."))
    return day


def _in_order(starts: date, ends: date | None) -> None:
    if ends is not None and ends < starts:
        raise Refused(_("The last day lies before the first; look at the dates again."))


def _diagnoses(found: Sequence[dict[str, Any]]) -> list[Any]:
    try:
        read = msgspec.convert(list(found), list[Diagnosis])
    except msgspec.ValidationError:
        raise Refused(_("A diagnosis holds a field that is not known; give its code, its words, or both.")) from None
    built: list[Any] = msgspec.to_builtins(read)
    return built
