"""Fictional practices: the same for a seed, holding exactly what was planted, and no one who could be real."""

from __future__ import annotations

import gc
import hashlib
import re
from datetime import UTC, datetime, timedelta
from itertools import islice

import msgspec
import pytest

from fifteen import load_rulebook
from fifteen.engine.assess import assess
from fifteen.synth import Chart, Practice, Size, practice, stream
from fifteen.synth.invented import check_digit
from fifteen.synth.practice import ANCHOR
from fifteen.synth.records import Visit
from tests.synth.found import differences

BOOK = load_rulebook()
SMALL = Size(patients=24, days=120)
DIGEST = "401f562c43bbdaa562ec7f0507eb47709f21c4406777a293bf6ec61f2cf8bfb6"
KINDS = {
    "59-attested", "59-lapsed", "59-not-attested", "59-not-shown", "assistant-co", "assistant-cq",
    "authorization-exceeded", "authorization-running-out", "certification-delayed", "certification-overdue",
    "certification-ran-out", "kx-attested", "kx-not-attested", "late-note", "missed-report", "no-skilled-reason",
    "note-minutes", "overlap", "pooled-remainder", "three-short-services", "unknown-payer", "unsigned-note",
    "zero-unit",
}  # fmt: skip


def _found(made: Practice) -> list[str]:
    return differences(
        made, ((day.patient, day.date, assess(day, BOOK, context)) for day, context in Chart(made).days())
    )


def test_the_same_seed_makes_the_same_practice_to_the_last_byte() -> None:
    made = msgspec.json.encode(practice(7, size=SMALL, book=BOOK), order="deterministic")
    assert hashlib.sha256(made).hexdigest() == DIGEST


def test_another_seed_or_present_makes_another_practice() -> None:
    one = practice(7, size=SMALL, book=BOOK)
    assert practice(8, size=SMALL, book=BOOK) != one
    assert practice(7, at=ANCHOR - timedelta(days=1), size=SMALL, book=BOOK) != one


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_was_planted_is_found_and_nothing_else(seed: int) -> None:
    made = practice(seed, size=SMALL, book=BOOK)
    assert len(made.planted) > 20
    assert _found(made) == []


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(10, 16))
def test_what_was_planted_is_found_in_whole_practices(seed: int) -> None:
    made = practice(seed, book=BOOK)
    assert {each.kind for each in made.planted} == KINDS
    assert _found(made) == []


def test_a_whole_practice_has_a_place_for_every_kind() -> None:
    made = practice(1, book=BOOK)
    assert {each.kind for each in made.planted} == KINDS
    assert len(made.patients) == 120
    assert {plan.state for each in made.patients for episode in each.episodes for plan in episode.plans} == {
        "signed", "order-and-sent", "verbal", "sent", "overdue", "recertified", "delayed", "ran-out",
    }  # fmt: skip
    assert {each.discipline for each in made.people} == {"PT", "OT", "SLP", None}
    assert any(booking.starts > made.at for each in made.patients for booking in each.bookings)


@pytest.mark.parametrize("at", [ANCHOR, datetime(2026, 3, 9, 12, 30, tzinfo=UTC)])
def test_nothing_has_happened_after_the_present(at: datetime) -> None:
    made = practice(3, at=at, size=SMALL, book=BOOK)
    for patient in made.patients:
        for booking in patient.bookings:
            assert (booking.starts < at) or booking.state == "booked"
            assert booking.starts < at + timedelta(days=8)
        for episode in patient.episodes:
            for visit in episode.visits:
                assert visit.departed < at
                assert all(note.signed is None or note.signed < at for note in visit.notes)
                assert all(each.stop is None or each.stop < at for each in visit.intervals)
            assert all(step.date <= at.date() for plan in episode.plans for step in plan.steps)
    assert _found(made) == []


def test_names_and_numbers_could_not_be_real() -> None:
    made = practice(5, size=SMALL, book=BOOK)
    said = msgspec.json.encode(made).decode()
    numbers = [each.npi for each in made.sites] + [each.npi for each in made.people if each.npi]
    numbers += [each.npi for each in made.referrers]
    assert numbers
    assert all(len(each) == 10 and int(each[-1]) != check_digit(each[:9]) for each in numbers)
    assert check_digit("123456789") == 3  # CMS's own example of a whole number is 1234567893
    phones = [each.phone for each in made.patients]
    phones += [phone for each in made.referrers for phone in (each.phone, each.fax)]
    assert all(re.fullmatch(r"\d{3}-555-01\d\d", each) for each in phones)
    assert not re.search(r"\b\d{3}-\d{2}-\d{4}\b", said)
    assert not re.search(r"\d+ \w+ (Street|St|Ave|Avenue|Road|Rd)\b", said)
    assert "@" not in said


def test_every_id_is_its_own() -> None:
    made = practice(5, size=SMALL, book=BOOK)
    ids = re.findall(r'"id":"([0-9a-z]{26})"', msgspec.json.encode(made).decode())
    assert len(ids) == len(set(ids))


def test_a_stream_is_the_same_each_time_and_as_long_as_it_was_asked_for() -> None:
    size = Size(patients=8, days=60)
    one = [(day.patient, day.date) for day, _ in stream(1, 200, size=size)]
    assert one == [(day.patient, day.date) for day, _ in stream(1, 200, size=size)]
    assert len(one) == 200
    assert len(set(one)) == 200


def test_a_stream_keeps_no_more_than_one_practice_in_memory() -> None:
    size = Size(patients=8, days=60)
    days = stream(2, 10_000, size=size)
    most, last = 0, 0
    for place, _ in enumerate(islice(days, 600)):
        if place % 100 == 50:
            gc.collect()
            alive = sum(isinstance(each, Visit) for each in gc.get_objects())
            most, last = max(most, alive), place
    assert last > 500
    assert most < 200  # two practices of this size at the moment of change, and 600 days went by
