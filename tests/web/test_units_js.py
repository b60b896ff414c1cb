"""`units.js` in a browser against the tables of cases and against the engine.

A day and a list of taps that differ are shown with the seed that made them; `FIFTEEN_SEED=... pytest` makes them again.
"""

from __future__ import annotations

import os
import random
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from msgspec.structs import replace

from fifteen import AskedWrongly, count_units, fold
from fifteen.engine.evidence import TimerEvent
from fifteen.engine.evidence.fold import CLOCK_TOLERANCE
from fifteen.engine.units.answer import UnitsAnswer
from fifteen.rulebook import Rulebook
from fifteen.web.numbers import numbers
from tests.case_tables import read_cases
from tests.engine.evidence.records import at, ids
from tests.engine.evidence.test_fold import PEOPLE, TABLES
from tests.web.browser import STATIC, ask, static_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SEED = int(os.environ.get("FIFTEEN_SEED") or random.SystemRandom().randrange(10**6))
DATES = [date(2017, 6, 1), date(2019, 6, 1), date(2023, 12, 31), date(2026, 3, 2)]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)

COUNT = """return given.days.map(({ services, on, ...how }) => {
    try {
        return units.count(services, given.numbers[on], how);
    } catch (error) {
        return error.message;
    }
});"""
FOLD = """return given.map((taps) => {
    try {
        return units.fold(taps);
    } catch (error) {
        return error.message;
    }
});"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with static_page(browser) as page:
        yield page


def counted(page: Page, rulebook: Rulebook, days: list[dict[str, Any]]) -> list[Any]:
    """What the browser answers to each day, or the sentence with which it refuses."""
    dates = {day["on"] for day in days}
    sent = {on: numbers(rulebook, date.fromisoformat(on)) for on in dates}
    answers: list[Any] = ask(page, COUNT, {"days": days, "numbers": sent})
    return answers


# -- counting: the tables --------------------------------------------------------------------------------------------


def test_every_case_of_the_tables_in_both_orders(page: Page, rulebook: Rulebook) -> None:
    cases = read_cases("units")
    days = []
    for case in cases:
        on = case.get("on", date(2026, 3, 2))
        payer = case.get("payer") or (None if case.get("method") == "midpoint" else "medicare")
        by_payer = numbers(rulebook, on)["payers"][payer][1] if payer else None
        services = [list(service) for service in case["minutes"].items()]
        for arranged in (services, services[::-1]):
            days.append({"services": arranged, "on": str(on), "method": by_payer or case.get("method")})
    answers = counted(page, rulebook, days)
    for case, answer in zip([case for case in cases for _ in range(2)], answers, strict=True):
        assert isinstance(answer, dict), (case["id"], answer)
        allocations = [dict(pairs) for pairs in answer["allocations"]]
        assert sorted(allocations, key=codes_first) == sorted(case["units"], key=codes_first), case["id"]


def codes_first(units: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(units.items())


# -- counting: any day -----------------------------------------------------------------------------------------------


def pools_of(rulebook: Rulebook, on: date) -> dict[str, list[str]]:
    """Codes to draw a day from: all that were ever held, those of 15 minutes, those with an add-on or another time."""
    held = rulebook.services(on)
    addons = {each.code: each.continues for each in held if each.continues}
    return {
        "any": sorted({row[0] for row in rulebook.tables["services"].rows}),
        "pooled": [each.code for each in held if each.pooled],
        "family": [
            each.code
            for each in held
            if each.unit_minutes not in (None, 15) or each.code in addons or each.code in addons.values()
        ],
    }


def random_day(chance: random.Random, pools: dict[date, dict[str, list[str]]]) -> dict[str, Any]:
    """A day of few or many codes, with few or many minutes, or the same for all."""
    on = chance.choice(DATES)
    pool = pools[on][chance.choice(["any", "pooled", "pooled", "family"])]
    codes = chance.sample(pool, min(len(pool), chance.choice([1, 2, 2, 3, 4, 6, 10, 14])))
    same, most = chance.choice([None, None, 5, 7, 8, 11, 20, 22]), chance.choice([10, 30, 90, 90])
    minutes = [chance.randint(0, most) if same is None else same for _ in codes]
    if chance.random() < 0.1:
        minutes[0] += 120  # the two hours that a whole-time code asks for
    return {
        "services": [list(pair) for pair in zip(codes, minutes, strict=True)],
        "on": str(on),
        "method": chance.choice(["total", "total", "total", "midpoint", "midpoint", None]),
    }


def engine_says(day: dict[str, Any], rulebook: Rulebook) -> UnitsAnswer:
    return count_units(
        dict(day["services"]), rulebook, on=date.fromisoformat(day["on"]), payer=None, method=day["method"],
        choose=day.get("choose", ()), explained=False,
    )  # fmt: skip


def as_browser(answer: UnitsAnswer) -> dict[str, Any]:
    billed: Counter[str] = Counter()
    for line in answer.lines:
        billed[line.code] += line.units
    return {
        "timedMinutes": answer.timed_minutes,
        "timedUnits": answer.timed_units,
        "units": dict(billed),
        "tied": {"codes": list(answer.tied.codes), "choose": answer.tied.choose},
        "allocations": [[list(pair) for pair in units.items()] for units in answer.allocations],
        "documented": [each.code for each in answer.documented],
    }


def test_any_day_counts_as_in_the_engine(page: Page, rulebook: Rulebook) -> None:
    print(f"FIFTEEN_SEED={SEED}")
    chance = random.Random(SEED)
    pools = {on: pools_of(rulebook, on) for on in DATES}
    days, expected, seen = [], [], Counter[str]()
    for _ in range(2000):
        day = random_day(chance, pools)
        answer = engine_says(day, rulebook)
        if answer.tie and chance.random() < 0.7:
            seen["settled"] += 1
            day["choose"] = chance.sample(answer.tied.codes, answer.tied.choose)
            answer = engine_says(day, rulebook)
        seen["more answers than are listed"] += answer.allocations_count > len(answer.allocations)
        seen["documented"] += bool(answer.documented)
        seen["held"] += answer.method is None
        days.append(day)
        expected.append(as_browser(answer))
    for day, ours, theirs in zip(days, expected, counted(page, rulebook, days), strict=True):
        assert isinstance(theirs, dict), (day, theirs)
        if "choose" not in day:
            assert theirs["units"] == dict(*theirs["allocations"][:1]), day
        theirs["units"] = {code: units for code, units in theirs["units"].items() if units}
        assert theirs == ours, day
    assert min(seen.values()) > 10, seen


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"services": [["99999", 10]]}, "99999 is not in the service catalogue; check it."),
    ({"services": [["constructor", 10]]}, "constructor is not in the service catalogue; check it."),
    ({"services": [["97110", -1]]}, "97110: give whole minutes from 0 up."),
    ({"services": [["97110", 7.5]]}, "97110: give whole minutes from 0 up."),
    ({"services": [["97110", "8"]]}, "97110: give whole minutes from 0 up."),
    ({"services": [["97110", 8], ["97110", 9]]}, "97110 is given twice; add it up."),
    ({"services": []}, "No service was given; give at least one."),
    ({"services": [["97110", 8]], "method": "mean"}, "mean is no method; use total or midpoint."),
    ({"services": [["97110", 8]], "choose": ["97110"]}, "There is no tie; leave out the choice."),
    ({"services": [["97110", 8]], "choose": ["97110"], "method": None}, "There is no tie; leave out the choice."),
    ({"services": [["97110", 7], ["97140", 7]], "choose": ["97112"]}, "Choose 1 of 97110 97140."),
    ({"services": [["97110", 7], ["97140", 7]], "choose": ["97110", "97140"]}, "Choose 1 of 97110 97140."),
    ({"services": [["97110", 7], ["97140", 7]], "choose": ["97140", "97140"]}, "Choose 1 of 97110 97140."),
]


def test_what_the_engine_refuses_is_refused_in_a_sentence(page: Page, rulebook: Rulebook) -> None:
    days = [{"on": "2026-03-02", "method": "total", **day} for day, _ in REFUSED]
    assert counted(page, rulebook, days) == [said for _, said in REFUSED]
    for day in days:
        if len({code for code, _ in day["services"]}) == len(day["services"]):  # a mapping cannot hold a code twice
            with pytest.raises(AskedWrongly):
                engine_says(day, rulebook)


# -- folding ---------------------------------------------------------------------------------------------------------


def in_ms(instant: datetime) -> int:
    return (instant - EPOCH) // MILLISECOND


def sent(events: list[TimerEvent]) -> list[dict[str, Any]]:
    return [{**msgspec.to_builtins(event), "wall": in_ms(event.wall)} for event in events]


def test_every_case_of_taps_in_any_order_and_with_taps_sent_twice(page: Page) -> None:
    asked, expected = [], []
    for name, case in TABLES.items():
        # As the table writes them: what a tap leaves out is filled in.
        taps = [{**event, "wall": in_ms(datetime.fromisoformat(event["wall"]))} for event in case["events"]]
        intervals = [
            [*row[:3], *(each and in_ms(datetime.fromisoformat(each)) for each in row[3:])] for row in case["intervals"]
        ]
        for arrived in (taps, taps[::-1], [*taps, *taps]):
            asked.append(arrived)
            expected.append((name, intervals, case["findings"]))
    for (name, intervals, findings), folded in zip(expected, ask(page, FOLD, asked), strict=True):
        assert isinstance(folded, dict), (name, folded)
        shown = [[each[key] for key in ("id", "service", "patient", "start", "stop")] for each in folded["intervals"]]
        assert (shown, folded["findings"]) == (intervals, findings), name


def random_taps(chance: random.Random) -> list[TimerEvent]:
    """Taps of a short while, many with an id, an instant, a run or a person in common."""
    taps: list[TimerEvent] = []
    for _ in range(chance.randint(0, 14)):
        mode: Any = chance.choice(["one-on-one", "together", "group", "co-treatment", "supervised", "rest"])
        counted = chance.random() < 0.5
        fine = timedelta(milliseconds=chance.choice([0, 0, 0, 7, 1999, 2000, 2001, 30_000]))
        tap = TimerEvent(
            id=str(chance.randint(0, 12)),
            patient=chance.choice(["p-a", "p-b", "p-c"]),
            service=chance.choice(["97110", "97140", None if mode == "rest" else "97110"]),
            people=chance.choice([*PEOPLE, ("pta-1", "pt-1"), ("pt-1", "pta-1", "student-1"), ()]),
            kind=chance.choice(["start", "stop"]),
            wall=at("9:00") + timedelta(minutes=chance.randint(0, 11)) + fine,
            mode=mode,
            session=chance.choice(["s", "r", "", None, None]),
            mono=chance.randint(0, 11) * 60_000 if counted else None,
            boot=chance.choice(["b1", "b2", None]) if counted else None,
            device=chance.choice(["", "tablet-1"]),
        )
        if taps and chance.random() < 0.5:  # of an earlier tap all but when it was, and perhaps one thing more
            other = chance.choice(["id", "kind", "patient", "service", "session", "people", "mode"])
            when = {"id": tap.id, "kind": tap.kind, "wall": tap.wall, "mono": tap.mono, "boot": tap.boot}
            tap = replace(chance.choice(taps), **{**when, other: getattr(tap, other)})
        taps.append(tap)
    return taps


def test_any_taps_fold_as_in_the_engine(page: Page) -> None:
    print(f"FIFTEEN_SEED={SEED}")
    chance = random.Random(SEED)
    asked, expected, seen = [], [], Counter[str]()
    for _ in range(1000):
        taps = random_taps(chance)
        folded = fold(taps)
        seen.update(ids(folded.findings))
        intervals = [
            {
                "id": each.id, "service": each.service, "patient": each.patient, "people": list(each.people),
                "mode": each.mode, "session": each.session,
                "start": each.start and in_ms(each.start), "stop": each.stop and in_ms(each.stop),
            }
            for each in folded.intervals
        ]  # fmt: skip
        again = [*taps, *chance.choices(taps, k=4)] if taps else []
        for arrived in (taps, chance.sample(again, len(again))):
            asked.append(sent(arrived))
            expected.append({"intervals": intervals, "findings": ids(folded.findings)})
    for given, ours, theirs in zip(asked, expected, ask(page, FOLD, asked), strict=True):
        assert theirs == ours, given
    assert len(seen) == 5, seen
    assert min(seen.values()) > 10, seen


@pytest.mark.parametrize("wrong", [{"wall": "2026-03-02T09:00:00Z"}, {"wall": 0.5}, {"mono": -1}, {"mono": 1.5}])
def test_a_tap_without_whole_milliseconds_is_refused(page: Page, wrong: dict[str, Any]) -> None:
    tap = {"id": "1", "kind": "start", "patient": "p-a", "service": "97110", "people": ["pt-1"], "wall": 0}
    assert ask(page, FOLD, [[{**tap, **wrong}]]) == ["Tap 1: give wall and mono in whole milliseconds."]
    assert isinstance(ask(page, FOLD, [[tap]])[0], dict)


# -- the file --------------------------------------------------------------------------------------------------------

UNITS_JS = (STATIC / "fifteen" / "units.js").read_text("utf-8")
# Counting and places, as the house rules allow in the engine; the one time that no law sets, in milliseconds; and the
# zeros by which an instant's text says that it has no seconds.
PLAIN_NUMBERS = {0, 1, 2, CLOCK_TOLERANCE // MILLISECOND}


def test_it_is_short_and_holds_no_number_of_law() -> None:
    assert len(UNITS_JS.splitlines()) < 150
    assert max(map(len, UNITS_JS.splitlines())) <= 110
    code = re.sub(r"/\*.*?\*/|(?<![:\"'])//[^\n]*", "", UNITS_JS, flags=re.DOTALL)
    assert "export function count" in code  # comments went, code stayed
    assert "Nobody signs" not in code
    assert {int(number) for number in re.findall(r"\d+", code)} <= PLAIN_NUMBERS


def test_it_needs_nothing_else_and_makes_no_code() -> None:
    assert not re.search(r"\b(import|eval|Function|fetch|document|window|Date\.now|localStorage)\b", UNITS_JS)
