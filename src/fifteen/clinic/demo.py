"""A fictional practice of `fifteen.synth` put into a database of its own: all tables at once, each with its events.

What the services would have written one by one is written here table by table, so that a demonstration opens within
seconds: the same rows, one event for each action, signed versions sealed as signing seals them. The chain is sealed at
the end, and the days are answered by `treatment.assessing`.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from multiprocessing.pool import AsyncResult, Pool
from pathlib import Path
from typing import Any

import msgspec
from django.db import transaction

from fifteen.clinic import vault
from fifteen.clinic.accounts import login_access, sessions
from fifteen.clinic.accounts.models import Licence, Policy, User
from fifteen.clinic.accounts.services import Came
from fifteen.clinic.audit.models import Event
from fifteen.clinic.audit.record import Who, acting_as, record
from fifteen.clinic.audit.sealer import seal
from fifteen.clinic.notes.models import Attestation, Note, SignedVersion
from fifteen.clinic.notes.seal import sealed
from fifteen.clinic.payers.models import Fee, Payer
from fifteen.clinic.people import access as people
from fifteen.clinic.people.models import Accrual, Consent, Coverage, Patient, Referral, Referrer
from fifteen.clinic.schedule.models import Booking
from fifteen.clinic.tenancy import clock
from fifteen.clinic.tenancy.context import acting
from fifteen.clinic.tenancy.ids import new_id
from fifteen.clinic.tenancy.models import Organization, Owned, Site
from fifteen.clinic.treatment.answering import Inputs
from fifteen.clinic.treatment.assessing import first_answer
from fifteen.clinic.treatment.models import (
    Assessment,
    Authorization,
    Certification,
    Episode,
    Exercise,
    Goal,
    Interval,
    IntervalPerson,
    Plan,
    Score,
    Service,
    Visit,
)
from fifteen.clinic.treatment.record import NO_POLICY
from fifteen.engine.day import Context
from fifteen.settings.home import DEMO_MARK, home
from fifteen.synth import Chart, Practice
from fifteen.synth import records as told

SLUG = "fictional"
HELPERS = 2
_OF_A_VISIT = ("treatment", "evaluation", "re-evaluation")
_AFTERWARDS = {"arrived": "schedule.arrive", "cancelled": "schedule.cancel", "no-show": "schedule.no_show"}
_OWN = ("name", "region", "side", "type")
_LONG = 1_440  # minutes: nobody is asked for a proof that a fictional person does not have
_TABLES: tuple[type[Owned], ...] = (
    Site, User, Licence, Policy, Payer, Fee, Referrer, Patient, Coverage, Accrual, Referral, Consent, Episode, Plan,
    Certification, Goal, Score, Authorization, Visit, Interval, IntervalPerson, Service, Exercise, Note, SignedVersion,
    Attestation, Booking,
)  # fmt: skip


class Answers:
    """The engine's answers for a practice, thought out beside the writing of its rows where there is another processor.

    What the engine is told of a day comes from the practice, as `treatment.record` would read it back from the rows.
    """

    def __init__(self, practice: Practice, *, beside: bool = True) -> None:
        self.practice = practice
        self._pool: Pool | None = None
        self._parts: list[AsyncResult[list[Assessment]]] = []
        if beside and "fork" in multiprocessing.get_all_start_methods():
            global _given
            _given = practice
            self._pool = multiprocessing.get_context("fork").Pool(HELPERS, _quietly)
            self._parts = [self._pool.apply_async(_part, (number,)) for number in range(HELPERS)]

    def rows(self) -> list[Assessment]:
        if self._pool is None:
            return answers(self.practice, [each.id for each in self.practice.patients])
        with self._pool:
            return [row for part in self._parts for row in part.get()]


_given: Practice | None = None
"""The practice for those who were forked to think about it."""


def _quietly() -> None:
    """Ctrl+C ends a helper without a word; what there is to say, the program says."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _part(number: int) -> list[Assessment]:
    assert _given is not None
    return answers(_given, [each.id for each in _given.patients][number::HELPERS])


def answers(practice: Practice, patients: Iterable[str]) -> list[Assessment]:
    """The answer for each day of these patients, oldest first: what was used before a day counts on it."""
    told_of, found = Chart(practice), []
    days: dict[str, list[date]] = {}
    for patient, on in told_of.dates():
        days.setdefault(patient, []).append(on)
    for patient in patients:
        before, year = Inputs(day=None, context=Context()), 0
        for on in days.get(patient, ()):
            if on.year != year:
                before, year = Inputs(day=None, context=Context(counted=())), on.year
            day = told_of.day(patient, on)
            context = told_of.context(patient, on, before.context.counted or ())
            inputs = Inputs(day=day, context=context, unpriced=before.unpriced)
            row, before = first_answer(inputs, "" if day.coverage.payer else NO_POLICY)
            found.append(row)
    return found


