"""One link of the chain: what it covers, byte for byte, and its keyed digest.

A link covers an event, and where the event names a row that never changes (`kind` is its table, `object` its id) that
row too. The columns stand here by name: a column that is added later breaks no link that was made before it.
"""

from __future__ import annotations

import hmac
from base64 import b64decode
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.apps import apps

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
    "attestation": ("notes.Attestation", ("id", "note_id", "kind", "line", "evidence", "by", "at")),
    "patient_merge": ("people.Merge", ("id", "kept_id", "other_id", "apart", "reason", "by", "at")),
}

Row = Sequence[Any]


def key() -> bytes:
    """The key of the chain: without it nobody makes a link that holds."""
    return b64decode(vault.ring().chain)


def link(
    secret: bytes, organization: str, place: int, at: datetime, before: str, event: Row, row: Row | None
) -> str:  # fmt: skip
    """The digest of a link: HMAC-SHA256 over canonical JSON of all that it covers."""
    said = msgspec.json.encode((FORM, organization, place, at, before, event, row), order="sorted")
    return hmac.digest(secret, said, "sha256").hex()


def rows_of(organization: str, events: Iterable[Row]) -> dict[tuple[str, str], Row]:
    """The rows that these events (columns as in EVENT) name, by table and id."""
    wanted: dict[str, set[str]] = {}
    for _, kind, named, *_ in events:
        if kind in ROWS:
            wanted.setdefault(kind, set()).add(named)
    found: dict[tuple[str, str], Row] = {}
    for kind, ids in wanted.items():
        model, columns = ROWS[kind]
        rows = apps.get_model(model)._base_manager.filter(organization_id=organization, id__in=ids)
        found.update(((kind, row[0]), row) for row in rows.values_list(*columns))
    return found
