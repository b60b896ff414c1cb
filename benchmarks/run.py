"""Speed as ratios taken in one run, so that a slow machine changes nothing: `make bench`.

Each figure is the median over rounds in which the measured thing and its reference run in turn.
"""

from __future__ import annotations

import gc
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from fifteen import Note, assess, check_note, count_units, load_rulebook, price, read_day
from fifteen.engine.documentation.note import read_note
from fifteen.engine.pricing import PriceLine
from fifteen.rulebook import Rulebook

DAY = date(2026, 3, 2)
TIMED = frozenset({"97032", "97035", "97110", "97112", "97116", "97140", "97530", "97535"})
FOUR = {"97110": 18, "97140": 13, "97116": 10, "97035": 8}
LINES = [PriceLine(code, 1, ("GP",)) for code in FOUR]


def reference(
    minutes: Mapping[str, int],
) -> tuple[dict[str, int], bool, list[tuple[str, int, str, int]], list[tuple[str, int]]]:
    """Twenty plain lines: Medicare's units of a day, a tie, the lines of the claim, and what is only documented."""
    total, units = 0, {}
    for code, each in minutes.items():
        if code not in TIMED or each < 0:
            raise ValueError(f"{code}: {each} minutes cannot be counted")
        units[code] = each // 15
        total += each
    extra = (total + 7) // 15 - sum(units.values())
    ranked = sorted(minutes, key=lambda code: (-(minutes[code] % 15), -minutes[code], code))
    for code in ranked[:extra]:
        units[code] += 1
    tie = 0 < extra < len(ranked) and minutes[ranked[extra - 1]] % 15 == minutes[ranked[extra]] % 15
    lines, documented = [], []
    for code, count in units.items():
        if count:
            lines.append((code, count, "GP", minutes[code]))
        else:
            documented.append((code, minutes[code]))
    return units, tie, lines, documented


def ratio(measured: Callable[[], object], base: Callable[[], object], loops: int, rounds: int = 15) -> float:
    """How many times longer `measured` takes than `base`, as the median over alternating rounds."""
    found = []
    gc.disable()  # as timeit does: a collection in one of the two would be counted against it alone
    for _ in range(rounds):
        times = []
        for run in (measured, base):
            start = time.perf_counter()
            for _ in range(loops):
                run()
            times.append(time.perf_counter() - start)
        found.append(times[0] / times[1])
    gc.enable()
    return statistics.median(found)


def started(*command: str, home: str) -> Callable[[], object]:
    environment = {"FIFTEEN_HOME": home, "PATH": "/usr/bin:/bin"}
    return lambda: subprocess.run(command, check=True, capture_output=True, env=environment)


def _load_times() -> tuple[float, float]:
    """Milliseconds until a code and a locality of a year are known: from disk, and once they were read."""
    found: list[tuple[float, float]] = []
    for _ in range(9):
        rulebook, times = load_rulebook(), []
        for code, locality in (("97110", "15202-00"), ("97140", "03102-00")):
            start = time.perf_counter()
            rulebook.row("rvu_2026", code, DAY)
            rulebook.row("gpci_2026", locality, DAY)
            times.append((time.perf_counter() - start) * 1000)
        found.append((times[0], times[1]))
    return statistics.median(each[0] for each in found), statistics.median(each[1] for each in found)


def _note_time(note: Note, rulebook: Rulebook) -> float:
    """Milliseconds of CPU that a check of `note` takes."""
    found = []
    for _ in range(9):
        start = time.process_time()
        for _ in range(100):
            check_note(note, rulebook)
        found.append((time.process_time() - start) * 10)
    return statistics.median(found)


def _typed_notes(rulebook: Rulebook) -> tuple[float, int]:
    """The 95th percentile of CPU milliseconds in which the scribe reads a typed note of its cases, and how many."""
    from fifteen.scribe.read import read

    folder = Path(__file__).parents[1] / "tests/cases/scribe"
    texts = [
        each["text"]
        for path in sorted(folder.glob("*.jsonl"))
        for each in map(json.loads, path.read_text("utf-8").splitlines())
        if "expected" in each
    ]
    read(texts[0], rulebook, on=DAY)  # the lexicon is read once
    found = []
    for text in texts:
        start = time.process_time()
        for _ in range(10):
            read(text, rulebook, on=DAY)
        found.append((time.process_time() - start) * 100)
    return statistics.quantiles(found, n=20)[-1], len(texts)


def main() -> None:
    rulebook = load_rulebook()
    rows: list[tuple[str, float, str]] = [
        (
            "count_units, 4 codes, counted only / reference",
            ratio(lambda: count_units(FOUR, rulebook, on=DAY, explained=False), lambda: reference(FOUR), 2000),
            "<= 5",
        ),
        (
            "count_units, 4 codes, explained / reference",
            ratio(lambda: count_units(FOUR, rulebook, on=DAY), lambda: reference(FOUR), 500),
            "<= 30",
        ),
    ]
    day = read_day((Path(__file__).parents[1] / "examples/days/pt-and-pta.json").read_bytes())
    rows.append(
        (
            "assess, a day of PT and PTA / reference",
            ratio(lambda: assess(day, rulebook), lambda: reference(FOUR), 200),
            "<= 200",
        )
    )
    rows.append(
        (
            "price, 4 lines, every step / reference of units",
            ratio(lambda: price(LINES, rulebook, on=DAY, locality="15202-00"), lambda: reference(FOUR), 200),
            "<= 100",
        )
    )
    note = read_note((Path(__file__).parents[1] / "examples/notes/terse.json").read_bytes())
    rows.append(
        (
            "check_note, terse prose of 70 words / reference of units",
            ratio(lambda: check_note(note, rulebook), lambda: reference(FOUR), 100),
            "",
        )
    )
    first, again = _load_times()
    with tempfile.TemporaryDirectory() as home:
        command = [str(Path(sys.executable).with_name("fifteen")), "units", "--json", "97110:33", "97140:7"]
        cold = started(*command, home=home)
        cold()  # fills the cache
        rows.append(
            (
                "`fifteen units --json`, warm / `python -c pass`",
                ratio(cold, started(sys.executable, "-c", "pass", home=home), 1),
                "",
            )
        )
    for name, figure, goal in rows:
        print(f"{figure:7.2f}x  {name}  {goal}")
    print(f"{_note_time(note, rulebook):7.2f} ms of CPU for the check of that note, goal <= 1")
    typed, notes = _typed_notes(rulebook)
    print(f"{typed:7.2f} ms of CPU to read a typed note, 95th percentile of {notes}, goal <= 20")
    print(f"{first:7.2f} ms a year's relative values and localities, read when first asked for")
    print(f"{again:7.2f} ms the same of a year already read")


if __name__ == "__main__":
    main()
