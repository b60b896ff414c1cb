"""Taps to intervals: the tables of `tests/cases/fold/` (a browser reads the same), and what holds for any taps."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from fifteen import AskedWrongly, check_person_day, fold
from fifteen.engine.evidence import Folded, TimerEvent
from tests.case_tables import CASES
from tests.engine.evidence.records import at, ids
from tests.tiers import examples

TABLES = {
    f"{path.stem}: {case['name']}": case
    for path in sorted((CASES / "fold").glob("*.json"))
    for case in json.loads(path.read_text("utf-8"))["cases"]
}


def shown(folded: Folded) -> list[tuple[Any, ...]]:
    return [(each.id, each.service, each.patient, each.start, each.stop) for each in folded.intervals]


def tap(id_: str, kind: str, clock: str, **more: Any) -> TimerEvent:
    plain: dict[str, Any] = {"patient": "p-a", "service": "97110", "people": ("pt-1",), "wall": at(clock)}
    return TimerEvent(id=id_, kind=kind, **{**plain, **more})  # type: ignore[arg-type]


# -- the tables ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TABLES)
def test_the_case_in_any_order_and_with_taps_sent_twice(name: str) -> None:
    case = TABLES[name]
    events = msgspec.convert(case["events"], list[TimerEvent])
    intervals = [
        (*row[:3], *(None if each is None else datetime.fromisoformat(each) for each in row[3:]))
        for row in case["intervals"]
    ]
    for arrived in (events, events[::-1], [*events, *events], [*events[1:], *events, *events[:1]]):
        folded = fold(arrived)
        assert shown(folded) == intervals
        assert ids(folded.findings) == case["findings"]


def test_every_case_has_a_name_of_its_own() -> None:
    files = [json.loads(path.read_text("utf-8"))["cases"] for path in (CASES / "fold").glob("*.json")]
    assert len(TABLES) == sum(map(len, files)) >= 12


# -- any taps ------------------------------------------------------------------------------------------------------

PEOPLE = (("pt-1",), ("pta-1",), ("pt-1", "pta-1"), ("ot-1",))


@st.composite
def taps(draw: st.DrawFn, unique: bool = False) -> list[TimerEvent]:
    found = []
    for number in range(draw(st.integers(0, 12))):
        mode = draw(st.sampled_from(["one-on-one", "together", "group", "co-treatment", "supervised", "rest"]))
        counted = draw(st.booleans())
        wall = at("9:00") + timedelta(minutes=draw(st.integers(0, 8)))
        found.append(
            TimerEvent(
                id=str(number if unique else draw(st.integers(0, 12))),
                patient=draw(st.sampled_from(["p-a", "p-b", "p-c"])),
                service=draw(st.sampled_from(["97110", "97140"])),
                people=draw(st.sampled_from(PEOPLE)),
                kind=draw(st.sampled_from(["start", "stop"])),
                wall=wall,
                mode=mode,  # type: ignore[arg-type]
                session=draw(st.sampled_from(["s", "r", None])) if mode == "group" else None,
                mono=draw(st.integers(0, 8)) * 60_000 if counted else None,
                boot=draw(st.sampled_from(["b1", "b2"])) if counted else None,
                device=draw(st.sampled_from(["", "tablet-1"])),
            )
        )
    return found


@given(taps(), st.data())
@settings(max_examples=examples(150), deadline=None)
def test_order_and_repetition_change_nothing(events: list[TimerEvent], data: st.DataObject) -> None:
    again = data.draw(st.lists(st.sampled_from(events), max_size=6)) if events else []
    arrived = data.draw(st.permutations([*events, *again]))
    assert fold(arrived) == fold(events)


@given(taps())
@settings(max_examples=examples(60), deadline=None)
def test_no_start_is_lost_without_a_finding(events: list[TimerEvent]) -> None:
    folded = fold(events)
    seen = {each.id for each in folded.intervals} | {each.where for each in folded.findings}
    assert {each.id for each in events if each.kind == "start"} <= seen


@given(taps(unique=True))
@settings(max_examples=examples(60), deadline=None)
def test_every_stop_ends_a_run_or_is_said_to_have_nothing_to_end(events: list[TimerEvent]) -> None:
    folded = fold(events)
    said = {each.where for each in folded.findings if each.id == "fold.stop-without-start"}
    ends = {each.stop for each in folded.intervals}
    instants = {each.id: each.wall for each in events if each.mono is None and each.kind == "stop"}
    assert all(instant in ends for id_, instant in instants.items() if id_ not in said)


@given(taps(unique=True))
@settings(max_examples=examples(150), deadline=None)
def test_what_is_folded_never_overlaps(events: list[TimerEvent]) -> None:
    closed = [each for each in fold(events).intervals if each.stop is not None]
    assert check_person_day(closed).overlaps == ()
    assert all(each.start <= each.stop for each in closed if each.start and each.stop)


# -- what a finding says, and what an interval keeps -----------------------------------------------------------------


def test_nothing_folds_to_nothing() -> None:
    assert fold([]) == Folded((), ())


def test_an_interval_keeps_people_mode_and_session_and_comes_from_the_timer() -> None:
    group = {"mode": "group", "session": "g", "people": ("pta-1", "pt-1"), "service": "97150"}
    (interval,) = fold([tap("1", "start", "9:00", **group), tap("2", "stop", "9:20", **group)]).intervals
    assert (interval.people, interval.mode, interval.session) == (("pta-1", "pt-1"), "group", "g")
    assert (interval.origin, interval.amends, interval.minutes) == ("timer", None, None)


def test_rest_is_folded_by_its_mode_and_runs_beside() -> None:
    events = [
        tap("1", "start", "9:00"),
        tap("2", "start", "9:05", service=None, mode="rest"),
        tap("3", "stop", "9:10", service=None, mode="rest"),
        tap("4", "stop", "9:20"),
        tap("5", "stop", "9:30", service=None, mode="rest"),
    ]
    folded = fold(events)
    assert [(each.id, each.service) for each in folded.intervals] == [("1", "97110"), ("2", None)]
    assert folded.findings[0].message == "Stop of rest: nothing of the kind was running."


def test_a_finding_names_the_tap_and_both_clocks() -> None:
    run = {"device": "d", "boot": "b"}
    (jumped,) = fold([tap("1", "start", "9:00", mono=0, **run), tap("2", "stop", "9:30", mono=60_000, **run)]).findings
    assert (jumped.where, jumped.severity) == ("2", "warn")
    assert "T14:30:00+00:00" in jumped.message
    assert "T14:01:00+00:00" in jumped.message


def test_who_is_left_of_time_given_together_is_named() -> None:
    events = [
        tap("1", "start", "9:00", people=("pt-1", "pta-1"), mode="together"),
        tap("2", "start", "9:10", people=("pt-1",), patient="p-b"),
    ]
    assert "given together with pta-1" in fold(events).findings[0].message


def test_three_taps_with_one_id_are_said_once() -> None:
    events = [tap("1", "start", f"9:0{minute}") for minute in range(3)]
    assert ids(fold(events).findings) == ["fold.id-used-twice"]


def test_co_treatment_of_two_disciplines_runs_side_by_side() -> None:
    shared = {"mode": "co-treatment", "session": "c", "service": "97530"}
    events = [
        tap("1", "start", "9:00", **shared),
        tap("2", "start", "9:00", people=("ot-1",), **shared),
        tap("3", "stop", "9:20", **shared),
        tap("4", "stop", "9:20", people=("ot-1",), **shared),
    ]
    assert [each.stop for each in fold(events).intervals] == [at("9:20"), at("9:20")]


def test_a_run_timed_by_count_keeps_its_thousandths() -> None:
    run = {"device": "d", "boot": "b"}
    (interval,) = fold(
        [tap("1", "start", "9:00", mono=17, **run), tap("2", "stop", "9:15", mono=900_267, **run)]
    ).intervals
    assert interval.start is not None
    assert interval.stop is not None
    assert interval.stop - interval.start == timedelta(milliseconds=900_250)


@pytest.mark.parametrize(
    ("start", "stop"),
    [
        (datetime(2026, 3, 8, 6, 50, tzinfo=UTC), datetime(2026, 3, 8, 7, 10, tzinfo=UTC)),
        (datetime(2026, 11, 1, 5, 50, tzinfo=UTC), datetime(2026, 11, 1, 6, 10, tzinfo=UTC)),
    ],
)
def test_a_count_across_a_change_of_daylight_saving_time(start: datetime, stop: datetime) -> None:
    site = ZoneInfo("America/New_York")
    fixed = [datetime.fromisoformat(each.astimezone(site).isoformat()) for each in (start, stop)]
    run = {"device": "d", "boot": "b"}
    folded = fold(
        [
            tap("1", "start", "0:00", mono=0, **run | {"wall": fixed[0]}),
            tap("2", "stop", "0:00", mono=20 * 60_000, **run | {"wall": fixed[1]}),
        ]
    )
    assert shown(folded)[0][3:] == (start, stop)
    assert folded.findings == ()


def test_one_on_one_time_gives_way_even_when_taps_share_a_session() -> None:
    events = [tap("1", "start", "9:00", session="s"), tap("2", "start", "9:10", session="s", patient="p-b")]
    assert shown(fold(events))[0][4] == at("9:10")


def test_a_tap_sent_again_in_utc_changes_no_word() -> None:
    run = {"device": "d", "boot": "b"}
    events = [tap("1", "start", "9:00", mono=0, **run), tap("2", "stop", "9:30", mono=60_000, **run)]
    again = [replace(each, wall=each.wall.astimezone(UTC)) for each in events]
    assert fold([*events, *again]) == fold([*again, *events])


def test_a_zone_s_own_instants_in_autumn_are_sorted_by_instant() -> None:
    site = ZoneInfo("America/New_York")
    events = [
        tap("1", "start", "0:00", wall=datetime(2026, 11, 1, 1, 50, tzinfo=site)),
        tap("2", "stop", "0:00", wall=datetime(2026, 11, 1, 1, 10, fold=1, tzinfo=site)),
    ]
    folded = fold(events)
    assert folded.findings == ()
    assert [(each.id, each.stop is None) for each in folded.intervals] == [("1", False)]


def test_a_clock_without_offset_is_refused() -> None:
    with pytest.raises(AskedWrongly, match="offset"):
        fold([tap("1", "start", "9:00", wall=at("9:00").replace(tzinfo=None))])


def test_co_treatment_of_the_next_patient_ends_that_of_the_patient_before() -> None:
    shared = {"mode": "co-treatment", "session": "c"}
    folded = fold([tap("1", "start", "9:00", **shared), tap("2", "start", "9:10", patient="p-b", **shared)])
    assert shown(folded)[0][4] == at("9:10")


@pytest.mark.parametrize("mono", [-1, 10**18])
def test_a_count_no_device_can_have_made_is_refused(mono: int) -> None:
    with pytest.raises(AskedWrongly, match="no count of milliseconds"):
        fold([tap("1", "start", "9:00", mono=mono, boot="b")])
