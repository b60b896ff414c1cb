"""The modifiers of a line in the house order: four on the line, the rest in the note."""

from __future__ import annotations

from datetime import date
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fifteen.engine.claim_lines import DayLine, Held, LineModifier, Outcome, claim_lines
from fifteen.engine.units.answer import Line
from fifteen.rulebook import Rulebook, load_rulebook

DAY = date(2026, 5, 4)
ALL = ("59", "CQ", "GP", "KX", "GA", "95", "96")


def ordered(rulebook: Rulebook, own: tuple[str, ...], *added: str, held: tuple[str, ...] = ()) -> tuple[object, ...]:
    lines = [DayLine("PT", Line("97110", 1, own, 15))]
    outcomes = [
        Outcome(modifiers=[LineModifier(rule="r", cite="", since=DAY, status="local", because="", line=0, modifier=m)])
        for m in added
    ]
    outcomes.append(Outcome(held=[Held(0, why) for why in held]))
    (line,) = claim_lines(lines, outcomes, rulebook, DAY)
    return line.modifiers, line.note_modifiers, line.held


@pytest.mark.parametrize(
    ("own", "added", "on_line", "in_note"),
    [
        (("GP",), (), ("GP",), ()),
        (("GP", "CQ"), (), ("CQ", "GP"), ()),
        (("GO", "CO"), ("KX",), ("CO", "GO", "KX"), ()),
        (("GN",), ("95", "KX"), ("GN", "KX", "95"), ()),
        (("GP", "CQ"), ("KX", "59"), ("59", "CQ", "GP", "KX"), ()),
        (("GP",), ("XE", "93"), ("XE", "GP", "93"), ()),
        (("GP",), ("GX", "GY"), ("GP", "GX", "GY"), ()),
        (("GP", "CQ"), ("KX", "59", "95"), ("59", "CQ", "GP", "99"), ("KX", "95")),
        (("GP", "CQ"), ("GA", "59", "95", "97"), ("59", "CQ", "GP", "99"), ("GA", "95", "97")),
        (("GP",), ("ZZ",), ("GP", "ZZ"), ()),
        (("GP",), ("GP",), ("GP",), ()),
    ],
)
def test_the_order_of_a_line(
    own: tuple[str, ...], added: tuple[str, ...], on_line: tuple[str, ...], in_note: tuple[str, ...], rulebook: Rulebook
) -> None:
    for order in permutations(added):
        assert ordered(rulebook, own, *order) == (on_line, in_note, ())


def test_a_line_that_waits_says_each_reason_once(rulebook: Rulebook) -> None:
    assert ordered(rulebook, ("GP",), held=("one", "two", "one"))[2] == ("one", "two")


BOOK = load_rulebook()


@given(st.lists(st.sampled_from(ALL), unique=True), st.randoms())
def test_no_modifier_is_lost_and_no_order_of_rooms_matters(added: list[str], chance: object) -> None:
    shuffled = added[:]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    on_line, in_note, _ = ordered(BOOK, (), *added)
    assert (on_line, in_note, ()) == ordered(BOOK, (), *shuffled)
    assert isinstance(on_line, tuple)
    assert isinstance(in_note, tuple)
    assert sorted([*(m for m in on_line if m != "99"), *in_note]) == sorted(added)
    assert len(on_line) <= 4
