"""An answer from its stored inputs alone: the engine's, and what is said beside it.

What rows hold and no `Day` can, and how sums came about. This file counts as part of the engine: see `engine_version`.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from fifteen.engine.assess import DayAnswer, assess
from fifteen.engine.day import Context, Day
from fifteen.kernel.finding import Finding
from fifteen.rulebook import Rulebook


class Inputs(msgspec.Struct, frozen=True, kw_only=True):
    """What an answer rests on. `day` None: there is no visit. `said` is what rows hold and a `Day` cannot.

    `unpriced`: how many earlier days of the year have no price, so that `counted` lacks them.
    """

    day: Day | None
    context: Context
    said: tuple[Finding, ...] = ()
    unpriced: int = 0


def answer_to(inputs: Inputs, book: Rulebook) -> DayAnswer:
    """The engine's answer, with what the rows said beside the day; raises as `assess`."""
    if inputs.day is None:
        raise ValueError("there is no day to be assessed")
    found = assess(inputs.day, book, inputs.context)
    counted = len({each.on for each in inputs.context.counted or ()})
    sums = estimate(counted, inputs.unpriced) if found.thresholds else []
    return replace(found, findings=[*found.findings, *inputs.said, *sums])


def secondary_unknown() -> Finding:
    return Finding(
        "chart.secondary-unknown", "info",
        "Not checked: how the second payer of this day counts; its rules are not known here.",
        "Choose its policy on the payer's page.", where="coverage",
    )  # fmt: skip


def two_localities() -> Finding:
    return Finding(
        "chart.two-localities", "info",
        "Not checked: the price; the visits of this day were at sites in different localities.",
        "Price each site's lines by themselves.", where="locality",
    )  # fmt: skip


def note_of_no_discipline() -> Finding:
    return _note_left_out("A note of this day says of no discipline that it is of, and was not checked.")


def draft_unread(names: Iterable[str]) -> Finding:
    return _note_left_out(f"A draft of this day holds what cannot be read: {', '.join(sorted(names))}.")


def notes_unread(error: Exception) -> Finding:
    return _note_left_out(f"The notes of this day were not checked: {error}")


def _note_left_out(message: str) -> Finding:
    return Finding("chart.note-unread", "info", message, "Look at the note.", where="notes")


def estimate(counted: int, unpriced: int) -> list[Finding]:
    """How the sum toward a threshold came about, where days count that no claim was sent for, or have no price."""
    found = []
    if counted:
        found.append(
            Finding(
                "chart.counted-estimated", "info",
                f"An estimate: the earlier days of this year, {counted} so far, count toward the threshold as if their "
                "claims had been received, at their price here.",
                "Enter what the payer says is used when you ask it.", where="thresholds",
            )
        )  # fmt: skip
    if unpriced:
        found.append(
            Finding(
                "chart.days-unpriced", "info",
                f"Not checked: earlier days of this year that have no price here, {unpriced} so far; the sum lacks "
                "them.",
                "Give the sites their locality and the patient a payer, and settle ties.", where="thresholds",
            )
        )  # fmt: skip
    return found
