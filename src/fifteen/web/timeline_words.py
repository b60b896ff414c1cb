"""The timeline's words: who, how, and each interval and overlap in a sentence."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from fifteen.engine.evidence.overlap import Overlap
from fifteen.kernel.errors import UnknownCode
from fifteen.rulebook import Rulebook
from fifteen.web.said import said
from fifteen.web.timeline_answer import ZONE
from fifteen.web.timeline_asked import Row, Timeline, shown

_INITIALS: dict[str, str | Promise] = {
    "T": pgettext_lazy("initial of the therapist", "T"),
    "As": pgettext_lazy("initial of the assistant", "As"),
    "both": pgettext_lazy("initials of therapist and assistant", "T + As"),
    "aide": gettext_lazy("aide"),
}
_WHO: dict[str, str | Promise] = {
    "T": gettext_lazy("therapist"),
    "As": gettext_lazy("assistant"),
    "both": gettext_lazy("therapist and assistant together"),
    "aide": gettext_lazy("aide or nobody"),
}
_HOW: dict[str, str | Promise] = {
    "one": gettext_lazy("one-on-one"),
    "group": gettext_lazy("group"),
    "supervised": gettext_lazy("supervised"),
    "unskilled": gettext_lazy("unskilled"),
    "rest": gettext_lazy("rest"),
}
_PEOPLE: dict[str, str | Promise] = {"Therapist": gettext_lazy("Therapist"), "Assistant": gettext_lazy("Assistant")}


def initial_of(row: Row) -> str:
    return str(_INITIALS[row.who])


def who(value: str) -> str:
    return str(_WHO[value])


def how(mode: str) -> str:
    return str(_HOW[mode])


def person(name: str) -> str:
    return str(_PEOPLE[name])


def word_of(row: Row) -> str:
    """The word that tells a bar from one-on-one time."""
    if row.unbilled:
        return _("not billed")
    if row.how == "one":
        return _("together") if row.who == "both" else ""
    return how(row.how)


def how_of(row: Row) -> str:
    word = _("together") if row.who == "both" and row.how == "one" else how(row.how)
    return _("%(how)s, documented, not billed by choice") % {"how": word} if row.unbilled else word


def label_of(row: Row, rulebook: Rulebook, asked: Timeline) -> str:
    try:
        service = rulebook.service(row.code, asked.on) if row.code else None
    except UnknownCode:  # in a chart, of an import: the timeline's own page refuses it
        return ""
    return said(service.label) if service else ""


def sentence(name: str, row: Row, rulebook: Rulebook, asked: Timeline) -> str:
    what = f"{row.code} {label_of(row, rulebook, asked)}".strip()
    minutes = _("%(minutes)s min") % {"minutes": row.minutes}
    parts = [name, what, who(row.who), f"{row.start}–{row.stop}", minutes, how_of(row)]
    return ", ".join(part for part in parts if part)


def clock_of(overlap: Overlap) -> tuple[int, int]:
    """From and to of an overlap in minutes of the day."""
    start, stop = (each.astimezone(ZoneInfo(ZONE)) for each in (overlap.start, overlap.stop))
    return start.hour * 60 + start.minute, stop.hour * 60 + stop.minute


def said_of(overlap: Overlap) -> str:
    """An overlap in one sentence; patients are letters."""
    start, stop = (shown(each) for each in clock_of(overlap))
    minutes = overlap.seconds // 60
    one, other = overlap.patients
    values = {
        "person": person(overlap.person),
        "start": start,
        "stop": stop,
        "minutes": ngettext("%(minutes)s minute", "%(minutes)s minutes", minutes) % {"minutes": minutes},
        "one": one,
        "other": other,
        "first": overlap.intervals[0],
        "second": overlap.intervals[1],
    }
    if one == other:
        said_so = _(
            "%(person)s, %(start)s to %(stop)s: %(minutes)s of one-on-one and group time at once, "
            "%(first)s and %(second)s."
        )
    else:
        said_so = _(
            "%(person)s, %(start)s to %(stop)s: %(minutes)s with patient %(one)s (%(first)s) "
            "and patient %(other)s (%(second)s) at once."
        )
    return said_so % values
