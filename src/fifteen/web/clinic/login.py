"""Logging in, step by step: a password or a passkey, the second proof, setting one up, proving again, logging out."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import render
from django.urls import path
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fifteen.clinic.accounts import devices, lockout, login_access, passkeys, passwords, proofs, services, sessions
from fifteen.clinic.accounts.limits import CHALLENGE
from fifteen.clinic.accounts.models import Session, User
from fifteen.clinic.tenancy import access as tenancy
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.context import acting
from fifteen.web.clinic.cookies import take
from fifteen.web.clinic.edge import address_of
from fifteen.web.clinic.routes import door, needs

_HOME = "/home"
_form = require_http_methods(["GET", "HEAD", "POST"])


@door("login")
@_form
def page(request: HttpRequest) -> HttpResponse:
    """A login and a password, or a passkey alone."""
    if request.method != "POST":
        running = _running(request)
        inside = running is not None and running.mfa and running.locked is None
        return _go(_next(request)) if inside else _login_page(request)
    if "credential" in request.POST:
        begun = _with_passkey(request)
    else:
        organization = services.only_organization(request.POST.get("organization", ""))
        begun = services.log_in(
            organization, _typed(request, "login"), request.POST.get("password", ""), _came(request)
        )
    if begun is None:
        return _login_page(request, tried=True)
    _leave(request)
    where = _next(request) if begun.session.mfa else _to("/login/second", request)
    return _enter(request, _go(where), begun.token)


@door("login")
@require_POST
def passkey(request: HttpRequest) -> HttpResponse:
    """What a browser needs to ask for a passkey, of whoever is there; what was asked is kept in a signed cookie."""
    options, state = passkeys.ask(site_of(request))
    kept = signing.dumps({**state, "until": (now() + CHALLENGE).isoformat()}, salt="challenge")
    response = JsonResponse(options)
    _cookie(response, settings.CHALLENGE_COOKIE, kept, samesite="Strict")
    return response


@door("half")
@_form
def second(request: HttpRequest) -> HttpResponse:
    """The second proof: a code of an app, a recovery code, or a passkey."""
    session, user = _who(request)
    have = login_access.second_factors(user)
    if not have:
        return _go(_to("/login/enrol", request))
    if request.method != "POST":
        return _second_page(request, have)
    if "credential" in request.POST:
        state = services.take_challenge(session)
        token = services.second_with_passkey(session, user, site_of(request), state, request.POST["credential"])
    elif "recovery" in request.POST:
        token = services.second(session, user, "recovery", _typed(request, "recovery"), _came(request))
    else:
        token = services.second(session, user, "totp", _typed(request, "code"), _came(request))
    if token is None:
        return _second_page(request, have, tried=True)
    return _enter(request, _go(_next(request)), token)


@door("half")
@require_POST
def second_passkey(request: HttpRequest) -> HttpResponse:
    """What a browser needs to ask for one of this person's passkeys."""
    return _asked(request)


@door("half")
@_form
def enrol(request: HttpRequest) -> HttpResponse:
    """Who has no second factor sets one up before anything else. Who has one proves it: a password alone adds none."""
    session, user = _who(request)
    if login_access.second_factors(user):
        return _go(_to("/login/second", request))
    if request.method != "POST":
        return _enrol_page(request)
    if "credential" in request.POST:
        added = services.enrol_passkey(user, session, site_of(request), request.POST["credential"])
    else:
        added = services.enrol_totp(user, session, _typed(request, "code"))
    if not added:
        return _enrol_page(request, tried=True)
    codes, token = services.first_codes(session, user)
    return _enter(request, _codes_page(request, codes, _next(request)), token)


@door("half")
@require_POST
def enrol_passkey(request: HttpRequest) -> HttpResponse:
    """What a browser needs to make a person's first passkey."""
    return HttpResponse(status=409) if login_access.second_factors(_who(request)[1]) else _asked(request, new=True)


@door("again")
@_form
def prove(request: HttpRequest) -> HttpResponse:
    """Both proofs again, for what asks for fresh ones."""
    session, user = _who(request)
    if request.method != "POST":
        return _prove_page(request)
    if "credential" in request.POST:
        state = services.take_challenge(session)
        token = services.prove_with_passkey(session, user, site_of(request), state, request.POST["credential"])
    else:
        token = services.prove(session, user, request.POST.get("password", ""), _typed(request, "code"), _came(request))
    if token is None:
        return _prove_page(request, tried=True)
    return _enter(request, _go(_next(request)), token)


