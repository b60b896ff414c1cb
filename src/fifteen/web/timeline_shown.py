"""A timeline's answer arranged for a reader: a card for each patient, each overlap with its honest ways out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from django.utils.translation import gettext as _

from fifteen.engine.assess import DayAnswer
from fifteen.engine.evidence.overlap import WAYS_OUT, Overlap
from fifteen.kernel.finding import Finding
from fifteen.rulebook import Rulebook
from fifteen.web import asked as minutes_asked
from fifteen.web.said import said
from fifteen.web.shown import Side, side
from fifteen.web.timeline_answer import Answered, row_of
from fifteen.web.timeline_asked import PATIENTS, UNBILLED
from fifteen.web.timeline_words import how_of, label_of, said_of, who

GROUP_CODES = {"PT": "97150", "OT": "97150", "SLP": "92508"}
# Said once for the whole page, or shown as an overlap.
ELSEWHERE = ("-not-checked", "overlap.person")


class Way(msgspec.Struct, frozen=True):
    """A step out: a link that takes it, or the row whose times are to be looked at."""

    label: str
    query: str = ""
    row: int | None = None


class WayOut(msgspec.Struct, frozen=True):
    """One of the engine's ways out, in its words, with what this page can do about it."""

    text: str
    ways: tuple[Way, ...]


class OverlapShown(msgspec.Struct, frozen=True, kw_only=True):
    said: str
    intervals: tuple[str, ...]
    cite: str
    ways_out: tuple[WayOut, ...]


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """An interval as the table shows it; `why` says why it does not count."""

    row: int
    name: str
    patient: str
    code: str
    label: str
    who: str
    start: str
    stop: str
    minutes: int
    how: str
    why: str
    unbilled: bool
    back: str = ""


class Found(msgspec.Struct, frozen=True):
    """A finding, and what this page can do about it."""

    finding: Finding
    ways: tuple[Way, ...] = ()


class PatientShown(msgspec.Struct, frozen=True, kw_only=True):
    """One patient's answer. `side` is None where no time counts; `at_once` says what an open overlap touches."""

    letter: str
    timed: int
    total: int
    side: Side | None
    units_link: str
    uncounted: tuple[Listed, ...]
    unbilled: tuple[Listed, ...]
    findings: tuple[Found, ...]
    at_once: tuple[str, ...]


def patients(answered: Answered, listed: Mapping[str, Listed], rulebook: Rulebook) -> list[PatientShown]:
    """A card for each patient who has an interval."""
    present = {row.patient for row in answered.asked.rows}
    return [_patient(answered, letter, listed, rulebook) for letter in PATIENTS if letter in present]


def _patient(answered: Answered, letter: str, listed: Mapping[str, Listed], rulebook: Rulebook) -> PatientShown:
    day = answered.days.get(letter)
    shown, link = _side(answered, day, rulebook) if day else (None, "")
    mine = [each for each in listed.values() if each.patient == letter]
    findings = [each for each in (day.findings if day else []) if not each.id.endswith(ELSEWHERE)]
    told = {each.where for each in findings}
    return PatientShown(
        letter=letter,
        timed=sum(each.timed_minutes for each in day.minutes) if day else 0,
        total=sum(each.total_minutes for each in day.minutes) if day else 0,
        side=shown,
        units_link=link,
        uncounted=tuple(each for each in mine if each.why and not each.unbilled and each.name not in told),
        unbilled=tuple(each for each in mine if each.unbilled),
        findings=tuple(Found(each, tuple(_group_code(answered, each))) for each in findings),
        at_once=tuple(
            dict.fromkeys(
                name
                for each in answered.overlaps
                for name, patient in zip(each.intervals, each.patients, strict=True)
                if patient == letter
            )
        ),
    )  # fmt: skip


def _side(answered: Answered, day: DayAnswer, rulebook: Rulebook) -> tuple[Side | None, str]:
    """The units, and the link that asks the Units page for the same minutes: there a tie is settled."""
    if not day.units:
        return None, ""
    services = [each.minutes for found in day.minutes for each in found.services]
    asked = answered.asked
    minutes = minutes_asked.Asked(
        rows=tuple(
            minutes_asked.Row(each.code, str(each.therapist), str(each.assistant) if each.assistant else "")
            for each in services
        ),
        services=tuple(services), payer=asked.payer, discipline=asked.discipline, on=asked.on, lang=asked.lang,
    )  # fmt: skip
    return side(day.units[0], rulebook, minutes), minutes.link()


def listed(answered: Answered, rulebook: Rulebook) -> dict[str, Listed]:
    """Every interval by its name, in the order of the rows; those with an error are in the list of what is wrong."""
    asked = answered.asked
    why = {each.interval: said(each.why) for day in answered.days.values() for each in day.uncounted}
    found = {}
    for place, (name, row) in enumerate(zip(asked.names, asked.rows, strict=True)):
        if row.error:
            continue
        found[name] = Listed(
            row=place, name=name, patient=row.patient, code=row.code, label=label_of(row, rulebook, asked),
            who=who(row.who), start=row.start, stop=row.stop, minutes=row.minutes, how=how_of(row),
            why=_("documented, not billed by choice") if row.unbilled else why.get(name, ""), unbilled=row.unbilled,
            back=asked.with_rows({place: {"mode": row.how}}) if row.unbilled else "",
        )  # fmt: skip
    return found


def _group_code(answered: Answered, finding: Finding) -> Iterable[Way]:
    """A direct code cannot be group: which it was is the person's to say."""
    if finding.id != "evidence.group-under-direct-code":
        return
    place, _row = row_of(answered.asked, finding.where)
    code = GROUP_CODES[answered.asked.discipline]
    values = {"name": finding.where, "code": code}
    yield Way(_("Record %(name)s as %(code)s, group") % values, answered.asked.with_rows({place: {"code": code}}))
    yield Way(_("%(name)s was one-on-one") % values, answered.asked.with_rows({place: {"mode": "one"}}))


def overlaps(answered: Answered, rulebook: Rulebook) -> list[OverlapShown]:
    if not answered.overlaps:
        return []
    cite = rulebook.value("medicare.one_patient_at_a_time", answered.asked.on).cite
    return [
        OverlapShown(
            said=said_of(each), intervals=each.intervals, cite=cite,
            ways_out=tuple(WayOut(_sentence(said(text)), tuple(_ways(answered, each, text))) for text in each.ways_out),
        )
        for each in answered.overlaps
    ]  # fmt: skip


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _ways(answered: Answered, overlap: Overlap, text: str) -> Iterable[Way]:
    """What a reader can do here. None is set before another, and none speaks of units or money."""
    mistap, group, unbilled = WAYS_OUT
    asked = answered.asked
    rows = {name: row_of(asked, name) for name in overlap.intervals}
    one, other = overlap.intervals
    if text == mistap:
        for name, (place, _row) in rows.items():
            yield Way(_("Times of %(name)s") % {"name": name}, row=place)
    elif text == group:
        changes = {place: {"mode": "group"} for place, _row in rows.values()}
        values = {"one": one, "other": other}
        yield Way(_("%(one)s and %(other)s were one group") % values, asked.with_rows(changes))
    elif text == unbilled:
        for name, (place, row) in rows.items():
            yield Way(
                _("Leave %(name)s unbilled") % {"name": name},
                asked.with_rows({place: {"mode": row.how + UNBILLED}}),
            )


def not_checked(answered: Answered) -> list[str]:
    """What the engine did not see or check, each once."""
    findings = (each for day in answered.days.values() for each in day.findings)
    return list(dict.fromkeys(said(each.message) for each in findings if each.id.endswith("-not-checked")))
