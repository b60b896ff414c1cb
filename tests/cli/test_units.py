"""`fifteen units`: the contract of its JSON, the words of its page, and what it refuses."""

import io
import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fifteen.cli import surroundings
from fifteen.settings import home as installed

from .conftest import Done

Run = Callable[..., Done]
ON = ("--on", "2026-03-02")


@pytest.fixture
def answer(run: Run) -> Callable[..., dict[str, Any]]:
    def call(*args: str) -> dict[str, Any]:
        done = run("units", "--json", *ON, *args)
        assert (done.code, done.err) == (0, "")
        found: dict[str, Any] = json.loads(done.out)
        return found

    return call


Answer = Callable[..., dict[str, Any]]

WRONG = {
    "no-service": ((), "no service was given"),
    "unknown-code": (("97999:33",), "97999 is not in the service catalogue"),
    "no-code": (("walk:33",), "'walk' is not a procedure code"),
    "negative": (("97110:-5",), "minutes cannot be negative"),
    "words": (("97110:ten",), "cannot read 'ten'"),
    "fraction": (("97110:7.5",), "cannot read '7.5'"),
    "empty": (("97110:",), "'97110:' is not a service with its minutes"),
    "nothing": (("",), "'' is not a service with its minutes"),
    "stdin-and-more": (("-", "97110:33"), "'-' is not a service with its minutes"),
    "twice": (("97110:10", "97110:13"), "as 97110:23"),
    "twice-in-two-cases": (("g0283:10", "G0283:13"), "G0283 is given twice"),
    "assistant-without-a": (("97110:13+23",), "97110:13+23a"),
    "before-the-rulebook": (("97110:33", "--on", "1999-01-01"), "is not known for 1999-01-01"),
    "no-date": (("97110:33", "--on", "someday"), "--on: 'someday' is not a date"),
    "no-such-day": (("97110:33", "--on", "2026-02-30"), "2026-02-30"),
    "empty-date": (("97110:33", "--on", ""), "--on"),
    "unknown-payer": (("97110:33", "--payer", "nobody"), "payer 'nobody' is not in the rulebook"),
    "empty-payer": (("97110:33", "--payer", ""), "payer"),
    "unknown-secondary": (("97110:33", "--secondary", "nobody"), "payer 'nobody' is not in the rulebook"),
    "unknown-method": (("97110:33", "--method", "guess"), "method 'guess' is not known"),
    "empty-method": (("97110:33", "--method", ""), "method"),
    "not-the-payers-method": (("97110:33", "--payer", "medicare", "--method", "midpoint"), "medicare counts by total"),
    "unknown-discipline": (("97110:33", "--discipline", "DC"), "discipline 'DC' is not known"),
    "choice-without-tie": (("97110:33", "--choose", "97110"), "no tie to settle"),
    "choice-of-another": (("97112:20", "97110:20", "--choose", "97140"), "name 1 of 97110, 97112"),
    "choice-of-too-many": (("97112:20", "97110:20", "--choose", "97110,97112"), "name 1 of 97110, 97112"),
    "choice-of-no-code": (("97112:20", "97110:20", "--choose", "both"), "choice: 'both' is not a procedure code"),
    "choice-without-method": (("97110:20", "--payer", "aetna", "--choose", "97110"), "no tie to settle"),
    "unknown-option": (("97110:33", "--colour", "red"), "--colour"),
    "option-without-value": (("97110:33", "--payer"), "--payer"),
}


@pytest.mark.parametrize("case", WRONG)
def test_asked_wrongly(case: str, refused: Callable[..., str]) -> None:
    args, fragment = WRONG[case]
    assert fragment in refused("units", *args)


@pytest.mark.parametrize("case", ["unknown-code", "before-the-rulebook", "unknown-payer"])
def test_asked_wrongly_for_json_prints_no_json(case: str, refused: Callable[..., str]) -> None:
    refused("units", "--json", *WRONG[case][0])


KEYS = {
    "payer": str, "method": str, "discipline": str, "on": str, "rulebook": str, "timed_minutes": int,
    "timed_units": int, "allocations": list, "allocations_count": int, "tied": dict, "suggested": dict, "tie": bool,
    "lines": list, "explain": list, "findings": list,
}  # fmt: skip


@pytest.mark.parametrize("key", KEYS)
def test_each_key_of_the_contract(key: str, answer: Answer) -> None:
    assert type(answer("97110:33", "97140:7")[key]) is KEYS[key]


@pytest.mark.parametrize(
    ("part", "keys"),
    [
        ("lines", {"code", "units", "modifiers", "minutes"}),
        ("explain", {"code", "unit", "minutes", "rule", "cite", "would_change"}),
        ("findings", {"id", "severity", "message", "fix", "cite", "where"}),
    ],
)
def test_the_keys_of_each_part(part: str, keys: set[str], answer: Answer) -> None:
    rows = answer("97110:33", "97140:7")[part]
    assert rows
    assert all(keys <= set(row) for row in rows)


