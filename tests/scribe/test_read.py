"""What is read of a therapist's words, rule by rule, and what never is."""

from __future__ import annotations

from typing import Any

import pytest

from fifteen.rulebook import Rulebook
from fifteen.scribe.draft import Draft
from fifteen.scribe.read import read


def minutes(draft: Draft) -> list[tuple[str, int | None]]:
    return [(each.family, each.minutes) for each in draft.services]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        # The family first, last, or behind the number.
        ("TE 18 min: SLR 3x10 2# R", [("TE", 18)]),
        ("TE: 18 min", [("TE", 18)]),
        ("TE 18, MT 12", [("TE", 18), ("MT", 12)]),
        ("TE (15) // MT (8)", [("TE", 15), ("MT", 8)]),
        ("NMR x 9 min", [("NMR", 9)]),
        ("24 minutes of neuromuscular reeducation, 23 minutes of therapeutic exercise", [("NMR", 24), ("TE", 23)]),
        ("SLR 3x10, bridges 2x15 - 24 min TE", [("TE", 24)]),
        ("ther ex 23', manual 15'", [("TE", 23), ("MT", 15)]),
        ("Manual therapy twelve minutes. Ther ex twenty one minutes.", [("MT", 12), ("TE", 21)]),
        ("10:05-10:28 TE; 10:28-10:43 MT", [("TE", 23), ("MT", 15)]),
        # What a speaker takes back.
        ("Manual therapy fifteen, correction, twelve minutes", [("MT", 12)]),
        # A number that is no number of minutes of a service.
        ("TE 2u", [("TE", None)]),
        ("TE: bike 8 min, SLR 3x10", [("TE", None)]),
        ("GT: 2 x 150' with RW", [("GT", None)]),
    ],
)
def test_minutes(text: str, found: list[tuple[str, int | None]], rulebook: Rulebook) -> None:
    assert minutes(read(text, rulebook)) == found


def test_a_missing_minute_is_asked_for_and_never_inferred(rulebook: Rulebook) -> None:
    draft = read("Wall slides 3x10, pendulums x 2 min", rulebook)
    assert minutes(draft) == [("TE", None)]
    assert [(each.path, each.text) for each in draft.questions] == [
        ("services[0].minutes", "How many minutes of therapeutic exercise?")
    ]
    assert draft.facts[0].status == "missing"


def test_a_sum_that_is_not_the_total_is_a_question(rulebook: Rulebook) -> None:
    draft = read("TE 18 min, MT 12 min. Total timed 38 min.", rulebook)
    assert (draft.total_timed_minutes, minutes(draft)) == (38, [("TE", 18), ("MT", 12)])
    assert [each.text for each in draft.questions] == [
        "The services come to 30 minutes and the note says 38 timed minutes in all; which is right?"
    ]
    assert {each.status for each in draft.facts if each.path.endswith("minutes")} == {"conflict"}


@pytest.mark.parametrize(
    ("text", "dose"),
    [
        ("SLR 3x10 2# R", {"sets": 3, "reps": 10, "side": "R"}),
        ("SLR three sets of ten on the right", {"sets": 3, "reps": 10, "side": "R"}),
        ("SLR 10x3", {"sets": 3, "reps": 10}),
        ('quad sets 10x5"', {"reps": 10, "hold_s": 5}),
        ("SLR 3/10", {"sets": 3, "reps": 10}),
        ("SLR x15", {"reps": 15}),
        ('step ups 6" 2x10', {"sets": 2, "reps": 10}),
        ("SLR 30/15/15/15", {"rep_scheme": (30, 15, 15, 15)}),
    ],
)
def test_doses(text: str, dose: dict[str, Any], rulebook: Rulebook) -> None:
    (service,) = read(f"TE 15 min: {text}", rulebook).services
    (exercise,) = service.exercises
    assert {name: getattr(exercise, name) for name in dose} == dose


