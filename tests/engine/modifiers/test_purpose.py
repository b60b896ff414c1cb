"""96 and 97: only for a payer that asks, only from what the visit says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fifteen.rulebook import Rulebook
from tests.engine.modifiers.days import assessed, held_of, ids_of, lines_of
from tests.rulebook.conftest import Shelf

ASKS = (
    'id = "acme"\nlabel = "Acme"\nextends = "midpoint"\n\n[purpose_modifier]\nunit = "yes-no"\n'
    '[[purpose_modifier.at]]\nfrom = 2020-01-01\nvalue = true\nrefs = ["recalled"]\nstatus = "local"\n'
)


def visit(purpose: str | None, **minutes: int) -> dict[str, Any]:
    return {"discipline": "PT", "purpose": purpose, "minutes": {code[1:]: each for code, each in minutes.items()}}


@pytest.fixture
def asks(tmp_path: Path) -> Rulebook:
    shelf = Shelf(tmp_path)
    shelf.write("organization/payers/acme.toml", ASKS)
    return shelf.load()


@pytest.mark.parametrize(("purpose", "modifier"), [("habilitative", "96"), ("rehabilitative", "97")])
def test_the_visit_s_purpose_stands_on_its_lines(purpose: str, modifier: str, asks: Rulebook) -> None:
    answer = assessed(asks, [visit(purpose, c97110=15)], coverage={"payer": "acme"})
    assert lines_of(answer) == [f"97110 x1 {modifier}"]
    assert answer.explain_modifiers[0].because == (
        f"The payer asks what therapy is for; every visit that gave 97110 was {purpose}."
    )


def test_a_purpose_that_is_not_said_is_not_guessed(asks: Rulebook) -> None:
    answer = assessed(asks, [visit(None, c97110=15)], coverage={"payer": "acme"})
    assert (lines_of(answer), held_of(answer)) == (["97110 x1"], ["97110"])
    assert ids_of(answer, "purpose") == ["purpose.missing"]


def test_two_purposes_of_one_code_hold_its_line(asks: Rulebook) -> None:
    visits = [visit("habilitative", c97110=15, c97140=15), visit("rehabilitative", c97110=15)]
    answer = assessed(asks, visits, coverage={"payer": "acme"})
    assert lines_of(answer) == ["97110 x2", "97140 x1 96"]
    assert held_of(answer) == ["97110"]
    assert ids_of(answer, "purpose") == ["purpose.mixed"]


def test_a_payer_of_whom_it_is_not_known_is_told_only_where_a_purpose_is_said(rulebook: Rulebook) -> None:
    said = assessed(rulebook, [visit("habilitative", c97110=15)], coverage={"payer": "highmark"})
    assert ids_of(said, "purpose") == ["purpose.payer-not-known"]
    silent = assessed(rulebook, [visit(None, c97110=15)], coverage={"payer": "highmark"})
    assert ids_of(silent, "purpose") == []


def test_medicare_does_not_ask(rulebook: Rulebook) -> None:
    answer = assessed(rulebook, [visit("habilitative", c97110=15)])
    assert (lines_of(answer), ids_of(answer, "purpose")) == (["97110 x1 GP"], [])
