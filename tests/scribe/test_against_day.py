"""Stated minutes beside the timers of the visit, and a draft put into a visit."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from fifteen import assess, load_rulebook
from fifteen.engine.day import Day, Interval, Person, Visit
from fifteen.kernel.errors import UnreadableInput
from fifteen.scribe.against_day import against_day, visit_of
from fifteen.scribe.draft import Draft, DraftService, Fact, Question
from fifteen.scribe.into_visit import into_visit

RULEBOOK = load_rulebook()
ON = date(2026, 3, 2)
NINE = datetime.fromisoformat("2026-03-02T09:00:00-05:00")
PT, PTA = Person(id="pt-1", role="therapist", discipline="PT"), Person(id="pta-1", role="assistant", discipline="PT")


def timer(id_: str, service: str, minutes: int, by: str = "pt-1", after: int = 0) -> Interval:
    start = NINE + timedelta(minutes=after)
    return Interval(id=id_, people=(by,), service=service, start=start, stop=start + timedelta(minutes=minutes))


def day(*intervals: Interval, **fields: Any) -> Day:
    return Day(patient="p-1", date=ON, people=(PT, PTA), intervals=intervals, **fields)


def service(minutes: int | None, code: str | None = "97110", **fields: Any) -> DraftService:
    return DraftService(**{"family": "TE", "code": code, "minutes": minutes, "source": (0, 2), **fields})


def draft(*services: DraftService, **fields: Any) -> Draft:
    return Draft(text="TE and so on", services=services, **fields)


def minutes(found: Draft, place: int = 0) -> Fact:
    return next(each for each in found.facts if each.path == f"services[{place}].minutes")


class TestAgainstDay:
    def test_the_same_minutes_are_accepted_with_their_intervals(self) -> None:
        found = against_day(
            draft(service(18)), day(timer("i1", "97110", 10), timer("i2", "97110", 8, after=20)), RULEBOOK
        )
        assert minutes(found) == Fact(
            path="services[0].minutes", value=18, status="accepted", source=(0, 2), intervals=("i1", "i2")
        )
        assert found.questions == ()

    def test_other_minutes_are_both_shown_and_asked(self) -> None:
        found = against_day(draft(service(18)), day(timer("i1", "97110", 23)), RULEBOOK)
        fact, [question] = minutes(found), found.questions
        assert (fact.value, fact.timers, fact.status, fact.intervals) == (18, 23, "conflict", ("i1",))
        assert (fact.question, question.path, question.choices) == (question.id, fact.path, ("18", "23"))
        assert question.text == (
            "The words say 18 minutes of therapeutic exercise (97110) and the timers 23: which is right?"
        )
        assert found.services[0].minutes == 18

    def test_the_timers_are_proposed_where_the_words_give_none(self) -> None:
        asked = Question(id="q1", path="services[0].minutes", text="How many minutes of exercise?")
        missing = Fact(path="services[0].minutes", value=None, status="missing", source=(0, 2), question="q1")
        given = draft(service(None), facts=(missing,), questions=(asked,))
        found = against_day(given, day(timer("i1", "97110", 23)), RULEBOOK)
        fact = minutes(found)
        assert (fact.value, fact.status, fact.intervals, fact.question) == (23, "proposed", ("i1",), None)
        assert found.questions == ()
        assert found.services[0].minutes is None

    def test_where_neither_has_minutes_a_question_stands(self) -> None:
        found = against_day(draft(service(None)), day(timer("i1", "97140", 12)), RULEBOOK)
        [question] = found.questions
        assert question.text == "How many minutes of therapeutic exercise (97110)?"
        assert (minutes(found).status, minutes(found).question) == ("missing", question.id)
        assert against_day(found, day(timer("i1", "97140", 12)), RULEBOOK) == found

    def test_nothing_is_asked_of_what_is_untimed_or_not_charged(self) -> None:
        given = draft(service(None, "97010", family="HPCP"), service(None, "97110", billable=False))
        assert against_day(given, day(), RULEBOOK) == given

    def test_a_service_without_a_code_is_compared_with_nothing(self) -> None:
        found = against_day(draft(service(None, None, family="EVAL")), day(timer("i1", "97161", 30)), RULEBOOK)
        assert [each.text for each in found.questions] == ["How many minutes of evaluation?"]

    def test_one_service_in_two_places_is_compared_as_one(self) -> None:
        timed = day(timer("i1", "97110", 18))
        agreed = against_day(draft(service(10), service(8), service(None)), timed, RULEBOOK)
        assert ([minutes(agreed, n).status for n in range(3)], agreed.questions) == (["accepted"] * 2 + ["missing"], ())
        differing = against_day(draft(service(10), service(5)), timed, RULEBOOK)
        assert [each.choices for each in differing.questions] == [("15", "18")]
        assert [minutes(differing, n).value for n in range(2)] == [10, 5]

    def test_roles_are_told_apart_where_the_words_do(self) -> None:
        timed = day(timer("i1", "97110", 10), timer("i2", "97110", 13, "pta-1", 10))
        both = against_day(draft(service(10), service(13, role="assistant")), timed, RULEBOOK)
        assert both.questions == ()
        swapped = against_day(draft(service(13), service(10, role="assistant")), timed, RULEBOOK)
        assert [each.choices for each in swapped.questions] == [("13", "10"), ("10", "13")]
        assert against_day(draft(service(23)), timed, RULEBOOK).questions == ()

    def test_two_readings_of_the_words_are_not_settled_by_a_timer(self) -> None:
        two = Fact(path="services[0].minutes", value=[18, 12], status="conflict", source=(0, 2), question="q1")
        asked = Question(id="q1", path="services[0].minutes", text="18 or 12?", choices=("18", "12"))
        given = draft(service(None), facts=(two,), questions=(asked,))
        assert against_day(given, day(timer("i1", "97110", 18)), RULEBOOK) == given
        assert against_day(given, day(), RULEBOOK) == given


class TestVisitOf:
    visits = (Visit(id="am"), Visit(id="pm"), Visit(id="ot", discipline="OT"))

    def test_the_only_one_or_a_new_one(self) -> None:
        assert visit_of(day(timer("i1", "97110", 18))).id == "1"
        assert visit_of(day(), "am", "OT") == Visit(id="am", discipline="OT")

    def test_by_id_or_discipline(self) -> None:
        assert visit_of(day(visits=self.visits), "pm").id == "pm"
        assert visit_of(day(visits=self.visits), discipline="OT").id == "ot"

    @pytest.mark.parametrize("id_", [None, "noon"])
    def test_which_one_must_be_said(self, id_: str | None) -> None:
        with pytest.raises(UnreadableInput, match=r"visits am \(PT\), pm \(PT\), ot \(OT\) and .*; give the id of one"):
            visit_of(day(visits=self.visits), id_)


class TestIntoVisit:
    def test_stated_minutes_become_units(self) -> None:
        given = draft(service(18), service(12, "97140", family="MT"))
        found = into_visit(given, day(), [PT])
        assert [(each.id, each.service, each.minutes, each.origin) for each in found.visits[0].intervals] == [
            ("dictated-1", "97110", 18, "dictated"),
            ("dictated-2", "97140", 12, "dictated"),
        ]
        [units] = assess(found, RULEBOOK).units
        assert units.suggested == {"97110": 1, "97140": 1}
        assert [each.visit for each in found.notes] == ["1"]

    def test_what_the_timers_have_is_not_added(self) -> None:
        timed = day(timer("dictated-1", "97110", 23))
        found = into_visit(against_day(draft(service(18), service(9, "97116")), timed, RULEBOOK), timed, [PT])
        assert [(each.id, each.service) for each in found.visits[0].intervals] == [
            ("dictated-1", "97110"),
            ("dictated-2", "97116"),
        ]
        said = [each.message for each in assess(found, RULEBOOK).note]
        assert any(each.startswith("The note states 18 minutes of 97110, the record has 23") for each in said)

    def test_a_corrected_interval_is_recorded_time_no_more(self) -> None:
        wrong = timer("i1", "97110", 23)
        right = Interval(id="i2", people=("pt-1",), service="97140", minutes=23, amends="i1", reason="it was that")
        found = into_visit(draft(service(18)), day(wrong, right), [PT])
        assert found.visits[0].intervals[-1].service == "97110"

    @pytest.mark.parametrize(
        "given",
        [
            draft(service(None)),
            draft(service(18, None)),
            draft(service(18, billable=False)),
            draft(service(18, stated=False)),
            *(
                draft(service(18), facts=(Fact(path=f"services[0].{path}", value=18, status=status, source=None),))
                for path, status in (("minutes", "proposed"), ("minutes", "conflict"), ("family", "proposed"))
            ),
        ],
    )
    def test_what_is_open_gives_no_minutes(self, given: Draft) -> None:
        found = into_visit(given, day(), [PT])
        assert found.visits[0].intervals == ()
        assert len(found.notes[0].services) == 1

    def test_who_gave_it_is_who_has_the_role(self) -> None:
        given = draft(service(10), service(13, "97112", family="NMR", role="assistant"))
        found = into_visit(given, day(), [PT, PTA])
        assert [each.people for each in found.visits[0].intervals] == [("pt-1",), ("pta-1",)]

    def test_one_person_alone_gave_what_names_nobody(self) -> None:
        assert into_visit(draft(service(10)), day(), [PTA]).visits[0].intervals[0].people == ("pta-1",)

    @pytest.mark.parametrize("people", [[], [PT], [PTA, Person(id="pta-2", role="assistant")]])
    def test_nobody_is_guessed(self, people: list[Person]) -> None:
        with pytest.raises(UnreadableInput, match=r"10 minutes of therapeutic exercise are by one assistant"):
            into_visit(draft(service(10, role="assistant")), day(), people)

    def test_a_modality_and_a_group_are_given_as_such(self) -> None:
        given = draft(service(10, "97010", family="HPCP"), service(20, "97150", family="GRP"))
        found = into_visit(given, day(), [PT]).visits[0].intervals
        assert [each.mode for each in found] == ["supervised", "group"]

    def test_people_and_other_visits_are_kept(self) -> None:
        student = Person(id="s-1", role="student")
        found = into_visit(draft(service(10)), day(visits=(Visit(id="am"), Visit(id="pm"))), [PT, student], "pm")
        assert [each.id for each in found.people] == ["pt-1", "pta-1", "s-1"]
        assert [(each.id, len(each.intervals)) for each in found.visits] == [("am", 0), ("pm", 1)]
