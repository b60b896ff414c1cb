"""The first page behind the log-in: what this person may open, and for an owner what is still to be set up."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from fifteen.clinic.accounts import access, break_glass
from fifteen.clinic.accounts.matrix import matrix
from fifteen.clinic.tenancy.access import sites
from fifteen.web.clinic.routes import needs


def first_run() -> list[dict[str, object]]:
    """What a clinic needs before it is usable: each with whether it is there, read from what is stored."""
    people = [each for each in access.people() if each.user.active]
    return [
        {
            "done": access.owners_ready() > 1, "href": "/people/new?role=owner",
            "title": gettext("Invite a second owner"),
            "why": gettext("So that nobody is shut out when one of you is away."),
        },
        {
            "done": sites().exists(), "href": "/sites/new",
            "title": gettext("Register your sites"),
            "why": gettext("Their time zone decides which day a visit is on."),
        },
        {
            "done": all(each.proofs for each in people), "href": "/people",
            "title": gettext("Set up second factors for all"),
            "why": gettext("Nobody sees a patient with a password alone."),
        },
    ]  # fmt: skip


@needs("sessions.own")
def page(request: HttpRequest) -> HttpResponse:
    user = request.user_row  # type: ignore[attr-defined]
    steps = first_run() if user.role == "owner" else []
    left = sum(not each["done"] for each in steps)
    review = matrix().allows(user.role, "break_glass.review")
    shown = {
        "steps": steps if left else [], "left": left, "of": len(steps),
        "alerts": break_glass.unseen().count() if review else 0,
    }  # fmt: skip
    return render(request, "clinic/home.html", shown)
