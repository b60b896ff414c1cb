"""A new key for what is sealed: every sealed column and file sealed again in batches, while people go on working."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import msgspec
from django.apps import apps
from django.db import models

from fifteen.clinic import vault
from fifteen.clinic.audit.record import record
from fifteen.clinic.documents import access as documents
from fifteen.clinic.documents import files
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.keeper import organization_ids, within

BATCH = 200  # rows of one transaction: short enough that nobody waits for it
QUIET = timedelta(hours=1)  # a key is thrown away only so long after the newest: no transaction is that old


class Rotated(msgspec.Struct, frozen=True):
    """What a rotation did: the key that seals now, the values sealed again, and values by the key that seals them."""

    newest: int
    resealed: int
    sealed_with: dict[int, int]


class Pruned(msgspec.Struct, frozen=True):
    """Keys thrown away, keys kept, and why a key that is not the newest was kept."""

    dropped: tuple[int, ...]
    kept: tuple[int, ...]
    because: dict[int, str]


def columns() -> Iterator[tuple[type[models.Model], str]]:
    """The sealed columns, as models and names of fields."""
    for app, model, field in vault.SEALED:
        yield apps.get_model(app, model), field


def rotate(batch: int = BATCH) -> Rotated:
    """A new key, then everything under it. What an interruption leaves the next call brings to the end."""
    newest = vault.add_key(now())
    resealed = sum(_reseal_organization(organization, newest, batch) for organization in organization_ids())
    return Rotated(newest, resealed, sealed_with())


def prune() -> Pruned:
    """Throw away the keys that seal nothing any more. Keep the old ring as long as backups from before."""
    ring = vault.ring()
    began = ring.since.get(ring.newest)
    used = sealed_with()
    because: dict[int, str] = {}
    for number in ring.keys:
        if number == ring.newest:
            continue
        if used.get(number):
            because[number] = f"seals {used[number]} values; run `fifteen keys rotate`"
        elif began is None or now() - began < QUIET:
            because[number] = "may still be in use since the last rotation; try again an hour after it"
    dropped = set(ring.keys) - set(because) - {ring.newest}
    if dropped:
        for organization in organization_ids():
            with within(organization):
                record("keys.pruned", at=now(), kind="keys", keys=sorted(dropped))
        vault.drop_keys(dropped)
    return Pruned(tuple(sorted(dropped)), tuple(sorted(set(ring.keys) - dropped)), because)


def sealed_with() -> dict[int, int]:
    """How many values each key seals, over all organizations."""
    found: Counter[int] = Counter()
    for organization in organization_ids():
        with within(organization):
            for model, field in columns():
                values = _rows(model).exclude(**{field: None}).values_list(field, flat=True)
                found.update(vault.key_of(each) for each in values.iterator())
            for document in documents.files_known():
                found.update(_keys_of_file(document))
    return dict(sorted(found.items()))


def _keys_of_file(document: str) -> Counter[int]:
    """By which keys a file's pieces are sealed; none where it is missing, which `fifteen verify` tells."""
    try:
        return files.keys_of(document)
    except vault.Sealed:
        return Counter()


def _rows(model: type[models.Model]) -> models.QuerySet[Any]:
    rows: models.QuerySet[Any] = model._default_manager.all()
    return rows


def _reseal_organization(organization: str, newest: int, batch: int) -> int:
    """All of one organization, and its event with the count in the last transaction."""
    count = sum(_reseal_column(organization, model, field, newest, batch) for model, field in columns())
    count += _reseal_files(organization, newest)
    with within(organization):
        record("keys.rotated", at=now(), kind="keys", key=newest, count=count)
    return count


def _reseal_column(organization: str, model: type[models.Model], field: str, newest: int, batch: int) -> int:
    """Go through the rows by id; again from the start until a whole round found nothing to do."""
    total, found, after = 0, 0, ""
    while True:
        with within(organization):
            rows = list(_rows(model).filter(id__gt=after).order_by("id").values_list("id", field)[:batch])
            for row, sealed in rows:
                if sealed is not None and vault.key_of(sealed) < newest:
                    found += _reseal(model, field, row, bytes(sealed))
        if rows:
            after = rows[-1][0]
        elif found:
            total, found, after = total + found, 0, ""
        else:
            return total


def _reseal_files(organization: str, newest: int) -> int:
    """Every file once more: one that is filed meanwhile is sealed with the newest key already."""
    with within(organization):
        known = list(documents.files_known())
    count = 0
    for document in known:
        with within(organization):
            count += files.reseal(document, newest)
    return count


def _reseal(model: type[models.Model], field: str, row: str, sealed: bytes) -> int:
    """Seal one value again; where it was changed since it was read, the next round sees to it."""
    table = model._meta.db_table
    try:
        value = vault.open_(sealed, table=table, column=field, row=row)
    except vault.Sealed:
        return 0  # stays as it is and keeps its key: `sealed_with` counts it
    again = vault.seal(value, table=table, column=field, row=row)
    _rows(model).filter(**{"id": row, field: sealed}).update(**{field: again})
    return 1
