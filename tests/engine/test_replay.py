"""Replay: the same day under the law of another date, and under the law as it could be read on another day."""

from __future__ import annotations

from datetime import date

import pytest

from fifteen import NotInForce, assess
from fifteen.engine.assess import DayAnswer
from fifteen.rulebook import Rulebook
from tests.engine.edits.days import attested, day_with, waiting
from tests.engine.modifiers.days import assessed, ids_of, lines_of, said

VIDEO = {"discipline": "PT", "place": "10", "way": "audio-video", "minutes": {"97110": 30}}
SHARED = [
    {"discipline": "PT", "minutes": {"97110": 8}},
    {"discipline": "PT", "by": "pta", "minutes": {"97110": 7}},
]


def payable(rulebook: Rulebook, on: str, known: str | None) -> DayAnswer:
    book = rulebook if known is None else rulebook.as_known(date.fromisoformat(known))
    return assessed(book, [VIDEO], date=on)


@pytest.mark.parametrize(
    ("on", "known", "is_payable"),
    [
        # January 2026 until the 30th stood under the act of 2025-11-12, from the 31st under none until 2026-02-03.
        ("2026-01-15", "2026-02-01", True),
        ("2026-01-30", "2026-02-01", True),
        ("2026-01-31", "2026-02-01", False),
        ("2026-02-02", "2026-02-02", False),
        ("2026-02-02", "2026-02-03", True),
        ("2026-01-31", None, True),
        ("2026-02-02", None, True),
        # The lapse before it, repaired on 2025-11-12.
        ("2025-09-30", "2025-10-15", True),
        ("2025-10-01", "2025-10-15", False),
        ("2025-11-11", "2025-11-11", False),
        ("2025-10-01", "2025-11-12", True),
        ("2025-10-01", None, True),
        # January 2026 seen from October 2025: the law of then had ended already.
        ("2026-01-15", "2025-10-15", False),
        # The end that was known in May 2025 was not in the waiver of 2020.
        ("2025-10-01", "2025-04-07", True),
        ("2025-10-01", "2025-04-08", False),
    ],
)
def test_telehealth_as_known_then_and_now(rulebook: Rulebook, on: str, known: str | None, is_payable: bool) -> None:
    answer = payable(rulebook, on, known)
    assert ("telehealth.not-payable" not in ids_of(answer, "telehealth")) is is_payable
    # How it was given is told whether or not it is paid, and nothing that was only reported holds a claim.
    assert lines_of(answer) == ["97110 x2 GP 95"]
    assert answer.lines[0].held == ()
    assert {each.severity for each in said(answer, "telehealth")} <= {"warn", "info"}


def test_what_is_told_of_a_lapse(rulebook: Rulebook) -> None:
    answer = payable(rulebook, "2026-01-31", "2026-02-01")
    (found,) = [each for each in said(answer, "telehealth") if each.id == "telehealth.not-payable"]
    assert found.message == (
        "Medicare did not pay telehealth of PT, OT and SLP on 2026-01-31 as published by 2026-02-01."
    )
    assert found.cite == "Act of 2025-11-12, as reported by APTA (2025-11-17)"
    assert answer.rulebook.endswith(" as known 2026-02-01")


def test_the_waiver_before_it_was_published(rulebook: Rulebook) -> None:
    early = payable(rulebook, "2020-03-16", "2020-04-29")
    assert lines_of(early) == ["97110 x2 GP"]
    assert "telehealth.not-known" in ids_of(early, "telehealth")
    assert lines_of(payable(rulebook, "2020-03-16", "2020-04-30")) == ["97110 x2 GP 95"]


@pytest.mark.parametrize(
    ("on", "known", "line"),
    [
        # Seven of fifteen minutes are more than a tenth; since 2022 the therapist's eight keep the last unit.
        ("2019-12-31", None, "97110 x1 GP"),
        ("2020-01-01", None, "97110 x1 GP CQ"),
        ("2021-12-31", None, "97110 x1 GP CQ"),
        ("2022-01-01", None, "97110 x1 GP"),
        ("2022-01-03", "2022-01-03", "97110 x1 GP"),
        ("2021-12-31", "2021-12-31", "97110 x1 GP CQ"),
        ("2021-12-31", "2026-01-01", "97110 x1 GP CQ"),
    ],
)
def test_the_assistant_s_rule_of_2021_and_of_2022(rulebook: Rulebook, on: str, known: str | None, line: str) -> None:
    book = rulebook if known is None else rulebook.as_known(date.fromisoformat(known))
    assert sorted(lines_of(assessed(book, SHARED, date=on))[0].split()) == sorted(line.split())


def test_the_reason_of_each_year(rulebook: Rulebook) -> None:
    rules = {}
    for year in (2021, 2022):
        (reason,) = assessed(rulebook, SHARED, date=f"{year}-06-01").units[0].explain_modifiers
        rules[year] = (reason.modifier, reason.rule)
    assert rules == {2021: ("CQ", "medicare.assistant_share"), 2022: (None, "medicare.assistant_last_unit")}


def test_a_day_of_2022_seen_from_2021(rulebook: Rulebook) -> None:
    """What was not published yet is not there: the rule of 2021 goes on."""
    answer = assessed(rulebook.as_known(date(2021, 11, 1)), SHARED, date="2022-01-03")
    assert "CQ" in lines_of(answer)[0]


