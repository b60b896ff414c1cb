"""`fifteen assess`: the page, the JSON and what it refuses."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from fifteen.cli import main

DAYS = Path(__file__).parents[2] / "examples" / "days"


def run(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stopped:
        main(["assess", *args])
    out, err = capsys.readouterr()
    return int(stopped.value.code or 0), out, err


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIFTEEN_HOME", str(tmp_path))


def test_a_page_to_sign_under(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, str(DAYS / "pt-and-pta.json"))
    assert code == 0
    assert "09:43-10:06 23 min    97110 exercise, pta-1 (assistant)" in out
    assert "PT: 66 timed minutes, 66 minutes of treatment in all" in out
    assert "i4: rest time is not treatment" in out
    assert "97110  exercise                                   15 min   x1   GP CQ" in out
    assert "Why the assistant's modifier" in out


def test_an_overlap_names_its_window_and_the_ways_out(capsys: pytest.CaptureFixture[str]) -> None:
    context = str(DAYS / "morning-c.context.json")
    _, out, _ = run(capsys, str(DAYS / "morning-c-retyped.json"), "--context", context)
    said = " ".join(out.split())
    assert "pt-1 gives attended time to two patients from 08:46 to 08:50: c2 here, b3 with another." in said
    assert "leave it documented and unbilled" in out


@pytest.mark.parametrize("day", sorted(DAYS.glob("*[!t].json")), ids=lambda path: path.stem)
def test_every_example_has_a_page_and_json(capsys: pytest.CaptureFixture[str], day: Path) -> None:
    if day.stem.endswith(".context"):
        return
    assert run(capsys, str(day))[0] == 0
    code, out, _ = run(capsys, str(day), "--json")
    assert code == 0
    assert {"rulebook", "on", "units", "price", "edits", "note", "clocks", "attestations", "findings"} <= set(
        json.loads(out)
    )


def test_a_typed_interval_and_a_correction_say_so(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    day = json.loads((DAYS / "plain.json").read_text())
    first = day["intervals"][0]
    day["intervals"] += [
        {**first, "id": "i9", "amends": "i1", "reason": "stopped late", "stop": "2026-03-02T09:20:00-05:00"},
        {"id": "t1", "service": "97530", "people": ["pt-1"], "minutes": 9, "origin": "typed"},
    ]
    path = tmp_path / "day.json"
    path.write_text(json.dumps(day))
    _, out, _ = run(capsys, str(path))
    assert "corrects i1: stopped late" in out
    assert "9 min, typed" in out
    assert "i1: corrected by another interval" in out


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "see `fifteen assess --help`"),
        ('{"patient": "p", "date": "2026-03-02", "people": [], "nobody": 1}', "nobody"),
        ('{"patient": "p", "date": "2026-03-02", "people": [], "zone": "Mars/North"}', "Mars/North"),
        (
            '{"patient": "p", "date": "2026-03-02", "people": [{"id": "a", "role": "therapist"}],'
            ' "intervals": [{"id": "i", "service": "00000", "people": ["a"], "minutes": 5}]}',
            "00000 is not in the service catalogue",
        ),
    ],
)
def test_a_day_that_cannot_be_read(capsys: pytest.CaptureFixture[str], tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "day.json"
    path.write_text(content)
    code, out, err = run(capsys, str(path))
    assert (code, out) == (2, "")
    assert says in err
    assert err.count("\n") == 1


def test_a_file_that_is_not_there_or_a_context_that_cannot_be_read(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert "check the path" in run(capsys, str(tmp_path / "none.json"))[2]
    bad = tmp_path / "context.json"
    bad.write_text('{"otters": []}')
    code, out, err = run(capsys, str(DAYS / "plain.json"), "--context", str(bad))
    assert (code, out) == (2, "")
    assert "otters" in err


def test_the_lines_of_a_telehealth_claim_say_why_95_stands(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, str(DAYS / "telehealth.json"))
    said = " ".join(out.split())
    assert "Lines of the claim PT 97110 x1 GP 95 95: Each PT visit that gave 97110 was telehealth" in said
    assert "in force since 2022-01-01; secondary source: the law's own text was not read]" in said


def test_a_line_that_waits_says_why(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    day = json.loads((DAYS / "telehealth.json").read_text("utf-8"))
    clinic = {
        "id": "2",
        "discipline": "PT",
        "place_of_service": "11",
        "intervals": [{"id": "i3", "service": "97110", "people": ["pt-1"], "minutes": 15}],
    }
    day["visits"].append(clinic)
    path = tmp_path / "day.json"
    path.write_text(json.dumps(day), "utf-8")
    _, out, _ = run(capsys, str(path))
    assert "waits: it was given by video and in person, and what it carries is not decided" in " ".join(out.split())
    code, _, err = run(capsys, str(path), "--context", str(tmp_path / "none.json"))
    assert (code, "cannot be read" in err) == (2, True)


def test_the_asked_day_reads_in_one_order(capsys: pytest.CaptureFixture[str]) -> None:
    asked = (str(DAYS / "asked.json"), "--context", str(DAYS / "asked.context.json"))
    _, out, _ = run(capsys, *asked)
    order = [line for line in out.splitlines() if line and line[0] != " "]
    assert order[order.index("Why") :] == [
        "Why", "Lines of the claim", "Asked of a person", "Therapy thresholds, an estimate", "Needs a look",
        "Worth knowing", "Not checked",
    ]  # fmt: skip
    said = " ".join(out.split())
    assert "59 for PT 97750: open Medicare Part B pays 97750 beside 97530" in said
    assert "PT and SLP 2026: 2450.00 before this day, 2531.26 with it; KX above 2480.00, review possible from" in said
    assert out.count("waits: ") == 3
    assert "Not checked: " not in out


def test_attested_on_the_evidence_that_was_printed_nothing_waits(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    day = json.loads((DAYS / "asked.json").read_text("utf-8"))
    context = ("--context", str(DAYS / "asked.context.json"))
    _, out, _ = run(capsys, str(DAYS / "asked.json"), *context)
    heads = re.findall(r"^  (\w\w) for (PT \d{5}): open$", out, re.MULTILINE)
    hashes = re.findall(r"^    evidence (\w{64})$", out, re.MULTILINE)
    day["attestations"] = [
        {"kind": kind, "line": line, "by": "R. Diaz", "at": "2026-11-02T12:00:00-05:00", "evidence": evidence}
        for (kind, line), evidence in zip(heads, hashes, strict=True)
    ]
    path = tmp_path / "day.json"
    path.write_text(json.dumps(day), "utf-8")
    _, out, _ = run(capsys, str(path), *context)
    assert "PT 97750 x1 59 GP KX" in out
    assert out.count("attested by R. Diaz") == 3
    assert tuple(word for word in ("waits: ", "open") if word not in out) == ("waits: ", "open")


def test_known_replays_what_one_had_to_answer_then(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Telehealth of February 2026: the lapse was repaired on the 3rd, back to its first day."""
    day = json.loads((DAYS / "telehealth.json").read_text("utf-8"))
    path = tmp_path / "day.json"
    path.write_text(json.dumps(day).replace(day["date"], "2026-02-02"), "utf-8")
    said = {}
    for known in ("2026-02-02", "2026-02-03"):
        code, out, _ = run(capsys, str(path), "--json", "--known", known)
        answer = json.loads(out)
        said[known] = "telehealth.not-payable" in {each["id"] for each in answer["edits"]}
        assert (code, answer["rulebook"].endswith(f" as known {known}")) == (0, True)
    assert said == {"2026-02-02": True, "2026-02-03": False}
    assert run(capsys, str(path), "--known", "2026-02-31")[0] == 2
