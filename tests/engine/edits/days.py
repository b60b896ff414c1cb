"""Days written in a line: `PT 97530 09:00-09:20`, `97750 20`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from fifteen import assess
from fifteen.engine.assess import DayAnswer
from fifteen.engine.day import Attestation, Day, Interval, Visit
from fifteen.rulebook import Rulebook
from tests.engine.evidence.records import PEOPLE

TODAY = date(2026, 11, 25)
ZONE = ZoneInfo("America/New_York")
WHO = {"PT": "pt-1", "OT": "ot-1", "SLP": "slp-1"}
_FORM = re.compile(r"(?:(PT|OT|SLP) )?(\w{5}) (?:(\d\d:\d\d)-(\d\d:\d\d)|(\d+))")


def day_with(services: Sequence[str], on: date = TODAY, **more: Any) -> Day:
    """A day of these services; each discipline is a visit."""
    visits: dict[str, list[Interval]] = {}
    for place, text in enumerate(services):
        form = _FORM.fullmatch(text)
        assert form is not None, text
        discipline, code, start, stop, minutes = form.groups(default="")
        times: dict[str, Any] = {"minutes": int(minutes), "origin": "typed"} if minutes else {}
        if start:
            times = {
                name: datetime.fromisoformat(f"{on} {clock}").replace(tzinfo=ZONE)
                for name, clock in (("start", start), ("stop", stop))
            }
        plan = discipline or "PT"
        each = Interval(id=f"i{place}", people=(WHO[plan],), service=code, **times)
        visits.setdefault(plan, []).append(each)
    made: tuple[Visit, ...] = tuple(
        Visit(id=plan, discipline=plan, intervals=tuple(each))  # type: ignore[arg-type]
        for plan, each in visits.items()
    )
    return Day(**{"patient": "p-a", "date": on, "people": PEOPLE, "visits": made, **more})


def attested(day: Day, rulebook: Rulebook, kind: str = "59", ground: str = "", by: str = "R. Diaz") -> Day:
    """The day with every attestation given that is asked for, on the evidence as it is shown."""
    asked = assess(day, rulebook).attestations
    made = [attestation(each.line, each.evidence_hash, kind, ground, by) for each in asked]
    return replace(day, attestations=(*day.attestations, *made))


def attestation(line: str, evidence: str, kind: str = "59", ground: str = "", by: str = "R. Diaz") -> Attestation:
    at = datetime(2026, 11, 25, 18, 0, tzinfo=UTC)
    return Attestation(kind=kind, line=line, by=by, at=at, evidence=evidence, ground=ground)  # type: ignore[arg-type]


def waiting(answer: DayAnswer) -> list[str]:
    return sorted({f"{line.discipline} {line.code}" for line in answer.lines if line.held})


def pair_ids(answer: DayAnswer) -> list[str]:
    """What is said of pairs and of attestations; other rooms may say more."""
    return [each.id for each in answer.edits if each.id.split(".")[0] in ("pairs", "attestation")]
