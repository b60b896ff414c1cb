"""Intervals to minutes: each second of a patient's time counts once, for one service, one discipline and one person.

Direct time only (CMS Pub. 100-04 ch. 5 s. 20.3): rest and unskilled time never count, nor does time of an aide or of a
student alone. Notable episodes of one service add up. Minutes given by a therapist and an assistant together are the
therapist's, once. Seconds are summed by discipline and service and floored once (rule fifteen.seconds_to_minutes).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from fifteen.engine.day import Day, Discipline, Interval, Person
from fifteen.engine.evidence.live import live
from fifteen.engine.evidence.spans import Span, length, shared, span, union, without
from fifteen.kernel.errors import UnreadableInput
from fifteen.kernel.finding import Finding
from fifteen.kernel.minutes import ServiceMinutes
from fifteen.kernel.trace import Step
from fifteen.rulebook import Rulebook
from fifteen.rulebook.resolve import Service

MINUTE = timedelta(minutes=1)


class ServiceTime(msgspec.Struct, frozen=True):
    """The direct minutes of one service, by whom, and their intervals; `clocked` false: some were typed."""

    code: str
    therapist: int
    assistant: int
    intervals: tuple[str, ...]
    clocked: bool

    @property
    def minutes(self) -> ServiceMinutes:
        return ServiceMinutes(self.code, self.therapist, self.assistant)


class Uncounted(msgspec.Struct, frozen=True):
    """An interval that was recorded and does not count, and why."""

    interval: str
    why: str


class DisciplineMinutes(msgspec.Struct, frozen=True):
    """One discipline's services, and the two totals that Medicare wants in the note."""

    discipline: Discipline
    services: tuple[ServiceTime, ...]
    timed_minutes: int
    total_minutes: int


class DayMinutes(msgspec.Struct, frozen=True):
    """The minutes of a day by discipline, what did not count, how it was reckoned, and what was found on the way."""

    disciplines: tuple[DisciplineMinutes, ...]
    uncounted: tuple[Uncounted, ...]
    explain: tuple[Step, ...]
    findings: tuple[Finding, ...]


class _Time:
    """Time of one service of one discipline, as it is gathered; `beside`: what ran beside other treatment."""

    def __init__(self) -> None:
        self.therapist = self.assistant = self.beside = timedelta()
        self.intervals: list[str] = []
        self.clocked = True

    def add(self, interval: Interval, by: str, amount: timedelta) -> None:
        if by == "therapist":
            self.therapist += amount
        else:
            self.assistant += amount
        self.intervals.append(interval.id)
        self.clocked = self.clocked and interval.start is not None


class _Piece(msgspec.Struct):
    interval: Interval
    discipline: Discipline
    by: str
    span: Span


def minutes_of(day: Day, rulebook: Rulebook, now: datetime | None = None) -> DayMinutes:
    """Reckon the minutes of `day`. `now` finds time that has not come yet; without it that is not checked.

    Raises `UnknownCode` for a service no catalogue holds and `UnreadableInput` for a zone that does not exist.
    """
    return _Reckoning(day, rulebook, now).result()


