"""`fifteen scribe`: the page, the JSON, a day around it, many notes, and what it refuses. The reader is a stub here."""

from __future__ import annotations

import io
import json
import os
import pty
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from fifteen.cli import scribe as command
from fifteen.cli.page import Mark, Page
from fifteen.cli.scribe_shown import exercise_line
from fifteen.engine.people import Discipline
from fifteen.rulebook import Rulebook
from fifteen.scribe.draft import (
    Amount,
    Draft,
    DraftExercise,
    DraftService,
    Measured,
    NotPerformed,
    Pain,
    Question,
    Resistance,
    Unread,
)

from .conftest import Done

Run = Callable[..., Done]
ON = ("--on", "2026-03-02")
PLAIN = str(Path(__file__).parents[2] / "examples" / "days" / "plain.json")
LINE = "TE 18 min: SLR 3x10 2# R"
NOTE = "TE 18 min: SLR 3x10 2# R. MT patellar glides. Pain 3/10. HEP: bridges. zorp x5"


def drafted(text: str) -> Draft:
    """What a reader would make of the two texts above, and of any other words: nothing."""
    if not text.startswith("TE 18"):
        return Draft(text=text, unread=(Unread(text, (0, len(text))),))
    leg_raise = DraftExercise(
        name="straight leg raise", side="R", sets=3, reps=10, resistance=Resistance(value=2, unit="lb"), source=(11, 24)
    )
    te = DraftService(family="TE", code="97110", minutes=18, exercises=(leg_raise,), source=(0, 24))
    if text == LINE:
        return Draft(text=text, services=(te,))
    assert text == NOTE
    mt = DraftService(family="MT", code="97140", source=(26, 44))
    return Draft(
        text=text,
        services=(te, mt),
        pain=(Pain(value=3, source=(46, 55)),),
        not_performed=(NotPerformed(name="bridge", why="home", source=(57, 69)),),
        questions=(
            Question(
                id="q1", path="services[1].minutes", text="How many minutes of manual therapy?", choices=("8", "10")
            ),
        ),
        unread=(Unread("zorp x5", (71, 78)),),
    )


@pytest.fixture(autouse=True)
def reader(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Discipline, date]]:
    asked: list[tuple[str, Discipline, date]] = []

    def read(text: str, rulebook: Rulebook, discipline: Discipline, on: date) -> Draft:
        asked.append((text, discipline, on))
        return drafted(text)

    monkeypatch.setattr(command, "_read", read)
    return asked


def typed(monkeypatch: pytest.MonkeyPatch, given: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))


