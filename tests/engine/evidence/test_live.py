"""Corrections: what counts now, the whole history behind it, and what is wrong with a correction."""

from __future__ import annotations

from hypothesis import given as forall
from hypothesis import settings
from hypothesis import strategies as st

from fifteen import Interval, load_rulebook
from fifteen.engine.evidence import minutes_of
from fifteen.engine.evidence.live import history, live
from tests.engine.evidence.records import by_service, day_of, given, ids, only

RULEBOOK = load_rulebook()


def alive(*intervals: Interval) -> list[str]:
    return [each.id for each in live(intervals)[0]]


def test_what_nobody_corrects_is_alive_in_the_order_given() -> None:
    assert alive(given("b", minutes=1), given("a", minutes=1)) == ["b", "a"]
    assert live([]) == ([], [])


def test_a_correction_of_something_unknown_counts_and_is_said() -> None:
    current, findings = live([given("b", minutes=5, amends="a", reason="mis-tap")])
    assert [each.id for each in current] == ["b"]
    said = only(findings, "amendment.unknown")
    assert "b amends a, which the day does not hold" in said.message
    assert (said.severity, said.where) == ("warn", "b")


def test_a_correction_without_a_reason_counts_and_is_said() -> None:
    current, findings = live([given("a", minutes=9), given("b", minutes=5, amends="a", reason="  ")])
    assert [each.id for each in current] == ["b"]
    assert only(findings, "amendment.no-reason").where == "b"


def test_two_corrections_of_one_interval_both_count_and_it_is_said() -> None:
    day = [given("a", minutes=9), *(given(id_, minutes=5, amends="a", reason="mis-tap") for id_ in "cb")]
    current, findings = live(day)
    assert [each.id for each in current] == ["c", "b"]
    assert "b and c both amend a, and both count" in only(findings, "amendment.twice").message


def test_corrections_in_a_circle_count_for_nothing_and_it_is_said() -> None:
    day = [given(id_, minutes=5, amends=before, reason="mis-tap") for id_, before in ("ac", "ba", "cb")]
    current, findings = live([*day, given("d", minutes=1)])
    assert [each.id for each in current] == ["d"]
    assert [(each.id, each.where) for each in findings] == [("amendment.in-a-circle", each) for each in "abc"]


def test_what_corrects_a_member_of_a_circle_counts() -> None:
    day = [given(id_, minutes=5, amends=before, reason="mis-tap") for id_, before in ("ab", "ba", "ca")]
    current, findings = live(day)
    assert [each.id for each in current] == ["c"]
    assert ids(findings) == ["amendment.twice", "amendment.in-a-circle", "amendment.in-a-circle"]
    assert [each.id for each in history(day[2], day)] == ["a", "b"]


def test_history_goes_back_to_the_first_value() -> None:
    day = [
        given("c", minutes=5, amends="b", reason="third"),
        given("a", minutes=9),
        given("b", minutes=7, amends="a", reason="second"),
    ]
    assert [(each.id, each.minutes, each.reason) for each in history(day[0], day)] == [("b", 7, "second"), ("a", 9, "")]
    assert history(day[1], day) == []


@forall(st.lists(st.lists(st.integers(0, 60), min_size=1, max_size=6), min_size=1, max_size=4), st.data())
@settings(deadline=None)
def test_amending_again_and_again_keeps_everything_and_counts_the_last(
    chains: list[list[int]], data: st.DataObject
) -> None:
    day = [
        given(
            f"{chain}.{number}",
            minutes=minutes,
            amends=f"{chain}.{number - 1}" if number else None,
            reason=f"reason {number}" if number else "",
        )
        for chain, values in enumerate(chains)
        for number, minutes in enumerate(values)
    ]
    mixed = data.draw(st.permutations(day))
    current, findings = live(mixed)
    assert findings == []
    assert sorted(each.id for each in current) == [f"{chain}.{len(values) - 1}" for chain, values in enumerate(chains)]
    for each in current:
        chain, _, last = each.id.partition(".")
        assert [before.minutes for before in history(each, mixed)] == chains[int(chain)][: int(last)][::-1]
    reckoned = minutes_of(day_of(*mixed), RULEBOOK)
    assert by_service(reckoned) == {"PT 97110": (sum(values[-1] for values in chains), 0)}
    assert len(reckoned.uncounted) == len(day) - len(chains)


def test_an_interval_that_amends_itself_counts_for_nothing() -> None:
    assert alive(given("a", minutes=5, amends="a", reason="mis-tap")) == []


def test_an_interval_that_amends_itself_is_a_circle_and_it_is_said() -> None:
    assert ids(live([given("a", minutes=5, amends="a", reason="mis-tap")])[1]) == ["amendment.in-a-circle"]
