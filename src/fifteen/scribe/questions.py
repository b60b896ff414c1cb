"""What a person is asked: only what the claim or safety needs, and nothing that the words answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from msgspec.structs import replace

from fifteen.kernel.finding import Finding
from fifteen.rulebook import Rulebook
from fifteen.scribe.draft import Draft, DraftService, Fact, Question
from fifteen.scribe.families import FAMILY_NAMES, counts_time
from fifteen.scribe.minutes import Total
from fifteen.scribe.pairing import Reading


def asked(draft: Draft, reading: Reading, totals: Sequence[Total], rulebook: Rulebook, on: date) -> Draft:
    """The draft with facts, questions and findings: minutes that are missing, and sums that do not agree."""
    timed = [needs_minutes(one, rulebook, on) for one in draft.services]
    conflict = _conflict(draft, reading, [one for one, counts in zip(draft.services, timed, strict=True) if counts])
    questions: list[Question] = []
    facts: list[Fact] = []
    for place, one in enumerate(draft.services):
        path = f"services[{place}].minutes"
        missing = one.minutes is None and timed[place]
        if missing:
            questions.append(
                Question(id=f"minutes-{place}", path=path, text=f"How many minutes of {FAMILY_NAMES[one.family]}?")
            )
        status = "missing" if missing else "conflict" if conflict and one.minutes is not None else "accepted"
        if missing or one.minutes is not None:
            facts.append(
                Fact(path=path, value=one.minutes, status=status, source=one.minutes_source,  # type: ignore[arg-type]
                     question=f"minutes-{place}" if missing else "total" if status == "conflict" else None)
            )  # fmt: skip
        for number, each in enumerate(one.exercises):
            facts.append(
                Fact(path=f"services[{place}].exercises[{number}].name", value=each.name, source=each.source,
                     status="accepted" if each.known else "proposed")
            )  # fmt: skip
    for place, given in enumerate(draft.doubtful):
        path, name = f"doubtful[{place}].minutes", FAMILY_NAMES[given.family]
        text = f"The words name {given.minutes} minutes of {name}; were they given in this visit?"
        questions.append(Question(id=f"given-{place}", path=path, text=text, choices=("given", "not given")))
        facts.append(
            Fact(path=path, value=given.minutes, status="proposed", source=given.minutes_source,
                 question=f"given-{place}")
        )  # fmt: skip
    if conflict:
        questions.insert(0, Question(id="total", path="total_timed_minutes", text=conflict))
    findings = list(draft.findings)
    if not draft.services and not draft.doubtful:
        findings.append(
            Finding(
                "scribe.no-treatment", "info", "No treatment of today was read in these words.",
                "Say what was done and for how many minutes, if anything was.", where="text",
            )
        )  # fmt: skip
    return replace(draft, facts=tuple(facts), questions=tuple(questions), findings=tuple(findings))


def needs_minutes(one: DraftService, rulebook: Rulebook, on: date) -> bool:
    """Does this service count time, and was it given by itself?"""
    return one.billable and not one.concurrent and counts_time(one.family, one.code, rulebook, on)


def _conflict(draft: Draft, reading: Reading, timed: Sequence[DraftService]) -> str | None:
    """The question that a stated total raises which the minutes do not add up to, or two readings that are as good."""
    if reading.open:
        return "Which number of minutes belongs to which service?"
    total = draft.total_timed_minutes
    if total is None or not timed or any(one.minutes is None for one in timed):
        return None
    summed = sum(one.minutes or 0 for one in timed)
    if summed == total:
        return None
    return f"The services come to {summed} minutes and the note says {total} timed minutes in all; which is right?"
