"""A practice's record as the engine takes it in: each day of a patient, and what is known from outside of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from msgspec.structs import replace

from fifteen.engine.day import Accrued, Context, Counted, Coverage, Day, Interval, Person
from fifteen.engine.day import Visit as EngineVisit
from fifteen.engine.documentation.note import Note, Signature
from fifteen.engine.people import Role
from fifteen.synth.records import Episode, Member, Patient, Practice, Visit, WrittenNote

_ROLES: dict[str, Role] = {"therapist": "therapist", "assistant": "assistant"}


class Chart:
    """A practice with its visits by day, to be asked for days."""

    def __init__(self, practice: Practice) -> None:
        self.practice = practice
        self.people = {each.id: each for each in practice.people}
        self.patients = {each.id: each for each in practice.patients}
        self._payers = {each.id: each for each in practice.payers}
        self._sites = {each.id: each for each in practice.sites}
        self.visits: dict[tuple[str, date], list[tuple[Episode, Visit]]] = {}
        self._on: dict[date, list[str]] = {}
        self._notes: dict[str, list[Note]] = {}
        for patient in practice.patients:
            for episode in patient.episodes:
                for visit in episode.visits:
                    key = (patient.id, visit.date)
                    if key not in self.visits:
                        self._on.setdefault(visit.date, []).append(patient.id)
                    self.visits.setdefault(key, []).append((episode, visit))

    def dates(self) -> list[tuple[str, date]]:
        """Every patient's day, in order of dates."""
        return [(patient, on) for on in sorted(self._on) for patient in self._on[on]]

    def policy(self, patient: Patient) -> str:
        """The payer profile of who pays first; empty where nothing of the payer is known."""
        return self._payers[patient.coverages[0].payer].policy

    def day(self, patient: str, on: date) -> Day:
        """The day as the engine takes it; one with an empty payer it cannot assess."""
        found = self.visits[patient, on]
        site = self._sites[found[0][0].site]
        ids = dict.fromkeys(person for _, visit in found for each in visit.intervals for person in each.people)
        return Day(
            patient=patient, date=on, zone=site.zone, billing=site.billing, locality=site.locality,
            coverage=Coverage(payer=self.policy(self.patients[patient])),
            people=tuple(_person(self.people[id_]) for id_ in ids),
            visits=tuple(
                EngineVisit(
                    id=visit.id, discipline=episode.discipline, intervals=visit.intervals,
                    place_of_service=site.place_of_service,
                )
                for episode, visit in found
            ),
            attestations=tuple(each for _, visit in found for each in visit.attestations),
            notes=tuple(note for _, visit in found for note in self.notes(visit)),
        )  # fmt: skip

    def context(self, patient: str, on: date, counted: tuple[Counted, ...] = ()) -> Context:
        """What is known around it; `counted` are earlier days of the year, as far as somebody priced them."""
        accruals = self.patients[patient].accruals
        return Context(
            others=tuple(self._others(patient, on)), now=self.practice.at, counted=counted,
            accrued=tuple(
                Accrued(year=each.year, bucket=each.bucket, cents=each.cents, as_of=each.as_of)
                for each in accruals
                if each.year == on.year and each.as_of <= on
            ) or None,
            earlier=tuple(
                note
                for episode, _ in self.visits[patient, on]
                for visit in episode.visits
                if visit.date < on
                for note in self.notes(visit)
                if note.signatures
            ),
        )  # fmt: skip

    def _others(self, patient: str, on: date) -> Iterator[Interval]:
        """What the same people gave to others in the time of this day."""
        mine = [each for _, visit in self.visits[patient, on] for each in visit.intervals]
        theirs = [
            replace(each, patient=other)
            for other in self._on[on]
            if other != patient
            for _, visit in self.visits[other, on]
            for each in visit.intervals
            if any(_touch(each, own) for own in mine)
        ]
        yield from sorted(theirs, key=lambda each: (each.start, each.id))

    def notes(self, visit: Visit) -> list[Note]:
        """The notes of a visit in the order they were begun, each with the signature that it bears."""
        if visit.id not in self._notes:
            written = sorted(visit.notes, key=lambda each: (each.made, each.id))
            self._notes[visit.id] = [self._note(visit, each) for each in written]
        return self._notes[visit.id]

    def _note(self, visit: Visit, written: WrittenNote) -> Note:
        content = replace(written.content, visit=visit.id)
        if written.signed is None:
            return content
        author = self.people[written.author]
        signature = Signature(
            person=author.id, role=_ROLES[author.role], credential=written.credential, at=written.signed
        )
        return replace(content, signatures=(signature,), written=written.signed)

    def days(self) -> Iterator[tuple[Day, Context]]:
        """Every day that can be assessed, in order of dates."""
        for patient, on in self.dates():
            if self.policy(self.patients[patient]):
                yield self.day(patient, on), self.context(patient, on)


def _person(member: Member) -> Person:
    return Person(id=member.id, role=_ROLES[member.role], discipline=member.discipline)


def _touch(one: Interval, other: Interval) -> bool:
    """Do two intervals share time and a person?"""
    if one.start is None or one.stop is None or other.start is None or other.stop is None:
        return False
    return one.start < other.stop and other.start < one.stop and bool(set(one.people) & set(other.people))
