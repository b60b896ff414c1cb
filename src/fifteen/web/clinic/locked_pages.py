"""Locked, and on again: lock now, unlock by PIN or passkey, and switch to another person on a tablet of the house."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from fifteen.clinic.accounts import devices, login_access, pins, services, sessions
from fifteen.clinic.accounts.models import Device, Session, User
from fifteen.clinic.audit.record import Who, acting_as, record
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.context import acting
from fifteen.web.clinic.cookies import back, give_session
from fifteen.web.clinic.edge import address_of
from fifteen.web.clinic.login import site_of
from fifteen.web.clinic.routes import door, needs


@needs("sessions.own")
@require_POST
def lock(request: HttpRequest) -> HttpResponse:
    """Lock now; unlocking goes back to where it was locked. On an open tablet the next person may go on as well."""
    session = _session(request)
    sessions.lock(session)
    record("session_locked", at=now(), kind="session", object=session.id)
    where = back(request.POST.get("next"))
    device = device_of(request)
    if device is not None and device.id == session.device_id and devices.day_open(device):
        return HttpResponseRedirect(f"/switch?next={quote(where, safe='')}")
    return HttpResponseRedirect("/locked" if where == "/home" else f"/locked?next={quote(where, safe='')}")


@door("locked")
@require_http_methods(["GET", "POST"])
def locked(request: HttpRequest) -> HttpResponse:
    """The page of a locked session: a passkey of its person, their PIN on a tablet of the house, or a full log-in."""
    session = _session(request)
    where = back(request.POST.get("next") or request.GET.get("next"))
    device = device_of(request)
    if device is not None and (device.id != session.device_id or not devices.day_open(device)):
        device = None
    by_pin = device is not None and session.mfa and bool(session.user.pin)
    said, status = "", 200
    if "credential" in request.POST:
        if (response := _by_passkey(request, session, where)) is not None:
            return response
        said, status = not_this_key(), 422
    elif request.method == "POST" and device is not None and by_pin:
        outcome = pins.attempt(session.user, device, request.POST.get("pin", ""))
        if outcome == "good":
            token = sessions.unlock(session, full=False)
            record("session_unlocked", at=now(), kind="session", object=session.id, by="pin")
            response = HttpResponseRedirect(where)
            give_session(request, response, token)
            return response
        record("session_unlocked", at=now(), kind="session", object=session.id, by="pin", outcome="refused")
        said, status = refused(outcome, session.user, device)
    if by_pin and device is not None and not pins.left(session.user, device):
        by_pin, said = False, said or spent()
    by_passkey = site_of(request).possible and "passkey" in login_access.second_factors(session.user)
    told = {
        "who": None, "person": session.user, "where": where, "by_pin": by_pin, "device": device, "said": said,
        "keys": KEYS, "by_passkey": by_passkey, "lone_passkey": by_passkey and not by_pin,
    }  # fmt: skip
    return render(request, "clinic/locked.html", told, status=status)


def _by_passkey(request: HttpRequest, session: Session, where: str) -> HttpResponse | None:
    """On with the session where the passkey was right: both proofs at once, so it opens the day of a tablet too."""
    state, came = services.take_challenge(session), services.Came(address_of(request))
    token = services.unlock_with_passkey(
        session, session.user, site_of(request), state, request.POST["credential"], came
    )  # fmt: skip
    if token is None:
        return None
    devices.opened_by(session, request.COOKIES.get(settings.DEVICE_COOKIE, ""))
    response = HttpResponseRedirect(where)
    give_session(request, response, token)
    return response


KEYS = (*"123456789", "", "0")
"""The PIN pad, row by row."""


@door("login")
@require_http_methods(["GET", "POST"])
def switch(request: HttpRequest) -> HttpResponse:
    """Who uses this tablet now: one tap on a name, one PIN."""
    device = device_of(request)
    if device is None:
        return render(request, "clinic/switch.html", {"who": None, "device": None}, status=404)
    with acting(device.organization_id), acting_as(Who(device=device.id, address=address_of(request))):
        if not devices.day_open(device):
            return render(request, "clinic/switch.html", {"who": None, "device": device, "closed": True}, status=403)
        return _switched(request, device) if request.method == "POST" else _choice(request, device)


def _switched(request: HttpRequest, device: Device) -> HttpResponse:
    chosen, name = request.POST.get("person", ""), request.POST.get("login", "").strip()
    if not name and not chosen:
        return _choice(request, device, said=gettext("Tap your name first, then write your PIN."), status=422)
    user = pins.person(name) if name else pins.person_by_id(chosen)
    outcome = pins.attempt(user, device, request.POST.get("pin", ""), name=name or chosen)
    if outcome != "good" or user is None:
        record("switched", at=now(), kind="person", object=user.id if user else "", outcome="refused")
        said, status = refused(outcome, user, device, name=name or chosen)
        return _choice(request, device, said=said, status=status, chosen=chosen)
    away: Session | None = request.session_row  # type: ignore[attr-defined]
    session, token = devices.switch(
        user, device, away=away,
        address=address_of(request), agent=request.headers.get("User-Agent", ""),
    )  # fmt: skip
    who = Who(user.id, user.role, session=session.id, device=device.id, address=address_of(request))
    with acting_as(who):
        record("switched", at=now(), kind="session", object=session.id)
    same = away is not None and away.user_id == user.id
    response = HttpResponseRedirect(back(request.POST.get("next")) if same else "/home")
    give_session(request, response, token)
    return response


def _choice(
    request: HttpRequest, device: Device, *, said: str = "", status: int = 200, chosen: str = ""
) -> HttpResponse:
    here: Session | None = request.session_row  # type: ignore[attr-defined]
    told: dict[str, Any] = {
        "who": None, "device": device, "said": said, "chosen": chosen or (here.user_id if here else ""), "keys": KEYS,
        "people": [(each, initials(each.name)) for each in devices.people_today(device)],
        "where": back(request.POST.get("next") or request.GET.get("next")),
    }  # fmt: skip
    return render(request, "clinic/switch.html", told, status=status)


def initials(name: str) -> str:
    """The first letters of a name's first and last word."""
    words = name.split()
    return "".join(word[0] for word in dict.fromkeys((words[0], words[-1]))).upper() if words else ""


