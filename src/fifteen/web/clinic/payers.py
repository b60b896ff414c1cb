"""Payers: by which policy of the rulebook they pay, how well that is known, and the amounts they have agreed to."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from fifteen.clinic.notes.services import today
from fifteen.clinic.payers import access, services
from fifteen.clinic.payers.models import Fee, Payer
from fifteen.clinic.tenancy.errors import Refused
from fifteen.kernel.errors import AskedWrongly
from fifteen.web.clinic import desk
from fifteen.web.clinic.desk import Field, Form
from fifteen.web.clinic.forms import cents, day, number, text, typed, undone
from fifteen.web.clinic.routes import needs
from fifteen.web.rules_shown import PayerShown
from fifteen.web.rules_shown import payer as policy_of
from fifteen.web.said import said
from fifteen.web.surroundings import rulebook

ICONS = {"primary": "good", "secondary": "info", "expected": "warn", "local": "info", "unknown": "warn"}


@needs("payers.read")
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Every payer, with the policy it pays by and how well its way of counting is known today."""
    held = _policies()
    rows = list(access.payers())
    shown = {
        "used": [_with_icon(each, held.get(each.policy)) for each in rows if each.active],
        "others": [_with_icon(each, held.get(each.policy)) for each in rows if not each.active],
        "done": done_word(request.GET.get("done", "")),
    }  # fmt: skip
    return render(request, "clinic/desk/payers.html", shown)


@needs("payers.write")
def new(request: HttpRequest) -> HttpResponse:
    def store() -> str:
        values = _values(request)
        values.pop("active")
        services.add_payer(values.pop("name"), **values)
        return "/payers?done=payer"

    return desk.answer(request, _form(None), {}, store)


@needs("payers.read")
@require_safe
def one(request: HttpRequest, payer: str) -> HttpResponse:
    """One payer: what its policy says of each question, and its fees."""
    return _one(request, access.payer(payer), done=done_word(request.GET.get("done", "")))


@needs("payers.write")
def change(request: HttpRequest, payer: str) -> HttpResponse:
    found = access.payer(payer)

    def store() -> str:
        services.change_payer(found, number(request, "version"), **_values(request))
        return f"/payers/{found.id}?done=changed"

    values = desk.as_typed(found, ("name", "policy", "number")) | {"active": "yes" if found.active else "no"}
    return desk.answer(request, _form(found), values, store, version=found.version)


@needs("payers.write")
@require_POST
def fee(request: HttpRequest, payer: str) -> HttpResponse:
    """What the payer allows for one unit of a code from a day on; one of the same code and day is replaced."""
    found = access.payer(payer)
    try:
        amount, starts = cents(request, "cents"), day(request, "starts")
        if amount is None or starts is None:
            raise Refused(_("Write the amount and the day from which it holds; nothing was stored."))
        code, ends = text(request, "code").strip(), day(request, "ends")
        services.set_fee(found, code=code, cents=amount, starts=starts, ends=ends)
    except Refused as met:
        undone(request)
        return _one(request, found, refused=str(met), status=422)
    return HttpResponseRedirect(f"/payers/{found.id}?done=fee")


def _one(request: HttpRequest, payer: Payer, *, done: str = "", refused: str = "", status: int = 200) -> HttpResponse:
    held = _policies().get(payer.policy)
    shown = {
        "payer": payer, "policy": held, "fees": [_fee_shown(each) for each in access.fees(payer)], "done": done,
        "refused": refused, "typed": typed(request) if refused else {"starts": today().isoformat()},
        "known": [{"field": each, "icon": ICONS[each.status.id]} for each in held.fields if each.words] if held else [],
        "unknown": held.unknown if held else (),
        "lost": bool(payer.policy and not held),
    }  # fmt: skip
    return render(request, "clinic/desk/payer.html", shown, status=status)


def _values(request: HttpRequest) -> dict[str, Any]:
    policy = text(request, "policy")
    if policy and policy not in _policies():
        raise Refused(_("The rulebook holds no payer of this name; choose one of the list, or leave it as not known."))
    return {
        "name": text(request, "name"), "policy": policy, "number": "".join(text(request, "number").split()),
        "active": text(request, "active") != "no",
    }  # fmt: skip


def _form(found: Payer | None) -> Form:
    choices = [(id, f"{each.label} ({each.counts.status.word.lower()})") for id, each in _policies().items()]
    fields = [
        Field(name="name", label=_("Name"), hint=_("As it stands on the patient's card.")),
        Field(name="policy", label=_("Pays by the policy of"), kind="choice", choices=choices,
              empty=_("Not known: nothing of theirs is decided"),
              hint=_("From the rulebook, with how well the way it counts units is known. Where it is not known, units "
                     "and claims of this payer say so; Fifteen does not guess.")),
        Field(name="number", label=_("Payer's number for claims"), length=20, half=True),
    ]  # fmt: skip
    if found is not None:
        choices = [("yes", _("Used")), ("no", _("No longer used"))]
        fields.append(Field(name="active", label=_("State"), kind="choice", choices=choices, half=True))
    return Form(
        title=_("Change a payer") if found else _("Add a payer"), fields=fields, button=_("Store"),
        back=f"/payers/{found.id}" if found else "/payers", back_word=found.name if found else _("Payers"),
    )  # fmt: skip


def _policies() -> dict[str, PayerShown]:
    """The rulebook's payers as they stand today, by their label."""
    book, on = rulebook(), today()
    found = sorted((policy_of(book, each, on) for each in book.payers), key=lambda each: each.label.casefold())
    return {each.id: each for each in found}


def _with_icon(payer: Payer, policy: PayerShown | None) -> dict[str, Any]:
    return {"row": payer, "policy": policy, "icon": ICONS[policy.counts.status.id] if policy else "warn"}


def _fee_shown(fee: Fee) -> dict[str, Any]:
    amount = f"${fee.cents // 100:,}.{fee.cents % 100:02}"
    return {"row": fee, "amount": amount, "label": _label(fee)}


def _label(fee: Fee) -> str:
    try:
        service = rulebook().service(fee.code, fee.starts)
    except AskedWrongly:
        service = None
    return said(service.label) if service else _("not in the rulebook")


def done_word(word: str) -> str:
    """The sentence for what was just done; empty for a word that is none of ours."""
    return {
        "payer": _("The payer is added."), "changed": _("The change is stored."), "fee": _("The fee is stored."),
    }.get(word, "")  # fmt: skip


urlpatterns = [
    path("payers", page, name="payers"),
    path("payers/new", new, name="payer-new"),
    path("payers/<slug:payer>", one, name="payer"),
    path("payers/<slug:payer>/change", change, name="payer-change"),
    path("payers/<slug:payer>/fees", fee, name="payer-fee"),
]
