"""What holds for every day of treatment, whatever its minutes."""

from __future__ import annotations

from datetime import date
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fifteen import count_units, load_rulebook
from fifteen.engine.units.allocate import by_total
from tests.oracles.units_by_enumeration import allowed_midpoint, allowed_total
from tests.tiers import examples

DAY = date(2026, 3, 2)
RULEBOOK = load_rulebook()
TIMED = sorted(
    each.code
    for each in RULEBOOK.services(DAY)
    if each.pooled and RULEBOOK.kin(each.code, DAY) == (each, None) and each.continues is None
)
ANY = sorted(each.code for each in RULEBOOK.services(DAY))

days = st.dictionaries(st.sampled_from(TIMED), st.integers(0, 75), min_size=1, max_size=5)
whole_days = st.dictionaries(st.sampled_from(ANY), st.integers(0, 200), min_size=1, max_size=8)
methods = st.sampled_from(["total", "midpoint"])


def counted(minutes: dict[str, int], method: str = "total"):  # type: ignore[no-untyped-def]
    return count_units(minutes, RULEBOOK, on=DAY, payer=None, method=method)


@given(days)
@settings(max_examples=examples(300))
def test_all_answers_are_those_of_an_enumeration_written_apart(minutes: dict[str, int]) -> None:
    answer = counted(minutes)
    assert {tuple(sorted(each.items())) for each in answer.allocations} == allowed_total(minutes)
    midpoint = counted(minutes, "midpoint")
    assert {tuple(sorted(each.items())) for each in midpoint.allocations} == allowed_midpoint(minutes)


@given(whole_days, methods, st.randoms(use_true_random=False))
def test_the_order_of_services_changes_nothing(minutes, method, random) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(minutes.items())
    random.shuffle(shuffled)
    one, other = counted(minutes, method), counted(dict(shuffled), method)
    assert one.allocations == other.allocations
    assert one.suggested == other.suggested
    assert sorted(map(repr, one.lines)) == sorted(map(repr, other.lines))
    assert sorted(map(repr, one.explain)) == sorted(map(repr, other.explain))


@given(whole_days, st.data(), methods)
def test_a_minute_more_never_takes_a_unit_from_its_own_service_nor_from_the_day(minutes, data, method) -> None:  # type: ignore[no-untyped-def]
    code = data.draw(st.sampled_from(sorted(minutes)))
    before, after = counted(minutes, method), counted({**minutes, code: minutes[code] + 1}, method)
    assert after.timed_units >= before.timed_units
    family = {code, *(each.code for each in RULEBOOK.kin(code, DAY) if each is not None)}
    assert sum(after.suggested.get(each, 0) for each in family) >= sum(before.suggested.get(each, 0) for each in family)


@given(whole_days, methods)
def test_minutes_are_conserved(minutes: dict[str, int], method: str) -> None:
    answer = counted(minutes, method)
    assert sum(each.minutes for each in (*answer.lines, *answer.documented)) == sum(minutes.values())
    earned: dict[str, int] = {}
    for reason in answer.explain:
        earned[reason.code] = earned.get(reason.code, 0) + reason.minutes
    lines = {line.code: line.minutes for line in answer.lines}
    assert all(earned[code] <= lines[code] for code in earned)


@given(whole_days, methods)
def test_each_billed_unit_has_one_reason_and_no_timed_unit_is_without_minutes(minutes, method) -> None:  # type: ignore[no-untyped-def]
    answer = counted(minutes, method)
    units = [(line.code, number) for line in answer.lines for number in range(1, line.units + 1)]
    assert sorted((each.code, each.unit) for each in answer.explain) == sorted(units)
    for each in answer.explain:
        service = RULEBOOK.service(each.code, DAY)
        assert service is not None
        assert each.minutes > 0 or service.unit_minutes is None


@given(days)
def test_the_day_s_total_alone_decides_how_many_timed_units_there_are(minutes: dict[str, int]) -> None:
    answer = counted(minutes)
    joined = counted({"97110": sum(minutes.values())})
    assert answer.timed_units == joined.timed_units
    assert all(sum(each.values()) == answer.timed_units for each in answer.allocations)


@given(days)
def test_what_would_change_is_true(minutes: dict[str, int]) -> None:
    """At the minutes named the unit is no longer in every answer; at one minute more it still is."""
    answer = counted(minutes)
    for reason in answer.explain:
        words = reason.would_change.split()
        if words[0] != "at":
            assert reason.code in answer.tied.codes
            continue
        at = int(words[1])

        def certain(each: int, code: str = reason.code, unit: int = reason.unit) -> bool:
            return all(one[code] >= unit for one in counted({**minutes, code: each}).allocations)

        assert not certain(at)
        assert certain(at + 1)


@given(st.dictionaries(st.sampled_from(TIMED), st.just(7), min_size=14, max_size=14))
@settings(max_examples=3)
def test_fourteen_services_of_seven_minutes_are_answered_without_listing_them_all(minutes: dict[str, int]) -> None:
    answer = counted(minutes)
    assert answer.timed_units == 7
    assert answer.allocations_count == comb(14, 7)
    assert len(answer.allocations) == 64
    assert answer.allocations[0] == answer.suggested
    assert sum(line.units for line in answer.lines) == 7


@pytest.mark.parametrize("total", range(240))
def test_one_service_alone_follows_the_table_of_minutes(total: int) -> None:
    units = by_total([total], 15, 8).fixed[0]
    assert units == (0 if total < 8 else (total - 8) // 15 + 1)
