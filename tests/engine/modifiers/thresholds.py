"""Short ways to ask the room of the therapy thresholds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from msgspec.structs import replace

from fifteen.engine.claim_lines import DayAsked, DayLine, Outcome
from fifteen.engine.day import (
    Accrued,
    Attestation,
    Bucket,
    Context,
    Counted,
    Coverage,
    Day,
    Expected,
    Notice,
)
from fifteen.engine.modifiers.threshold import threshold
from fifteen.engine.units.answer import Line
from fifteen.kernel.money import read_cents
from fifteen.rulebook import Rulebook

DAY = date(2026, 5, 4)
WHEN = datetime(2026, 5, 4, 20, 0, tzinfo=UTC)
MODIFIERS = {"PT": "GP", "OT": "GO", "SLP": "GN"}


def line(name: str) -> DayLine:
    """`PT 97110` as a billed line of one unit."""
    discipline: Any
    discipline, code = name.split()
    return DayLine(discipline, Line(code, 1, (MODIFIERS[discipline],), 15))


def said(cents: int, bucket: Bucket = "pt_slp", as_of: date = date(2026, 5, 1), year: int = 2026) -> Accrued:
    return Accrued(year=year, bucket=bucket, cents=cents, as_of=as_of)


def claim(
    cents: int, received: date, on: date = date(2026, 1, 5), bucket: Bucket = "pt_slp", kx: bool = False
) -> Counted:
    return Counted(received=received, on=on, bucket=bucket, cents=cents, kx=kx)


def day(**more: Any) -> Day:
    return Day(**{"patient": "p-a", "date": DAY, "people": (), "locality": "15202-00", **more})


def asked(
    rulebook: Rulebook,
    lines: Sequence[tuple[str, int | None]],
    accrued: Iterable[Accrued] | None = None,
    counted: Iterable[Counted] | None = (),
    **more: Any,
) -> DayAsked:
    """A day of these lines, each with its cents allowed; None: not known."""
    context = Context(
        accrued=None if accrued is None else tuple(accrued), counted=None if counted is None else tuple(counted)
    )
    return DayAsked(
        day(**more), context, rulebook, tuple(line(name) for name, _ in lines), tuple(cents for _, cents in lines)
    )


def attest(question: DayAsked, *names: str, by: str = "Dr. Lee", at: datetime = WHEN) -> DayAsked:
    """The same day with KX attested for these lines, the evidence as it is shown now."""
    shown = [each for each in threshold(question).asked if each.line in names]
    given = [Attestation(kind="KX", line=each.line, by=by, at=at, evidence=each.evidence_hash) for each in shown]
    return with_attestations(question, *given)


def with_attestations(question: DayAsked, *given: Attestation) -> DayAsked:
    return replace(question, day=replace(question.day, attestations=(*question.day.attestations, *given)))


def stale(name: str, by: str = "Dr. Lee", at: datetime = WHEN) -> Attestation:
    return Attestation(kind="KX", line=name, by=by, at=at, evidence="another sum")


def marked(question: DayAsked, outcome: Outcome) -> list[str]:
    return [question.lines[each.line].name for each in outcome.modifiers if each.modifier == "KX"]


def held(question: DayAsked, outcome: Outcome) -> list[str]:
    return [question.lines[each.line].name for each in outcome.held]


def of_case(case: Mapping[str, Any], rulebook: Rulebook) -> DayAsked:
    """The day of a case of `tests/cases/threshold/`, with what was attested of it."""
    on: date = case.get("on", DAY)
    words = [
        said(read_cents(amount), bucket, as_of, case.get("said_year", on.year))
        for bucket, (amount, as_of) in case.get("said", {}).items()
    ]
    claims = [
        claim(read_cents(each["allowed"]), each["received"], each["on"], each["bucket"], each.get("kx", False))
        for each in case.get("claims", [])
    ]
    lines = [(name, None if amount == "?" else read_cents(amount)) for name, amount in case["lines"]]
    why: dict[str, Any] = {"not_necessary": "not-necessary", "excluded": "excluded"}
    notice = tuple(case.get("notice", ()))
    question = asked(
        rulebook,
        lines,
        words or None,
        claims if words or "claims" in case else None,
        date=on,
        billing=case.get("billing", "private-practice"),
        coverage=Coverage(payer=case.get("payer", "medicare"), secondary=case.get("secondary")),
        expected=tuple(Expected(why[key], tuple(case[key]), "Dr. Lee") for key in why if key in case),
        notices=(Notice("mandatory", on, notice),) if notice else (),
    )
    question = with_attestations(question, *(stale(name) for name in case.get("attested_before", ())))
    return attest(question, *case.get("attested", ()))