@door("again")
@require_POST
def prove_passkey(request: HttpRequest) -> HttpResponse:
    """What a browser needs to ask again for one of this person's passkeys."""
    return _asked(request)


@door("locked")
@require_POST
def unlock_passkey(request: HttpRequest) -> HttpResponse:
    """What a browser needs to ask for a passkey of the person whose session is locked."""
    have = login_access.second_factors(_who(request)[1])
    return _asked(request) if "passkey" in have else HttpResponse(status=409)


@door("login")
@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """The end of this session; with `everywhere`, of every session of the person."""
    session = _running(request)
    if session is not None:
        services.log_out(session, session.user, everywhere="everywhere" in request.POST)
    response = _go("/login")
    take(response, settings.SESSION_COOKIE)
    return response


@door("login")
@_form
def invited(request: HttpRequest, token: str) -> HttpResponse:
    """A link, good once, to choose a password by."""
    user = services.invited(token)
    if user is None:
        return render(request, "clinic/login/invited.html", {"who": None, "gone": True}, status=404)
    context: dict[str, Any] = {"who": None, "login": user.login, "name": user.name}
    if request.method != "POST":
        return render(request, "clinic/login/invited.html", context)
    password = request.POST.get("password", "")
    found = [_words(each) for each in passwords.troubles(password, user)]
    if password != request.POST.get("again", ""):
        found.append(_("The two are not the same. Type the password once more in both fields."))
    begun = None if found else services.accept(token, password, _came(request))
    if begun is None:
        return render(request, "clinic/login/invited.html", {**context, "troubles": found})
    _leave(request)
    return _enter(request, _go("/login/second"), begun.token)


@needs("proofs.own")
@_form
def own(request: HttpRequest) -> HttpResponse:
    """What a person logs in with: add a passkey, make new recovery codes."""
    session, user = _who(request)
    if request.method == "POST" and "codes" in request.POST:
        return _codes_page(request, services.new_codes(user), "/proofs")
    tried = False
    if request.method == "POST":
        label = _typed(request, "label")
        tried = not services.enrol_passkey(user, session, site_of(request), request.POST.get("credential", ""), label)
        if not tried:
            return _go("/proofs")
    context = {
        "rows": login_access.proofs(user, "totp", "passkey"),
        "left": login_access.codes_left(user),
        "passkeys": site_of(request).possible,
        "tried": tried,
    }
    return render(request, "clinic/login/own.html", context)


@needs("proofs.own")
@require_POST
def own_passkey(request: HttpRequest) -> HttpResponse:
    """What a browser needs to make another passkey."""
    return _asked(request, new=True)


@needs("people.read")
@require_GET
def locked_out(request: HttpRequest) -> HttpResponse:
    """Who is locked out now, and until when."""
    return render(request, "clinic/login/locked_out.html", {"locks": lockout.locks()})


def _login_page(request: HttpRequest, *, tried: bool = False) -> HttpResponse:
    context = {
        "who": None,
        "next": _next(request),
        "several": tenancy.several(),
        "organization": _typed(request, "organization"),
        "login": _typed(request, "login"),
        "passkeys": site_of(request).possible,
        "tried": tried,
    }
    return render(request, "clinic/login/login.html", context)


def _second_page(request: HttpRequest, have: set[str], *, tried: bool = False) -> HttpResponse:
    context = {
        "who": None,
        "next": _next(request),
        "totp": "totp" in have,
        "passkeys": "passkey" in have and site_of(request).possible,
        "tried": tried,
        "tried_recovery": tried and "recovery" in request.POST,
    }
    return render(request, "clinic/login/second.html", context)


def _enrol_page(request: HttpRequest, *, tried: bool = False) -> HttpResponse:
    session, user = _who(request)
    secret = services.pending_secret(session)
    context = {
        "who": None,
        "next": _next(request),
        "key": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        "qr": mark_safe(proofs.qr(secret, user, _("QR code for an authenticator app"))),  # made here, of our own words
        "passkeys": site_of(request).possible,
        "tried": tried,
    }
    return render(request, "clinic/login/enrol.html", context)


