"""What is written down of each request: an id, its route, its status, how long it took. Never its address or words."""

from __future__ import annotations

import logging
import secrets
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.signals import got_request_exception
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from fifteen.clinic.logs import error_of

_log = logging.getLogger("fifteen.web.request")
_lock = threading.Lock()
_counts: Counter[tuple[str, int]] = Counter()
_milliseconds: Counter[tuple[str, int]] = Counter()


class Observe:
    """The outermost of our layers: it sees every answer, also those of the layers within."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.id = secrets.token_hex(8)  # type: ignore[attr-defined]
        began = time.monotonic_ns()
        response = self.answer(request)
        ms = (time.monotonic_ns() - began) // 1_000_000
        route = route_of(request)
        with _lock:
            _counts[route, response.status_code] += 1
            _milliseconds[route, response.status_code] += ms
        session = getattr(request, "session_row", None)
        said: dict[str, Any] = {
            "request": request.id,  # type: ignore[attr-defined]
            "route": route,
            "status": response.status_code,
            "ms": ms,
            "organization": getattr(session, "organization_id", ""),
            **getattr(request, "failure", {}),
        }
        _log.log(logging.ERROR if response.status_code >= 500 else logging.INFO, "request", extra=said)
        response.headers["X-Request-Id"] = request.id  # type: ignore[attr-defined]
        return response


def route_of(request: HttpRequest) -> str:
    """The name of the route: one of a fixed list, whatever was asked for."""
    if request.path_info.startswith(settings.STATIC_URL):
        return "static"
    try:
        match = request.resolver_match or resolve(request.path_info)
    except Resolver404:
        return "none"
    return match.view_name if match.url_name else "unnamed"


def counted() -> tuple[dict[tuple[str, int], int], dict[tuple[str, int], int]]:
    """Answers and their milliseconds by route and status, since this process began."""
    with _lock:
        return dict(_counts), dict(_milliseconds)


def _failed(sender: object, request: HttpRequest | None = None, **_signal: Any) -> None:
    error = sys.exc_info()[1]
    if request is not None and error is not None:
        request.failure = error_of(error)  # type: ignore[attr-defined]


got_request_exception.connect(_failed, dispatch_uid="fifteen.observe")
