"""A day as JSON: how it reads, and the one sentence with which it is refused."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import msgspec
import pytest

from fifteen import AskedWrongly, Context, assess, read_day
from fifteen.engine.day import Coverage, Day, Visit, check_day, check_interval, read_context
from fifteen.rulebook import Rulebook
from tests.engine.evidence.records import at, day_of, given

PLAIN: dict[str, Any] = {
    "patient": "p-a",
    "date": "2026-03-02",
    "people": [{"id": "pt-1", "role": "therapist", "discipline": "PT"}],
}
RUN: dict[str, Any] = {
    "id": "i1",
    "service": "97110",
    "people": ["pt-1"],
    "start": "2026-03-02T09:00:00-05:00",
    "stop": "2026-03-02T09:20:00-05:00",
}


def text(run: dict[str, Any] | None = None, **more: Any) -> str:
    """A day of one run; a key set to None is left out."""
    first = {key: value for key, value in (RUN | (run or {})).items() if value is not None}
    day = {**PLAIN, "intervals": [first], **more}
    return json.dumps({key: value for key, value in day.items() if value is not None})


def test_what_is_not_said_has_its_default() -> None:
    day = read_day(text())
    assert (day.zone, day.billing, day.coverage) == ("America/New_York", "private-practice", Coverage("medicare", None))
    (visit,) = day.all_visits()
    assert (visit.id, visit.discipline) == ("1", "PT")
    assert (visit.intervals[0].mode, visit.intervals[0].origin) == ("one-on-one", "timer")
    assert visit.intervals[0].start == at("9:00")


def test_bytes_and_text_read_alike() -> None:
    assert read_day(text().encode()) == read_day(text())


def test_one_visit_inline_is_the_day_with_a_list_of_that_visit(rulebook: Rulebook) -> None:
    listed = {"visits": [{"discipline": "OT", "intervals": [RUN]}], "intervals": None}
    inline, visits = read_day(text(discipline="OT")), read_day(text(**listed))
    assert inline.all_visits() == visits.all_visits()
    assert assess(inline, rulebook) == assess(visits, rulebook)


def test_an_inline_visit_stands_before_the_listed_ones() -> None:
    day = read_day(text(visits=[{"id": "pm", "intervals": [RUN | {"id": "i2"}]}]))
    assert [(each.id, each.intervals[0].id) for each in day.all_visits()] == [("1", "i1"), ("pm", "i2")]


def test_a_day_without_intervals_has_the_visits_it_lists() -> None:
    assert read_day(text(intervals=None)).all_visits() == ()


@pytest.mark.parametrize(
    ("run", "day", "says"),
    [
        ({"colour": "red"}, {}, "unknown field `colour`"),
        ({}, {"patients": 1}, "unknown field `patients`"),
        ({}, {"patient": None}, "missing required field `patient`"),
        ({"minutes": "ten"}, {}, r"Expected `int \| null`, got `str` - at `\$.intervals\[0\].minutes`"),
        ({"minutes": 7.5}, {}, r"Expected `int \| null`, got `float`"),
        ({"mode": "alone"}, {}, "Invalid enum value 'alone'"),
        ({"start": "nine"}, {}, "Invalid RFC3339"),
        ({}, {"date": "2026-02-30"}, "Invalid RFC3339|date"),
        ({}, {"people": [{"id": "pt-1", "role": "doctor"}]}, "Invalid enum value 'doctor'"),
        ({}, {"billing": "cash"}, "Invalid enum value 'cash'"),
        ({"people": ["pt-9"]}, {}, "person 'pt-9' is not among the day's people; add them with their role"),
        ({"people": []}, {}, "nobody gave it; name at least one"),
        ({}, {"people": PLAIN["people"] * 2}, "person 'pt-1' is given twice; give each person an id of its own"),
        ({}, {"intervals": [RUN, RUN]}, "interval 'i1' is given twice"),
        ({}, {"visits": [{"intervals": [RUN]}]}, "interval 'i1' is given twice"),
        ({"start": "2026-03-02T09:00:00"}, {}, "start 2026-03-02T09:00:00 has no offset; end it with Z or -05:00"),
        ({"stop": "2026-03-02T09:20:00"}, {}, "stop 2026-03-02T09:20:00 has no offset"),
        ({"start": None, "stop": None}, {}, "neither a start nor minutes; give start and stop, or minutes alone"),
        ({"start": None}, {}, "neither a start nor minutes"),
        ({"start": None, "minutes": 9}, {}, "a stop and no start"),
        ({"minutes": -1}, {}, "-1 minutes cannot be; write 0 "),
        ({"start": None, "stop": None, "minutes": 100_001}, {}, "100001 minutes cannot be"),
        ({"start": "1900-12-31T09:00:00Z"}, {}, "start 1900-12-31T09:00:00.00:00 is not a year of treatment"),
        ({"stop": "2200-01-01T09:00:00Z"}, {}, "stop 2200-01-01T09:00:00.00:00 is not a year of treatment"),
        ({"service": "exercise"}, {}, "'exercise' is not a procedure code"),
        ({"service": "g0283"}, {}, "service 'g0283' is not a code; use capitals, as G0283"),
        ({}, {"discipline": "OT", "intervals": None, "visits": [{"intervals": [RUN]}]}, "say it in each visit instead"),
        ({}, {"expected": [{"why": "excluded", "codes": ["g0283"], "by": "x"}]}, "'g0283' is not a code; use capitals"),
        ({}, {"notices": [{"kind": "mandatory", "signed": "2026-03-01", "codes": ["x"]}]}, "not a procedure code"),
        ({}, {"added": [{"code": "97110", "modifier": "kx", "by": "x"}]}, "'kx' is not a modifier; write two capitals"),
        ({"service": None}, {}, "names no service; give a code, or say unskilled or rest"),
        ({"service": None, "mode": "supervised"}, {}, "names no service"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_sentence(run: dict[str, Any], day: dict[str, Any], says: str) -> None:
    with pytest.raises(AskedWrongly, match=says) as refused:
        read_day(text(run, **day), "DAY.json")
    sentence = str(refused.value)
    assert sentence.startswith("DAY.json")
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert not sentence.endswith("..")


@pytest.mark.parametrize("broken", ["", "{", "hello", "[]", "null", '{"patient": }', b"\x00"])
def test_what_is_no_json_or_no_day_is_refused(broken: str | bytes) -> None:
    with pytest.raises(AskedWrongly, match=r"^day: .*; see `fifteen assess --help` for the form of a day\.$"):
        read_day(broken)


@pytest.mark.parametrize("mode", ["rest", "unskilled"])
def test_rest_and_unskilled_time_need_no_service(mode: str) -> None:
    assert read_day(text({"service": None, "mode": mode})).intervals[0].service is None


def test_no_minutes_and_an_open_run_can_be_read() -> None:
    read_day(text({"start": None, "stop": None, "minutes": 0}))
    assert read_day(text({"stop": None})).intervals[0].stop is None


def test_a_day_made_in_python_is_checked_alike() -> None:
    day = day_of(given("a", minutes=8))
    assert check_day(day) is day
    with pytest.raises(AskedWrongly, match=r"^day, interval 'a': person 'x' is not among"):
        check_day(day_of(given("a", minutes=8, by="x")))


def test_an_interval_from_outside_the_day_may_name_anybody() -> None:
    check_interval(given("b", minutes=8, by="whoever"), None, "context")
    with pytest.raises(AskedWrongly, match=r"^context: nobody gave it"):
        check_interval(given("b", minutes=8, by=""), None, "context")


def test_a_day_comes_back_from_its_own_json() -> None:
    day = day_of(given("a", clock="9:00-9:20"), given("b", minutes=8, amends="a", reason="mis-tap"))
    assert read_day(msgspec.json.encode(day)) == day


def test_records_do_not_change() -> None:
    with pytest.raises(AttributeError):
        Context().now = at("9:00")  # type: ignore[misc]


def test_an_instant_that_no_calendar_holds_is_refused(rulebook: Rulebook) -> None:
    with pytest.raises(AskedWrongly):
        assess(read_day(text({"start": "0001-01-01T00:00:00+05:00"})), rulebook)


def test_a_number_of_minutes_that_is_a_slip_of_the_keyboard_is_refused() -> None:
    with pytest.raises(AskedWrongly):
        read_day(text({"start": None, "stop": None, "minutes": 10**30}))


def test_bytes_that_are_no_utf_8_are_refused() -> None:
    with pytest.raises(AskedWrongly):
        read_day(text().encode().replace(b"p-a", b"p-\xff"))


# -- what is known from outside ----------------------------------------------------------------------------------------


def test_a_context_reads_and_what_it_does_not_say_is_not_known() -> None:
    context = read_context(json.dumps({"others": [RUN | {"patient": "p-b"}], "now": "2026-03-02T12:00:00Z"}))
    assert context.others is not None
    assert (context.others[0].patient, context.now) == ("p-b", at("7:00"))
    assert read_context("{}") == Context(others=None, now=None)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"other": []}', "CONTEXT.json: Object contains unknown field `other`.*for the form of a context"),
        ('{"others": 1}', "CONTEXT.json: Expected"),
        (
            '{"accrued": [{"year": 2026, "bucket": "ot", "cents": -1, "as_of": "2026-01-01"}]}',
            "CONTEXT.json: -1 cents cannot have been allowed; write 0 or more",
        ),
        (
            '{"counted": [{"received": "2026-01-01", "on": "2026-01-01", "bucket": "pt", "cents": 1}]}',
            "enum value 'pt'",
        ),
        ('{"now": "2026-03-02T12:00:00"}', "CONTEXT.json: now 2026-03-02T12:00:00 has no offset"),
        ('{"others": [{"id": "z", "people": [], "minutes": 1}]}', "CONTEXT.json, interval 'z': nobody gave it"),
    ],
)
def test_a_context_that_cannot_be_read_is_refused(text: str, says: str) -> None:
    with pytest.raises(AskedWrongly, match=says):
        read_context(text, "CONTEXT.json")


def test_two_visits_of_one_id_are_refused() -> None:
    visits = (Visit(intervals=()), Visit(intervals=()))
    with pytest.raises(AskedWrongly, match="visit '1' is given twice"):
        check_day(Day(patient="p", date=date(2026, 3, 2), people=(), visits=visits))
