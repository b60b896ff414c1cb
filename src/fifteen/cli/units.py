"""`fifteen units`: minutes in, explained units out."""

from __future__ import annotations

import sys
import textwrap
from typing import TYPE_CHECKING

import click
import msgspec

from fifteen.cli import surroundings
from fifteen.engine.units import count_units
from fifteen.kernel.errors import UnreadableInput
from fifteen.kernel.minutes import read_service

if TYPE_CHECKING:
    from collections.abc import Sequence

    from click.shell_completion import CompletionItem

    from fifteen.cli.page import Page
    from fifteen.engine.units import UnitsAnswer
    from fifteen.kernel.trace import Step
    from fifteen.rulebook import Rulebook


def _complete_code(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    services = surroundings.rulebook().services(surroundings.day(None))
    return [
        CompletionItem(f"{each.code}:", help=each.label)
        for each in services
        if each.code.startswith(incomplete.upper())
    ]


def complete_payer(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Ids of payers that begin as typed, for the shell."""
    return [payer.id for payer in surroundings.rulebook().payers if payer.id.startswith(incomplete.lower())]


@click.command(short_help="Minutes in, explained units out.")
@click.argument("services", nargs=-1, metavar="CODE:MINUTES[+MINUTESa]...", shell_complete=_complete_code)
@click.option("--payer", metavar="NAME", shell_complete=complete_payer, help="Whose rule counts. Default: medicare.")
@click.option(
    "--method",
    metavar="total|midpoint",
    help="Count by a method alone, or for a payer whose method is unknown.",
)
@click.option("--secondary", metavar="NAME", shell_complete=complete_payer, help="A secondary payer to compare with.")
@click.option("--discipline", default="PT", show_default=True, metavar="PT|OT|SLP", help="One plan of care at a time.")
@click.option("--on", metavar="DATE", help="Date of service, YYYY-MM-DD. Default: today.")
@click.option("--choose", metavar="CODE[,CODE]", help="Settle a tie: the codes that take the tied units.")
@click.option("--known", metavar="DATE", help="Only what had been published by then. Default: all.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole answer as JSON.")
def units(
    services: tuple[str, ...], payer: str | None, method: str | None, secondary: str | None,
    discipline: str, on: str | None, choose: str | None, known: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Units that the minutes of one patient, one discipline and one day support.

    Minutes are whole. Those after + and before 'a' were given by an assistant apart from the therapist;
    minutes given together count with the therapist's. `-` reads the services from standard input.

    \b
    fifteen units 97110:33 97140:7
    fifteen units 97110:13+23a 97140:30 --on 2026-03-02
    fifteen units 97110:10 97140:9 97112:12 --method midpoint
    fifteen units 97112:20 97110:20 --choose 97110
    fifteen units 97110:24 97112:8 97116:10 --secondary midpoint
    fifteen units 97161:30 97110:23 --json
    """
    asked = [read_service(text) for text in _from_stdin(services)]
    rulebook = surroundings.rulebook_as_known(known)
    answer = count_units(
        asked,
        rulebook,
        on=surroundings.day(on),
        payer="medicare" if payer is None and method is None else payer,
        method=None if method is None else method.strip().lower(),
        discipline=discipline.strip().upper(),
        secondary=secondary,
        choose=(choose or "").replace(",", " ").split(),
    )
    if as_json:
        print(msgspec.json.encode(answer).decode())
    else:
        _show(answer, rulebook)


def _from_stdin(services: Sequence[str]) -> list[str]:
    if list(services) == ["-"]:
        try:
            services = sys.stdin.read().split()
        except UnicodeDecodeError:
            raise UnreadableInput("standard input is not text; give services such as 97110:33.") from None
    if not services:
        raise UnreadableInput(
            "no service was given; write at least one as CODE:MINUTES, for example `fifteen units 97110:33`."
        )
    return list(services)


def _show(answer: UnitsAnswer, rulebook: Rulebook) -> None:
    from fifteen.cli.page import Page

    page = Page()
    units_section(page, answer, rulebook)
    page.findings(answer.findings)
    page.show()


def units_section(page: Page, answer: UnitsAnswer, rulebook: Rulebook) -> None:
    """The units of one discipline: how many, the lines, and why each unit and modifier is there."""
    from fifteen.engine.units.notes import METHOD_NAMES

    payer = rulebook.payer(answer.payer).label or answer.payer if answer.payer else "no payer named"
    if answer.method is None:
        page.line("Units not known", "bold")
        page.wrapped(f"{payer}; {answer.discipline}, {answer.on}", style="dim")
    else:
        total = sum(line.units for line in answer.lines)
        page.line(f"{total} {'unit' if total == 1 else 'units'} supported", "bold")
        page.wrapped(f"{payer}, by {METHOD_NAMES[answer.method]}; {answer.discipline}, {answer.on}", style="dim")
        _timed(page, answer)
        page.line()
    _rows(page, answer, rulebook)
    if answer.explain:
        page.heading("Why")
    said = ""
    for reason in answer.explain:
        page.wrapped(f"{reason.code} unit {reason.unit}: {reason.because}", 2, 4)
        page.wrapped(f"Would change: {reason.would_change}", 4, 4)
        said = _source(page, reason, said)
    if answer.explain_modifiers:
        page.heading("Why the assistant's modifier, or why not")
    said = ""
    for each in answer.explain_modifiers:
        page.wrapped(f"{each.code} x{each.units} {each.modifier or 'without'}: {each.because}", 2, 4)
        said = _source(page, each, said)


def _source(page: Page, step: Step, said: str) -> str:
    """Print where a rule stands, but not the same law again and again."""
    source = f"[{step.cite}, in force since {step.since}{doubt(step.status)}]"
    if source != said:
        page.wrapped(source, 4, 4, "dim")
    return source


def _timed(page: Page, answer: UnitsAnswer) -> None:
    if answer.minutes_per_unit is not None:
        units = "timed unit" if answer.timed_units == 1 else "timed units"
        expected = f" (CMS expects {answer.expected_minutes_per_unit} on average)" if answer.method == "total" else ""
        page.wrapped(
            f"{answer.timed_minutes} timed minutes, {answer.timed_units} {units}: "
            f"{answer.minutes_per_unit} minutes a unit{expected}",
            style="dim",
        )
    elif answer.timed_minutes:
        page.line(f"{answer.timed_minutes} timed minutes, no timed unit", "dim")


_LABEL_LEAST, _LABEL_MOST = 26, 40


def _rows(page: Page, answer: UnitsAnswer, rulebook: Rulebook) -> None:
    """Code, label, minutes, units and remark in columns; on a narrow page the label or the remark takes a line more."""
    rows = [(line.code, line.minutes, f"x{line.units}", " ".join(line.modifiers), "") for line in answer.lines]
    rows += [(each.code, each.minutes, "-", "documented, not billable", "dim") for each in answer.documented]
    digits = max([4, *(len(str(minutes)) for _, minutes, *_ in rows)])
    most = max([4, *(len(units) for _, _, units, *_ in rows)])
    room = page.width - len(f"  97110   {'':{digits}} min   {'':{most}} ")
    beside = max([0, *(len(said) for *_, said, _ in rows if len(said) <= room - _LABEL_LEAST)])
    wide = min(_LABEL_MOST, room - beside)
    for code, minutes, units, said, style in rows:
        service = rulebook.service(code, answer.on)
        label = service.label if service else "not in force on this date"
        first, *more = textwrap.wrap(label, wide, break_on_hyphens=False)
        fits = len(said) <= beside
        page.line(f"  {code}  {first:<{wide}} {minutes:>{digits}} min   {units:<{most}} {said if fits else ''}", style)
        for part in more if fits else [*more, said]:
            page.wrapped(part, 9, 9, style)


def doubt(status: str) -> str:
    """What stands behind a source whose own text was not read."""
    if status in ("primary", "local"):
        return ""
    return f"; {status} source: the law's own text was not read"
