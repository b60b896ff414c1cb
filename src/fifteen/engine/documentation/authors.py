"""Who wrote and signed a note, as what and when: whether they may, whether all who treated are named, late entries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec

from fifteen.engine.day import Person
from fifteen.engine.documentation.note import KIND_NAMES, Note
from fifteen.engine.documentation.reading import Reading, ReadSignature
from fifteen.engine.documentation.words import vocabulary
from fifteen.engine.people import Role
from fifteen.kernel.finding import Finding, Severity
from fifteen.rulebook import Rulebook
from fifteen.rulebook.resolve import Value

_OF_A_VISIT = ("treatment", "evaluation", "re-evaluation")
_TREATING = ("therapist", "assistant", "student")
_PLURAL = {"therapist": "a therapist", "assistant": "an assistant", "student": "a student", "aide": "an aide"}
_EVALUATION = {"evaluation": "evaluation", "re-evaluation": "reevaluation"}


class Clock(msgspec.Struct, frozen=True):
    """The present instant, where it is known, and the site's zone, whose dates count."""

    now: datetime | None = None
    zone: str | None = None

    def day(self, instant: datetime) -> date:
        """The site's date of an instant; without a zone, the date of its own offset."""
        return (instant if self.zone is None else instant.astimezone(ZoneInfo(self.zone))).date()


def author_findings(
    reading: Reading, people: Sequence[Person], rulebook: Rulebook, medicare: bool, clock: Clock, payer: str
) -> list[Finding]:
    """What is to be said of a note's signatures; `people` are those who treated, with their roles."""
    roles = {person.id: person.role for person in people}
    signed = [(each, roles.get(each.person, each.role)) for each in reading.signatures]
    found = _may(reading.note, signed, rulebook, medicare)
    found += _co_sign(reading.note, signed, rulebook, payer)
    found += _as_what(reading.note, signed, roles, rulebook)
    found += _contributors(reading, people, rulebook) if medicare else []
    return found + _when(reading.note, rulebook, clock)


Signed = Sequence[tuple[ReadSignature, Role]]


def _may(note: Note, signed: Signed, rulebook: Rulebook, medicare: bool) -> list[Finding]:
    """Kinds of note that only a therapist may write; another's text may add to one, never be one."""
    authors = [role for each, role in signed if each.part == "author"]
    if not authors or "therapist" in authors:
        return []
    law = _law(note, authors, rulebook)
    if law is None:
        return []
    severity: Severity = law.severity if medicare else "warn"
    return [
        Finding(
            "note.author-may-not", severity,
            f"The author of this {KIND_NAMES[note.kind]} is {_PLURAL[authors[0]]}, who may add to it, not write it.",
            "A therapist writes and signs it from their own findings.", law.cite, "signatures",
        )
    ]  # fmt: skip


def _law(note: Note, authors: Sequence[Role], rulebook: Rulebook) -> Value | None:
    evaluation = rulebook.value_or_none("medicare.assistant_may_not", note.on)
    if evaluation is not None and "assistant" in authors and _EVALUATION.get(note.kind) in evaluation.value:
        return evaluation
    laws = [rulebook.value_or_none(id_, note.on) for id_ in ("medicare.note_plan_author", "medicare.note_author")]
    return next((law for law in laws if law is not None and note.kind in law.value), None)


def _co_sign(note: Note, signed: Signed, rulebook: Rulebook, payer: str) -> list[Finding]:
    """A therapist signs too where the state, the payer or the organization asks for it, and only there."""
    if any(role == "therapist" for _, role in signed):
        return []
    authors = [role for each, role in signed if each.part == "author"]
    rules = ((role, _co_sign_rule(role, rulebook, note.on, payer)) for role in authors)
    asked, rule = next(((role, rule) for role, rule in rules if rule is not None), (None, None))
    if asked is None or rule is None:
        return []
    return [
        Finding(
            "note.co-sign", "warn", f"The note of {_PLURAL[asked]} has no therapist's signature beside it.",
            "The supervising therapist reads and signs it; your organization's rulebook says whose notes need it.",
            rule.cite, "signatures",
        )
    ]  # fmt: skip


def _co_sign_rule(role: Role, rulebook: Rulebook, on: date, payer: str) -> Value | None:
    """The rule that asks for a therapist beside `role`: the organization's where it speaks of the role, else ours."""
    for id_ in ("organization.co_sign", "fifteen.note_co_sign"):
        rule = rulebook.value_or_none(id_, on)
        if rule is not None and role in rule.value and payer in rule.value.get("payers", [payer]):
            return rule if rule.value[role] is True else None
    return None