def test_what_was_published_later_is_not_there(rulebook: Rulebook) -> None:
    then = rulebook.as_known(date(2020, 1, 1))
    assert then.hash.endswith("as known 2020-01-01")
    assert then.value("medicare.timed_unit", date(2019, 5, 1)) == rulebook.value(
        "medicare.timed_unit", date(2019, 5, 1)
    )
    assert then.row("therapy_list", "97110", date(2019, 5, 1)) is not None
    with pytest.raises(NotInForce, match="as published by 2020-01-01"):
        then.value("medicare.telehealth_payable", date(2020, 3, 15))
    assert rulebook.value("medicare.telehealth_payable", date(2020, 3, 15)).value is True


# -- pairs of codes: NCCI of 2019, of mid-2020 and of 2021 -------------------------------------------------------------

MOVED = ("97530 09:00-09:16", "97116 09:20-09:36")
HANDS = ("97140 09:00-09:16", "97530 09:20-09:36")
TESTED = ("97530 09:00-09:16", "97750 09:20-09:36")
TAUGHT = ("97530 09:00-09:16", "97535 09:20-09:36")
EVALUATED = ("97161 08:00-08:30", "97162 09:00-09:30")
SEEN = ("97161 08:00-08:30", "97140 09:20-09:36")
BIOFEEDBACK = ("90912 08:00-08:15", "97110 09:20-09:36")

PAIRS = [
    # As it stood in 2019: gait training and manual therapy are opened by 59.
    (MOVED, "2019-06-03", "2019-06-03", ["PT 97116"]),
    (MOVED, "2019-12-31", "2019-12-31", ["PT 97116"]),
    (HANDS, "2019-12-31", None, ["PT 97530"]),
    (TESTED, "2019-12-31", "2019-12-31", ["PT 97750"]),
    (EVALUATED, "2019-12-31", None, ["PT 97161"]),
    (SEEN, "2019-12-31", None, []),
    # From the reversal of January 2020 to the end of September nothing of them is asked.
    (MOVED, "2020-01-01", "2020-02-01", []),
    (HANDS, "2020-06-15", "2020-06-15", []),
    (TESTED, "2020-06-15", "2020-06-15", []),
    (TAUGHT, "2020-06-15", None, []),
    (EVALUATED, "2020-06-15", None, []),
    (SEEN, "2020-01-01", None, []),
    (BIOFEEDBACK, "2020-06-15", None, []),
    (TESTED, "2020-09-30", None, []),
    # What came back on 2020-10-01, and what did not.
    (MOVED, "2020-10-01", None, []),
    (HANDS, "2020-10-01", None, []),
    (SEEN, "2020-10-01", None, []),
    (TESTED, "2020-10-01", "2020-08-31", []),
    (TESTED, "2020-10-01", "2020-09-01", ["PT 97750"]),
    (BIOFEEDBACK, "2020-10-01", None, ["PT 97110"]),
    (MOVED, "2021-06-15", "2021-06-15", []),
    (HANDS, "2021-06-15", None, []),
    (TESTED, "2021-06-15", "2021-06-15", ["PT 97750"]),
    (TAUGHT, "2021-12-31", None, ["PT 97535"]),
    (TAUGHT, "2022-01-01", None, []),
    (EVALUATED, "2021-06-15", "2021-06-15", ["PT 97161"]),
    (EVALUATED, "2021-06-15", "2020-08-31", []),
]  # fmt: skip


@pytest.mark.parametrize(("services", "on", "known", "held"), PAIRS)
def test_ncci_of_2019_of_mid_2020_and_of_2021(
    services: tuple[str, ...], on: str, known: str | None, held: list[str], rulebook: Rulebook
) -> None:
    book = rulebook if known is None else rulebook.as_known(date.fromisoformat(known))
    answer = assess(day_with(services, date.fromisoformat(on)), book)
    assert waiting(answer) == held
    told = {each.id for each in answer.edits if each.id.startswith("pairs.")}
    assert ("pairs.none-in-force" in told) is (not held)
    asked = attested(day_with(services, date.fromisoformat(on)), book)
    opened = assess(asked, book)
    assert bool(waiting(opened)) is (services is EVALUATED and bool(held))
    assert ("59" in {m for line in opened.lines for m in line.modifiers}) is (bool(held) and services is not EVALUATED)


def test_what_was_published_in_january_2020_and_taken_back_is_not_guessed(rulebook: Rulebook) -> None:
    for on in (date(2020, 1, 6), date(2020, 1, 23)):
        answer = assess(day_with(SEEN, on), rulebook.as_known(date(2020, 1, 10)))
        (found,) = [each for each in answer.edits if each.id.startswith("pairs.")]
        assert (found.id, found.severity) == ("pairs.not-checked", "info")
        assert "as published by 2020-01-10 was taken back and is not held" in found.message
        assert waiting(answer) == []


def test_a_release_that_came_later_is_not_known_before(rulebook: Rulebook) -> None:
    """Two evaluations on 2026-11-25: a block by the file of that quarter, the last known one until it was there."""
    day = day_with(EVALUATED, date(2026, 11, 25))
    severity = {}
    for known in (date(2025, 1, 1), date(2026, 9, 30), date(2026, 10, 1)):
        (found,) = [each for each in assess(day, rulebook.as_known(known)).edits if each.id == "pairs.never-together"]
        severity[str(known)] = (
            found.severity,
            next(word for word in ("Last known", "In force") if word in found.message),
        )
    assert severity == {
        "2025-01-01": ("warn", "Last known"),
        "2026-09-30": ("warn", "Last known"),
        "2026-10-01": ("block", "In force"),
    }  # fmt: skip
