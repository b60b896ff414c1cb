"""Patients, and what belongs to them alone, are fetched here only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import F, Q, QuerySet

from fifteen.clinic import vault
from fifteen.clinic.people.models import Accrual, Consent, Coverage, Merge, Patient, Referral, Referrer
from fifteen.clinic.tenancy.context import current
from fifteen.clinic.tenancy.errors import NotFound

IDENTIFIER = {"table": "patient", "column": "identifier"}
MEMBER = {"table": "coverage", "column": "member"}

BY_RANK = ("rank", F("starts").asc(nulls_first=True), "id")
"""The order of coverages; one that begins nowhere goes first, in every database."""


def identifier_key(value: str) -> str:
    """What an identifier is found by: keyed, apart for each organization, blanks and dashes not counted."""
    return _key(value, "patient.identifier")


def member_key(value: str) -> str:
    """What a member's number is found by, as an identifier is."""
    return _key(value, "coverage.member")


def _key(value: str, kind: str) -> str:
    plain = "".join(each for each in value.upper() if each.isalnum())
    return vault.lookup(plain, kind=f"{kind}\0{current()}") if plain else ""


def by_identifier(value: str) -> list[Patient]:
    """The patients with this identifier, in the order they were made."""
    key = identifier_key(value)
    return list(Patient.objects.filter(identifier_key=key).order_by("id")) if key else []


def identifier_of(patient: Patient) -> str:
    """The identifier in the clear; empty where there is none."""
    if patient.identifier is None:
        return ""
    return vault.open_(bytes(patient.identifier), row=patient.id, **IDENTIFIER).decode()


def patients() -> QuerySet[Patient]:
    """Every record that was not merged into another, by name."""
    found: QuerySet[Patient] = Patient.objects.filter(into=None).order_by("name", "id")
    return found


def search(words: str) -> QuerySet[Patient]:
    """Records whose name holds each of these words; all of them without words."""
    found = patients()
    for word in words.replace("\0", " ").split()[:8]:
        found = found.filter(name__icontains=word)
    return found


def patient(id: str) -> Patient:
    """The record of this id, also a merged one; `NotFound` where this organization has none."""
    found = Patient.objects.filter(id=id.replace("\0", "")).first()
    if not isinstance(found, Patient):
        raise NotFound("patient")
    return found


def held(id: str) -> Patient:
    """The same, held until the transaction ends: whoever else stores an answer for a day of theirs waits."""
    found = Patient.objects.select_for_update(no_key=True).filter(id=id).first()
    if not isinstance(found, Patient):
        raise NotFound("patient")
    return found


def hold(ids: Iterable[str]) -> None:
    """Hold many of them, in one order, so that of two who want the same none waits for the other."""
    list(Patient.objects.select_for_update(no_key=True).filter(id__in=list(ids)).order_by("id").values_list("id"))


def head(found: Patient) -> Patient:
    """The record that this one is read under: itself, or the end of the chain of merges."""
    while found.into_id is not None:
        found = patient(found.into_id)
    return found


def family(found: Patient) -> list[str]:
    """The ids of this record and of every record merged into it, over however many merges."""
    ids = [found.id]
    layer = ids
    while layer:
        below = Patient.objects.filter(into__in=layer).exclude(id__in=ids)
        layer = list(below.order_by("id").values_list("id", flat=True))
        ids = ids + layer
    return ids


def heads() -> dict[str, str]:
    """Every merged record, and which one it is read under, over however many merges."""
    into = dict(Patient.objects.filter(into__isnull=False).values_list("id", "into"))  # as its index says it

    def head_of(id: str) -> str:
        while id in into:
            id = into[id]
        return id

    return {each: head_of(each) for each in into}


def families(ids: Iterable[str]) -> tuple[dict[str, str], dict[str, list[str]]]:
    """For many records in one query: which record each of a family is read under, and each such record's family."""
    merged = heads()
    found: dict[str, list[str]] = {merged.get(each, each): [merged.get(each, each)] for each in ids}
    for each, under in merged.items():
        if under in found:
            found[under].append(each)
    return {each: under for under, those in found.items() for each in those}, found


def merged_into(found: Patient) -> QuerySet[Patient]:
    """Every record that is read under this one, by name."""
    rows: QuerySet[Patient] = Patient.objects.filter(id__in=family(found)[1:]).order_by("name", "id")
    return rows


def merges(found: Patient) -> QuerySet[Merge]:
    """What was merged and separated with these records, oldest first."""
    ids = family(found)
    rows: QuerySet[Merge] = Merge.objects.filter(Q(kept__in=ids) | Q(other__in=ids)).order_by("at", "id")
    return rows


# -- who pays, who sent them, what they agreed to ---------------------------------------------------------------------


def coverages(found: Patient, on: date | None = None) -> QuerySet[Coverage]:
    """Who pays for a record and all merged into it, in order of rank; those in force on a day where one is given."""
    rows: QuerySet[Coverage] = Coverage.objects.filter(patient__in=family(found)).select_related("payer")
    if on is not None:
        rows = rows.filter(Q(starts=None) | Q(starts__lte=on), Q(ends=None) | Q(ends__gte=on))
    return rows.order_by(*BY_RANK)


def two_first(found: Sequence[Coverage]) -> bool:
    """Do two payers share the lowest rank of these coverages, which are of one day?"""
    lowest = min((each.rank for each in found), default=0)
    return len({each.payer_id for each in found if each.rank == lowest}) > 1


def coverage(id: str) -> Coverage:
    """The coverage of this id; `NotFound` where this organization has none."""
    found = Coverage.objects.filter(id=id.replace("\0", "")).select_related("payer", "patient").first()
    if not isinstance(found, Coverage):
        raise NotFound("coverage")
    return found


def member_of(found: Coverage) -> str:
    """The member's number in the clear; empty where there is none."""
    if found.member is None:
        return ""
    return vault.open_(bytes(found.member), row=found.id, **MEMBER).decode()


def accruals(found: Patient) -> QuerySet[Accrual]:
    """What payers said was used of the thresholds, oldest first."""
    rows: QuerySet[Accrual] = Accrual.objects.filter(patient__in=family(found)).order_by("as_of", "at", "id")
    return rows


def referrers() -> QuerySet[Referrer]:
    """Everybody who orders therapy, by name."""
    rows: QuerySet[Referrer] = Referrer.objects.order_by("name", "id")
    return rows


def referrer(id: str) -> Referrer:
    """The referrer of this id; `NotFound` where this organization has none."""
    found = Referrer.objects.filter(id=id.replace("\0", "")).first()
    if not isinstance(found, Referrer):
        raise NotFound("referrer")
    return found


def referrals(found: Patient) -> QuerySet[Referral]:
    """The orders for a record and all merged into it, newest first."""
    rows: QuerySet[Referral] = Referral.objects.filter(patient__in=family(found)).select_related("referrer")
    return rows.order_by("-received", "-id")


def referral(id: str) -> Referral:
    """The referral of this id; `NotFound` where this organization has none."""
    found = Referral.objects.filter(id=id.replace("\0", "")).select_related("referrer", "patient").first()
    if not isinstance(found, Referral):
        raise NotFound("referral")
    return found


def consents(found: Patient) -> QuerySet[Consent]:
    """What was agreed to and taken back, oldest first."""
    rows: QuerySet[Consent] = Consent.objects.filter(patient__in=family(found)).order_by("date", "at", "id")
    return rows
