"""Unsafe requests that were answered: claimed by their key before they are done, kept thirty days with their answer."""

from __future__ import annotations

from datetime import timedelta

from django.db import IntegrityError, transaction

from fifteen.clinic import vault
from fifteen.clinic.jobs.models import Answered
from fifteen.clinic.tenancy.clock import now

KEPT = timedelta(days=30)


def claim(key: str, actor: str, asked: str) -> tuple[Answered, bool]:
    """The row of this key, and whether it was made just now. Who comes second waits here for the first's end."""
    Answered.objects.filter(key=key, actor=actor, at__lt=now() - KEPT).delete()
    found = Answered.objects.filter(key=key, actor=actor).first()
    if isinstance(found, Answered):
        return found, False
    row = Answered(key=key, actor=actor, asked=asked, status=0, body=b"", at=now())
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return Answered.objects.get(key=key, actor=actor), False
    return row, True


def keep(row: Answered, status: int, headers: dict[str, str], body: bytes) -> None:
    """Store the answer, sealed: a page may show what is shown only once."""
    row.status, row.headers = status, headers
    row.body = vault.seal(body, table="answered", column="body", row=row.id)
    row.save(update_fields=["status", "headers", "body"])


def body_of(row: Answered) -> bytes:
    """The answer's bytes."""
    return vault.open_(bytes(row.body), table="answered", column="body", row=row.id)


def drop(row: Answered) -> None:
    """Forget a claim: nothing was done for it."""
    row.delete()


def sweep() -> int:
    """Remove what is older than thirty days; how many there were."""
    return int(Answered.objects.filter(at__lt=now() - KEPT).delete()[0])
