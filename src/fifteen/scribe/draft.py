"""The draft: what was read in a therapist's words, where it stands in them, and what a person is asked.

A draft holds facts, never prose of its own. A value that nobody stated is None; minutes are never inferred.
"""

from __future__ import annotations

from typing import Any, Literal, Protocol

import msgspec

from fifteen.engine.people import Role
from fifteen.kernel.finding import Finding

Span = tuple[int, int]
"""Where words stand in the text: first character, and the one behind the last."""

Family = Literal[
    "TE", "NMR", "MT", "TA", "GT", "SC", "AQ", "US", "ESU", "ESA", "ION", "TRX", "VASO", "PAR", "HPCP", "DN", "CRP",
    "ORTH", "GRP", "SI", "WC", "EVAL", "REEVAL", "TAPE", "COG", "SPEECH", "SWALLOW",
]  # fmt: skip
"""What kind of service words speak of, before a code is chosen."""

Side = Literal["R", "L", "B"]

Status = Literal["accepted", "proposed", "missing", "conflict"]
"""`accepted`: stated or spoken as clock times. `proposed`: read, and to be looked at. `conflict`: two readings."""


class Amount(msgspec.Struct, frozen=True):
    """A number with its unit, as stated."""

    value: float | int
    unit: str


class Resistance(msgspec.Struct, frozen=True, omit_defaults=True):
    """A load (`value`, `unit` lb or kg), or a band, putty or flexbar by its colour."""

    value: float | int | None = None
    unit: str | None = None
    band: str | None = None
    putty: str | None = None
    flexbar: str | None = None


class DraftExercise(msgspec.Struct, frozen=True, kw_only=True):
    """One exercise, task or technique with the dose that was stated; `source` is where its name stands.

    `name` are the therapist's words in full and singular; `known_as` is the lexicon's name, which flowsheets share.
    """

    name: str
    side: Side | None = None
    region: str | None = None
    sets: int | None = None
    reps: int | None = None
    hold_s: int | None = None
    duration_s: int | None = None
    resistance: Resistance | None = None
    level: str | None = None
    grade: str | None = None
    assist: str | None = None
    cues: str | None = None
    distance: Amount | None = None
    height: Amount | None = None
    device: str | None = None
    position: str | None = None
    support: str | None = None
    condition: str | None = None
    rep_scheme: tuple[int, ...] | None = None
    source: Span
    known: bool = True
    known_as: str | None = None


class DraftService(msgspec.Struct, frozen=True, kw_only=True):
    """One service as words tell it. `minutes` None: none stated. `billable` False: said not to be charged.

    `stated` False: no words name the family, its exercises do. `concurrent`: a modality given with another.
    """

    family: Family
    code: str | None = None
    minutes: int | None = None
    role: Role = "therapist"
    exercises: tuple[DraftExercise, ...] = ()
    side: Side | None = None
    region: str | None = None
    parameters: str | None = None
    billable: bool = True
    stated: bool = True
    concurrent: bool = False
    minutes_source: Span | None = None
    source: Span


class Pain(msgspec.Struct, frozen=True, kw_only=True):
    """Pain as stated, of 10."""

    value: float | int
    when: str | None = None
    site: str | None = None
    source: Span


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """A measurement as stated; never an exercise."""

    name: str
    value: str
    unit: str = ""
    side: Side | None = None
    source: Span


class NotPerformed(msgspec.Struct, frozen=True, kw_only=True):
    """What was named and not done: home programme, planned, earlier, declined, deferred."""

    name: str
    why: Literal["home", "planned", "earlier", "declined", "denied"]
    source: Span


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One value of the draft by its path (`services[0].minutes`), with status, words and the question it waits for.

    `intervals` are the ids of the visit's recorded time that was compared with it. `timers` are their minutes where
    these differ from the stated `value`; where nobody stated any, the timers' minutes are the `value`, and `proposed`.
    """

    path: str
    value: Any
    status: Status
    source: Span | None
    question: str | None = None
    timers: int | None = None
    intervals: tuple[str, ...] = ()


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that only a person knows, and that claim or safety needs. `choices` are the answers at one tap."""

    id: str
    path: str
    text: str
    choices: tuple[str, ...] = ()


class Unread(msgspec.Struct, frozen=True):
    """Words that look like treatment and were not understood."""

    text: str
    source: Span


class Doubtful(msgspec.Struct, frozen=True, kw_only=True):
    """A service with minutes that the words name without saying that it was given today; nothing is made of it."""

    family: Family
    minutes: int
    minutes_source: Span
    source: Span


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What was read of `text`. Every list is present; `facts` has one entry for each value a screen may offer."""

    text: str
    services: tuple[DraftService, ...] = ()
    pain: tuple[Pain, ...] = ()
    measures: tuple[Measured, ...] = ()
    response: str | None = None
    response_source: Span | None = None
    plan: str | None = None
    goal: str | None = None
    total_timed_minutes: int | None = None
    total_minutes: int | None = None
    not_performed: tuple[NotPerformed, ...] = ()
    facts: tuple[Fact, ...] = ()
    questions: tuple[Question, ...] = ()
    doubtful: tuple[Doubtful, ...] = ()
    unread: tuple[Unread, ...] = ()
    findings: tuple[Finding, ...] = ()


class Transcriber(Protocol):
    """Speech to text; none ships here."""

    def transcribe(self, audio: bytes, hints: tuple[str, ...]) -> str:
        """The words of `audio`; `hints` are names to expect."""


class Proposer(Protocol):
    """Text to a draft. Whatever proposes, `gate.py` keeps only what stands in the text."""

    def propose(self, text: str) -> Draft:
        """A draft of `text`."""


def side_of(value: str) -> Side | None:
    """The side that a word of the lexicon names."""
    match value:
        case "R" | "L" | "B":
            return value
        case _:
            return None