def fill(
    practice: Practice, tell: Callable[[str], None] = lambda _: None, answering: Answers | None = None
) -> Organization:
    """Put a practice into the database as an organization of its own, assessed and sealed; opens its transactions."""
    answering = answering or Answers(practice, beside=False)
    found = Organization(id=practice.id, slug=SLUG, name=practice.name, made=practice.at - timedelta(days=700))
    with transaction.atomic(), acting(found.id), clock.at(practice.at):
        tell("rows")
        found.save(force_insert=True)
        filler = _Filler(practice)
        filler.gather()
        filler.store(_TABLES)
        tell("answers")
        filler.assessed(answering.rows())
        filler.store((Assessment, Event))
    tell("trail")
    seal(found.id)
    return found


class _Filler:
    """The rows and events of a practice, gathered first and written table by table."""

    def __init__(self, practice: Practice) -> None:
        self.practice = practice
        self.rows: dict[type[Owned], list[Any]] = {table: [] for table in _TABLES}
        self.events: list[Event] = []
        self.members = {each.id: each for each in practice.people}
        self.owner = self._of_role("owner")
        self.desk = self._of_role("front_desk")

    def _of_role(self, role: str) -> told.Member:
        return next(each for each in self.practice.people if each.role == role)

    def gather(self) -> None:
        self._house()
        for patient in self.practice.patients:
            self._patient(patient)

    def assessed(self, rows: list[Assessment]) -> None:
        by = {visit.id: visit.intervals[0].people[0] for visit in self._visits()}
        treated = {(row.patient_id, row.date): by[row.id] for row in self.rows[Visit]}
        for row in rows:
            member = self.members[treated[row.patient_id, row.date]]
            self.did(
                "visits.assess", row, row.at, member, patient=row.patient_id, date=row.date.isoformat(),
                number=row.number, assessed=row.answer is not None,
            )  # fmt: skip
        self.events.sort(key=lambda event: event.at)
        for event, id_ in zip(self.events, sorted(new_id() for _ in self.events), strict=True):
            event.id = id_
        self.rows[Assessment], self.rows[Event] = rows, self.events

    def _visits(self) -> Iterable[told.Visit]:
        return (visit for each in self.practice.patients for episode in each.episodes for visit in episode.visits)

    def store(self, tables: Iterable[type[Owned]]) -> None:
        for table in tables:
            table.objects.bulk_create(self.rows[table])

    def add(self, row: Any) -> Any:
        self.rows[type(row)].append(row)
        return row

    def did(
        self, action: str, row: Owned, at: datetime, by: told.Member, *, patient: str = "", **detail: Any
    ) -> None:  # fmt: skip
        """The event that the service of this action writes."""
        self.events.append(
            Event(
                at=at, actor=by.id, role=by.role, action=action, kind=row._meta.db_table, object=row.pk,
                patient=patient, detail=detail,
            )
        )  # fmt: skip

    # -- the house -----------------------------------------------------------------------------------------------------

    def _house(self) -> None:
        made = self.practice.at - timedelta(days=600)
        for site in self.practice.sites:
            row = self.add(
                Site(
                    id=site.id, name=site.name, zone=site.zone, locality=site.locality, billing=site.billing,
                    place_of_service=site.place_of_service, npi=site.npi,
                )
            )  # fmt: skip
            self.did("site.added", row, made, self.owner, zone=site.zone)
        for member in self.practice.people:
            self._member(member, made)
        self.add(Policy(idle_minutes=_LONG, session_hours=24, fresh_minutes=_LONG))  # not law: a day of showing
        for payer in self.practice.payers:
            self.did("payers.add", self.add(_payer(payer, made)), made, self.owner)
            for fee in payer.fees:
                row = self.add(Fee(payer_id=payer.id, code=fee.code, cents=fee.cents, starts=fee.starts))
                self.did("payers.fee", row, made, self.owner, payer=payer.id, code=fee.code)
        for each in self.practice.referrers:
            row = self.add(
                Referrer(id=each.id, name=each.name, npi=each.npi, phone=each.phone, fax=each.fax, made=made)
            )
            self.did("referrers.add", row, made, self.desk)

    def _member(self, member: told.Member, made: datetime) -> None:
        row = self.add(
            User(
                id=member.id, login=member.login, name=member.name, role=member.role,
                discipline=member.discipline or "", npi=member.npi, made=made,
            )
        )  # fmt: skip
        self.did("person.invited", row, made, self.owner, role_given=member.role)
        if member.credential:
            licence = self.add(
                Licence(user_id=member.id, credential=member.credential, number=member.licence, starts=made.date())
            )
            self.did("person.licence_added", licence, made, self.owner, person=member.id)

    # -- a patient -----------------------------------------------------------------------------------------------------

    def _patient(self, patient: told.Patient) -> None:
        made, desk, id_ = patient.made, self.desk, patient.id
        row = self.add(
            Patient(
                id=id_, name=patient.name, born=patient.born, phone=patient.phone, precautions=patient.precautions,
                identifier=vault.seal(patient.number.encode(), row=id_, **people.IDENTIFIER),
                identifier_key=people.identifier_key(patient.number), made=made,
            )
        )  # fmt: skip
        self.did("patients.register", row, made, desk, patient=id_)
        for coverage in patient.coverages:
            row = self.add(_coverage(coverage, patient))
            self.did("coverages.add", row, made, desk, patient=id_, payer=coverage.payer, rank=coverage.rank)
        for referral in patient.referrals:
            row = self.add(
                Referral(
                    id=referral.id, patient_id=id_, referrer_id=referral.referrer, discipline=referral.discipline,
                    diagnosis=referral.diagnosis, received=referral.received, signed=referral.signed, made=made,
                )
            )  # fmt: skip
            self.did("referrals.add", row, made, desk, patient=id_, referrer=referral.referrer)
        self._said(patient)
        for episode in patient.episodes:
            self._episode(patient, episode)
        for booking in patient.bookings:
            self._booking(patient, booking)

    def _said(self, patient: told.Patient) -> None:
        """What the payer said and the patient agreed to: rows that only grow."""
        for each in patient.accruals:
            at = self.practice.at
            row = self.add(
                Accrual(
                    id=each.id, patient_id=patient.id, year=each.year, bucket=each.bucket, cents=each.cents,
                    as_of=each.as_of, source="Asked of the payer", by=self.desk.id, at=at,
                )
            )  # fmt: skip
            self.did("accruals.add", row, at, self.desk, patient=patient.id, year=each.year, bucket=each.bucket)
        for consent in patient.consents:
            row = self.add(
                Consent(
                    id=consent.id, patient_id=patient.id, kind=consent.kind, date=consent.date, by=self.desk.id,
                    at=patient.made,
                )
            )  # fmt: skip
            self.did("consents.add", row, patient.made, self.desk, patient=patient.id)

    def _booking(self, patient: told.Patient, booking: told.Booking) -> None:
        episode = next(each for each in patient.episodes if each.id == booking.episode)
        made = min(booking.starts - timedelta(days=3), self.practice.at - timedelta(hours=1))
        row = self.add(
            Booking(
                id=booking.id, patient_id=patient.id, episode_id=booking.episode, site_id=episode.site,
                person_id=booking.person, visit_id=booking.visit, starts=booking.starts.astimezone(UTC),
                minutes=booking.minutes, state=booking.state, reason=booking.reason, made=made,
                version=1 if booking.state == "booked" else 2,
            )
        )  # fmt: skip
        which = {"episode": booking.episode, "visit": "", "person": booking.person}
        self.did("schedule.book", row, made, self.desk, patient=patient.id, **which)
        if booking.state in _AFTERWARDS:
            which["visit"] = booking.visit or ""
            self.did(_AFTERWARDS[booking.state], row, booking.starts, self.desk, patient=patient.id, **which)

    # -- an episode ----------------------------------------------------------------------------------------------------

    def _episode(self, patient: told.Patient, episode: told.Episode) -> None:
        therapist, made = self.members[episode.therapist], _noon(episode.started)
        row = self.add(
            Episode(
                id=episode.id, patient_id=patient.id, discipline=episode.discipline, site_id=episode.site,
                therapist_id=episode.therapist, referral_id=episode.referral, problem=episode.problem,
                diagnoses=[
                    {"code": code, "text": text, "treated": not place}
                    for place, (code, text) in enumerate(episode.diagnoses)
                ],
                onset=episode.onset, started=episode.started, ended=episode.ended, made=made,
                version=1 if episode.ended is None else 2,
            )
        )  # fmt: skip
        self.did("episodes.open", row, made, therapist, patient=patient.id, discipline=episode.discipline)
        if episode.ended is not None:
            ended = episode.visits[-1].departed
            self.did("episodes.discharge", row, ended, therapist, patient=patient.id, fields=["ended"])
        for plan in episode.plans:
            self._plan(patient, episode, plan, therapist)
        for goal, id_ in zip(episode.goals, episode.goal_ids, strict=True):
            row = self.add(
                Goal(
                    id=id_, episode_id=episode.id, goal=goal.id, term=goal.term or "", text=goal.text,
                    baseline=goal.baseline, target=goal.target, unit=goal.unit, task=goal.task, due=goal.by,
                    status=goal.status, judged=goal.judged, progress=goal.progress, made=made,
                )
            )  # fmt: skip
            self.did("goals.set", row, made, therapist, patient=patient.id, episode=episode.id)
        for score in episode.scores:
            at = _noon(score.date)
            row = self.add(
                Score(
                    id=score.id, episode_id=episode.id, measure=score.measure, value=Decimal(score.value),
                    date=score.date, by=therapist.id, at=at,
                )
            )  # fmt: skip
            self.did("scores.add", row, at, therapist, patient=patient.id, episode=episode.id)
        for each in episode.authorizations:
            row = self.add(
                Authorization(
                    id=each.id, coverage_id=each.coverage, episode_id=episode.id, number=each.number,
                    visits=each.visits, starts=each.starts, ends=each.ends, made=made,
                )
            )  # fmt: skip
            self.did("authorizations.add", row, made, self.desk, patient=patient.id)
        for visit in episode.visits:
            self._visit(patient, episode, visit)

    def _plan(self, patient: told.Patient, episode: told.Episode, plan: told.Plan, therapist: told.Member) -> None:
        made = _noon(plan.starts)
        row = self.add(
            Plan(
                id=plan.id, episode_id=episode.id, number=plan.number, author_id=therapist.id,
                established=plan.starts, starts=plan.starts, ends=plan.ends, type=plan.type, amount=plan.amount,
                frequency=plan.frequency, duration=plan.duration, made=made,
            )
        )  # fmt: skip
        self.did("plans.add", row, made, therapist, patient=patient.id, episode=episode.id)
        for step in plan.steps:
            at = _noon(step.date)
            row = self.add(
                Certification(
                    id=step.id, plan_id=plan.id, step=step.step, date=step.date, signer=step.signer, how=step.how,
                    reason=step.reason, by=self.desk.id, at=at,
                )
            )  # fmt: skip
            self.did("plans.certify", row, at, self.desk, patient=patient.id, plan=plan.id, step=step.step)

    # -- a visit -------------------------------------------------------------------------------------------------------

    def _visit(self, patient: told.Patient, episode: told.Episode, visit: told.Visit) -> None:
        site = next(each for each in self.practice.sites if each.id == episode.site)
        row = self.add(
            Visit(
                id=visit.id, episode_id=episode.id, patient_id=patient.id, site_id=site.id, date=visit.date,
                arrived=visit.arrived, departed=visit.departed, place_of_service=site.place_of_service,
                made=visit.arrived,
            )
        )  # fmt: skip
        self.did("visits.start", row, visit.arrived, self.desk, patient=patient.id, episode=episode.id)
        for interval in visit.intervals:
            by = self.members[interval.people[0]]
            at = interval.stop or visit.departed
            row = self.add(
                Interval(
                    id=interval.id, visit_id=visit.id, service=interval.service or "", mode=interval.mode,
                    start=interval.start, stop=interval.stop, minutes=interval.minutes, origin=interval.origin,
                    by=by.id, at=at,
                )
            )  # fmt: skip
            for place, person in enumerate(interval.people):
                self.add(IntervalPerson(interval=row, user_id=person, role=self.members[person].role, place=place))
            self.did(
                "intervals.add", row, at, by, patient=patient.id, visit=visit.id, people=list(interval.people),
                roles=[self.members[person].role for person in interval.people],
            )  # fmt: skip
        for note in visit.notes:
            self._note(patient, episode, visit, note)
        ids = sorted(new_id() for _ in visit.attestations)
        for attestation, id_ in zip(visit.attestations, ids, strict=True):
            by = self.members[attestation.by]
            row = self.add(
                Attestation(
                    id=id_, note_id=visit.treatment.id, kind=attestation.kind, line=attestation.line,
                    evidence=attestation.evidence, ground=attestation.ground or None, by=by.id, at=attestation.at,
                )
            )  # fmt: skip
            self.did(
                "notes.attest", row, attestation.at, by, patient=patient.id, note=visit.treatment.id,
                attested=attestation.kind, line=attestation.line,
            )  # fmt: skip

    def _note(
        self, patient: told.Patient, episode: told.Episode, visit: told.Visit, written: told.WrittenNote
    ) -> None:  # fmt: skip
        author, content = self.members[written.author], plain(written.content)
        kind, signed = written.content.kind, written.signed
        note = self.add(
            Note(
                id=written.id, patient_id=patient.id, episode_id=episode.id, visit_id=visit.id, author_id=author.id,
                kind=kind, date=visit.date, draft=content if signed is None else None, made=written.made,
                changed=signed or written.made, version=1 if signed is None else 2,
            )
        )  # fmt: skip
        self.did("notes.start", note, written.made, author, patient=patient.id)
        if kind in _OF_A_VISIT:
            self._services(patient, visit, written, author)
        if signed is None:
            return
        row = SignedVersion(note=note, number=1, author=author.id, credential=written.credential, at=signed)
        self.add(sealed(row, note, content))
        self.did("notes.sign", row, signed, author, patient=patient.id, note=note.id, number=1, digest=row.digest)

    def _services(
        self, patient: told.Patient, visit: told.Visit, written: told.WrittenNote, author: told.Member
    ) -> None:  # fmt: skip
        for place, service in enumerate(written.content.services):
            row = self.add(
                Service(
                    visit_id=visit.id, place=place, code=service.code or "", what=service.what,
                    skilled_reason=service.skilled_reason, response=service.response,
                    progression=service.progression, goals=list(service.goals),
                )
            )  # fmt: skip
            for number, exercise in enumerate(service.exercises):
                dose = plain(exercise)
                own = {name: dose.pop(name, "") for name in _OWN}
                self.add(Exercise(service=row, place=number, dose=dose, **own))
            self.did("services.set", row, written.made, author, patient=patient.id, visit=visit.id)


