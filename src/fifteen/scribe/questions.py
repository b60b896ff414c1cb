"""What a person is asked: only what the claim or safety needs, and nothing that the words answer."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from fifteen.kernel.finding import Finding
from fifteen.scribe.draft import Draft, DraftService, Fact, Question
from fifteen.scribe.minutes import UNTIMED, Reading, Total

NAMES = {
    "TE": "exercise", "NMR": "balance and movement training", "MT": "manual therapy", "TA": "functional activities",
    "GT": "walking training", "SC": "self-care training", "AQ": "aquatic therapy", "ESA": "attended stimulation",
    "ORTH": "orthotic training", "SI": "sensory integration", "WC": "wheelchair training", "COG": "cognitive training",
    "SPEECH": "speech therapy", "SWALLOW": "swallowing therapy", "US": "ultrasound", "ION": "iontophoresis",
}  # fmt: skip
_UNTIMED_CODES = (*UNTIMED, "SPEECH", "SWALLOW")
_TIMED_MODALITIES = ("US", "ION", "ESA")


def asked(draft: Draft, reading: Reading, totals: Sequence[Total]) -> Draft:
    """The draft with facts, questions and findings: minutes that are missing, and sums that do not agree."""
    conflict = _conflict(draft, reading)
    questions: list[Question] = []
    facts: list[Fact] = []
    for place, one in enumerate(draft.services):
        path = f"services[{place}].minutes"
        missing = one.minutes is None and needs_minutes(one)
        if missing:
            questions.append(Question(id=f"minutes-{place}", path=path, text=f"How many minutes of {_name(one)}?"))
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
    if conflict:
        questions.insert(0, Question(id="total", path="total_timed_minutes", text=conflict))
    findings = list(draft.findings)
    if not draft.services:
        findings.append(
            Finding(
                "scribe.no-treatment", "info", "No treatment of today was read in these words.",
                "Say what was done and for how many minutes, if anything was.", where="text",
            )
        )  # fmt: skip
    return replace(draft, facts=tuple(facts), questions=tuple(questions), findings=tuple(findings))


def needs_minutes(one: DraftService) -> bool:
    """Does this service count time, and was it given by itself?"""
    untimed = one.family in _UNTIMED_CODES and one.family not in _TIMED_MODALITIES
    return not untimed and one.billable and not one.concurrent


def _name(one: DraftService) -> str:
    return NAMES.get(one.family, one.family)


def _conflict(draft: Draft, reading: Reading) -> str | None:
    """The question that a stated total raises which the minutes do not add up to, or two readings that are as good."""
    timed = [one for one in draft.services if needs_minutes(one)]
    if reading.open:
        return "Which number of minutes belongs to which service?"
    total = draft.total_timed_minutes
    if total is None or not timed or any(one.minutes is None for one in timed):
        return None
    summed = sum(one.minutes or 0 for one in timed)
    if summed == total:
        return None
    return f"The services come to {summed} minutes and the note says {total} timed minutes in all; which is right?"
