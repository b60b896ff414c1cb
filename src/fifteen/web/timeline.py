"""The timeline: intervals drawn or typed for up to three patients and two people, and what they support."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from fifteen.rulebook import Rulebook
from fifteen.web import surroundings, timeline_shown
from fifteen.web.asked import DISCIPLINES
from fifteen.web.said import said
from fifteen.web.timeline_answer import Answered, answer
from fifteen.web.timeline_asked import (
    LEAST_ROWS,
    MODES,
    MOST_ROWS,
    PATIENTS,
    UNBILLED,
    UNBILLED_MODES,
    WHO,
    Row,
    Timeline,
    read_rows,
    read_timeline,
)
from fifteen.web.timeline_drawing import draw
from fifteen.web.timeline_words import how, who

HERE = Path(__file__).parent
PEN_MODES = {"group": "group", "supervised_modality": "supervised"}


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The whole page; it works without JavaScript."""
    return render(request, "fifteen/timeline.html", {**_context(request), **_form(request)})


@require_safe
def fragment(request: HttpRequest) -> HttpResponse:
    """The drawing and the answer alone, for the page that is open already."""
    return render(request, "fifteen/_timeline_answer.html", _context(request))


@require_safe
def as_json(request: HttpRequest) -> HttpResponse:
    """The answer as data: for each patient the same record as `fifteen assess --json`."""
    answered = _answered(request)
    asked = answered.asked
    named = list(zip(asked.names, asked.rows, strict=True))
    wrong = [*asked.errors.values(), *(f"{name}: {row.error}" for name, row in named if row.error)]
    wrong += [answered.error] if answered.error else []
    if not wrong and not answered.days:
        wrong = [_("No interval was given; write at least one, for example ?i=A,97110,T,08:00-08:14.")]
    if wrong:
        return _json({"error": " ".join(wrong)}, 400)
    unbilled = [name for name, row in named if row.unbilled]
    return _json(
        {
            "patients": answered.days, "overlaps": answered.overlaps, "documented_not_billed": unbilled,
            "left_out": asked.left_out, "link": f"/timeline?{asked.link()}",
        },
        200,
    )  # fmt: skip


def _json(data: object, status: int) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(data), content_type="application/json", status=status)


def _answered(request: HttpRequest) -> Answered:
    asked = read_timeline(request.GET, surroundings.rulebook(), surroundings.today())
    return answer(asked, surroundings.rulebook())


def _context(request: HttpRequest) -> dict[str, Any]:
    rulebook = surroundings.rulebook()
    answered = _answered(request)
    asked = answered.asked
    listed = timeline_shown.listed(answered, rulebook)
    ready = asked.readable and not answered.error
    return {
        "asked": asked,
        "answered": answered,
        "ready": ready,
        "wrong": [
            {"row": place, "name": name, "error": row.error}
            for place, (name, row) in enumerate(zip(asked.names, asked.rows, strict=True))
            if row.error
        ],
        "most_rows": MOST_ROWS,
        "link": asked.link(),
        "drawing": draw(answered, rulebook),
        "listed": list(listed.values()),
        "patients": timeline_shown.patients(answered, listed, rulebook) if ready else [],
        "overlaps": timeline_shown.overlaps(answered, rulebook) if ready else [],
        "not_checked": timeline_shown.not_checked(answered),
        "payer_label": _payer(rulebook, asked),
    }


def _form(request: HttpRequest) -> dict[str, Any]:
    """What only the whole page needs: the lists to choose from and the rows."""
    rulebook = surroundings.rulebook()
    asked = read_timeline(request.GET, rulebook, surroundings.today())
    services = {each.code: each for each in rulebook.services(asked.on)}
    blank = max(LEAST_ROWS - len(asked.rows), 1 + 3 * ("more" in request.GET))
    rows = [*zip(asked.names, asked.rows, strict=True), *[("", Row())] * min(blank, MOST_ROWS - len(asked.rows))]
    return {
        "rows": [
            {
                "name": name,
                "row": row,
                "odd_who": row.who not in WHO,
                "odd_mode": row.mode not in (*MODES, *UNBILLED_MODES),
            }
            for name, row in rows
        ],
        "payers": rulebook.payers,
        "disciplines": DISCIPLINES,
        "letters": PATIENTS,
        "who": [
            {"value": each, "name": who(each), "short": _("both together") if each == "both" else who(each)}
            for each in WHO
        ],
        "modes": [{"value": each, "name": how(each)} for each in MODES],
        "unbilled_modes": [
            {"value": each, "name": _("%(how)s, not billed") % {"how": how(each.removesuffix(UNBILLED))}}
            for each in UNBILLED_MODES
        ],
        "services": services.values(),
        "examples": [{**each, "query": _example(asked, each)} for each in _presets()["example"]],
        "pen": [
            {
                "code": code,
                "label": services[code].label,
                "discipline": discipline,
                "mode": PEN_MODES.get(services[code].kind, "one"),
            }
            for discipline, codes in _presets()["pen"].items()
            for code in codes
            if code in services
        ],
    }


def _payer(rulebook: Rulebook, asked: Timeline) -> str:
    payer = rulebook.payer(asked.payer)
    return said(payer.label or payer.id)


@lru_cache(maxsize=1)
def _presets() -> dict[str, Any]:
    return tomllib.loads(HERE.joinpath("timeline_examples.toml").read_text("utf-8"))


def _example(asked: Timeline, example: dict[str, Any]) -> str:
    return asked.link(rows=tuple(read_rows(example["rows"])), payer=example["payer"], discipline="PT")
