"""Sites: where treatment happens, which day it is there, and what a claim says of the place."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext, gettext_lazy

from fifteen.clinic.notes.services import today
from fifteen.clinic.tenancy import access, services
from fifteen.clinic.tenancy.models import Site
from fifteen.clinic.tenancy.services import SiteChanged, SiteRefused
from fifteen.web.clinic import trouble
from fifteen.web.clinic.edge import SAFE
from fifteen.web.clinic.routes import needs
from fifteen.web.said import said
from fifteen.web.surroundings import rulebook

WORDS = {
    "name": gettext_lazy("Write the name by which people know this site, at most 120 characters."),
    "name_taken": gettext_lazy("Another site already has this name. Add the street or the town."),
    "zone": gettext_lazy("Choose a time zone of the list."),
    "locality": gettext_lazy("Choose a locality of the list, or leave it as not known."),
    "billing": gettext_lazy("Choose how this site bills."),
    "place_of_service": gettext_lazy("Choose a place of the list, or leave it as not known."),
    "npi": gettext_lazy("This is no NPI: it has ten digits, and the last one checks the others. Look at it again."),
    "address": gettext_lazy("Write the address in one line of at most 200 characters."),
}
BILLING = {
    "private-practice": gettext_lazy("Private practice"),
    "physician-group": gettext_lazy("Physician group"),
    "incident-to": gettext_lazy("Incident to a physician's services"),
    "facility": gettext_lazy("Facility (institutional claims)"),
    "critical-access-hospital": gettext_lazy("Critical access hospital"),
}
DONE = {
    "added": gettext_lazy("The site is added."),
    "changed": gettext_lazy("The site is changed. Days already stored keep their date."),
}


@needs("sites.read")
def all_sites(request: HttpRequest) -> HttpResponse:
    given = {"sites": access.sites(), "done": DONE.get(request.GET.get("done", ""))}
    return render(request, "clinic/sites.html", given)


@needs("sites.write")
def new(request: HttpRequest) -> HttpResponse:
    if request.method in SAFE:
        return _form(request, None, {"zone": services.USUAL_ZONES[0]})
    typed = _typed(request)
    try:
        services.add_site(**{"name": "", "zone": "", **_known(typed)})
    except SiteRefused as refused:
        return _form(request, None, typed, {refused.field: WORDS[refused.reason]}, status=422)
    return HttpResponseRedirect("/sites?done=added")


@needs("sites.write")
def one(request: HttpRequest, id: str) -> HttpResponse:
    site = access.site(id)
    if site is None:
        return trouble.missing(request)
    if request.method in SAFE:
        return _form(request, site, _values(site))
    typed = _typed(request)
    before = {name: request.POST[f"{name}_before"] for name in services.FIELDS if f"{name}_before" in request.POST}
    try:
        services.change_site(site, _known(typed, site), before)
    except SiteRefused as refused:
        words = {refused.field: WORDS[refused.reason]}
        return _form(request, site, typed, words, before=before, status=422)
    except SiteChanged:
        return _form(request, site, typed, changed=True, status=409)
    return HttpResponseRedirect("/sites?done=changed")


def localities(on: date) -> list[tuple[str, str]]:
    """Medicare's localities of the year, by state and place; empty where the rulebook does not hold the year."""
    table = rulebook().tables.get(f"gpci_{on.year}")
    if table is None:
        return []
    key, state, place = (table.columns.index(each) for each in ("locality", "state", "name"))
    return sorted({(row[key], f"{row[state]} · {row[place].title()} ({row[key]})") for row in table.rows}, key=_second)


def places(on: date) -> list[tuple[str, str]]:
    """CMS's places of service that were in force on the day."""
    book = rulebook()
    codes = sorted({row[0] for row in book.tables["place_of_service"].rows})
    rows = [(code, book.row("place_of_service", code, on)) for code in codes]
    return [(code, f"{code} · {said(row['label'])}") for code, row in rows if row is not None]


def _second(pair: tuple[str, str]) -> str:
    return pair[1]


def _values(site: Site) -> dict[str, str]:
    return {name: str(getattr(site, name)) for name in services.FIELDS}


def _typed(request: HttpRequest) -> dict[str, str]:
    return {name: request.POST[name] for name in services.FIELDS if name in request.POST}


def _known(typed: dict[str, str], site: Site | None = None) -> dict[str, str]:
    """The same; `SiteRefused` for a locality or a place that the rulebook does not hold, unless it stood there."""
    for name, held in (("locality", localities), ("place_of_service", places)):
        value = typed.get(name, "")
        stands = site is not None and value == getattr(site, name)
        if value and not stands and value not in dict(held(today())):
            raise SiteRefused(name, name)
    return typed


def _form(
    request: HttpRequest, site: Site | None, typed: dict[str, str], errors: dict[str, Any] | None = None,
    *, before: dict[str, str] | None = None, changed: bool = False, status: int = 200,
) -> HttpResponse:  # fmt: skip
    zones = [
        (gettext("Usual"), [(each, each.replace("_", " ")) for each in services.USUAL_ZONES]),
        (gettext("All others"), [(each, each.replace("_", " ")) for each in services.other_zones()]),
    ]
    seen = before if before is not None else (_values(site) if site else {})
    given = {
        "site": site, "typed": {"billing": "private-practice"} | typed, "errors": errors or {}, "zones": zones,
        "changed": changed, "before": seen.items(), "billings": [(each, str(word)) for each, word in BILLING.items()],
        "localities": localities(today()), "places": places(today()),
    }  # fmt: skip
    return render(request, "clinic/site.html", given, status=status)


urlpatterns = [
    path("sites", all_sites, name="sites"),
    path("sites/new", new, name="site-new"),
    path("sites/<slug:id>", one, name="site"),
]
