"""`fifteen scribe`: a therapist's words in, what was read of them out, and the units they support."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, get_args

import click
import msgspec

from fifteen.cli import surroundings
from fifteen.cli.assess import called, read_file
from fifteen.cli.units import complete_payer
from fifteen.engine.assess import DayAnswer
from fifteen.engine.assess import assess as assess_day
from fifteen.engine.day import Coverage, Day, Discipline, Person, Visit, read_day
from fifteen.kernel.errors import AskedWrongly, UnreadableInput
from fifteen.scribe.against_day import against_day, visit_of
from fifteen.scribe.draft import Draft
from fifteen.scribe.into_visit import into_visit

if TYPE_CHECKING:
    from fifteen.rulebook import Rulebook


class Scribed(Draft, frozen=True, kw_only=True):
    """The draft; with `--day` also the day as it stands with the draft in its visit, and that day assessed."""

    day: Day | None = None
    assessed: DayAnswer | None = None


@click.command(short_help="Shorthand or dictated words in, services, doses and questions out.")
@click.argument("words", nargs=-1, metavar="WORDS")
@click.option("--file", "notes", metavar="NOTES.txt", help="Many notes; `-` is standard input.")
@click.option("--discipline", metavar="PT|OT|SLP", help="Whose words they are. Default: PT, or the visit's.")
@click.option("--on", metavar="DATE", help="Date of service, YYYY-MM-DD. Default: today.")
@click.option("--payer", metavar="NAME", shell_complete=complete_payer, help="Whose units. Default: medicare.")
@click.option("--day", metavar="DAY.json", help="Put the words into a visit of this day, and assess it.")
@click.option("--visit", metavar="ID", help="Which visit of the day, where it has several.")
@click.option("--by", metavar="PERSON", multiple=True, help="Who of the day's people treated; repeatable.")
@click.option("--known", metavar="DATE", help="Only what had been published by then. Default: all.")
@click.option("--json", "as_json", is_flag=True, help="Print what was read as JSON.")
def scribe(
    words: tuple[str, ...], notes: str | None, discipline: str | None, on: str | None, payer: str | None,
    day: str | None, visit: str | None, by: tuple[str, ...], known: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Read what was done from shorthand or dictated words: services, minutes, doses, and what has to be asked.

    Minutes are those that were stated; none is inferred. `-` reads the words of one note from standard input.

    With --day the minutes are compared with the timers of the visit, and stated minutes are added where none ran;
    the note is put beside them, and the day is assessed as `fifteen assess` does.

    In a file, blank lines part the notes; in one without a blank line each line is a note.

    \b
    fifteen scribe "TE 18 min: SLR 3x10 2# R"
    fifteen scribe "MT 12 min GH post glides gr III L" --day examples/days/plain.json
    fifteen scribe --file monday.txt --discipline OT --json
    """
    _check(words, notes, on, payer, day, visit, by)
    rulebook = surroundings.rulebook_as_known(known)
    whose = None if discipline is None else _discipline(discipline)
    if notes is not None:
        _many(_parted(_text(notes)), rulebook, whose or "PT", surroundings.day(on), as_json)
    elif day is not None:
        _into_day(_given(words), read_day(read_file(day), called(day)), rulebook, visit, whose, by, as_json)
    else:
        _alone(_given(words), rulebook, whose or "PT", surroundings.day(on), payer or "medicare", as_json)


def _read(text: str, rulebook: Rulebook, discipline: Discipline, on: date) -> Draft:
    from fifteen.scribe.read import read

    return read(text, rulebook, discipline=discipline, on=on)


# -- what was asked ----------------------------------------------------------------------------------------------


def _check(
    words: Sequence[str], notes: str | None, on: str | None, payer: str | None, day: str | None, visit: str | None,
    by: Sequence[str],
) -> None:  # fmt: skip
    """Refuse options that do not go together."""
    if notes is not None and words:
        raise AskedWrongly("words are given and --file too; give one of them.")
    if notes is not None and (day is not None or payer is not None):
        raise AskedWrongly("--day and --payer are for one note; leave --file out and give its words.")
    if day is None and (visit is not None or by):
        raise AskedWrongly("--visit and --by speak of a day; give it with --day.")
    if day is not None and on is not None:
        raise AskedWrongly("--on is for words alone; leave it out, the day says its date.")
    if day is not None and payer is not None:
        raise AskedWrongly("--payer is for words alone; leave it out, the day's coverage says who pays.")


def _discipline(text: str) -> Discipline:
    found = {each.lower(): each for each in get_args(Discipline)}.get(text.strip().lower())
    if found is None:
        raise UnreadableInput(f"discipline {text!r} is not known; choose one of {', '.join(get_args(Discipline))}.")
    whose: Discipline = found
    return whose


def _given(words: Sequence[str]) -> str:
    text = _text("-") if list(words) == ["-"] else " ".join(words)
    if not text.strip():
        raise UnreadableInput(
            'no words were given; write what was done, for example `fifteen scribe "TE 18 min: SLR 3x10 2# R"`.'
        )
    return text.strip()


