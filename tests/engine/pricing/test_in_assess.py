"""The price inside `assess`: all lines of the day together, and no price where it would sway or guess."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from fifteen import assess, read_day
from fifteen.engine.assess import DayAnswer
from fifteen.rulebook import Rulebook

from .conftest import Priced

PEOPLE = [{"id": "pt", "role": "therapist", "discipline": "PT"}, {"id": "ot", "role": "therapist", "discipline": "OT"}]


def assessed(book: Rulebook, visits: dict[str, dict[str, int]], **day: Any) -> DayAnswer:
    made = [
        {
            "id": str(number), "discipline": discipline,
            "intervals": [
                {"id": f"{number}-{code}", "people": [discipline.lower()], "service": code, "minutes": minutes}
                for code, minutes in services.items()
            ],
        }
        for number, (discipline, services) in enumerate(visits.items())
    ]  # fmt: skip
    raw = {"patient": "p", "date": "2026-05-04", "people": PEOPLE, "visits": made, "locality": "15202-00", **day}
    return assess(read_day(msgspec.json.encode(raw)), book)


def test_the_disciplines_of_a_day_are_priced_together(rulebook: Rulebook, priced: Priced) -> None:
    answer = assessed(rulebook, {"PT": {"97110": 30}, "OT": {"97530": 15}})
    assert answer.price is not None
    assert answer.price.lines == priced("97110x2:GP 97530x1:GO").lines
    assert (answer.price.on, answer.price.locality) == (date(2026, 5, 4), "15202-00")


@pytest.mark.parametrize(
    ("visits", "day", "said"),
    [
        ({"PT": {"97110": 30}}, {"locality": None}, "the day says no locality"),
        ({"PT": {"97110": 20, "97112": 20}}, {}, "a tie is open"),
        ({"PT": {"97110": 30}}, {"coverage": {"payer": "aetna"}}, "how the payer counts units is not known"),
    ],
)
def test_why_there_is_no_price(visits: Any, day: dict[str, Any], said: str, rulebook: Rulebook) -> None:
    answer = assessed(rulebook, visits, **day)
    assert answer.price is None
    [finding] = [each for each in answer.findings if each.id == "assess.price-not-checked"]
    assert said in finding.message


def test_a_settled_tie_is_priced_as_chosen(rulebook: Rulebook, priced: Priced) -> None:
    choice = [{"discipline": "PT", "codes": ["97110"], "by": "pt"}]
    answer = assessed(rulebook, {"PT": {"97110": 20, "97112": 20}}, choices=choice)
    assert answer.price is not None
    assert answer.price.lines == priced("97110x2:GP 97112x1:GP").lines


def test_a_day_without_a_line_has_no_price(rulebook: Rulebook) -> None:
    answer = assessed(rulebook, {"PT": {"97110": 5}})
    assert answer.price is None
    assert "assess.price-not-checked" not in {each.id for each in answer.findings}
