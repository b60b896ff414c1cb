"""The page of the first start: the organization and its first owner, by the code from the terminal."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_http_methods

from fifteen.clinic.accounts import setup
from fifteen.web.clinic import trouble
from fifteen.web.clinic.edge import address_of
from fifteen.web.clinic.routes import door

_FIELDS = ("organization", "name", "login", "password", "again")
_SECRET = ("password", "again")


@door("login")
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    if setup.done():
        return trouble.missing(request)
    sent = request.POST if request.method == "POST" else request.GET
    code = sent.get("code", "")
    if not setup.opens(code):
        return render(request, "clinic/setup_stale.html", status=403)
    if request.method != "POST":
        return render(request, "clinic/setup.html", {"code": code})
    first = setup.First(**{name: sent.get(name, "") for name in _FIELDS})
    if wrong := setup.troubles(first):
        kept = {name: getattr(first, name) for name in _FIELDS if name not in _SECRET}
        return render(request, "clinic/setup.html", {"code": code, "wrong": wrong, "kept": kept}, status=400)
    if setup.establish(code, first, address=address_of(request)) is None:
        return render(request, "clinic/setup_stale.html", status=403)
    return HttpResponseRedirect("/login")


urlpatterns = [path("setup", page, name="setup")]
