"""A plan of care: so many visits like one day, the deductible and the limit used up on the way."""

from __future__ import annotations

import pytest

from fifteen.engine.pricing import estimate, read_line
from fifteen.kernel.errors import UnreadableInput
from fifteen.rulebook import Rulebook

from .conftest import DAY, Own, Priced, ids

LINES = [read_line("97110x1:GP"), read_line("97530x2:GP")]


def test_the_deductible_is_used_up_from_visit_to_visit(rulebook: Rulebook, priced: Priced) -> None:
    terms = {"on": DAY, "locality": "15202-00", "payer": "medicare"}
    answer = estimate(LINES, rulebook, plan_visits=4, deductible_left=10_000, **terms)  # type: ignore[arg-type]
    first = priced("97110x1:GP 97530x2:GP", payer="medicare", deductible_left=10_000)
    assert (answer.lines, answer.allowed) == (first.lines, first.allowed)
    made = answer.estimate
    assert made is not None
    assert [str(each) for each in made.by_visit] == ["79.13", "32.52", "15.82", "15.82"]
    assert (str(made.patient_share), str(made.allowed)) == ("143.29", "316.52")
    assert "price.estimate" in ids(answer)


def test_the_limit_ends_what_the_patient_owes(own: Own) -> None:
    own.fees("acme_fees", "amount", "97110,41.00", "97530,50.00")
    book = own.payer(fee_basis='{ basis = "table", table = "acme_fees" }', mppr="false", coinsurance="20")
    answer = estimate(LINES, book, plan_visits=3, on=DAY, payer="acme", out_of_pocket_left=4_000, deductible_left=0)
    assert answer.estimate is not None
    assert [str(each) for each in answer.estimate.by_visit] == ["28.20", "11.80", "0.00"]


def test_what_is_not_known_of_a_visit_is_not_known_of_the_plan(rulebook: Rulebook) -> None:
    answer = estimate(LINES, rulebook, plan_visits=3, on=DAY, payer="cigna")
    assert answer.estimate is not None
    assert (answer.estimate.by_visit, answer.estimate.patient_share, answer.estimate.allowed) == (
        [None] * 3,
        None,
        None,
    )


@pytest.mark.parametrize("visits", [0, -1, 367])
def test_a_number_of_visits_that_cannot_be(visits: int, rulebook: Rulebook) -> None:
    with pytest.raises(UnreadableInput, match="give a number from 1 to 366"):
        estimate(LINES, rulebook, plan_visits=visits, on=DAY)
