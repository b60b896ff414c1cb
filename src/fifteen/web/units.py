"""The Units page: minutes in, explained units out, for anyone and without a log-in."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from msgspec.structs import replace

from fifteen.engine.pricing import PriceAnswer, PricedLine, price
from fifteen.engine.units import UnitsAnswer, count_units
from fifteen.kernel.errors import AskedWrongly
from fifteen.rulebook import Rulebook
from fifteen.web import surroundings
from fifteen.web.asked import DISCIPLINES, LEAST_ROWS, Asked, Row, read_asked
from fifteen.web.numbers import numbers
from fifteen.web.said import said
from fifteen.web.shown import Side, as_text, differences, side

HERE = Path(__file__).parent
MOST_FOUND = 12


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """One or two answers to a question; `error` is the sentence where there is none."""

    asked: Asked
    sides: tuple[Side, ...] = ()
    price: PriceAnswer | None = None
    error: str = ""
    price_error: str = ""
    lapsed: bool = False


def answer(asked: Asked, rulebook: Rulebook) -> Answered:
    """Ask the engine. A choice that fits no tie lapses and is said; price is looked up last and feeds nothing."""
    if not asked.readable or not asked.services:
        return Answered(asked=asked)
    try:
        one = _count(asked, rulebook, asked.payer, asked.method)
        other = _count(asked, rulebook, asked.other, "") if asked.other else None
    except AskedWrongly as error:
        return Answered(asked=asked, error=str(error))
    found = [each for each in (one, other) if each is not None]
    lapsed = bool(asked.choose) and not any(each.chosen for each in found)
    priced, price_error = _price(asked, one, rulebook)
    sides = tuple(side(each, rulebook, asked, priced if each is one else None) for each in found)
    return Answered(asked=asked, sides=sides, price=priced, price_error=price_error, lapsed=lapsed)


def _count(asked: Asked, rulebook: Rulebook, payer: str, method: str) -> UnitsAnswer:
    def count(choose: tuple[str, ...]) -> UnitsAnswer:
        return count_units(
            asked.services, rulebook, on=asked.on, payer=payer, method=method or None,
            discipline=asked.discipline, choose=choose,
        )  # fmt: skip

    found = count(())
    fits = found.tie and len(asked.choose) == found.tied.choose and set(asked.choose) <= set(found.tied.codes)
    return count(asked.choose) if fits and len(set(asked.choose)) == len(asked.choose) else found


def _price(asked: Asked, counted: UnitsAnswer, rulebook: Rulebook) -> tuple[PriceAnswer | None, str]:
    if not asked.locality:
        return None, ""
    if counted.tie and not counted.chosen:
        return None, _("Settle the tie first: a price never helps to choose.")
    if counted.method is None or not counted.lines:
        return None, _("There is no unit to price.")
    try:
        return price(counted.lines, rulebook, on=asked.on, payer=counted.payer, locality=asked.locality), ""
    except AskedWrongly as error:
        return None, str(error)


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The whole page; it works without JavaScript."""
    return render(request, "fifteen/units.html", _context(request), status=200)


@require_safe
def fragment(request: HttpRequest) -> HttpResponse:
    """The answer alone, for the page that is open already."""
    return render(request, "fifteen/_answer.html", _context(request))


@require_safe
def as_json(request: HttpRequest) -> HttpResponse:
    """The answers as data: the records of `fifteen units --json`, and for each the findings about its lines."""
    answered = _answered(request)
    sentences = [*answered.asked.errors.values(), *(row.error for row in answered.asked.rows if row.error)]
    sentences += [answered.error] if answered.error else []
    if not sentences and not answered.sides:
        sentences = ["no service was given; write at least one, for example ?s=97110:33."]
    if sentences:
        return _json({"error": " ".join(sentences)}, 400)
    answers = [each.answer for each in answered.sides]
    edits = [each.edits.all for each in answered.sides]
    link = f"/units?{answered.asked.link()}"
    return _json({"units": answers, "edits": edits, "price": answered.price, "link": link}, 200)


@require_safe
def plain_text(request: HttpRequest) -> HttpResponse:
    """The first answer as text for a note."""
    answered = _answered(request)
    if not answered.sides:
        return HttpResponse("", content_type="text/plain; charset=utf-8", status=400)
    return HttpResponse(as_text(answered.sides[0]), content_type="text/plain; charset=utf-8")


@require_safe
def numbers_json(request: HttpRequest) -> HttpResponse:
    """The numbers of law of a date, for counting on the device while it is offline."""
    asked = read_asked(request.GET, surroundings.rulebook(), surroundings.today())
    if "on" in asked.errors:
        return _json({"error": asked.errors["on"]}, 400)
    try:
        return _json(numbers(surroundings.rulebook(), asked.on), 200)
    except AskedWrongly as error:
        return _json({"error": str(error)}, 400)


def _json(data: object, status: int) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(data), content_type="application/json", status=status)


