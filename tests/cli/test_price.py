"""`fifteen price`: the contract of its JSON, a page that can be checked by hand, and what it refuses."""

import io
import json
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from .conftest import Done

Run = Callable[..., Done]
ON = ("--on", "2026-05-04")
OHIO = (*ON, "--locality", "15202-00")


@pytest.fixture
def answer(run: Run) -> Callable[..., dict[str, Any]]:
    def call(*args: str) -> dict[str, Any]:
        done = run("price", "--json", *args)
        assert (done.code, done.err) == (0, "")
        found: dict[str, Any] = json.loads(done.out)
        return found

    return call


Answer = Callable[..., dict[str, Any]]

WRONG = {
    "no-line": ((), "no line was given"),
    "no-units": (("97110",), "'97110' is not a line with its units"),
    "minutes": (("97110:33",), "'97110:33' is not a line with its units"),
    "unknown-code": (("97999x1",), "97999 is not in the service catalogue"),
    "modifier": (("97110x1:G",), "'G' is not a modifier"),
    "locality": (("97110x1", "--locality", "Ohio", *ON), "locality 'Ohio' is not one of Medicare's"),
    "track": (("97110x1", "--track", "apm"), "track 'apm' is not known"),
    "payer": (("97110x1", "--payer", "nobody"), "payer 'nobody' is not in the rulebook"),
    "date": (("97110x1", "--on", "someday"), "--on: 'someday' is not a date"),
    "before": (("97110x1", "--on", "1999-01-01"), "is not known for 1999-01-01"),
    "charge": (("97110x1", "--charge", "97110"), "'97110' has no amount"),
    "charge-amount": (("97110x1", "--charge", "97110=much"), "--charge of 97110: 'much' is not an amount"),
    "charge-negative": (("97110x1", "--charge", "97110=-1"), "is negative"),
    "charge-elsewhere": (("97110x1", "--charge", "97140=1"), "97140 is on no line"),
    "charge-twice": (("97110x1", "--charge", "97110=1", "--charge", "97110=2"), "97110 is given twice"),
    "deductible": (("97110x1", "--deductible-left", "x"), "--deductible-left: 'x' is not an amount"),
    "coinsurance": (
        ("97110x1", "--payer", "cigna", "--coinsurance", "20%"),
        "'20%' is not a percentage",
    ),
    "law": (("97110x1", "--coinsurance", "10"), "leave out the coinsurance"),
    "law-limit": (("97110x1", "--out-of-pocket-left", "10"), "is law, without a limit"),
    "empty-locality": (("97110x1", "--locality", ""), "locality '' is empty; write one such as 15202-00"),
    "empty-track": (("97110x1", "--track", ""), "track '' is not known"),
    "plan": (("97110x1", "--plan-visits", "0"), "0 visits cannot be estimated"),
    "plan-words": (("97110x1", "--plan-visits", "x"), "--plan-visits"),
}


@pytest.mark.parametrize("case", WRONG)
def test_asked_wrongly(case: str, refused: Callable[..., str]) -> None:
    args, fragment = WRONG[case]
    assert fragment in refused("price", *args)


CONTRACT = (
    "on", "locality", "lines", "allowed", "deductible", "coinsurance", "medicare_share", "assistant_reduction",
    "sequestration", "medicare_paid", "provider_total", "explain", "findings",
)  # fmt: skip


def test_the_contract(answer: Answer) -> None:
    found = answer("97110x2:GP,CQ", "97530x1:GP", *OHIO)
    assert set(CONTRACT) <= set(found)
    first = found["lines"][0]
    assert (first["code"], first["units"], first["modifiers"]) == ("97110", 2, ["GP", "CQ"])
    assert (first["unit_prices"], first["allowed"]) == (["21.62", "21.62"], "43.24")
    amounts = {name: found[name] for name in CONTRACT[3:11]}
    assert amounts == {
        "allowed": "76.57", "deductible": "0.00", "coinsurance": "15.32", "medicare_share": "61.25",
        "assistant_reduction": "5.19", "sequestration": "1.12", "medicare_paid": "54.94", "provider_total": "70.26",
    }  # fmt: skip


def test_one_line_for_each_argument_in_order_and_a_code_may_come_twice(answer: Answer) -> None:
    found = answer("97530x1:GP,CQ", "97110x1", "97530x1:", *OHIO)
    assert [(line["code"], line["modifiers"]) for line in found["lines"]] == [
        ("97530", ["GP", "CQ"]), ("97110", []), ("97530", []),
    ]  # fmt: skip


def test_a_date_without_a_release_is_null_with_a_finding_and_exit_0(answer: Answer) -> None:
    found = answer("97110x1", "--on", "2027-01-01")
    assert {found[name] for name in ("allowed", "coinsurance", "medicare_paid", "provider_total")} == {None}
    assert (found["lines"][0]["allowed"], found["lines"][0]["unit_prices"]) == (None, [])
    assert "price.not-known" in {finding["id"] for finding in found["findings"]}


