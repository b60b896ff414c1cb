"""The question that a link holds: services with minutes, who pays, the date. Nothing of it is kept.

`s=97110:13+23a,97140:30` is the short form that links use, one service as `fifteen units` takes it; `code`, `min` and
`asst`, each as often as there are rows, are what the form sends without JavaScript.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Protocol
from urllib.parse import quote

import msgspec
from django.utils.translation import gettext as _
from msgspec.structs import replace

from fifteen.kernel.codes import read_code
from fifteen.kernel.dates import read_date
from fifteen.kernel.errors import AskedWrongly, UnreadableInput
from fifteen.kernel.minutes import ServiceMinutes, read_minutes
from fifteen.rulebook import Rulebook

MOST_ROWS = 200  # more than the catalogue has services
LEAST_ROWS = 4
DISCIPLINES = ("PT", "OT", "SLP")


class Query(Protocol):
    """What of Django's `QueryDict` is used."""

    def get(self, key: str, default: str, /) -> str | None: ...
    def getlist(self, key: str, /) -> list[str]: ...
    def __contains__(self, key: object, /) -> bool: ...


class Row(msgspec.Struct, frozen=True):
    """A row as typed, and what is wrong with it in one sentence."""

    code: str = ""
    therapist: str = ""
    assistant: str = ""
    error: str = ""

    @property
    def empty(self) -> bool:
        return not (self.code or self.therapist or self.assistant)

    def __str__(self) -> str:
        minutes = self.therapist or ("" if self.assistant else "0")
        plus = f"{'+' if minutes else ''}{self.assistant}a" if self.assistant else ""
        return f"{self.code}:{minutes}{plus}"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The question, read as far as it can be read; `errors` has one sentence for each field that cannot."""

    rows: tuple[Row, ...] = ()
    services: tuple[ServiceMinutes, ...] = ()
    payer: str = "medicare"
    other: str = ""
    method: str = ""
    discipline: str = "PT"
    on: date
    choose: tuple[str, ...] = ()
    locality: str = ""
    printed: str = ""
    find: str = ""
    lang: str = ""
    errors: Mapping[str, str] = {}

    @property
    def readable(self) -> bool:
        return not self.errors and not any(row.error for row in self.rows)

    def link(self, **changes: object) -> str:
        """The query that asks the same, with `changes`; a choice falls away when anything else changes."""
        if changes and "choose" not in changes:
            changes["choose"] = ()
        changed = replace(self, **changes)
        parts = {
            "s": ",".join(str(row) for row in changed.rows if not row.empty),
            "payer": "" if changed.payer == "medicare" else changed.payer,
            "with": changed.other,
            "method": changed.method,
            "as": "" if changed.discipline == "PT" else changed.discipline,
            "on": changed.on.isoformat(),
            "choose": ",".join(changed.choose),
            "locality": changed.locality,
            "printed": changed.printed,
            "lang": changed.lang,
        }
        return "&".join(f"{key}={quote(value, safe=':,+')}" for key, value in parts.items() if value)


def read_asked(query: Query, rulebook: Rulebook, today: date) -> Asked:
    """Read a question; what cannot be read is kept as typed and said in `errors` or in its row, never raised."""
    errors: dict[str, str] = {}
    on = today
    if text := (query.get("on", "") or "").strip():
        try:
            on = read_date(text, "on")
        except UnreadableInput as error:
            errors["on"] = str(error)
    discipline = (query.get("as", "") or "PT").strip().upper()
    if discipline not in DISCIPLINES:
        errors["as"] = _("discipline “%(typed)s” is not known; choose one of %(known)s.") % {
            "typed": discipline,
            "known": ", ".join(DISCIPLINES),
        }
        discipline = "PT"
    payers = {}
    for name, default in (("payer", "medicare"), ("with", "")):
        payers[name] = (query.get(name, "") or default).strip().lower()
        try:
            if payers[name]:
                rulebook.payer(payers[name])
        except AskedWrongly as error:
            errors[name], payers[name] = str(error), default
    typed = _rows(query)
    if len(typed) > MOST_ROWS:
        errors["s"] = _(
            "%(given)s services were given and %(most)s fit; nothing was counted, give each service once."
        ) % {"given": len(typed), "most": MOST_ROWS}
    rows = _with_errors(typed[:MOST_ROWS], rulebook)
    printed = (query.get("printed", "") or "").strip()
    return Asked(
        rows=tuple(rows),
        services=tuple(_minutes(row) for row in rows if not row.empty and not row.error),
        payer=payers["payer"],
        other="" if payers["with"] == payers["payer"] else payers["with"],
        method=(query.get("method", "") or "").strip().lower(),
        discipline=discipline,
        on=on,
        choose=tuple((query.get("choose", "") or "").upper().replace(",", " ").split()),
        locality=(query.get("locality", "") or "").strip(),
        printed=printed if printed.isascii() and printed.isdigit() and len(printed) < 3 else "",
        find=(query.get("find", "") or "").strip(),
        lang=lang if (lang := query.get("lang", "")) in ("en", "es") else "",
        errors=errors,
    )


def _rows(query: Query) -> list[Row]:
    rows = []
    for part in (query.get("s", "") or "").split(","):
        code, _colon, minutes = part.strip().partition(":")
        # A plus in a link arrives as a space.
        first, plus, second = minutes.replace(" ", "+").partition("+")
        if first[-1:] in ("a", "A") and not plus:
            first, second = "", first
        rows.append(Row(code.strip(), first.strip(), second.strip().rstrip("aA")))
    codes, therapist, assistant = (query.getlist(name) for name in ("code", "min", "asst"))
    for place, each in enumerate(codes):
        beside = (column[place].strip() if place < len(column) else "" for column in (therapist, assistant))
        rows.append(Row(each.strip(), *beside))
    rows += [Row(each.strip()) for each in query.getlist("add")]
    return [row for row in rows if not row.empty]


def _with_errors(rows: list[Row], rulebook: Rulebook) -> list[Row]:
    seen: dict[str, int] = {}
    read = []
    for row in rows:
        found = replace(row, code=row.code.upper())
        try:
            _check(found, rulebook)
            minutes = _minutes(found).total
            if found.code in seen:
                raise UnreadableInput(
                    _("%(code)s is given twice; give it once with all its minutes of the day, %(minutes)s.")
                    % {"code": found.code, "minutes": seen[found.code] + minutes}
                )
            seen[found.code] = minutes
        except AskedWrongly as error:
            found = replace(found, error=str(error))
        read.append(found)
    return read


def _check(row: Row, rulebook: Rulebook) -> None:
    if not row.code:
        raise UnreadableInput(_("minutes without a service; give a code such as 97110, or clear the row."))
    rulebook.service_span(read_code(row.code, "service"))  # refuses a code that no catalogue holds
    if not row.therapist and not row.assistant:
        raise UnreadableInput(_("%(code)s has no minutes yet; write 0 or more, for example 33.") % {"code": row.code})


def _minutes(row: Row) -> ServiceMinutes:
    therapist, assistant = (read_minutes(text or "0", f"{row.code} minutes") for text in (row.therapist, row.assistant))
    return ServiceMinutes(row.code, therapist, assistant)
