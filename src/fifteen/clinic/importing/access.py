"""Uploads and what came in with them are fetched here only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from fifteen.clinic.importing.models import CarriedLine, ImportedRow, Upload
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.context import current
from fifteen.clinic.tenancy.errors import NotFound
from fifteen.clinic.tenancy.models import Organization
from fifteen.clinic.treatment.models import Visit


def uploads() -> QuerySet[Upload]:
    """Every file that was given, the newest first, without its content."""
    found: QuerySet[Upload] = Upload.objects.defer("content", "found").order_by("-at", "-id")
    return found


def upload(id: str) -> Upload:
    """The file of this id; `NotFound` where this organization has none."""
    found = Upload.objects.filter(id=id.replace("\0", "")).first()
    if not isinstance(found, Upload):
        raise NotFound("upload")
    return found


def held_upload(id: str) -> Upload:
    """The same, held until the transaction ends: nobody else runs it meanwhile."""
    found = Upload.objects.select_for_update(no_key=True).filter(id=id).first()
    if not isinstance(found, Upload):
        raise NotFound("upload")
    return found


def one_at_a_time() -> None:
    """Two files that go in at once could each register the same patient: they queue for the organization."""
    Organization.objects.select_for_update(no_key=True).get(id=current())


def same_done(digest: str, kind: str) -> Upload | None:
    """The last time that the same bytes went in as the same kind."""
    found: Upload | None = uploads().filter(digest=digest, kind=kind, state="done").first()
    return found


def stale(before: datetime) -> QuerySet[Upload]:
    """Files given before this instant of which content or findings are still kept."""
    kept = Q(content__isnull=False) | Q(found__isnull=False)
    found: QuerySet[Upload] = Upload.objects.filter(kept, at__lt=before)
    return found


def known_keys(kind: str) -> set[str]:
    """The keys of the rows of a kind that are in."""
    return set(ImportedRow.objects.filter(kind=kind).values_list("key", flat=True))


def keep(keys: Iterable[str], *, kind: str, made: str, upload: str) -> None:
    """These rows are in, and made this."""
    at = now()
    ImportedRow.objects.bulk_create(
        ImportedRow(key=key, kind=kind, made=made, upload=upload, at=at) for key in keys
    )  # fmt: skip


def carry_lines(visit: Visit, said: Sequence[dict[str, Any]], upload: str) -> None:
    """Keep what another system said of the services of a visit."""
    at = now()
    CarriedLine.objects.bulk_create(
        CarriedLine(
            visit=visit, place=place, code=each["code"], modifiers=" ".join(each.get("modifiers", ())),
            units=each.get("units"), minutes=each.get("minutes"), upload=upload, at=at,
        )
        for place, each in enumerate(said)
    )  # fmt: skip


def came_with(visit: Visit, upload: str) -> bool:
    """Did this visit come in with that file?"""
    return bool(CarriedLine.objects.filter(visit=visit, upload=upload).exists())


def carried_lines(visit: Visit) -> QuerySet[CarriedLine]:
    """What another system said of the services of a visit, in its order."""
    found: QuerySet[CarriedLine] = CarriedLine.objects.filter(visit=visit).order_by("place", "id")
    return found
