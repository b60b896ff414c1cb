"""What a device keeps so that the page opens without a network: the empty page, its files and the numbers of today."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from fifteen.__about__ import __version__
from fifteen.web import surroundings

FOLDER = Path(__file__).parent / "static" / "fifteen"


@lru_cache(maxsize=1)
def release() -> str:
    """Changes with every file, and with what is served, so that a device never mixes two releases."""
    held = hashlib.sha256(f"{__version__} {surroundings.rulebook().hash} {settings.ROOT_URLCONF}".encode())
    here = Path(__file__).parent
    for path in sorted(each for each in here.rglob("*") if each.is_file() and each.suffix not in (".pyc", ".po")):
        held.update(path.read_bytes())
    return held.hexdigest()[:16]


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """The script with this release's name and files in front; served from `/` so that it may answer for every page."""
    files = [static(f"fifteen/{path.name}") for path in sorted(FOLDER.iterdir()) if path.name != "sw.js"]
    kept = {
        "release": release(),
        "files": files,
        "pages": ["/units", *(f"/units?lang={code}" for code, _name in settings.LANGUAGES)],
        "numbers": "/units/numbers.json",
    }
    script = f"const KEPT = {json.dumps(kept)};\n" + FOLDER.joinpath("sw.js").read_text("utf-8")
    return HttpResponse(script, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"})


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    return JsonResponse(
        {
            "name": "Fifteen",
            "short_name": "Fifteen",
            "description": _("Treated minutes to explained units"),
            "start_url": "/units",
            "display": "standalone",
            "icons": [{"src": static("fifteen/icon.svg"), "sizes": "any", "type": "image/svg+xml"}],
        },
        content_type="application/manifest+json",
    )
