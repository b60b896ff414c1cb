"""Talk: whose words count, and the minutes that the therapist says of what was just done."""

from __future__ import annotations

import pytest

from fifteen.rulebook import Rulebook
from fifteen.scribe.dialogue import is_dialogue
from fifteen.scribe.read import read


def minutes(text: str, rulebook: Rulebook) -> list[tuple[str, int | None]]:
    return [(each.family, each.minutes) for each in read(text, rulebook).services]


def test_talk_has_two_speakers_one_of_them_the_therapist() -> None:
    assert is_dialogue("PT: Ready? Pt: Yes.")
    assert not is_dialogue("PT: eval 30 min")
    assert not is_dialogue("Pt: reports less pain. Patient: none")
    assert not is_dialogue("TE 20 min")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("PT: That was nine minutes of walking. Pt: Good.", [("GT", 9)]),
        ("OT: Buttons, ten of them. Pt: Done. OT: That was twenty minutes on dressing.", [("SC", 20)]),
        ("PT: Okay, that was fifteen minutes of hands-on work. Pt: Better.", [("MT", 15)]),
        ("PT: So that was ten, no, sorry, twelve minutes of gait. Pt: Phew.", [("GT", 12)]),
        ("PT: It's nine o'clock, let's start the balance. Pt: OK. PT: Ten past nine, balance is done.", [("NMR", 10)]),
        ("PT: It's nine twenty five now, we started walking at ten past nine. Pt: Oh.", [("GT", 15)]),
    ],
)
def test_minutes_said_of_what_was_done_are_taken(text: str, found: list[tuple[str, int]], rulebook: Rulebook) -> None:
    assert minutes(text, rulebook) == found


@pytest.mark.parametrize(
    "text",
    [
        "PT: How was it? Pt: I did twenty minutes of walking yesterday, that was good.",
        "PT: Next time we'll do fifteen minutes of balance, that will help. Pt: OK.",
        "PT: At home do ten minutes of walking every day, okay? Pt: Okay.",
        "PT: Let's do five minutes of walking. Pt: Fine.",
        "PT: It's nine o'clock. Pt: Late. PT: Ten past nine, let's start the balance.",
    ],
)
def test_minutes_of_something_else_are_not(text: str, rulebook: Rulebook) -> None:
    assert all(each is None for _, each in minutes(text, rulebook))


def test_the_minutes_of_an_exercise_stay_its_own_where_its_service_is_told(rulebook: Rulebook) -> None:
    text = "PT: That was six minutes on the bike. Pt: OK. PT: Counting the bike that's twenty two minutes of exercise."
    assert minutes(text, rulebook) == [("TE", 22)]


def test_clock_minutes_carry_both_times(rulebook: Rulebook) -> None:
    text = "PT: It's nine o'clock, let's start the balance. Pt: OK. PT: Ten past nine, balance is done."
    (service,) = read(text, rulebook).services
    assert service.minutes_source is not None
    said = text[slice(*service.minutes_source)]
    assert said.startswith("nine o'clock")
    assert said.endswith("Ten past nine")
