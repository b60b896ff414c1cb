"""One row of every model, made from its fields alone: a model that is added later is covered without a word."""

from __future__ import annotations

import zlib
from datetime import date
from itertools import count
from typing import Any

import msgspec
from django.apps import apps
from django.db import models, transaction

from fifteen.clinic.audit import chain
from fifteen.clinic.tenancy.models import Organization, Owned
from fifteen.clinic.treatment.answering import Inputs
from fifteen.engine.day import Context
from tests.clinic.conftest import NOON, as_organization

GROWING = tuple(
    sorted({*chain.ROWS, "audit_event", "audit_seal", "carried_line", "imported_row", "interval_person", "timer_event"})
)
"""The tables whose rows are never changed or removed."""

_number = count(1)
_organizations: set[str] = set()


def clinic_models() -> list[type[models.Model]]:
    """Every model of the clinic, parents before the rows that point at them."""
    found = [each for each in apps.get_models() if each.__module__.startswith("fifteen.clinic.")]
    placed: list[type[models.Model]] = []
    while found:
        ready = [each for each in found if all(parent is each or parent in placed for parent in _parents(each))]
        assert ready, f"these models point at each other in a ring: {found}"
        placed += ready
        found = [each for each in found if each not in ready]
    return placed


def owned_models() -> list[type[Owned]]:
    return [each for each in clinic_models() if issubclass(each, Owned)]


def by_name(name: str) -> type[models.Model]:
    """The model of this name in small letters, as in the parameters of an address."""
    return next(each for each in clinic_models() if each.__name__.lower() == name)


def make_rows(organization: Organization, word: str = "x", **given: models.Model) -> dict[str, Any]:
    """One row of every model for this organization, by the model's name; `given` are used in place of new ones.

    Every text begins with `word`, to be looked for where it may not be.
    """
    made: dict[type[models.Model], Any] = {Organization: organization}
    _organizations.add(organization.id)
    made |= {by_name(name.lower()): row for name, row in given.items()}
    with as_organization(organization.id):
        for model in owned_models():
            if model not in made:
                made[model] = fill(model, made, word)
                made[model].save(force_insert=True)
    return {model.__name__: row for model, row in made.items()}


def fill(model: type[Owned], made: dict[type[models.Model], Any], word: str = "x") -> Owned:
    """An unsaved row with something plausible in every field that has no default."""
    values: dict[str, Any] = {}
    once = {name for each in model._meta.total_unique_constraints for name in each.fields}  # a default would clash
    for field in model._meta.concrete_fields:
        if field.name in ("id", "organization"):
            continue
        if isinstance(field, models.ForeignKey):
            parent = field.related_model
            if parent in made:
                values[field.name] = made[parent]
        elif (field.has_default() or field.null) and field.name not in once:
            continue
        else:
            values[field.name] = _something(field, word)
    if model.__name__ == "Job":
        values["state"] = "dead"  # only such a one can be tried again
    if model.__name__ == "Assessment":
        values["inputs"] = zlib.compress(msgspec.json.encode(Inputs(day=None, context=Context())))
    return model(**values)


def every_row() -> dict[tuple[str, str], dict[str, Any]]:
    """All that is stored of all organizations, by table and id, to be compared with what is stored later."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    with transaction.atomic():
        for organization in _organizations:
            with as_organization(organization):
                for model in clinic_models():
                    rows = model.objects.filter(pk=organization) if model is Organization else model.objects.all()
                    found |= {(model._meta.db_table, str(row["id"])): row for row in rows.values()}
    return found


def _something(field: models.Field[Any, Any], word: str) -> Any:
    number = next(_number)
    match field:
        case models.CharField(choices=choices) if choices:
            return "therapist"
        case models.CharField(max_length=int(length)):
            return f"{word}{number}"[-length:]
        case models.TextField():
            return f'{{"content": {{"text": "{word}{number}"}}}}'  # as a signed version keeps its text
        case models.DateTimeField():
            return NOON
        case models.DateField():
            return date(2026, 3, 2)
        case models.BooleanField():
            return False
        case models.IntegerField() | models.DecimalField():
            return number
        case models.BinaryField():
            return b"x"
    raise AssertionError(f"tests/clinic/rows.py cannot fill {field}, a {type(field).__name__}; teach it")


def _parents(model: type[models.Model]) -> set[Any]:
    return {field.related_model for field in model._meta.concrete_fields if isinstance(field, models.ForeignKey)}
