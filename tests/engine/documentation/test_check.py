"""The door: which elements are asked by whom, what findings may weigh, and what an answer never does."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fifteen import check_note, load_rulebook
from fifteen.engine.documentation.note import Kind, Note, NoteService, Signature, read_note
from fifteen.kernel.errors import NotInForce, UnknownCode, UnknownPayer, UnreadableInput
from fifteen.rulebook import Rulebook
from tests.engine.documentation.conftest import DAY, Check
from tests.tiers import examples

PARTS = {
    "timed-minutes": "timed 23",
    "total-minutes": "total tx time 30 min",
    "services": "97110",
    "signature": "J. Ortiz, PT",
    "exercise-dose": "knee SLR 3x10",
    "goal": "goal bridge",
    "response": "sore",
    "reason": "cues",
}
TOGETHER = {"services": {"timed-minutes", "service-minutes", "exercise-dose", "goal", "response", "reason"},
            "signature": {"credential"}}  # fmt: skip


def _text() -> str:
    return ". ".join(words for name, words in PARTS.items() if name != "signature") + ". " + PARTS["signature"]


def test_the_whole_note_satisfies_each(check: Check) -> None:
    answer = check(_text())
    assert {each.id for each in answer.elements if not each.satisfied} == {"service-minutes"}
    for each in answer.elements:
        if each.satisfied and each.where == "text" and each.span is not None:
            assert _text()[slice(*each.span)].strip() == each.words


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(30))
@given(without=st.sampled_from(sorted(PARTS)), order=st.randoms(use_true_random=False))
def test_taking_an_element_s_words_away_takes_just_that_element(without: str, order, check: Check) -> None:  # type: ignore[no-untyped-def]
    names = [name for name in PARTS if name not in (without, "signature")]
    order.shuffle(names)
    names += ["signature"] if without != "signature" else []
    answer = check(". ".join(PARTS[name] for name in names))
    lost = {each.id for each in answer.elements if not each.satisfied}
    asked = {each.id for each in answer.elements}
    assert without in lost
    assert lost - {"service-minutes", without} <= TOGETHER.get(without, set())
    assert {*PARTS, "credential"} - TOGETHER.get(without, set()) <= asked


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(60))
@given(text=st.text(max_size=120), earlier=st.lists(st.sampled_from([_text(), "", "tolerated well"]), max_size=3))
def test_an_earlier_note_satisfies_nothing(text: str, earlier: list[str], check: Check) -> None:
    alone = check(text)
    beside = check(text, earlier=[Note(on=date(2026, 2, 2), text=each) for each in earlier])
    assert alone.elements == beside.elements


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(60))
@given(text=st.text(max_size=120), payer=st.sampled_from(["medicare", "aetna", "midpoint"]))
def test_no_finding_weighs_more_than_its_status_allows(text: str, payer: str, check: Check) -> None:
    answer = check(f"97110 {text}", payer=payer)
    status = {f"note.{each.id}": each for each in answer.elements}
    for finding in answer.findings:
        if finding.severity == "block":
            assert status[finding.id].status == "primary"
            assert payer == "medicare"
        if finding.id in status and status[finding.id].requirement == "advisable":
            assert finding.severity == "info"
    assert sum(answer.counts.values()) == len(answer.findings)


def test_the_answer_never_enters_the_note(check: Check) -> None:
    note = Note(on=DAY, text=_text())
    before = msgspec.json.encode(note)
    check_note(note, load_rulebook(), earlier=[note])
    assert msgspec.json.encode(note) == before


def test_medicare_requires_totals_and_only_advises_the_minutes_of_a_service(check: Check) -> None:
    answer = check("97110 23 min, 97140 15 min. J. Ortiz, PT")
    asked = {each.id: each.requirement for each in answer.elements}
    assert asked["timed-minutes"] == asked["total-minutes"] == "required"
    assert asked["service-minutes"] == "advisable"
    satisfied = {each.id: each.satisfied for each in answer.elements}
    assert satisfied["service-minutes"]
    assert not satisfied["timed-minutes"]


def test_of_a_payer_that_does_not_follow_medicare_it_is_said_once_and_advice_stays(check: Check) -> None:
    answer = check("97110", payer="aetna")
    assert [each.id for each in answer.findings].count("note.payer-not-known") == 1
    assert {each.requirement for each in answer.elements} == {"advisable", "not-asked"}
    assert not any(each.severity in ("block", "warn") for each in answer.findings)


def test_an_untimed_service_has_no_timed_minutes(check: Check) -> None:
    assert "timed-minutes" not in {each.id for each in check("92507").elements}


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("progress-report", "Treatment has included therapeutic exercise and gait training."),
        ("discharge", "Goals met; TE and gait training over 12 visits."),
        ("evaluation", "97161, total 45 min. POC PT 2x/wk: TE, gait training."),
    ],
)
def test_services_of_other_days_ask_for_no_timed_minutes(kind: Kind, text: str, check: Check) -> None:
    assert "timed-minutes" not in {each.id for each in check(text, kind=kind).elements}
    assert "timed-minutes" in {each.id for each in check(f"{text} TE 12 min.", kind=kind).elements}


def test_a_diagnosis_or_goal_that_no_word_list_holds_does_not_hold_the_claim(check: Check) -> None:
    found = {
        each.id: each.severity for each in check("PT 2x/wk: gout. To walk to the shop.", kind="plan-of-care").findings
    }
    assert (found["note.plan-diagnosis"], found["note.plan-goals"]) == ("warn", "warn")
    assert found["note.plan-duration"] == "block"


def test_an_evaluation_told_in_prose_has_its_minutes(check: Check) -> None:
    assert "total-minutes" in {each.id for each in check("97161", kind="evaluation").elements}
    assert "total-minutes" not in {each.id for each in check("Goals met.", kind="discharge").elements}


def test_prose_that_speaks_of_time_holds_no_claim(check: Check) -> None:
    found = {each.id: each.severity for each in check("97110, timed as in the log").findings}
    assert found["note.timed-minutes"] == "warn"
    assert {each.id: each.severity for each in check("97110").findings}["note.timed-minutes"] == "block"


def test_a_date_before_every_rule_is_not_known(check: Check) -> None:
    answer = check("x", date=date(2016, 12, 31))
    assert [each.id for each in answer.findings] == ["note.not-known"]
    assert answer.elements == []


def test_a_new_code_of_another_year_is_left_to_the_claim(check: Check) -> None:
    assert check("97532 15 min", date=date(2026, 3, 2)).services == ("97532",)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"services": (NoteService(code="00000"),)}, UnknownCode),
        ({"services": (NoteService(code="g0283"),)}, UnreadableInput),
        ({"services": (NoteService(code="97110", minutes=-1),)}, UnreadableInput),
        ({"timed_minutes": -1}, UnreadableInput),
        ({"total_minutes": 100_001}, UnreadableInput),
        ({"written": datetime(2026, 3, 2)}, UnreadableInput),
        ({"signatures": (Signature(person="a", role="therapist", at=datetime(2026, 3, 2)),)}, UnreadableInput),
        ({"payer": "nobody"}, UnknownPayer),
    ],
)
def test_what_cannot_be_read_is_refused(fields: dict[str, object], error: type[Exception], check: Check) -> None:
    with pytest.raises(error, match=r"[.]$"):
        check("", **fields)


def test_a_note_is_read_from_json() -> None:
    assert read_note('{"date": "2026-03-02"}').on == DAY
    with pytest.raises(UnreadableInput, match="note: Object contains unknown field `mood`; see `fifteen note check"):
        read_note('{"date": "2026-03-02", "mood": 1}')


def test_an_organization_asks_for_an_element_and_for_co_signatures(tmp_path: Path) -> None:
    folder = tmp_path / "law" / "organization"
    folder.mkdir(parents=True)
    (folder / "note.toml").write_text(
        """