def test_the_answer_of_the_manual(answer: Answer) -> None:
    found = answer("97110:33", "97140:7")
    assert found["allocations"] == [{"97110": 2, "97140": 1}]
    assert found["suggested"] == {"97110": 2, "97140": 1}
    assert found["tied"] == {"codes": [], "choose": 0}
    assert (found["payer"], found["method"], found["discipline"]) == ("medicare", "total", "PT")
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", found["rulebook"])


@pytest.mark.parametrize(
    ("args", "empty"),
    [(("97110:33", "--payer", "aetna"), ["allocations", "lines", "explain"]), (("97110:5",), ["lines", "explain"])],
)
def test_a_list_is_there_when_it_is_empty(args: tuple[str, ...], empty: list[str], answer: Answer) -> None:
    found = answer(*args)
    assert {key: found[key] for key in empty} == {key: [] for key in empty}


def test_what_is_not_known_is_null(answer: Answer) -> None:
    found = answer("97110:33", "--payer", "aetna")
    assert (found["payer"], found["method"], found["suggested"], found["timed_units"]) == ("aetna", None, None, None)
    assert found["tied"] == {"codes": [], "choose": 0}
    assert "payer.method-unknown" in [finding["id"] for finding in found["findings"]]


def test_a_method_alone_has_no_payer(answer: Answer) -> None:
    found = answer("97110:33", "97140:7", "--method", "midpoint")
    assert (found["payer"], found["method"], found["suggested"]) == (None, "midpoint", {"97110": 2, "97140": 0})


def test_a_method_for_a_payer_whose_method_is_unknown(answer: Answer) -> None:
    found = answer("97110:33", "--payer", "aetna", "--method", "total")
    assert (found["payer"], found["method"]) == ("aetna", "total")
    assert "payer.method-assumed" in [finding["id"] for finding in found["findings"]]


def test_a_tie_and_its_choice(answer: Answer) -> None:
    tie = answer("97112:20", "97110:20")
    assert (tie["tie"], tie["tied"], tie["allocations_count"]) == (True, {"codes": ["97110", "97112"], "choose": 1}, 2)
    chosen = answer("97112:20", "97110:20", "--choose", "97112")
    assert {line["code"]: line["units"] for line in chosen["lines"]} == {"97112": 2, "97110": 1}


@pytest.mark.parametrize("choice", ["97112,97116", "97112, 97116", "97112 97116"])
def test_a_choice_of_two(choice: str, answer: Answer) -> None:
    found = answer("97110:10", "97112:10", "97116:10", "97140:0", "--choose", choice)
    assert sorted(found["chosen"]) == ["97112", "97116"]


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        (("g0283:15",), ("G0283:15",)),
        (("97110:33", "--payer", "MEDICARE"), ("97110:33",)),
        (("97110:33", "--discipline", "pt"), ("97110:33",)),
        (("97110:33", "--method", "TOTAL"), ("97110:33", "--method", "total")),
    ],
)
def test_case_does_not_matter(written: tuple[str, ...], plain: tuple[str, ...], answer: Answer) -> None:
    assert answer(*written) == answer(*plain)


@pytest.mark.parametrize("text", ["97110:13+23a", "97110:13+23A"])
def test_minutes_of_therapist_and_assistant_are_one_total(text: str, answer: Answer) -> None:
    found = answer(text)
    assert (found["timed_minutes"], found["suggested"]) == (36, {"97110": 2})


def test_an_absurd_day_is_a_finding(answer: Answer) -> None:
    found = answer("97110:1500")
    assert "units.more-than-a-day" in [finding["id"] for finding in found["findings"]]
    assert found["suggested"] == {"97110": 100}


def test_zero_minutes_are_documented(answer: Answer) -> None:
    found = answer("97110:0", "97140:8")
    assert found["suggested"] == {"97110": 0, "97140": 1}
    assert [line["code"] for line in found["lines"]] == ["97140"]


