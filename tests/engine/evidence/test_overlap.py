"""One person with two patients at once: every planted overlap is found, and no lawful day raises an alarm."""

from __future__ import annotations

from itertools import combinations

import pytest

from fifteen import AskedWrongly, Interval, check_person_day
from tests.engine.evidence.clinic_days import PLANTS, ClinicDay
from tests.engine.evidence.records import at, given, ids

LAWFUL = 2000
PLANTED = 504


@pytest.mark.parametrize("quarter", range(4))
def test_no_lawful_day_raises_an_alarm(quarter: int) -> None:
    tempting = 0
    for seed in range(quarter * LAWFUL // 4, (quarter + 1) * LAWFUL // 4):
        day = ClinicDay(seed).shuffled()
        assert check_person_day(day).overlaps == (), seed
        tempting += any(_side_by_side(*pair) for pair in combinations(day, 2))
    assert tempting > LAWFUL // 4 * 8 // 10  # most of them have one person's name on two patients at once


def _side_by_side(one: Interval, other: Interval) -> bool:
    if one.start is None or other.start is None or one.stop is None or other.stop is None:
        return False
    apart = one.patient == other.patient or set(one.people).isdisjoint(other.people)
    return not apart and max(one.start, other.start) < min(one.stop, other.stop)


@pytest.mark.parametrize("kind", PLANTS)
def test_every_planted_overlap_is_found_to_the_second(kind: str) -> None:
    for seed in range(PLANTED // len(PLANTS)):
        day = ClinicDay(10_000 + seed)
        planted = day.plant(kind)
        found = check_person_day(day.shuffled())
        assert planted
        assert list(found.overlaps) == planted, seed
        typed = {(each.patient, each.id) for each in day.intervals if each.start is None}
        assert set(found.not_checkable) == typed


@pytest.mark.parametrize(
    ("mode", "session", "found"),
    [
        ("one-on-one", None, True),
        ("together", None, True),
        ("co-treatment", "s", True),
        ("group", "s", True),
        ("supervised", None, False),
        ("unskilled", None, False),
        ("rest", None, False),
    ],
)
def test_what_may_run_beside_one_on_one_time(mode: str, session: str | None, found: bool) -> None:
    one = given("a", clock="9:00-9:20", patient="p-a")
    other = given("b", clock="9:10-9:30", patient="p-b", mode=mode, session=session)
    assert bool(check_person_day([one, other]).overlaps) is found


def test_one_group_is_one_event_and_two_groups_are_two() -> None:
    def group(id_: str, patient: str, session: str | None) -> Interval:
        return given(id_, "97150", "9:00-9:30", mode="group", session=session, patient=patient)

    assert check_person_day([group("a", "p-a", "s"), group("b", "p-b", "s")]).overlaps == ()
    assert len(check_person_day([group("a", "p-a", "s"), group("b", "p-b", "r")]).overlaps) == 1
    assert len(check_person_day([group("a", "p-a", None), group("b", "p-b", None)]).overlaps) == 1


def test_group_and_one_on_one_are_apart_even_for_one_patient() -> None:
    one = given("a", clock="9:00-9:20", patient="p-a")
    group = given("b", "97150", "9:10-9:30", mode="group", session="s", patient="p-a")
    assert [each.seconds for each in check_person_day([one, group]).overlaps] == [600]


def test_touching_ends_and_runs_of_no_length_are_no_overlap() -> None:
    day = [
        given("a", clock="9:00-9:20", patient="p-a"),
        given("b", clock="9:20-9:40", patient="p-b"),
        given("c", clock="9:10-9:10", patient="p-c"),
    ]
    assert check_person_day(day).overlaps == ()


def test_two_people_each_with_a_patient_are_no_overlap() -> None:
    day = [given("a", clock="9:00-9:20", patient="p-a"), given("b", clock="9:00-9:20", by="pt-2", patient="p-b")]
    assert check_person_day(day).overlaps == ()


def test_short_windows_are_reported_unless_asked_otherwise() -> None:
    day = [given("a", clock="9:00-9:20", patient="p-a"), given("b", clock="9:19:30-9:40", patient="p-b")]
    assert [each.seconds for each in check_person_day(day).overlaps] == [30]
    assert len(check_person_day(day, grace_seconds=29).overlaps) == 1
    assert check_person_day(day, grace_seconds=30).overlaps == ()


def test_a_corrected_interval_is_left_aside_and_what_is_wrong_with_corrections_is_said() -> None:
    day = [
        given("a", clock="9:00-9:20", patient="p-a"),
        given("b", clock="9:10-9:40", patient="p-b"),
        given("c", clock="9:20-9:40", patient="p-b", amends="b"),
    ]
    checked = check_person_day(day)
    assert checked.overlaps == ()
    assert ids(checked.findings) == ["amendment.no-reason"]


def test_time_still_open_and_time_without_a_clock_cannot_be_checked() -> None:
    day = [
        given("b", minutes=12, patient="p-b"),
        given("a", clock="9:00-", patient="p-a"),
        given("c", clock="9:00-9:20", patient="p-c", by="pt-2"),
    ]
    checked = check_person_day(day)
    assert (checked.overlaps, checked.not_checkable) == ((), (("p-a", "a"), ("p-b", "b")))


def test_overlaps_come_in_order_of_time_each_with_three_ways_out() -> None:
    day = [
        given("d", clock="10:10-10:30", patient="p-b"),
        given("c", clock="10:00-10:20", patient="p-a"),
        given("b", clock="9:10-9:30", by="pt-2", patient="p-b"),
        given("a", clock="9:00-9:20", by="pt-2", patient="p-a"),
    ]
    overlaps = check_person_day(day).overlaps
    assert [(each.start, each.stop, each.intervals) for each in overlaps] == [
        (at("9:10"), at("9:20"), ("a", "b")), (at("10:10"), at("10:20"), ("c", "d")),
    ]  # fmt: skip
    for each in overlaps:
        assert len(each.ways_out) == 3
        assert not any(word in way for way in each.ways_out for word in ("unit", "$", "pay"))


def test_an_overlap_across_a_change_of_daylight_saving_time() -> None:
    spring, autumn = at("1:00").replace(2026, 3, 8).date(), at("1:00").replace(2026, 11, 1).date()
    day = [
        given("a", patient="p-a", start=at("1:50", on=spring), stop=at("3:10", "-04:00", spring)),
        given("b", patient="p-b", start=at("3:05", "-04:00", spring), stop=at("3:30", "-04:00", spring)),
        given("c", patient="p-a", start=at("1:50", "-04:00", autumn), stop=at("1:10", "-05:00", autumn)),
        given("d", patient="p-b", start=at("1:08", "-05:00", autumn), stop=at("1:30", "-05:00", autumn)),
    ]
    assert [(each.intervals, each.seconds) for each in check_person_day(day).overlaps] == [
        (("a", "b"), 300), (("c", "d"), 120),
    ]  # fmt: skip


def test_another_patient_s_correction_does_not_touch_an_interval_of_the_same_id() -> None:
    day = [
        given("i1", clock="9:00-9:20", patient="p-a"),
        given("i1", clock="8:00-8:20", patient="p-b"),
        given("i2", clock="9:10-9:40", patient="p-b", amends="i1", reason="wrong hour"),
    ]
    assert len(check_person_day(day).overlaps) == 1


def test_an_interval_that_names_no_patient_is_refused() -> None:
    with pytest.raises(AskedWrongly, match="interval 'a' names no patient"):
        check_person_day([given("a", clock="9:00-9:20")])


def test_half_a_second_is_an_overlap_too() -> None:
    day = [given("a", clock="9:00-9:20:00.500", patient="p-a"), given("b", clock="9:20-9:40", patient="p-b")]
    assert len(check_person_day(day).overlaps) == 1


def test_a_person_named_twice_in_one_interval_is_one_person() -> None:
    day = [given("a", clock="9:00-9:20", by="pt-1 pt-1", patient="p-a"), given("b", clock="9:10-9:40", patient="p-b")]
    assert len(check_person_day(day).overlaps) == 1


def test_an_interval_that_stops_before_it_starts_cannot_be_checked() -> None:
    assert check_person_day([given("a", clock="9:20-9:00", patient="p-a")]).not_checkable == (("p-a", "a"),)


def test_an_instant_without_offset_is_refused() -> None:
    with pytest.raises(AskedWrongly, match="offset"):
        check_person_day([given("a", start=at("9:00").replace(tzinfo=None), stop=at("9:20"), patient="p-a")])