class _Reckoning:
    def __init__(self, day: Day, rulebook: Rulebook, now: datetime | None) -> None:
        self.day, self.rulebook, self.now = day, rulebook, now
        try:
            self.zone = ZoneInfo(day.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise UnreadableInput(f"zone {day.zone!r} is not a time zone; write one such as America/Chicago.") from None
        self.given = [interval for visit in day.all_visits() for interval in visit.intervals]
        self.people: Mapping[str, Person] = {person.id: person for person in day.people}
        self.times: dict[tuple[Discipline, str], _Time] = {}
        self.uncounted: list[Uncounted] = []
        self.findings: list[Finding] = []

    def result(self) -> DayMinutes:
        discipline_of = {
            interval.id: visit.discipline for visit in self.day.all_visits() for interval in visit.intervals
        }
        current, found = live(self.given)
        self.findings += found
        alive = {interval.id for interval in current}
        self.uncounted += [
            Uncounted(each.id, "corrected by another interval") for each in self.given if each.id not in alive
        ]
        attended: list[_Piece] = []
        supervised: list[_Piece] = []
        shares: list[_Piece] = []
        for interval in current:
            discipline = discipline_of[interval.id]
            by = self._by(interval)
            if by is None or not self._counts(interval, discipline):
                continue
            if interval.start is None or interval.stop is None:
                if interval.mode == "co-treatment":
                    self._say(
                        interval, "co-treatment-not-checkable",
                        f"Not checked: {_name(interval)} is co-treatment without clock time, so its split cannot be",
                        "", self.rulebook.value("medicare.co_treatment", self.day.date).cite,
                    )  # fmt: skip
                self._time(discipline, interval).add(interval, by, timedelta(minutes=interval.minutes or 0))
                continue
            piece = _Piece(interval, discipline, by, span(interval.start, interval.stop))
            if interval.mode != "co-treatment" and interval.minutes is not None:
                clock = length([piece.span]) // MINUTE
                if clock != interval.minutes:
                    self._say(
                        interval, "clock-and-minutes-differ",
                        f"{_name(interval)} lasts {clock} minutes by the clock, not {interval.minutes}; it counts",
                        "Correct the one that is wrong, with the reason.",
                    )  # fmt: skip
            if interval.mode == "co-treatment":
                shares.append(piece)
            else:
                (supervised if interval.mode == "supervised" else attended).append(piece)
        taken = self._shared_time(shares)
        taken = self._attended(attended, taken)
        self._supervised(supervised, taken)
        return DayMinutes(
            tuple(self._discipline(each) for each in ("PT", "OT", "SLP") if any(key[0] == each for key in self.times)),
            tuple(self.uncounted),
            (self._convention(),),
            tuple(self.findings),
        )

    def _time(self, discipline: Discipline, interval: Interval) -> _Time:
        return self.times.setdefault((discipline, interval.service or ""), _Time())

    # -- what counts at all --------------------------------------------------------------------------------------

    def _by(self, interval: Interval) -> str | None:
        """Whose time it is: the therapist's where one took part, else the assistant's; None: nobody who may bill."""
        if interval.mode in ("rest", "unskilled"):
            self.uncounted.append(Uncounted(interval.id, f"{interval.mode} time is not treatment"))
            return None
        roles = {self.people[person].role for person in interval.people}
        if "therapist" in roles:
            return "therapist"
        if "assistant" in roles:
            return "assistant"
        who = "a student" if "student" in roles else "an aide"
        value = self.rulebook.value("medicare.who_may_treat", self.day.date)
        self._leave_out(
            interval, f"given-by-{'student' if 'student' in roles else 'aide'}",
            f"{_name(interval)} was given by {who} alone, whose time is not billed",
            "Leave it documented, or record the therapist or assistant who gave it, with the reason.", value.cite,
        )  # fmt: skip
        return None

    def _counts(self, interval: Interval, discipline: Discipline) -> bool:
        service = self.rulebook.service(interval.service or "", self.day.date)
        name = _name(interval)
        if interval.start is not None and not self._clock_counts(interval):
            return False
        kinds = self.rulebook.value("medicare.mode_kinds", self.day.date)
        if service is not None and service.kind not in kinds.value.get(interval.mode, [service.kind]):
            other = "a group code" if interval.mode == "group" else "a supervised modality"
            self._leave_out(
                interval, f"{interval.mode}-under-direct-code",
                f"{name} is recorded as {interval.mode}, and the code needs one patient's direct contact",
                f"Record it under {other} if it was that, or correct the mode, with the reason.", kinds.cite,
            )  # fmt: skip
            return False
        if service is not None and service.kind == "group" and interval.mode == "one-on-one" and interval.start:
            self._say(
                interval, "group-code-one-on-one", f"{name} is a group code recorded one-on-one", "Correct one of them."
            )
        foreign = sorted(
            person for person in interval.people if self.people[person].discipline not in (None, discipline)
        )
        if foreign:
            self._say(
                interval, "other-discipline",
                f"{name} stands under the {discipline} plan; {' and '.join(foreign)} is of another discipline",
                "Put it under the plan it belongs to, or correct who gave it, with the reason.",
            )  # fmt: skip
        return True

    def _clock_counts(self, interval: Interval) -> bool:
        assert interval.start is not None
        name = _name(interval)
        start = interval.start.astimezone(UTC)
        stop = interval.stop.astimezone(UTC) if interval.stop is not None else None
        local = start.astimezone(self.zone).date()
        if stop is None:
            self._leave_out(
                interval, "still-open", f"{name} was started and not stopped", "Stop it, or record when it ended."
            )
        elif stop < start:
            self._leave_out(
                interval, "backwards", f"{name} stops before it starts", "Correct the times, with the reason."
            )  # fmt: skip
        elif local != self.day.date:
            self._leave_out(
                interval, "other-date", f"{name} began on {local} at the site, not on {self.day.date}",
                "Put it on its own day, or correct the times, with the reason.",
            )  # fmt: skip
        elif self.now is not None and stop > self.now:
            self._leave_out(
                interval, "in-the-future", f"{name} ends at {self._clock(stop)}, which has not come yet",
                "Correct the times, with the reason.",
            )  # fmt: skip
        else:
            if stop.astimezone(self.zone).date() != local:
                self._say(
                    interval,
                    "past-midnight",
                    f"{name} goes past midnight; all of it counts on {local}, when it began",
                    "",
                )
            if stop == start:
                self._say(interval, "no-length", f"{name} starts and stops at once: it has no minutes", "")
            return True
        return False

    # -- whose second is it ---------------------------------------------------------------------------------------

    def _shared_time(self, pieces: Sequence[_Piece]) -> list[_Piece]:
        """Co-treatment: each discipline has the share of the span that its people recorded, and no minute is both's."""
        taken: list[_Piece] = []
        for event in _events(pieces):
            elapsed = union(piece.span for piece in event)
            recorded = [piece.interval.minutes for piece in event if piece.interval.minutes is not None]
            too_long = sum(recorded) * MINUTE > elapsed or any(
                (piece.interval.minutes or 0) * MINUTE > length([piece.span]) for piece in event
            )
            names = " and ".join(_name(piece.interval) for piece in event)
            taken += event
            if len(recorded) < len(event) or too_long:
                said = "is not split" if len(recorded) < len(event) else "is split into more minutes than it lasted"
                for piece in event:
                    self.uncounted.append(Uncounted(piece.interval.id, "co-treatment without a split that fits"))
                self._say(
                    event[0].interval, "co-treatment-split",
                    f"Co-treatment {said}: {names}. None of it was counted",
                    "Record how many of its minutes are each discipline's; no minute is both's.",
                    self.rulebook.value("medicare.co_treatment", self.day.date).cite,
                )  # fmt: skip
                continue
            for piece, minutes in zip(event, recorded, strict=True):
                self._time(piece.discipline, piece.interval).add(piece.interval, piece.by, minutes * MINUTE)
        return taken

    def _attended(self, pieces: list[_Piece], taken: list[_Piece]) -> list[_Piece]:
        """A patient's second counts once; where two claim it, it is the therapist's before the assistant's."""
        taken = list(taken)
        for piece in sorted(pieces, key=lambda each: (each.by != "therapist", each.span[0], each.interval.id)):
            left = without(piece.span, [each.span for each in taken])
            self._time(piece.discipline, piece.interval).add(piece.interval, piece.by, length(left))
            for other in taken:
                both = shared(piece.span, other.span)
                if both is not None:
                    self._claimed_twice(piece, other, both)
            taken.append(piece)
        return taken

    def _claimed_twice(self, piece: _Piece, first: _Piece, both: Span) -> None:
        interval, other = piece.interval, first.interval
        when = f"{self._clock(both[0])} to {self._clock(both[1])}"
        left_out = any(each.interval == other.id for each in self.uncounted)
        how = "it was counted for neither" if left_out else f"counted once, as {other.service}"
        one_service = (piece.discipline, interval.service) == (first.discipline, other.service)
        if one_service and set(interval.people).isdisjoint(other.people):
            self._say(
                interval, "given-together",
                f"{_name(interval)} and {other.id} were given together from {when}: counted once",
                "", self.rulebook.value("medicare.patient_minutes", self.day.date).cite, "info",
            )  # fmt: skip
            return
        self._say(
            interval, "same-patient-overlap",
            f"{_name(interval)} and {_name(other)} share the patient's time, {when}: {how}",
            "Correct the times, with the reason; between disciplines, record co-treatment with its split.",
            self.rulebook.value("medicare.patient_minutes", self.day.date).cite,
        )  # fmt: skip

    def _supervised(self, pieces: list[_Piece], taken: list[_Piece]) -> None:
        """A supervised modality may run beside attended time; beside it, its minutes do not add to the day's total."""
        spans = [each.span for each in taken]
        for piece in sorted(pieces, key=lambda each: (each.span[0], each.interval.id)):
            time = self._time(piece.discipline, piece.interval)
            own = length([piece.span])
            time.add(piece.interval, piece.by, own)
            time.beside += own - length(without(piece.span, spans))
            spans.append(piece.span)

    # -- minutes --------------------------------------------------------------------------------------------------

    def _discipline(self, discipline: Discipline) -> DisciplineMinutes:
        services, timed, total = [], 0, 0
        order = {each.id: place for place, each in enumerate(self.given)}
        for (owner, code), time in sorted(
            self.times.items(), key=lambda each: min(order[id_] for id_ in each[1].intervals)
        ):
            if owner != discipline:
                continue
            minutes = (time.therapist + time.assistant) // MINUTE
            therapist = time.therapist // MINUTE
            services.append(ServiceTime(code, therapist, minutes - therapist, tuple(time.intervals), time.clocked))
            service = self.rulebook.service(code, self.day.date)
            if service is None or not _with_patient(service):
                continue
            if service.pooled:
                timed += minutes
            total += (time.therapist + time.assistant - time.beside) // MINUTE
        return DisciplineMinutes(discipline, tuple(services), timed, total)

    def _convention(self) -> Step:
        value = self.rulebook.value("fifteen.seconds_to_minutes", self.day.date)
        return Step(
            rule=value.id, cite=value.cite, since=value.since, status=value.status,
            because="Seconds are summed by discipline and service and floored to minutes once; "
            "the therapist's are floored, and the rest is the assistant's.",
        )  # fmt: skip

    def _clock(self, instant: datetime) -> str:
        return instant.astimezone(self.zone).strftime("%H:%M:%S").removesuffix(":00")

    def _leave_out(self, interval: Interval, id_: str, said: str, fix: str, cite: str = "") -> None:
        self.uncounted.append(Uncounted(interval.id, said))
        self._say(interval, id_, f"{said}; it was not counted", fix, cite, "warn")

    def _say(self, interval: Interval, id_: str, said: str, fix: str, cite: str = "", severity: str = "") -> None:
        level = severity or ("warn" if fix else "info")
        self.findings.append(
            Finding(f"evidence.{id_}", "warn" if level == "warn" else "info", f"{said}.", fix, cite, interval.id)
        )


def _events(pieces: Sequence[_Piece]) -> list[list[_Piece]]:
    """Co-treatment spans that are one event: they share a session or a moment."""
    events: list[list[_Piece]] = []
    for piece in pieces:
        alike = [
            event
            for event in events
            if any(
                shared(piece.span, other.span)
                or (piece.interval.session is not None and piece.interval.session == other.interval.session)
                for other in event
            )
        ]
        events = [event for event in events if event not in alike]
        events.append([other for event in alike for other in event] + [piece])
    return events


def _name(interval: Interval) -> str:
    return f"{interval.service} ({interval.id})"


def _with_patient(service: Service) -> bool:
    """Is it the patient's treatment on the day? Not a device, a month's monitoring, nor a caregiver's training."""
    return service.period == "day" and service.kind not in ("caregiver", "supply", "monitoring")
