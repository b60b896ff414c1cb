"""What is put into a clean record on purpose, so that there is something to find, with what has to be said of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import msgspec
from msgspec.structs import replace

from fifteen.engine.assess import assess
from fifteen.engine.day import Attestation, Interval
from fifteen.engine.documentation.note import NoteService
from fifteen.rulebook import Rulebook
from fifteen.synth.chance import Chance
from fifteen.synth.days import Chart
from fifteen.synth.notes import totals
from fifteen.synth.records import Accrual, Episode, Patient, Planted, Practice, Visit

_MINUTE = timedelta(minutes=1)
_KX = "medicare.kx_threshold"
_TEST = "97750"
_TASK = "97530"


class Spot(msgspec.Struct, frozen=True):
    """A visit at which something can be planted."""

    patient: Patient
    episode: Episode
    visit: Visit

    @property
    def key(self) -> tuple[str, date]:
        return self.patient.id, self.visit.date

    @property
    def people(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(person for each in self.visit.intervals for person in each.people))


class Piece(msgspec.Struct, frozen=True):
    """Time that a visit is retold with; `typed`: without a clock."""

    code: str
    minutes: int
    person: str
    typed: bool = False


def plant(practice: Practice, chance: Chance, book: Rulebook) -> list[Planted]:
    """Plant all kinds, each at as many places as the practice has room for; what was planted, in order of dates."""
    planter = _Planter(practice, chance, book)
    for each in (
        planter.unknown_payer, planter.over_threshold, planter.overlap, planter.missed_report, planter.late,
        planter.unsigned, planter.minutes, planter.no_reason, planter.distinct, planter.assistants, planter.units,
        planter.authorizations, planter.certifications,
    ):  # fmt: skip
        each()
    return sorted(planter.found, key=lambda each: (each.date, each.kind, each.patient))


class _Planter:
    def __init__(self, practice: Practice, chance: Chance, book: Rulebook) -> None:
        self.practice, self.chance, self.book = practice, chance, book
        self.chart = Chart(practice)
        self.members = self.chart.people
        self.taken: set[tuple[str, date]] = set()
        self.found: list[Planted] = []
        self.times = 2 if len(practice.patients) >= 60 else 1  # not law: a bigger practice has more to find

    # -- places --------------------------------------------------------------------------------------------------------

    def spots(self, fits: Callable[[Spot], bool] = lambda _: True) -> list[Spot]:
        """Plain treatment visits of Medicare patients where nothing is planted yet, in another order each time."""
        return self.chance.mixed([spot for spot in self._plain() if spot.key not in self.taken and fits(spot)])

    def _plain(self) -> Iterator[Spot]:
        for patient in self.practice.patients:
            low = all(each.cents < 200_000 for each in patient.accruals)
            if self.chart.policy(patient) == "medicare" and low:
                for episode in patient.episodes:
                    for visit in episode.visits:
                        if len(visit.notes) == 1 and visit.treatment.content.kind == "treatment" and _clocked(visit):
                            yield Spot(patient, episode, visit)

    def add(self, spot: Spot, kind: str, said: str, **told: object) -> None:
        self.taken.add(spot.key)
        self.found.append(
            Planted(
                kind=kind, patient=spot.patient.id, date=spot.visit.date, said=said, people=spot.people, **told  # type: ignore[arg-type]
            )
        )  # fmt: skip

    # -- payers and thresholds -----------------------------------------------------------------------------------------

    def unknown_payer(self) -> None:
        """Days of whose payer nothing is known: nobody can assess them."""
        for patient in self.practice.patients:
            if not self.chart.policy(patient):
                for episode in patient.episodes:
                    for visit in episode.visits:
                        self.add(
                            Spot(patient, episode, visit), "unknown-payer",
                            "The payer has no policy in the rulebook; the day cannot be assessed.", told_by="nobody",
                        )  # fmt: skip

    def over_threshold(self) -> None:
        """Two patients over the threshold: of one KX is attested at each visit, of the other at none."""
        patients = {spot.patient.id: spot for spot in self.spots(self._known_threshold)}
        few = sorted(patients.values(), key=lambda spot: (len(spot.episode.visits), spot.patient.id))
        few = [spot for spot in few if len(spot.patient.episodes) == 1 and len(spot.episode.visits) >= 3][:2]
        for attested, spot in enumerate(few):
            self._spend(spot)
            for visit in spot.episode.visits:
                self._kx(Spot(spot.patient, spot.episode, visit), bool(attested))

    def _known_threshold(self, spot: Spot) -> bool:
        """Does the law of the year hold lines at each of this episode's visits?"""
        days = [visit.date for visit in spot.episode.visits]
        found = [self.book.value_or_none(_KX, day) for day in days]
        known = all(each is not None and each.status == "primary" for each in found)
        return known and all(day.year == self.practice.at.year for day in days)

    def _spend(self, spot: Spot) -> None:
        """The desk asks the payer on the day of each visit: over the threshold from the first on, each time more."""
        bucket = "ot" if spot.episode.discipline == "OT" else "pt_slp"
        days = [visit.date for visit in spot.episode.visits]
        spot.patient.accruals[:] = [
            Accrual(
                id=self.chance.id(self.practice.at), year=on.year, bucket=bucket, as_of=on,  # type: ignore[arg-type]
                cents=self.book.value(_KX, on).value[bucket] + 12_000 * number,  # not law: about a visit each
            )
            for number, on in enumerate(days, start=1)
        ]  # fmt: skip

    def _kx(self, spot: Spot, attested: bool) -> None:
        asked = self._asked(spot, "KX")
        codes = tuple(dict.fromkeys(line.split()[1] for line, _ in asked))
        if attested:
            self._attest(spot, "KX", asked)
            self.add(
                spot, "kx-attested", "Above the threshold, and attested with the sum shown: KX stands on each line.",
                modifiers=tuple((code, "KX") for code in codes),
            )  # fmt: skip
        else:
            self.add(
                spot, "kx-not-attested", "Above the threshold, and nobody attested KX: the lines wait.", held=codes
            )

    def _asked(self, spot: Spot, kind: str) -> list[tuple[str, str]]:
        """The lines that somebody is asked about, each with the hash of what is shown."""
        chart = Chart(self.practice)
        day = replace(chart.day(*spot.key), attestations=())
        answer = assess(day, self.book, chart.context(*spot.key))
        return [
            (each.line, each.evidence_hash) for each in answer.attestations if (each.kind == "KX") == (kind == "KX")
        ]

    def _attest(self, spot: Spot, kind: str, asked: Sequence[tuple[str, str]], ground: str = "") -> None:
        note = spot.visit.treatment
        spot.visit.attestations = tuple(
            Attestation(
                kind=kind, line=line, by=note.author, at=(note.signed or note.made) - _MINUTE, evidence=shown,  # type: ignore[arg-type]
                ground=ground,
            )
            for line, shown in asked
        )  # fmt: skip

    # -- time ----------------------------------------------------------------------------------------------------------

    def overlap(self) -> None:
        """One therapist with two patients at once for four minutes."""
        for _ in range(self.times * 2):
            pair = self._in_a_row()
            if pair is None:
                return
            first, second = pair
            ends, starts = _span(first.visit)[1], _span(second.visit)[0]
            earlier = starts - ends + 4 * _MINUTE
            second.visit.intervals = tuple(_moved(each, earlier) for each in second.visit.intervals)
            second.visit.arrived -= earlier
            for spot in pair:
                self.add(
                    spot, "overlap", "The therapist is recorded with two patients at once for four minutes.",
                    findings=("overlap.person",),
                )  # fmt: skip

    def _in_a_row(self) -> tuple[Spot, Spot] | None:
        alone = [spot for spot in self.spots() if len(spot.people) == 1]
        by_day: dict[tuple[str, date], list[Spot]] = {}
        for spot in alone:
            by_day.setdefault((spot.people[0], spot.visit.date), []).append(spot)
        for spots in by_day.values():
            spots.sort(key=lambda spot: _span(spot.visit)[0])
            for one, other in pairwise(spots):
                if _span(other.visit)[0] - _span(one.visit)[1] < 30 * _MINUTE and one.patient is not other.patient:
                    return one, other
        return None

    def retell(self, spot: Spot, pieces: Sequence[Piece]) -> None:
        """The same visit with other time: intervals one after the other, and a note that agrees with them."""
        cursor, found = _span(spot.visit)[0], []
        for piece in pieces:
            stop = cursor + piece.minutes * _MINUTE
            found.append(
                Interval(
                    id=self.chance.id(stop), people=(piece.person,), service=piece.code,
                    minutes=piece.minutes if piece.typed else None, origin="typed" if piece.typed else "timer",
                    start=None if piece.typed else cursor, stop=None if piece.typed else stop,
                )
            )  # fmt: skip
            cursor = stop
        spot.visit.intervals = tuple(found)
        note = spot.visit.treatment
        own = {each.code: each for each in note.content.services}
        codes: dict[str, list[Piece]] = {}
        for piece in pieces:
            codes.setdefault(piece.code, []).append(piece)
        services = tuple(_service(own.get(code), code, those) for code, those in codes.items())
        note.content = totals(replace(note.content, services=services), self.book)

    # -- notes ---------------------------------------------------------------------------------------------------------

    def missed_report(self) -> None:
        """No progress report though more than ten treatment days went by."""
        for _ in range(self.times):
            for spot in self.spots(lambda spot: len(spot.episode.visits) > 11):
                visits = spot.episode.visits
                day = visits[10]
                if len(day.notes) > 1 or (spot.patient.id, day.date) in self.taken:
                    continue
                for visit in visits[:11]:
                    visit.notes[:] = [each for each in visit.notes if each.content.kind != "progress-report"]
                self.add(
                    Spot(spot.patient, spot.episode, day), "missed-report",
                    "The eleventh treatment day, and no progress report yet.", told_by="clock",
                )  # fmt: skip
                break

    def late(self) -> None:
        """A note that was written and signed twelve days after the visit, with no reason."""
        after = timedelta(days=12)
        spots = self.spots(lambda spot: _signed(spot) + after < self.practice.at)
        for spot in spots[: self.times]:
            note = spot.visit.treatment
            note.made, note.signed = note.made + after, _signed(spot) + after
            self.add(spot, "late-note", "Signed twelve days after the visit.", findings=("note.late-entry",))

    def unsigned(self) -> None:
        """A note that is still a draft, of a visit not long ago."""
        since = self.practice.at - timedelta(days=12)
        for spot in self.spots(lambda spot: spot.visit.arrived > since)[: self.times]:
            note = spot.visit.treatment
            note.signed, note.credential = None, ""
            self.add(
                spot, "unsigned-note", "The note is still a draft.", findings=("note.signature",)
            )  # fmt: skip

    def minutes(self) -> None:
        """A note that states other minutes than the intervals have."""
        for spot in self.spots(lambda spot: spot.episode.discipline == "PT")[: self.times]:
            note = spot.visit.treatment
            first, *others = note.content.services
            longer = replace(first, minutes=(first.minutes or 0) + 7)
            note.content = totals(replace(note.content, services=(longer, *others)), self.book)
            self.add(
                spot, "note-minutes", "The note states seven minutes more than the intervals have.",
                findings=("claim.timed-minutes", "claim.total-minutes", "claim.service-minutes"),
            )  # fmt: skip

    def no_reason(self) -> None:
        """A note without a word of what a therapist's skill added."""
        for spot in self.spots()[: self.times]:
            note = spot.visit.treatment
            services = tuple(
                replace(
                    each, skilled_reason="", response="", progression="",
                    exercises=tuple(replace(exercise, cues=None, assistance=None) for exercise in each.exercises),
                )
                for each in note.content.services
            )  # fmt: skip
            note.content = replace(note.content, services=services, response="Tolerated well.", assessment="", plan="")
            self.add(spot, "no-skilled-reason", "No word says why a therapist was needed.", findings=("note.reason",))

    # -- lines ---------------------------------------------------------------------------------------------------------

    def distinct(self) -> None:
        """A test beside a functional activity: paid on one day only with 59, which a person attests or does not."""
        told = (
            ("59-attested", False, True, "One after the other, attested on what is shown: 59 stands."),
            ("59-not-attested", False, False, "Nobody attested that the two were distinct: the line waits."),
            ("59-not-shown", True, True, "Attested without a clock and without a ground: no 59, the line waits."),
            ("59-lapsed", False, True, "Attested on other minutes than are recorded now: it lapsed, the line waits."),
        )
        spots = self.spots(lambda spot: spot.episode.discipline == "PT" and self._by_therapist(spot))
        for (kind, typed, attested, said), spot in zip(told * self.times, spots, strict=False):
            by = spot.people[0]
            self.retell(spot, (Piece(_TASK, 16, by, typed), Piece(_TEST, 18, by, typed)))
            asked = self._asked(spot, "59")
            if kind == "59-lapsed":
                asked = [(line, shown[::-1]) for line, shown in asked]
            if attested:
                self._attest(spot, "59", asked)
            more = {"59-not-shown": ("pairs.not-shown", "pairs.no-ground"), "59-lapsed": ("attestation.lapsed",)}
            good = kind == "59-attested"
            self.add(
                spot, kind, said, findings=("pairs.if-distinct", *more.get(kind, ())), held=() if good else (_TEST,),
                modifiers=((_TEST, "59"),) if good else (),
            )  # fmt: skip

    def _by_therapist(self, spot: Spot) -> bool:
        return len(spot.people) == 1 and self.members[spot.people[0]].role == "therapist"

    def assistants(self) -> None:
        """Minutes of an assistant that put CQ or CO on a line, and not on the other."""
        for discipline, modifier in (("PT", "CQ"), ("OT", "CO")):
            spots = self.spots(
                lambda spot, mine=discipline: (  # type: ignore[misc]
                    spot.episode.discipline == mine and len(spot.people) == 2 and _holds(spot, "97110", "97140")
                )
            )
            for spot in spots[: self.times]:
                own, helper = sorted(spot.people, key=lambda each: self.members[each].role == "assistant")
                self.retell(spot, (Piece("97140", 15, own), Piece("97110", 5, own), Piece("97110", 18, helper)))
                self.add(
                    spot, f"assistant-{modifier.lower()}",
                    f"Of 97110 the assistant gave 18 of 23 minutes, of 97140 none: {modifier} on 97110 alone.",
                    units=(("97140", 1), ("97110", 2)), modifiers=(("97110", modifier),),
                )  # fmt: skip

    def units(self) -> None:
        """Days whose minutes show how units are counted by CMS."""
        told = (
            ("pooled-remainder", "33 and 7 minutes are 40, so 3 units: what is left over is pooled.",
             (("97110", 33), ("97140", 7)), (("97110", 2), ("97140", 1)), ()),
            ("three-short-services", "10, 9 and 12 minutes are 31, so 2 units and not 3.",
             (("97110", 10), ("97112", 9), ("97140", 12)), (("97110", 1), ("97140", 1)),
             ("units.documented-not-billable",)),
            ("zero-unit", "38 and 5 minutes are 43, so 3 units, all of 97110: the 5 minutes earn none.",
             (("97110", 38), ("97140", 5)), (("97110", 3),), ("units.documented-not-billable",)),
        )  # fmt: skip
        spots = self.spots(lambda spot: self._by_therapist(spot) and _holds(spot, "97110", "97140"))
        for (kind, said, given, counted, findings), spot in zip(told * self.times, spots, strict=False):
            self.retell(spot, [Piece(code, minutes, spot.people[0]) for code, minutes in given])
            self.add(spot, kind, said, units=counted, findings=findings)

    # -- counts and deadlines ------------------------------------------------------------------------------------------

    def authorizations(self) -> None:
        """Of the authorizations one is exceeded, one runs out."""
        those = [
            (patient, episode)
            for patient in self.practice.patients
            for episode in patient.episodes
            if episode.authorizations and len(episode.visits) >= 5
        ]
        told = (("authorization-exceeded", -2, "Two visits more than were authorized."),
                ("authorization-running-out", 1, "One authorized visit is left."))  # fmt: skip
        for (kind, left, said), (patient, episode) in zip(told * self.times, self.chance.mixed(those), strict=False):
            episode.authorizations[0].visits = len(episode.visits) + left
            last = episode.visits[-1]
            self.found.append(Planted(kind=kind, patient=patient.id, date=last.date, said=said, told_by="standing"))

    def certifications(self) -> None:
        """Plans of Medicare's patients whose certification is not as it should be."""
        today = self.practice.at.date()
        for patient in self.practice.patients:
            if self.chart.policy(patient) == "medicare":
                for episode in patient.episodes:
                    plan, last = episode.plans[-1], episode.visits[-1].date
                    signed = any(step.step == "signed" for step in plan.steps)
                    said, on = "", today
                    if plan.state == "overdue":
                        said = "Sent and never signed, and the time for it is over."
                    elif plan.state == "delayed" and signed:
                        said = "Signed late, with the reason."
                    elif plan.state == "ran-out" and last > plan.ends:
                        said, on = "Treated after the last day of the plan.", last
                    if said:
                        kind = f"certification-{plan.state}"
                        self.found.append(
                            Planted(kind=kind, patient=patient.id, date=on, said=said, told_by="standing")
                        )


