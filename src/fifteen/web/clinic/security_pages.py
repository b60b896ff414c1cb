"""Security: the numbers an organization may set, and what protects it at this moment."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from fifteen.clinic.accounts import devices, facts, policies, sessions
from fifteen.clinic.tenancy.protections import protections
from fifteen.web.clinic.routes import needs

_LABELS = {
    "idle_minutes": gettext_lazy("Minutes without use until a session is locked"),
    "session_hours": gettext_lazy("Hours until a session ends, however busy"),
    "fresh_minutes": gettext_lazy("Minutes that a proof counts as fresh, for signing and the like"),
    "break_glass_hours": gettext_lazy("Hours that break-glass opens a record"),
}


@needs("security.read")
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """What is set, and what protects."""
    return render(request, "clinic/security.html", {
        "fields": _fields(), "keys": facts.keys(), "checkpoints": facts.checkpoints(), "database": protections(),
        "zone": devices.zone_of(None).key,
    })  # fmt: skip


@needs("security.write")
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest) -> HttpResponse:
    """Change what is set."""
    if request.method != "POST":
        return _form(request)
    asked = {name: request.POST.get(name, "").strip() for name in policies.RANGES}
    try:
        policies.change(asked, version=request.POST.get("version", ""))
    except policies.OutOfRange as problem:
        said = gettext("Nothing was changed: each number must be within its range. Correct the marked ones.")
        return _form(request, asked, wrong=problem.names, said=said, status=422)
    except policies.Stale:
        said = gettext(
            "Nothing was changed: somebody else changed these settings meanwhile. What is set now is shown; "
            "look at it and change it again."
        )
        return _form(request, said=said, status=409)
    return HttpResponseRedirect("/security")


def _form(
    request: HttpRequest, asked: dict[str, str] | None = None, *, wrong: list[str] | None = None, said: str = "",
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    told = {"fields": _fields(asked, wrong), "version": sessions.policy().version, "said": said}
    return render(request, "clinic/security_change.html", told, status=status)


def _fields(asked: dict[str, str] | None = None, wrong: list[str] | None = None) -> list[dict[str, Any]]:
    """Each number with its label, range and value, or what was typed for it."""
    found = sessions.policy()
    return [
        {
            "name": name, "label": _LABELS[name], "low": range_.low, "high": range_.high,
            "wrong": name in (wrong or ()), "value": (asked or {}).get(name, getattr(found, name)),
        }
        for name, range_ in policies.RANGES.items()
    ]  # fmt: skip


urlpatterns = [
    path("security", page, name="security"),
    path("security/change", change, name="security-change"),
]