def _text(path: str) -> str:
    try:
        return read_file(path).decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise UnreadableInput(f"{called(path)} is not text in UTF-8; give notes as plain text.") from None


def _parted(text: str) -> list[str]:
    """The notes of a file: parted by blank lines, or a line each where there is none between them."""
    text = text.strip()
    parts = re.split(r"\n[^\S\n]*\n", text) if re.search(r"\n[^\S\n]*\n", text) else text.split("\n")
    found = [each.strip() for each in parts if each.strip()]
    if not found:
        raise UnreadableInput("the file holds no words; write a note a line, or part notes by blank lines.")
    return found


# -- what is answered --------------------------------------------------------------------------------------------


def _alone(text: str, rulebook: Rulebook, discipline: Discipline, on: date, payer: str, as_json: bool) -> None:
    """Words without a day: what they say, and the units of the minutes they state."""
    rulebook.payer(payer)  # an unknown one is refused before anything is read
    draft = _read(text, rulebook, discipline, on)
    if as_json:
        _print(_scribed(draft))
        return
    from fifteen.cli.page import Page
    from fifteen.cli.scribe_shown import draft_section
    from fifteen.cli.units import units_section

    assessed = assess_day(_day_of_words(draft, discipline, on, payer), rulebook)
    page = Page()
    draft_section(page, draft)
    for units in assessed.units:
        page.line()
        units_section(page, units, rulebook)
    page.findings([*draft.findings, *(found for units in assessed.units for found in units.findings)])
    page.show()


def _day_of_words(draft: Draft, discipline: Discipline, on: date, payer: str) -> Day:
    """A day that holds nothing but the words: each role in them is one person of that name."""
    people = [
        Person(id=role, role=role, discipline=discipline)
        for role in dict.fromkeys(each.role for each in draft.services)
    ]
    visits = (Visit(discipline=discipline),)
    day = Day(patient="not named", date=on, people=(), coverage=Coverage(payer=payer), visits=visits)
    return into_visit(draft, day, people)


def _into_day(
    text: str, day: Day, rulebook: Rulebook, visit: str | None, discipline: Discipline | None, by: Sequence[str],
    as_json: bool,
) -> None:  # fmt: skip
    """Words put into a visit: compared with its timers, added where there are none, and the day assessed."""
    into = visit_of(day, visit, discipline)
    draft = against_day(_read(text, rulebook, into.discipline, day.date), day, rulebook, visit=into.id)
    merged = into_visit(draft, day, _people(day, into, by), into.id, into.discipline)
    assessed = assess_day(merged, rulebook)
    if as_json:
        _print(_scribed(draft, merged, assessed))
        return
    from fifteen.cli.assess import day_section
    from fifteen.cli.page import Page
    from fifteen.cli.scribe_shown import draft_section

    page = Page()
    draft_section(page, draft)
    page.findings(draft.findings)
    page.line()
    day_section(page, merged, assessed, rulebook)
    page.show()


def _people(day: Day, visit: Visit, by: Sequence[str]) -> list[Person]:
    """Who of the day's people may have treated: those named, else those of the visit's discipline or of none."""
    known = {each.id: each for each in day.people}
    for name in by:
        if name not in known:
            raise UnreadableInput(f"--by: {name!r} is not among the day's people; name one of {', '.join(known)}.")
    if by:
        return [known[name] for name in dict.fromkeys(by)]
    return [each for each in day.people if each.discipline in (None, visit.discipline)]


def _many(texts: Sequence[str], rulebook: Rulebook, discipline: Discipline, on: date, as_json: bool) -> None:
    """Notes of a file, each by itself, and what there was in all."""
    drafts = [_read(text, rulebook, discipline, on) for text in _with_progress(texts)]
    if as_json:
        _print([_scribed(each) for each in drafts])
        return
    from fifteen.cli.page import Page
    from fifteen.cli.scribe_shown import draft_section, summary

    page = Page()
    for number, draft in enumerate(drafts, 1):
        page.line(f"Note {number}", "bold")
        draft_section(page, draft)
        page.findings(draft.findings)
        page.line()
    page.line(summary(drafts), "bold")
    page.show()


def _with_progress(texts: Sequence[str]) -> Iterable[str]:
    """The texts, with a bar on the terminal that shows how far it is; nothing of it reaches the output."""
    if not sys.stderr.isatty():
        return texts
    from rich.console import Console
    from rich.progress import track

    return track(texts, "Reading", console=Console(stderr=True), transient=True)


def _scribed(draft: Draft, day: Day | None = None, assessed: DayAnswer | None = None) -> Scribed:
    return Scribed(**msgspec.structs.asdict(draft), day=day, assessed=assessed)


def _print(answer: Scribed | list[Scribed]) -> None:
    print(msgspec.json.encode(answer).decode())
