"""One patient's way from evaluation to discharge: visits with their time, notes, plans, scores and authorizations."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import msgspec

from fifteen.engine.day import Interval
from fifteen.engine.documentation.note import Note
from fifteen.rulebook import Rulebook
from fifteen.synth.chance import Chance
from fifteen.synth.diary import Diary, instant
from fifteen.synth.notes import Course, totals
from fifteen.synth.problems import Given, Problem
from fifteen.synth.records import (
    Authorization,
    Booking,
    CertificationState,
    Coverage,
    Episode,
    Member,
    Plan,
    Referral,
    Referrer,
    Score,
    Site,
    Step,
    Visit,
    WrittenNote,
)

REPORT_EVERY = 8  # treatment days: sooner than any payer asks
_MINUTE = timedelta(minutes=1)
_SECOND = timedelta(seconds=1)
_WEEKS = {"recertified": 4, "ran-out": 4}
_HORIZON = timedelta(days=7)


class Who(msgspec.Struct, frozen=True):
    """Whom an episode is of, who treats it where, and until when it can be told."""

    patient: str
    site: Site
    therapist: Member
    assistant: Member | None
    referrer: Referrer
    coverage: Coverage
    authorized: bool
    at: datetime


class EpisodeMaker:
    """Makes one episode; what it needs is drawn in one order, so that the same seed tells the same story."""

    def __init__(
        self, who: Who, problem: Problem, chance: Chance, diary: Diary, book: Rulebook, *, state: CertificationState,
        visits: int, started: date,
    ) -> None:  # fmt: skip
        self.who, self.problem, self.chance, self.diary, self.book = who, problem, chance, diary, book
        self.state, self.planned = state, visits
        self.hour = chance.one((8, 9, 10, 11, 13, 14, 15, 16))
        self.bookings: list[Booking] = []
        self.visits: list[Visit] = []
        weeks = _WEEKS.get(state, visits // 2 + 3)
        first, hour = diary.find(who.patient, [who.therapist.id], started, self.hour)
        self.started = first
        self.course = Course(problem, chance, first, first + timedelta(weeks=visits // 2 + 6))
        self.plans = [self._plan(1, first, weeks)]
        self.id = chance.id(self._instant(first, hour))
        self._evaluate(first, hour)

    # -- visits --------------------------------------------------------------------------------------------------------

    def make(self) -> Episode:
        on, done, reported, since = self.started, 0, 0, self.started
        ended: date | None = None
        while done < self.planned:
            on += timedelta(days=self.chance.one((2, 3, 3, 4)))
            if not self._comes(on):
                continue
            last = done + 1 == self.planned
            report = (done - reported + 1) >= REPORT_EVERY or last
            renew = self._must_renew(on)
            who = self._who_treats(report or renew)
            on, hour = self.diary.find(self.who.patient, [each.id for each in who], on, self.hour)
            if self._instant(on, hour) + timedelta(hours=2) > self.who.at:
                self._later(on, hour, who[0])
                if self._instant(on, hour) > self.who.at + _HORIZON:
                    break
                done += 1
                continue
            visit = self._visit(on, hour, who, done)
            if renew:
                self._renew(visit, done)
            if report:
                self._report(visit, since, done + 1, last)
                reported, since = done + 1, on
            if last:
                ended = on
            done += 1
        return self._episode(ended)

    def _comes(self, on: date) -> bool:
        """Now and then somebody cancels or does not come; that is booked and told."""
        if on > self.who.at.date() or not self.chance.percent(6):
            return True
        state, reason = self.chance.one(
            (("cancelled", "Ill, called in the morning."), ("cancelled", "No ride today."), ("no-show", "No answer."))
        )
        day, hour = self.diary.find(self.who.patient, [self.who.therapist.id], on, self.hour)
        starts = self._instant(day, hour)
        self.bookings.append(
            Booking(
                id=self.chance.id(min(starts, self.who.at) - timedelta(days=6)), episode=self.id,
                person=self.who.therapist.id, starts=starts, state=state if starts < self.who.at else "booked",
                reason=reason if starts < self.who.at else "",
            )
        )  # fmt: skip
        return False

    def _who_treats(self, therapist: bool) -> list[Member]:
        """The therapist, the assistant, or both in turn; the therapist where they have something to write."""
        own, helper = self.who.therapist, self.who.assistant
        drawn = self.chance.below(10)
        if helper is None or drawn < 5:  # not law: half of the visits
            return [own]
        if drawn < 8 or len(self.problem.services) == 1 or therapist:
            return [own, helper] if len(self.problem.services) > 1 else [own]
        return [helper]

    def _later(self, on: date, hour: int, person: Member) -> None:
        starts = self._instant(on, hour)
        if starts <= self.who.at + _HORIZON:
            made = self.who.at - timedelta(days=self.chance.between(1, 9))
            self.bookings.append(
                Booking(id=self.chance.id(made), episode=self.id, person=person.id, starts=starts, state="booked")
            )

    def _visit(self, on: date, hour: int, who: list[Member], step: int) -> Visit:
        given = [each for each in self.problem.services if each.sure == 100 or self.chance.percent(each.sure)]
        plan = [(each, who[0] if place == 0 or len(who) == 1 else who[1]) for place, each in enumerate(given)]
        typed = self.chance.percent(10)
        intervals, until = self._intervals(plan, self._instant(on, hour), typed)
        spent = {each.service or "": minutes_of(each) for each in intervals}
        visit = self._attended(on, hour, intervals, until)
        content = self.course.treatment(on, visit.id, intervals, spent, step)
        visit.notes.append(self._signed(totals(content, self.book), who[0], until))
        return visit

    def _intervals(
        self, plan: list[tuple[Given, Member]], opens: datetime, typed: bool
    ) -> tuple[tuple[Interval, ...], datetime]:
        cursor = opens + self.chance.below(2) * _MINUTE
        found = []
        for given, person in plan:
            minutes, seconds = self.chance.between(given.least, given.most), self.chance.below(40)
            start, stop = cursor.astimezone(UTC), (cursor + minutes * _MINUTE + seconds * _SECOND).astimezone(UTC)
            found.append(
                Interval(
                    id=self.chance.id(stop), people=(person.id,), service=given.code,
                    minutes=minutes if typed else None, origin="typed" if typed else "timer",
                    start=None if typed else start, stop=None if typed else stop,
                )
            )  # fmt: skip
            cursor = stop + self.chance.below(2) * _MINUTE
        return tuple(found), cursor.astimezone(UTC)

    def _evaluate(self, on: date, hour: int) -> None:
        opens = self._instant(on, hour)
        given = Given(self.problem.evaluation, "evaluation", 32, 45, (), (), ())
        intervals, until = self._intervals([(given, self.who.therapist)], opens, False)
        visit = self._attended(on, hour, intervals, until)
        spent = [(each.service or "", minutes_of(each), each.people[0]) for each in intervals]
        content = self.course.evaluation(on, visit.id, self.plans[0], spent)
        visit.notes.append(self._signed(totals(content, self.book), self.who.therapist, until))

    def _attended(self, on: date, hour: int, intervals: tuple[Interval, ...], until: datetime) -> Visit:
        opens = self._instant(on, hour).astimezone(UTC)
        visit = Visit(
            id=self.chance.id(opens), date=on, arrived=opens - self.chance.between(1, 9) * _MINUTE,
            departed=until + self.chance.between(0, 4) * _MINUTE, intervals=intervals, notes=[],
        )  # fmt: skip
        self.visits.append(visit)
        made = opens - timedelta(days=self.chance.between(2, 12))
        self.bookings.append(
            Booking(
                id=self.chance.id(made), episode=self.id, person=intervals[0].people[0], starts=opens, state="arrived",
                visit=visit.id,
            )
        )  # fmt: skip
        return visit

    def _signed(self, content: Note, author: Member, after: datetime) -> WrittenNote:
        made = after + self.chance.between(1, 6) * _MINUTE
        signed = made + self.chance.between(3, 45) * _MINUTE
        return WrittenNote(
            id=self.chance.id(made), author=author.id, made=made, content=content, signed=signed,
            credential=author.credential,
        )  # fmt: skip

    # -- reports and plans ---------------------------------------------------------------------------------------------

    def _report(self, visit: Visit, since: date, step: int, last: bool) -> None:
        content = self.course.progress(visit.date, since, step, self.planned, last)
        visit.notes.append(self._signed(content, self.who.therapist, visit.departed))

    def _plan(self, number: int, starts: date, weeks: int) -> Plan:
        return Plan(
            id=self.chance.id(self._instant(starts, 8)), number=number, starts=starts,
            ends=starts + timedelta(weeks=weeks) - timedelta(days=1), type=self.problem.therapy,
            amount="one session a day", frequency="2 times a week", duration=f"{weeks} weeks", state=self.state,
        )  # fmt: skip

    def _must_renew(self, on: date) -> bool:
        return self.state == "recertified" and len(self.plans) == 1 and on > self.plans[0].ends - timedelta(days=16)

    def _renew(self, visit: Visit, step: int) -> None:
        plan = self._plan(2, visit.date, self.planned // 2 + 4)
        self.plans.append(plan)
        content = self.course.plan_note(visit.date, plan, step, self.planned)
        visit.notes.append(self._signed(content, self.who.therapist, visit.departed))

    def _steps(self, plan: Plan) -> tuple[Step, ...]:
        """How far this plan's certification came by now; nothing lies in the future."""
        sent = (1, "sent", "", "faxed")
        days: list[tuple[int, str, str, str]] = {
            "signed": [sent, (self.chance.between(5, 20), "signed", "", "faxed")],
            "recertified": [sent, (self.chance.between(3, 6), "signed", "", "faxed")],
            "ran-out": [sent, (self.chance.between(4, 15), "signed", "", "faxed")],
            "order-and-sent": [sent],
            "verbal": [sent, (max(2, (self.who.at.date() - plan.starts).days - 8), "verbal", "", "by telephone")],
            "sent": [sent],
            "overdue": [sent],
            "delayed": [
                sent, (self.chance.between(41, 50), "signed", "Practice was closed; sent again twice.", "faxed"),
            ],
        }[self.state]  # fmt: skip
        found = []
        for after, step, reason, how in days:
            on = plan.starts + timedelta(days=after)
            if on <= self.who.at.date():
                found.append(
                    Step(
                        id=self.chance.id(self._instant(on, 16)), step=step, date=on,  # type: ignore[arg-type]
                        signer="" if step == "sent" else self.who.referrer.name, how=how, reason=reason,
                    )
                )  # fmt: skip
        return tuple(found)

    # -- all of it -----------------------------------------------------------------------------------------------------

    def _episode(self, ended: date | None) -> Episode:
        for plan in self.plans:
            plan.steps = self._steps(plan)
        self.referral = Referral(
            id=self.chance.id(self._instant(self.started, 8) - timedelta(days=6)), referrer=self.who.referrer.id,
            discipline=self.problem.discipline, diagnosis=self.problem.words,
            received=self.started - timedelta(days=6),
            signed=None if self.state in ("sent", "overdue", "verbal", "delayed") else self.started - timedelta(days=7),
        )  # fmt: skip
        return Episode(
            id=self.id, discipline=self.problem.discipline, site=self.who.site.id, therapist=self.who.therapist.id,
            referral=self.referral.id, problem=self.problem.name,
            diagnoses=((self.problem.code, self.problem.words),), onset=self.started - timedelta(days=40),
            started=self.started, ended=ended, goals=self._goals(),
            goal_ids=[self.chance.id(self._instant(self.started, 10)) for _ in self.course.goals],
            plans=self.plans, scores=self._scores(ended), authorizations=self._authorizations(), visits=self.visits,
        )  # fmt: skip

    def _goals(self) -> list:  # type: ignore[type-arg]
        """The goals as the latest note that judged them left them."""
        found = {goal.id: goal for goal in self.course.goals}
        for visit in self.visits:
            for note in visit.notes:
                found.update((goal.id, goal) for goal in note.content.goals)
        return list(found.values())

    def _scores(self, ended: date | None) -> list[Score]:
        """At the evaluation, at each report, and so at the discharge: a trend with life's unevenness."""
        measure, first, last = self.problem.outcome
        found = []
        for place, visit in enumerate(self.visits):
            reports = any(each.content.kind in ("progress-report", "discharge") for each in visit.notes)
            if place == 0 or reports:
                value = self.course.value(first, last, place, self.planned)
                found.append(Score(id=self.chance.id(visit.departed), measure=measure, value=value, date=visit.date))
        return found

    def _authorizations(self) -> list[Authorization]:
        if not self.who.authorized:
            return []
        return [
            Authorization(
                id=self.chance.id(self._instant(self.started, 8)), coverage=self.who.coverage.id,
                number=f"FICT-{self.chance.below(10**6):06d}", visits=self.planned + 3 + self.chance.below(4),
                starts=self.started, ends=self.started + timedelta(weeks=self.planned // 2 + 8),
            )
        ]  # fmt: skip

    def _instant(self, on: date, hour: int) -> datetime:
        return instant(on, hour, self.who.site.zone)


def minutes_of(interval: Interval) -> int:
    """Whole minutes of an interval, as the engine counts one by itself."""
    if interval.start is None or interval.stop is None:
        return interval.minutes or 0
    return int((interval.stop - interval.start).total_seconds()) // 60
