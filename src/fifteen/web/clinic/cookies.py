"""The two cookies of a clinic: of a session and of a registered device. No script reads them."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.utils.http import url_has_allowed_host_and_scheme

YEAR = 365 * 24 * 3600


def give_session(request: HttpRequest, response: HttpResponse, token: str) -> None:
    """The browser goes on with this token; what the forms of the session before held is void."""
    rotate_token(request)
    _give(response, settings.SESSION_COOKIE, token, None)


def give_device(response: HttpResponse, token: str) -> None:
    """The browser is a registered device for a year."""
    _give(response, settings.DEVICE_COOKIE, token, YEAR)


def take(response: HttpResponse, name: str) -> None:
    """Take a cookie back, with the attributes that `__Host-` asks for."""
    _give(response, name, "", 0)


def _give(response: HttpResponse, name: str, value: str, seconds: int | None) -> None:
    response.set_cookie(
        name, value, max_age=seconds, path="/", secure=settings.SECURE, httponly=True, samesite="Strict"
    )  # fmt: skip


def back(asked: str | None) -> str:
    """Where to go on: an address of this site that was asked for, else home."""
    text = asked or ""
    here = text.startswith("/") and text.isprintable() and url_has_allowed_host_and_scheme(text, allowed_hosts=None)
    return text if here else "/home"
