"""The engine's answer as it is stored, and read back: what it rests on, its digest, and whether it recomputes equal."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import msgspec
from django.utils.translation import gettext_noop

from fifteen.clinic.treatment.answering import Inputs, answer_to
from fifteen.clinic.treatment.engine_version import engine_version
from fifteen.clinic.treatment.models import Assessment
from fifteen.engine.assess import DayAnswer
from fifteen.engine.day import Counted
from fifteen.kernel.errors import FifteenError
from fifteen.kernel.money import read_cents
from fifteen.rulebook import Rulebook
from fifteen.settings import home

NO_VISIT = gettext_noop("No visit is recorded on this day.")


@lru_cache(maxsize=1)
def rulebook() -> Rulebook:
    """The rulebook of this installation, as it was when the program started."""
    return home.rulebook()


def rulebook_hash(book: Rulebook) -> str:
    """The digest of its layers, without the word that says which kind of digest it is."""
    return book.hash.removeprefix("sha256:")


def answered(
    patient: str, on: date, number: int, inputs: Inputs, answer: DayAnswer | None, reason: str, at: datetime
) -> Assessment:
    """The row of an answer, not stored yet."""
    said = msgspec.json.encode(inputs), None if answer is None else msgspec.json.encode(answer)
    return Assessment(
        patient_id=patient, date=on, number=number, inputs=zlib.compress(said[0]),
        answer=None if said[1] is None else zlib.compress(said[1]), reason=reason[:400], digest=digest(*said),
        engine=engine_version(), rulebook=rulebook_hash(rulebook()), at=at,
    )  # fmt: skip


def digest(inputs: bytes, answer: bytes | None) -> str:
    """SHA-256 over both, as they were before they were compressed."""
    return hashlib.sha256(inputs + b"\n" + (answer or b"")).hexdigest()


def inputs_of(row: Assessment) -> Inputs:
    """What an answer rests on."""
    return msgspec.json.decode(zlib.decompress(bytes(row.inputs)), type=Inputs)


def answer_of(row: Assessment) -> dict[str, Any] | None:
    """The engine's answer by its JSON names; None where the day could not be assessed, and `reason` says why."""
    said = answer_bytes(row)
    found: dict[str, Any] | None = None if said is None else msgspec.json.decode(said)
    return found


def answer_bytes(row: Assessment) -> bytes | None:
    """The answer as it was before it was compressed."""
    return None if row.answer is None else zlib.decompress(bytes(row.answer))


def recompute(row: Assessment) -> list[str]:
    """Where the answer of the engine and rulebook of now differs from the stored one, by name; empty: nowhere."""
    stored = answer_of(row)
    if stored is None:
        return []
    try:
        anew = msgspec.json.decode(msgspec.json.encode(answer_to(inputs_of(row), rulebook())))
    except FifteenError as error:
        return [f"no answer: {error}"]
    return list(differences(stored, anew))


def differences(one: Any, other: Any, where: str = "") -> Iterable[str]:
    """Where two answers differ, by name; the hash of the rulebook is told elsewhere."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in [*one, *(each for each in other if each not in one)]:
            if name != "rulebook":
                yield from differences(one.get(name), other.get(name), f"{where}.{name}" if where else name)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for place, (mine, theirs) in enumerate(zip(one, other, strict=True)):
            yield from differences(mine, theirs, f"{where}[{place}]")
    elif one != other:
        yield where


def own(row: Assessment, answer: dict[str, Any] | None) -> tuple[tuple[Counted, ...], int]:
    """What a day itself adds to the thresholds at its price, and whether it has none."""
    if answer is None:
        return (), 0 if row.reason == NO_VISIT else 1
    known, unpriced = [], 0
    for each in answer["thresholds"]:
        if each["used"] is None or each["with_day"] is None:
            unpriced = 1
            continue
        cents = read_cents(each["with_day"]) - read_cents(each["used"])
        kx = any("KX" in line["modifiers"] for line in answer["lines"])
        known.append(Counted(received=row.date, on=row.date, bucket=each["bucket"], cents=max(cents, 0), kx=kx))
    return tuple(known), unpriced
