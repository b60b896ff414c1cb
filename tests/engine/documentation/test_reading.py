"""What is read of free prose, with the words and where they stand; what is not read is said, nothing is invented."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fifteen.engine.documentation.note import Note, NoteService
from fifteen.engine.documentation.reading import reading_of
from fifteen.engine.documentation.words import Vocabulary
from fifteen.rulebook import Rulebook
from tests.engine.documentation.conftest import DAY, Read
from tests.tiers import examples


@pytest.mark.parametrize(
    ("text", "timed", "total"),
    [
        ("Timed 38, total 45 min", 38, 45),
        ("38 timed / 45 total", 38, 45),
        ("38 min timed, 45 min total treatment", 38, 45),
        ("Total timed minutes: 38. Total treatment time: 45 min.", 38, 45),
        ("timed/total 38/45", 38, 45),
        ("38/45 min timed/total", 38, 45),
        ("timed & total 38", 38, 38),
        ("Total min 38 (all timed)", 38, 38),
        ("MT 15, timed 38, total 45", 38, 45),
        ("Timed: 0. Total: 40", 0, 40),
        ("tx time 45 min", None, 45),
        ("session time: 45", None, 45),
        ("untimed 7 min, total time 45", None, 45),
        ("un-timed 7 min", None, None),
        ("TTT 38, total 38", 38, 38),
        ("TTT 44", None, 44),
        ("TTT 44, timed 38, total tx 44", 38, 44),
        ("TTT 40, timed 38, total min 44", 38, 44),
        ("timed 38, timed 40, total min 45, total min 50", 38, 45),
        ("total 3 goals met", None, None),
        ("no time is told", None, None),
        ("timed as before", None, None),
    ],
)
def test_the_two_totals(text: str, timed: int | None, total: int | None, read: Read) -> None:
    found = read(text)
    assert (found.timed and found.timed.minutes, found.total and found.total.minutes) == (timed, total)
    for stated in (found.timed, found.total):
        if stated is not None:
            words = stated.words
            assert text[words.start : words.end].strip() == words.text


@pytest.mark.parametrize(
    ("text", "services"),
    [
        ("TE 23 min, MT 15 min", [("97110", 23), ("97140", 15)]),
        ("te 23, mt 15; cues", [("97110", 23), ("97140", 15)]),
        ("97110 x 23 min; 97140: 15", [("97110", 23), ("97140", 15)]),
        ("97110 x2", [("97110", None)]),
        ("97110 TE 23 min", [("97110", 23)]),
        ("TE (97110) 23 min", [("97110", 23)]),
        ("97110, 97140", [("97110", None), ("97140", None)]),
        ("97110, MT 8 min", [("97110", None), ("97140", 8)]),
        ("23 min of therapeutic exercise for the hip", [("97110", 23)]),
        ("therapeutic exercise: bike 8 min, SLR 3x10 (23 min)", [("97110", 23)]),
        ("therapeutic exercise: bike 8 min, SLR 3x10", [("97110", None)]),
        ("TE 300, MT 2", [("97110", None), ("97140", None)]),
        ("no manual therapy today. MT held. TE 8 min", [("97110", 8)]),
        ("Gait 15 min", [("97116", 15)]),
        ("Gait improved", []),
        ("TE 23 min. P: gait training 10 min", [("97110", 23)]),
        ("98765 is a number", []),
        ("dysphagia tx, then ST 30 min", [("92526", None), ("92507", 30)]),
        ("TE 15 min, TE 8 min", [("97110", 15), ("97110", 8)]),
    ],
)
def test_services_and_their_minutes(text: str, services: list[tuple[str, int | None]], read: Read) -> None:
    assert [(each.code, each.minutes) for each in read(text).services] == services


def test_a_total_is_no_service_s_minutes(read: Read) -> None:
    assert [each.minutes for each in read("gait training 38 min timed, 45 total. 38 min timed: MT").services] == [
        None
    ] * 2


@pytest.mark.parametrize(
    ("text", "signed"),
    [
        ("cues given. J. Smith, PT, DPT", [("therapist", "PT")]),
        ("cont POC. M Lee PTA", [("assistant", "PTA")]),
        ("Signed: Lee PTA 3/2/26", [("assistant", "PTA")]),
        ("KL, SPT\nJane Roe, MS, CCC-SLP", [("student", "SPT"), ("therapist", "CCC-SLP")]),
        ("recommend Skilled PT", []),
        ("Continue PT.", []),
        ("Pt seen by PT for gait", []),
        ("electronically signed by Walker, PT", [("therapist", "PT")]),
        ("tolerated by, PT", []),
    ],
)
def test_signatures(text: str, signed: list[tuple[str, str]], read: Read) -> None:
    found = [(each.role, each.credential) for each in read(text).signatures]
    assert [(role, credential.split(",")[0].split(" ")[0]) for role, credential in found] == signed


def test_a_denied_word_is_no_evidence(read: Read) -> None:
    assert "skill" not in read("no cues").found
    assert "skill" in read("cues").found
    assert "goal" not in read("without goals").found


def test_a_measurement_needs_its_value(read: Read) -> None:
    assert "measured" not in read("ROM limited").found
    assert "measured" in read("ROM flexion about 110").found


def test_what_is_not_read_is_said_with_its_place(read: Read) -> None:
    text = "TE 23 min. The cat sat on the mat; ok. 4.5 lb"
    assert [(each.text, text[slice(*each.span)]) for each in read(text).unread] == [("The cat sat on the mat",) * 2]


def test_fields_come_first_and_a_service_in_words_finds_its_code(rulebook: Rulebook) -> None:
    note = Note(
        on=DAY, timed_minutes=8, total_minutes=9, text="timed 38, total 45",
        services=(NoteService(what="therapeutic exercise"), NoteService(what="kindness"), NoteService()),
    )  # fmt: skip
    reading = reading_of(note, rulebook)
    assert reading.timed is not None
    assert reading.total is not None
    assert (reading.timed.minutes, reading.total.minutes) == (8, 9)
    assert [each.code for each in reading.services] == ["97110", None]


def test_a_phrase_does_not_reach_over_a_full_stop() -> None:
    words = Vocabulary([("min A", "skill", ""), ("self care*", "service", "97535"), ("gait #", "service", "97116")])
    assert [
        m.phrase.value or m.phrase.kinds[0] for m in words.find("38 min. A and min A; selfish care, self-care")
    ] == [
        "skill",
        "97535",
    ]
    assert words.find("min") == words.find("gait") == words.find("gait is") == []


def test_many_different_words_are_forgotten_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fifteen.engine.documentation.words._MOST_TOKENS", 2)
    words = Vocabulary([("a*", "skill", "")])
    assert len(words.find("ab ac ad ae af")) == 5
    assert len(words._seen) <= 2


def test_the_values_of_the_table_are_codes_roles_and_parts(rulebook: Rulebook) -> None:
    table = rulebook.tables["note_words"]
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    for row in rows:
        kinds = row["kinds"].split()
        if "service" in kinds:
            assert kinds[0] == "service", row
            assert rulebook.service(row["value"], DAY) is not None, row
        if "credential" in kinds:
            assert row["value"] in ("therapist", "assistant", "student"), row


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(150))
@given(text=st.text(max_size=300))
def test_any_text_can_be_read(text: str, rulebook: Rulebook) -> None:
    reading = reading_of(Note(on=DAY, text=text), rulebook)
    for words in [each for found in reading.found.values() for each in found]:
        assert words.text == text[words.start : words.end] or words.where != "text"


WORDS = """TE MT 97110 23 min timed total 38 / : , . ; ( ) x SLR 3x10 J. Smith, PT PTA signed P: S: cues no held
tolerated well goal stairs pain 3 -> 2 TTT all un-timed of and 45 untimed CCC-SLP M25.561 gait"""
PIECES = st.sampled_from([*WORDS.split(), "\n"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(300))
@given(pieces=st.lists(PIECES, max_size=40))
def test_any_order_of_words_of_the_trade_can_be_read(pieces: list[str], rulebook: Rulebook) -> None:
    text = " ".join(pieces)
    reading = reading_of(Note(on=DAY, text=text), rulebook)
    for each in reading.services:
        assert each.words.text in text
        if each.timed is not None:
            assert str(each.minutes) in each.timed.text


def test_what_is_planned_or_was_of_another_visit_is_no_evidence(read: Read) -> None:
    """Under the plan's heading and behind `next visit` at once; the words behind it stand for themselves again."""
    reading = read("97110. Last visit VC 2#, today tactile cues.\nP: next visit PNF, will add SLR 3x10. S: sore")
    assert [each.text for each in reading.found["skill"]] == ["tactile", "cues"]
    assert "dose" not in reading.found
    assert "sore" in [each.text for each in reading.found["response"]]
