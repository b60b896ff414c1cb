"""Sessions and devices: a person's own, everybody's for the owner, the tablets of the house, and one's PIN."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fifteen.clinic.accounts import devices, pins, sessions
from fifteen.clinic.accounts.models import Session, User
from fifteen.clinic.audit.record import record
from fifteen.clinic.tenancy import access
from fifteen.clinic.tenancy.clock import now
from fifteen.web.clinic import trouble
from fifteen.web.clinic.cookies import give_device, take
from fifteen.web.clinic.locked_pages import KEYS, device_of
from fifteen.web.clinic.routes import needs


@needs("sessions.own")
@require_GET
def own(request: HttpRequest) -> HttpResponse:
    """A person's own sessions."""
    return _own(request)


def _own(request: HttpRequest, **told: Any) -> HttpResponse:
    session, user = _who(request)
    found = [(each, browser(each.agent), each.id == session.id) for each in sessions.running_of(user)]
    return render(
        request, "clinic/sessions.html",
        {"found": found, "others": len(found) > 1, "zone": _zone(), "path": "/sessions", **told},
    )  # fmt: skip


@needs("sessions.own")
@require_POST
def end_own(request: HttpRequest, session_id: str) -> HttpResponse:
    """End one of one's own sessions; ending this one is a log-out."""
    this, user = _who(request)
    return _end(request, sessions.running_of(user).filter(id=session_id).first(), this, "/sessions")


@needs("sessions.own")
@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """End all of one's own sessions but this one."""
    this, user = _who(request)
    count = sessions.end_all(user, but=this)
    record("sessions_ended", at=now(), kind="person", object=user.id, count=count)
    return HttpResponseRedirect("/sessions")


@needs("sessions.all")
@require_GET
def everybody(request: HttpRequest) -> HttpResponse:
    """Everybody's sessions, and the tablets of the house."""
    return _everybody(request)


def _everybody(request: HttpRequest, *, status: int = 200, **told: Any) -> HttpResponse:
    session, _user = _who(request)
    found = [(each, browser(each.agent), each.id == session.id) for each in sessions.running()]
    told = {
        "found": found, "devices": list(devices.registered()), "here": device_of(request),
        "sites": list(access.sites()), "zone": _zone(), **told,
    }  # fmt: skip
    return render(request, "clinic/sessions_all.html", told, status=status)


@needs("sessions.all")
@require_POST
def end_any(request: HttpRequest, session_id: str) -> HttpResponse:
    """End anybody's session."""
    this, _user = _who(request)
    return _end(request, sessions.running().filter(id=session_id).first(), this, "/sessions/all")


@needs("sessions.all")
@require_POST
def register(request: HttpRequest) -> HttpResponse:
    """Make the browser that asks a registered device."""
    _session, user = _who(request)
    label = request.POST.get("label", "").strip()
    places = list(access.sites())
    site = next((each for each in places if each.id == request.POST.get("site", "")), None)
    here = device_of(request)
    said = ""
    if here is not None:
        said = gettext("This browser is registered already, as “%(label)s”. End that device first.") % {
            "label": here.label
        }
    elif not 1 <= len(label) <= 80:
        said = gettext("Write what the tablet is called, in at most 80 letters: people find it by that name.")
    elif places and site is None:
        said = gettext("Choose the site where the tablet stays: its clock says when the tablet's day ends.")
    if said:
        return _everybody(request, status=422, said=said, label=label)
    device, token = devices.register(label, site=site, by=user)
    record("device_registered", at=now(), kind="device", object=device.id)
    response = HttpResponseRedirect("/sessions/all")
    give_device(response, token)
    return response


@needs("sessions.all")
@require_POST
def end_device(request: HttpRequest, device_id: str) -> HttpResponse:
    """End a device that is lost or given away, and every session on it."""
    this, _user = _who(request)
    device = devices.registered().filter(id=device_id).first()
    if device is None:
        return trouble.missing(request)
    count = devices.end(device)
    record("device_ended", at=now(), kind="device", object=device.id, sessions=count)
    response = HttpResponseRedirect("/login" if this.device_id == device.id else "/sessions/all")
    if device.token == sessions.hashed(request.COOKIES.get(settings.DEVICE_COOKIE, "")):
        take(response, settings.DEVICE_COOKIE)
    return response


@needs("sessions.pin")
@require_http_methods(["GET", "POST"])
def pin(request: HttpRequest) -> HttpResponse:
    """Set one's own PIN for the tablets of the house."""
    _session, user = _who(request)
    said = ""
    if request.method == "POST":
        first, again = request.POST.get("pin", ""), request.POST.get("again", "")
        said = _pin_trouble(first, again)
        if not said:
            pins.set_pin(user, first)
            record("pin_set", at=now(), kind="person", object=user.id)
            return HttpResponseRedirect("/sessions")
    return render(request, "clinic/pin.html", {"said": said, "keys": KEYS}, status=422 if said else 200)


def _pin_trouble(first: str, again: str) -> str:
    found = pins.trouble(first)
    if found == "digits":
        return gettext("A PIN is 4 to 8 digits. Nothing was changed; choose another.")
    if found == "repeat":
        return gettext("A PIN that repeats itself, like 0000 or 1212, is guessed first. Choose another.")
    if found == "sequence":
        return gettext("A PIN of digits in a row, like 1234 or 4321, is guessed first. Choose another.")
    return "" if first == again else gettext("The two PINs are not the same. Nothing was changed; write both again.")


def _end(request: HttpRequest, found: Session | None, this: Session, where: str) -> HttpResponse:
    if found is None:
        return trouble.missing(request)
    sessions.end(found)
    record("session_ended", at=now(), kind="session", object=found.id, person=found.user_id)
    if found.id != this.id:
        return HttpResponseRedirect(where)
    response = HttpResponseRedirect("/login")
    take(response, settings.SESSION_COOKIE)
    return response


_BROWSERS = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    ("Android", "Android"), ("iPad", "iPad"), ("iPhone", "iPhone"), ("Windows", "Windows"), ("Mac OS", "Mac"),
    ("CrOS", "Chromebook"), ("Linux", "Linux"),
)  # fmt: skip


def browser(agent: str) -> str:
    """What a browser says of itself in two words."""
    name = next((said for mark, said in _BROWSERS if mark in agent), "")
    system = next((said for mark, said in _SYSTEMS if mark in agent), "")
    return ", ".join(filter(None, (name, system)))


def _zone() -> str:
    return devices.zone_of(None).key


def _who(request: HttpRequest) -> tuple[Session, User]:
    return request.session_row, request.user_row  # type: ignore[attr-defined]


urlpatterns = [
    path("sessions", own, name="sessions"),
    path("sessions/end-others", end_others, name="sessions-end-others"),
    path("sessions/pin", pin, name="sessions-pin"),
    path("sessions/all", everybody, name="sessions-all"),
    path("sessions/all/<str:session_id>/end", end_any, name="sessions-all-end"),
    path("sessions/<str:session_id>/end", end_own, name="sessions-end"),
    path("devices/register", register, name="devices-register"),
    path("devices/<str:device_id>/end", end_device, name="devices-end"),
]
