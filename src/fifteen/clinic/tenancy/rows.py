"""Rows as they are added and changed: what no column could hold is refused, and who comes second is told."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from django.db import models
from django.utils.translation import gettext as _

from fifteen.clinic.tenancy.errors import Conflict, NotFound, Refused
from fifteen.clinic.tenancy.models import Owned

_R = TypeVar("_R", bound=Owned)

EARLIEST, LATEST = date(1900, 1, 1), date(2200, 1, 1)
_MOST = {"PositiveSmallIntegerField": 32_767, "PositiveIntegerField": 2_147_483_647}


def add(row: _R) -> _R:
    """Store a new row, where every value has a place in its column."""
    fit({field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}, type(row))
    row.save(force_insert=True)
    return row


def change(row: Owned, version: int, wanted: dict[str, Any]) -> list[str]:
    """Store `wanted` over the version that was seen, and in `row`; the names of the fields that differ from `row`.

    `Conflict` where that version is no longer the newest: it holds what stands and what was not stored.
    """
    model: Any = type(row)
    fit({model._meta.get_field(field).attname: _plain(value) for field, value in wanted.items()}, model)
    if not model.objects.filter(id=row.id, version=version).update(**wanted, version=version + 1):
        found = model.objects.filter(id=row.id).first()
        if found is None:
            raise NotFound(model._meta.db_table)
        raise Conflict({field: getattr(found, field) for field in wanted}, wanted, found.version)
    fields = [field for field, value in wanted.items() if getattr(row, field) != value]
    for field, value in {**wanted, "version": version + 1}.items():
        setattr(row, field, value)
    return fields


def fit(values: dict[str, Any], model: type[models.Model]) -> None:
    """`Refused` where a text is too long or holds NUL, a number is too large or negative, or a year is no year."""
    fields = {field.attname: field for field in model._meta.concrete_fields}
    for name, value in values.items():
        if isinstance(value, bool) or value is None:
            continue
        if isinstance(value, str):
            _text(value, fields[name].max_length)
        elif isinstance(value, int):
            _number(value, _MOST.get(fields[name].get_internal_type()))
        elif isinstance(value, Decimal):
            _decimal(value, fields[name])
        elif isinstance(value, date) and not isinstance(value, datetime) and not EARLIEST <= value < LATEST:
            raise Refused(_("A year lies before 1900 or after 2199; look at the dates again."))
        elif isinstance(value, dict | list) and "\0" in _texts(value):
            raise Refused(_("A text holds a character that cannot be stored (NUL); take it out and save again."))


def _plain(value: Any) -> Any:
    return value.pk if isinstance(value, models.Model) else value


def _text(value: str, longest: int | None) -> None:
    if "\0" in value:
        raise Refused(_("A text holds a character that cannot be stored (NUL); take it out and save again."))
    if longest is not None and len(value) > longest:
        raise Refused(
            _("A text is longer than %(most)s characters, which is all there is room for; shorten it.")
            % {"most": longest}
        )


def _number(value: int, most: int | None) -> None:
    if most is not None and not 0 <= value <= most:
        raise Refused(
            _("%(value)s is no number that can stand here; write 0 or more, up to %(most)s.")
            % {"value": value, "most": most}
        )


def _decimal(value: Decimal, field: Any) -> None:
    room = Decimal(10) ** (field.max_digits - field.decimal_places)
    if not value.is_finite() or abs(value) >= room or value != round(value, field.decimal_places):
        raise Refused(
            _("%(value)s cannot be stored as a score; write a number with at most %(places)s decimals.")
            % {"value": value, "places": field.decimal_places}
        )


def _texts(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "".join(_texts(each) for pair in value.items() for each in pair)
    return "".join(_texts(each) for each in value) if isinstance(value, list) else ""
