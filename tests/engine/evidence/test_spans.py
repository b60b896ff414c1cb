"""Half-open spans, against the plain idea of them: a set of seconds."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given as forall
from hypothesis import settings
from hypothesis import strategies as st

from fifteen.engine.evidence.spans import Span, seconds, shared, span, union, without
from tests.engine.evidence.records import at

BEGIN = at("9:00")
spans = st.tuples(st.integers(0, 30), st.integers(0, 30)).map(lambda each: _span(min(each), max(each)))


def _span(first: int, last: int) -> Span:
    return span(BEGIN + timedelta(seconds=first), BEGIN + timedelta(seconds=last))


def _seconds(each: Span) -> set[int]:
    first, last = (int((instant - BEGIN).total_seconds()) for instant in each)
    return set(range(first, last))


@forall(spans, st.lists(spans, max_size=5))
@settings(deadline=None)
def test_what_is_left_is_the_whole_less_what_was_taken(whole: Span, taken: list[Span]) -> None:
    left = without(whole, taken)
    assert sorted(second for each in left for second in _seconds(each)) == sorted(
        _seconds(whole).difference(*map(_seconds, taken))
    )


@forall(spans, spans)
@settings(deadline=None)
def test_what_both_hold(one: Span, other: Span) -> None:
    both = shared(one, other)
    assert (set() if both is None else _seconds(both)) == _seconds(one) & _seconds(other)


@forall(st.lists(spans, max_size=6))
@settings(deadline=None)
def test_covered_seconds_count_once(each: list[Span]) -> None:
    assert union(each) == timedelta(seconds=len(set().union(*map(_seconds, each))))


def test_parts_of_a_second_are_dropped_once_from_the_sum() -> None:
    half = timedelta(milliseconds=500)
    assert seconds([(BEGIN, BEGIN + half), (BEGIN + 2 * half, BEGIN + 3 * half)]) == 1
    assert seconds([(BEGIN, BEGIN + half)]) == 0
