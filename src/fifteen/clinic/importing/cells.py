"""One cell to one value. What is empty or says that it is not known is None, never 0 and never a guess."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from fifteen.clinic.importing.fields import Field
from fifteen.clinic.importing.profiles import Dates, Profile, profiles
from fifteen.clinic.tenancy.clock import now
from fifteen.kernel.codes import read_code
from fifteen.kernel.money import read_cents

MOST = 100_000  # a larger count or number of minutes is a slip
AHEAD = timedelta(hours=14)  # by so much a site's day may be ahead of UTC
FAR = timedelta(days=3653)  # a plan, a coverage or an authorization that is so far ahead is of another century
_DAYS = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})", re.ASCII)
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", re.ASCII)
_COMPACT = re.compile(r"\d{8}", re.ASCII)
_NAMED = (
    re.compile(r"(?P<day>\d{1,2})(?:st|nd|rd|th)?[ -](?P<month>[a-z]{3,9})\.?,?[ -](?P<year>\d{4}|\d{2})", re.ASCII),
    re.compile(r"(?P<month>[a-z]{3,9})\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?,? (?P<year>\d{4}|\d{2})", re.ASCII),
)
_TIME = re.compile(r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[ap]\.?m\.?)?( ?(z|[+-]\d{2}:?\d{2}))?$", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FULL = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
         "december", "sept")  # fmt: skip
_WHOLE = re.compile(r"\d{1,7}(\.0+)?", re.ASCII)
_MINUTES = re.compile(r"(\d{1,7})(?:\.0+)? ?(?:m|min|mins|minutes?)?\.?", re.ASCII | re.IGNORECASE)
_MONEY = re.compile(r"\$? ?(\d{1,3}(?:,\d{3})+|\d{1,9})(\.\d{1,2})?", re.ASCII)
_CODE = re.compile(r"([0-9A-V][0-9]{3}[0-9FTU])(?![0-9A-Z])(.*)", re.ASCII | re.IGNORECASE | re.DOTALL)
_SPLIT = re.compile(r"[\s,;|/]+")


class Unreadable(ValueError):
    """A cell that says something which cannot be read; the text is for the person who brought the file."""


class Reader(msgspec.Struct, frozen=True):
    """How the cells of one file are read: by which profile, and in which order it writes month and day."""

    profile: Profile
    dates: Dates = ""

    def read(self, field: Field, cell: str) -> Any:
        """The value of a cell; None where it is not known; `Unreadable` where it cannot be read."""
        text = " ".join(cell.split())
        if self.unknown(text):
            return None
        return _READ[field.reads](self, field, text)

    def unknown(self, text: str) -> bool:
        """Does a cell say nothing, or that nothing is known?"""
        plain = text.strip().casefold()
        return not plain or plain in profiles()["plain"].unknown or plain in self.profile.unknown

    def word(self, kind: str, text: str) -> str:
        """What a word of the file means, empty where nobody said."""
        for profile in (self.profile, profiles()["plain"]):
            for value, words in profile.words.get(kind, {}).items():
                if text.casefold().replace(".", "") in words:
                    return value
        return ""


# -- dates ------------------------------------------------------------------------------------------------------------


def order_of(cells: Iterable[str]) -> tuple[dict[Dates, str], bool]:
    """In which orders of month and day the dates of a file can only be read, each with one of those cells.

    And whether there is a date that could be read in either.
    """
    only: dict[Dates, str] = {}
    either = False
    for cell in cells:
        found = _DAYS.fullmatch(_without_time(cell))
        if found is None:
            continue
        first, second = int(found[1]), int(found[2])
        if first > 12 >= second:
            only.setdefault("dmy", found[0])
        elif second > 12 >= first:
            only.setdefault("mdy", found[0])
        elif first != second:
            either = True
    return only, either


def _without_time(cell: str) -> str:
    """A date without midnight or another time behind it, which exports write for a day."""
    return _TIME.sub("", " ".join(cell.split()))


def _date(reader: Reader, field: Field, text: str) -> date:
    parts = _parts(reader, _without_time(text))
    if parts is None:
        raise Unreadable(_("%(cell)s is no date; write it as 2026-03-02.") % {"cell": quoted(text)})
    year, month, day = parts
    if year < 100 and field.reads == "born":
        raise Unreadable(_("%(cell)s: write the year of birth with four digits.") % {"cell": quoted(text)})
    try:
        found = date(year + 2000 if year < 100 else year, month, day)
    except ValueError:
        raise Unreadable(_("%(cell)s is no day of the calendar; look at it again.") % {"cell": quoted(text)}) from None
    if year < 100 and found > (now() + (AHEAD if field.past else FAR)).date():
        raise Unreadable(
            _("%(cell)s would be %(day)s, which lies ahead; write the year with four digits.")
            % {"cell": quoted(text), "day": found.isoformat()}
        )
    return found


def _parts(reader: Reader, text: str) -> tuple[int, int, int] | None:
    """Year, month and day of whatever way of writing them."""
    if found := _ISO.fullmatch(text):
        return int(found[1]), int(found[2]), int(found[3])
    if _COMPACT.fullmatch(text) and 1880 <= int(text[:4]) <= 2199 and 1 <= int(text[4:6]) <= 12:
        return int(text[:4]), int(text[4:6]), int(text[6:])
    if found := _DAYS.fullmatch(text):
        first, second, year = int(found[1]), int(found[2]), int(found[3])
        if first == second:
            return year, first, second
        if not reader.dates:
            raise Unreadable(_("%(cell)s: month first, or day first? Choose which.") % {"cell": quoted(text)})
        return (year, first, second) if reader.dates == "mdy" else (year, second, first)
    for way in _NAMED:
        if found := way.fullmatch(text.lower()):
            month = found["month"]
            if month in _MONTHS or month in _FULL:
                return int(found["year"]), _MONTHS.index(month[:3]) + 1, int(found["day"])
    return None


# -- everything else --------------------------------------------------------------------------------------------------


def quoted(text: str) -> str:
    """A cell within a sentence, cut where it is long."""
    return f"“{text[:40]}…”" if len(text) > 41 else f"“{text}”"


def _text(reader: Reader, field: Field, text: str) -> str:
    if len(text) > field.most:
        raise Unreadable(
            _("%(cell)s has more than %(most)s characters, which is all there is room for.")
            % {"cell": quoted(text), "most": field.most}
        )
    return text


def _name(reader: Reader, field: Field, text: str) -> str:
    """`Stone, Ada M.` is Ada M. Stone; what stands behind a second comma (Jr., PT) stays behind the name."""
    parts = [each.strip() for each in text.split(",") if each.strip()]
    if len(parts) > 1 and not any(each.isdigit() for each in text):
        text = " ".join([parts[1], parts[0], *parts[2:]])
    elif len(parts) == 1:
        text = parts[0]
    if not any(each.isalpha() for each in text):
        raise Unreadable(_("%(cell)s is no name.") % {"cell": quoted(text)})
    return _text(reader, field, text)


def _count(reader: Reader, field: Field, text: str) -> int:
    if not _WHOLE.fullmatch(text) or int(text.partition(".")[0]) > MOST:
        raise Unreadable(_("%(cell)s is no whole number.") % {"cell": quoted(text)})
    return int(text.partition(".")[0])


def _minutes(reader: Reader, field: Field, text: str) -> int:
    found = _MINUTES.fullmatch(text)
    if found is None or int(found[1]) > MOST:
        raise Unreadable(_("%(cell)s is no number of minutes; write whole minutes.") % {"cell": quoted(text)})
    return int(found[1])


def _cents(reader: Reader, field: Field, text: str) -> int:
    found = _MONEY.fullmatch(text)
    if found is None:
        raise Unreadable(_("%(cell)s is no amount; write dollars and cents, as 1240.50.") % {"cell": quoted(text)})
    return read_cents(found[1].replace(",", "") + (found[2] or ""))


def _phone(reader: Reader, field: Field, text: str) -> str:
    digits = sum(each.isdigit() for each in text)
    if not 7 <= digits <= 20:
        raise Unreadable(_("%(cell)s is no telephone number.") % {"cell": quoted(text)})
    return _text(reader, field, text)


def _discipline(reader: Reader, field: Field, text: str) -> str:
    found = reader.word("discipline", text)
    if not found:
        raise Unreadable(_("%(cell)s is no discipline; write PT, OT or SLP.") % {"cell": quoted(text)})
    return found


def _relation(reader: Reader, field: Field, text: str) -> str:
    found = reader.word("relation", text)
    if not found:
        raise Unreadable(_("%(cell)s: write self, spouse, child or other.") % {"cell": quoted(text)})
    return found


def _rank(reader: Reader, field: Field, text: str) -> int:
    found = reader.word("rank", text) or text
    if not (found.isascii() and found.isdigit() and 1 <= int(found[:3]) <= 9):
        raise Unreadable(_("%(cell)s is no order of payers; write 1 for the first.") % {"cell": quoted(text)})
    return int(found)


def _code(reader: Reader, field: Field, text: str) -> str:
    """The code alone: what stands behind it may be the descriptor, which is not ours to keep."""
    found = _CODE.fullmatch(text)
    if found is None:
        raise Unreadable(_("A procedure code has five characters, as 97110; this cell begins with none."))
    return read_code(found[1])


def _codes(reader: Reader, field: Field, text: str) -> tuple[str, ...]:
    found = [each.upper() for each in _SPLIT.split(text) if each]
    for each in found:
        if not re.fullmatch(r"[A-Z][0-9][0-9A-Z](\.?[0-9A-Z]{1,4})?", each, re.ASCII):
            raise Unreadable(_("%(cell)s is no diagnosis code; write codes alone, as M54.50.") % {"cell": quoted(each)})
    return tuple(found)


def _modifiers(reader: Reader, field: Field, text: str) -> tuple[str, ...]:
    found = [each.upper() for each in re.split(r"[\s,;|/-]+", text) if each]
    if len(found) > 4 or any(not re.fullmatch(r"[A-Z0-9]{2}", each, re.ASCII) for each in found):
        raise Unreadable(_("%(cell)s: modifiers are two characters each, at most four.") % {"cell": quoted(text)})
    return tuple(found)


def _place(reader: Reader, field: Field, text: str) -> str:
    """CMS's two digits at the beginning; a name of a place alone is not read."""
    found = re.match(r"(\d{2})(?!\d)", text, re.ASCII)
    if found is None:
        raise Unreadable(_("%(cell)s: a place of service has two digits, as 11.") % {"cell": quoted(text)})
    return found[1]


_READ: dict[str, Callable[[Reader, Field, str], Any]] = {
    "text": _text, "name": _name, "date": _date, "born": _date, "count": _count, "minutes": _minutes, "cents": _cents,
    "phone": _phone, "discipline": _discipline, "relation": _relation, "rank": _rank, "code": _code, "codes": _codes,
    "modifiers": _modifiers, "place": _place,
}  # fmt: skip
