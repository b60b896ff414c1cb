"""`fifteen assess`: a patient's day in, a page to sign under out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click
import msgspec

from fifteen.cli import surroundings
from fifteen.cli.notes_shown import by_note
from fifteen.engine.assess import assess as assess_day
from fifteen.engine.day import Day, Interval, read_context, read_day
from fifteen.engine.modifiers.threshold_notes import NAMES as BUCKETS
from fifteen.kernel.errors import UnreadableInput

if TYPE_CHECKING:
    from fifteen.cli.page import Page
    from fifteen.engine.assess import DayAnswer
    from fifteen.rulebook import Rulebook


@click.command(short_help="A patient's day in, minutes, units and findings out.")
@click.argument("day", metavar="DAY.json")
@click.option("--context", metavar="FILE", help="What is known from outside the day, as JSON: others, now.")
@click.option("--known", metavar="DATE", help="Only what had been published by then. Default: all.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole answer as JSON.")
def assess(day: str, context: str | None, known: str | None, as_json: bool) -> None:
    """Assess one patient's day: minutes, units, modifiers and findings. `-` reads the day from standard input.

    A day has patient, date, people and one visit's intervals, or visits; examples/days/ shows each kind and
    docs/contract/day.schema.json names every field.

    \b
    fifteen assess examples/days/plain.json
    fifteen assess examples/days/morning-c.json --context examples/days/morning-c.context.json
    fifteen assess - --json < examples/days/pt-and-pta.json
    """
    asked = read_day(read_file(day), called(day))
    around = None if context is None else read_context(read_file(context), called(context))
    rulebook = surroundings.rulebook_as_known(known)
    answer = assess_day(asked, rulebook, around)
    if as_json:
        print(msgspec.json.encode(answer).decode())
    else:
        _show(asked, answer, rulebook)


def read_file(path: str) -> bytes:
    """The bytes of a file, or of standard input for `-`."""
    if path == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise UnreadableInput(f"{path}: cannot be read ({error.strerror}); check the path.") from None


def called(path: str) -> str:
    """How a file is named in a sentence; `-` is standard input."""
    return "standard input" if path == "-" else path


def _show(day: Day, answer: DayAnswer, rulebook: Rulebook) -> None:
    from fifteen.cli.page import Page

    page = Page()
    day_section(page, day, answer, rulebook)
    page.show()


def day_section(page: Page, day: Day, answer: DayAnswer, rulebook: Rulebook) -> None:
    """The day as a page to sign under: minutes, units, the lines of the claim, what a person is asked, findings."""
    from fifteen.cli.units import units_section

    payer = rulebook.payer(day.coverage.payer)
    page.line(f"Day of {day.date}", "bold")
    page.wrapped(f"{payer.label or payer.id}; times are those of {day.zone}", style="dim")
    _minutes_log(page, day, answer, rulebook)
    for units in answer.units:
        page.line()
        page.line(units.discipline, "bold")
        units_section(page, units, rulebook)
    _claim(page, answer)
    _asked_of_a_person(page, answer)
    _thresholds(page, answer)
    (_, of_notes), *headed = by_note(answer.notes, answer.note)
    found = [*answer.edits, *of_notes, *answer.findings, *(each for units in answer.units for each in units.findings)]
    page.findings(list(dict.fromkeys(found)), headed)


def _claim(page: Page, answer: DayAnswer) -> None:
    """The lines as they would be sent, where more than the units speak: what holds each, and why each modifier."""
    from fifteen.cli.units import doubt

    if not answer.explain_modifiers and not any(line.held for line in answer.lines):
        return
    page.heading("Lines of the claim")
    for number, line in enumerate(answer.lines):
        note = f"; in the note: {' '.join(line.note_modifiers)}" if line.note_modifiers else ""
        modifiers = " ".join(line.modifiers)
        page.wrapped(f"{line.discipline} {line.code} x{line.units} {modifiers}".rstrip() + note, 2, 4)
        for why in line.held:
            page.wrapped(f"waits: {why}", 4, 6, "yellow")
        for reason in answer.explain_modifiers:
            if reason.line == number:
                page.wrapped(f"{reason.modifier}: {reason.because}", 4, 6)
                page.wrapped(f"[{reason.cite}, in force since {reason.since}{doubt(reason.status)}]", 6, 6, "dim")


def _asked_of_a_person(page: Page, answer: DayAnswer) -> None:
    """What only a person can attest: why it is asked, the evidence as it is now, and by what to name it."""
    if not answer.attestations:
        return
    page.heading("Asked of a person")
    for each in answer.attestations:
        state = "open" if each.given_by is None else f"attested by {each.given_by}"
        page.wrapped(f"{each.kind} for {each.line}: {state}", 2, 4, "yellow" if each.given_by is None else "")
        page.wrapped(each.asked_because, 4, 4)
        page.wrapped(each.evidence, 4, 4)
        page.wrapped(f"[{each.cite}]", 4, 4, "dim")
        if each.given_by is None:
            page.wrapped(f"evidence {each.evidence_hash}", 4, 4, "dim")


def _thresholds(page: Page, answer: DayAnswer) -> None:
    """What is used of each therapy threshold: an estimate, and said to be one."""
    known = [each for each in answer.thresholds if each.used is not None]
    if not known:
        return
    page.heading("Therapy thresholds, an estimate")
    for each in known:
        said = f"{BUCKETS[each.bucket]} {each.year}: {each.used} before this day"
        said += "" if each.with_day is None else f", {each.with_day} with it"
        said += "" if each.threshold is None else f"; KX above {each.threshold}"
        said += "" if each.review is None else f", review possible from {each.review}"
        page.wrapped(said, 2, 4)


def _minutes_log(page: Page, day: Day, answer: DayAnswer, rulebook: Rulebook) -> None:
    """Every interval in order of time, then the totals that the note must hold, then what did not count and why."""
    intervals = [each for visit in day.all_visits() for each in visit.intervals]
    left_out = {each.interval for each in answer.uncounted}
    roles = {person.id: person.role for person in day.people}
    page.heading("Minutes")
    for each in sorted(
        intervals, key=lambda each: (each.start is None, each.start and each.start.timestamp(), each.id)
    ):
        if each.id in left_out:
            continue
        service = rulebook.service(each.service, day.date) if each.service else None
        who = " and ".join(f"{person} ({roles[person]})" for person in each.people)
        mode = "" if each.mode == "one-on-one" else f", {each.mode}"
        amended = f"; corrects {each.amends}: {each.reason}" if each.amends else ""
        label = f"{each.service} {service.label if service else ''}".rstrip()
        page.entry(_clock(each, day), f"{label}, {who}{mode}{amended}", 24)
    for part in answer.minutes:
        page.line()
        page.wrapped(
            f"{part.discipline}: {part.timed_minutes} timed minutes, {part.total_minutes} minutes of treatment in all",
            2,
            4,
        )
    if answer.uncounted:
        page.heading("Recorded and not counted")
        for none in answer.uncounted:
            page.wrapped(f"{none.interval}: {none.why}", 2, 4)


def _clock(interval: Interval, day: Day) -> str:
    if interval.start is None or interval.stop is None:
        return f"{interval.minutes} min, {interval.origin}"
    zone = ZoneInfo(day.zone)
    start, stop = interval.start.astimezone(zone), interval.stop.astimezone(zone)
    share = f" {interval.minutes} min" if interval.minutes is not None else ""
    seconds = int((interval.stop - interval.start).total_seconds())
    return f"{start:%H:%M}-{stop:%H:%M} {share or f' {seconds // 60} min'}".replace("  ", " ")
