"""Pages for what went wrong: what happened, what was kept, what to do."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "fifteen/trouble.html", {"kind": "not-found"}, status=404)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return HttpResponse("This request cannot be read. Open /units and try again.\n", "text/plain", 400)


def failed(request: HttpRequest) -> HttpResponse:
    return render(request, "fifteen/trouble.html", {"kind": "failed"}, status=500)
