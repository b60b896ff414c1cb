"""Proving documents: each row has its file, each file its row, and what opens is byte for byte what was filed."""

from __future__ import annotations

from contextlib import nullcontext

import msgspec
from django.db import connection, transaction

from fifteen.clinic.documents import access, services
from fifteen.clinic.tenancy.context import acting
from fifteen.kernel.finding import Finding, Severity

TOLD = 20  # findings of one kind that are told one by one
_SAID: dict[str, tuple[Severity, str, str]] = {
    "missing": (
        "block", "The file of a document is not there.",
        "Put the folder clinic/files back from the newest backup, beside what is there.",
    ),
    "unreadable": (
        "block", "The file of a document does not open: its bytes or its key is another.",
        "Put this file back from the newest backup, and the key ring that was in use then.",
    ),
    "changed": (
        "block", "The file of a document is not what was filed.",
        "Keep this installation as it is, compare with the newest backup, and tell compliance.",
    ),
    "stray": (
        "warn", "There is a file that no document names.",
        "Compare with the newest backup: the database may be older than the files.",
    ),
}  # fmt: skip


class Documents(msgspec.Struct, frozen=True):
    """How many documents were opened and compared, and what was found."""

    count: int
    findings: list[Finding]


def documents(organization: str) -> Documents:
    """Open every document of an organization; nothing is changed but the name of a file that a power cut left."""
    # As for the trail: on SQLite a transaction would keep every writer out for as long as this takes.
    whole = transaction.atomic() if connection.vendor == "postgresql" else nullcontext()
    with whole, acting(organization):
        services.mend()
        return Documents(access.count(), _findings(services.troubles()))


def _findings(troubles: list[tuple[str, str]]) -> list[Finding]:
    found: list[Finding] = []
    for kind, (severity, said, fix) in _SAID.items():
        ids = [id for id, trouble in troubles if trouble == kind]
        found += [Finding(f"documents.{kind}", severity, said, fix, where=f"document {id}") for id in ids[:TOLD]]
        if len(ids) > TOLD:
            more = f"And {len(ids) - TOLD} more of this kind."
            found.append(Finding(f"documents.{kind}", severity, more, where="more"))
    return found
