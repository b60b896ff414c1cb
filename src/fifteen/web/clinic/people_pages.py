"""People and roles: who may log in as what. Forms stand behind a fresh proof, so that sending them asks for none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext, gettext_lazy

from fifteen.clinic.accounts import access, people_services
from fifteen.clinic.accounts.access import Person
from fifteen.clinic.accounts.matrix import matrix
from fifteen.clinic.accounts.models import User
from fifteen.clinic.accounts.people_services import Changed, Refused, Troubles
from fifteen.clinic.notes.credentials import CREDENTIALS
from fifteen.clinic.notes.services import today
from fifteen.clinic.tenancy.errors import Refused as NotReadable
from fifteen.web.clinic import trouble
from fifteen.web.clinic.edge import SAFE
from fifteen.web.clinic.forms import day
from fifteen.web.clinic.routes import needs

CREDENTIALS_OF_ALL = sorted({each for found in CREDENTIALS.values() for each in found})
STATES = {
    "active": ("good", gettext_lazy("Active")),
    "invited": ("info", gettext_lazy("Invited")),
    "expired": ("warn", gettext_lazy("Invitation ran out")),
    "no_second": ("warn", gettext_lazy("No second factor")),
    "locked_out": ("block", gettext_lazy("Locked out")),
    "off": ("off", gettext_lazy("Switched off")),
}
WORDS = {
    "name": gettext_lazy("Write the name as it should stand beside what the person does, at most 120 characters."),
    "login": gettext_lazy("Use 2 to 120 letters, digits or . _ @ + - without spaces; an e-mail address works."),
    "login_taken": gettext_lazy("Someone here already logs in with this. Choose another, or open that person."),
    "role": gettext_lazy("Choose one of the roles."),
    "discipline": gettext_lazy("Who treats has a discipline: choose PT, OT or SLP."),
    "last_owner": gettext_lazy(
        "This is the last owner who can log in. Nothing was changed. Make someone else an owner first."
    ),
    "not_invited": gettext_lazy("This person already has a password, or is switched off. No new link was made."),
    "npi": gettext_lazy("This is no NPI: it has ten digits, and the last one checks the others. Look at it again."),
    "credential": gettext_lazy("Choose the credential of this licence."),
    "state": gettext_lazy("Write the state in two letters, such as OR."),
    "number": gettext_lazy("Write the number of the licence in at most 30 characters."),
    "ends": gettext_lazy("The licence ends before it begins; look at the days again."),
    "no_licence": gettext_lazy("This licence is not this person's. Nothing was changed."),
    "day": gettext_lazy("A day cannot be read; write it as year-month-day, such as 2026-03-02."),
    "own_second": gettext_lazy("Another owner resets yours. With a recovery code you get in without one."),
}
DONE = {
    "role": gettext_lazy("The role is changed, and every session of this person has ended."),
    "off": gettext_lazy("Switched off. Every session of this person has ended; what they wrote stays."),
    "on": gettext_lazy("Switched on. This person can log in again."),
    "in": gettext_lazy("Let in again. This person can log in at once."),
    "npi": gettext_lazy("The NPI is stored."),
    "licence": gettext_lazy("The licence is stored."),
    "second": gettext_lazy("The second factor is reset. The next log-in sets up a new one."),
}


def role_choices() -> list[tuple[str, str]]:
    return [(name, gettext(title)) for name, title in matrix().roles.items()]


def matrix_rows() -> list[dict[str, Any]]:
    """The matrix as a table: a row for each action, a cell for each role."""
    found = matrix()
    return [
        {"title": gettext(each.title), "fresh": each.fresh, "cells": [role in each.roles for role in found.roles]}
        for each in found.actions.values()
    ]


def shown(person: Person) -> dict[str, Any]:
    """What templates show of a person."""
    kind, word = STATES[person.state]
    return {
        "id": person.user.id, "name": person.user.name, "login": person.user.login,
        "role": gettext(matrix().roles[person.user.role]), "discipline": person.user.discipline,
        "kind": kind, "state": person.state, "word": word, "last": person.last, "made": person.user.made,
        "proofs": person.proofs, "capped": person.capped,
    }  # fmt: skip


@needs("people.read")
def all_people(request: HttpRequest) -> HttpResponse:
    people = [shown(each) for each in access.people()]
    given = {"people": people, "matrix": matrix_rows(), "roles": [title for _, title in role_choices()]}
    return render(request, "clinic/people.html", given)


@needs("people.write")
def new(request: HttpRequest) -> HttpResponse:
    """A form; sent, the link that the new person opens, shown this once."""
    if request.method in SAFE:
        return _new_form(request, {"role": request.GET.get("role", "")})
    typed = {name: request.POST.get(name, "") for name in ("name", "login", "role", "discipline")}
    try:
        user, token = people_services.invite(**typed)
    except Refused as refused:
        each = refused.each if isinstance(refused, Troubles) else [refused]
        return _new_form(request, typed, {one.field: WORDS[one.reason] for one in each}, 422)
    return _link(request, user, token)


@needs("people.read")
def one(request: HttpRequest, id: str) -> HttpResponse:
    person = access.person(id)
    if person is None:
        return trouble.missing(request)
    given = {
        "person": shown(person), "done": DONE.get(request.GET.get("done", "")), "npi": person.user.npi,
        "licences": access.licences(person.user), "today": today(),
        "treats": person.user.role in people_services.TREATS,
    }  # fmt: skip
    return render(request, "clinic/person.html", given)


@needs("people.write")
def change(request: HttpRequest, id: str) -> HttpResponse:
    """What an owner can change of a person; each button is a form of its own."""
    person = access.person(id)
    if person is None:
        return trouble.missing(request)
    if request.method in SAFE:
        return _change_form(request, person)
    sent = request.POST.get("do", "")
    if sent not in _DO:
        return _change_form(request, person, status=422)
    try:
        done = _DO[sent](request, person.user, _version(request))
    except Refused as refused:
        return _change_form(request, person, refused=refused, status=422)
    except Changed:
        return _change_form(request, person, changed=True, status=409)
    return done or HttpResponseRedirect(f"/people/{person.user.id}?done={sent}")


def _role(request: HttpRequest, user: User, version: int) -> None:
    people_services.change_role(user, request.POST.get("role", ""), request.POST.get("discipline", ""), version)


def _off(request: HttpRequest, user: User, version: int) -> None:
    people_services.switch_off(user, version)


def _on(request: HttpRequest, user: User, version: int) -> None:
    people_services.switch_on(user, version)


def _second(request: HttpRequest, user: User, version: int) -> None:
    people_services.reset_second_factor(user, version)


def _in(request: HttpRequest, user: User, version: int) -> None:
    people_services.let_in(user)


def _npi(request: HttpRequest, user: User, version: int) -> None:
    people_services.set_npi(user, request.POST.get("npi", ""), version)


def _licence(request: HttpRequest, user: User, version: int) -> None:
    sent = {name: request.POST.get(name, "") for name in ("credential", "state", "number", "licence")}
    people_services.set_licence(user, version, **sent, starts=_day(request, "starts"), ends=_day(request, "ends"))


def _day(request: HttpRequest, name: str) -> date | None:
    try:
        return day(request, name)
    except NotReadable:
        raise Refused("day", name) from None


def _invite(request: HttpRequest, user: User, version: int) -> HttpResponse:
    return _link(request, user, people_services.invite_again(user))


_DO: dict[str, Callable[[HttpRequest, User, int], HttpResponse | None]] = {
    "role": _role, "off": _off, "on": _on, "second": _second, "in": _in, "invite": _invite, "npi": _npi,
    "licence": _licence,
}  # fmt: skip


def _version(request: HttpRequest) -> int:
    """The version that the page had shown; 0, which no person has, where it is none."""
    typed = request.POST.get("version", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else 0


def _new_form(
    request: HttpRequest, typed: dict[str, str], errors: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    given = {"typed": typed, "errors": errors or {}, "roles": role_choices(), "disciplines": _disciplines()}
    return render(request, "clinic/person_new.html", given, status=status)


def _change_form(
    request: HttpRequest, person: Person, *, refused: Refused | None = None, changed: bool = False, status: int = 200
) -> HttpResponse:
    user = person.user
    sent = {name: request.POST.get(name, "") for name in ("role", "discipline")} if refused else {}
    given = {
        "person": shown(person), "seen": _version(request) if refused else user.version,
        "roles": role_choices(), "disciplines": _disciplines(),
        "role_now": sent.get("role") or user.role, "discipline_now": sent.get("discipline") or user.discipline,
        "refused": WORDS[refused.reason] if refused and refused.field not in ("discipline", "npi") else "",
        "discipline_error": WORDS[refused.reason] if refused and refused.field == "discipline" else "",
        "npi_now": request.POST.get("npi", user.npi) if refused and refused.field == "npi" else user.npi,
        "npi_error": WORDS[refused.reason] if refused and refused.field == "npi" else "",
        "licences": access.licences(user), "credentials": [(each, each) for each in CREDENTIALS_OF_ALL],
        "licence_typed": _licence_typed(request) if refused and request.POST.get("do") == "licence" else {},
        "changed": changed, "self": user == getattr(request, "user_row", None),
    }  # fmt: skip
    return render(request, "clinic/person_change.html", given, status=status)


def _licence_typed(request: HttpRequest) -> dict[str, str]:
    """What was typed into the form of a new licence, where it was not stored."""
    if request.POST.get("licence"):
        return {}
    return {name: request.POST.get(name, "") for name in ("credential", "state", "number", "starts", "ends")}


def _link(request: HttpRequest, user: User, token: str) -> HttpResponse:
    """The link, shown once: it is stored nowhere, so it cannot be shown again."""
    address = request.build_absolute_uri(f"/invited/{token}")
    return render(request, "clinic/person_invited.html", {"person": user, "address": address})


def _disciplines() -> list[tuple[str, str]]:
    return [("", gettext("None")), *((each, each) for each in people_services.DISCIPLINES)]


urlpatterns = [
    path("people", all_people, name="people"),
    path("people/new", new, name="person-new"),
    path("people/<slug:id>", one, name="person"),
    path("people/<slug:id>/change", change, name="person-change"),
]
