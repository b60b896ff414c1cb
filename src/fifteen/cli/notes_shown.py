"""How a note is named on a page, and the findings of several notes under their names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fifteen.engine.documentation.answer import NoteAnswer
    from fifteen.kernel.finding import Finding


def name_of(answer: NoteAnswer) -> str:
    """The heading of a note: `Treatment of 2026-03-02, PT, visit am`."""
    kind = answer.kind.replace("-", " ")
    visit = "" if answer.visit is None else f", visit {answer.visit}"
    return f"{kind[0].upper()}{kind[1:]} of {answer.on}, {answer.discipline}{visit}"


def by_note(notes: Sequence[NoteAnswer], findings: Sequence[Finding]) -> list[tuple[str, list[Finding]]]:
    """`findings` of a day as a page shows them: one note's without a heading, several notes' each under its own."""
    if len(notes) < 2:
        return [("", list(findings))]
    own = [(name_of(each), each.findings) for each in notes]
    told = [found for _, each in own for found in each]
    return [("", [each for each in findings if each not in told]), *own]
