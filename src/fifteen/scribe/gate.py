"""The grounding gate: nothing passes that does not stand in the text, whoever proposed it."""

from __future__ import annotations

from msgspec.structs import replace

from fifteen.scribe.clock import between, clocks
from fifteen.scribe.draft import Draft, DraftService
from fifteen.scribe.tokens import tokens


def gated(draft: Draft) -> Draft:
    """The draft without services, minutes and exercises whose words are not in its text."""
    return replace(
        draft,
        services=tuple(each for one in draft.services if (each := _service(one, draft.text)) is not None),
        doubtful=tuple(each for each in draft.doubtful if _said(each.minutes, each.minutes_source, draft.text)),
    )


def _service(one: DraftService, text: str) -> DraftService | None:
    if not _stands(one.source, text):
        return None
    minutes = one.minutes if one.minutes is not None and _said(one.minutes, one.minutes_source, text) else None
    kept = tuple(each for each in one.exercises if _stands(each.source, text))
    return replace(
        one, minutes=minutes, minutes_source=one.minutes_source if minutes is not None else None, exercises=kept
    )


def _stands(span: tuple[int, int], text: str) -> bool:
    return 0 <= span[0] < span[1] <= len(text) and bool(text[slice(*span)].strip())


def _said(minutes: int, span: tuple[int, int] | None, text: str) -> bool:
    """Is the number itself in the words it is said to come from, or the time between two clock times there?"""
    if span is None or not _stands(span, text):
        return False
    found = tokens(text[slice(*span)])
    times = clocks(found, [each.value for each in found])
    if len(times) > 1:
        return minutes in (between(times[0], times[-1]), between(times[-1], times[0]))
    return any(each.kind == "number" and each.value == minutes for each in found)
