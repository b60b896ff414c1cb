"""`fifteen price`: the lines of a day in, the expected payment out, each step shown."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click
import msgspec

from fifteen.cli import surroundings
from fifteen.engine.pricing import estimate, read_line
from fifteen.engine.pricing import price as price_lines
from fifteen.kernel.codes import read_code
from fifteen.kernel.errors import UnreadableInput
from fifteen.kernel.finding import Finding
from fifteen.kernel.money import read_cents

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from fifteen.cli.page import Page
    from fifteen.engine.pricing import PriceAnswer, PricedLine, PriceLine
    from fifteen.rulebook import Rulebook


@click.command(short_help="Billed units in, the expected payment out.")
@click.argument("lines", nargs=-1, metavar="CODExUNITS[:MODIFIER,...]...")
@click.option("--payer", metavar="NAME", help="Who pays. Default: medicare.")
@click.option("--on", metavar="DATE", help="Date of service, YYYY-MM-DD. Default: today.")
@click.option("--locality", metavar="CARRIER-LOCALITY", help="Such as 15202-00, or national. Default: national.")
@click.option("--facility", is_flag=True, help="Practice expense of a facility. Default: office.")
@click.option("--track", metavar="nonqp|qp", help="Which conversion factor from 2026. Default: nonqp.")
@click.option("--charge", "charges", metavar="CODE=AMOUNT", multiple=True, help="Your charge for one unit; repeatable.")
@click.option("--deductible-left", metavar="AMOUNT", help="Left of the deductible. Default: 0, it is met.")
@click.option("--coinsurance", metavar="PERCENT", help="The plan's, for a payer other than Medicare.")
@click.option("--copay", metavar="AMOUNT", help="The plan's, for a payer other than Medicare.")
@click.option("--out-of-pocket-left", metavar="AMOUNT", help="Left of the patient's limit. Default: no limit.")
@click.option("--plan-visits", metavar="NUMBER", type=int, help="Add an estimate of so many visits like this day.")
@click.option("--known", metavar="DATE", help="Only what had been published by then. Default: all.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole answer as JSON.")
def price(
    lines: tuple[str, ...], payer: str | None, on: str | None, locality: str | None, facility: bool, track: str | None,
    charges: tuple[str, ...], deductible_left: str | None, coinsurance: str | None, copay: str | None,
    out_of_pocket_left: str | None, plan_visits: int | None, known: str | None, as_json: bool,
) -> None:  # fmt: skip
    """What a payer is expected to pay for the lines of one patient, day and billing group, all disciplines together.

    A code may come twice, with other modifiers. `-` reads the lines from standard input.

    \b
    fifteen price 97110x1:GP 97530x2:GP,CQ --on 2026-03-02 --locality 15202-00
    fifteen price 97161x1:GP 97110x1:GP --locality 15202-00 --deductible-left 40
    fifteen price 97110x2:GP --charge 97110=25.00
    fifteen price 97161x1:GP 97110x2:GP --plan-visits 12 --deductible-left 283
    """
    asked = [read_line(text) for text in _from_stdin(lines)]
    rulebook = surroundings.rulebook_as_known(known)
    terms = {
        "on": surroundings.day(on),
        "payer": payer,
        "locality": locality,
        "facility": facility or None,
        "track": track,
        "charges": _charges(charges, asked) or None,
        "deductible_left": _cents(deductible_left, "--deductible-left"),
        "coinsurance": _percent(coinsurance),
        "copay": _cents(copay, "--copay"),
        "out_of_pocket_left": _cents(out_of_pocket_left, "--out-of-pocket-left"),
    }
    if plan_visits is None:
        answer = price_lines(asked, rulebook, **terms)  # type: ignore[arg-type]
    else:
        answer = estimate(asked, rulebook, plan_visits=plan_visits, **terms)  # type: ignore[arg-type]
    if on is None:
        today = Finding("price.today", "info", f"No date was given: priced as of today, {answer.on}.", where="on")
        answer = msgspec.structs.replace(answer, findings=[*answer.findings, today])
    if as_json:
        print(msgspec.json.encode(answer).decode())
    else:
        _show(answer, rulebook)


def _from_stdin(lines: Sequence[str]) -> list[str]:
    if list(lines) == ["-"]:
        try:
            lines = sys.stdin.read().split()
        except UnicodeDecodeError:
            raise UnreadableInput("standard input is not text; give lines such as 97110x2:GP.") from None
    if not lines:
        raise UnreadableInput(
            "no line was given; write at least one as CODExUNITS, for example `fifteen price 97110x2:GP`."
        )
    return list(lines)


def _charges(texts: Sequence[str], asked: Sequence[PriceLine]) -> dict[str, int]:
    found: dict[str, int] = {}
    codes = {read_code(line.code) for line in asked}
    for text in texts:
        code, equals, amount = text.partition("=")
        if not equals:
            raise UnreadableInput(f"--charge: {text!r} has no amount; write CODE=AMOUNT such as 97110=60.00.")
        code = read_code(code, "--charge")
        if code not in codes or code in found:
            why = "is given twice" if code in found else "is on no line"
            raise UnreadableInput(f"--charge: {code} {why}; give each code of the lines once, the charge of one unit.")
        found[code] = _amount(amount, f"--charge of {code}")
    return found


def _cents(text: str | None, where: str) -> int | None:
    return None if text is None else _amount(text, where)


def _amount(text: str, where: str) -> int:
    cents = read_cents(text, where)
    if cents < 0:
        raise UnreadableInput(f"{where}: {text!r} is negative; write an amount from 0 up, as 38.43.")
    return cents


def _percent(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 3:
        raise UnreadableInput(f"--coinsurance: {text!r} is not a percentage; write a whole number such as 20.")
    return int(text)


_NAMES = {
    "order": "order", "unit-price": "one unit", "reduced-price": "one unit, reduced", "mppr": "reduction (MPPR)",
    "unit-cap": "cap on units", "fixed-rate": "rate", "allowed": "allowed", "charge": "allowed",
    "money-cap": "allowed", "deductible": "patient", "coinsurance": "patient", "copay": "patient",
    "out-of-pocket": "patient", "payer-share": "payer's share", "assistant": "taken off", "sequestration": "taken off",
    "paid": "paid",
}  # fmt: skip
_COLUMNS = ("allowed", "patient", "share", "assistant", "sequest.", "paid", "in all")


def _show(answer: PriceAnswer, rulebook: Rulebook) -> None:
    from fifteen.cli.page import Page

    page = Page()
    payer = rulebook.payer(answer.payer)
    if answer.provider_total is None:
        page.line("Not known in full", "bold")
    else:
        page.line(
            f"{answer.provider_total} expected in all, {_money(answer.medicare_paid)} of it from the payer", "bold"
        )
    place = "facility" if answer.facility else "office"
    page.wrapped(f"{payer.label or payer.id}; {answer.on}; locality {answer.locality}, {place}", style="dim")
    page.line()
    _table(page, answer)
    page.line()
    page.wrapped(f"To collect for this day: {_money(answer.patient_share)}", 2, 2, "bold")
    made = answer.estimate
    if made is not None:
        page.wrapped(
            f"Estimate for {made.visits} visits: patient {_money(made.patient_share)} of {_money(made.allowed)}; "
            f"by visit {', '.join(_money(each) for each in made.by_visit)}", 2, 4,
        )  # fmt: skip
    if answer.explain:
        page.heading("How")
        _steps(page, answer)
    page.findings(answer.findings)
    page.show()


def _table(page: Page, answer: PriceAnswer) -> None:
    """A row a line and one of totals; the patient's part is deductible, coinsurance and copay together."""
    rows: list[tuple[str, PricedLine | PriceAnswer]] = [
        (f"{line.code} x{line.units} {','.join(line.modifiers)}".strip(), line) for line in answer.lines
    ]
    first = max([6, *(len(name) for name, _ in rows)])
    width = min(max(9, (page.width - first - 2) // len(_COLUMNS)), 11)
    page.line(f"  {'':{first}}" + "".join(f"{name:>{width}}" for name in _COLUMNS), "dim")
    for name, line in (*rows, ("in all", answer)):
        parts = (line.deductible, line.coinsurance, line.copay)
        patient = None if None in parts else sum(part for part in parts if part is not None)
        figures = (
            line.allowed, patient, line.medicare_share, line.assistant_reduction, line.sequestration,
            line.medicare_paid, line.provider_total,
        )  # fmt: skip
        page.line(f"  {name:{first}}" + "".join(f"{_money(each):>{width}}" for each in figures))


def _steps(page: Page, answer: PriceAnswer) -> None:
    """Each step with its arithmetic; stars mark assumptions and numbers sources, both told below."""
    said = 0
    assumed: list[str] = []
    sources: list[str] = []
    for step in answer.explain:
        if step.line is not None and step.line != said:
            line = answer.lines[step.line - 1]
            page.line(f"  line {step.line}: {line.code} x{line.units} {' '.join(line.modifiers)}")
            said = step.line
        marks = ""
        if step.assumption:
            marks = f" {'*' * _place(assumed, step.assumption)}"
        if step.status != "local":
            doubt = "" if step.status == "primary" else f"; {step.status} source"
            marks += f" [{_place(sources, f'{step.cite}, in force since {step.since}{doubt}')}]"
        page.wrapped(f"{_NAMES[step.step] + ':':<19}{step.because}{marks}", 4, 23)
    for number, text in enumerate(assumed, 1):
        page.wrapped(f"{'*' * number} {text}", 2, 4, "dim")
    for number, text in enumerate(sources, 1):
        page.wrapped(f"[{number}] {text}", 2, 6, "dim")


def _place(told: list[str], text: str) -> int:
    """The number of a note from 1 up, which is new at its first mention."""
    if text not in told:
        told.append(text)
    return told.index(text) + 1


def _money(amount: Decimal | int | None) -> str:
    return "not known" if amount is None else f"{amount:.2f}"
