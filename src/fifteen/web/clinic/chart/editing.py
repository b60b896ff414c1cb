"""One plain form for every change of the chart: what was typed is never lost, and whoever was first stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from msgspec.structs import replace

from fifteen.clinic.tenancy.errors import Conflict, Refused
from fifteen.web.clinic.chart.typed import as_lines
from fifteen.web.clinic.edge import SAFE
from fifteen.web.clinic.forms import text

Kind = Literal["text", "area", "date", "number", "choice", "radio", "ticks"]


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """A field of a form. `stored` is what stands by now, where somebody else was first."""

    name: str
    label: str
    value: str = ""
    kind: Kind = "text"
    choices: tuple[tuple[str, str], ...] = ()
    hint: str = ""
    needed: bool = False
    longest: int = 120
    mode: str = ""
    stored: str | None = None
    wide: bool = False

    @property
    def picked(self) -> tuple[str, ...]:
        return tuple(self.value.split())


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """A page with one form. `version` is the row's that was seen, `back` where it leads afterwards.

    `shut` says why nothing can be changed; it stands instead of the form.
    """

    title: str
    about: str
    back: str
    send: str
    fields: tuple[Field, ...]
    hint: str = ""
    version: int | None = None
    careful: bool = False
    shut: str = ""


def ask(request: HttpRequest, form: Form, store: Callable[[], object]) -> HttpResponse:
    """The form; or what was sent stored, and back. Where it is refused, the same form with what was typed and why."""
    if request.method in SAFE:
        return _shown(request, form)
    if request.method != "POST":
        return HttpResponseNotAllowed(["GET", "POST"])
    try:
        store()
    except Refused as met:
        return _again(request, form, 422, why=str(met))
    except Conflict as met:
        return _again(request, form, 409, met=met)
    return HttpResponseRedirect(form.back)


def _again(
    request: HttpRequest, form: Form, status: int, *, why: str = "", met: Conflict | None = None
) -> HttpResponse:
    """Nothing was stored, and nothing that was typed is lost."""
    request.undo = True  # type: ignore[attr-defined]  # what the service had begun is taken back
    stored = met.stored if met and isinstance(met.stored, Mapping) else {}
    fields = tuple(
        replace(each, value=_typed(request, each), stored=_stored(each, stored) if met else None)
        for each in form.fields
    )  # fmt: skip
    version = met.version if met else form.version
    return _shown(
        request, replace(form, fields=fields, version=version, shut=""), status=status, why=why, met=met is not None
    )


def _shown(request: HttpRequest, form: Form, *, status: int = 200, why: str = "", met: bool = False) -> HttpResponse:
    return render(request, "clinic/chart/form.html", {"form": form, "why": why, "met": met}, status=status)


def _typed(request: HttpRequest, field: Field) -> str:
    return " ".join(request.POST.getlist(field.name)) if field.kind == "ticks" else text(request, field.name)


def _stored(field: Field, stored: Mapping[str, Any]) -> str | None:
    """What stands now, in the form's own spelling, where it is not what was in the form."""
    if field.name not in stored:
        return None
    value = stored[field.name]
    if field.choices:
        return dict(field.choices).get("" if value is None else str(value), "")
    if isinstance(value, list):
        return as_lines(value)
    return "" if value is None else str(value)
