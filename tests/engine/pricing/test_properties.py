"""What holds for the price of every day."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from fifteen import load_rulebook, price
from fifteen.engine.pricing import PriceAnswer, PriceLine

BOOK = load_rulebook()
ON = date(2026, 5, 4)
_ROWS = {row[0]: BOOK.row("rvu_2026", row[0], ON) for row in BOOK.tables["rvu_2026"].rows}
CODES = sorted(code for code, row in _ROWS.items() if row and row["letter"] in "AR" and float(row["pe"]))
MODIFIERS = st.sampled_from([("GP",), ("GO",), ("GN",), ("GP", "CQ"), ("GO", "CO"), ()])
LINES = st.builds(PriceLine, st.sampled_from(CODES), st.integers(1, 6), MODIFIERS)
DAYS = st.lists(LINES, min_size=1, max_size=6)
PLACES = st.sampled_from(["national", "15202-00", "01112-09", "09102-04", "02102-01"])
CHARGES = st.dictionaries(st.sampled_from(CODES), st.integers(0, 20000), max_size=4)
TOTALS = (
    "allowed", "deductible", "coinsurance", "copay", "medicare_share", "assistant_reduction", "sequestration",
    "medicare_paid", "provider_total",
)  # fmt: skip


def priced(lines: list[PriceLine], place: str = "national", **terms: object) -> PriceAnswer:
    return price(lines, BOOK, on=ON, locality=place, **terms)  # type: ignore[arg-type]


def amount(value: Decimal | None) -> Decimal:
    assert value is not None
    return value


@given(DAYS, PLACES)
def test_the_reduction_never_raises_a_price(lines: list[PriceLine], place: str) -> None:
    """No unit costs more than alone, and of all units on the list exactly one costs as much."""
    answer = priced(lines, place)
    full = {line.code: amount(priced([PriceLine(line.code)], place).allowed) for line in lines}
    on_list = 0
    for line in answer.lines:
        assert all(each <= full[line.code] for each in line.unit_prices)
        row = _ROWS[line.code]
        assert row is not None
        if row["mult_proc"] != "5":
            assert line.unit_prices == [full[line.code]] * line.units
        else:
            on_list += sum(each == full[line.code] for each in line.unit_prices)
    assert on_list == any((_ROWS[line.code] or {})["mult_proc"] == "5" for line in lines)


@given(DAYS, PLACES, st.randoms(use_true_random=False), CHARGES)
def test_the_order_of_lines_changes_nothing(lines, place, random, charges) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(lines)
    random.shuffle(shuffled)
    one, other = priced(lines, place, charges=charges), priced(shuffled, place, charges=charges)
    assert [getattr(one, name) for name in TOTALS] == [getattr(other, name) for name in TOTALS]
    assert Counter(map(repr, one.lines)) == Counter(map(repr, other.lines))


@given(DAYS, PLACES, st.integers(0, 40000), CHARGES)
def test_cents_add_up(lines: list[PriceLine], place: str, left: int, charges: dict[str, int]) -> None:
    answer = priced(lines, place, deductible_left=left, charges=charges)
    for name in TOTALS:
        assert getattr(answer, name) == sum(getattr(line, name) for line in answer.lines)
    for each in (*answer.lines, answer):
        patient = amount(each.deductible) + amount(each.coinsurance) + amount(each.copay)
        share, paid = amount(each.medicare_share), amount(each.medicare_paid)
        assert amount(each.allowed) == patient + share
        assert share == paid + amount(each.assistant_reduction) + amount(each.sequestration)
        assert amount(each.provider_total) == paid + patient
    for line in answer.lines:
        most = sum(line.unit_prices) if line.charge is None else min(sum(line.unit_prices), line.charge)
        assert line.allowed == most
    assert amount(answer.deductible) == min(Decimal(left) / 100, amount(answer.allowed))


@given(DAYS, st.integers(0, 40000), CHARGES)
def test_each_reduction_only_lowers(lines: list[PriceLine], left: int, charges: dict[str, int]) -> None:
    answer = priced(lines, deductible_left=left, charges=charges)
    for line in answer.lines:
        full = amount(priced([PriceLine(line.code)]).allowed) * line.units
        falling = [full, sum(line.unit_prices), line.allowed, line.medicare_share, line.medicare_paid, Decimal(0)]
        assert falling == sorted(falling, reverse=True)
        assert amount(line.provider_total) <= amount(line.allowed)
        assert min(amount(getattr(line, name)) for name in TOTALS) >= 0


@given(DAYS, PLACES)
def test_a_day_split_over_visits_is_allowed_what_the_day_is(lines: list[PriceLine], place: str) -> None:
    """Two visits' lines together are one day, whichever units stand on which visit's lines."""
    split = [PriceLine(line.code, 1, line.modifiers) for line in lines for _ in range(line.units)]
    one, other = priced(lines, place), priced(split, place)
    assert one.allowed == other.allowed
    units = [Counter((line.code, each) for line in day.lines for each in line.unit_prices) for day in (one, other)]
    assert units[0] == units[1]


@given(DAYS)
@settings(max_examples=50)
def test_every_figure_of_the_steps_is_a_figure_of_the_answer(lines: list[PriceLine]) -> None:
    answer = priced(lines, deductible_left=3000)
    for step in answer.explain:
        if step.line is None:
            continue
        line = answer.lines[step.line - 1]
        figures = {
            "unit-price": line.unit_prices, "reduced-price": line.unit_prices, "allowed": [line.allowed],
            "deductible": [line.deductible], "coinsurance": [line.coinsurance], "payer-share": [line.medicare_share],
            "assistant": [line.assistant_reduction], "sequestration": [line.sequestration],
            "paid": [line.medicare_paid],
        }  # fmt: skip
        assert step.amount in figures[step.step]
