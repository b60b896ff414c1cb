"""How the scribe's reading is scored, on notes small enough to count by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fifteen.kernel.finding import Finding
from fifteen.scribe.draft import Amount, Draft, DraftExercise, DraftService, NotPerformed, Pain, Question, Resistance
from scribe_eval import Ratio, Report, is_empty, is_known, score_note, score_trap, table, wilson


def exercise(name: str, **fields: Any) -> DraftExercise:
    return DraftExercise(name=name, source=(0, 1), **fields)


def service(family: Any, minutes: int | None, *exercises: DraftExercise) -> DraftService:
    return DraftService(family=family, minutes=minutes, exercises=exercises, source=(0, 1))


def draft(*services: DraftService, **fields: Any) -> Draft:
    return Draft(text="x", services=services, **fields)


def expected(*interventions: tuple[str, int | None, list[dict[str, Any]]], **fields: Any) -> dict[str, Any]:
    listed = [{"family": f, "minutes": m, "exercises": e} for f, m, e in interventions]
    return {"interventions": listed, **fields}


def doses_agree(mine: dict[str, Any], theirs: dict[str, Any]) -> bool:
    given = draft(service("TE", 10, exercise("step up", **mine)))
    return score_note(given, expected(("TE", 10, [{"name": "step up", **theirs}]))).dose == Ratio(1, 1)


def test_wilson_by_the_published_formula() -> None:
    assert tuple(round(each, 3) for each in wilson(9, 10)) == (0.596, 0.982)
    assert tuple(round(each, 3) for each in wilson(0, 10)) == (0.0, 0.278)
    assert wilson(10, 10)[1] == 1.0


def test_minutes_are_a_multiset_of_family_and_minutes() -> None:
    score = score_note(
        draft(service("TE", 10), service("TE", 10), service("MT", 12), service("GT", None)),
        expected(("TE", 10, []), ("MT", 13, []), ("GT", None, [])),
    )
    assert (score.precision, score.recall) == (Ratio(1, 3), Ratio(1, 2))
    assert not score.whole


def test_another_family_that_a_case_allows() -> None:
    case = expected(("TA", 10, []))
    case["interventions"][0]["family_ok"] = ["TE"]
    assert score_note(draft(service("TE", 10)), case).whole


def test_names_are_found_whichever_service_they_stand_under() -> None:
    given = draft(service("TE", 10, exercise("Step Up"), exercise("bridge")), service("NMR", 8))
    score = score_note(given, expected(("TE", 10, []), ("NMR", 8, [{"name": "step up"}, {"name": "plank"}])))
    assert (score.named, score.found) == (Ratio(1, 2), Ratio(1, 2))


def test_a_dose_is_exact_or_it_is_not() -> None:
    mine = {"side": "R", "sets": 3, "reps": 10, "resistance": Resistance(value=2.0, unit="lb")}
    theirs = {"side": "R", "sets": 3, "reps": 10, "resistance": {"value": 2, "unit": "lb"}}
    assert doses_agree(mine, theirs)
    assert not doses_agree(mine, theirs | {"side": "L"})
    assert not doses_agree(mine, theirs | {"resistance": {"band": "red"}})
    assert doses_agree({"grade": "III"}, {"grade": "iii"})


def test_absent_sets_are_one_and_a_hold_s_counts_change_places() -> None:
    assert doses_agree({"reps": 10}, {"sets": 1, "reps": 10})
    assert doses_agree({"sets": 3, "hold_s": 30}, {"reps": 3, "hold_s": 30})
    assert not doses_agree({"sets": 3, "reps": 10}, {"sets": 10, "reps": 3})
    assert not doses_agree({"sets": 3, "hold_s": 30}, {"reps": 2, "hold_s": 30})


def test_feet_and_inches_are_amounts() -> None:
    assert doses_agree({"distance": Amount(150, "ft"), "height": Amount(6, "in")}, {"distance_ft": 150, "height_in": 6})
    assert not doses_agree({"distance": Amount(150, "m")}, {"distance_ft": 150})


def test_two_sides_of_one_name_are_two_exercises() -> None:
    given = draft(service("TE", 10, exercise("row", side="R", reps=10), exercise("row", side="L", reps=10)))
    score = score_note(
        given,
        expected(("TE", 10, [{"name": "row", "side": "L", "reps": 10}, {"name": "row", "side": "R", "reps": 12}])),
    )
    assert (score.found, score.dose, score.whole) == (Ratio(2, 2), Ratio(1, 2), False)


def test_aids_are_scored_beside_the_dose() -> None:
    given = draft(service("GT", 10, exercise("gait training", assist="CGA", device="cane")))
    score = score_note(given, expected(("GT", 10, [{"name": "gait training", "assist": "CGA", "device": "walker"}])))
    assert (score.dose, score.aids, score.whole) == (Ratio(1, 1), Ratio(0, 1), True)


def test_phantoms_are_families_nobody_expected_and_what_was_not_done() -> None:
    given = draft(service("TE", 10, exercise("row")), service("ESU", 3), service("TE", None, exercise("bridge")))
    case = expected(("TE", 10, [{"name": "row"}]), not_performed=[{"name": "bridge", "why": "home"}])
    assert score_note(given, case).phantoms == Ratio(2, 3)
    assert score_note(given, case | {"not_performed": ["bridge"]}).phantoms == Ratio(2, 3)


def test_a_whole_note_has_its_pain_and_totals_where_the_case_names_them() -> None:
    given = draft(service("TE", 10), pain=(Pain(value=3, source=(0, 1)),), total_timed_minutes=10)
    case = expected(("TE", 10, []))
    assert score_note(given, case).whole
    assert score_note(given, case | {"pain": [{"value": 3}], "total_timed_min": 10}).whole
    assert not score_note(given, case | {"pain": [{"value": 4}]}).whole
    assert not score_note(given, case | {"total_min": 10}).whole


def test_two_names_that_the_lexicon_knows_as_one_are_one_exercise() -> None:
    given = draft(service("TE", 10, exercise("stair climb")))
    case = expected(("TE", 10, [{"name": "stair training"}]))
    score = score_note(given, case, {"stair climb": "stairs", "stair training": "stairs"}.get)  # type: ignore[arg-type]
    assert (score.found, score.called) == (Ratio(1, 1), Ratio(0, 1))
    assert score_note(given, case).found == Ratio(0, 1)


def test_a_trap_counts_what_nobody_stated() -> None:
    score = score_trap(draft(service("TE", 20), service("MT", 15), service("TE", 5), service("GT", None)), [["TE", 20]])
    assert (score.minutes, score.services, score.silent) == ((("MT", 15), ("TE", 5)), ("MT",), 1)
    assert score.allowed == Ratio(1, 1)
    assert score_trap(draft(), [["TE", 20]]).allowed == Ratio(0, 1)


def test_a_name_is_known_only_as_its_plain_name() -> None:
    found = draft(service("TE", None, exercise("straight leg raise"), exercise("zorp", known=False)))
    assert is_known(found, "straight leg raise")
    assert not is_known(found, "zorp")
    assert not is_known(found, "bridge")


def test_a_draft_is_empty_when_nothing_was_read_or_asked() -> None:
    silent = Finding("scribe.no-treatment", "info", "None.", "Say.", where="text")
    assert is_empty(draft(findings=(silent,)))
    assert not is_empty(draft())
    assert not is_empty(
        draft(findings=(silent,), not_performed=(NotPerformed(name="bridge", why="home", source=(0, 1)),))
    )


def test_a_row_for_all_and_for_each_slice() -> None:
    asked = tuple(Question(id=str(n), path="", text="?") for n in range(3))
    case = expected(("TE", 10, []))
    right = score_note(draft(service("TE", 10)), case)
    wrong = score_note(draft(service("TE", 12), questions=asked), case)
    rows = table([({"kind": "shorthand", "writer": "w01"}, right), ({"kind": "dictation", "writer": None}, wrong)])
    assert [row[0] for row in rows] == ["", "all", "dictation", "shorthand", "w01"]
    row = dict(zip(rows[0], rows[1], strict=True))
    assert (row["minutes P"], row["exercise F1"], row["asked"]) == ("0.500 [0.09 0.91] 1/2", "-", "1.5 / 3")


def test_files_are_told_by_what_they_hold(tmp_path: Path) -> None:
    notes = [{"id": "a", "text": "TE 10", "expected": expected(("TE", 10, []))}, {"text": "MT", "allowed_minutes": []}]
    (tmp_path / "set.jsonl").write_text("\n".join(map(json.dumps, notes)))
    (tmp_path / "names.txt").write_text("SLR\tstraight leg raise\n")
    (tmp_path / "noise.txt").write_text("TE 10\nrain\n")
    silent = Finding("scribe.no-treatment", "info", "None.", "Say.", where="text")
    report = Report(
        lambda text, _: (
            Draft(text=text, services=(service("TE", 10),)) if text == "TE 10" else Draft(text=text, findings=(silent,))
        )
    )
    for path in sorted(tmp_path.iterdir()):
        report.add(path)
    said = str(report)
    assert "names.txt: names known 0.000 [0.00 0.79] 0/1" in said
    assert "noise.txt: drafts not empty 0.500 [0.09 0.91] 1/2, 1 of them with a service" in said
    assert "set.jsonl: 0 minutes and 0 services with minutes invented in 1 traps" in said
    assert report.failed == [
        "names.txt: 'SLR' is not known",
        "noise.txt: something was read in 'TE 10'",
    ]


@pytest.mark.parametrize("minutes", [12, None])
def test_a_failure_shows_what_was_expected_and_what_was_drafted(minutes: int | None, tmp_path: Path) -> None:
    case = {"id": "a", "text": "TE", "expected": expected(("TE", 10, [{"name": "row", "reps": 5}]))}
    path = tmp_path / "set.jsonl"
    path.write_text(json.dumps(case))
    report = Report(lambda text, _: Draft(text=text, services=(service("TE", minutes, exercise("row", reps=5)),)))
    report.add(path)
    assert report.failed == [f"a: TE\n  - TE 10\n  + TE {minutes}"]
