"""An answer arranged for a reader: by code, every unit with its reasons; two answers side by side; plain text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations, islice

import msgspec
from django.utils.translation import gettext as _

from fifteen.engine.edits.of_lines import edits_of_lines
from fifteen.engine.pricing import PriceAnswer
from fifteen.engine.units.answer import Line, ModifierReason, UnitReason, UnitsAnswer
from fifteen.engine.units.method import METHODS, counting_rules
from fifteen.engine.units.notes import METHOD_NAMES
from fifteen.kernel.finding import Finding
from fifteen.rulebook import Rulebook
from fifteen.web.asked import Asked
from fifteen.web.band import NARROW, WIDE, Band, band
from fifteen.web.edits_shown import RANKS, EditsShown, edits_shown
from fifteen.web.said import said

MOST_CHOICES = 64  # as many as the engine lists; how many more there are is said


class CodeShown(msgspec.Struct, frozen=True, kw_only=True):
    """A service with its lines; without one it is documented and not billable."""

    code: str
    label: str
    minutes: int
    units: int
    lines: tuple[Line, ...]
    reasons: tuple[UnitReason, ...]
    modifier_reasons: tuple[ModifierReason, ...]
    why_not: str = ""


class Choice(msgspec.Struct, frozen=True):
    """One way to settle a tie: the codes that take the tied units, as buttons show them."""

    codes: tuple[str, ...]
    labels: tuple[str, ...]
    taken: bool
    query: str


class MethodLink(msgspec.Struct, frozen=True):
    """A method to count by where the payer's own is not known."""

    name: str
    query: str


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One payer's answer."""

    answer: UnitsAnswer
    payer: str
    method: str
    units: int
    codes: tuple[CodeShown, ...]
    choices: tuple[Choice, ...]
    more_choices: int
    findings: tuple[Finding, ...]
    methods: tuple[MethodLink, ...]
    unchoose: str
    band: Band | None
    edits: EditsShown


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One code in two answers, and why each counts it so."""

    code: str
    label: str
    minutes: int
    units: tuple[int, int]
    why: tuple[str, str]


def side(answer: UnitsAnswer, rulebook: Rulebook, asked: Asked, priced: PriceAnswer | None = None) -> Side:
    payer = rulebook.payer(answer.payer) if answer.payer else None
    return Side(
        answer=answer,
        payer=(payer.label or payer.id) if payer else "",
        method=METHOD_NAMES[answer.method] if answer.method else "",
        units=sum(line.units for line in answer.lines),
        codes=tuple(codes_shown(answer, rulebook)),
        choices=tuple(_choices(answer, rulebook, asked)),
        more_choices=max(answer.allocations_count - MOST_CHOICES, 0),
        findings=tuple(sorted(answer.findings, key=lambda each: RANKS.index(each.severity))),
        methods=tuple(
            MethodLink(METHOD_NAMES[method], asked.link(payer=answer.payer, method=method)) for method in METHODS
        ),
        unchoose=asked.link(choose=()),
        band=band(answer, rulebook, NARROW if asked.other else WIDE),
        edits=edits_shown(edits_of_lines(answer, rulebook, priced=priced)),
    )


def label(code: str, answer: UnitsAnswer, rulebook: Rulebook) -> str:
    service = rulebook.service(code, answer.on)
    return service.label if service else _("not in force on this date")


def codes_shown(answer: UnitsAnswer, rulebook: Rulebook) -> Iterable[CodeShown]:
    """The services of an answer, those that are billed first; what is documented only comes last."""
    for code in dict.fromkeys(line.code for line in answer.lines):
        lines = tuple(line for line in answer.lines if line.code == code)
        yield CodeShown(
            code=code,
            label=label(code, answer, rulebook),
            minutes=sum(line.minutes for line in lines),
            units=sum(line.units for line in lines),
            lines=lines,
            reasons=tuple(each for each in answer.explain if each.code == code),
            modifier_reasons=tuple(each for each in answer.explain_modifiers if each.code == code),
        )
    for each in answer.documented:
        why = next((found.cite for found in answer.findings if found.where == each.code and found.cite), "")
        yield CodeShown(
            code=each.code, label=label(each.code, answer, rulebook), minutes=each.minutes, units=0, lines=(),
            reasons=(), modifier_reasons=(), why_not=why,
        )  # fmt: skip


def _choices(answer: UnitsAnswer, rulebook: Rulebook, asked: Asked) -> Iterable[Choice]:
    """The ways to settle a tie, in the order of codes, so that none is set before another."""
    if not answer.tie:
        return
    taken = set(answer.chosen)
    for codes in islice(combinations(sorted(answer.tied.codes), answer.tied.choose), MOST_CHOICES):
        labels = tuple(label(code, answer, rulebook) for code in codes)
        yield Choice(codes, labels, set(codes) == taken, asked.link(choose=codes))


def differences(one: Side, other: Side, rulebook: Rulebook) -> list[Difference]:
    """The codes that the two answers count differently; both must know how to count."""
    if one.answer.method is None or other.answer.method is None:
        return []
    mine, theirs = ({each.code: each for each in some.codes} for some in (one, other))
    found = []
    for code in dict.fromkeys([*mine, *theirs]):
        pair = (mine.get(code), theirs.get(code))
        units = tuple(each.units if each else 0 for each in pair)
        if units[0] != units[1]:
            known = pair[0] or pair[1]
            assert known is not None
            found.append(
                Difference(
                    code=code, label=known.label, minutes=known.minutes, units=(units[0], units[1]),
                    why=(_why(one, code, rulebook), _why(other, code, rulebook)),
                )
            )  # fmt: skip
    return found


def _why(some: Side, code: str, rulebook: Rulebook) -> str:
    """What earned the last unit of a code, or by which rule it earns none."""
    answer = some.answer
    shown = next((each for each in some.codes if each.code == code), None)
    if shown is not None and shown.reasons:
        return said(shown.reasons[-1].because)
    kin = rulebook.kin(code, answer.on)
    if kin is None:
        return _("It is not in force on this date.")
    if code in answer.tied.codes and not answer.chosen:
        return _("It is in a tie: the treating professional chooses which service takes the unit.")
    if answer.method == "total" and kin[0].pooled:
        return _("All timed minutes of the day are added up first; no unit is left for it.")
    if answer.method == "total" and code in counting_rules(rulebook, answer.on).whole:
        return _("CMS expects the whole time of this code, and its minutes do not reach it.")
    return _("Counted by itself, it does not pass the middle of its time.")


def as_text(some: Side) -> str:
    """The lines of one answer as plain text for a note: minutes, units and the rule, no findings."""
    answer = some.answer
    rows = [
        (each.code, said(each.label), each.minutes, ", ".join(_line(line) for line in each.lines) or
         _("documented, not billable"))
        for each in some.codes
    ]  # fmt: skip
    text = [_("%(date)s, %(discipline)s") % {"date": answer.on, "discipline": answer.discipline}]
    text += [
        _("%(code)s %(label)s: %(minutes)s min, %(units)s")
        % {"code": code, "label": label, "minutes": minutes, "units": units}
        for code, label, minutes, units in rows
    ]
    text.append(_("Timed-code minutes: %(minutes)s") % {"minutes": answer.timed_minutes})
    text.append(_("Minutes of all services above: %(minutes)s") % {"minutes": sum(row[2] for row in rows)})
    if answer.method is not None:
        text.append(
            _("Units by %(method)s, %(payer)s")
            % {"method": said(some.method), "payer": said(some.payer) or _("no payer named")}
        )
    cites: Sequence[str] = list(dict.fromkeys(each.cite for each in answer.explain))
    text += [_("Source: %(cite)s") % {"cite": cite} for cite in cites]
    return "\n".join(text) + "\n"


def _line(line: Line) -> str:
    units = _("%(units)s unit") if line.units == 1 else _("%(units)s units")
    return f"{units % {'units': line.units}} {' '.join(line.modifiers)}".rstrip()
