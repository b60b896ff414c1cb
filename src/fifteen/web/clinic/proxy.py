"""What a proxy says of a request is believed of the one proxy that was set up, and of nobody else."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

_SAID = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO")


class Proxy:
    """First of all middleware: behind it nothing reads a forwarded header any more."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        came_from = str(request.META.get("REMOTE_ADDR", ""))
        said_for, said_scheme = (str(request.META.pop(name, "")) for name in _SAID)
        request.forwarded = bool(said_for or said_scheme)  # type: ignore[attr-defined]  # somebody stands in between
        if settings.TRUSTED_PROXY and _same(came_from, settings.TRUSTED_PROXY):
            # The last one is what the proxy saw itself; those before it anyone can write.
            if address := _address(said_for.rpartition(",")[2].strip()):
                request.META["REMOTE_ADDR"] = address
            scheme = "https" if said_scheme.strip().lower() == "https" else "http"
            request.META["wsgi.url_scheme"] = scheme
        return self.answer(request)


def _address(text: str) -> str:
    """The address, without a port; empty where it is none."""
    bare = text.partition("]")[0].removeprefix("[") if text.startswith("[") else text
    if bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        return ""


def _same(one: str, other: str) -> bool:
    found = _address(one)
    return bool(found) and found.removeprefix("::ffff:") == other
