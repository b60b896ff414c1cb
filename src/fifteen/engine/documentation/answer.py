"""The records of an answer: what `check_note` returns and `fifteen note check --json` prints.

They are about a note and never become part of it.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

from fifteen.engine.documentation.note import Kind
from fifteen.engine.people import Discipline
from fifteen.kernel.finding import Finding, Severity, Status

Requirement = Literal["required", "advisable", "not-asked"]


class Words(msgspec.Struct, frozen=True, gc=False):
    """Words of a note: in which field, and from where to where in it; no span where they are the whole field."""

    text: str
    where: str
    start: int | None = None
    end: int | None = None


class ElementAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An element of a note: who asks for it, whether it is there, and the words that show it.

    `not-asked`: a law that this payer was not found to follow asks for it. `fix` says what to write, never the words.
    """

    id: str
    title: str
    kind: Kind
    requirement: Requirement
    asked_by: str
    satisfied: bool
    words: str
    where: str
    span: tuple[int, int] | None
    cite: str
    since: date
    status: Status
    severity: Severity
    fix: str


class Unread(msgspec.Struct, frozen=True):
    """A stretch of free prose in which nothing was read."""

    text: str
    span: tuple[int, int]


class NoteAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A note checked: its elements, findings counted by severity, and what of its prose could not be read.

    `timed_minutes` and `total_minutes` are those the note itself states, in a field or in its prose.
    """

    rulebook: str
    on: date
    kind: Kind
    discipline: Discipline
    visit: str | None
    payer: str
    timed_minutes: int | None
    total_minutes: int | None
    services: tuple[str, ...]
    elements: list[ElementAnswer]
    findings: list[Finding]
    counts: dict[Severity, int]
    unread: list[Unread]
