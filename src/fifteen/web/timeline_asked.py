"""The question that a timeline link holds: who treated which patient, from when to when. Nothing of it is kept.

`i=A,97140,T,08:03-08:15;C,97110,As,08:30-08:46` is the short form that links use: patient, service, who, clock times
and, where it was not one-on-one, how. `p`, `code`, `who`, `start`, `stop` and `mode`, each as often as there are rows,
are what the form sends without JavaScript. Patients are letters; a name is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from urllib.parse import quote

import msgspec
from django.utils.translation import gettext as _
from msgspec.structs import replace

from fifteen.kernel.codes import read_code
from fifteen.kernel.dates import read_date
from fifteen.kernel.errors import AskedWrongly, UnreadableInput
from fifteen.rulebook import Rulebook
from fifteen.web.asked import DISCIPLINES, Query
from fifteen.web.said import said

MOST_ROWS = 40
LEAST_ROWS = 3
LONGEST = 24  # letters of a field that are kept: more is no code and no time of day
PATIENTS = ("A", "B", "C")
WHO = ("T", "As", "both", "aide")
MODES = ("one", "group", "supervised", "unskilled", "rest")
UNBILLED = "-unbilled"
UNBILLED_MODES = tuple(mode + UNBILLED for mode in MODES[:3])
WITHOUT_SERVICE = ("unskilled", "rest")
DAY = 24 * 60
CLOCK = re.compile(r"(\d{1,2})[-:.]?(\d{2})\s*(?:([ap])\.?m?\.?)?", re.ASCII | re.IGNORECASE)
LINK = re.compile(r"[,;]")


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """An interval as typed, and what is wrong with it in one sentence."""

    patient: str = "A"
    code: str = ""
    who: str = "T"
    start: str = ""
    stop: str = ""
    mode: str = "one"
    error: str = ""

    @property
    def empty(self) -> bool:
        return not (self.code or self.start or self.stop)

    @property
    def how(self) -> str:
        """How it was given, whether or not it is billed."""
        return self.mode.removesuffix(UNBILLED)

    @property
    def unbilled(self) -> bool:
        return self.mode.endswith(UNBILLED)

    @property
    def span(self) -> tuple[int, int]:
        """From and to in minutes of the day; only for a row without error."""
        start, stop = clock(self.start), clock(self.stop)
        assert start is not None
        assert stop is not None
        return start, stop

    @property
    def minutes(self) -> int:
        return self.span[1] - self.span[0]

    def __str__(self) -> str:
        times = "-".join(LINK.sub(" ", text).replace("-", ".") for text in (self.start, self.stop))
        parts = [*(LINK.sub(" ", text) for text in (self.patient, self.code, self.who)), times]
        return ",".join([*parts, LINK.sub(" ", self.mode)] if self.mode != "one" else parts)


class Timeline(msgspec.Struct, frozen=True, kw_only=True):
    """The question, read as far as it can be read; `left_out` counts intervals beyond what this page holds."""

    rows: tuple[Row, ...] = ()
    payer: str = "medicare"
    discipline: str = "PT"
    on: date
    lang: str = ""
    left_out: int = 0
    errors: Mapping[str, str] = {}

    @property
    def readable(self) -> bool:
        return not self.errors and not any(row.error for row in self.rows)

    @property
    def names(self) -> tuple[str, ...]:
        """What each row is called in the drawing and in sentences: A1, A2, B1."""
        seen: dict[str, int] = {}
        names = []
        for row in self.rows:
            seen[row.patient] = seen.get(row.patient, 0) + 1
            names.append(f"{row.patient}{seen[row.patient]}")
        return tuple(names)

    def link(self, **changes: object) -> str:
        """The query that asks the same, with `changes`."""
        changed = replace(self, **changes)
        parts = {
            "i": ";".join(str(row) for row in changed.rows if not row.empty),
            "payer": "" if changed.payer == "medicare" else changed.payer,
            "as": "" if changed.discipline == "PT" else changed.discipline,
            "on": changed.on.isoformat(),
            "lang": changed.lang,
        }
        return "&".join(f"{key}={quote(value, safe=':,;')}" for key, value in parts.items() if value)

    def with_rows(self, changes: Mapping[int, Mapping[str, str]]) -> str:
        """The link in which some rows, by their place, have other values."""
        rows = tuple(replace(row, **changes.get(place, {})) for place, row in enumerate(self.rows))
        return self.link(rows=rows)


def clock(text: str) -> int | None:
    """Minutes since midnight of `8:15`, `0815`, `815` or `1:15 pm`; None where it is no time of day."""
    found = CLOCK.fullmatch(text.strip())
    if found is None:
        return None
    hour, minute, half = int(found[1]), int(found[2]), (found[3] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    return hour * 60 + minute if hour < 24 and minute < 60 else None


def shown(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def read_rows(text: str) -> list[Row]:
    """The rows of a link's `i`, as they stand there."""
    rows = []
    for part in text.split(";"):
        patient, code, who, times, mode, *_more = [*(each.strip() for each in part.split(",")), "", "", "", "", ""]
        start, _dash, stop = times.partition("-")
        row = Row(
            patient=patient, code=code, who=who or "T", start=start.strip(), stop=stop.strip(), mode=mode or "one"
        )
        if patient or not row.empty:
            rows.append(row)
    return rows