def test_defaults_that_changed_money_are_named(answer: Answer) -> None:
    found = {finding["id"]: finding for finding in answer("97110x1")["findings"]}
    assert "national" in found["price.defaults"]["message"]
    assert "priced as of today" in found["price.today"]["message"]
    assert "price.today" not in {finding["id"] for finding in answer("97110x1", *ON)["findings"]}


def test_every_option_reaches_the_price(answer: Answer) -> None:
    plain = answer("97597x1", *OHIO)["allowed"]
    assert answer("97597x1", *OHIO, "--facility")["allowed"] != plain
    assert answer("97597x1", *OHIO, "--track", "qp")["allowed"] != plain
    assert answer("97597x1", *OHIO, "--charge", "97597=50")["allowed"] == "50.00"
    assert answer("97597x1", *OHIO, "--deductible-left", "20.5")["deductible"] == "20.50"
    assert answer("97110x1", "--payer", "self-pay", "--charge", "97110=60")["patient_share"] == "60.00"
    plan = answer("97110x1", *OHIO, "--plan-visits", "2", "--deductible-left", "30")
    assert plan["estimate"]["by_visit"] == ["27.87", "7.28"]
    own = answer("97110x1", "--payer", "self-pay", "--charge", "97110=60", "--copay", "25", *ON)
    assert own["patient_share"] == "25.00"
    most = answer("97110x1", "--payer", "self-pay", "--charge", "97110=60", "--out-of-pocket-left", "5", *ON)
    assert most["patient_share"] == "5.00"


def test_lines_from_standard_input(answer: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("97110x1:GP\n97530x1:GP\n"))
    assert len(answer("-", *OHIO)["lines"]) == 2


def test_standard_input_that_is_no_text(refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> str:
        raise UnicodeDecodeError("utf-8", b"", 0, 1, "")

    monkeypatch.setattr("sys.stdin", SimpleNamespace(read=broken))
    assert "standard input is not text" in refused("price", "-")


def test_the_page_is_checked_with_a_pocket_calculator(run: Run) -> None:
    """Every printed sum of products and every percentage comes to the figure printed beside it."""
    page = " ".join(run("price", "97110x2:GP,CQ", "97530x1:GP", *OHIO, "--deductible-left", "10").out.split())
    formulas = re.findall(r"\(([^()]+)\) x ([0-9.]+) = ([0-9.]+), rounded ([0-9.]+)", page)
    assert len(formulas) == 2
    for terms, factor, exact, cents in formulas:
        weighted = Decimal(0)
        for term in terms.replace("50% of ", "0.5 x ").split(" + "):
            product = Decimal(1)
            for number in term.split(" x "):
                product *= Decimal(number)
            weighted += product
        amount = weighted * Decimal(factor)
        assert amount.quantize(Decimal("0.0001")) == Decimal(exact)
        assert amount.quantize(Decimal("0.01"), ROUND_HALF_UP) == Decimal(cents)
    shares = re.findall(r"([0-9]+)% of (?:\(([0-9.]+) - ([0-9.]+)\)|([0-9.]+)) = ([0-9.]+), rounded ([0-9.]+)", page)
    assert len(shares) == 5
    for percent, whole, less, alone, exact, cents in shares:
        amount = (Decimal(alone) if alone else Decimal(whole) - Decimal(less)) * Decimal(percent) / 100
        assert amount == Decimal(exact)
        assert amount.quantize(Decimal("0.01"), ROUND_HALF_UP) == Decimal(cents)


def test_the_page_has_the_totals_the_sources_and_the_assumptions(run: Run) -> None:
    page = run("price", "97110x1:GP", *OHIO, "--plan-visits", "3").out
    for words in (
        "27.42 expected in all, 21.85 of it from the payer",
        "locality 15202-00, office",
        "To collect for this day: 5.57",
        "Estimate for 3 visits",
        "[1] CMS",
        "* Rounded half up on the line: our assumption",
    ):
        assert words in page
    assert "facility" in run("price", "97110x1:GP", *OHIO, "--facility").out


def test_the_page_of_what_is_not_known(run: Run) -> None:
    page = run("price", "97110x1:GP", "--payer", "cigna", *ON).out
    assert page.startswith("Not known in full")
    assert "How Cigna prices is not known" in page
    assert "\nHow\n" not in page


@pytest.mark.parametrize("columns", ["60", "100"])
def test_the_page_fits(columns: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    lines = run("price", "97110x2:GP,CQ", "97530x1:GP", *OHIO).out.splitlines()
    assert max(map(len, lines)) <= max(int(columns), 96)