def _codes_page(request: HttpRequest, codes: list[str], onward: str) -> HttpResponse:
    return render(request, "clinic/login/codes.html", {"who": None, "codes": codes, "onward": onward})


def _prove_page(request: HttpRequest, *, tried: bool = False) -> HttpResponse:
    user = _who(request)[1]
    have = login_access.second_factors(user)
    context = {
        "next": _next(request),
        "login": user.login,
        "totp": "totp" in have,
        "passkeys": "passkey" in have and site_of(request).possible,
        "tried": tried,
    }
    return render(request, "clinic/login/prove.html", context)


def _with_passkey(request: HttpRequest) -> services.Begun | None:
    try:
        state = signing.loads(request.COOKIES.get(settings.CHALLENGE_COOKIE, ""), salt="challenge")
    except signing.BadSignature:
        return None
    if state["until"] <= now().isoformat():
        return None
    return services.log_in_with_passkey(site_of(request), state, request.POST["credential"], _came(request))


def _asked(request: HttpRequest, *, new: bool = False) -> HttpResponse:
    session, user = _who(request)
    options, state = passkeys.ask_new(site_of(request), user) if new else passkeys.ask(site_of(request), user)
    services.keep_challenge(session, state)
    return HttpResponse(json.dumps(options), content_type="application/json")


def _enter(request: HttpRequest, response: HttpResponse, token: str) -> HttpResponse:
    """The session's cookie; the form's secret changes with it. A full log-in opens the day of a tablet of the house."""
    begun = sessions.find(token)
    if begun is not None and begun.mfa:
        with acting(begun.organization_id):
            devices.opened_by(begun, request.COOKIES.get(settings.DEVICE_COOKIE, ""))
    rotate_token(request)
    _cookie(response, settings.SESSION_COOKIE, token, samesite="Strict")
    take(response, settings.CHALLENGE_COOKIE)
    return response


def _leave(request: HttpRequest) -> None:
    """A session that this browser had before ends when another begins."""
    session = _running(request)
    if session is not None:
        services.log_out(session, session.user)


def _cookie(response: HttpResponse, name: str, value: str, *, samesite: Any) -> None:
    response.set_cookie(name, value, path="/", secure=settings.SECURE, httponly=True, samesite=samesite)


def _running(request: HttpRequest) -> Session | None:
    found = getattr(request, "session_row", None)
    return found if isinstance(found, Session) else None


def _who(request: HttpRequest) -> tuple[Session, User]:
    session = _running(request)
    if session is None:
        raise RuntimeError("the edge let a request in without a session")
    return session, session.user


def _next(request: HttpRequest) -> str:
    """Where to go afterwards: a path of this site, or home."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    inside = asked.startswith("/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return asked if inside else _HOME


def _to(where: str, request: HttpRequest) -> str:
    return f"{where}?{urlencode({'next': _next(request)})}"


def _go(where: str) -> HttpResponse:
    return HttpResponseRedirect(where)


def site_of(request: HttpRequest) -> passkeys.Site:
    """This site as the browser that asks names it."""
    host = request.get_host()
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    return passkeys.Site(name, f"{request.scheme}://{host}")


def _came(request: HttpRequest) -> services.Came:
    return services.Came(address_of(request), request.headers.get("User-Agent", ""))


def _typed(request: HttpRequest, name: str) -> str:
    return request.POST.get(name, "").strip()[:120]


def _words(trouble: passwords.Trouble) -> str:
    return {
        "short": _("It is too short: use at least 12 characters. Several words in a row are easy to remember."),
        "long": _("It is too long: use at most 256 characters."),
        "common": _("Many people use it, so it is the first that others try. Choose another."),
        "personal": _("It holds your login or your name, which others know. Choose another."),
    }[trouble]


urlpatterns = [
    path("login", page, name="login"),
    path("login/passkey", passkey),
    path("login/second", second, name="second"),
    path("login/second/passkey", second_passkey),
    path("login/enrol", enrol, name="enrol"),
    path("login/enrol/passkey", enrol_passkey),
    path("prove", prove, name="prove"),
    path("prove/passkey", prove_passkey),
    path("locked/passkey", unlock_passkey),
    path("logout", log_out, name="logout"),
    path("invited/<str:token>", invited, name="invited"),
    path("proofs", own, name="proofs"),
    path("proofs/passkey", own_passkey),
    path("locked-out", locked_out, name="locked-out"),
]
