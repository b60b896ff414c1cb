"""Proving stored answers: each is as it was stored, and the engine answers the same to what was stored with it.

With the engine and rulebook that answered it must be equal. A newer one may differ: then it is told where.
"""

from __future__ import annotations

import zlib
from contextlib import nullcontext

import msgspec
from django.db import connection, transaction

from fifteen.clinic.tenancy.context import acting
from fifteen.clinic.treatment import queries, stored
from fifteen.clinic.treatment.engine_version import engine_version
from fifteen.clinic.treatment.models import Assessment
from fifteen.kernel.finding import Finding

TOLD = 20  # findings of one kind that are told one by one
_RESTORE = "Keep this installation as it is, compare with the newest backup, and tell compliance."


class Answers(msgspec.Struct, frozen=True):
    """How many answers were recomputed, how many of older rules would be answered otherwise now, and what was found."""

    count: int
    differ: int
    findings: list[Finding]


def answers(organization: str) -> Answers:
    """Recompute every stored answer of an organization; nothing is changed."""
    # As for the trail: on SQLite a transaction would keep every writer out for as long as this takes.
    whole = transaction.atomic() if connection.vendor == "postgresql" else nullcontext()
    with whole, acting(organization):
        return _all()


def _all() -> Answers:
    found: dict[str, list[Finding]] = {}
    more: dict[str, int] = {}
    count, last = 0, ""
    while page := queries.answers_after(last):
        for row in page:
            finding = _one(row)
            if finding is None:
                continue
            if len(found.setdefault(finding.id, [])) < TOLD:
                found[finding.id].append(finding)
            else:
                more[finding.id] = more.get(finding.id, 0) + 1
        count, last = count + len(page), page[-1].id
    told = [each for those in found.values() for each in those]
    told += [
        Finding(kind, found[kind][0].severity, f"And {number} more of this kind.", where="more")
        for kind, number in more.items()
    ]
    return Answers(count, len(found.get("answers.differs", ())) + more.get("answers.differs", 0), told)


def _one(row: Assessment) -> Finding | None:
    """What is wrong with one stored answer, or would be answered otherwise now."""
    where = f"answer {row.id}"
    try:
        inputs = zlib.decompress(bytes(row.inputs))
        answer = None if row.answer is None else zlib.decompress(bytes(row.answer))
        if stored.digest(inputs, answer) != row.digest:
            said = "A stored answer, or what it rests on, does not have the digest it was stored with."
            return Finding("answers.changed", "block", said, _RESTORE, where=where)
        places = stored.recompute(row)
    except (zlib.error, msgspec.MsgspecError, TypeError, ValueError, KeyError) as error:
        said = f"A stored answer cannot be read any more: {type(error).__name__}."
        return Finding("answers.unreadable", "block", said, _RESTORE, where=where)
    if not places:
        return None
    shown = ", ".join(places[:3]) + (f" and {len(places) - 3} more" if len(places) > 3 else "")
    if (row.engine, row.rulebook) == (engine_version(), stored.rulebook_hash(stored.rulebook())):
        said = f"The same engine and rulebook answer otherwise than was stored: {shown}."
        return Finding("answers.not-equal", "block", said, _RESTORE, where=where)
    said = f"Engine or rulebook are newer than this answer, and differ in {shown}."
    return Finding("answers.differs", "info", said, "Look at what changed with `fifteen rulebook diff`.", where=where)