def read_timeline(query: Query, rulebook: Rulebook, today: date) -> Timeline:
    """Read a question; what cannot be read is kept as typed and said in `errors` or in its row, never raised."""
    errors: dict[str, str] = {}
    on = today
    if text := (query.get("on", "") or "").strip():
        try:
            on = read_date(text, "on")
        except UnreadableInput as error:
            errors["on"] = said(str(error))
    discipline = (query.get("as", "") or "PT").strip().upper()
    if discipline not in DISCIPLINES:
        errors["as"] = _("Discipline %(given)s is not known; choose one of %(known)s.") % {
            "given": discipline[:LONGEST], "known": ", ".join(DISCIPLINES),
        }  # fmt: skip
        discipline = "PT"
    payer = (query.get("payer", "") or "medicare").strip().lower()
    try:
        rulebook.payer(payer)
    except AskedWrongly as error:
        errors["payer"], payer = said(str(error)), "medicare"
    rows = [*read_rows(query.get("i", "") or ""), *_typed(query)]
    return Timeline(
        rows=tuple(_read(row, rulebook) for row in rows[:MOST_ROWS]),
        payer=payer,
        discipline=discipline,
        on=on,
        lang=lang if (lang := query.get("lang", "") or "") in ("en", "es") else "",
        left_out=max(len(rows) - MOST_ROWS, 0),
        errors=errors,
    )


def _typed(query: Query) -> list[Row]:
    columns = {field: query.getlist(name) for field, name in zip(FIELDS, NAMES, strict=True)}
    rows = []
    for place in range(len(columns["code"])):
        given = {
            field: column[place].strip() for field, column in columns.items() if place < len(column) and column[place]
        }
        rows.append(Row(**given))
    return [row for row in rows if not row.empty]


FIELDS = ("patient", "code", "who", "start", "stop", "mode")
NAMES = ("p", "code", "who", "start", "stop", "mode")


def _read(row: Row, rulebook: Rulebook) -> Row:
    """The row in the page's own spelling, and the first thing that is wrong with it."""
    who = next((each for each in WHO if each.lower() == row.who.lower()), row.who)
    times = [shown(found) if (found := clock(text)) is not None else text for text in (row.start, row.stop)]
    read = Row(
        patient=row.patient.upper()[:LONGEST], code=row.code.upper()[:LONGEST], who=who[:LONGEST],
        start=times[0][:LONGEST], stop=times[1][:LONGEST], mode=row.mode.lower()[:LONGEST],
    )  # fmt: skip
    return replace(read, error=_wrong(read, rulebook))


def _wrong(row: Row, rulebook: Rulebook) -> str:
    if row.patient not in PATIENTS:
        return _("Patients are the letters A, B and C here, never a name; choose one of them.")
    if row.who not in WHO:
        return _("Who gave it is not known; choose the therapist, the assistant, both or an aide.")
    if row.mode not in (*MODES, *UNBILLED_MODES):
        return _("How it was given is not known; choose one of the list.")
    if row.code:
        try:
            rulebook.service_span(read_code(row.code, "service"))  # refuses a code that no catalogue holds
        except AskedWrongly as error:
            return said(str(error))
    elif row.how not in WITHOUT_SERVICE:
        return _("No service yet; give a code such as 97110, or record the time as unskilled or rest.")
    for text in (row.start, row.stop):
        if not text:
            return _("A time is missing; give start and stop, for example 08:15 and 08:33.")
        if clock(text) is None:
            return _("%(given)s is no time of day; write it as 08:15.") % {"given": text}
    start, stop = row.span
    if stop <= start:
        return _("From %(start)s to %(stop)s there is no minute; the stop comes after the start, on the same day.") % {
            "start": row.start, "stop": row.stop,
        }  # fmt: skip
    return ""
