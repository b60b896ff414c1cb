"""Taps to intervals: the same intervals whatever the order in which the taps arrive, and however often.

A tap starts or stops one service of one patient by one set of people. Two of our conventions, both shown: who starts
attended time ends their own running attended time at that instant, and a clock that jumped
in the middle of a run is read from the device's own monotonic count.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Literal

import msgspec
from msgspec.structs import replace

from fifteen.engine.day import Interval, Mode
from fifteen.kernel.errors import UnreadableInput
from fifteen.kernel.finding import Finding

# Modes that take a person's whole attention.
ATTENDED: frozenset[Mode] = frozenset({"one-on-one", "together", "group", "co-treatment"})

CLOCK_TOLERANCE = timedelta(
    seconds=2
)  # not law: wall and monotonic clock of one device may differ by so much unnoticed

MOST_MILLISECONDS = 10**12  # not law: a device that ran for thirty years


class TimerEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A tap. `wall` is the device's clock with offset, `mono` its monotonic milliseconds since `boot` began."""

    id: str
    patient: str
    service: str | None
    people: tuple[str, ...]
    kind: Literal["start", "stop"]
    wall: datetime
    mode: Mode = "one-on-one"
    session: str | None = None
    mono: int | None = None
    boot: str | None = None
    device: str = ""


class Folded(msgspec.Struct, frozen=True):
    """The intervals in order of start; one without `stop` is still open."""

    intervals: tuple[Interval, ...]
    findings: tuple[Finding, ...]


_Key = tuple[str, str, tuple[str, ...], str, str]
_Spans = list[tuple[TimerEvent, datetime | None]]


def fold(events: Iterable[TimerEvent]) -> Folded:
    """Fold taps into intervals. Order and repetition of `events` change nothing; no tap is lost without a finding.

    Raises `UnreadableInput` for a tap whose `wall` has no offset or whose `mono` no device can have counted.
    """
    findings: list[Finding] = []
    taps = _once(events, findings)
    instants = _instants(taps, findings)
    taps.sort(key=lambda tap: (instants[tap.id], tap.id))
    open_: dict[_Key, TimerEvent] = {}
    spans: list[tuple[TimerEvent, datetime | None]] = []
    for at, together in groupby(taps, key=lambda tap: instants[tap.id]):
        now = list(together)
        stops = [tap for tap in now if tap.kind == "stop"]
        # At one instant what is open stops first, then what starts starts; a stop left over ends a span of no length.
        late = [tap for tap in stops if not _stop(tap, at, open_, spans)]
        for tap in now:
            if tap.kind == "start":
                _start(tap, at, open_, spans, findings)
        for tap in late:
            if not _stop(tap, at, open_, spans):
                findings.append(_warn("fold.stop-without-start", tap, "nothing of the kind was running"))
    spans += [(tap, None) for tap in open_.values()]
    spans.sort(key=lambda span: (instants[span[0].id], span[0].id))
    findings.sort(key=lambda finding: (finding.where, finding.id, finding.message))
    return Folded(tuple(_interval(tap, instants[tap.id], stop) for tap, stop in spans), tuple(findings))


def _stop(tap: TimerEvent, at: datetime, open_: dict[_Key, TimerEvent], spans: _Spans) -> bool:
    started = open_.pop(_key(tap), None)
    if started is not None:
        spans.append((started, at))
    return started is not None


def _start(
    tap: TimerEvent, at: datetime, open_: dict[_Key, TimerEvent], spans: _Spans, findings: list[Finding]
) -> None:
    key = _key(tap)
    if key in open_:
        findings.append(_warn("fold.started-twice", tap, "it was running already, and ran on"))
        return
    if tap.mode in ATTENDED:
        for other in [each for each in open_ if _gives_way(open_[each], tap)]:
            ended = open_.pop(other)
            spans.append((ended, at))
            left = sorted(set(ended.people) - set(tap.people))
            if left:
                said = f"it ended time given together with {', '.join(left)}; record it if they went on alone"
                findings.append(_warn("fold.together-ended", tap, said))
    open_[key] = tap


