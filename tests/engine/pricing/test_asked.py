"""Lines as they are written, and what cannot be read."""

from __future__ import annotations

import pytest

from fifteen import count_units, price
from fifteen.engine.pricing import PriceLine, read_line
from fifteen.kernel.errors import AskedWrongly, UnknownCode, UnknownPayer, UnreadableInput
from fifteen.rulebook import Rulebook

from .conftest import DAY, Priced


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("97110x1:GP", PriceLine("97110", 1, ("GP",))),
        ("97530x2:GP,CQ", PriceLine("97530", 2, ("GP", "CQ"))),
        ("97110x2", PriceLine("97110", 2)),
        ("97110x2:", PriceLine("97110", 2)),
        (" g0283X1:gp , 59 ", PriceLine("g0283", 1, ("gp", "59"))),
    ],
)
def test_a_line_is_read(text: str, line: PriceLine) -> None:
    assert read_line(text) == line


@pytest.mark.parametrize(
    "text", ["", "97110", "97110:33", "97110:GP", "x2", "97110x", "97110xtwo", "97110x-1", "97110x9999"]
)
def test_what_is_no_line_is_refused(text: str) -> None:
    with pytest.raises(UnreadableInput, match=r"is not a line with its units; write CODExUNITS such as 97110x2"):
        read_line(text)


WRONG: dict[str, tuple[str, dict[str, object], type[AskedWrongly], str]] = {
    "no-line": ("", {}, UnreadableInput, "no line was given"),
    "no-units": ("97110x0", {}, UnreadableInput, "0 units cannot be priced; write 1 or more"),
    "no-code": ("walkx1", {}, UnreadableInput, "is not a procedure code"),
    "unknown-code": ("97999x1", {}, UnknownCode, "97999 is not in the service catalogue"),
    "no-modifier": ("97110x1:GPX", {}, UnreadableInput, "97110: 'GPX' is not a modifier"),
    "unknown-payer": ("97110x1", {"payer": "nobody"}, UnknownPayer, "payer 'nobody'"),
    "empty-payer": ("97110x1", {"payer": ""}, UnknownPayer, "payer ''"),
    "unknown-locality": ("97110x1", {"locality": "99999-00"}, UnreadableInput, "locality '99999-00' is not one of"),
    "unknown-track": (
        "97110x1",
        {"track": "aco"},
        UnreadableInput,
        "track 'aco' is not known; choose one of nonqp, qp",
    ),
    "negative": ("97110x1", {"deductible_left": -1}, UnreadableInput, "deductible left -1 cannot be"),
    "no-visit": ("97110x1", {"visits": 0}, UnreadableInput, "visits"),
    "negative-charge": ("97110x1", {"charges": {"97110": -1}}, UnreadableInput, "charge of 97110 -1 cannot be"),
    "fraction": ("97110x1", {"copay": 2.5, "payer": "cigna"}, UnreadableInput, "copay 2.5 cannot be"),
    "both": ("97110x1", {"copay": 1, "coinsurance": 1, "payer": "cigna"}, UnreadableInput, "leave out one of them"),
    "percent": ("97110x1", {"coinsurance": 101, "payer": "cigna"}, UnreadableInput, "coinsurance 101 percent"),
    "law": ("97110x1", {"coinsurance": 10}, UnreadableInput, "what Medicare Part B leaves to the patient is law"),
    "law-limit": (
        "97110x1",
        {"out_of_pocket_left": 10},
        UnreadableInput,
        "leave out the coinsurance, the copay and the out-of-pocket limit",
    ),
    "empty-locality": ("97110x1", {"locality": " "}, UnreadableInput, "locality ' ' is empty"),
    "empty-track": ("97110x1", {"track": ""}, UnreadableInput, "track '' is not known; choose one of nonqp, qp"),
    "law-copay": ("97110x1", {"copay": 10}, UnreadableInput, "what Medicare Part B leaves to the patient is law"),
}


@pytest.mark.parametrize("case", WRONG)
def test_asked_wrongly(case: str, priced: Priced) -> None:
    lines, terms, error, fragment = WRONG[case]
    with pytest.raises(error) as raised:
        priced(lines, **terms)
    assert fragment in str(raised.value)


def test_the_lines_of_an_answer_are_priced_as_they_are(rulebook: Rulebook, priced: Priced) -> None:
    units = count_units({"97110": 33, "97140": 7}, rulebook, on=DAY)
    answer = price(units.lines, rulebook, on=DAY, locality="15202-00")
    assert answer.lines == priced("97110x2:GP 97140x1:GP").lines


def test_case_of_locality_and_track_does_not_matter(priced: Priced) -> None:
    assert priced("97110x1", locality=" National ", track=" QP ") == priced("97110x1", locality="national", track="qp")


def test_a_yes_is_no_number_of_units() -> None:
    with pytest.raises(UnreadableInput, match="True units cannot be priced"):
        price([PriceLine("97110", True)], None, on=DAY)  # type: ignore[arg-type]
