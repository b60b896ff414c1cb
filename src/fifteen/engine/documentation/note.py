"""The note as it flows in: what was found, done, answered and planned, as the therapist recorded it.

A note is one document of one patient, date and discipline. Fields that were not written are empty or None: nothing is
filled in. `text` is free prose; `reading.py` says what of it could be read, and never adds to a field.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec

from fifteen.engine.people import Discipline, Role
from fifteen.kernel.errors import UnreadableInput

Kind = Literal["evaluation", "re-evaluation", "plan-of-care", "treatment", "progress-report", "discharge"]
KIND_NAMES: dict[Kind, str] = {
    "evaluation": "evaluation",
    "re-evaluation": "re-evaluation",
    "plan-of-care": "plan of care",
    "treatment": "treatment note",
    "progress-report": "progress report",
    "discharge": "discharge note",
}
Side = Literal["left", "right", "both"]
Movement = Literal[
    "isotonic", "isometric", "isokinetic", "arom", "aarom", "prom", "stretching", "aerobic", "balance",
    "coordination", "functional", "breathing", "oral-motor", "speech", "swallowing", "cognitive", "manual", "modality",
]  # fmt: skip
MeasureKind = Literal[
    "rom", "strength", "special-test", "pain", "gait", "balance", "vitals", "outcome", "function", "swallowing",
    "speech", "cognition", "other",
]  # fmt: skip


class _Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Load(_Record, frozen=True):
    """A resistance: an amount with its unit (`lb`, `kg`), or a band by its colour or number."""

    value: str | None = None
    unit: str | None = None
    band: str | None = None


class Amount(_Record, frozen=True):
    """A number as written, with its unit: a distance, a height, a level."""

    value: str
    unit: str = ""


class Exercise(_Record, frozen=True):
    """One exercise or technique as it was done, with whatever of its dose was written."""

    name: str
    region: str | None = None
    side: Side | None = None
    type: Movement | None = None
    sets: int | None = None
    reps: int | None = None
    hold_s: int | None = None
    duration_s: int | None = None
    load: Load | None = None
    distance: Amount | None = None
    level: Amount | None = None
    height: Amount | None = None
    assistance: str | None = None
    cues: str | None = None
    position: str | None = None
    device: str | None = None


class NoteService(_Record, frozen=True):
    """A service in the note's own words. `minutes` are optional by Medicare's rule; `goals` are ids of the goals."""

    code: str | None = None
    what: str = ""
    minutes: int | None = None
    exercises: tuple[Exercise, ...] = ()
    skilled_reason: str = ""
    response: str = ""
    progression: str = ""
    goals: tuple[str, ...] = ()
    people: tuple[str, ...] = ()


class Measure(_Record, frozen=True):
    """Something measured or observed: what, where, and the value as written."""

    kind: MeasureKind
    name: str
    value: str
    unit: str = ""
    side: Side | None = None
    when: Literal["before", "after"] | None = None


class Goal(_Record, frozen=True):
    """A goal of the plan: from `baseline` to `target` in `unit`, for a task of daily life, by a day."""

    id: str
    term: Literal["short", "long"] | None = None
    text: str = ""
    baseline: str = ""
    target: str = ""
    unit: str = ""
    task: str = ""
    by: date | None = None
    status: Literal["active", "met", "revised", "dropped"] = "active"
    judged: date | None = None
    progress: str = ""


class Diagnosis(_Record, frozen=True):
    """A diagnosis by code, by words, or both; `treated` is the one that therapy is for."""

    code: str = ""
    text: str = ""
    treated: bool = False


class Signature(_Record, frozen=True):
    """Who signed, as what and when. `credential` as it stands behind the name: PT, PTA, OTR/L, CCC-SLP."""

    person: str
    role: Role
    credential: str = ""
    at: datetime | None = None
    part: Literal["author", "co-signer", "contributor"] = "author"


class Plan(_Record, frozen=True):
    """The plan of care's own elements: type, amount, frequency and duration of therapy, and how it ends."""

    type: str = ""
    amount: str = ""
    frequency: str = ""
    duration: str = ""
    established: date | None = None
    discharge_plan: str = ""


class History(_Record, frozen=True):
    """What an evaluation rests on; `complexity` is why the evaluation code of its level was chosen."""

    onset: str = ""
    present: str = ""
    past: str = ""
    prior_level: str = ""
    living: str = ""
    prior_therapy: str = ""
    complexity: str = ""
    presentation: str = ""
    deficits: tuple[str, ...] = ()


class Note(_Record, frozen=True, kw_only=True):
    """One note. `written` is when it was entered; `maintenance` says that the plan keeps function and not restores it.

    `earlier` notes of the same episode are what progression and repetition are seen against; they come with `Context`.
    """

    on: date = msgspec.field(name="date")
    kind: Kind = "treatment"
    discipline: Discipline = "PT"
    visit: str | None = None
    diagnoses: tuple[Diagnosis, ...] = ()
    subjective: str = ""
    measures: tuple[Measure, ...] = ()
    services: tuple[NoteService, ...] = ()
    goals: tuple[Goal, ...] = ()
    history: History | None = None
    timed_minutes: int | None = None
    total_minutes: int | None = None
    response: str = ""
    pain_before: int | None = None
    pain_after: int | None = None
    adverse: str = ""
    assessment: str = ""
    plan: str = ""
    plan_of_care: Plan | None = None
    home_programme: str = ""
    precautions: str = ""
    consent: str = ""
    maintenance: bool = False
    period_from: date | None = None
    period_until: date | None = None
    signatures: tuple[Signature, ...] = ()
    written: datetime | None = None
    late_reason: str = ""
    text: str = ""


def read_note(text: bytes | str, where: str = "note") -> Note:
    """Read a `Note` from JSON; `UnreadableInput` names the field that is not as it must be."""
    try:
        return msgspec.json.decode(text, type=Note)
    except (msgspec.DecodeError, UnicodeError) as error:
        said = str(error).rstrip(".")
        raise UnreadableInput(f"{where}: {said}; see `fifteen note check --help` for the form of a note.") from None