class TestPage:
    def test_a_line_becomes_explained_units(self, run: Run) -> None:
        done = run("scribe", LINE, *ON)
        assert (done.code, done.err) == (0, "")
        assert done.out.startswith(f"  {LINE}\n  {'^' * 24}\n")
        assert "  therapeutic exercise (97110): 18 min\n    straight leg raise, right: 3x10, 2 lb\n" in done.out
        assert "1 unit supported\nMedicare Part B" in done.out
        assert "97110 unit 1: " in done.out

    def test_what_was_understood_and_what_was_not(self, run: Run) -> None:
        out = run("scribe", NOTE, *ON).out
        words, signs = (line[2:] for line in out.splitlines()[:2])
        under = {sign: "".join(w for w, s in zip(words, signs, strict=False) if s == sign) for sign in "^-?"}
        assert under == {
            "^": "TE 18 min: SLR 3x10 2# RMT patellar glidesPain 3/10",
            "-": "HEP: bridges",
            "?": "zorp x5",
        }
        assert "  manual therapy (97140): minutes not stated\n" in out
        assert "Not done today\n  - bridge, at home\n" in out
        assert "Asked\n  - How many minutes of manual therapy? (8 or 10)\n" in out
        assert "Not understood\n  - “zorp x5”\n" in out
        assert "  pain            3 of 10\n" in out

    def test_words_need_no_quotes_and_may_come_from_standard_input(
        self, run: Run, reader: list[tuple[str, Discipline, date]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run("scribe", *LINE.split(), *ON, "--discipline", "ot")
        typed(monkeypatch, LINE.encode() + b"\r\n")
        run("scribe", "-", *ON)
        assert reader == [(LINE, "OT", date(2026, 3, 2)), (LINE, "PT", date(2026, 3, 2))]

    def test_another_payer_counts_otherwise(self, run: Run) -> None:
        assert "Midpoint" in run("scribe", LINE, *ON, "--payer", "midpoint").out.title()

    def test_a_terminal_has_the_marks_in_the_words(self) -> None:
        ours, theirs = pty.openpty()
        script = (
            "from fifteen.cli.page import Mark, Page\n"
            "page = Page()\npage.marked('TE 18 zorp', [Mark(0, 5, 'underline', '^')])\npage.show()\n"
        )
        import subprocess

        named = {"TERM": "xterm-256color", "COLUMNS": "80"}
        process = subprocess.Popen([sys.executable, "-c", script], env=os.environ | named, stdout=theirs)
        os.close(theirs)
        assert process.wait() == 0
        assert os.read(ours, 4096).decode() == "  \x1b[4mTE 18\x1b[0m zorp\r\n"
        os.close(ours)

    def test_long_words_wrap_with_their_marks(self, capsys: pytest.CaptureFixture[str]) -> None:
        page = Page()
        page.width = 12
        page.marked("one two three\n\nfour\tfive", [Mark(4, 13, "", "^"), Mark(20, 24, "", "?")])
        page.show()
        assert capsys.readouterr().out.split("\n") == [
            "  one two", "      ^^^", "  three", "  ^^^^^", "  four five", "       ????", ""
        ]  # fmt: skip

    def test_every_part_of_a_dose(self) -> None:
        exercise = DraftExercise(
            name="step up", region="knee", rep_scheme=(15, 10), hold_s=5, duration_s=90, level="2", grade="III",
            resistance=Resistance(band="green"), distance=Amount(150, "ft"), height=Amount(6.5, "in"), assist="CGA",
            cues="verbal", source=(0, 1), known=False,
        )  # fmt: skip
        assert exercise_line(exercise) == (
            "step up, knee: 15/10, hold 5 s, 90 s, green band, level 2, grade III, 150 ft, height 6.5 in, CGA, "
            "cues verbal (a name not known here)"
        )

    def test_words_beside_services(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        draft = Draft(
            text="x",
            measures=(Measured(name="knee flexion", value="108", unit="deg", side="R", source=(0, 1)),),
            response="tolerated well", plan="2x/week", total_timed_minutes=38, total_minutes=48,
        )  # fmt: skip
        monkeypatch.setattr(command, "_read", lambda *_: draft)
        rows = [line.split(maxsplit=1) for line in run("scribe", "x", *ON).out.splitlines()]
        assert ["measured", "right knee flexion 108 deg"] in rows
        assert ["timed", "in all    38 min"] in rows


class TestJson:
    def test_it_is_the_contract(self, run: Run) -> None:
        answer = json.loads(run("scribe", NOTE, *ON, "--json").out)
        assert {
            "services", "pain", "response", "total_timed_minutes", "total_minutes", "not_performed", "questions",
            "unread", "findings", "facts",
        } <= set(answer)  # fmt: skip
        service = answer["services"][0]
        assert (service["family"], service["code"], service["minutes"], service["role"]) == (
            "TE", "97110", 18, "therapist",
        )  # fmt: skip
        exercise = service["exercises"][0]
        assert (exercise["resistance"], exercise["source"]) == ({"value": 2, "unit": "lb"}, [11, 24])
        assert (answer["response"], answer["day"], answer["assessed"]) == (None, None, None)

    def test_with_a_day_it_holds_the_day_and_its_answer(self, run: Run) -> None:
        answer = json.loads(run("scribe", LINE, "--day", PLAIN, "--json").out)
        [fact] = answer["facts"]
        assert (fact["status"], fact["value"], fact["timers"], fact["intervals"]) == ("conflict", 18, 23, ["i1"])
        assert [each["minutes"] for each in answer["day"]["notes"][0]["services"]] == [18]
        assert answer["assessed"]["units"][0]["suggested"] == {"97110": 1, "97140": 1}


class TestDay:
    def test_both_minutes_are_shown_and_the_units_are_explained(
        self, run: Run, reader: list[tuple[str, Discipline, date]]
    ) -> None:
        out = run("scribe", LINE, "--day", PLAIN).out
        assert "therapeutic exercise (97110): 18 min by the words, 23 min by the timers" in out
        assert "which is right? (18 or 23)" in " ".join(out.split())
        assert "97110 unit 1: " in out
        assert reader == [(LINE, "PT", date(2026, 3, 2))]

    def test_timers_are_proposed(self, run: Run) -> None:
        out = run("scribe", NOTE, "--day", PLAIN).out
        assert "manual therapy (97140): 12 min by the timers (i2), none by the words" in out

    def test_stated_minutes_are_added_where_no_timer_ran(self, run: Run, tmp_path: Path) -> None:
        day = {"patient": "p", "date": "2026-03-02", "people": [{"id": "a", "role": "therapist", "discipline": "PT"}]}
        path = tmp_path / "day.json"
        path.write_text(json.dumps(day))
        out = run("scribe", LINE, "--day", str(path)).out
        assert "18 min, dictated" in out
        assert "1 unit supported" in out

    def test_who_treated_may_be_named(self, run: Run, refused: Callable[..., str], tmp_path: Path) -> None:
        people = [{"id": each, "role": "therapist", "discipline": "PT"} for each in ("a", "b")]
        path = tmp_path / "day.json"
        path.write_text(json.dumps({"patient": "p", "date": "2026-03-02", "people": people}))
        assert "name the one who did" in refused("scribe", LINE, "--day", str(path))
        done = run("scribe", LINE, "--day", str(path), "--by", "b", "--json")
        assert json.loads(done.out)["day"]["visits"][0]["intervals"][0]["people"] == ["b"]
        assert "'c' is not among the day's people" in refused("scribe", LINE, "--day", str(path), "--by", "c")


class TestManyNotes:
    @pytest.mark.parametrize("text", [f"{LINE}\nother\n", f"\n{LINE}\n \nother\n\n\n", f"\ufeff{LINE}\r\n\r\nother"])
    def test_a_line_each_or_parted_by_blank_lines(self, text: str, run: Run, tmp_path: Path) -> None:
        path = tmp_path / "notes.txt"
        path.write_bytes(text.encode())
        out = run("scribe", "--file", str(path), *ON).out
        assert out.startswith(f"Note 1\n  {LINE}\n")
        assert "Note 2\n  other\n  ?????\n" in out
        assert out.endswith("2 notes, 1 service, 0 questions, 1 stretch not understood\n")

    def test_blank_lines_keep_the_lines_between_them_together(
        self, run: Run, reader: list[tuple[str, Discipline, date]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        typed(monkeypatch, b"one\ntwo\n\nthree")
        answer = json.loads(run("scribe", "--file", "-", *ON, "--json").out)
        assert [each["text"] for each in answer] == ["one\ntwo", "three"]
        assert [text for text, *_ in reader] == ["one\ntwo", "three"]

    def test_a_terminal_sees_how_far_it_is(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
        typed(monkeypatch, b"one\ntwo")
        done = run("scribe", "--file", "-", *ON, "--json")
        assert len(json.loads(done.out)) == 2


WRONG = {
    "no-words": ((), "no words were given"),
    "blank": ((" ",), "no words were given"),
    "no-discipline": ((LINE, "--discipline", "DC"), "discipline 'DC' is not known"),
    "no-date": ((LINE, "--on", "someday"), "--on: 'someday' is not a date"),
    "no-payer": ((LINE, "--payer", "nobody"), "payer 'nobody' is not in the rulebook"),
    "no-file": (("--file", "nowhere.txt"), "nowhere.txt: cannot be read"),
    "words-and-file": ((LINE, "--file", PLAIN), "give one of them"),
    "file-and-day": (("--file", PLAIN, "--day", PLAIN), "are for one note"),
    "day-and-date": ((LINE, "--day", PLAIN, *ON), "the day says its date"),
    "day-and-payer": ((LINE, "--day", PLAIN, "--payer", "aetna"), "the day's coverage says who pays"),
    "visit-without-day": ((LINE, "--visit", "am"), "give it with --day"),
    "no-such-visit": ((LINE, "--day", PLAIN, "--visit", "am"), "none of them is the one meant"),
    "no-day": ((LINE, "--day", "nowhere.json"), "nowhere.json: cannot be read"),
}


@pytest.mark.parametrize(("args", "says"), WRONG.values(), ids=WRONG)
def test_what_is_asked_wrongly_is_one_sentence(args: tuple[str, ...], says: str, refused: Callable[..., str]) -> None:
    assert says in refused("scribe", *args)


@pytest.mark.parametrize(("given", "says"), [(b"\xff", "is not text in UTF-8"), (b"\n", "holds no words")])
def test_a_file_that_holds_no_notes(given: bytes, says: str, refused: Callable[..., str], tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(given)
    assert says in refused("scribe", "--file", str(path))
