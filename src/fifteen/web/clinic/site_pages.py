"""Sites: where treatment happens, and which day it is there."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext, gettext_lazy

from fifteen.clinic.tenancy import access, services
from fifteen.clinic.tenancy.models import Site
from fifteen.clinic.tenancy.services import SiteChanged, SiteRefused
from fifteen.web.clinic import trouble
from fifteen.web.clinic.edge import SAFE
from fifteen.web.clinic.routes import needs

WORDS = {
    "name": gettext_lazy("Write the name by which people know this site, at most 120 characters."),
    "name_taken": gettext_lazy("Another site already has this name. Add the street or the town."),
    "zone": gettext_lazy("Choose a time zone of the list."),
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
    typed = {name: request.POST.get(name, "") for name in ("name", "zone")}
    try:
        services.add_site(**typed)
    except SiteRefused as refused:
        return _form(request, None, typed, {refused.field: WORDS[refused.reason]}, status=422)
    return HttpResponseRedirect("/sites?done=added")


@needs("sites.write")
def one(request: HttpRequest, id: str) -> HttpResponse:
    site = access.site(id)
    if site is None:
        return trouble.missing(request)
    if request.method in SAFE:
        return _form(request, site, {"name": site.name, "zone": site.zone})
    typed = {name: request.POST.get(name, "") for name in ("name", "zone")}
    before = (request.POST.get("name_before", ""), request.POST.get("zone_before", ""))
    try:
        services.change_site(site, typed["name"], typed["zone"], before)
    except SiteRefused as refused:
        return _form(request, site, typed, {refused.field: WORDS[refused.reason]}, before=before, status=422)
    except SiteChanged:
        return _form(request, site, typed, changed=True, status=409)
    return HttpResponseRedirect("/sites?done=changed")


def _form(
    request: HttpRequest, site: Site | None, typed: dict[str, str], errors: dict[str, Any] | None = None,
    *, before: tuple[str, str] | None = None, changed: bool = False, status: int = 200,
) -> HttpResponse:  # fmt: skip
    zones = [
        (gettext("Usual"), [(each, each.replace("_", " ")) for each in services.USUAL_ZONES]),
        (gettext("All others"), [(each, each.replace("_", " ")) for each in services.other_zones()]),
    ]
    seen = before or ((site.name, site.zone) if site else ("", ""))
    given = {"site": site, "typed": typed, "errors": errors or {}, "zones": zones, "changed": changed, "before": seen}
    return render(request, "clinic/site.html", given, status=status)


urlpatterns = [
    path("sites", all_sites, name="sites"),
    path("sites/new", new, name="site-new"),
    path("sites/<slug:id>", one, name="site"),
]
