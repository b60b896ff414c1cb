"""Test oracle: which unit allocations the law allows, found by trying them all.

Written from the rules alone, apart from the product code, so that the two can disagree.
Every code passed in must be a 15-minute timed code of one patient, day and discipline.
An allocation is a sorted tuple of (code, units); codes with no unit are listed with 0.

Law: Medicare Claims Processing Manual, Pub. 100-04, chapter 5, section 20.2.C (total minutes);
CPT time rule (midpoint, each code on its own).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations_with_replacement

Allocation = tuple[tuple[str, int], ...]

MOST_CODES = 5

# (units, fewest total timed minutes, most total timed minutes), as the manual prints it.
CMS_TABLE: tuple[tuple[int, int, int], ...] = (
    (0, 0, 7),
    (1, 8, 22),
    (2, 23, 37),
    (3, 38, 52),
    (4, 53, 67),
    (5, 68, 82),
    (6, 83, 97),
    (7, 98, 112),
    (8, 113, 127),
)


def table_rows() -> Iterator[tuple[int, int, int]]:
    """The printed rows, then further rows "the same way": one more unit, 15 minutes later."""
    yield from CMS_TABLE
    units, fewest, most = CMS_TABLE[-1]
    while True:
        units, fewest, most = units + 1, fewest + 15, most + 15
        yield units, fewest, most


def units_for_the_day(total: int) -> int:
    """The row of the table that holds the day's total timed minutes."""
    for units, fewest, most in table_rows():
        if fewest <= total <= most:
            return units
    raise AssertionError("the rows have no end")


def whole_blocks(minutes: int) -> int:
    """15 minutes or more: at least 1 unit; 30 or more: at least 2; and so on."""
    blocks = 0
    while minutes >= 15 * (blocks + 1):
        blocks += 1
    return blocks


def left_over(minutes: int) -> int:
    return minutes - 15 * whole_blocks(minutes)


def extra_units(minutes: Mapping[str, int], units: Mapping[str, int], code: str) -> int:
    return units[code] - whole_blocks(minutes[code])


# The conditions. Each looks at one candidate and says whether it is acceptable.


def has_the_units_of_the_table(minutes: Mapping[str, int], units: Mapping[str, int]) -> bool:
    return sum(units.values()) == units_for_the_day(sum(minutes.values()))


def every_whole_block_is_billed(minutes: Mapping[str, int], units: Mapping[str, int]) -> bool:
    return all(units[code] >= whole_blocks(minutes[code]) for code in minutes)


def no_code_has_two_extra_units(minutes: Mapping[str, int], units: Mapping[str, int]) -> bool:
    return all(extra_units(minutes, units, code) <= 1 for code in minutes)


def no_larger_remainder_was_passed_over(minutes: Mapping[str, int], units: Mapping[str, int]) -> bool:
    given = [code for code in minutes if extra_units(minutes, units, code) >= 1]
    refused = [code for code in minutes if extra_units(minutes, units, code) < 1]
    return not any(left_over(minutes[loser]) > left_over(minutes[winner]) for winner in given for loser in refused)


def nothing_comes_from_zero_minutes(minutes: Mapping[str, int], units: Mapping[str, int]) -> bool:
    return all(units[code] == 0 for code in minutes if minutes[code] == 0)


CONDITIONS = (
    has_the_units_of_the_table,
    every_whole_block_is_billed,
    no_code_has_two_extra_units,
    no_larger_remainder_was_passed_over,
    nothing_comes_from_zero_minutes,
)


def candidates(minutes: Mapping[str, int]) -> Iterator[dict[str, int]]:
    """Every way to hand out units among the codes.

    Only the table's count, one fewer and one more are tried (no other count could pass
    the first condition); within a count nothing is left out, however absurd.
    """
    target = units_for_the_day(sum(minutes.values()))
    for count in (target - 1, target, target + 1):
        if count < 0:
            continue
        for receivers in combinations_with_replacement(sorted(minutes), count):
            yield {code: receivers.count(code) for code in minutes}


def check_input(minutes: Mapping[str, int]) -> None:
    if len(minutes) > MOST_CODES:
        raise ValueError(f"at most {MOST_CODES} codes, got {len(minutes)}")
    for code, amount in minutes.items():
        if amount < 0:
            raise ValueError(f"negative minutes for {code}")


def allowed_total(minutes: Mapping[str, int]) -> set[Allocation]:
    """All allocations the Medicare total-minutes rule allows; more than one means a tie."""
    check_input(minutes)
    return {
        tuple(sorted(units.items()))
        for units in candidates(minutes)
        if all(condition(minutes, units) for condition in CONDITIONS)
    }


def midpoint_units(minutes: int) -> int:
    """Count the marks reached: unit k is reached 8 minutes into the k-th block of 15."""
    k = 1
    while minutes >= 15 * (k - 1) + 8:
        k += 1
    return k - 1


def allowed_midpoint(minutes: Mapping[str, int]) -> set[Allocation]:
    """The one allocation of the midpoint method: each code on its own, no pooling, no cap."""
    check_input(minutes)
    return {tuple(sorted((code, midpoint_units(amount)) for code, amount in minutes.items()))}
