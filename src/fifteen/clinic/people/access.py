"""Patients are fetched here only."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from fifteen.clinic import vault
from fifteen.clinic.people.models import Merge, Patient
from fifteen.clinic.tenancy.context import current
from fifteen.clinic.tenancy.errors import NotFound

IDENTIFIER = {"table": "patient", "column": "identifier"}


def identifier_key(value: str) -> str:
    """What an identifier is found by: keyed, apart for each organization, blanks and dashes not counted."""
    plain = "".join(each for each in value.upper() if each.isalnum())
    return vault.lookup(plain, kind=f"patient.identifier\0{current()}") if plain else ""


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


def merged_into(found: Patient) -> QuerySet[Patient]:
    """Every record that is read under this one, by name."""
    rows: QuerySet[Patient] = Patient.objects.filter(id__in=family(found)[1:]).order_by("name", "id")
    return rows


def merges(found: Patient) -> QuerySet[Merge]:
    """What was merged and separated with these records, oldest first."""
    ids = family(found)
    rows: QuerySet[Merge] = Merge.objects.filter(Q(kept__in=ids) | Q(other__in=ids)).order_by("at", "id")
    return rows
