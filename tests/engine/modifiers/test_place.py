"""Place and way of service: the case tables, what is said, and that no modifier stands without ground."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fifteen import assess, read_day
from fifteen.engine.modifiers.telehealth import telehealth
from fifteen.kernel.errors import RulebookError
from fifteen.rulebook import Rulebook, load_rulebook
from tests.case_tables import STATUSES, read_cases
from tests.engine.modifiers.days import PEOPLE, asked_of, assessed, held_of, ids_of, lines_of, of_case, said
from tests.rulebook.conftest import Shelf

CASES = read_cases("place")
VIDEO = {"discipline": "PT", "place": "10", "way": "audio-video", "minutes": {"97110": 30}}
ROOMS = ("place", "telehealth")
WAYS = {"95", "93", "GT"}


@pytest.mark.parametrize("case", CASES, ids=[f"{case['id']}-{case['status']}" for case in CASES])
def test_case(case: dict[str, Any], rulebook: Rulebook) -> None:
    answer = of_case(case, rulebook, date=str(case["on"]))
    assert lines_of(answer) == case["lines"]
    assert held_of(answer) == case["held"]
    assert sorted(ids_of(answer, *ROOMS)) == sorted(case["findings"])


def test_every_case_says_how_well_its_source_is_known() -> None:
    assert {case["status"] for case in CASES} <= set(STATUSES)
    assert len({case["id"] for case in CASES}) == len(CASES)
    assert all(case["source"] and case["what"] for case in CASES)


def test_a_modifier_says_why_it_stands(rulebook: Rulebook) -> None:
    (reason,) = assessed(rulebook, [VIDEO]).explain_modifiers
    assert (reason.line, reason.modifier, reason.rule) == (0, "95", "payer.medicare.telehealth_modifier")
    assert (reason.since, reason.status) == (date(2022, 1, 1), "secondary")
    assert reason.because == "Each PT visit that gave 97110 was telehealth by video."


def test_nothing_here_blocks_since_no_text_of_it_was_read(rulebook: Rulebook) -> None:
    for case in CASES:
        found = said(of_case(case, rulebook, date=str(case["on"])), *ROOMS)
        assert {each.severity for each in found} <= {"warn", "info"}
        assert all(each.fix and each.where and each.message.endswith(".") for each in found)


def test_what_is_told_of_telehealth_given_in_two_ways(rulebook: Rulebook) -> None:
    office = {"discipline": "PT", "place": "11", "minutes": {"97110": 15}}
    answer = assessed(rulebook, [VIDEO, office])
    (mixed,) = [each for each in said(answer, "telehealth") if each.id == "telehealth.mixed"]
    assert mixed.message.startswith("PT 97110 was given by video and in person on one day;")
    (why,) = answer.lines[0].held
    assert why == "it was given by video and in person, and what it carries is not decided"


def test_the_codes_that_were_not_looked_up_are_named(rulebook: Rulebook) -> None:
    visit = {**VIDEO, "minutes": {"97110": 15, "97550": 30, "97535": 15}}
    (found,) = said(assessed(rulebook, [visit]), "telehealth")
    assert "Medicare lists 97110 and 97535 for telehealth" in found.message
    assert "97550" not in found.message


def test_a_place_is_told_with_its_name(rulebook: Rulebook) -> None:
    visit = {"discipline": "PT", "place": "22", "minutes": {"97110": 15}}
    (found,) = said(assessed(rulebook, [visit]), "place")
    assert "Place of service 22 (hospital outpatient, on campus) does not go with" in found.message
    assert found.where == "visit 1"


def test_a_visit_without_time_is_on_no_claim(rulebook: Rulebook) -> None:
    answer = assessed(rulebook, [{**VIDEO, "minutes": {}}, {"discipline": "PT", "minutes": {"97110": 15}}])
    assert ids_of(answer, *ROOMS) == []
    assert lines_of(answer) == ["97110 x1 GP"]


def test_telehealth_of_which_nothing_is_billed_has_no_modifier_to_carry(rulebook: Rulebook) -> None:
    answer = assessed(rulebook, [{**VIDEO, "minutes": {"97110": 5}}])
    assert (lines_of(answer), ids_of(answer, *ROOMS)) == ([], [])


def test_a_code_of_no_date_stays_its_own(rulebook: Rulebook) -> None:
    """97551 was no code in 2023: whatever becomes of its minutes, the rooms answer."""
    answer = assessed(rulebook, [{**VIDEO, "place": "12", "minutes": {"97110": 15, "97551": 15}}], date="2023-05-04")
    assert "97110 x1 GP 95" in lines_of(answer)


def test_a_visit_that_gave_no_time_of_a_service_does_not_decide_it(rulebook: Rulebook) -> None:
    nothing = {"discipline": "PT", "place": "11", "minutes": {"97110": 0}}
    answer = assessed(rulebook, [VIDEO, nothing])
    assert (lines_of(answer), held_of(answer)) == (["97110 x2 GP 95"], [])
    # An untimed service earns its unit whatever its minutes: the only visit that gave it decides.
    evaluated = assessed(rulebook, [{**VIDEO, "minutes": {"97161": 0}}])
    assert lines_of(evaluated) == ["97161 x1 GP 95"]


def test_a_clock_that_stopped_as_it_started_is_no_time(rulebook: Rulebook) -> None:
    at, until = "2026-05-04T14:00:00Z", "2026-05-04T14:30:00Z"
    visits = [
        {
            "id": way, "telehealth": None if way == "office" else "audio-video", "place_of_service": place,
            "intervals": [{"id": way, "people": ["pt"], "service": "97110", "start": at, "stop": stop}],
        }
        for way, place, stop in (("office", "11", at), ("video", "10", until))
    ]  # fmt: skip
    raw = {"patient": "p", "date": "2026-05-04", "people": PEOPLE, "visits": visits}
    answer = assess(read_day(msgspec.json.encode(raw)), rulebook)
    assert (lines_of(answer), held_of(answer)) == (["97110 x2 GP 95"], [])


def test_a_payer_that_asks_for_gt(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.write(
        "organization/payers/acme.toml",
        'id = "acme"\nlabel = "Acme"\nextends = "midpoint"\n\n[telehealth_modifier]\nunit = "record"\n'
        '[[telehealth_modifier.at]]\nfrom = 2024-01-01\nvalue = { audio-video = "GT" }\nrefs = ["recalled"]\n'
        'status = "local"\n',
    )
    book, coverage = shelf.load(), {"payer": "acme"}
    video = {**VIDEO, "place": "11"}
    assert lines_of(assessed(book, [video], coverage=coverage)) == ["97110 x2 GT"]
    assert ids_of(assessed(book, [video], coverage=coverage), *ROOMS) == []
    hospital = assessed(book, [video], coverage=coverage, billing="critical-access-hospital")
    assert (lines_of(hospital), held_of(hospital)) == (["97110 x2 GT"], [])
    phone = assessed(book, [{**video, "way": "audio-only"}], coverage=coverage)
    assert (lines_of(phone), ids_of(phone, *ROOMS)) == (["97110 x2"], ["telehealth.way-not-known"])


def test_a_plan_that_follows_medicare_follows_it_here(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.write("organization/payers/acme-ma.toml", 'id = "acme-ma"\nlabel = "Acme MA"\nextends = "medicare"\n')
    answer = assessed(shelf.load(), [VIDEO], coverage={"payer": "acme-ma"})
    assert lines_of(answer) == ["97110 x2 GP 95"]


def test_a_hospital_of_a_time_for_which_no_method_is_held(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.write(
        "organization/payers/acme-ma.toml",
        'id = "acme-ma"\nextends = "medicare"\n\n[telehealth_modifier]\nunit = "record"\n'
        '[[telehealth_modifier.at]]\nfrom = 2026-01-01\nvalue = { audio-video = "95" }\nrefs = ["recalled"]\n'
        'status = "local"\n',
    )
    day = {"coverage": {"payer": "acme-ma"}, "billing": "critical-access-hospital", "date": "2028-06-01"}
    answer = assessed(shelf.load(), [VIDEO], **day)
    assert (lines_of(answer), held_of(answer)) == (["97110 x2 GP"], [])
    assert ids_of(answer, "telehealth")[0] == "telehealth.payer-not-known"


# -- properties --------------------------------------------------------------------------------------------------------

BOOK = load_rulebook()
PLACES = st.sampled_from([None, "02", "10", "11", "12", "22", "62", "97"])
VISITS = st.fixed_dictionaries(
    {
        "discipline": st.sampled_from(["PT", "OT"]),
        "place": PLACES,
        "way": st.sampled_from([None, "audio-video", "audio-only"]),
        "minutes": st.dictionaries(
            st.sampled_from(["97110", "97530", "97140", "97550"]), st.integers(0, 45), max_size=3
        ),
    }
)
DAYS = st.dates(date(2020, 1, 2), date(2028, 6, 1))


@given(st.lists(VISITS, max_size=3), DAYS, st.sampled_from(["medicare", "highmark"]))
def test_no_way_stands_without_ground_or_outside_its_dates(visits: list[dict[str, Any]], on: date, payer: str) -> None:
    answer = assessed(BOOK, visits, date=str(on), coverage={"payer": payer})
    for line in answer.lines:
        found = WAYS & {*line.modifiers, *line.note_modifiers}
        ways = {visit["way"] for visit in visits if visit["discipline"] == line.discipline and visit["minutes"]}
        assert len(found) <= 1
        if found:
            assert found <= {{"audio-video": "95", "audio-only": "93"}.get(str(way)) for way in ways}
            assert payer == "medicare"
            assert date(2020, 3, 1) <= on < date(2028, 1, 1)
    alone = telehealth(asked_of(BOOK, visits, date=str(on), coverage={"payer": payer}))
    assert {each.line for each in alone.held}.isdisjoint(each.line for each in alone.modifiers)
    if not any(visit["way"] for visit in visits):
        assert ids_of(answer, "telehealth") == []


@given(st.lists(VISITS, max_size=3), DAYS)
def test_the_order_of_visits_changes_no_line(visits: list[dict[str, Any]], on: date) -> None:
    one, other = (assessed(BOOK, order, date=str(on)) for order in (visits, visits[::-1]))
    assert sorted(lines_of(one)) == sorted(lines_of(other))
    assert sorted(held_of(one)) == sorted(held_of(other))


@pytest.mark.parametrize("value", ['{ audio-video = "9" }', '{ by-letter = "95" }', "{ }", "{ audio-video = 95 }"])
def test_a_policy_that_is_no_set_of_modifiers_is_refused(value: str, tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.write(
        "organization/payers/acme.toml",
        'id = "acme"\n\n[telehealth_modifier]\nunit = "record"\n[[telehealth_modifier.at]]\n'
        f'from = 2024-01-01\nvalue = {value}\nrefs = ["recalled"]\nstatus = "local"\n',
    )
    with pytest.raises(RulebookError, match="is not a set of modifiers; write a modifier for"):
        shelf.load()


def test_a_visit_that_gave_no_minute_of_a_code_decides_nothing_about_its_line(rulebook: Rulebook) -> None:
    elsewhere = {"discipline": "PT", "place": "02", "way": "audio-video", "minutes": {"97110": 8}}
    nothing = {"discipline": "PT", "place": "10", "way": "audio-only", "minutes": {"97110": 0}}
    answer = assessed(rulebook, [elsewhere, nothing])
    assert lines_of(answer) == ["97110 x1 GP 95"]
    assert held_of(answer) == []


def test_another_room_may_hold_a_line_that_this_one_marks(rulebook: Rulebook) -> None:
    """Three units of 97551 lie over the limit of that quarter: it waits for that, and 95 stands all the same."""
    visits = [{**VIDEO, "place": None, "minutes": {"97550": 34}}] * 2
    answer = assessed(rulebook, visits, date="2024-07-01")
    assert lines_of(answer) == ["97550 x1 GP 95", "97551 x3 GP 95"]
    assert [line.held for line in answer.lines] == [(), ("97551: 3 units, and the limit is 2.",)]
