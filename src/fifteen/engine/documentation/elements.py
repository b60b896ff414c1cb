"""Which elements a note of a kind, payer and date must hold or had better hold; the rulebook says it, not the code.

Every parameter `AREA.note_*` of the rulebook that names an `element` is one. Medicare's are required of payers that
follow it; of others they are not known to be asked. Fifteen's own are advisable. An organization's layer may ask for an
element of any payer, or of `payers`, in the name of whom it says (`by`): its state, a payer, itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import msgspec

from fifteen.engine.documentation.answer import ElementAnswer, Requirement, Words
from fifteen.engine.documentation.note import Kind
from fifteen.engine.documentation.reading import Reading, ReadService
from fifteen.engine.documentation.satisfied import CHECKS, TEXTS
from fifteen.kernel.finding import Finding, Severity, Status
from fifteen.rulebook import Rulebook
from fifteen.rulebook.resolve import Service, Value

MEDICARE, ADVICE = "medicare", "fifteen"
_OPEN = ("plan-diagnosis", "plan-goals")
_EVALUATIONS = ("evaluation", "re-evaluation")
_EVALUATES = ("evaluation", "reevaluation", "test")
_WEIGHT: dict[str, int] = {"not-asked": 0, "advisable": 1, "required": 2}


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """An element that somebody asks for, of which notes, and by which law."""

    element: str
    title: str
    kinds: frozenset[str]
    requirement: Requirement
    asked_by: str
    when: str
    codes: frozenset[str]
    services: frozenset[str]
    severity: Severity
    status: Status
    cite: str
    since: date


def asked_elements(rulebook: Rulebook, payer: str, on: date) -> tuple[Asked, ...]:
    """The elements asked of a note for `payer` on `on`, those required first, then in the order of the checks."""
    return rulebook.remember(("note-elements", payer, on), lambda: tuple(_asked(rulebook, payer, on)))


def _asked(rulebook: Rulebook, payer: str, on: date) -> list[Asked]:
    found: dict[str, Asked] = {}
    for id_, parameter in rulebook.parameters.items():
        area, _, name = id_.partition(".")
        value = rulebook.value_or_none(id_, on) if name.startswith("note_") and parameter.unit == "record" else None
        if value is None or value.value.get("element") not in CHECKS:
            continue
        each = _one(rulebook, area, value, parameter.title, payer)
        before = found.get(each.element)
        if before is None or _WEIGHT[each.requirement] >= _WEIGHT[before.requirement]:
            found[each.element] = each
    order = list(CHECKS)
    return sorted(found.values(), key=lambda each: (-_WEIGHT[each.requirement], order.index(each.element)))


def _one(rulebook: Rulebook, area: str, value: Value, title: str, payer: str) -> Asked:
    record = value.value
    requirement: Requirement = "required" if record["asks"] == "required" else "advisable"
    if area == MEDICARE:
        asked_by = rulebook.payer(MEDICARE).label
        applies = rulebook.follows(payer, MEDICARE)
    else:
        asked_by = record.get("by") or ("good practice" if area == ADVICE else "the organization")
        applies = payer in record.get("payers", [payer])
    severity: Severity = "info" if requirement == "advisable" else value.severity
    return Asked(
        element=record["element"],
        title=title,
        kinds=frozenset(record["kinds"]),
        requirement=requirement if applies else "not-asked",
        asked_by=asked_by,
        when=record.get("when", ""),
        codes=frozenset(record.get("codes", ())),
        services=frozenset(record.get("services", ())),
        severity=severity,
        status=value.status,
        cite=value.cite,
        since=value.since,
    )


class Named(msgspec.Struct, frozen=True):
    """The services that a note names or that were billed with it, as the catalogue holds them on the date.

    `given` are those of them that were given at the visit, not only spoken of.
    """

    services: dict[str, Service]
    given: frozenset[str]
    any: bool

    @property
    def timed(self) -> bool:
        return any(self.services[code].unit_minutes for code in self.given)


def named(reading: Reading, billed: Iterable[str], rulebook: Rulebook) -> Named:
    """The services of a note and of its claim that are in force on its date."""
    found = {}
    bill = tuple(billed)
    for code in dict.fromkeys([*reading.codes, *bill]):
        service = rulebook.service(code, reading.note.on)
        if service is not None:
            found[code] = service
    given = [each for each in reading.services if _given(each, reading.note.kind, found)]
    codes = frozenset(found) & {*bill, *(each.code for each in given)}
    return Named(found, codes, bool(codes or given))


def _given(service: ReadService, kind: Kind, known: Mapping[str, Service]) -> bool:
    """Was it given at the visit? A report or a plan speaks in prose of services of other days, without minutes."""
    if kind == "treatment" or service.field is not None or service.minutes is not None:
        return True
    found = known.get(service.code or "")
    return kind in _EVALUATIONS and found is not None and found.kind in _EVALUATES


def elements_of(reading: Reading, asked: Sequence[Asked], services: Named) -> list[ElementAnswer]:
    """Each element that is asked of this note, with the words that show it.

    Prose that speaks of time in words that were not read holds no claim: it may say what is looked for. So may any
    prose where a diagnosis or a goal is looked for, for no list of words holds them all.
    """
    found = []
    for each in asked:
        if _applies(each, reading, services):
            words = CHECKS[each.element](reading, services.services)
            unsure = reading.unsure or (each.element in _OPEN and bool(reading.note.text))
            unsure = unsure and each.severity == "block"
            found.append(_answer(each, reading.note.kind, words, "warn" if unsure else each.severity))
    return found


def _applies(asked: Asked, reading: Reading, services: Named) -> bool:
    if reading.note.kind not in asked.kinds:
        return False
    if asked.codes and not asked.codes & set(services.services):
        return False
    if asked.services and not any(service.kind in asked.services for service in services.services.values()):
        return False
    match asked.when:
        case "timed":
            return services.timed
        case "services":
            return services.any or reading.note.kind == "treatment"
        case "plan":
            return reading.note.kind == "plan-of-care" or reading.note.plan_of_care is not None
        case "signed":
            return bool(reading.signatures)
    return True


def _answer(asked: Asked, kind: Kind, words: Words | None, severity: Severity) -> ElementAnswer:
    spanned = words is not None and words.start is not None and words.end is not None
    return ElementAnswer(
        id=asked.element,
        title=asked.title,
        kind=kind,
        requirement=asked.requirement,
        asked_by=asked.asked_by,
        satisfied=words is not None,
        words=words.text if words is not None else "",
        where=words.where if words is not None else "",
        span=(words.start, words.end) if spanned else None,  # type: ignore[union-attr,arg-type]
        cite=asked.cite,
        since=asked.since,
        status=asked.status,
        severity=severity,
        fix="" if words is not None else TEXTS[asked.element].fix,
    )


def missing(elements: Iterable[ElementAnswer]) -> list[Finding]:
    """A finding for each element that is asked for and is not there; only a rule of status primary blocks."""
    return [
        Finding(
            f"note.{each.id}", "warn" if each.severity == "block" and each.status != "primary" else each.severity,
            TEXTS[each.id].missing, each.fix, each.cite, each.kind,
        )
        for each in elements
        if not each.satisfied and each.requirement != "not-asked"
    ]  # fmt: skip
