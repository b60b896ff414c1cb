"""Intervals to minutes: what counts, for whom, how often, and what is said of the rest."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given as forall
from hypothesis import settings
from hypothesis import strategies as st

from fifteen import AskedWrongly, Interval, assess, load_rulebook
from fifteen.engine.day import Day, Mode, Visit
from fifteen.engine.evidence import DayMinutes, minutes_of
from fifteen.engine.evidence.spans import span, union
from fifteen.rulebook import Rulebook
from tests.engine.evidence.records import DAY, at, by_service, day_of, given, ids, only, visits_of
from tests.tiers import examples

RULEBOOK = load_rulebook()


def reckoned(*intervals: Interval, **more: Any) -> DayMinutes:
    return minutes_of(day_of(*intervals, **more), RULEBOOK)


def counted(*intervals: Interval, **more: Any) -> dict[str, tuple[int, int]]:
    return by_service(reckoned(*intervals, **more))


# -- seconds to minutes ------------------------------------------------------------------------------------------------


def test_seconds_are_summed_and_floored_once_by_service() -> None:
    pieces = [given(str(hour), clock=f"{hour}:00-{hour}:07:30") for hour in (8, 9, 10)]
    assert counted(*pieces) == {"PT 97110": (22, 0)}  # 22:30, not three times 7


def test_services_are_floored_apart_and_the_timed_total_is_their_sum() -> None:
    answer = reckoned(given("a", clock="9:00-9:07:59"), given("b", "97140", "9:10-9:17:59"))
    assert by_service(answer) == {"PT 97110": (7, 0), "PT 97140": (7, 0)}
    assert (answer.disciplines[0].timed_minutes, answer.disciplines[0].total_minutes) == (14, 14)


@pytest.mark.parametrize(
    ("therapist", "assistant", "minutes"),
    [
        ("9:13:30", "10:00:45", (13, 1)),  # 14:15 in all
        ("9:13:59", "10:00:00", (13, 0)),
        ("9:13:00", "10:01:00", (13, 1)),
        ("9:00:59", "10:01:00", (0, 1)),
        ("9:00:30", "10:00:29", (0, 0)),
    ],
)
def test_the_therapist_s_minutes_are_floored_and_the_rest_is_the_assistant_s(
    therapist: str, assistant: str, minutes: tuple[int, int]
) -> None:
    day = (given("a", clock=f"9:00-{therapist}"), given("b", clock=f"10:00-{assistant}", by="pta-1"))
    assert counted(*day) == {"PT 97110": minutes}


@forall(st.integers(0, 7200), st.integers(0, 7200))
@settings(deadline=None)
def test_rounding_adds_no_minute_and_takes_no_assistant_minute_away(therapist: int, assistant: int) -> None:
    start = at("8:00")
    day = (
        given("a", start=start, stop=start + timedelta(seconds=therapist)),
        given("b", by="pta-1", start=at("12:00"), stop=at("12:00") + timedelta(seconds=assistant)),
    )
    own, given_ = counted(*day)["PT 97110"]
    assert own + given_ == (therapist + assistant) // 60
    assert own * 60 <= therapist
    assert given_ >= assistant // 60


def test_the_convention_is_shown_in_the_trace(rulebook: Rulebook) -> None:
    (step,) = minutes_of(day_of(given("a", minutes=8)), rulebook).explain
    assert (step.rule, step.status) == ("fifteen.seconds_to_minutes", "local")
    assert "floored" in step.because


def test_notable_episodes_add_up() -> None:
    answer = reckoned(given("a", clock="9:00-9:08"), given("b", "97140", "9:08-9:20"), given("c", clock="9:40-9:50"))
    assert by_service(answer) == {"PT 97110": (18, 0), "PT 97140": (12, 0)}
    assert answer.disciplines[0].services[0].intervals == ("a", "c")


def test_services_come_in_the_order_they_were_recorded() -> None:
    answer = reckoned(given("b", "97140", "9:20-9:30"), given("a", clock="9:00-9:20"))
    assert list(by_service(answer)) == ["PT 97140", "PT 97110"]


# -- by whom -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("by", "minutes"),
    [
        ("pt-1", (20, 0)),
        ("pta-1", (0, 20)),
        ("pta-1 pt-1", (20, 0)),
        ("pt-1 student-1", (20, 0)),
        ("pta-1 aide-1", (0, 20)),
    ],
)
def test_time_of_several_people_is_the_therapist_s_before_the_assistant_s(by: str, minutes: tuple[int, int]) -> None:
    assert counted(given("a", clock="9:00-9:20", by=by, mode="together")) == {"PT 97110": minutes}


def test_one_service_tapped_by_both_is_counted_once_as_the_therapist_s() -> None:
    answer = reckoned(given("b", clock="9:00-9:25", by="pta-1"), given("a", clock="9:05-9:25"))
    assert by_service(answer) == {"PT 97110": (20, 5)}
    said = only(answer.findings, "evidence.given-together")
    assert said.severity == "info"
    assert "97110 (b) and a were given together from 09:05 to 09:25: counted once" in said.message


@pytest.mark.parametrize(
    ("by", "id_", "said"),
    [
        ("aide-1", "evidence.given-by-aide", "an aide alone"),
        ("student-1", "evidence.given-by-student", "a student alone"),
        ("student-1 aide-1", "evidence.given-by-student", "a student alone"),
    ],
)
def test_time_of_an_aide_or_a_student_alone_does_not_count(by: str, id_: str, said: str) -> None:
    answer = reckoned(given("a", clock="9:00-9:20", by=by))
    assert answer.disciplines == ()
    assert [(each.interval, said in each.why) for each in answer.uncounted] == [("a", True)]
    assert only(answer.findings, id_).cite


@pytest.mark.parametrize("mode", ["rest", "unskilled"])
def test_rest_and_unskilled_time_do_not_count_and_need_no_warning(mode: str) -> None:
    answer = reckoned(given("a", None, "9:00-9:20", mode=mode))
    assert answer.disciplines == ()
    assert [(each.interval, each.why) for each in answer.uncounted] == [("a", f"{mode} time is not treatment")]
    assert answer.findings == ()


# -- whose second it is ------------------------------------------------------------------------------------------------


def test_a_second_claimed_by_two_services_counts_once_and_it_is_said() -> None:
    answer = reckoned(given("a", clock="9:00-9:20"), given("b", "97140", "9:10:30-9:30"))
    assert by_service(answer) == {"PT 97110": (20, 0), "PT 97140": (10, 0)}
    said = only(answer.findings, "evidence.same-patient-overlap")
    assert (said.severity, said.where) == ("warn", "b")
    assert "97140 (b) and 97110 (a) share the patient's time, 09:10:30 to 09:20: counted once, as 97110" in said.message


def test_one_person_s_same_service_tapped_twice_is_an_overlap_and_not_time_given_together() -> None:
    answer = reckoned(given("a", clock="9:00-9:20"), given("b", clock="9:10-9:30"))
    assert by_service(answer) == {"PT 97110": (30, 0)}
    assert ids(answer.findings) == ["evidence.same-patient-overlap"]


def test_the_therapist_s_claim_to_a_second_comes_before_the_assistant_s() -> None:
    answer = reckoned(given("a", clock="9:00-9:20", by="pta-1"), given("b", "97140", "9:10-9:30"))
    assert by_service(answer) == {"PT 97110": (0, 10), "PT 97140": (20, 0)}


def test_two_disciplines_at_once_without_co_treatment_count_once() -> None:
    day = visits_of([given("a", "97530", "9:00-9:20")], [given("b", "97535", "9:10-9:30", "ot-1")])
    answer = minutes_of(day, RULEBOOK)
    assert by_service(answer) == {"PT 97530": (20, 0), "OT 97535": (10, 0)}
    assert "co-treatment" in only(answer.findings, "evidence.same-patient-overlap").fix


def test_a_supervised_modality_beside_attended_time_keeps_its_minutes_and_does_not_add_to_the_day() -> None:
    answer = reckoned(given("a", "97014", "9:00-9:20", mode="supervised"), given("b", clock="9:05-9:25"))
    assert by_service(answer) == {"PT 97014": (20, 0), "PT 97110": (20, 0)}
    assert (answer.disciplines[0].timed_minutes, answer.disciplines[0].total_minutes) == (20, 25)
    assert answer.findings == ()


def test_two_modalities_at_once_add_to_the_day_once() -> None:
    answer = reckoned(
        given("a", "97014", "9:00-9:20", mode="supervised"), given("b", "97010", "9:10-9:25", mode="supervised")
    )
    assert by_service(answer) == {"PT 97014": (20, 0), "PT 97010": (15, 0)}
    assert answer.disciplines[0].total_minutes == 25


@pytest.mark.parametrize(
    ("mode", "id_"),
    [("group", "evidence.group-under-direct-code"), ("supervised", "evidence.supervised-under-direct-code")],
)
def test_a_timed_code_needs_one_patient_s_direct_contact(mode: str, id_: str) -> None:
    answer = reckoned(given("a", clock="9:00-9:20", mode=mode), given("b", minutes=9, mode=mode))
    assert answer.disciplines == ()
    assert [each.interval for each in answer.uncounted] == ["a", "b"]
    assert ids(answer.findings) == [id_, id_]
    assert "§20.3" in answer.findings[0].cite


def test_a_group_code_counts_and_stays_out_of_the_timed_minutes() -> None:
    answer = reckoned(given("a", "97150", "9:00-9:30", mode="group", session="g"), given("b", clock="9:30-9:45"))
    assert by_service(answer) == {"PT 97150": (30, 0), "PT 97110": (15, 0)}
    assert (answer.disciplines[0].timed_minutes, answer.disciplines[0].total_minutes) == (15, 45)


def test_a_group_code_recorded_one_on_one_counts_and_is_said() -> None:
    answer = reckoned(given("a", "97150", "9:00-9:30"))
    assert by_service(answer) == {"PT 97150": (30, 0)}
    assert only(answer.findings, "evidence.group-code-one-on-one").severity == "warn"


# -- co-treatment ------------------------------------------------------------------------------------------------------


def co_treated(pt: int | None, ot: int | None, **more: Any) -> Day:
    shared = {"mode": "co-treatment", "session": "s", **more}
    return visits_of(
        [given("a", "97530", "9:00-9:20", minutes=pt, **shared)],
        [given("b", "97535", "9:05-9:25", "ot-1", minutes=ot, **shared)],
    )


def test_co_treatment_goes_to_each_discipline_as_its_people_recorded_it() -> None:
    answer = minutes_of(co_treated(15, 10), RULEBOOK)
    assert by_service(answer) == {"PT 97530": (15, 0), "OT 97535": (10, 0)}
    assert answer.findings == ()


@pytest.mark.parametrize(
    ("pt", "ot", "said"),
    [(15, None, "is not split"), (None, None, "is not split"), (15, 11, "into more minutes than it lasted")],
)
def test_co_treatment_without_a_split_that_fits_is_not_counted(pt: int | None, ot: int | None, said: str) -> None:
    answer = minutes_of(co_treated(pt, ot), RULEBOOK)
    assert answer.disciplines == ()
    assert [each.interval for each in answer.uncounted] == ["a", "b"]
    assert said in only(answer.findings, "evidence.co-treatment-split").message


def test_a_second_of_co_treatment_is_not_counted_again() -> None:
    shared = {"mode": "co-treatment", "session": "s"}
    answer = minutes_of(
        visits_of(
            [given("a", "97530", "9:00-9:20", minutes=10, **shared), given("c", clock="9:15-9:30")],
            [given("b", "97535", "9:00-9:20", "ot-1", minutes=10, **shared)],
        ),
        RULEBOOK,
    )
    assert by_service(answer) == {"PT 97530": (10, 0), "PT 97110": (10, 0), "OT 97535": (10, 0)}
    assert ids(answer.findings) == ["evidence.same-patient-overlap"] * 2


def test_typed_shares_of_a_co_treatment_count_as_typed() -> None:
    day = visits_of(
        [given("a", "97530", minutes=12, mode="co-treatment")],
        [given("b", "97530", minutes=8, by="ot-1", mode="co-treatment")],
    )
    answer = minutes_of(day, RULEBOOK)
    assert by_service(answer) == {"PT 97530": (12, 0), "OT 97530": (8, 0)}
    assert ids(answer.findings) == ["evidence.co-treatment-not-checkable"] * 2
    assert all(each.severity == "info" for each in answer.findings)


def test_co_treatments_that_meet_through_a_third_are_one_event() -> None:
    shared = {"mode": "co-treatment", "minutes": 10}
    day = visits_of(
        [given("a", "97530", "9:00-9:12", **shared), given("c", "97110", "9:18-9:30", **shared)],
        [given("b", "97535", "9:10-9:20", "ot-1", **shared)],
    )
    assert by_service(minutes_of(day, RULEBOOK)) == {"PT 97530": (10, 0), "PT 97110": (10, 0), "OT 97535": (10, 0)}
    fuller = [given("a", "97530", "9:00-9:12", **shared), given("c", "97110", "9:18-9:30", **shared | {"minutes": 11})]
    day = visits_of(fuller, [given("b", "97535", "9:10-9:20", "ot-1", **shared)])
    assert {each.interval for each in minutes_of(day, RULEBOOK).uncounted} == {"a", "b", "c"}


def test_co_treatments_apart_in_time_and_session_are_split_apart() -> None:
    shared = {"mode": "co-treatment"}
    day = visits_of(
        [
            given("a", "97530", "9:00-9:20", minutes=20, session="s", **shared),
            given("c", "97110", "15:00-15:20", minutes=5, session="r", **shared),
        ],
        [given("b", "97535", "9:00-9:20", "ot-1", minutes=5, session="s", **shared)],
    )
    assert by_service(minutes_of(day, RULEBOOK)) == {"PT 97110": (5, 0)}


# -- typed, and days and clocks ----------------------------------------------------------------------------------------


def test_typed_minutes_count_and_the_service_is_said_to_have_no_whole_clock() -> None:
    answer = reckoned(
        given("a", clock="9:00-9:10"), given("b", minutes=5, origin="typed"), given("c", "97140", minutes=0)
    )
    assert by_service(answer) == {"PT 97110": (15, 0), "PT 97140": (0, 0)}
    assert [each.clocked for each in answer.disciplines[0].services] == [False, False]


def test_minutes_that_contradict_the_clock_are_said_and_the_clock_counts() -> None:
    answer = reckoned(given("a", clock="9:00-9:20:59", minutes=40), given("b", "97140", "9:30-9:40:59", minutes=10))
    assert by_service(answer) == {"PT 97110": (20, 0), "PT 97140": (10, 0)}
    said = only(answer.findings, "evidence.clock-and-minutes-differ")
    assert (said.where, "lasts 20 minutes by the clock, not 40" in said.message) == ("a", True)


@pytest.mark.parametrize(
    ("on", "start", "stop"),
    [
        (date(2026, 3, 8), ("1:50", "-05:00"), ("3:10", "-04:00")),
        (date(2026, 11, 1), ("1:50", "-04:00"), ("1:10", "-05:00")),
    ],
)
def test_minutes_come_from_instants_across_a_change_of_daylight_saving_time(
    on: date, start: tuple[str, str], stop: tuple[str, str]
) -> None:
    interval = given("a", start=at(*start, on), stop=at(*stop, on))
    assert counted(interval, date=on) == {"PT 97110": (20, 0)}


def test_time_past_midnight_counts_on_the_day_it_began() -> None:
    late = given("a", start=at("23:50"), stop=at("0:10") + timedelta(days=1))
    answer = reckoned(late)
    assert by_service(answer) == {"PT 97110": (20, 0)}
    assert only(answer.findings, "evidence.past-midnight").severity == "info"
    after = reckoned(late, date=DAY + timedelta(days=1))
    assert "began on 2026-03-02 at the site, not on 2026-03-03" in only(after.findings, "evidence.other-date").message


@pytest.mark.parametrize(("zone", "counts"), [("America/New_York", False), ("America/Los_Angeles", True)])
def test_the_date_is_that_of_the_site(zone: str, counts: bool) -> None:
    night = given("a", start=at("0:30") + timedelta(days=1), stop=at("0:50") + timedelta(days=1))
    assert bool(counted(night, zone=zone)) is counts


@pytest.mark.parametrize(
    ("clock", "id_", "says"),
    [
        ("9:00-", "still-open", "was started and not stopped"),
        ("9:20-9:00", "backwards", "stops before it starts"),
        ("9:50-10:10", "in-the-future", "has not come yet"),
    ],
)
def test_times_that_cannot_be_are_left_out_and_said(clock: str, id_: str, says: str) -> None:
    answer = minutes_of(day_of(given("a", clock=clock)), RULEBOOK, at("10:00"))
    assert answer.disciplines == ()
    assert says in answer.uncounted[0].why
    said = only(answer.findings, f"evidence.{id_}")
    assert (said.severity, said.where) == ("warn", "a")
    assert said.fix


def test_time_that_has_come_counts_and_without_a_present_none_is_in_the_future() -> None:
    interval = given("a", clock="9:00-9:20")
    assert by_service(minutes_of(day_of(interval), RULEBOOK, at("9:20"))) == {"PT 97110": (20, 0)}
    assert by_service(minutes_of(day_of(interval), RULEBOOK)) == {"PT 97110": (20, 0)}


def test_a_run_of_no_length_has_no_minutes_and_it_is_said() -> None:
    answer = reckoned(given("a", clock="9:00-9:00"))
    assert by_service(answer) == {"PT 97110": (0, 0)}
    assert only(answer.findings, "evidence.no-length").severity == "info"


@pytest.mark.parametrize("zone", ["Nowhere/Here", "", "../etc/passwd", "a\0b"])
def test_a_zone_nobody_knows_is_refused(zone: str) -> None:
    with pytest.raises(AskedWrongly, match="is not a time zone; write one such as"):
        reckoned(given("a", minutes=8), zone=zone)


def test_a_code_nobody_knows_is_refused() -> None:
    with pytest.raises(AskedWrongly, match="99999 is not in the service catalogue"):
        reckoned(given("a", "99999", minutes=8))


def test_a_code_not_in_force_keeps_its_minutes_outside_the_totals() -> None:
    answer = reckoned(given("a", "97127", minutes=20), given("b", minutes=8))
    assert by_service(answer) == {"PT 97127": (20, 0), "PT 97110": (8, 0)}
    assert (answer.disciplines[0].timed_minutes, answer.disciplines[0].total_minutes) == (8, 8)


def test_disciplines_are_kept_apart() -> None:
    visits = (
        Visit(discipline="SLP", intervals=(given("c", "92507", "11:00-11:30", "slp-1"),)),
        Visit(discipline="OT", intervals=(given("b", "97530", "10:00-10:10", "ot-1"),)),
        Visit(intervals=(given("a", "97530", "9:00-9:12"),)),
        Visit(intervals=(given("d", "97530", "15:00-15:05"),)),
    )
    answer = minutes_of(day_of(visits=visits), RULEBOOK)
    assert by_service(answer) == {"PT 97530": (17, 0), "OT 97530": (10, 0), "SLP 92507": (30, 0)}
    assert [(each.timed_minutes, each.total_minutes) for each in answer.disciplines] == [(17, 17), (10, 10), (0, 30)]


@pytest.mark.parametrize("code", ["98975", "98980", "98977", "97550", "G0541"])
def test_monitoring_devices_and_caregivers_are_no_treatment_minutes(code: str) -> None:
    answer = reckoned(given("a", code, minutes=20), given("b", "97161", minutes=30))
    assert by_service(answer) == {f"PT {code}": (20, 0), "PT 97161": (30, 0)}
    assert (answer.disciplines[0].timed_minutes, answer.disciplines[0].total_minutes) == (0, 30)


# -- corrections -------------------------------------------------------------------------------------------------------


def test_only_what_no_other_interval_corrects_counts() -> None:
    answer = reckoned(
        given("a", clock="9:00-9:40"),
        given("b", clock="9:00-9:30", amends="a", reason="stopped late"),
        given("c", clock="9:00-9:20", amends="b", reason="stopped later still"),
    )
    assert by_service(answer) == {"PT 97110": (20, 0)}
    assert [(each.interval, each.why) for each in answer.uncounted] == [
        ("a", "corrected by another interval"), ("b", "corrected by another interval"),
    ]  # fmt: skip
    assert answer.findings == ()


def test_a_correction_to_rest_takes_the_minutes_away() -> None:
    answer = reckoned(
        given("a", clock="9:00-9:20"), given("b", None, "9:00-9:20", mode="rest", amends="a", reason="sat")
    )
    assert answer.disciplines == ()
    assert {each.interval for each in answer.uncounted} == {"a", "b"}


def test_what_is_wrong_with_a_correction_is_said() -> None:
    answer = reckoned(given("b", clock="9:00-9:20", amends="a", reason=" "))
    assert ids(answer.findings) == ["amendment.unknown", "amendment.no-reason"]


# -- any day -----------------------------------------------------------------------------------------------------------

KINDS: list[tuple[str | None, Mode]] = [
    ("97110", "one-on-one"), ("97140", "one-on-one"), ("97530", "together"), ("97161", "one-on-one"),
    ("97150", "group"), ("97014", "supervised"), ("97110", "group"), (None, "rest"), (None, "unskilled"),
]  # fmt: skip
BY = ("pt-1", "pt-2", "pta-1", "pt-1 pta-1", "aide-1", "student-1")


@st.composite
def days(draw: st.DrawFn) -> Day:
    """A day of PT and OT whose clocked runs intersect in every way."""
    sides: tuple[list[Interval], list[Interval]] = ([], [])
    for number in range(draw(st.integers(1, 9))):
        service, mode = draw(st.sampled_from(KINDS))
        side = draw(st.integers(0, 1))
        start = at("9:00") + timedelta(seconds=draw(st.integers(0, 3600)))
        stop = start + timedelta(seconds=draw(st.integers(0, 2400)))
        by = "ot-1" if side else draw(st.sampled_from(BY))
        sides[side].append(given(f"i{number}", service, by=by, mode=mode, start=start, stop=stop))
    return visits_of(*sides)


def elapsed(intervals: list[Interval]) -> int:
    return union(span(each.start, each.stop) for each in intervals if each.start and each.stop) // timedelta(seconds=1)


@forall(days())
@settings(max_examples=examples(150), deadline=None)
def test_counted_minutes_never_exceed_the_time_that_passed(day: Day) -> None:
    answer = minutes_of(day, RULEBOOK)
    all_ = [interval for visit in day.all_visits() for interval in visit.intervals]
    out = {each.interval for each in answer.uncounted}
    counting = [each for each in all_ if each.id not in out]
    attended = [each for each in counting if each.mode != "supervised"]
    services = [each for discipline in answer.disciplines for each in discipline.services]
    direct = [each for each in services if each.code != "97014"]
    assert sum(each.therapist + each.assistant for each in direct) * 60 <= elapsed(attended)
    assert sum(each.total_minutes for each in answer.disciplines) * 60 <= elapsed(counting)
    for each in answer.disciplines:
        assert each.timed_minutes <= each.total_minutes
    # Nor is a second lost, but for what the flooring of each service drops.
    assert sum(each.therapist + each.assistant for each in direct) * 60 >= elapsed(attended) - 59 * len(direct)


@forall(days())
@settings(deadline=None)
def test_every_interval_is_counted_or_said_not_to_count_and_never_both(day: Day) -> None:
    answer = minutes_of(day, RULEBOOK)
    used = [id_ for each in answer.disciplines for service in each.services for id_ in service.intervals]
    out = [each.interval for each in answer.uncounted]
    held = [interval.id for visit in day.all_visits() for interval in visit.intervals]
    assert sorted(used + out) == sorted(held)
    of = {interval.id: interval for visit in day.all_visits() for interval in visit.intervals}
    assert all(
        of[id_].service == service.code
        for each in answer.disciplines
        for service in each.services
        for id_ in service.intervals
    )


@forall(days(), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_of_intervals_changes_no_minute(day: Day, random: Any) -> None:
    mixed = [random.sample(visit.intervals, len(visit.intervals)) for visit in day.visits]
    assert by_service(minutes_of(visits_of(*mixed), RULEBOOK)) == by_service(minutes_of(day, RULEBOOK))


@forall(days())
@settings(deadline=None)
def test_every_billed_code_traces_to_intervals_of_the_day(day: Day) -> None:
    answer = assess(day, RULEBOOK)
    assert [each.discipline for each in answer.units] == [each.discipline for each in answer.minutes]
    for units, minutes in zip(answer.units, answer.minutes, strict=True):
        traced = {service.code: service for service in minutes.services}
        assert {line.code for line in units.lines} <= set(traced)
        assert {reason.code for reason in units.explain} <= set(traced)
        assert all(service.intervals for service in traced.values())
        assert units.timed_minutes == minutes.timed_minutes


def test_an_add_on_traces_to_the_service_it_adds_to() -> None:
    answer = assess(day_of(given("a", "97550", minutes=38)), RULEBOOK)
    assert [(line.code, line.units) for line in answer.units[0].lines] == [("97550", 1), ("97551", 1)]
    assert {RULEBOOK.kin(line.code, DAY)[0].code for line in answer.units[0].lines} == {"97550"}  # type: ignore[index]
    assert answer.minutes[0].services[0].intervals == ("a",)


def test_co_treatment_without_a_session_never_counts_a_minute_for_both() -> None:
    answer = minutes_of(co_treated(20, 20, session=None), RULEBOOK)
    assert sum(each.total_minutes for each in answer.disciplines) <= 25


def test_two_sessions_of_co_treatment_never_share_a_minute() -> None:
    day = visits_of(
        [
            given("a", "97530", "9:00-9:20", mode="co-treatment", session="s", minutes=10),
            given("c", "97110", "9:00-9:20", mode="co-treatment", session="r", minutes=10),
        ],
        [given("b", "97535", "9:00-9:20", "ot-1", mode="co-treatment", session="s", minutes=10)],
    )
    assert sum(each.total_minutes for each in minutes_of(day, RULEBOOK).disciplines) <= 20


def test_group_time_under_a_timed_group_code_counts() -> None:
    assert counted(given("a", "98961", "9:00-9:30", mode="group", session="g")) == {"PT 98961": (30, 0)}


def test_an_evaluation_is_never_supervised() -> None:
    assert counted(given("a", "97161", "9:00-9:30", mode="supervised")) == {}


def test_a_therapist_of_another_discipline_is_said() -> None:
    said = only(reckoned(given("a", clock="9:00-9:20", by="pt-1 ot-1 aide-1")).findings, "evidence.other-discipline")
    assert "under the PT plan; ot-1 is of another discipline" in said.message


def test_parts_of_a_second_are_summed_before_they_are_dropped() -> None:
    pieces = (given("a", clock="9:00-9:07:29.500"), given("b", clock="9:10-9:17:30.500"))
    assert counted(*pieces) == {"PT 97110": (15, 0)}


def test_a_share_of_a_co_treatment_is_no_longer_than_its_people_were_there() -> None:
    shared = {"mode": "co-treatment", "session": "s"}
    day = visits_of(
        [given("a", "97530", "9:00-9:05", minutes=15, **shared)],
        [given("b", "97535", "9:00-9:20", "ot-1", minutes=5, **shared)],
    )
    assert only(minutes_of(day, RULEBOOK).findings, "evidence.co-treatment-split")


def test_two_disciplines_with_one_code_at_once_are_not_one_service_given_together() -> None:
    day = visits_of([given("a", "97530", "9:00-9:20")], [given("b", "97530", "9:00-9:20", "ot-1")])
    assert ids(minutes_of(day, RULEBOOK).findings) == ["evidence.same-patient-overlap"]


def test_a_zone_s_own_instants_in_autumn_are_not_backwards() -> None:
    site = ZoneInfo("America/New_York")
    on = date(2026, 11, 1)
    run = given(
        "a", start=datetime(2026, 11, 1, 1, 50, tzinfo=site), stop=datetime(2026, 11, 1, 1, 10, fold=1, tzinfo=site)
    )
    assert counted(run, date=on) == {"PT 97110": (20, 0)}


@pytest.mark.parametrize("zone", ["America", "x" * 300])
def test_a_zone_that_is_a_folder_or_very_long_is_refused(zone: str) -> None:
    with pytest.raises(AskedWrongly, match="is not a time zone"):
        reckoned(given("a", minutes=8), zone=zone)


def test_time_beside_a_co_treatment_that_does_not_count_is_not_said_to_count_as_it() -> None:
    shared = {"mode": "co-treatment", "session": "s"}
    day = visits_of(
        [given("a", "97530", "9:00-9:20", **shared), given("c", clock="9:00-9:20")],
        [given("b", "97535", "9:00-9:20", "ot-1", **shared)],
    )
    messages = [each.message for each in minutes_of(day, RULEBOOK).findings]
    assert not any("counted once, as 97530" in each for each in messages)