def refused(outcome: pins.Outcome, user: User | None, device: Device, *, name: str = "") -> tuple[str, int]:
    """What is said after a PIN that was not right, and the status of the answer."""
    if outcome == "spent":
        return spent(), 429
    tries = pins.left(user, device, name=name)
    said = ngettext(
        "This PIN is not right; %(tries)s try is left. Try again, or log in fully.",
        "This PIN is not right; %(tries)s tries are left. Try again, or log in fully.",
        tries,
    )
    return said % {"tries": tries}, 422


def spent() -> str:
    return gettext("Five PINs were not right, so no PIN is taken here any more. Log in fully with both proofs.")


def not_this_key() -> str:
    return gettext(
        "The passkey did not unlock the session: it is another person's, its answer came too late, or there were too "
        "many tries. Try again, or log in fully; after five failures wait 15 minutes."
    )


def device_of(request: HttpRequest) -> Device | None:
    """The registered device that asks; one of another organization than the session's is none."""
    found = devices.find(request.COOKIES.get(settings.DEVICE_COOKIE, ""))
    session: Session | None = request.session_row  # type: ignore[attr-defined]
    if found is not None and session is not None and session.organization_id != found.organization_id:
        return None
    return found


def _session(request: HttpRequest) -> Session:
    session = request.session_row  # type: ignore[attr-defined]
    assert isinstance(session, Session)
    return session


urlpatterns = [
    path("lock", lock, name="lock"),
    path("locked", locked, name="locked"),
    path("switch", switch, name="switch"),
]