def test_inches_and_seconds_and_feet_and_minutes(rulebook: Rulebook) -> None:
    (service,) = read('TE 20 min: step ups 6" 2x10, planks 3x20", bike 5\'', rulebook).services
    step, plank, bike = service.exercises
    assert step.height is not None
    assert (step.height.value, step.hold_s) == (6, None)
    assert (plank.hold_s, plank.height) == (20, None)
    assert (bike.duration_s, bike.distance) == (300, None)


def test_each_side_with_a_dose_of_its_own(rulebook: Rulebook) -> None:
    (service,) = read("TE 10 min: SLR R 3x10 3#, L 3x10 5#", rulebook).services
    assert [(each.side, each.resistance.value if each.resistance else None) for each in service.exercises] == [
        ("R", 3),
        ("L", 5),
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("HEP issued: SLR 3x10 BID, bridges 2x15 BID.", {"home"}),
        ("Next visit add bridges 3x10.", {"planned"}),
        ("Last visit: bridges 3x10, TE 20 min.", {"earlier"}),
        ("Pt declined bridges.", {"declined"}),
        ("P: bridges 3x10, TE 30 min", {"planned"}),
        ("S: did bridges 20 min at home", {"home", "earlier"}),
        ("Goal: bridges 3x10 in 4 weeks", {"planned"}),
    ],
)
def test_what_was_not_done_today_is_no_service(text: str, why: set[str], rulebook: Rulebook) -> None:
    draft = read(text, rulebook)
    assert draft.services == ()
    assert {each.why for each in draft.not_performed} <= why
    assert "bridge" in {each.name for each in draft.not_performed}
    assert [each.id for each in draft.findings] == ["scribe.no-treatment"]


def test_treatment_beside_what_was_not_done(rulebook: Rulebook) -> None:
    draft = read("TE 20 min: bird dog 2x10. HEP issued: SLR 3x10, 10 min daily.", rulebook)
    assert minutes(draft) == [("TE", 20)]
    assert [each.name for each in draft.services[0].exercises] == ["bird dog"]
    assert [(each.name, each.why) for each in draft.not_performed] == [("straight leg raise", "home")]


def test_an_exercise_that_nobody_knows_keeps_its_words(rulebook: Rulebook) -> None:
    draft = read("TE 12 min: zorbo twirls 3x10", rulebook)
    (exercise,) = draft.services[0].exercises
    assert (exercise.name, exercise.known, exercise.sets) == ("zorbo twirls", False, 3)
    assert [each.text for each in draft.unread] == ["zorbo twirls"]
    assert [each.status for each in draft.facts] == ["accepted", "proposed"]


def test_a_modality_owns_no_exercise(rulebook: Rulebook) -> None:
    draft = read("US 8 min to R elbow; SLR 3x15 2#", rulebook)
    assert minutes(draft) == [("US", 8), ("TE", None)]
    assert [each.name for each in draft.services[1].exercises] == ["straight leg raise"]
    assert not draft.services[1].stated


def test_what_is_not_charged_asks_for_nothing(rulebook: Rulebook) -> None:
    draft = read("TE 15 min: bridges 3x10. Ice pack post, no charge.", rulebook)
    assert [(each.family, each.billable) for each in draft.services] == [("TE", True), ("HPCP", False)]
    assert draft.questions == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("TE 20 min, will continue to progress.", [("TE", 20)]),
        ("Gait training 12 min, observed decreased stance time.", [("GT", 12)]),
        ("Per MD prescription, TE 20 min, MT 10 min.", [("TE", 20), ("MT", 10)]),
        ("TE 20 min with freq rest breaks", [("TE", 20)]),
        ("TE 15 min, usually needs 2 rest breaks", [("TE", 15)]),
        ("NMR 15 min, pt reports less dizziness", [("NMR", 15)]),
        ("Teacher present. SI 30 min.", [("SI", 30)]),
    ],
)
def test_what_is_said_beside_treatment_takes_nothing_from_it(
    text: str, found: list[tuple[str, int]], rulebook: Rulebook
) -> None:
    draft = read(text, rulebook)
    assert minutes(draft) == found
    assert draft.not_performed == ()