def _as_what(note: Note, signed: Signed, roles: dict[str, Role], rulebook: Rulebook) -> list[Finding]:
    """The credential behind a name, the role of the signature and the role of the day belong together."""
    found = []
    words = vocabulary(rulebook, note.on)
    for each, role in signed:
        known = [m.phrase.value for m in words.find(each.credential) if "credential" in m.phrase.kinds]
        claimed = known[0] if known else each.role
        name = each.person or each.words.text
        said = ""
        if claimed != each.role:
            said = (
                f"The credential {each.credential} is {_PLURAL[claimed]}'s, and {name} signs as {_PLURAL[each.role]}."
            )
        elif each.role != role:
            said = f"{name} signs as {_PLURAL[each.role]} and treated as {_PLURAL[role]}."
        if said:
            fix = "Correct the credential or the role, whichever is wrong."
            found.append(Finding("note.signature-role", "warn", said, fix, where=each.words.where))
    if note.kind == "treatment" and any(role == "aide" for each, role in signed if each.part == "author"):
        found.append(
            Finding(
                "note.signature-aide", "warn", "An aide signed as author; an aide is not a treating professional.",
                "The professional who treated signs.", where="signatures",
            )
        )  # fmt: skip
    return found


def _contributors(reading: Reading, people: Iterable[Person], rulebook: Rulebook) -> list[Finding]:
    law = rulebook.value_or_none("medicare.note_contributors", reading.note.on)
    if law is None or not reading.signatures or reading.note.kind not in _OF_A_VISIT:
        return []
    named = {each.person for each in reading.signatures if each.person}
    named |= {person for service in reading.note.services for person in service.people}
    unnamed_roles = {each.role for each in reading.signatures if not each.person}
    told = _roles_in_prose(reading, rulebook)
    return [
        Finding(
            "note.contributor-not-named", "info" if person.role in told else law.severity,
            f"{person.id}, {_PLURAL[person.role]}, treated on this day and is not named in the note.",
            "Name everyone who treated, with credential, and what was their part.", law.cite, "signatures",
        )
        for person in people
        if person.role in _TREATING and person.id not in named and person.role not in unnamed_roles
    ]  # fmt: skip


def _roles_in_prose(reading: Reading, rulebook: Rulebook) -> set[str]:
    """Roles whose credential stands in the prose: not to have read the name beside it is our limit, not the note's."""
    words = vocabulary(rulebook, reading.note.on)
    found = words.find(reading.note.text) if reading.note.text else []
    return {each.phrase.value for each in found if "credential" in each.phrase.kinds}


def entered(note: Note) -> datetime | None:
    """When a note was entered: as it says, or when its author first signed; None where neither is known."""
    signed = [each.at for each in note.signatures if each.at is not None and each.part == "author"]
    return note.written or min(signed, default=None)


def _when(note: Note, rulebook: Rulebook, clock: Clock) -> list[Finding]:
    """Entered or signed before the visit, in the future, or late without a reason."""
    found: list[Finding] = []
    instants = [each.at for each in note.signatures if each.at is not None]
    instants += [note.written] if note.written is not None else []
    if instants and clock.day(min(instants)) < note.on:
        found.append(_dated("before the day it is about", clock.day(min(instants)), note.on))
    if instants and clock.now is not None and max(instants) > clock.now:
        found.append(_dated("in the future", clock.day(max(instants)), note.on))
    first = entered(note)
    law = rulebook.value_or_none("medicare.note_late", note.on)
    days = 0 if first is None else (clock.day(first) - note.on).days
    if law is not None and days > law.value["days"] and not note.late_reason.strip():
        found.append(
            Finding(
                "note.late-entry", law.severity,
                f"The note was entered {days} days after the visit, and no reason is given.",
                "Mark it as a late entry with today's date and the reason.", law.cite, "written",
            )
        )  # fmt: skip
    return found


def _dated(when: str, entered: date, on: date) -> Finding:
    return Finding(
        "note.signature-date", "warn", f"The note of {on} bears the date {entered}, which is {when}.",
        "Correct the date that is wrong.", where="signatures",
    )  # fmt: skip


def plan_findings(
    reading: Reading, earlier: Sequence[Note] | None, rulebook: Rulebook, medicare: bool
) -> list[Finding]:
    """A plan of care is established before treatment begins."""
    note = reading.note
    law = rulebook.value_or_none("medicare.note_plan_first", note.on)
    if law is None or (note.kind != "plan-of-care" and note.plan_of_care is None):
        return []
    established = (note.plan_of_care.established if note.plan_of_care is not None else None) or note.on
    before = [each for each in earlier or () if each.discipline == note.discipline]
    planned = any(each.kind == "plan-of-care" or each.plan_of_care is not None for each in before)
    treated = min((each.on for each in before if each.kind == "treatment"), default=None)
    if planned or treated is None or treated >= established:
        return []
    severity: Severity = law.severity if medicare else "warn"
    return [
        Finding(
            "note.plan-after-treatment", severity,
            f"The plan of care is of {established}, and treatment began on {treated}.",
            "Look for the plan that treatment began under; a visit before any plan is not covered.",
            law.cite, "plan_of_care",
        )
    ]  # fmt: skip