def plain(record: msgspec.Struct) -> dict[str, Any]:
    """A record of the engine as JSON holds it, without what was not written."""
    found: dict[str, Any] = _without_empty(msgspec.to_builtins(record))
    return found


def _without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        kept = ((name, _without_empty(each)) for name, each in value.items())
        return {name: each for name, each in kept if each not in (None, "", [], {}) and each is not False}
    if isinstance(value, list | tuple):
        return [_without_empty(each) for each in value]
    return value


def _payer(payer: told.Payer, made: datetime) -> Payer:
    return Payer(id=payer.id, name=payer.name, policy=payer.policy, number=payer.number, made=made)


def _coverage(coverage: told.Coverage, patient: told.Patient) -> Coverage:
    return Coverage(
        id=coverage.id, patient_id=patient.id, payer_id=coverage.payer, rank=coverage.rank, plan=coverage.plan,
        member=vault.seal(coverage.member.encode(), row=coverage.id, **people.MEMBER),
        member_key=people.member_key(coverage.member), starts=coverage.starts, made=patient.made,
    )  # fmt: skip


def _noon(on: date) -> datetime:
    return datetime.combine(on, time(17), UTC)


class ToFind(msgspec.Struct, frozen=True):
    """Something that was planted: what, in whose record, on which day."""

    kind: str
    patient: str
    name: str
    date: date


