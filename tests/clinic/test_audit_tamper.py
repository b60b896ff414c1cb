"""Checks 36 and 8: whatever is done to a copy of the trail or of a signed note, the proof finds it."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from django.db import connection

from fifteen.clinic.accounts.models import User
from fifteen.clinic.audit import checkpoints, sealer
from fifteen.clinic.audit.models import Event
from fifteen.clinic.audit.prove import verify
from fifteen.clinic.tenancy.ids import new_id
from tests.clinic.conftest import NOON, make_organization
from tests.clinic.trail_kit import copy_without_triggers, event, execute, fill, marks, rows

__all__ = ["marks"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("marks")]
EVENTS = 12
LINKS = EVENTS + 7

Dice = random.Random
_TEXT = ("actor", "role", "action", "kind", "object", "patient", "outcome", "address", "device", "session")
_BY_PLACE = "SELECT event FROM audit_seal WHERE organization_id = %s ORDER BY place"


def events(organization: str) -> list[str]:
    return [row[0] for row in rows(_BY_PLACE, [organization])]


def other(value: Any, dice: Dice) -> Any:
    """Another value of the same kind."""
    match value:
        case None:
            return "x"
        case bool():
            return not value
        case int():
            return value + 1
        case datetime():
            return value + timedelta(microseconds=1)
        case str() if _is_time(value):
            moved = datetime.fromisoformat(value).replace(tzinfo=UTC) + timedelta(microseconds=1)
            return moved.strftime("%Y-%m-%d %H:%M:%S.%f")
        case str() if value:
            at = dice.randrange(len(value))
            return value[:at] + dice.choice([each for each in "0a9z" if each != value[at]]) + value[at + 1 :]
        case _:
            return "x"


def _is_time(value: str) -> bool:
    return len(value) >= 19 and value[4:5] == "-" and value[13:14] == ":"


def edit_event(organization: str, dice: Dice) -> None:
    column, named = dice.choice(_TEXT), dice.choice(events(organization))
    [(value,)] = rows(f"SELECT {column} FROM audit_event WHERE id = %s", [named])
    execute(f"UPDATE audit_event SET {column} = %s WHERE id = %s", [other(value, dice), named])


def edit_time(organization: str, dice: Dice) -> None:
    named = dice.choice(events(organization))
    [(value,)] = rows("SELECT at FROM audit_event WHERE id = %s", [named])
    execute("UPDATE audit_event SET at = %s WHERE id = %s", [other(value, dice), named])


def edit_detail(organization: str, dice: Dice) -> None:
    execute("UPDATE audit_event SET detail = %s WHERE id = %s", ['{"n": 2}', dice.choice(events(organization))])


def move_event(organization: str, dice: Dice) -> None:
    """To another organization."""
    away = make_organization(new_id())
    if connection.vendor == "postgresql":
        execute("ALTER TABLE audit_event DISABLE ROW LEVEL SECURITY")
    execute(
        "UPDATE audit_event SET organization_id = %s WHERE id = %s", [away.id, dice.choice(events(organization))]
    )  # fmt: skip


def delete_event(organization: str, dice: Dice) -> None:
    execute("DELETE FROM audit_event WHERE id = %s", [dice.choice(events(organization))])


def delete_event_and_link(organization: str, dice: Dice) -> None:
    named = dice.choice(events(organization))
    execute("DELETE FROM audit_seal WHERE event = %s", [named])
    execute("DELETE FROM audit_event WHERE id = %s", [named])


def delete_and_close_the_gap(organization: str, dice: Dice) -> None:
    place = dice.randrange(1, LINKS + 1)
    named = events(organization)[place - 1]
    [(before,)] = rows("SELECT before FROM audit_seal WHERE organization_id = %s AND place = %s", [organization, place])
    delete_event_and_link_of(named)
    for each in range(place + 1, LINKS + 1):
        execute("UPDATE audit_seal SET place = %s WHERE organization_id = %s AND place = %s",
                [each - 1, organization, each])  # fmt: skip
    execute("UPDATE audit_seal SET before = %s WHERE organization_id = %s AND place = %s",
            [before, organization, place])  # fmt: skip


def delete_event_and_link_of(named: str) -> None:
    execute("DELETE FROM audit_seal WHERE event = %s", [named])
    execute("DELETE FROM audit_event WHERE id = %s", [named])


def delete_link(organization: str, dice: Dice) -> None:
    execute("DELETE FROM audit_seal WHERE event = %s", [dice.choice(events(organization))])


def insert_event(organization: str, dice: Dice) -> None:
    event(organization, dice.uniform(-600, EVENTS)).save(force_insert=True)


def insert_event_with_link(organization: str, dice: Dice) -> None:
    """At the end of the chain, by someone without its key."""
    made = event(organization, dice.uniform(-600, EVENTS))
    made.save(force_insert=True)
    [(digest,)] = rows("SELECT digest FROM audit_seal WHERE organization_id = %s AND place = %s", [organization, LINKS])
    _link(organization, LINKS + 1, made.id, digest, dice.randbytes(32).hex())


def swap_events(organization: str, dice: Dice) -> None:
    """Two events change their contents."""
    one, two = dice.sample(events(organization), 2)
    columns = ", ".join(("at", "detail", *_TEXT))
    values = {each: rows(f"SELECT {columns} FROM audit_event WHERE id = %s", [each])[0] for each in (one, two)}
    sets = ", ".join(f"{each} = %s" for each in ("at", "detail", *_TEXT))
    for each, from_ in ((one, two), (two, one)):
        new = [_plain(value) for value in values[from_]]
        execute(f"UPDATE audit_event SET {sets} WHERE id = %s", [*new, each])


def swap_links(organization: str, dice: Dice) -> None:
    """Two links change their events."""
    one, two = dice.sample(events(organization), 2)
    for new, old in (("swap", one), (one, two), (two, "swap")):
        execute("UPDATE audit_seal SET event = %s WHERE organization_id = %s AND event = %s", [new, organization, old])


def swap_places(organization: str, dice: Dice) -> None:
    one, two = dice.sample(range(1, LINKS + 1), 2)
    for new, old in ((10_000, one), (one, two), (two, 10_000)):
        execute("UPDATE audit_seal SET place = %s WHERE organization_id = %s AND place = %s", [new, organization, old])


def edit_link(organization: str, dice: Dice) -> None:
    column, named = dice.choice(("before", "digest", "at", "place")), dice.choice(events(organization))
    [(value,)] = rows(f"SELECT {column} FROM audit_seal WHERE event = %s", [named])
    new = value + 1_000 if column == "place" else other(value, dice)
    execute(f"UPDATE audit_seal SET {column} = %s WHERE event = %s", [new, named])


def truncate(organization: str, dice: Dice) -> None:
    for named in events(organization)[dice.randrange(1, LINKS) :]:
        delete_event_and_link_of(named)


def truncate_all(organization: str, dice: Dice) -> None:
    for named in events(organization):
        delete_event_and_link_of(named)


def truncate_and_go_on(organization: str, dice: Dice) -> None:
    """Cut, and let Fifteen itself seal new events with the right key behind the cut, as many or more."""
    truncate(organization, dice)
    Event.everywhere.bulk_create([event(organization, 100 + each) for each in range(dice.randrange(1, 30))])
    sealer.seal_now()


def restamp(organization: str, dice: Dice) -> None:
    """Change an event and make every link anew, with the key of the chain."""
    edit_detail(organization, dice)
    execute("DELETE FROM audit_seal WHERE organization_id = %s", [organization])
    sealer.seal_now()


def restamp_and_sign(organization: str, dice: Dice) -> None:
    """The same, and the checkpoint is written anew by someone without the signing key."""
    restamp(organization, dice)
    last = sealer.newest(organization)
    assert last is not None
    path = checkpoints.folder() / f"{organization}.jsonl"
    line = msgspec.json.decode(path.read_bytes().splitlines()[-1], type=checkpoints.Checkpoint)
    forged = msgspec.structs.replace(line, place=last.place, digest=last.digest)
    path.write_bytes(msgspec.json.encode(forged) + b"\n")


def _link(organization: str, place: int, named: str, before: str, digest: str) -> None:
    execute(
        "INSERT INTO audit_seal (id, organization_id, place, event, before, digest, at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s)",
        [new_id(), organization, place, named, before, digest, NOON.replace(tzinfo=None).isoformat(" ")],
    )


def _plain(value: Any) -> Any:
    return msgspec.json.encode(value).decode() if isinstance(value, dict) else value


ATTACKS: tuple[Callable[[str, Dice], None], ...] = (
    edit_event, edit_time, edit_detail, move_event, delete_event, delete_event_and_link, delete_and_close_the_gap,
    delete_link, insert_event, insert_event_with_link, swap_events, swap_links, swap_places, edit_link, truncate,
    truncate_all, truncate_and_go_on, restamp, restamp_and_sign,
)  # fmt: skip


def attacked(user: User, count: int) -> None:
    """Each attack in turn on a copy of its own, with dice of its own; then the trail itself is as whole as before."""
    organization = user.organization_id
    fill(user, EVENTS)
    path = checkpoints.folder() / f"{organization}.jsonl"
    kept = path.read_bytes()
    missed = []
    for seed in range(count):
        attack = ATTACKS[seed % len(ATTACKS)]
        with copy_without_triggers(organization):
            attack(organization, random.Random(seed))
            if verify(organization).whole:
                missed.append(f"{attack.__name__} with seed {seed}")
        path.write_bytes(kept)
    assert missed == []
    assert verify(organization).findings == []


def test_40_attacks_on_the_trail_are_found(therapist: User) -> None:
    attacked(therapist, 40)


@pytest.mark.nightly
def test_500_attacks_on_the_trail_are_found(therapist: User) -> None:
    attacked(therapist, 500)


def test_a_copy_that_nothing_was_done_to_is_whole(therapist: User) -> None:
    fill(therapist, EVENTS)
    with copy_without_triggers(therapist.organization_id):
        assert verify(therapist.organization_id).findings == []


@pytest.mark.parametrize(
    ("attack", "kinds"),
    [
        (edit_detail, {"changed"}),
        (delete_event, {"event_missing"}),
        (delete_link, {"link_missing", "inserted"}),
        (insert_event, {"inserted"}),
        (truncate_all, {"not_as_signed", "version_unsealed"}),
        (restamp, {"not_as_signed"}),
        (restamp_and_sign, {"checkpoint_forged"}),
    ],
)
def test_what_was_done_is_named_with_its_place(therapist: User, attack: Any, kinds: set[str]) -> None:
    fill(therapist, EVENTS)
    with copy_without_triggers(therapist.organization_id):
        attack(therapist.organization_id, random.Random(3))
        found = verify(therapist.organization_id).findings
    told = {each.id.removeprefix("audit.") for each in found}
    assert kinds <= told <= {*kinds, "not_as_signed"}, found
    assert all(each.where and each.message and each.fix for each in found)


_VERSION = ("organization_id", "note_id", "number", "amends_id", "reason", "content", "digest", "author", "credential",
            "at")  # fmt: skip


def mutate(organization: str, dice: Dice) -> str:
    """Change one byte or field of one signed version; what was changed."""
    versions = [row[0] for row in rows("SELECT id FROM note_version ORDER BY id")]
    column, named = dice.choice(_VERSION), dice.choice(versions)
    [(value,)] = rows(f"SELECT {column} FROM note_version WHERE id = %s", [named])
    new: Any = other(value, dice)
    if column == "organization_id":
        new = make_organization(new_id()).id
    elif column == "note_id":
        new = rows("SELECT id FROM note WHERE id NOT IN (SELECT note_id FROM note_version)")[0][0]
    elif column == "number":
        new = value + dice.randrange(2, 90)
    elif column == "amends_id":
        new = dice.choice([each for each in (None, *versions) if each != value])
    execute(f"UPDATE note_version SET {column} = %s WHERE id = %s", [new, named])
    return f"{column} of {named}: {value!r} to {new!r}"


def mutated(user: User, count: int) -> None:
    organization = user.organization_id
    fill(user, EVENTS)
    missed = []
    for seed in range(count):
        with copy_without_triggers(organization):
            if connection.vendor == "postgresql":
                execute("ALTER TABLE note_version DISABLE ROW LEVEL SECURITY")
            what = mutate(organization, random.Random(seed))
            if verify(organization).whole:
                missed.append(f"seed {seed}: {what}")
    assert missed == []
    assert verify(organization).findings == []


def test_50_mutations_of_signed_notes_are_found(therapist: User) -> None:
    mutated(therapist, 50)


@pytest.mark.nightly
def test_5000_mutations_of_signed_notes_are_found(therapist: User) -> None:
    mutated(therapist, 5_000)


@pytest.mark.parametrize("table", ["note_version", "note_in_error", "attestation", "patient_merge"])
def test_a_row_that_an_event_names_cannot_disappear(therapist: User, table: str) -> None:
    fill(therapist, EVENTS)
    with copy_without_triggers(therapist.organization_id):
        execute(f"DELETE FROM {table} WHERE id = (SELECT max(id) FROM {table})")
        assert "audit.changed" in {each.id for each in verify(therapist.organization_id).findings}


@pytest.mark.skipif("connection.vendor != 'sqlite'")
@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("audit_event", "at"), ("audit_event", "id"), ("audit_event", "action"), ("audit_seal", "at"),
        ("audit_seal", "place"), ("audit_seal", "event"), ("note_version", "at"), ("note_version", "id"),
        ("note_version", "content"), ("note_version", "number"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("value", [b"\xff\xfe", "CAST(x'fffe' AS TEXT)", "no time", 77])
def test_bytes_that_cannot_be_read_are_found_too(therapist: User, table: str, value: Any, column: str) -> None:
    fill(therapist, EVENTS)
    with copy_without_triggers(therapist.organization_id):
        where = f"id = (SELECT id FROM {table} ORDER BY id LIMIT 1 OFFSET 2)"
        if isinstance(value, str) and value.startswith("CAST"):
            execute(f"UPDATE {table} SET {column} = {value} WHERE {where}")
        else:
            execute(f"UPDATE {table} SET {column} = %s WHERE {where}", [value])
        assert not verify(therapist.organization_id).whole