def _service(own: NoteService | None, code: str, pieces: Sequence[Piece]) -> NoteService:
    """What the note says of this service, with its new minutes and people."""
    told = own or NoteService(
        code=code, what=_PLAIN.get(code, "treatment"), skilled_reason="Tempo and range judged and cued in each trial.",
        response="Finished with two rests, pain no higher.", goals=("g1",),
    )  # fmt: skip
    people = tuple(dict.fromkeys(piece.person for piece in pieces))
    return replace(told, minutes=sum(piece.minutes for piece in pieces), people=people)


_PLAIN = {
    "97750": "timed performance test with report", "97530": "lifting and reaching tasks",
    "97112": "balance and posture control", "97140": "joint and soft tissue mobilisation", "97110": "strengthening",
}  # fmt: skip


def _holds(spot: Spot, *codes: str) -> bool:
    return set(codes) <= {each.service for each in spot.visit.intervals}


def _moved(interval: Interval, earlier: timedelta) -> Interval:
    start, stop = interval.start, interval.stop
    return replace(interval, start=start and start - earlier, stop=stop and stop - earlier)


def _clocked(visit: Visit) -> bool:
    return all(each.start is not None for each in visit.intervals)


def _span(visit: Visit) -> tuple[datetime, datetime]:
    """From the first start to the last stop of a visit with clock times."""
    starts = [each.start for each in visit.intervals if each.start is not None]
    stops = [each.stop for each in visit.intervals if each.stop is not None]
    return min(starts).astimezone(UTC), max(stops).astimezone(UTC)


def _signed(spot: Spot) -> datetime:
    note = spot.visit.treatment
    return note.signed or note.made