def _gives_way(running: TimerEvent, tap: TimerEvent) -> bool:
    """Does attended time that is running end when `tap` starts? Not where both are one group or one co-treatment."""
    same = running.mode == tap.mode and tap.session is not None and running.session == tap.session
    one_event = same and (tap.mode == "group" or (tap.mode == "co-treatment" and running.patient == tap.patient))
    return running.mode in ATTENDED and not one_event and not set(running.people).isdisjoint(tap.people)


def _once(events: Iterable[TimerEvent], findings: list[Finding]) -> list[TimerEvent]:
    """Each tap once; of two different taps with one id the first in order of content is kept, and it is said."""
    taps: dict[str, TimerEvent] = {}
    clashes: set[str] = set()
    given = {_in_utc(event) for event in events}
    for tap in sorted(given, key=repr):
        if tap.id in taps:
            clashes.add(tap.id)
        taps.setdefault(tap.id, tap)
    for id_ in sorted(clashes):
        findings.append(
            Finding(
                "fold.id-used-twice", "warn", f"Two different taps have the id {id_}; one was taken.",
                "Look at both on the device; correct the interval with a reason.", where=id_,
            )
        )  # fmt: skip
    return list(taps.values())


def _in_utc(event: TimerEvent) -> TimerEvent:
    """Two clock readings of one zone would else be compared and added as local time."""
    if event.wall.utcoffset() is None:
        raise UnreadableInput(
            f"tap {event.id!r}: wall {event.wall.isoformat()} has no offset; end it with Z or -05:00."
        )
    if event.mono is not None and not 0 <= event.mono <= MOST_MILLISECONDS:
        raise UnreadableInput(
            f"tap {event.id!r}: mono {event.mono} is no count of milliseconds since a device started."
        )
    return replace(event, wall=event.wall.astimezone(UTC))


def _instants(taps: list[TimerEvent], findings: list[Finding]) -> dict[str, datetime]:
    """When each tap was: by the monotonic count within one run of a device, else by its wall clock."""
    anchors: dict[tuple[str, str], TimerEvent] = {}
    for tap in sorted(
        (tap for tap in taps if tap.mono is not None and tap.boot is not None), key=lambda t: (t.mono, t.id)
    ):
        anchors.setdefault((tap.device, tap.boot or ""), tap)
    instants = {}
    for tap in taps:
        anchor = anchors.get((tap.device, tap.boot)) if tap.boot is not None and tap.mono is not None else None
        if anchor is None or anchor.mono is None or tap.mono is None:
            instants[tap.id] = tap.wall
            continue
        at = anchor.wall + timedelta(milliseconds=tap.mono - anchor.mono)
        instants[tap.id] = at
        if abs(tap.wall - at) > CLOCK_TOLERANCE:
            findings.append(
                _warn(
                    "fold.clock-jumped",
                    tap,
                    f"the device's clock said {tap.wall.isoformat()} and its own count {at.isoformat()}",
                )
            )
    return instants


def _key(tap: TimerEvent) -> _Key:
    return (tap.patient, tap.service or "", tuple(sorted(tap.people)), tap.mode, tap.session or "")


def _interval(tap: TimerEvent, start: datetime, stop: datetime | None) -> Interval:
    return Interval(
        id=tap.id, people=tap.people, service=tap.service, mode=tap.mode, start=start, stop=stop,
        session=tap.session, patient=tap.patient,
    )  # fmt: skip


def _warn(id_: str, tap: TimerEvent, said: str) -> Finding:
    what = f"{tap.kind} of {tap.service or tap.mode}"
    return Finding(
        id_,
        "warn",
        f"{what[0].upper()}{what[1:]}: {said}.",
        "Look at the day and correct the interval with a reason.",
        where=tap.id,
    )
