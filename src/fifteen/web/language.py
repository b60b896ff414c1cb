"""Which language a page speaks: the one its link names, else the one the browser asks for. No cookie."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from fifteen.__about__ import __version__


class LanguageMiddleware:
    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = request.GET.get("lang", "")
        language = asked if asked in dict(settings.LANGUAGES) else translation.get_language_from_request(request)
        with translation.override(language):
            response = self.answer(request)
        response.headers.setdefault("Content-Language", language)
        response.headers["Vary"] = ", ".join(filter(None, [response.headers.get("Vary"), "Accept-Language"]))
        return response


def page_settings(request: HttpRequest) -> dict[str, Any]:
    """What every page needs: its language, and the links to itself in the others."""
    links = []
    for code, name in settings.LANGUAGES:
        query = request.GET.copy()
        query["lang"] = code
        links.append({"code": code, "name": name, "href": f"{request.path}?{query.urlencode(safe=':,')}"})
    return {
        "language": translation.get_language(),
        "language_links": links,
        "asked_language": request.GET.get("lang", ""),
        "path": request.path,
        "release": __version__,
    }