def keep_to_find(practice: Practice) -> None:
    """Write beside the database what was planted, newest first, for the page that tells of it."""
    names = {each.id: each.name for each in practice.patients}
    found = [ToFind(each.kind, each.patient, names[each.patient], each.date) for each in practice.planted]
    _mark().write_bytes(msgspec.json.encode(sorted(found, key=lambda each: each.date, reverse=True)))


def to_find() -> list[ToFind]:
    """What was planted; nothing where nobody wrote it down."""
    mark = _mark()
    said = mark.read_bytes() if mark.is_file() else b""
    return msgspec.json.decode(said, type=list[ToFind]) if said else []


def _mark() -> Path:
    """The file that says that this home is a demonstration's."""
    base = home()
    if base is None:
        raise ValueError("there is no home to write into; set FIFTEEN_HOME")
    return base.joinpath(DEMO_MARK)


def enter(person: str, came: Came) -> str | None:
    """A session with both proofs as this person: the token of its cookie; None where nobody has this id."""
    user = login_access.person_of(person)
    if user is None:
        return None
    session, token = sessions.begin(user, mfa=True, address=came.address, agent=came.agent)
    with acting_as(Who(actor=user.id, role=user.role, session=session.id, address=came.address)):
        record("login", at=clock.now(), kind="session", object=session.id, proof="demo", both=True)
    return token
