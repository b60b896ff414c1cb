"""The trail: who saw and did what, filtered, sorted and exported; who looks at it stands in it too."""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import msgspec
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from fifteen.clinic.accounts.matrix import matrix
from fifteen.clinic.audit import access
from fifteen.clinic.audit.access import Asked
from fifteen.clinic.audit.models import Event
from fifteen.clinic.audit.record import record
from fifteen.clinic.tenancy.access import sites
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.ids import LENGTH
from fifteen.web.clinic import sheet
from fifteen.web.clinic.routes import needs

PAGE = 50
LAST_PAGE = 20_000
_ID = re.compile(rf"[0-9a-z]{{{LENGTH}}}")
_ACTION = re.compile(r"[a-z_.]{1,40}")
FIELDS = ("person", "patient", "action", "since", "until")


class Read(msgspec.Struct, frozen=True):
    """What the form holds: as it was typed, as it was understood, and what could not be."""

    typed: dict[str, str]
    asked: Asked
    trouble: list[str]


@require_safe
@needs("audit.read")
def page(request: HttpRequest) -> HttpResponse:
    """One page of the trail."""
    zone = _zone()
    read = _read(request, zone)
    by, down = _order(request)
    number = _number(request.GET.get("page", ""))
    rows: list[Event] = []
    if not read.trouble:
        found = access.in_order(access.events(read.asked), by, down)
        rows = list(found[(number - 1) * PAGE : number * PAGE + 1])
        _note("audit.read", read)
    names = access.names(row.actor for row in rows)
    filled = {name: value for name, value in read.typed.items() if value}
    sort = {"sort": by, "down": "1" if down else "0"}
    return render(request, "clinic/trail.html", {
        "typed": read.typed, "trouble": read.trouble, "people": access.people(), "actions": list(matrix().actions),
        "rows": [{"event": row, "at": row.at.astimezone(zone), "person": names.get(row.actor, "")}
                 for row in rows[:PAGE]],
        "zone": zone.key, "filtered": bool(filled), "columns": list(_columns(filled, by, down)),
        "newer": urlencode({**filled, **sort, "page": number - 1}) if number > 1 else "",
        "older": urlencode({**filled, **sort, "page": number + 1}) if len(rows) > PAGE else "",
        "export": urlencode(filled), "number": number,
    }, status=400 if read.trouble else 200)  # fmt: skip


@require_safe
@needs("audit.export")
def export(request: HttpRequest) -> HttpResponseBase:
    """All that the filter lets through, as CSV in UTC; in a file first, for rows are read inside the transaction."""
    read = _read(request, _zone())
    if read.trouble:
        return HttpResponse("\n".join(read.trouble), status=400, content_type="text/plain; charset=utf-8")
    _note("audit.export", read)
    names = dict(access.people())
    file = tempfile.TemporaryFile()  # noqa: SIM115  # the response closes it
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    sheet.write(text, _lines(read.asked, names))
    text.detach()
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename="audit.csv", content_type="text/csv; charset=utf-8")


def _lines(asked: Asked, names: dict[str, str]) -> Iterator[tuple[Any, ...]]:
    yield ("id", "at", "person", "name", "role", "action", "kind", "object", "patient", "outcome", "address", "device",
           "session", "detail")  # fmt: skip
    for row in access.one_by_one(access.events(asked)):
        yield (
            row.id, row.at.astimezone(UTC).isoformat(), row.actor, names.get(row.actor, ""), row.role, row.action,
            row.kind, row.object, row.patient, row.outcome, row.address, row.device, row.session,
            msgspec.json.encode(row.detail).decode(),
        )  # fmt: skip


def _note(action: str, read: Read) -> None:
    """That the trail was read: by which fields, and of whom; never what was typed."""
    fields = [name for name in FIELDS if read.typed[name]]
    record(action, at=now(), kind="trail", patient=read.asked.patient, fields=fields, person=read.asked.person)


def _zone() -> ZoneInfo:
    site = sites().first()
    return ZoneInfo(site.zone if site else "UTC")


def _read(request: HttpRequest, zone: ZoneInfo) -> Read:
    typed = {name: request.GET.get(name, "").strip()[:60] for name in FIELDS}
    trouble = []
    for name in ("person", "patient"):
        if typed[name] and not _ID.fullmatch(typed[name]):
            trouble.append(_("Write an id of 26 letters and digits, as it stands in the trail, not a name."))
    if typed["action"] and not _ACTION.fullmatch(typed["action"]):
        trouble.append(_("Write an action as it stands in the trail, such as notes.sign, or how it begins."))
    days: dict[str, date | None] = {}
    for name in ("since", "until"):
        try:
            days[name] = date.fromisoformat(typed[name]) if typed[name] else None
            if days[name] is not None and not 1990 <= days[name].year <= 2200:  # type: ignore[union-attr]
                raise ValueError
        except ValueError:
            trouble.append(_("Write a date of this century as YYYY-MM-DD, such as 2026-03-02."))
    if trouble:
        return Read(typed, Asked(), trouble)
    since, until = days["since"], days["until"]
    return Read(typed, Asked(
        typed["person"], typed["patient"], typed["action"],
        datetime.combine(since, time(), zone) if since else None,
        datetime.combine(until + timedelta(days=1), time(), zone) if until else None,
    ), [])  # fmt: skip


def _order(request: HttpRequest) -> tuple[str, bool]:
    by = request.GET.get("sort", "at")
    return (by if by in access.ORDERS else "at"), request.GET.get("down", "1") != "0"


def _number(text: str) -> int:
    return min(max(int(text), 1), LAST_PAGE) if text.isascii() and text.isdigit() and len(text) < 9 else 1


def _columns(filled: dict[str, str], by: str, down: bool) -> Iterator[dict[str, str]]:
    titles = {
        "at": _("Time"), "person": _("Person"), "role": _("Role"), "action": _("Action"), "object": _("What"),
        "patient": _("Patient"), "outcome": _("Outcome"), "address": _("From"),
    }  # fmt: skip
    for name, title in titles.items():
        turned = "0" if name == by and down else "1"
        order = ("descending" if down else "ascending") if name == by else ""
        yield {"title": title, "order": order, "query": urlencode({**filled, "sort": name, "down": turned})}


urlpatterns = [path("audit", page, name="audit"), path("audit.csv", export, name="audit-export")]
