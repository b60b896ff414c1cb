"""A disk that is full or fails: a plain page with status 507, and nothing half stored."""

from __future__ import annotations

import errno
import sys

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from fifteen.web.clinic import trouble

_SAID = ("database or disk is full", "disk i/o error")  # SQLite has no other sign by the time Django has it
_STATES = ("53100", "58030")  # PostgreSQL: disk full, input or output failed
_ERRNO = (errno.ENOSPC, errno.EDQUOT, errno.EIO)


def is_full(error: BaseException | None) -> bool:
    """Was it the disk, here or below?"""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if getattr(error, "sqlstate", None) in _STATES:
            return True
        if isinstance(error, OSError) and error.errno in _ERRNO:
            return True
        if type(error).__name__ == "OperationalError" and str(error).lower() in _SAID:
            return True
        error = error.__cause__ or error.__context__
    return False


def failed(request: HttpRequest) -> HttpResponse:
    """Django's page for an error nobody caught: 507 where the disk was it. The edge takes the transaction back."""
    if not is_full(sys.exc_info()[1]):
        return trouble.failed(request)
    response = render(request, "clinic/full.html", status=507)
    response.headers["Cache-Control"] = "no-store"
    return response
