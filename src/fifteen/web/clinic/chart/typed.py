"""What people type into the chart's forms, read once: numbers, decimals, clock times of a site, lines and lists."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils.translation import gettext as _

from fifteen.clinic.tenancy.errors import Refused
from fifteen.kernel.codes import read_code
from fifteen.kernel.errors import FifteenError
from fifteen.web.clinic.forms import day, text
from fifteen.web.timeline_asked import clock

_ITEMS = re.compile(r"[\s,;]+")


def line(request: HttpRequest, name: str, longest: int = 200) -> str:
    """A text of one line, without blanks around it; `Refused` where it is too long to be kept."""
    found = " ".join(text(request, name).split())
    if len(found) > longest:
        raise Refused(_("A text is longer than %(most)s characters; shorten it.") % {"most": longest})
    return found


def decimal(request: HttpRequest, name: str) -> Decimal:
    """A number as it was scored, with a point or a comma; at most two places and six digits before them."""
    written = text(request, name).strip().replace(",", ".")
    try:
        found = Decimal(written)
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or abs(found) >= 1_000_000 or found != round(found, 2):
        raise Refused(_("The score cannot be read; write a number with at most two places, such as 54 or 1.25."))
    return found


def needed(request: HttpRequest, name: str) -> date:
    """A day that cannot be left out."""
    found = day(request, name)
    if found is None:
        raise Refused(_("A day is missing; write it as year-month-day, such as 2026-03-02."))
    return found


def code(request: HttpRequest, name: str) -> str:
    """A service's code in capitals; empty where the field was left empty."""
    written = text(request, name).strip().upper()
    try:
        return read_code(written, "service") if written else ""
    except FifteenError:
        raise Refused(_("The code cannot be read; write five characters, such as 97110 or G0283.")) from None


def items(request: HttpRequest, name: str) -> tuple[str, ...]:
    """Codes or ids, between which blanks, commas or new lines stand."""
    return tuple(each for each in _ITEMS.split(text(request, name).strip()) if each)


def instant(request: HttpRequest, name: str, on: date, zone: str) -> datetime | None:
    """A time of day at the site, as an instant; None where it was left empty."""
    written = text(request, name).strip()
    if not written:
        return None
    minutes = clock(written)
    if minutes is None:
        raise Refused(_("The time cannot be read; write it as 08:15 or 1:15 pm, in the time of the site."))
    return at(on, minutes, zone)


def at(on: date, minutes: int, zone: str) -> datetime:
    """The instant of a time of day; a time that a change of the clock skipped or repeats is the first that fits."""
    there = datetime.combine(on, time(), tzinfo=ZoneInfo(zone)) + timedelta(minutes=minutes)
    return there.astimezone(UTC)


def diagnoses(request: HttpRequest, name: str) -> list[dict[str, object]]:
    """Diagnoses, one a line: the code, then the words; the one that is treated begins with a star."""
    found: list[dict[str, object]] = []
    for written in text(request, name).splitlines():
        treated, rest = written.strip().startswith("*"), written.strip().lstrip("* ")
        if not rest:
            continue
        first, _between, words = rest.partition(" ")
        known = any(each.isdigit() for each in first)
        row: dict[str, object] = {"code": first.upper(), "text": words.strip()} if known else {"code": "", "text": rest}
        found.append({**row, "treated": treated})
    if len(found) > 12:
        raise Refused(_("A claim holds at most twelve diagnoses; keep those that are treated or complicate treatment."))
    return found


def as_lines(rows: object) -> str:
    """Diagnoses as they are typed again."""
    found = [each for each in rows if isinstance(each, dict)] if isinstance(rows, list) else []
    return "\n".join(
        f"{'* ' if each.get('treated') else ''}{each.get('code', '')} {each.get('text', '')}".rstrip() for each in found
    )
