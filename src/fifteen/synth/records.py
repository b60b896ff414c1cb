"""A fictional practice: its people, payers and patients with six months of their record, and what was planted in it.

Everything is a plain record. Days, intervals and notes are the engine's own, so that nothing is told twice.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec

from fifteen.engine.day import Attestation, Billing, Bucket, Interval
from fifteen.engine.documentation.note import Goal, Note
from fifteen.engine.people import Discipline

CertificationState = Literal[
    "signed", "order-and-sent", "verbal", "sent", "overdue", "recertified", "delayed", "ran-out"
]  # fmt: skip
ToldBy = Literal["engine", "clock", "standing", "nobody"]


class _Record(msgspec.Struct, kw_only=True):
    pass


class Site(_Record):
    id: str
    name: str
    zone: str
    locality: str
    npi: str
    billing: Billing = "private-practice"
    place_of_service: str = "11"


class Member(_Record):
    """Somebody who works here. `credential` is what they sign with; nobody else signs."""

    id: str
    login: str
    name: str
    role: str
    site: str
    discipline: Discipline | None = None
    credential: str = ""
    npi: str = ""
    licence: str = ""


class Fee(_Record):
    code: str
    cents: int
    starts: date


class Payer(_Record):
    """`policy` is a payer's id in the rulebook; empty: nothing of it is known.

    `gaps` are findings that each of its days may bear: what the rulebook does not know of this payer.
    """

    id: str
    name: str
    policy: str
    number: str
    gaps: tuple[str, ...] = ()
    fees: tuple[Fee, ...] = ()


class Referrer(_Record):
    id: str
    name: str
    npi: str
    phone: str
    fax: str


class Referral(_Record):
    id: str
    referrer: str
    discipline: Discipline
    diagnosis: str
    received: date
    signed: date | None


class Coverage(_Record):
    id: str
    payer: str
    member: str
    starts: date
    plan: str = ""
    rank: int = 1


class Accrual(_Record):
    """What the payer said was used of a threshold, in cents."""

    id: str
    year: int
    bucket: Bucket
    cents: int
    as_of: date


class Consent(_Record):
    id: str
    kind: str
    date: date


class Step(_Record):
    """One step of a plan's certification: sent, verbal or signed."""

    id: str
    step: Literal["sent", "verbal", "signed"]
    date: date
    signer: str = ""
    how: str = ""
    reason: str = ""


class Plan(_Record):
    id: str
    number: int
    starts: date
    ends: date
    type: str
    amount: str
    frequency: str
    duration: str
    state: CertificationState
    steps: tuple[Step, ...] = ()


class Score(_Record):
    id: str
    measure: str
    value: int
    date: date


class Authorization(_Record):
    id: str
    coverage: str
    number: str
    visits: int
    starts: date
    ends: date


class WrittenNote(_Record):
    """A note with who wrote it when; `signed` None: it is still a draft. The content bears no signature of its own."""

    id: str
    author: str
    made: datetime
    content: Note
    signed: datetime | None = None
    credential: str = ""


class Visit(_Record):
    id: str
    date: date
    arrived: datetime
    departed: datetime
    intervals: tuple[Interval, ...]
    notes: list[WrittenNote]
    attestations: tuple[Attestation, ...] = ()

    @property
    def treatment(self) -> WrittenNote:
        """The note that tells of the visit's treatment."""
        return self.notes[0]


class Episode(_Record):
    id: str
    discipline: Discipline
    site: str
    therapist: str
    referral: str
    problem: str
    diagnoses: tuple[tuple[str, str], ...]
    onset: date
    started: date
    ended: date | None
    goals: list[Goal]
    goal_ids: list[str]
    plans: list[Plan]
    scores: list[Score]
    authorizations: list[Authorization]
    visits: list[Visit]


class Booking(_Record):
    """An appointment; `state`: booked, arrived, cancelled or no-show."""

    id: str
    episode: str
    person: str
    starts: datetime
    state: str
    minutes: int = 60
    visit: str | None = None
    reason: str = ""


class Patient(_Record):
    id: str
    number: str
    name: str
    born: date
    phone: str
    made: datetime
    precautions: str
    coverages: list[Coverage]
    accruals: list[Accrual]
    referrals: list[Referral]
    consents: list[Consent]
    episodes: list[Episode]
    bookings: list[Booking]


class Planted(msgspec.Struct, kw_only=True, frozen=True):
    """A fact that was put into the record on purpose, and what has to be said of it.

    `findings` are ids; `held` the codes of lines that wait; `units` and `modifiers` what the lines must bear. `clock`
    and `standing`: a deadline or a count that the engine does not tell of a day (yet). `nobody`: the day cannot be
    assessed at all.
    """

    kind: str
    patient: str
    date: date
    said: str
    people: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    units: tuple[tuple[str, int], ...] = ()
    modifiers: tuple[tuple[str, str], ...] = ()
    told_by: ToldBy = "engine"


class Practice(_Record):
    """A practice as it stands at `at`. All of it follows from `seed`, `at` and the size."""

    id: str
    seed: int
    at: datetime
    name: str
    sites: list[Site]
    people: list[Member]
    payers: list[Payer]
    referrers: list[Referrer]
    patients: list[Patient]
    planted: list[Planted]
