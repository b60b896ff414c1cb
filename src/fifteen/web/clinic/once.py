"""One effect per request: an unsafe request brings a key, and its first answer is what every replay gets.

The key stands in the header `Idempotency-Key` or in the hidden field that `{% once %}` writes into a form. The answer
is stored in the transaction of its effect, so that neither stands without the other.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from fifteen.clinic.jobs import answered
from fifteen.clinic.jobs.models import Answered
from fifteen.web.clinic import trouble

FIELD = "idempotency_key"
KEPT_HEADERS = ("Content-Type", "Content-Disposition", "Location", "ETag", "X-Go-To")
_SAFE = ("GET", "HEAD", "OPTIONS")
_KEY = re.compile(r"[\x21-\x7e]{8,80}")
_NOT_ASKED = (FIELD, "csrfmiddlewaretoken")  # new on every page, and no part of what is asked


def answer(request: HttpRequest, actor: str, view: Callable[[HttpRequest], HttpResponse]) -> HttpResponse:
    """The answer of `view`, or the one it gave to this key before."""
    if request.method in _SAFE:
        return view(request)
    key = request.headers.get("Idempotency-Key") or request.POST.get(FIELD, "")
    if not _KEY.fullmatch(key):
        return trouble.refused(request, _no_key(), status=400)
    row, first = answered.claim(key, actor, _asked(request))
    if not first:
        return _again(request, row)
    response = _whole(_undoable(request, view))
    if response.status_code >= 500 or connection.needs_rollback:
        return response  # the edge takes everything back, the claim too
    if getattr(request, "unasked", False):
        answered.drop(row)
    else:
        headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
        answered.keep(row, response.status_code, headers, response.content)
    return response


def _undoable(request: HttpRequest, view: Callable[[HttpRequest], HttpResponse]) -> HttpResponse:
    """The view's answer; where a service refused, what the view had begun is taken back."""
    with transaction.atomic():
        response = view(request)
        if getattr(request, "undo", False):
            transaction.set_rollback(True)
    return response


def _whole(response: HttpResponseBase) -> HttpResponse:
    """A streamed answer is read now, within the transaction, to be kept."""
    if isinstance(response, HttpResponse):
        return response
    whole = HttpResponse(b"".join(response), status=response.status_code)
    whole.headers = response.headers
    whole.cookies = response.cookies
    return whole


def _again(request: HttpRequest, row: Answered) -> HttpResponse:
    if row.asked != _asked(request):
        return trouble.refused(request, _other())
    response = HttpResponse(answered.body_of(row), status=row.status)
    for name, value in row.headers.items():
        response.headers[name] = value
    response.headers["Idempotent-Replay"] = "true"
    return response


def _asked(request: HttpRequest) -> str:
    """A digest of the method, the address and what was sent; a form is taken by its fields, as spelled it varies."""
    if request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        fields = sorted((name, values) for name, values in request.POST.lists() if name not in _NOT_ASKED)
        files = sorted((name, [_file(each) for each in found]) for name, found in request.FILES.lists())
        sent = json.dumps([fields, files]).encode()
    else:
        sent = request.body
    asked = [request.method, request.get_full_path(), hashlib.sha256(sent).hexdigest()]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()


def _file(file: UploadedFile[Any]) -> list[str]:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return [file.name or "", digest.hexdigest()]


def _no_key() -> str:
    return _(
        "The request carries no key that keeps it from being done twice; load the page again, or send the header "
        "Idempotency-Key with 8 to 80 characters. Nothing was stored."
    )


def _other() -> str:
    return _("This key was used for another request already; load the page again and send it once more.")
