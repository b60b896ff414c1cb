"""`fifteen rulebook aliases`: what corrections of names propose, and the reviewed step that makes aliases of them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from fifteen.cli import surroundings
from fifteen.cli.assess import called, read_file
from fifteen.kernel.dates import read_date
from fifteen.kernel.errors import AskedWrongly
from fifteen.scribe.corrections import AliasProposal, State, proposals, read_corrections

_HEADINGS: dict[State, str] = {
    "open": "Proposed", "conflict": "People disagree: choose one, as WORDS=NAME", "clash": "Known as something else",
    "refused": "Never an alias", "known": "Read so already",
}  # fmt: skip


class AliasesShown(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `fifteen rulebook aliases --json`; `accepted` and `written` are empty where nothing was written."""

    start: str = msgspec.field(name="from")
    rulebook: str
    corrections: int
    proposals: tuple[AliasProposal, ...]
    accepted: tuple[AliasProposal, ...]
    written: tuple[str, ...]


@click.command(short_help="What corrections of drafted names propose; accept some.")
@click.argument("corrections", metavar="CORRECTIONS.jsonl")
@click.option("--accept", metavar="WORDS", multiple=True, help="Accept these words, or WORDS=NAME; repeatable.")
@click.option("--by", metavar="ID", help="Who reviewed what is accepted: an id, never a name.")
@click.option("--into", metavar="FOLDER", help="The organization's rulebook to write to, and to judge by.")
@click.option("--from", "start", metavar="DATE", help="The day from which aliases hold, YYYY-MM-DD. Default: today.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def aliases(
    corrections: str, accept: tuple[str, ...], by: str | None, into: str | None, start: str | None, as_json: bool
) -> None:
    """Fold corrections of drafted exercise names into proposed aliases; with --accept write them to an organization.

    A line is one correction: the words of the note, the name of the draft (may be absent), the name given instead.

    \b
    {"words": "kickstand squat", "drafted": "squat", "name": "split squat", "discipline": "PT", "family": "TE",
     "note": "n-104", "by": "t-17", "at": "2026-03-02T16:40:00Z"}

    Words that are known as something else, or never may be an alias, are shown and cannot be accepted; where people
    disagree one name is chosen as WORDS=NAME (and WORDS=NAME:FAMILY where only the family differs).

    \b
    fifteen rulebook aliases examples/scribe/corrections.jsonl
    fifteen rulebook aliases examples/scribe/corrections.jsonl \\
        --accept "kickstand squat" --by t-3 --into ~/.fifteen/organization --from 2026-04-01
    """
    from fifteen.settings.home import rulebook

    _check(accept, by, into)
    day = surroundings.day(None) if start is None else read_date(start, "--from")
    folder = None if into is None else _folder(into)
    content = read_file(corrections)
    read = read_corrections(content, called(corrections))
    book = rulebook(folder)
    found = proposals(read, book, day)
    taken: tuple[AliasProposal, ...] = ()
    written: tuple[Path, ...] = ()
    if accept and folder is not None and by is not None:
        from fifteen.scribe.aliases import Review, chosen
        from fifteen.scribe.aliases import accept as write

        taken = chosen(found, accept)
        source = "standard input" if corrections == "-" else Path(corrections).name
        sha256 = hashlib.sha256(content).hexdigest()
        review = Review(by=by, on=surroundings.day(None), start=day, source=source, sha256=sha256)
        written = write(taken, folder, book, review, lambda copy: rulebook(copy, keep=False))
    shown = AliasesShown(
        start=str(day), rulebook=book.hash, corrections=len(read), proposals=found, accepted=taken,
        written=tuple(map(str, written)),
    )  # fmt: skip
    if as_json:
        print(msgspec.json.encode(shown).decode())
    elif accept:
        _print_accepted(shown)
    else:
        _print(shown, called(corrections))


def _check(accept: Sequence[str], by: str | None, into: str | None) -> None:
    """Refuse options that do not go together."""
    if accept and (by is None or into is None):
        raise AskedWrongly(
            f"--accept is written with the one who reviewed it: give {'--by' if by is None else '--into'} too."
        )
    if by is not None and not accept:
        raise AskedWrongly("--by says who accepts: give the words with --accept, or leave it out.")


def _folder(into: str) -> Path:
    folder = Path(into).expanduser().absolute()
    if folder.is_file() or not folder.parent.is_dir():
        raise AskedWrongly(f"--into: {into!r} is no folder and cannot become one; give the organization's rulebook.")
    return folder


def _print(shown: AliasesShown, where: str) -> None:
    from fifteen.cli.page import Page

    page = Page()
    page.line(f"{_count(shown.corrections, 'correction')} in {where}", "bold")
    page.line(f"against the words known from {shown.start} on", "dim")
    for state, heading in _HEADINGS.items():
        those = [each for each in shown.proposals if each.state == state]
        if those:
            page.heading(heading)
        for each in those:
            page.wrapped(_named(each), 2, 4)
            page.wrapped("; ".join(filter(None, (_used(each), each.why))), 4, 4, "dim")
    page.show()


def _print_accepted(shown: AliasesShown) -> None:
    from fifteen.cli.page import Page

    page = Page()
    page.line(f"Accepted from {shown.start} on", "bold")
    for each in shown.accepted:
        page.wrapped(_named(each), 2, 4)
        if each.state == "known":
            page.wrapped("it was read so already", 4, 4, "dim")
    page.line()
    for path in shown.written:
        page.line(f"written: {path}", "dim")
    if not shown.written:
        page.line("Nothing had to be written.", "dim")
    page.show()


def _named(each: AliasProposal) -> str:
    return f"{each.words}: {each.name}{f', a new name ({each.family})' if each.new else ''}"


def _used(each: AliasProposal) -> str:
    drafted = f", drafted as {' or '.join(each.drafted)}" if each.drafted else ""
    people = f"{each.people} {'person' if each.people == 1 else 'people'}"
    return f"{_count(each.notes, 'note')} by {people}, {' and '.join(each.disciplines)}{drafted}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
