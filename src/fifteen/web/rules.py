"""About the rules: what is in force on a date, from which source, how well it is known, and what is not."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from fifteen.kernel.dates import read_date
from fifteen.kernel.errors import UnknownId, UnreadableInput
from fifteen.rulebook import Rulebook
from fifteen.rulebook.catalogue import look_up, named, near
from fifteen.web import surroundings
from fifteen.web.rule_shown import Link, detail
from fifteen.web.rules_edits import edits_held
from fifteen.web.rules_shown import overview, search
from fifteen.web.rules_unknown import unknown
from fifteen.web.rules_words import NAMES

LONGEST_ASKED = 80


class Day(msgspec.Struct, frozen=True):
    """The date asked about; what cannot be read stays in `typed`, is said in `error`, and `on` is today."""

    on: date
    typed: str = ""
    error: str = ""


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The overview, or with `id` one rule, payer, code, table or source."""
    book, day = surroundings.rulebook(), _day(request)
    id_ = request.GET.get("id", "").strip()
    if id_:
        return _one(request, book, day, id_)
    shown = overview(book, day.on)
    asked = request.GET.get("q", "").strip()[:LONGEST_ASKED]
    about = {
        **_page(request, day),
        "shown": shown,
        "unknown": unknown(book, shown),
        "edits": edits_held(book, day.on),
        "asked": asked,
        "services": search(shown.services, asked) if asked else shown.services,
    }
    return render(request, "fifteen/rules.html", about)


@require_safe
def as_json(request: HttpRequest) -> HttpResponse:
    """The same records as `fifteen rulebook show --json`."""
    book, day = surroundings.rulebook(), _day(request)
    if day.error:
        return _json({"error": day.error}, 400)
    try:
        return _json(look_up(book, request.GET.get("id", "").strip() or None, day.on), 200)
    except UnknownId as error:
        return _json({"error": str(error)}, 404)


def _one(request: HttpRequest, book: Rulebook, day: Day, id_: str) -> HttpResponse:
    about = _page(request, day)
    key = request.GET.get("key", "").strip()[:LONGEST_ASKED]
    try:
        shown = detail(book, id_, day.on, key)
    except UnknownId:
        close = [Link(each, str(NAMES[named(book, each).kind])) for each in near(book, id_)]
        about |= {"id": id_[:LONGEST_ASKED], "near": close}
        return render(request, "fifteen/rule_unknown.html", about, status=404)
    return render(request, "fifteen/rule.html", {**about, "shown": shown, "key": key})


def _day(request: HttpRequest) -> Day:
    today, typed = surroundings.today(), request.GET.get("on", "").strip()[:LONGEST_ASKED]
    if not typed:
        return Day(today)
    try:
        return Day(read_date(typed, "on"))
    except UnreadableInput as error:
        return Day(today, typed, str(error))


def _page(request: HttpRequest, day: Day) -> dict[str, Any]:
    """The date with the tail that every link on the page carries on: the date and the language, where asked for."""
    carried = {"on": "" if day.error or "on" not in request.GET else day.on.isoformat()}
    lang = request.GET.get("lang", "")
    carried["lang"] = lang if lang in dict(settings.LANGUAGES) else ""
    tail = urlencode({name: text for name, text in carried.items() if text})
    return {"day": day, "tail": tail, "lang": carried["lang"]}


def _json(data: object, status: int) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(data), content_type="application/json", status=status)
