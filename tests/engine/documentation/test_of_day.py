"""Notes of a day together, notes alone, and what is said not to be checked."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from fifteen.engine.assess import NotesAnswer, assess, assess_notes, note_alone
from fifteen.engine.day import Context, read_context, read_day
from fifteen.engine.documentation.check import check_note
from fifteen.engine.documentation.note import (
    Diagnosis,
    Exercise,
    Goal,
    Measure,
    Note,
    NoteService,
    Plan,
    Signature,
    read_note,
)  # fmt: skip
from fifteen.kernel.errors import UnreadableInput
from fifteen.rulebook import Rulebook, load_rulebook
from tests.engine.documentation.conftest import DAY, Check

PEOPLE = [
    {"id": "pt-1", "role": "therapist", "discipline": "PT"},
    {"id": "ot-1", "role": "therapist", "discipline": "OT"},
]
SIGNED = [{"person": "pt-1", "role": "therapist", "credential": "PT"}]


def given(id_: str, service: str, minutes: int, by: str = "pt-1", mode: str = "one-on-one") -> dict[str, Any]:
    return {"id": id_, "service": service, "minutes": minutes, "people": [by], "mode": mode}


def notes_of(rulebook: Rulebook, visits: list[dict[str, Any]], *notes: dict[str, Any], **more: Any) -> NotesAnswer:
    day = {"patient": "p", "date": "2026-03-02", "people": PEOPLE, "visits": visits,
           "notes": [{"date": "2026-03-02", "signatures": SIGNED, **note} for note in notes], **more}  # fmt: skip
    return assess_notes(read_day(json.dumps(day)), rulebook, Context(earlier=()))


def ids(answer: NotesAnswer) -> set[str]:
    return {finding.id for finding in answer.findings}


AM_AND_PM = [
    {"id": "am", "discipline": "PT", "intervals": [given("a", "97110", 20)]},
    {"id": "pm", "discipline": "PT", "intervals": [given("b", "97140", 18)]},
]
MORNING = {"visit": "am", "text": "TE 20 min SLR 3x10 cues. timed 20, total 20 min. pain 3->2, goal stairs"}
EVENING = {"visit": "pm", "text": "MT 18 min knee mobs, cues. timed 18, total 18 min. pain 3->2, goal stairs"}


def test_two_notes_of_a_day_are_held_against_it_together(rulebook: Rulebook) -> None:
    assert not {id_ for id_ in ids(notes_of(rulebook, AM_AND_PM, MORNING, EVENING)) if id_.startswith("claim.")}
    short = {**EVENING, "text": EVENING["text"].replace("timed 18", "timed 19")}
    assert "claim.timed-minutes" in ids(notes_of(rulebook, AM_AND_PM, MORNING, short))


def test_a_plan_beside_a_note_takes_no_part(rulebook: Rulebook) -> None:
    plan = {"kind": "plan-of-care", "text": "goals"}
    assert "claim.timed-minutes" not in ids(notes_of(rulebook, AM_AND_PM, MORNING, EVENING, plan))


def test_a_discipline_without_its_note_and_a_day_without_any(rulebook: Rulebook) -> None:
    ot = {"id": "ot", "discipline": "OT", "intervals": [given("c", "97535", 15, "ot-1")]}
    answer = notes_of(rulebook, [*AM_AND_PM, ot], MORNING, EVENING)
    assert [f.message for f in answer.findings if f.id == "assess.note-not-checked"] == [
        "Not checked: no OT note came with the day."
    ]
    none = notes_of(rulebook, AM_AND_PM)
    assert [finding.message for finding in none.findings] == ["Not checked: no note came with the day."]


def test_assess_says_the_same(rulebook: Rulebook) -> None:
    day = read_day(json.dumps({"patient": "p", "date": "2026-03-02", "people": PEOPLE, "visits": AM_AND_PM,
                               "notes": [{"date": "2026-03-02", **MORNING}]}))  # fmt: skip
    answer = assess(day, rulebook)
    assert answer.note == assess_notes(day, rulebook).findings
    assert {"assess.earlier-not-checked", "note.signature", "claim.total-minutes"} <= {f.id for f in answer.note}
    assert not any(finding.id.startswith("note.") for finding in answer.findings)


def test_rest_and_other_visits_name_nobody(rulebook: Rulebook) -> None:
    people = [*PEOPLE, {"id": "pta-1", "role": "assistant", "discipline": "PT"}, {"id": "x", "role": "aide"}]
    evening = [given("b", "97140", 18, "pta-1"), given("x", "97010", 5, "x")]
    visits = [{**AM_AND_PM[0], "intervals": [given("a", "97110", 20), given("r", "97110", 5, "pta-1", "rest")]},
              {**AM_AND_PM[1], "intervals": evening}]  # fmt: skip
    answer = notes_of(rulebook, visits, MORNING, people=people)
    assert "note.contributor-not-named" not in ids(answer)
    assert "note.contributor-not-named" in ids(notes_of(rulebook, visits, EVENING, people=people))


def test_a_name_in_prose_stands_for_its_role(rulebook: Rulebook) -> None:
    people = [*PEOPLE, {"id": "pta-1", "role": "assistant", "discipline": "PT"}]
    visits = [{**AM_AND_PM[0], "intervals": [given("a", "97110", 20, "pta-1")]}]
    note = {"text": f"{MORNING['text']}. M Lee PTA", "signatures": []}
    assert not {id_ for id_ in ids(notes_of(rulebook, visits, note, people=people)) if id_.startswith("note.")}


def test_a_note_alone_says_that_the_claim_was_not_checked(rulebook: Rulebook) -> None:
    answer = note_alone(Note(on=DAY), rulebook, "medicare", read_context('{"earlier": []}'))
    assert "assess.claim-not-checked" in ids(answer)
    assert note_alone(Note(on=DAY), rulebook, "aetna").payer == "aetna"


@pytest.mark.parametrize("payer", ["medicare", "midpoint"])
def test_units_over_the_note_hold_the_claim_of_medicare_alone(payer: str, rulebook: Rulebook) -> None:
    note = {**MORNING, "text": MORNING["text"].replace("timed 20", "timed 7")}
    answer = notes_of(rulebook, AM_AND_PM[:1], note, coverage={"payer": payer})
    found = {each.id: each.severity for each in answer.findings}
    if payer == "medicare":
        assert found["claim.units-over-note"] == "block"
    else:
        assert "claim.units-over-note" not in found
        assert found["claim.timed-minutes"] == "warn"


def test_another_payer_that_counts_in_all_is_only_warned(rulebook: Rulebook) -> None:
    note = {**MORNING, "text": MORNING["text"].replace("timed 20", "timed 7")}
    found = notes_of(rulebook, AM_AND_PM[:1], note, coverage={"payer": "tricare"}).findings
    assert {each.id: each.severity for each in found}["claim.units-over-note"] == "warn"


def test_an_add_on_is_told_by_its_base_and_a_hot_pack_needs_no_time(rulebook: Rulebook) -> None:
    visits = [{"id": "a", "discipline": "PT", "intervals": [given("a", "97129", 40)]}]
    note = {"text": "97129/97130 40 min. hot pack 10 min. paper 97163. cog, timed 40, total 40 min"}
    assert not {id_ for id_ in ids(notes_of(rulebook, visits, note)) if id_.startswith("claim.")}


def test_what_a_code_was_replaced_by_tells_of_it(rulebook: Rulebook) -> None:
    visits = [{"id": "a", "discipline": "PT", "intervals": [given("a", "97014", 15)]}]
    assert "claim.code-not-in-note" not in ids(notes_of(rulebook, visits, {"text": "e-stim 15 min, total time 15 min"}))


def test_before_the_rules_nothing_is_compared(rulebook: Rulebook) -> None:
    visits = [{"id": "a", "discipline": "PT", "intervals": [given("a", "97110", 20)]}]
    note = {**MORNING, "date": "2016-12-30"}
    assert not {id_ for id_ in ids(notes_of(rulebook, visits, note)) if id_.startswith("claim.")}


# -- goals and necessity, where a case would need much to show little --


def test_a_service_of_unknown_words_is_left_to_its_reader(check: Check) -> None:
    services = (NoteService(what="kindness", minutes=5), NoteService(code="97110", minutes=20))
    assert check("", services=services).services == ("97110",)


def test_a_goal_in_words_is_measurable_where_its_words_say_all(check: Check) -> None:
    whole = Goal(id="g", term="long", text="Stairs from 4 to 12 steps in 6 weeks")
    assert "goals.not-measurable" not in {f.id for f in check("", kind="plan-of-care", goals=(whole,)).findings}
    bare = Goal(id="g", term="long", text="Feel better")
    said = [f.message for f in check("", kind="plan-of-care", goals=(bare, Goal(id="h", status="met"))).findings]
    assert (
        "Goal g cannot be measured: it lacks where it starts and a target and a task of daily life and a day." in said
    )


def test_an_episode_whose_services_name_no_goals_is_left_alone(check: Check) -> None:
    answer = check("", services=(NoteService(code="97110"),), goals=(Goal(id="g"),), earlier=())
    assert not {f.id for f in answer.findings if f.id.startswith("goals.")}


def test_a_test_works_toward_no_goal(check: Check) -> None:
    services = (NoteService(code="97750"), NoteService(code="97110", goals=("g",)))
    answer = check("", services=services, goals=(Goal(id="g"),))
    assert "goals.service-without-goal" not in {f.id for f in answer.findings}


def test_maintenance_with_a_skilled_need_is_lawful(check: Check) -> None:
    same = Measure(kind="rom", name="Knee", value="10")
    before = [Note(on=DAY, measures=(same,)), Note(on=DAY, measures=(same,))]
    asked: dict[str, Any] = {"measures": (same,), "earlier": before, "services": (NoteService(code="97110"),)}
    assert "necessity.plateau" in {f.id for f in check("cues", **asked).findings}
    kept = {f.id for f in check("cues. maintenance program", **asked).findings}
    assert not {"necessity.plateau", "necessity.maintenance"} & kept
    exercise = Exercise(name="x", cues="verbal")
    skilled = check("", maintenance=True, services=(NoteService(code="97110", exercises=(exercise,)),))
    assert "necessity.maintenance" not in {f.id for f in skilled.findings}


def test_a_plateau_needs_the_same_thing_measured(check: Check) -> None:
    measures = [Measure(kind="rom", name=name, value="10") for name in "abc"]
    before = [Note(on=DAY, measures=(each,)) for each in measures[:2]]
    assert "necessity.plateau" not in {f.id for f in check("", measures=(measures[2],), earlier=before).findings}
    met = [Note(on=DAY, measures=(measures[0],), goals=(Goal(id="g", status="met"),))] * 2
    assert "necessity.plateau" not in {f.id for f in check("", measures=(measures[0],), earlier=met).findings}


def test_before_the_rules_no_signal_is_given(rulebook: Rulebook) -> None:
    long_ago = DAY.replace(year=2016)
    answer = check_note(Note(on=long_ago, text="tolerated well", maintenance=True), rulebook, earlier=[])
    assert [finding.id for finding in answer.findings] == ["note.not-known"]


def test_a_plan_in_an_evaluation_and_one_before_it(check: Check) -> None:
    treated = Note(on=DAY.replace(day=1))
    planned = Note(on=DAY.replace(day=1), kind="plan-of-care")
    plan = Plan(type="PT", established=DAY)
    found = {f.id for f in check("", kind="evaluation", plan_of_care=plan, earlier=[treated]).findings}
    assert "note.plan-after-treatment" in found
    assert "note.plan-type" not in found
    again = {f.id for f in check("", kind="evaluation", plan_of_care=plan, earlier=[planned, treated]).findings}
    assert "note.plan-after-treatment" not in again


def test_an_aide_s_or_student_s_report_is_no_report(check: Check) -> None:
    for role, credential in (("student", "SPT"), ("aide", "")):
        signed = (Signature(person="s", role=role, credential=credential),)  # type: ignore[arg-type]
        assert "note.author-may-not" in {f.id for f in check("", kind="discharge", signatures=signed).findings}


def test_an_empty_diagnosis_or_signature_is_none(check: Check) -> None:
    answer = check(
        "", kind="evaluation", diagnoses=(Diagnosis(),), signatures=(Signature(person="", role="therapist"),)
    )
    satisfied = {each.id for each in answer.elements if each.satisfied}
    assert not {"evaluation-diagnosis", "signature"} & satisfied


def test_prose_tells_of_plans_and_reports(check: Check) -> None:
    plan = check(
        "Dx M17.11. LTG stairs 12 steps 8 wks. PT, 1 session/day, 2x/wk x 8 wks. J. Ortiz, PT", kind="plan-of-care"
    )
    assert [f.id for f in plan.findings] == []
    report = check(
        "PR 2/2-3/2. S: walks more. Flex 96 deg. Goal stairs: progressing. P: cont 2x/wk. J. Ortiz, PT",
        kind="progress-report",
    )
    assert [f.id for f in report.findings] == []
    period = check("From 2/2 on. Goals. J. Ortiz, PT", kind="progress-report")
    assert "progress-period" in {each.id for each in period.elements if each.satisfied}


# -- what a note holds, where it belongs, and when it was entered --


def assessed(rulebook: Rulebook, visits: list[dict[str, Any]], *notes: dict[str, Any]) -> Any:
    day = {"patient": "p", "date": "2026-03-02", "people": PEOPLE, "visits": visits,
           "notes": [{"date": "2026-03-02", "signatures": SIGNED, **note} for note in notes]}  # fmt: skip
    return assess(read_day(json.dumps(day)), rulebook, Context(earlier=()))


def test_a_block_of_a_note_holds_the_lines_of_its_discipline_and_no_others(rulebook: Rulebook) -> None:
    ot = {"id": "ot", "discipline": "OT", "intervals": [given("c", "97535", 15, "ot-1")]}
    silent = {**MORNING, "text": MORNING["text"].replace("timed 20, total 20 min", "")}
    held = {line.discipline: line.held for line in assessed(rulebook, [AM_AND_PM[0], ot], silent).lines}
    assert held["PT"][0].startswith("The PT note holds it: The total minutes of the timed codes are not in the note")
    assert held["OT"] == ()
    assert [line.held for line in assessed(rulebook, AM_AND_PM[:1], MORNING).lines] == [()]


def test_what_several_notes_say_together_holds_too(rulebook: Rulebook) -> None:
    few = [{**note, "text": re.sub(r"timed \d+", "timed 7", note["text"])} for note in (MORNING, EVENING)]
    answer = assessed(rulebook, AM_AND_PM, *few)
    assert [each.visit for each in answer.notes] == ["am", "pm"]
    assert all("14 timed minutes that the note states" in line.held[0] for line in answer.lines)


def test_a_wait_is_not_a_refusal_to_sign(rulebook: Rulebook) -> None:
    warned = {**MORNING, "text": MORNING["text"].replace("total 20", "total 25")}
    answer = assessed(rulebook, AM_AND_PM[:1], warned)
    assert "claim.total-minutes" in {each.id for each in answer.note}
    assert [line.held for line in answer.lines] == [()]


def test_each_note_keeps_its_own_findings(rulebook: Rulebook) -> None:
    unsigned = [{**note, "signatures": []} for note in (MORNING, EVENING)]
    found = [each.id for each in assessed(rulebook, AM_AND_PM, *unsigned).note]
    assert found.count("note.signature") == 2


def test_dates_are_those_of_the_site(rulebook: Rulebook) -> None:
    """03:00 UTC on the tenth is still the ninth in New York: seven days after the visit, and not late."""
    late = [{**SIGNED[0], "at": "2026-03-10T03:00:00Z"}]
    assert "note.late-entry" not in ids(notes_of(rulebook, AM_AND_PM[:1], {**MORNING, "signatures": late}))
    utc = {**MORNING, "signatures": late}
    assert "note.late-entry" in ids(notes_of(rulebook, AM_AND_PM[:1], utc, zone="UTC"))


def test_a_plan_is_no_treatment_note(rulebook: Rulebook) -> None:
    said = [each.message for each in notes_of(rulebook, AM_AND_PM, {"kind": "plan-of-care"}).findings]
    assert "Not checked: minutes and codes; no PT note of this day tells of its treatment." in said


def co_sign(home: Path, value: str) -> Rulebook:
    folder = home / "law" / "organization"
    folder.mkdir(parents=True)
    said = f'value = {value}\nrefs = ["fifteen-note-decisions"]\nstatus = "local"\n'
    (folder / "note.toml").write_text(f'[co_sign]\nunit = "record"\n[[co_sign.at]]\nfrom = 2026-01-01\n{said}')
    return load_rulebook(organization=home)


@pytest.mark.parametrize(
    ("value", "asked"),
    [
        ("{ assistant = true }", {"assistant", "student"}),
        ("{ student = false }", set()),
        ('{ assistant = true, payers = ["aetna"] }', {"student"}),
        ('{ assistant = true, payers = ["medicare"] }', {"assistant", "student"}),
    ],
)
def test_an_organization_answers_for_the_roles_and_payers_it_names(value: str, asked: set[str], tmp_path: Path) -> None:
    book = co_sign(tmp_path, value)
    for role, credential in (("assistant", "PTA"), ("student", "SPT")):
        signed = (Signature(person="x", role=role, credential=credential),)  # type: ignore[arg-type]
        found = {each.id for each in check_note(Note(on=DAY, signatures=signed), book).findings}
        assert ("note.co-sign" in found) == (role in asked), role


def test_who_treated_is_named_in_the_treatment_note_and_not_in_a_report(rulebook: Rulebook) -> None:
    pta = [*PEOPLE, {"id": "pta-1", "role": "assistant", "discipline": "PT"}]
    visits = [{**AM_AND_PM[0], "intervals": [given("a", "97110", 20, "pta-1")]}]
    report = {"kind": "progress-report", "text": "Feels better."}
    named = {**MORNING, "signatures": [*SIGNED, {"person": "pta-1", "role": "assistant", "credential": "PTA"}]}
    assert "note.contributor-not-named" not in ids(notes_of(rulebook, visits, named, report, people=pta))


def test_two_people_may_each_write_their_own_note(rulebook: Rulebook) -> None:
    pta = [*PEOPLE, {"id": "pta-1", "role": "assistant", "discipline": "PT"}]
    both = [{"id": "am", "discipline": "PT", "intervals": [given("a", "97110", 20), given("b", "97140", 18, "pta-1")]}]
    first, second = ({**note, "visit": "am"} for note in (MORNING, EVENING))
    second["signatures"] = [{"person": "pta-1", "role": "assistant", "credential": "PTA"}]
    assert "note.contributor-not-named" not in ids(notes_of(rulebook, both, first, second, people=pta))
    assert "note.contributor-not-named" in ids(notes_of(rulebook, both, first, people=pta))


def test_findings_have_no_place_in_a_note_and_no_figure_sums_them_up(rulebook: Rulebook) -> None:
    answer = check_note(Note(on=DAY, text="TE 20 min"), rulebook)
    for name in ("elements", "findings", "counts", "unread"):
        with pytest.raises(UnreadableInput, match=f"unknown field `{name}`"):
            read_note(json.dumps({"date": "2026-03-02", name: []}))
    figures = {name for name in answer.__struct_fields__ if isinstance(getattr(answer, name), (int, float))}
    assert figures <= {"timed_minutes", "total_minutes"}
    assert answer.counts == {
        each: sum(f.severity == each for f in answer.findings) for each in ("block", "warn", "info")
    }
