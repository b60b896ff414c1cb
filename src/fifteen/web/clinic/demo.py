"""The door of a demonstration: everybody of the fictional practice with a button each, for this machine alone.

Its addresses stand in `demo_urls.py`, which only the settings of the demonstration name.
"""

from __future__ import annotations

import ipaddress
from itertools import groupby
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from fifteen.clinic import demo
from fifteen.clinic.accounts import access, services
from fifteen.clinic.accounts.matrix import matrix
from fifteen.clinic.tenancy import access as tenancy
from fifteen.clinic.tenancy.context import acting
from fifteen.clinic.tenancy.errors import NotFound
from fifteen.clinic.tenancy.models import Organization
from fifteen.web.clinic.cookies import give_session
from fifteen.web.clinic.edge import address_of
from fifteen.web.clinic.routes import door

_MOST = 3  # of each kind are told of


@door("login")
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """The people by role."""
    organization = _here(request)
    with acting(organization.id):
        people = [each.user for each in access.people() if each.user.active]
    order = list(matrix().roles)
    people.sort(key=lambda user: (order.index(user.role), user.discipline, user.name))
    groups = [
        {"title": _(matrix().roles[role]), "people": list(those)}
        for role, those in groupby(people, key=lambda user: user.role)
    ]
    shown = {
        "who": None,
        "groups": groups,
        "practice": organization.name,
        "planted": _to_find(),
        "inside": _inside(request),
    }
    return render(request, "clinic/demo.html", shown)


@door("login")
@require_POST
def enter(request: HttpRequest) -> HttpResponse:
    """Go on as this person, with both proofs."""
    organization = _here(request)
    running = getattr(request, "session_row", None)
    if running is not None:
        services.log_out(running, running.user)
    came = services.Came(address_of(request), request.headers.get("User-Agent", ""))
    with acting(organization.id):
        token = demo.enter(request.POST.get("person", ""), came)
        if token is None:
            raise NotFound("person")
    response = HttpResponseRedirect("/home")
    give_session(request, response, token)
    return response


def _inside(request: HttpRequest) -> bool:
    running = getattr(request, "session_row", None)
    return running is not None and running.mfa


def _to_find() -> list[dict[str, Any]]:
    """What was planted, by kind in the order of the words below; a few patients of each, with the newest day."""
    found: dict[str, dict[str, demo.ToFind]] = {}
    for each in demo.to_find():
        found.setdefault(each.kind, {}).setdefault(each.patient, each)
    words = _words()
    return [{"said": words[kind], "places": list(found[kind].values())[:_MOST]} for kind in words if kind in found]


def _words() -> dict[str, str]:
    return {
        "overlap": _("A therapist is recorded with two patients at once for four minutes."),
        "late-note": _("A note was signed twelve days after the visit, without a reason."),
        "unsigned-note": _("A note is still a draft."),
        "note-minutes": _("A note states seven minutes more than the intervals have."),
        "no-skilled-reason": _("No word of a note says why a therapist was needed."),
        "59-attested": _("59 was attested on what the record shows, and stands."),
        "59-not-attested": _("59 was not attested, and the line waits."),
        "59-not-shown": _("59 was attested without a clock and without a ground, and the line waits."),
        "59-lapsed": _("59 was attested on other minutes than are recorded now: it lapsed, and the line waits."),
        "kx-attested": _("Over the therapy threshold, with KX attested."),
        "kx-not-attested": _("Over the therapy threshold, and nobody attested KX: the lines wait."),
        "assistant-cq": _("Minutes of an assistant put CQ on one line and not on the other."),
        "assistant-co": _("Minutes of an assistant put CO on one line and not on the other."),
        "pooled-remainder": _("33 and 7 minutes make 3 units: what is left over is pooled."),
        "three-short-services": _("10, 9 and 12 minutes make 2 units, not 3."),
        "zero-unit": _("A service of 5 minutes is documented and earns no unit."),
        "authorization-exceeded": _("More visits than were authorized."),
        "authorization-running-out": _("One authorized visit is left."),
        "certification-overdue": _("A plan was sent and never signed, and the time for it is over."),
        "certification-delayed": _("A plan was signed late, with the reason."),
        "certification-ran-out": _("Treated after the last day of the plan."),
        "missed-report": _("No progress report after ten treatment days."),
        "unknown-payer": _("Nothing is known of the payer, and the day waits."),
    }  # fmt: skip


def _here(request: HttpRequest) -> Organization:
    """The practice, where this is a demonstration and the request came from this machine; else there is no page."""
    organization = tenancy.organization_of("")
    if not getattr(settings, "DEMO", False) or not _of_this_machine(request) or organization is None:
        raise Http404
    return organization


def _of_this_machine(request: HttpRequest) -> bool:
    try:
        return ipaddress.ip_address(address_of(request)).is_loopback and not getattr(request, "forwarded", False)
    except ValueError:
        return False


def page_settings(request: HttpRequest) -> dict[str, Any]:
    """What the pages of a demonstration say of themselves."""
    return {"demo": bool(getattr(settings, "DEMO", False))}


urlpatterns = [path("demo", page, name="demo"), path("demo/enter", enter, name="demo-enter")]
