"""The door: the contract of its answer, choices, what was not checked, and how the therapist bills."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from fifteen import AskedWrongly, Context, Interval, NotInForce, assess
from fifteen.engine.assess import DayAnswer, person_intervals
from fifteen.engine.day import Choice, Coverage, Visit
from fifteen.rulebook import Rulebook
from tests.engine.evidence.records import at, day_of, given, ids, only, visits_of

KEYS = {"rulebook", "on", "units", "price", "edits", "note", "clocks", "attestations", "findings"}
LISTS = (
    "minutes",
    "uncounted",
    "explain_minutes",
    "units",
    "overlaps",
    "edits",
    "note",
    "clocks",
    "attestations",
    "findings",
)
TIE = (given("a", "97112", minutes=20), given("b", minutes=20))
EVERYTHING = Context(others=(), now=at("23:00"))


def printed(answer: DayAnswer) -> dict[str, Any]:
    return msgspec.json.decode(msgspec.json.encode(answer))


def lines(answer: DayAnswer, place: int = 0) -> list[tuple[str, int, tuple[str, ...]]]:
    return [(each.code, each.units, each.modifiers) for each in answer.units[place].lines]


# -- the contract ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("intervals", [(), (given("a", minutes=20),), (given("a", minutes=9, by="aide-1"),)])
def test_every_key_of_the_contract_is_printed_and_every_list_is_a_list(
    intervals: tuple[Interval, ...], rulebook: Rulebook
) -> None:
    answer = printed(assess(day_of(*intervals), rulebook))
    assert set(answer) >= KEYS
    assert all(isinstance(answer[name], list) for name in LISTS)
    assert answer["price"] is None
    assert (answer["on"], answer["rulebook"]) == ("2026-03-02", rulebook.hash)


def test_findings_have_the_keys_of_the_contract(rulebook: Rulebook) -> None:
    for finding in printed(assess(day_of(given("a", minutes=20)), rulebook))["findings"]:
        assert set(finding) == {"id", "severity", "message", "fix", "cite", "where"}


def test_an_overlap_is_printed_with_all_that_shows_it(rulebook: Rulebook) -> None:
    others = (given("z", clock="9:10-9:30", patient="p-z"),)
    (overlap,) = printed(assess(day_of(given("a", clock="9:00-9:20")), rulebook, Context(others=others)))["overlaps"]
    assert overlap["person"] == "pt-1"
    assert (overlap["start"], overlap["stop"], overlap["seconds"]) == (
        "2026-03-02T14:10:00Z",
        "2026-03-02T14:20:00Z",
        600,
    )
    assert (overlap["intervals"], overlap["patients"]) == (["a", "z"], ["p-a", "p-z"])


def test_the_same_day_gives_the_same_answer(rulebook: Rulebook) -> None:
    day = day_of(given("a", clock="9:00-9:20"), given("b", "97140", minutes=8))
    assert printed(assess(day, rulebook)) == printed(assess(day, rulebook))


def test_disciplines_each_have_their_units(rulebook: Rulebook) -> None:
    day = visits_of([given("a", minutes=20)], [given("b", "97535", minutes=10, by="ot-1")])
    answer = assess(day, rulebook)
    assert [each.discipline for each in answer.units] == ["PT", "OT"]
    assert (lines(answer), lines(answer, 1)) == ([("97110", 1, ("GP",))], [("97535", 1, ("GO",))])


# -- choices -----------------------------------------------------------------------------------------------------------


def test_a_recorded_choice_is_followed(rulebook: Rulebook) -> None:
    suggested = assess(day_of(*TIE), rulebook)
    assert lines(suggested) == [("97112", 1, ("GP",)), ("97110", 2, ("GP",))]
    choice = Choice(discipline="PT", codes=("97112",), by="pt-1")
    answer = assess(day_of(*TIE, choices=(choice,)), rulebook)
    assert lines(answer) == [("97112", 2, ("GP",)), ("97110", 1, ("GP",))]
    assert answer.units[0].chosen == ("97112",)
    assert "units.choice-lapsed" not in ids(answer.findings)


@pytest.mark.parametrize(
    "codes",
    [("97140",), ("97110", "97112"), ("97110", "97110"), (), ("97112", "97140"), ("nonsense",)],
)
def test_a_choice_that_is_none_now_lapses_and_is_said(codes: tuple[str, ...], rulebook: Rulebook) -> None:
    choice = Choice(discipline="PT", codes=codes, by="Dr. Lee")
    answer = assess(day_of(*TIE, choices=(choice,)), rulebook)
    assert answer.units == assess(day_of(*TIE), rulebook).units
    said = only(answer.findings, "units.choice-lapsed")
    assert said.message.startswith("Dr. Lee once gave the tied unit to ")
    assert (said.severity, said.where) == ("warn", "PT")


def test_a_choice_that_names_one_code_twice_lapses_where_two_are_asked(rulebook: Rulebook) -> None:
    three = [given(code, code, minutes=10) for code in ("97110", "97112", "97140")]
    choice = Choice(discipline="PT", codes=("97110", "97110"), by="pt-1")
    answer = assess(day_of(*three, choices=(choice,)), rulebook)
    assert (answer.units[0].tied.choose, answer.units[0].chosen) == (2, ())
    assert only(answer.findings, "units.choice-lapsed")


@pytest.mark.parametrize("payer", ["medicare", "aetna"])
def test_a_choice_lapses_where_there_is_no_tie(payer: str, rulebook: Rulebook) -> None:
    choice = Choice(discipline="PT", codes=("97110",), by="pt-1")
    day = day_of(given("a", minutes=20), choices=(choice,), coverage=Coverage(payer=payer))
    assert only(assess(day, rulebook).findings, "units.choice-lapsed")


def test_a_lapsed_choice_does_not_stand_in_the_way_of_one_that_fits(rulebook: Rulebook) -> None:
    old, new = (Choice(discipline="PT", codes=(code,), by="pt-1") for code in ("97140", "97112"))
    answer = assess(day_of(*TIE, choices=(old, new)), rulebook)
    assert answer.units[0].chosen == ("97112",)
    assert ids(answer.findings).count("units.choice-lapsed") == 1


def test_a_choice_settles_its_own_discipline_only(rulebook: Rulebook) -> None:
    day = visits_of(
        TIE,
        [given("c", "97112", minutes=20, by="ot-1"), given("d", minutes=20, by="ot-1")],
        choices=(Choice(discipline="OT", codes=("97112",), by="ot-1"),),
    )
    pt, ot = assess(day, rulebook).units
    assert (pt.chosen, ot.chosen) == ((), ("97112",))


# -- what was not checked, and what does not count --------------------------------------------------------------------


def test_what_the_context_does_not_hold_is_said_to_be_unchecked(rulebook: Rulebook) -> None:
    day = day_of(given("a", clock="9:00-9:20"))
    said = [each for each in assess(day, rulebook).findings if "not-checked" in each.id]
    assert set(ids(said)) == {f"assess.{each}-not-checked" for each in ("price", "others", "now", "rooms")}
    assert all(each.message.startswith("Not checked: ") and each.severity == "info" for each in said)
    assert "assess.rooms-not-checked" in ids(assess(day, rulebook, EVERYTHING).findings)


def test_rooms_that_do_not_exist_yet_are_named(rulebook: Rulebook) -> None:
    said = only(assess(day_of(given("a", minutes=8)), rulebook).findings, "assess.rooms-not-checked")
    assert "clocks" in said.message


def test_minutes_without_a_clock_are_said_to_be_uncheckable(rulebook: Rulebook) -> None:
    day = day_of(given("a", clock="9:00-9:20"), given("c", minutes=8), given("b", "97140", minutes=8))
    said = only(assess(day, rulebook, EVERYTHING).findings, "overlap.not-checkable")
    assert said.where == "b, c"


def test_time_that_has_not_come_is_left_out_when_the_present_is_given(rulebook: Rulebook) -> None:
    day = day_of(given("a", clock="9:00-9:20"), given("b", "97140", "9:20-9:40"))
    answer = assess(day, rulebook, Context(now=at("9:30")))
    assert lines(answer) == [("97110", 1, ("GP",))]
    assert "evidence.in-the-future" in ids(answer.findings)


def test_a_discipline_of_which_nothing_counts_is_said(rulebook: Rulebook) -> None:
    day = day_of(
        visits=(
            Visit(intervals=(given("a", minutes=20),)),
            Visit(id="2", discipline="OT", intervals=(given("b", minutes=20, by="aide-1"),)),
            Visit(id="3", discipline="SLP"),
        )
    )
    answer = assess(day, rulebook, EVERYTHING)
    assert [each.discipline for each in answer.units] == ["PT"]
    said = [each.where for each in answer.findings if each.id == "assess.nothing-counted"]
    assert said == ["OT", "SLP"]


def test_the_patient_s_own_intervals_among_the_others_change_nothing(rulebook: Rulebook) -> None:
    day = day_of(given("a", clock="9:00-9:20"), given("b", "97150", "9:20-9:50", mode="group"))
    answer = assess(day, rulebook, Context(others=tuple(person_intervals(day)), now=at("23:00")))
    assert answer == assess(day, rulebook, EVERYTHING)


def test_overlaps_of_other_patients_among_themselves_are_theirs(rulebook: Rulebook) -> None:
    others = (given("y", clock="11:00-11:20", patient="p-y"), given("z", clock="11:10-11:30", patient="p-z"))
    answer = assess(day_of(given("a", clock="9:00-9:20")), rulebook, Context(others=others))
    assert answer.overlaps == ()


def test_an_overlap_never_holds_a_claim_nor_changes_a_unit(rulebook: Rulebook) -> None:
    day = day_of(given("a", clock="9:00-9:20"))
    others = (given("z", clock="9:00-9:20", patient="p-z"),)
    answer = assess(day, rulebook, Context(others=others))
    assert lines(answer) == lines(assess(day, rulebook))
    assert only(answer.findings, "overlap.person").severity == "warn"


def test_the_window_is_said_in_the_site_s_time(rulebook: Rulebook) -> None:
    day = day_of(given("a", clock="9:00-9:20"), zone="America/Los_Angeles")
    others = (given("z", clock="9:10-9:30", patient="p-z"),)
    said = only(assess(day, rulebook, Context(others=others)).findings, "overlap.person")
    assert "from 06:10 to 06:20" in said.message


def test_another_patient_s_interval_is_checked_as_our_own_are(rulebook: Rulebook) -> None:
    others = (given("z", start=at("9:00").replace(tzinfo=None), patient="p-z"),)
    with pytest.raises(AskedWrongly, match=r"^context, interval 'z': start .* has no offset"):
        assess(day_of(given("a", minutes=8)), rulebook, Context(others=others))


def test_person_intervals_carry_the_patient() -> None:
    day = visits_of([given("a", minutes=8)], [given("b", minutes=8, by="ot-1")])
    assert [(each.id, each.patient) for each in person_intervals(day)] == [("a", "p-a"), ("b", "p-a")]


# -- how it is billed --------------------------------------------------------------------------------------------------

BY_ASSISTANT = given("a", minutes=20, by="pta-1")


@pytest.mark.parametrize(
    ("billing", "modifiers"),
    [
        ("private-practice", ("GP", "CQ")),
        ("facility", ("GP", "CQ")),
        ("physician-group", ("GP", "CQ")),
        ("critical-access-hospital", ("GP",)),
        ("incident-to", ("GP",)),
    ],
)
def test_the_assistant_modifier_depends_on_how_the_therapist_bills(
    billing: str, modifiers: tuple[str, ...], rulebook: Rulebook
) -> None:
    answer = assess(day_of(BY_ASSISTANT, billing=billing), rulebook)
    assert lines(answer) == [("97110", 1, modifiers)]
    blocks = [each.id for each in answer.units[0].findings if each.severity == "block"]
    assert blocks == (["modifiers.assistant-incident-to"] if billing == "incident-to" else [])


def test_incident_to_a_physician_the_therapist_s_own_time_is_billable(rulebook: Rulebook) -> None:
    answer = assess(day_of(given("a", minutes=20), billing="incident-to"), rulebook)
    assert [each.id for each in answer.units[0].findings if each.severity == "block"] == []


def test_an_evaluation_by_an_assistant_holds_the_claim(rulebook: Rulebook) -> None:
    answer = assess(day_of(given("a", "97161", "9:00-9:30", "pta-1")), rulebook)
    said = only(answer.units[0].findings, "modifiers.assistant-may-not")
    assert (said.severity, said.where) == ("block", "97161")
    together = assess(day_of(given("a", "97161", "9:00-9:30", "pt-1 pta-1", mode="together")), rulebook)
    assert "modifiers.assistant-may-not" not in ids(together.units[0].findings)


def test_a_payer_whose_method_is_unknown_gets_no_units_and_the_minutes_stand(rulebook: Rulebook) -> None:
    answer = assess(day_of(given("a", minutes=20), coverage=Coverage(payer="aetna")), rulebook)
    (units,) = answer.units
    assert (units.method, units.suggested, units.lines) == (None, None, [])
    assert only(units.findings, "payer.method-unknown")
    assert answer.minutes[0].timed_minutes == 20


def test_a_secondary_payer_is_compared(rulebook: Rulebook) -> None:
    day = day_of(given("a", "97112", minutes=24), given("b", minutes=23), coverage=Coverage("medicare", "midpoint"))
    assert only(assess(day, rulebook).units[0].findings, "units.secondary-differs")


def test_an_unknown_payer_is_refused(rulebook: Rulebook) -> None:
    with pytest.raises(AskedWrongly, match="payer 'nobody' is not in the rulebook"):
        assess(day_of(given("a", minutes=8), coverage=Coverage(payer="nobody")), rulebook)


def test_a_date_before_every_rule_is_refused(rulebook: Rulebook) -> None:
    with pytest.raises(NotInForce):
        assess(day_of(given("a", minutes=8), date=date(2016, 12, 31)), rulebook)


def test_a_day_nobody_could_read_is_refused_here_too(rulebook: Rulebook) -> None:
    with pytest.raises(AskedWrongly, match="interval 'a' is given twice"):
        assess(day_of(given("a", minutes=8), given("a", minutes=8)), rulebook)


def test_the_same_day_next_week_is_the_same_but_for_its_date(rulebook: Rulebook) -> None:
    week = timedelta(days=7)  # over the change to daylight saving time
    one = assess(day_of(given("a", clock="9:00-9:20")), rulebook)
    moved = given("a", start=at("9:00") + week, stop=at("9:20") + week)
    other = assess(day_of(moved, date=one.on + week), rulebook)
    assert lines(one) == lines(other)
    assert one.minutes == other.minutes


def test_another_patient_s_day_may_use_the_same_ids(rulebook: Rulebook) -> None:
    others = (given("i1", clock="9:10-9:30", patient="p-z"),)
    (overlap,) = assess(day_of(given("i1", clock="9:00-9:20")), rulebook, Context(others=others)).overlaps
    assert overlap.patients == ("p-a", "p-z")


def test_a_choice_for_a_discipline_without_counted_time_is_said(rulebook: Rulebook) -> None:
    choice = Choice(discipline="OT", codes=("97530",), by="ot-1")
    answer = assess(day_of(given("a", minutes=20), choices=(choice,)), rulebook)
    assert only(answer.findings, "units.choice-without-units").where == "OT"


def test_group_beside_one_on_one_of_one_patient_is_not_called_two_patients(rulebook: Rulebook) -> None:
    day = day_of(given("a", clock="9:00-9:20"), given("b", "97150", "9:10-9:30", mode="group", session="g"))
    assert "two patients" not in only(assess(day, rulebook, EVERYTHING).findings, "overlap.person").message


def test_a_present_without_offset_is_refused(rulebook: Rulebook) -> None:
    with pytest.raises(AskedWrongly, match="offset"):
        assess(day_of(given("a", clock="9:00-9:20")), rulebook, Context(now=at("9:00").replace(tzinfo=None)))


def test_a_day_without_any_time_is_said_to_be_empty(rulebook: Rulebook) -> None:
    findings = assess(day_of(), rulebook, EVERYTHING).findings
    assert [each for each in findings if each.id != "assess.rooms-not-checked"]
