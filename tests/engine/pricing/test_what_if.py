"""What another answer is worth is told only when it can no longer sway the choice; and price never feeds units."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import fifteen
from fifteen import count_units
from fifteen.engine.pricing import what_if
from fifteen.kernel.errors import UnreadableInput
from fifteen.rulebook import Rulebook

from .conftest import DAY

TIE = {"97112": 20, "97110": 20}
ENGINE = Path(fifteen.__file__).parent.joinpath("engine")


def test_a_settled_tie_shows_what_the_other_answer_is_worth(rulebook: Rulebook) -> None:
    answer = count_units(TIE, rulebook, on=DAY, choose=["97110"])
    [other] = [each for each in what_if(answer, rulebook, signed=True, locality="national") if each.why == "tie"]
    assert other.units == {"97112": 2, "97110": 1}
    assert (str(other.allowed), str(other.difference)) == ("79.82", "2.67")


def test_the_other_method_s_count_is_priced_whole(rulebook: Rulebook) -> None:
    answer = count_units({"97161": 30, "97110": 10, "97140": 9, "97112": 12}, rulebook, on=DAY)
    [other] = what_if(answer, rulebook, signed=True, locality="national")
    assert (other.why, other.method) == ("method", "midpoint")
    assert other.units == {"97161": 1, "97110": 1, "97140": 1, "97112": 1}
    assert str(other.difference) == "21.21"


def test_where_both_agree_there_is_nothing_to_compare(rulebook: Rulebook) -> None:
    assert what_if(count_units({"97110": 30}, rulebook, on=DAY), rulebook, signed=True) == []


def test_no_unit_at_all_is_worth_nothing(rulebook: Rulebook) -> None:
    answer = count_units({"97110": 5, "97140": 5}, rulebook, on=DAY, payer=None, method="midpoint")
    [other] = what_if(answer, rulebook, signed=True, payer="medicare", locality="national")
    assert other.difference == other.allowed


def test_what_is_not_known_has_no_difference(rulebook: Rulebook) -> None:
    answer = count_units(TIE, rulebook, on=DAY, payer="highmark", choose=["97110"])
    assert {each.difference for each in what_if(answer, rulebook, signed=True)} == {None}


def test_nothing_is_compared_before_the_professional_has_chosen_and_signed(rulebook: Rulebook) -> None:
    open_, settled = (count_units(TIE, rulebook, on=DAY, choose=choice) for choice in ([], ["97110"]))
    with pytest.raises(UnreadableInput, match="the visit is not signed"):
        what_if(settled, rulebook, signed=False)
    with pytest.raises(UnreadableInput, match="the tie is open; record the professional's choice first"):
        what_if(open_, rulebook, signed=True)
    with pytest.raises(UnreadableInput, match="no answer to compare"):
        what_if(count_units(TIE, rulebook, on=DAY, payer="aetna"), rulebook, signed=True)


@pytest.mark.parametrize("room", ["day.py", "evidence", "units", "modifiers"])
def test_price_never_feeds_what_decides_units(room: str) -> None:
    place = ENGINE / room
    for path in [place] if place.is_file() else place.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            assert not [name for name in names if "pricing" in name], path
