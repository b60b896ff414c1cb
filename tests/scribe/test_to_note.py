"""A draft to a note: what was stated, in the note's fields, and nothing else."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from fifteen.engine.documentation.note import Amount as Written
from fifteen.engine.documentation.note import Exercise, Load, Measure, Note
from fifteen.scribe.draft import (
    Amount,
    Draft,
    DraftExercise,
    DraftService,
    Measured,
    NotPerformed,
    Pain,
    Resistance,
)
from fifteen.scribe.to_note import to_note

TEXT = "TE 18 min: SLR 3x10 2# R. HEP: bridges. Next visit step ups."
ON = date(2026, 3, 2)


def span(words: str) -> tuple[int, int]:
    start = TEXT.index(words)
    return start, start + len(words)


def exercised(**fields: Any) -> Exercise:
    exercise = DraftExercise(**{"name": "step up", "source": (0, 1), **fields})
    service = DraftService(family="TE", exercises=(exercise,), source=(0, 1))
    return noted(services=(service,)).services[0].exercises[0]


def noted(**fields: Any) -> Note:
    return to_note(Draft(text=TEXT, **fields), on=ON, discipline="PT")


def test_an_empty_draft_is_an_empty_note() -> None:
    assert noted() == Note(on=ON)


def test_services_with_their_code_minutes_and_exercises() -> None:
    leg_raise = DraftExercise(
        name="straight leg raise", side="R", sets=3, reps=10, resistance=Resistance(value=2, unit="lb"),
        source=span("SLR 3x10 2# R"),
    )  # fmt: skip
    service = DraftService(family="TE", code="97110", minutes=18, exercises=(leg_raise,), source=(0, 24))
    [found] = noted(services=(service,)).services
    assert (found.code, found.what, found.minutes) == ("97110", "therapeutic exercise", 18)
    assert found.exercises == (
        Exercise(name="straight leg raise", side="right", sets=3, reps=10, load=Load(value="2", unit="lb")),
    )


def test_a_service_says_its_place_and_its_parameters() -> None:
    service = DraftService(family="US", side="L", region="shoulder", parameters="1 MHz 1.2 W/cm2", source=(0, 1))
    assert noted(services=(service,)).services[0].what == "ultrasound, left shoulder, 1 MHz 1.2 W/cm2"


def test_nobody_s_skill_necessity_progress_or_response_is_written() -> None:
    found = noted(services=(DraftService(family="MT", code="97140", minutes=12, source=(0, 1)),))
    [service] = found.services
    assert (service.skilled_reason, service.response, service.progression, service.goals) == ("", "", "", ())
    assert (found.assessment, found.response, found.subjective, found.adverse, found.text) == ("",) * 5
    assert (found.timed_minutes, found.total_minutes, found.signatures) == (None, None, ())


def test_every_part_of_a_dose_has_its_field() -> None:
    found = exercised(
        side="B", region="knee", hold_s=5, duration_s=60, level="2", assist="CGA", cues="verbal: pace",
        distance=Amount(150, "ft"), height=Amount(6.5, "in"), device="rolling walker", position="standing",
        support="one rail",
    )  # fmt: skip
    assert found == Exercise(
        name="step up", side="both", region="knee", hold_s=5, duration_s=60, level=Written(value="2"),
        assistance="CGA", cues="verbal: pace", distance=Written(value="150", unit="ft"),
        height=Written(value="6.5", unit="in"), device="rolling walker, one rail", position="standing",
    )  # fmt: skip


def test_what_the_note_has_no_field_for_stands_behind_the_name() -> None:
    assert exercised(condition="eyes open", rep_scheme=(30, 15, 15)).name == "step up, eyes open, 30/15/15"


def test_a_grade_says_that_it_is_one() -> None:
    assert exercised(grade="III").level == Written(value="III", unit="grade")


def test_bands_putty_and_flexbar_keep_their_colour() -> None:
    assert exercised(resistance=Resistance(band="green")).load == Load(band="green")
    assert exercised(resistance=Resistance(putty="red")).load == Load(band="red putty")
    assert exercised(resistance=Resistance(flexbar="blue")).load == Load(band="blue flexbar")


def test_pain_before_and_after_and_any_other() -> None:
    found = noted(
        pain=(
            Pain(value=4, when="before", source=(0, 1)),
            Pain(value=2, when="post-treatment", source=(0, 1)),
            Pain(value=7, when="overhead reaching", site="R shoulder", source=(0, 1)),
        )
    )
    assert (found.pain_before, found.pain_after) == (4, 2)
    assert found.measures == (Measure(kind="pain", name="pain, overhead reaching, R shoulder", value="7", unit="/10"),)


def test_pain_that_is_no_one_whole_number_is_a_measure() -> None:
    assert noted(pain=(Pain(value=4.5, when="before", source=(0, 1)),)).measures == (
        Measure(kind="pain", name="pain", value="4.5", unit="/10", when="before"),
    )
    two = noted(pain=(Pain(value=4, when="before", source=(0, 1)), Pain(value=5, when="pre", source=(2, 3))))
    assert (two.pain_before, [each.value for each in two.measures]) == (None, ["4", "5"])


def test_measures_are_of_the_kind_their_unit_shows() -> None:
    found = noted(
        measures=(
            Measured(name="knee flexion", value="108", unit="deg", side="R", source=(0, 1)),
            Measured(name="quadriceps", value="4-/5", source=(0, 1)),
            Measured(name="nine hole peg test", value="38", unit="s", source=(0, 1)),
        )
    )
    assert [(each.kind, each.side) for each in found.measures] == [
        ("rom", "right"),
        ("strength", None),
        ("other", None),
    ]


def test_totals_response_plan_and_goal_are_those_stated() -> None:
    found = noted(total_timed_minutes=38, total_minutes=48, response="tolerated well", plan="2x/week", goal="stairs")
    assert (found.timed_minutes, found.total_minutes) == (38, 48)
    assert (found.response, found.plan, found.goals[0].text) == ("tolerated well", "2x/week", "stairs")


def test_what_was_not_done_is_no_service() -> None:
    found = noted(
        not_performed=(
            NotPerformed(name="bridge", why="home", source=span("HEP: bridges")),
            NotPerformed(name="step up", why="planned", source=span("Next visit step ups")),
            NotPerformed(name="ice", why="declined", source=(0, 1)),
        )
    )
    assert found.services == ()
    assert (found.home_programme, found.plan) == ("HEP: bridges", "Next visit step ups")


def test_the_note_is_one_that_a_note_s_reader_reads_back() -> None:
    note = noted(services=(DraftService(family="TE", code="97110", minutes=18, source=(0, 1)),))
    assert msgspec.json.decode(msgspec.json.encode(note), type=Note) == note
