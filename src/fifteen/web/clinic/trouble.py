"""Pages of the clinic for what went wrong."""

from __future__ import annotations

from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from fifteen.clinic.accounts.matrix import matrix
from fifteen.clinic.people.models import Patient


def forbidden(request: HttpRequest, action: str, patient: Patient | None = None) -> HttpResponse:
    """The role may not do this; who may stands there, and where the glass of this patient may be broken for it."""
    found = matrix().actions[action]
    roles = [gettext(matrix().roles[each]) for each in found.roles]
    given = {"asked": gettext(found.title), "roles": roles, "patient": patient}
    return render(request, "clinic/forbidden.html", given, status=403)


_NEVER_SHOWN = ("csrfmiddlewaretoken", "idempotency_key", "password", "again", "pin", "code", "credential")


def prove_first(request: HttpRequest) -> HttpResponse:
    """A form whose action asks for a fresh proof: nothing was done, and what was typed is kept on the page."""
    typed = [(name, value) for name in request.POST if name not in _NEVER_SHOWN for value in request.POST.getlist(name)]
    back = quote("/home", safe="")
    shown = {"typed": typed, "again": request.get_full_path(), "prove": f"/prove?next={back}"}
    response = render(request, "clinic/prove_first.html", shown, status=401)
    response.headers["Location"] = str(shown["prove"])
    return response


def missing(request: HttpRequest) -> HttpResponse:
    """There is no such thing, or it is not of this organization: both look the same."""
    return render(request, "clinic/missing.html", status=404)


def refused(request: HttpRequest, why: str, status: int = 422) -> HttpResponse:
    """It may not be done so: one sentence that says why."""
    return render(request, "clinic/refused.html", {"why": why}, status=status)


def too_large(request: HttpRequest) -> HttpResponse:
    """More was sent than this page takes; nothing of it was read."""
    why = gettext(
        "What was sent is larger than this page takes; nothing of it was read or stored. "
        "Scan in black and white or with fewer dots to the inch, and send it once more."
    )
    response = refused(request, why, status=413)
    response.headers["Cache-Control"] = "no-store"
    return response


def csrf(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was too old, or came from elsewhere."""
    response = render(request, "clinic/csrf.html", status=403)
    response.headers["Cache-Control"] = "no-store"
    request.unasked = True  # type: ignore[attr-defined]  # it may not be theirs: no answer is kept for its key
    return response


def failed(request: HttpRequest) -> HttpResponse:
    """Something failed; the transaction of the request was taken back, so nothing is half done."""
    response = render(request, "clinic/failed.html", status=500)
    response.headers["Cache-Control"] = "no-store"
    return response
