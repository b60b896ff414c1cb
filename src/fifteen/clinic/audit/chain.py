"""One link of the chain: what it covers, byte for byte, and its keyed digest.

A link covers an event, and where the event names a row that never changes (`kind` is its table, `object` its id) that
row too. The columns stand here by name: a column that is added later breaks no link that was made before it.
"""

from __future__ import annotations

import hmac
from base64 import b64decode
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec
from django.apps import apps
from django.db.models import Model, QuerySet
from django.db.models.functions import Coalesce

from fifteen.clinic import vault

FORM = 1  # of the bytes below; a new form gets a new number, and old links keep theirs
START = "0" * 64  # what stands before the first link

EVENT = (
    "id", "kind", "object", "at", "actor", "role", "action", "patient", "outcome", "address", "device", "session",
    "detail",
)  # fmt: skip
ROWS = {
    "note_version": (
        "notes.SignedVersion",
        ("id", "note_id", "number", "amends_id", "reason", "content", "digest", "author", "credential", "at"),
    ),
    "note_in_error": ("notes.EnteredInError", ("id", "note_id", "reason", "withdrawn", "by", "at")),
    "note_cosigned": ("notes.CoSignature", ("id", "version_id", "digest", "by", "credential", "at")),
    "attestation": ("notes.Attestation", ("id", "note_id", "kind", "line", "evidence", "ground", "by", "at")),
    "patient_merge": ("people.Merge", ("id", "kept_id", "other_id", "apart", "reason", "by", "at")),
    "consent": ("people.Consent", ("id", "patient_id", "kind", "date", "withdrawn", "by", "at")),
    "accrual": ("people.Accrual", ("id", "patient_id", "year", "bucket", "cents", "as_of", "source", "by", "at")),
    "certification": (
        "treatment.Certification", ("id", "plan_id", "step", "date", "signer", "how", "reason", "void_id", "by", "at"),
    ),
    "carried_over": (
        "treatment.CarriedOver",
        ("id", "episode_id", "as_of", "days_since_report", "visits_used", "units_used", "source", "at"),
    ),
    "interval": (
        "treatment.Interval",
        (
            "id", "visit_id", "service", "mode", "start", "stop", "minutes", "origin", "session", "amends_id", "reason",
            "by", "at",
        ),
    ),
    "score": (
        "treatment.Score", ("id", "episode_id", "measure", "value", "date", "amends_id", "reason", "by", "at"),
    ),
    "tie_choice": ("treatment.TieChoice", ("id", "visit_id", "codes", "by", "at")),
    "assessment": (
        "treatment.Assessment",
        ("id", "patient_id", "date", "number", "inputs", "answer", "reason", "digest", "engine", "rulebook", "at"),
    ),
    "document": (
        "documents.Document",
        (
            "id", "patient_id", "episode_id", "plan_id", "kind", "title", "media", "size", "digest", "signer", "signed",
            "received", "by", "at",
        ),
    ),
    "document_hidden": ("documents.DocumentHidden", ("id", "document_id", "reason", "shown", "by", "at")),
}  # fmt: skip

Row = Sequence[Any]

_CANONICAL = msgspec.json.Encoder(order="sorted")


def key() -> bytes:
    """The key of the chain: without it nobody makes a link that holds."""
    return b64decode(vault.ring().chain)


def link(
    secret: bytes, organization: str, place: int, at: datetime, before: str, event: Row, row: Row | None
) -> str:  # fmt: skip
    """The digest of a link: HMAC-SHA256 over canonical JSON of all that it covers."""
    made = _prepared(secret).copy()
    made.update(_CANONICAL.encode((FORM, organization, place, at, before, event, row)))
    return made.hexdigest()


@lru_cache(maxsize=1)
def _prepared(secret: bytes) -> hmac.HMAC:
    """The hash with the key already in it: that half of the work is the same for every link."""
    return hmac.new(secret, digestmod="sha256")


def of(model: type[Model], organization: str) -> QuerySet[Any]:
    """The rows of an organization, to be asked for by id.

    SQLite, which knows nothing of how many rows there are, would take the index of the organization and so, in a file
    that is one organization's, go through the whole table for each page of ids. No index fits an expression.
    """
    rows: QuerySet[Any] = model._base_manager.alias(whose=Coalesce("organization_id", "organization_id"))
    return rows.filter(whose=organization)


def rows_of(organization: str, events: Iterable[Row]) -> dict[tuple[str, str], Row]:
    """The rows that these events (columns as in EVENT) name, by table and id."""
    wanted: dict[str, set[str]] = {}
    for _, kind, named, *_ in events:
        if kind in ROWS:
            wanted.setdefault(kind, set()).add(named)
    found: dict[tuple[str, str], Row] = {}
    for kind, ids in wanted.items():
        model, columns = ROWS[kind]
        rows = of(apps.get_model(model), organization).filter(id__in=ids)
        found.update(((kind, row[0]), row) for row in rows.values_list(*columns))
    return found
