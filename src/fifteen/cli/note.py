"""`fifteen note`: what a note holds, what it lacks, and where it differs from what was recorded and billed."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import click
import msgspec

from fifteen.cli import surroundings
from fifteen.cli.assess import called, read_file
from fifteen.cli.notes_shown import by_note, name_of
from fifteen.engine.assess import NotesAnswer, assess_notes, note_alone
from fifteen.engine.day import read_context, read_day
from fifteen.engine.documentation.note import read_note
from fifteen.kernel.errors import AskedWrongly

if TYPE_CHECKING:
    from fifteen.cli.page import Page
    from fifteen.engine.documentation.answer import ElementAnswer, NoteAnswer

_OF_A_DAY = {"patient", "people", "visits", "intervals", "notes", "coverage", "zone"}
_GROUPS = {"required": "Required", "advisable": "Advisable", "not-asked": "Not known to be asked by this payer"}


@click.group(short_help="What a note holds and lacks.")
def note() -> None:
    """Notes of a day, checked with the law beside each check."""


@note.command(short_help="Check the notes of a day.")
@click.argument("day", metavar="DAY.json")
@click.option("--context", metavar="FILE", help="What is known from outside the day, as JSON: earlier notes, now.")
@click.option("--payer", metavar="NAME", help="For a note alone: whose rules. Default: medicare.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole answer as JSON.")
@click.pass_context
def check(ctx: click.Context, day: str, context: str | None, payer: str | None, as_json: bool) -> None:
    """Check the notes of a day against its minutes and units; a note alone by itself. `-` reads standard input.

    A note has a date, and fields or `text` as it was typed; docs/contract/note.schema.json names every field. A day
    holds its notes in `notes`.

    Exit 1 where something holds the claim. The findings are about the note and never become part of it.

    \b
    fifteen note check examples/days/noted.json
    fifteen note check examples/days/noted.json --context examples/days/noted.context.json
    fifteen note check examples/notes/terse.json --payer aetna
    """
    text = read_file(day)
    around = None if context is None else read_context(read_file(context), called(context))
    rulebook = surroundings.rulebook()
    if _is_day(text):
        if payer is not None:
            raise AskedWrongly(
                f"{called(day)}: --payer is for a note alone; leave it out, the day's coverage says who pays."
            )
        answer = assess_notes(read_day(text, called(day)), rulebook, around)
    else:
        answer = note_alone(read_note(text, called(day)), rulebook, payer or "medicare", around)
    if as_json:
        print(msgspec.json.encode(answer).decode())
    else:
        _show(answer, rulebook.payer(answer.payer).label or answer.payer)
    if any(finding.severity == "block" for finding in answer.findings):
        ctx.exit(1)


def _is_day(text: bytes) -> bool:
    """Has it what only a day has? What cannot be decoded is left to the reader of days, which says what is wrong."""
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError):
        return True
    return not isinstance(found, dict) or bool(_OF_A_DAY & set(found))


def _show(answer: NotesAnswer, payer: str) -> None:
    from fifteen.cli.page import Page

    page = Page()
    for each in answer.notes:
        if each is not answer.notes[0]:
            page.line()
        page.line(name_of(each), "bold")
        page.wrapped(f"{payer}; {_counted(each)}", style="dim")
        for requirement, elements in groupby(each.elements, key=lambda element: element.requirement):
            page.heading(_GROUPS[requirement])
            for element in elements:
                _element(page, element)
        if each.unread:
            page.heading("Not read")
            for stretch in each.unread:
                page.wrapped(f"- {stretch.text}", 2, 4)
    if not answer.notes:
        page.line("No note came with the day", "bold")
    (_, of_day), *headed = by_note(answer.notes, answer.findings)
    page.findings(of_day, headed)
    page.show()


def _counted(answer: NoteAnswer) -> str:
    found = [f"{count} {name}" for name, count in answer.counts.items() if count]
    return f"findings: {', '.join(found)}" if found else "no finding"


def _element(page: Page, element: ElementAnswer) -> None:
    mark = "+" if element.satisfied else "-"
    words = f": “{element.words}”" if element.words else ""
    page.wrapped(f"{mark} {element.title}{words}", 2, 4)
    if not element.satisfied:
        page.wrapped(element.fix, 4, 4)
        asked = f"; asked by {element.asked_by}" if element.requirement == "required" else ""
        page.wrapped(f"[{element.cite}, {element.status}{asked}]", 4, 4, "dim")
