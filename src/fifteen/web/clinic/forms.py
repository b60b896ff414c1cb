"""What people type into the plain forms of the clinic, read once: a day, a number, a text as it was written."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest
from django.utils.translation import gettext as _

from fifteen.clinic.people.services import EARLIEST
from fifteen.clinic.tenancy.errors import Refused
from fifteen.clinic.tenancy.rows import LATEST


def text(request: HttpRequest, name: str) -> str:
    """A text field; browsers write every line's end as CR LF, which nobody typed."""
    return (request.POST.get(name) or "").replace("\r\n", "\n")


def day(request: HttpRequest, name: str) -> date | None:
    """A day as YYYY-MM-DD, None where it is left empty; `Refused` where it is neither, or of no year of a clinic.

    From the ends of the calendar nothing can be computed: there is no day before the first and none after the last.
    """
    written = text(request, name).strip()
    try:
        found = date.fromisoformat(written) if written else None
    except ValueError:
        raise Refused(_("The day cannot be read; write it as year-month-day, such as 2026-03-02.")) from None
    if found is not None and not EARLIEST <= found < LATEST:
        raise Refused(_("The day lies before 1880 or after 2199; look at the year again."))
    return found


def number(request: HttpRequest, name: str) -> int:
    """A whole number that the page wrote into its own form; `Refused` where it does not come back."""
    written = text(request, name)
    if not (written.isascii() and written.isdigit() and len(written) <= 9):
        raise Refused(_("The form came back without its version; load the page again and send it once more."))
    return int(written)


def whole(request: HttpRequest, name: str) -> int | None:
    """A whole number that a person typed, None where it is left empty; `Refused` where it is neither."""
    written = text(request, name).strip()
    if not written:
        return None
    if not (written.isascii() and written.isdigit() and len(written) <= 9):
        raise Refused(_("The number cannot be read; write it in digits only, such as 12."))
    return int(written)


def cents(request: HttpRequest, name: str) -> int | None:
    """An amount in dollars as cents, None where it is left empty; `Refused` where it is neither."""
    written = text(request, name).strip().removeprefix("$").replace(",", "")
    if not written:
        return None
    dollars, _point, rest = written.partition(".")
    if not (written.isascii() and dollars.isdigit() and len(dollars) <= 7 and (rest.isdigit() or not rest)):
        raise Refused(_("The amount cannot be read; write dollars and cents, such as 30.25."))
    if len(rest) > 2:
        raise Refused(_("The amount has parts of a cent; write dollars and cents, such as 30.25."))
    return int(dollars) * 100 + int(rest.ljust(2, "0"))


def typed(request: HttpRequest) -> dict[str, str]:
    """What stood in the fields of the form, to be shown again where it was not stored."""
    return {name: text(request, name) for name in request.POST if name not in _NEVER_SHOWN}


_NEVER_SHOWN = ("csrfmiddlewaretoken", "idempotency_key")


def undone(request: HttpRequest) -> None:
    """A service refused and the page shows its form again: what the view had begun is taken back."""
    request.undo = True  # type: ignore[attr-defined]
