"""What must hold of KX on every day: nobody but a person gives it, and more never takes a question away."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from fifteen.engine.claim_lines import DayAsked
from fifteen.engine.day import Counted, Coverage, Expected, Notice
from fifteen.engine.modifiers.threshold import threshold
from fifteen.rulebook import load_rulebook

from .thresholds import asked, claim, line, marked, said, stale, with_attestations

BOOK = load_rulebook()
NEAR = st.one_of(st.integers(0, 400_000), st.integers(247_000, 249_000))
CENTS = st.one_of(st.none(), st.integers(0, 9000))
NAMES = st.sampled_from(["PT 97110", "PT 97140", "SLP 92507", "OT 97530", "OT 97110", "PT 97545"])
LINES = st.lists(st.tuples(NAMES, CENTS), max_size=6)
BUCKETS: Any = st.sampled_from(["pt_slp", "ot"])
CLAIMS = st.lists(
    st.builds(
        claim, NEAR, st.dates(date(2026, 1, 1), date(2026, 6, 30)), st.dates(date(2025, 12, 1), date(2026, 5, 4)),
        BUCKETS, st.booleans(),
    ),
    max_size=5,
)  # fmt: skip
WORDS = st.lists(st.builds(said, NEAR, BUCKETS, st.dates(date(2026, 1, 1), date(2026, 5, 4))), max_size=3)
BILLING = st.sampled_from(["private-practice", "facility"])
PAYER = st.sampled_from(["medicare", "medicare", "aetna"])


@st.composite
def days(draw: st.DrawFn) -> DayAsked:
    codes = tuple(draw(st.sets(st.sampled_from(["97110", "97140"]), max_size=2)))
    return asked(
        BOOK,
        draw(LINES),
        draw(st.none() | WORDS),
        draw(st.none() | CLAIMS),
        billing=draw(BILLING),
        coverage=Coverage(payer=draw(PAYER)),
        expected=(Expected(draw(st.sampled_from(["not-necessary", "excluded"])), codes, "x"),) if codes else (),
        notices=draw(st.sampled_from([(), (Notice("mandatory", date(2026, 5, 1), ("97110",)),)])),
        locality=draw(st.sampled_from(["15202-00", None])),
    )


def questions(question: DayAsked) -> Counter[str]:
    return Counter(each.line for each in threshold(question).asked)


def found(question: DayAsked) -> Counter[tuple[str, str]]:
    return Counter((each.id, each.where) for each in threshold(question).findings)


@given(days())
def test_nothing_carries_kx_that_nobody_attested(question: DayAsked) -> None:
    answer = threshold(question)
    assert answer.modifiers == []
    assert all(each.given_by is None for each in answer.asked)
    names = [each.line for each in answer.asked]
    wrong = with_attestations(question, *(stale(name) for name in {*names, "PT 97110", "PT"}))
    assert threshold(wrong).modifiers == []


@given(days())
def test_kx_stands_where_it_was_asked_and_attested_and_nowhere_else(question: DayAsked) -> None:
    answer = threshold(question)
    given_ = [replace(stale(each.line), evidence=each.evidence_hash) for each in answer.asked]
    after = threshold(with_attestations(question, *given_))
    assert after.held == []
    assert {each.given_by for each in after.asked} <= {"Dr. Lee"}
    open_ = "threshold.kx-open"
    assert open_ not in {each.id for each in after.findings}
    refused = {code for each in question.day.expected for code in each.codes}
    for each in after.modifiers:
        assert question.lines[each.line].line.code not in refused
    assert sorted({each.line for each in answer.held}) <= sorted({each.line for each in after.modifiers})
    half = threshold(with_attestations(question, *given_[:1]))
    assert len(half.modifiers) <= len(after.modifiers)


@given(days(), st.randoms(use_true_random=False))
def test_the_order_in_which_claims_are_told_is_nothing(question: DayAsked, random: Any) -> None:
    told = list(question.context.counted or ())
    random.shuffle(told)
    words = list(question.context.accrued or ())
    random.shuffle(words)
    context = replace(
        question.context,
        counted=None if question.context.counted is None else tuple(told),
        accrued=None if question.context.accrued is None else tuple(words),
    )
    assert threshold(replace(question, context=context)) == threshold(question)


@given(days(), st.tuples(NAMES, CENTS), st.data())
def test_one_service_more_takes_no_question_and_no_finding_away(
    question: DayAsked, more: tuple[str, int | None], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(question.lines)))
    lines, allowed = list(question.lines), list(question.allowed)
    lines.insert(place, line(more[0]))
    allowed.insert(place, more[1])
    richer = replace(question, lines=tuple(lines), allowed=tuple(allowed))
    assert questions(question).keys() <= questions(richer).keys()
    assert found(question).keys() <= found(richer).keys()


@given(days(), st.tuples(st.sampled_from(["OT 97530", "OT 97535"]), CENTS))
def test_a_service_of_another_threshold_moves_nothing_of_this_one(
    question: DayAsked, more: tuple[str, int | None]
) -> None:
    apart = [place for place, each in enumerate(question.lines) if each.discipline != "OT"]
    alone = replace(
        question,
        lines=tuple(question.lines[place] for place in apart),
        allowed=tuple(question.allowed[place] for place in apart),
    )
    beside = replace(alone, lines=(line(more[0]), *alone.lines), allowed=(more[1], *alone.allowed))
    ours = [each for each in threshold(beside).asked if not each.line.startswith("OT")]
    assert ours == threshold(alone).asked


@given(days(), st.integers(1, 100_000))
def test_more_used_takes_no_question_away(question: DayAsked, cents: int) -> None:
    words = question.context.accrued
    if words:
        raised = tuple(replace(each, cents=each.cents + cents) for each in words)
        more = replace(question, context=replace(question.context, accrued=raised))
        assert questions(question) <= questions(more)
    if question.context.counted is not None:
        for bucket in ("pt_slp", "ot"):
            extra = Counted(received=date(2026, 6, 30), on=date(2026, 5, 3), bucket=bucket, cents=cents)
            told = replace(question.context, counted=(*question.context.counted, extra))
            assert questions(question) <= questions(replace(question, context=told))


@settings(max_examples=40)
@given(days(), st.integers(0, 4000))
def test_no_question_outside_the_years_that_are_known(question: DayAsked, days_: int) -> None:
    later = replace(question, day=replace(question.day, date=date(2027, 1, 1) + timedelta(days=days_)))
    answer = threshold(later)
    assert (answer.asked, answer.held, answer.modifiers) == ([], [], [])
    assert marked(later, answer) == []
