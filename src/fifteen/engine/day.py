"""The records that flow in: a day of one patient, who gave what and when, and what is known from outside the day.

A day is one patient, one date, one billing group, with all its visits and disciplines. JSON with an unknown field is
refused. An instant carries its offset or `Z`; dates are those of the site's zone.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Literal, TypeVar

import msgspec

from fifteen.engine.documentation.note import Note
from fifteen.engine.people import Discipline as Discipline
from fifteen.engine.people import Role as Role
from fifteen.kernel.codes import read_code
from fifteen.kernel.errors import UnreadableInput

Mode = Literal["one-on-one", "together", "group", "co-treatment", "supervised", "unskilled", "rest"]
Origin = Literal["timer", "typed", "dictated"]
Billing = Literal["private-practice", "facility", "physician-group", "incident-to", "critical-access-hospital"]
_T = TypeVar("_T")
_MODIFIER = re.compile(r"[A-Z0-9]{2}", re.ASCII)

AttestationKind = Literal["59", "XE", "XP", "XS", "XU", "KX"]
Bucket = Literal["pt_slp", "ot"]

MOST_MINUTES = 100_000  # not law: beyond this a number of minutes is a slip of the keyboard
Telehealth = Literal["audio-video", "audio-only"]


class _Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Person(_Record, frozen=True):
    """Who gave a service: a therapist, an assistant, a student or an aide, of one discipline (an aide of none)."""

    id: str
    role: Role
    discipline: Discipline | None = None


class Interval(_Record, frozen=True):
    """A closed span of one patient's time: the evidence that everything billed is derived from.

    Timed: `start` and `stop` with offset. Typed or dictated without clock time: `minutes` alone. In co-treatment
    `minutes` is this discipline's share of the span, as the people recorded it. `session` joins what was one event
    for several patients (group) or disciplines (co-treatment). `amends` names the interval this one corrects, with a
    `reason`; the corrected one is kept and no longer counts. `patient` is needed only outside a `Day`.
    """

    id: str
    people: tuple[str, ...]
    service: str | None = None
    mode: Mode = "one-on-one"
    start: datetime | None = None
    stop: datetime | None = None
    minutes: int | None = None
    origin: Origin = "timer"
    session: str | None = None
    amends: str | None = None
    reason: str = ""
    patient: str | None = None


class Visit(_Record, frozen=True):
    """One attended session under one discipline's plan of care.

    `place_of_service` is CMS's two digits; `purpose` says for payers that ask whether the patient learns a skill or
    regains one.
    """

    id: str = "1"
    discipline: Discipline = "PT"
    intervals: tuple[Interval, ...] = ()
    place_of_service: str | None = None
    telehealth: Telehealth | None = None
    purpose: Literal["habilitative", "rehabilitative"] | None = None


class Coverage(_Record, frozen=True):
    """Who pays: ids of payer profiles in the rulebook."""

    payer: str = "medicare"
    secondary: str | None = None


class Choice(_Record, frozen=True):
    """A tie as the professional settled it: the codes that take the tied units of a discipline, and who chose."""

    discipline: Discipline
    codes: tuple[str, ...]
    by: str


class Attestation(_Record, frozen=True):
    """What a person attested of a line, having seen the evidence: 59 or X{EPSU} on the second code of a pair, or KX.

    `line` is discipline and code (`PT 97140`), or for KX on an institutional claim the discipline alone (`PT`): there
    it stands on all its lines or on none. `evidence` is the hash of what was shown; when the evidence changes the
    attestation lapses. `ground` is needed where the record shows nothing: why the two were distinct all the same.
    """

    kind: AttestationKind
    line: str
    by: str
    at: datetime
    evidence: str
    ground: str = ""


class Notice(_Record, frozen=True):
    """An advance notice (ABN) that the patient signed: which kind, when, and for which codes."""

    kind: Literal["mandatory", "voluntary"]
    signed: date
    codes: tuple[str, ...]


class Expected(_Record, frozen=True):
    """A denial that the clinician expects for some codes: as not necessary, or as no benefit of the payer at all."""

    why: Literal["not-necessary", "excluded"]
    codes: tuple[str, ...]
    by: str


class Added(_Record, frozen=True):
    """A modifier that a person wants on the lines of a code, beyond those that follow from the record."""

    code: str
    modifier: str
    by: str


class Day(_Record, frozen=True):
    """A patient's day with one billing group. One visit may be given by its `discipline` and `intervals` alone.

    `locality` is where the service was furnished, as Medicare prices it (`15202-00`, or `national`). `attestations`,
    `notices`, `expected` and `added` are what people said of the day's lines; `notes` were written for it.
    """

    patient: str
    date: date
    people: tuple[Person, ...]
    zone: str = "America/New_York"
    billing: Billing = "private-practice"
    coverage: Coverage = Coverage()
    visits: tuple[Visit, ...] = ()
    discipline: Discipline | None = None
    intervals: tuple[Interval, ...] = ()
    choices: tuple[Choice, ...] = ()
    locality: str | None = None
    attestations: tuple[Attestation, ...] = ()
    notices: tuple[Notice, ...] = ()
    expected: tuple[Expected, ...] = ()
    added: tuple[Added, ...] = ()
    notes: tuple[Note, ...] = ()

    def all_visits(self) -> tuple[Visit, ...]:
        """The visits, the one given without a list of visits among them."""
        if not self.intervals:
            return self.visits
        return (Visit(discipline=self.discipline or "PT", intervals=self.intervals), *self.visits)


class Counted(_Record, frozen=True):
    """A claim of the patient that counts toward a threshold: allowed cents after MPPR, from whichever provider.

    `received` is when the payer received it: thresholds fill in that order. `kx`: it carried KX.
    """

    received: date
    on: date
    bucket: Bucket
    cents: int
    kx: bool = False


class Accrued(_Record, frozen=True):
    """What the payer said was used of a threshold in `year`, as of a date; claims received later are added to it."""

    year: int
    bucket: Bucket
    cents: int
    as_of: date


class Context(_Record, frozen=True):
    """What is known from outside the day; whatever is missing is said to be "not checked".

    `others`: intervals of the same people with other patients, each with its `patient`. `now`: the present instant, to
    find time that has not come yet. `accrued` and `counted`: the patient's use of the therapy thresholds. `earlier`:
    notes of the same episode before this day, oldest first.
    """

    others: tuple[Interval, ...] | None = None
    now: datetime | None = None
    accrued: tuple[Accrued, ...] | None = None
    counted: tuple[Counted, ...] | None = None
    earlier: tuple[Note, ...] | None = None


def read_day(text: bytes | str, where: str = "day") -> Day:
    """Read a `Day` from JSON; `UnreadableInput` names the field that is not as it must be."""
    return check_day(_decode(text, Day, where), where)


def read_context(text: bytes | str, where: str = "context") -> Context:
    """Read a `Context` from JSON, as `read_day` does a day."""
    return check_context(_decode(text, Context, where), where)


def _decode(text: bytes | str, type_: type[_T], where: str) -> _T:
    try:
        return msgspec.json.decode(text, type=type_)
    except (msgspec.DecodeError, UnicodeError) as error:
        said = str(error).rstrip(".")
        raise UnreadableInput(
            f"{where}: {said}; see `fifteen assess --help` for the form of a {type_.__name__.lower()}."
        ) from None


def check_context(context: Context, where: str = "context") -> Context:
    """Refuse a present or other intervals that cannot be read."""
    _check_instant("now", context.now, where)
    for other in context.others or ():
        check_interval(other, None, f"{where}, interval {other.id!r}")
    cents = [each.cents for each in context.accrued or ()] + [each.cents for each in context.counted or ()]
    for amount in cents:
        if amount < 0:
            raise UnreadableInput(f"{where}: {amount} cents cannot have been allowed; write 0 or more.")
    return context


def check_day(day: Day, where: str = "day") -> Day:
    """Refuse what no reading of the day could answer: ids twice, people nobody described, times without offset."""
    if day.discipline is not None and day.visits and not day.intervals:
        raise UnreadableInput(f"{where}: discipline stands beside visits; say it in each visit instead.")
    people = [person.id for person in day.people]
    intervals = [interval for visit in day.all_visits() for interval in visit.intervals]
    visits = [visit.id for visit in day.visits]
    named = (("person", people), ("visit", visits), ("interval", [interval.id for interval in intervals]))
    for name, ids in named:
        twice = sorted({each for each in ids if ids.count(each) > 1})
        if twice:
            raise UnreadableInput(f"{where}: {name} {twice[0]!r} is given twice; give each {name} an id of its own.")
    for interval in intervals:
        check_interval(interval, frozenset(people), f"{where}, interval {interval.id!r}")
    _check_said(day, where)
    return day


def _check_said(day: Day, where: str) -> None:
    """What people said of the lines: codes that are codes, instants with an offset."""
    for attestation in day.attestations:
        _check_instant("at", attestation.at, f"{where}, attestation {attestation.kind} of {attestation.line}")
    said = [code for notice in day.notices for code in notice.codes]
    said += [code for expected in day.expected for code in expected.codes]
    for code in (*said, *(each.code for each in day.added)):
        if read_code(code, where) != code:
            raise UnreadableInput(f"{where}: {code!r} is not a code; use capitals, as G0283.")
    for added in day.added:
        if not _MODIFIER.fullmatch(added.modifier):
            raise UnreadableInput(
                f"{where}: {added.modifier!r} is not a modifier; write two capitals or digits such as 76."
            )


def check_interval(interval: Interval, people: frozenset[str] | None, where: str) -> None:
    """`UnreadableInput` where an interval's people, times or minutes cannot be read; `people` None: any id will do."""
    if not interval.people:
        raise UnreadableInput(f"{where}: nobody gave it; name at least one of the day's people.")
    for person in interval.people:
        if people is not None and person not in people:
            raise UnreadableInput(
                f"{where}: person {person!r} is not among the day's people; add them with their role."
            )
    _check_instant("start", interval.start, where)
    _check_instant("stop", interval.stop, where)
    if interval.start is None and interval.minutes is None:
        raise UnreadableInput(f"{where}: it has neither a start nor minutes; give start and stop, or minutes alone.")
    if interval.start is None and interval.stop is not None:
        raise UnreadableInput(f"{where}: it has a stop and no start; give both, or minutes alone.")
    if interval.minutes is not None and not 0 <= interval.minutes <= MOST_MINUTES:
        raise UnreadableInput(f"{where}: {interval.minutes} minutes cannot be; write 0 or more, up to {MOST_MINUTES}.")
    if interval.service is not None and read_code(interval.service, where) != interval.service:
        raise UnreadableInput(f"{where}: service {interval.service!r} is not a code; use capitals, as G0283.")
    if interval.service is None and interval.mode not in ("unskilled", "rest"):
        raise UnreadableInput(f"{where}: it names no service; give a code, or say unskilled or rest.")


def _check_instant(name: str, instant: datetime | None, where: str) -> None:
    if instant is None:
        return
    if instant.utcoffset() is None:
        raise UnreadableInput(f"{where}: {name} {instant.isoformat()} has no offset; end it with Z or -05:00.")
    if not 1900 < instant.year < 2200:  # not law: years in which people are treated
        raise UnreadableInput(f"{where}: {name} {instant.isoformat()} is not a year of treatment; correct it.")