def _answered(request: HttpRequest) -> Answered:
    asked = read_asked(request.GET, surroundings.rulebook(), surroundings.today())
    return answer(asked, surroundings.rulebook())


def _context(request: HttpRequest) -> dict[str, Any]:
    rulebook = surroundings.rulebook()
    answered = _answered(request)
    asked = answered.asked
    sides = answered.sides
    blank = max(LEAST_ROWS - len(asked.rows), 1 + ("more" in request.GET))
    services = _services(rulebook, asked)
    presets = _presets()
    return {
        "asked": asked,
        "answered": answered,
        "sides": sides,
        "differences": differences(*sides, rulebook) if len(sides) == 2 else [],
        "link": asked.link(),
        "text": as_text(sides[0]) if sides and asked.readable else "",
        "rows": [*asked.rows, *[Row()] * blank],
        "payers": rulebook.payers,
        "disciplines": DISCIPLINES,
        "services": services,
        "found": _search(services, asked.find) if asked.find else [],
        "common": [each for code in presets["common"] for each in services if each["code"] == code],
        "visits": [{**each, "query": _query(asked, each["services"], each["discipline"])} for each in presets["visit"]],
        "examples": [{**each, "query": _example(asked, each)} for each in popular_answers()],
        "printed": _printed(asked, sides),
        "localities": _localities(rulebook, asked),
        "price_rows": _price_rows(answered.price) if answered.price else [],
    }


def _services(rulebook: Rulebook, asked: Asked) -> list[dict[str, Any]]:
    return [
        {"code": each.code, "label": each.label, "timed": each.pooled, "mine": asked.discipline in each.disciplines}
        for each in rulebook.services(asked.on)
    ]


def _localities(rulebook: Rulebook, asked: Asked) -> list[dict[str, str]]:
    """Where a service can be furnished, as Medicare prices it in the year of the date; empty where no table is held."""
    name = f"gpci_{asked.on.year}"
    if name not in rulebook.tables:
        return []
    table = rulebook.tables[name]
    key, state, place = (table.columns.index(each) for each in ("locality", "state", "name"))
    named = [{"locality": row[key], "name": f"{row[state]} · {row[place].title()} ({row[key]})"} for row in table.rows]
    unique = {each["locality"]: each for each in sorted(named, key=lambda each: each["name"])}
    return [{"locality": "national", "name": _("National, without locality")}, *unique.values()]


def _price_rows(priced: PriceAnswer) -> list[dict[str, Any]]:
    """A row a line and one of totals; the patient's part is deductible, coinsurance and copay together."""
    named: list[tuple[str, PricedLine | PriceAnswer]] = [
        (f"{each.code} x{each.units} {' '.join(each.modifiers)}".rstrip(), each) for each in priced.lines
    ]
    rows = []
    for name, line in (*named, ("", priced)):
        patient = _sum(line.deductible, line.coinsurance, line.copay)
        off = _sum(line.assistant_reduction, line.sequestration)
        amounts = [line.allowed, patient, off, line.medicare_paid]
        rows.append({"name": name, "total": line is priced, "amounts": amounts})
    return rows


def _sum(*amounts: Decimal | None) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal()) if len(known) == len(amounts) else None


def _search(services: list[dict[str, Any]], words: str) -> list[dict[str, Any]]:
    """Services whose code begins with, or whose label holds, every word, in English or in the reader's language."""
    wanted = words.casefold().split()
    found = [
        each for each in services
        if all(
            each["code"].casefold().startswith(word) or word in f"{each['label']} {said(each['label'])}".casefold()
            for word in wanted
        )
    ]  # fmt: skip
    return found[:MOST_FOUND]


@lru_cache(maxsize=1)
def _presets() -> dict[str, Any]:
    return tomllib.loads(HERE.joinpath("presets.toml").read_text("utf-8"))


@lru_cache(maxsize=1)
def popular_answers() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads(HERE.joinpath("popular_answers.toml").read_text("utf-8"))["example"]
    return found


def _query(asked: Asked, services: str, discipline: str) -> str:
    rows = []
    for part in services.split(","):
        code, _colon, minutes = part.partition(":")
        first, _plus, second = minutes.partition("+")
        rows.append(Row(code, first, second.rstrip("a")))
    return asked.link(rows=tuple(rows), discipline=discipline, printed="", method="")


def _example(asked: Asked, example: dict[str, Any]) -> str:
    rows = tuple(Row(code, str(minutes)) for code, minutes in example["minutes"].items())
    return replace(asked, payer="medicare", other="midpoint").link(
        rows=rows, printed=str(example["printed"]), discipline="PT", method=""
    )


def _printed(asked: Asked, sides: tuple[Side, ...]) -> dict[str, int] | None:
    """What somebody printed for these minutes, beside what they support."""
    if not asked.printed or not sides or sides[0].answer.method is None:
        return None
    printed, supported = int(asked.printed), sides[0].units
    return {"printed": printed, "supported": supported, "over": max(printed - supported, 0)}
