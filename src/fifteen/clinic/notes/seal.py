"""What is signed, byte for byte: one spelling of the content, and its digest."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC
from typing import Any

from fifteen.clinic.notes.models import Note, SignedVersion


def canonical(content: Any) -> str:
    """JSON in one spelling: keys sorted, no blanks, text as it is; `ValueError` for what JSON does not know."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(content: str) -> str:
    """SHA-256 of the bytes."""
    return hashlib.sha256(content.encode()).hexdigest()


def sealed(version: SignedVersion, note: Note, content: Any) -> SignedVersion:
    """Fill in `content` and `digest`: the note's text, and beside it everything that says whose and what it is."""
    version.content = canonical({**_around(version, note), "content": content})
    version.digest = digest(version.content)
    return version


def content_of(version: SignedVersion) -> Any:
    """The text of the note as it was signed."""
    return json.loads(version.content)["content"]


def faults(version: SignedVersion) -> list[str]:
    """What of a stored version is no longer as it was signed; empty where all of it is."""
    found = [] if digest(version.content) == version.digest else ["digest"]
    try:
        signed = json.loads(version.content)
        around = _around(version, version.note)
        return found + [field for field, value in around.items() if signed[field] != value]
    except (KeyError, TypeError, ValueError):
        return [*found, "content"]


def _around(version: SignedVersion, note: Note) -> dict[str, Any]:
    return {
        "note": note.id,
        "patient": note.patient_id,
        "kind": note.kind,
        "date": note.date.isoformat(),
        "number": version.number,
        "amends": version.amends_id,
        "reason": version.reason,
        "author": version.author,
        "credential": version.credential,
        "at": version.at.astimezone(UTC).isoformat(),
    }
