"""Break-glass: opening a record with a reason, and the alerts that compliance and owner mark as seen."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fifteen.clinic.accounts import break_glass, devices, sessions
from fifteen.clinic.accounts.models import User
from fifteen.clinic.tenancy.clock import now
from fifteen.web.clinic import trouble
from fifteen.web.clinic.routes import needs

_SHOWN = 200


@needs("break_glass")
@require_http_methods(["GET", "POST"])
def open_(request: HttpRequest, patient_id: str) -> HttpResponse:
    """Ask for the reason, and say how long the record is open."""
    patient = break_glass.patient(patient_id)
    if patient is None:
        return trouble.missing(request)
    user, said, reason = _user(request), "", request.POST.get("reason", "")
    if request.method == "POST":
        try:
            break_glass.open_(user, patient, reason)
            return HttpResponseRedirect(f"/break-glass/{patient.id}")
        except break_glass.NoReason:
            said = gettext(
                "Nothing was opened: the reason must have %(least)s to %(most)s letters. Write why you need it now."
            ) % {"least": break_glass.SHORTEST, "most": break_glass.LONGEST}
    told = {
        "patient": patient, "running": break_glass.running(user, patient), "said": said, "reason": reason,
        "hours": sessions.policy().break_glass_hours, "least": break_glass.SHORTEST, "most": break_glass.LONGEST,
        "zone": devices.zone_of(None).key,
    }  # fmt: skip
    return render(request, "clinic/break_glass.html", told, status=422 if said else 200)


@needs("break_glass.review")
@require_GET
def alerts(request: HttpRequest) -> HttpResponse:
    """Who opened what and why; what nobody has seen yet comes with a button."""
    newest = list(break_glass.alerts()[:_SHOWN])
    names = break_glass.names({each.patient for each in newest})
    found = [(each, names.get(each.patient, each.patient)) for each in newest]
    told = {"found": found, "shown": _SHOWN, "zone": devices.zone_of(None).key, "now": now()}
    return render(request, "clinic/break_glass_alerts.html", told)


@needs("break_glass.review")
@require_POST
def seen(request: HttpRequest, alert_id: str) -> HttpResponse:
    """Mark an alert as seen."""
    if not break_glass.mark_seen(alert_id, _user(request)):
        return trouble.missing(request)
    return HttpResponseRedirect("/break-glass")


@needs("break_glass.review")
@require_POST
def close(request: HttpRequest, alert_id: str) -> HttpResponse:
    """Close a record that is still open so."""
    if not break_glass.close(alert_id):
        return trouble.missing(request)
    return HttpResponseRedirect("/break-glass")


def _user(request: HttpRequest) -> User:
    user: User = request.user_row  # type: ignore[attr-defined]
    return user


urlpatterns = [
    path("break-glass", alerts, name="break-glass-alerts"),
    path("break-glass/<str:patient_id>", open_, name="break-glass"),
    path("break-glass/<str:alert_id>/seen", seen, name="break-glass-seen"),
    path("break-glass/<str:alert_id>/close", close, name="break-glass-close"),
]
