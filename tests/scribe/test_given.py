"""Told as given today, or only spoken of: what is not told is asked, and nothing is made of it."""

from __future__ import annotations

import pytest

from fifteen.rulebook import Rulebook
from fifteen.scribe.draft import Draft
from fifteen.scribe.read import read


def minutes(draft: Draft) -> list[tuple[str, int | None]]:
    return [(each.family, each.minutes) for each in draft.services]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("TE 20 min, MT 10 min", [("TE", 20), ("MT", 10)]),
        ("Spent 15 min on gait training.", [("GT", 15)]),
        ("Pt tolerated 15 min of therex well.", [("TE", 15)]),
        ("Caregiver watched as I provided 26 minutes of self-care training.", [("SC", 26)]),
        ("As ordered by Dr. Vale, mechanical traction was applied for 12 minutes.", [("TRX", 12)]),
        ("Patient did 30 minutes of therapeutic activities to return to cooking at home.", [("TA", 30)]),
        ("Despite fatigue she completed 22 min of TE and did not need a rest.", [("TE", 22)]),
        ("Needed seated rests, but 30 min TE done in full.", [("TE", 30)]),
        ("Tolerated 15 min of TE without increased pain and 10 min of manual therapy.", [("TE", 15), ("MT", 10)]),
        ("10 min MT, no adverse reaction. TE 12 min", [("MT", 10), ("TE", 12)]),
        ("Gait training took 16 minutes since she has a ramp at her apartment.", [("GT", 16)]),
    ],
)
def test_an_entry_and_a_sentence_of_giving_are_told(
    text: str, found: list[tuple[str, int]], rulebook: Rulebook
) -> None:
    draft = read(text, rulebook)
    assert (minutes(draft), draft.doubtful) == (found, ())


@pytest.mark.parametrize(
    ("text", "doubted"),
    [
        ("Records from the spine center: they had been providing 15 minutes of mechanical traction.", ("TRX", 15)),
        ("The school OT provides 30 min of sensory integration under his IEP.", ("SI", 30)),
        ("In the hospital physical therapy saw him for gait training, 15 minutes in the morning.", ("GT", 15)),
        ("Gait training 15 min is the most they pay.", ("GT", 15)),
        ("TE 15 min per their representative.", ("TE", 15)),
        ("Ultrasound 8 min, stopped.", ("US", 8)),
        ("Vaso machine's default program is 15 min.", ("VASO", 15)),
    ],
)
def test_prose_about_treatment_is_asked_and_nothing_made_of_it(
    text: str, doubted: tuple[str, int], rulebook: Rulebook
) -> None:
    draft = read(text, rulebook)
    assert all(each is None for _, each in minutes(draft))
    assert [(each.family, each.minutes) for each in draft.doubtful] == [doubted]
    (asked,) = [each for each in draft.questions if each.id == "given-0"]
    assert asked.choices == ("given", "not given")
    assert str(doubted[1]) in asked.text
    (fact,) = [each for each in draft.facts if each.path == asked.path]
    assert (fact.value, fact.status, fact.question) == (doubted[1], "proposed", asked.id)
    assert fact.source is not None
    assert str(doubted[1]) in text[slice(*fact.source)]


def test_what_was_withdrawn_or_copied_is_not_read(rulebook: Rulebook) -> None:
    assert minutes(read("Gait training 15 min. Disregard.", rulebook)) == []
    assert minutes(read("TE 30 min, strike that, TE 20 min", rulebook)) == [("TE", 20)]
    assert minutes(read("TE 20 min - copied from 6/12 for reference.", rulebook)) == []
    assert minutes(read("Plan next session: ultrasound 8 min; add 15 min TA for lifting", rulebook)) == []


def test_a_whole_note_in_one_line_is_not_all_the_patients_report(rulebook: Rulebook) -> None:
    text = "S: sore 4/10, did TE 15 min at the gym. TE 20 min, wall slides 2x10. MT 10 min. P: TE 30 min next week."
    draft = read(text, rulebook)
    assert minutes(draft) == [("TE", 20), ("MT", 10)]
    assert [each.why for each in draft.not_performed] == ["earlier", "planned"]


def test_a_sum_told_before_its_parts_is_no_service_of_its_own(rulebook: Rulebook) -> None:
    text = "Seen for 14 minutes of ultrasound and manual work: 8 minutes of ultrasound and 6 minutes of manual therapy."
    assert minutes(read(text, rulebook)) == [("US", 8), ("MT", 6)]


def test_a_number_in_parentheses_at_the_end_of_a_line_is_its_minutes(rulebook: Rulebook) -> None:
    assert minutes(read("TE - bike, squats 3x10 (23)\nMT - patellar mobs gr III (9)", rulebook)) == [
        ("TE", 23),
        ("MT", 9),
    ]