[note_response]
unit = "record"
[[note_response.at]]
from = 2026-01-01
value = { element = "response", kinds = ["treatment"], asks = "required", by = "the state", payers = ["aetna"] }
refs = ["fifteen-note-decisions"]
status = "local"
severity = "warn"

[note_goal]
unit = "record"
[[note_goal.at]]
from = 2026-01-01
value = { element = "goal", kinds = ["treatment"], asks = "required" }
refs = ["fifteen-note-decisions"]
status = "local"
severity = "warn"

[note_other]
unit = "record"
[[note_other.at]]
from = 2026-01-01
value = { element = "colour", kinds = ["treatment"], asks = "required" }
refs = ["fifteen-note-decisions"]
status = "local"

[co_sign]
unit = "record"
[[co_sign.at]]
from = 2026-01-01
value = { student = false, assistant = true }
refs = ["fifteen-note-decisions"]
status = "local"
"""
    )
    book = load_rulebook(organization=tmp_path)
    assistant = (Signature(person="a", role="assistant", credential="PTA"),)
    answer = check_note(Note(on=DAY, text="97110", signatures=assistant), book, payer="aetna")
    asked = {each.id: (each.requirement, each.asked_by) for each in answer.elements}
    assert asked["response"] == ("required", "the state")
    assert asked["goal"] == ("required", "the organization")
    assert {each.id: each.severity for each in answer.findings}["note.response"] == "warn"
    assert "note.co-sign" in {each.id for each in answer.findings}
    other = check_note(Note(on=DAY, text="97110", signatures=assistant), book, payer="midpoint")
    assert {each.id: each.requirement for each in other.elements}["response"] == "advisable"
    student = (Signature(person="s", role="student", credential="SPT"),)
    found = check_note(Note(on=DAY, text="97110", signatures=student), book).findings
    assert "note.co-sign" not in {each.id for each in found}


def test_now_in_another_zone(check: Check) -> None:
    at = datetime(2026, 3, 2, 15, tzinfo=UTC)
    signed = (Signature(person="a", role="therapist", credential="PT", at=at),)
    assert "note.signature-date" not in {each.id for each in check("", signatures=signed, now=at).findings}


def test_a_rule_that_is_not_in_force_is_not_asked(rulebook: Rulebook) -> None:
    with pytest.raises(NotInForce):
        rulebook.value("medicare.note_agrees", date(2016, 12, 31))