@pytest.mark.parametrize("text", ["97110:33 97140:7", "97110:33\n97140:7\n", "\t97110:33\r\n97140:7"])
def test_services_from_standard_input(text: str, answer: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    assert answer("-")["suggested"] == {"97110": 2, "97140": 1}


def test_nothing_on_standard_input(refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    assert "no service was given" in refused("units", "-")


def test_the_date_is_today_when_none_is_given(run: Run) -> None:
    before = date.today()
    found = json.loads(run("units", "--json", "97110:33").out)
    assert before.isoformat() <= found["on"] <= date.today().isoformat()


class TestPage:
    """What a therapist reads."""

    @pytest.mark.parametrize(
        ("args", "words"),
        [
            (
                ("97110:33", "97140:7"),
                ["3 units supported", "Medicare Part B", "2026-03-02", "40 timed minutes", "97110", "exercise",
                 "33 min", "x2", "97140", "manual therapy", "x1", "Why", "Would change:", "CMS Pub. 100-04 ch. 5 §20.2",
                 "By the CPT midpoint of each code: 2"],
            ),
            (("97110:8",), ["1 unit supported", "1 timed unit:"]),
            (("97110:5",), ["0 units supported", "5 timed minutes, no timed unit", "documented, not billable"]),
            (("97161:30",), ["1 unit supported", "physical therapy evaluation, simple"]),
            (("97112:20", "97110:20"), ["Worth knowing", "equal minutes left over", "professional chooses"]),
            (("97110:33", "--payer", "aetna"), ["Units not known", "Aetna", "Needs a look", "Ask the payer"]),
            (("97110:33", "--method", "midpoint"), ["no payer named, by the CPT midpoint", "secondary source"]),
            (("97014:15",), ["Holds the claim", "does not accept this code", "G0283"]),
            (("97550:20", "--on", "2023-06-01"), ["97550", "not in force on this date"]),
        ],
    )  # fmt: skip
    def test_the_words_are_there(self, args: tuple[str, ...], words: list[str], run: Run) -> None:
        done = run("units", *ON, *args)
        assert (done.code, done.err) == (0, "")
        assert [word for word in words if word not in " ".join(done.out.split())] == []

    @pytest.mark.parametrize("args", [("97110:33", "97140:7"), ("97110:5",), ("97110:33", "--payer", "aetna")])
    def test_a_terminal_shows_the_same_words(
        self, args: tuple[str, ...], run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        plain = run("units", *ON, *args).out
        monkeypatch.setenv("FORCE_COLOR", "1")
        monkeypatch.setattr(surroundings, "on_terminal", lambda: True)
        styled = run("units", *ON, *args).out
        assert "\x1b[" in styled
        assert re.sub(r"\x1b\[[0-9;]*m", "", styled) == plain

    @pytest.mark.parametrize("columns", [60, 100])
    @pytest.mark.parametrize(
        "args", [("97110:33", "97140:7"), ("97110:5", "97161:30"), ("97110:33", "--payer", "aetna")]
    )
    def test_no_line_is_wider_than_the_page(
        self, columns: int, args: tuple[str, ...], run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("COLUMNS", str(columns))
        lines = run("units", *ON, *args).out.splitlines()
        assert [line for line in lines if len(line) > columns] == []

    @pytest.mark.parametrize(("columns", "width"), [("10", 60), ("60", 60), ("80", 80), ("100", 100), ("300", 100)])
    def test_the_width_of_the_page(self, columns: str, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("COLUMNS", columns)
        assert surroundings.width() == width

    def test_the_same_words_at_every_width(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        pages = []
        for columns in ("60", "100"):
            monkeypatch.setenv("COLUMNS", columns)
            pages.append(run("units", *ON, "97110:33", "97140:7").out.split())
        assert pages[0] == pages[1]

    def test_the_examples_of_the_help_run(self, run: Run) -> None:
        examples = re.findall(r"^ +fifteen (units .*\d.*)$", run("units", "--help").out, re.MULTILINE)
        assert len(examples) >= 5
        assert {run(*example.split()).code for example in examples} == {0}


class TestSurroundings:
    def test_the_home_is_in_the_users_home(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("FIFTEEN_HOME")
        monkeypatch.setenv("HOME", str(tmp_path))
        assert surroundings.home() == tmp_path / ".fifteen"

    def test_a_user_without_a_home_gets_an_answer(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        def nowhere() -> Path:
            raise RuntimeError("Could not determine home directory.")

        monkeypatch.delenv("FIFTEEN_HOME")
        monkeypatch.setattr(installed, "Path", SimpleNamespace(home=nowhere))
        assert run("units", *ON, "97110:33").code == 0

    def test_a_home_that_is_a_file_gives_an_answer(
        self, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        home = tmp_path / "home"
        home.write_text("")
        monkeypatch.setenv("FIFTEEN_HOME", str(home))
        assert run("units", *ON, "97110:33").code == 0

    def test_the_organization_is_asked(self, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        file = tmp_path / "organization" / "payers" / "acme.toml"
        file.parent.mkdir(parents=True)
        file.write_text('id = "acme"\nextends = "midpoint"')
        monkeypatch.setenv("FIFTEEN_HOME", str(tmp_path))
        found = json.loads(run("units", *ON, "--json", "97110:33", "--payer", "acme").out)
        assert (found["payer"], found["method"]) == ("acme", "midpoint")

    def test_a_broken_rulebook_is_one_sentence(self, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        file = tmp_path / "organization" / "references.toml"
        file.parent.mkdir()
        file.write_text("[broken")
        monkeypatch.setenv("FIFTEEN_HOME", str(tmp_path))
        done = run("units", *ON, "97110:33")
        assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1)
        assert str(file) in done.err
