"""What the pages of the front desk share: the head of a patient's page, and forms made of a list of fields."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import msgspec
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from fifteen.clinic.people import access as people
from fifteen.clinic.people.models import Patient
from fifteen.clinic.tenancy.errors import Conflict, Refused
from fifteen.web.clinic.forms import text, typed, undone


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One field of a form. `kind`: text, date, time, number (whole), money, choice, area or days (of the week).

    `empty` is the word of a choice that is none; `half` lets two stand side by side.
    """

    name: str
    label: str
    kind: str = "text"
    hint: str = ""
    choices: Sequence[tuple[str, str]] = ()
    empty: str = ""
    length: int = 120
    half: bool = False

    @property
    def type(self) -> str:
        return self.kind if self.kind in ("date", "time") else "text"

    @property
    def mode(self) -> str:
        return {"number": "numeric", "money": "decimal"}.get(self.kind, "")


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """A form: its title, what it is about, its fields, where it goes when it is left, and what its button says."""

    title: str
    fields: Sequence[Field]
    back: str
    back_word: str
    button: str
    about: str = ""
    section: str = ""
    patient: Patient | None = None


def render_for(
    request: HttpRequest, template: str, patient: Patient, shown: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """A page of one patient, under the head that all of them have."""
    head = people.head(patient) if patient.into_id else None
    return render(request, template, {"patient": patient, "head": head, **shown}, status=status)


def answer(
    request: HttpRequest, form: Form, values: dict[str, str], store: Callable[[], str], *, version: int | None = None
) -> HttpResponse:
    """The form; sent, what `store` does, and on to the address that it gives.

    What is refused is said above the form with everything that was typed; so is that somebody else was first.
    """
    if request.method != "POST":
        return show(request, form, values, version=version)
    try:
        return HttpResponseRedirect(store())
    except Refused as met:
        undone(request)
        sent = text(request, "version")
        seen = int(sent) if version is not None and sent.isascii() and sent.isdigit() and len(sent) < 9 else version
        return show(request, form, typed(request), version=seen, refused=str(met), status=422)
    except Conflict as met:
        undone(request)
        return show(
            request, form, typed(request), version=met.version, stored=_differing(form, met), status=409
        )  # fmt: skip


def show(
    request: HttpRequest, form: Form, values: dict[str, str], *, version: int | None = None, refused: str = "",
    stored: Sequence[tuple[str, str]] | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    days = [each for each in request.POST.getlist("weekday") if each.isdigit()]
    rows = [{"field": each, "value": values.get(each.name, "")} for each in form.fields]
    shown = {
        "form": form, "rows": rows, "seen": version, "refused": refused, "stored": stored, "days": days,
        "section": form.section,
    }  # fmt: skip
    if form.patient is not None:
        return render_for(request, "clinic/desk/form.html", form.patient, shown, status=status)
    return render(request, "clinic/desk/form.html", shown, status=status)


def as_typed(row: Model, names: Sequence[str]) -> dict[str, str]:
    """The values of a row as they would be typed into the fields of these names."""
    return {name: _typed(getattr(row, name)) for name in names}


def _differing(form: Form, met: Conflict) -> list[tuple[str, str]]:
    """What stands now, of the fields in which it is not what was to be stored; by their labels."""
    labels = {each.name: each for each in form.fields}
    found = []
    for name, value in met.stored.items():
        if value != met.refused.get(name):
            field = labels.get(name)
            plain = _typed(value)
            word = dict(field.choices).get(plain, plain) if field is not None and field.choices else plain
            found.append((field.label if field is not None else name, word or _("nothing")))
    return found


def _typed(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Model):
        return str(value.pk)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return " ".join(str(each) for each in value)
    return str(value)
