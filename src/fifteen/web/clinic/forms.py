"""What people type into the plain forms of the clinic, read once: a day, a number, a text as it was written."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest
from django.utils.translation import gettext as _

from fifteen.clinic.tenancy.errors import Refused


def text(request: HttpRequest, name: str) -> str:
    """A text field; browsers write every line's end as CR LF, which nobody typed."""
    return (request.POST.get(name) or "").replace("\r\n", "\n")


def day(request: HttpRequest, name: str) -> date | None:
    """A day as YYYY-MM-DD, None where it is left empty; `Refused` where it is neither."""
    written = text(request, name).strip()
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        raise Refused(_("The day cannot be read; write it as year-month-day, such as 2026-03-02.")) from None


def number(request: HttpRequest, name: str) -> int:
    """A whole number that the page wrote into its own form; `Refused` where it does not come back."""
    written = text(request, name)
    if not (written.isascii() and written.isdigit() and len(written) <= 9):
        raise Refused(_("The form came back without its version; load the page again and send it once more."))
    return int(written)
