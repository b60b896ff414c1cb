"""The chain: sealed in order, once, whole; what it covers; and checkpoints that survive a torn line."""

from __future__ import annotations

import stat
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection, transaction

from fifteen.clinic import vault
from fifteen.clinic.accounts.models import User
from fifteen.clinic.audit import chain, checkpoints, prove, sealer
from fifteen.clinic.audit.models import Event, Seal
from fifteen.clinic.audit.prove import verify
from fifteen.clinic.audit.record import record
from fifteen.clinic.tenancy import clock
from fifteen.clinic.tenancy.ids import LENGTH, first_id, made_ms, new_id
from fifteen.clinic.tenancy.models import Organization
from tests.clinic.conftest import NOON, as_organization, make_user
from tests.clinic.trail_kit import LATER, event, fill, marks

__all__ = ["marks"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("marks")]


def test_events_are_sealed_in_order_and_once(therapist: User) -> None:
    organization = therapist.organization_id
    with as_organization(organization):
        Event.everywhere.bulk_create([event(organization, each) for each in (3, 1, 2)])
    assert (sealer.seal(organization), sealer.seal(organization)) == (3, 0)
    with as_organization(organization):
        record("again", at=NOON)
    assert sealer.seal(organization) == 1
    with as_organization(organization):
        links = list(Seal.objects.order_by("place").values_list("place", "event", "before", "digest"))
        events = list(Event.objects.order_by("id").values_list("id", flat=True))
    assert [link[0] for link in links] == [1, 2, 3, 4]
    assert [link[1] for link in links] == events
    assert [link[2] for link in links] == [chain.START, *(link[3] for link in links[:-1])]


def test_a_whole_trail_is_proven(therapist: User) -> None:
    fill(therapist)
    proof = verify(therapist.organization_id)
    assert proof.findings == []
    assert proof.whole
    assert (proof.links, proof.versions, proof.waiting, proof.checked_to) == (19, 4, 0, 19)


def test_more_than_one_batch(therapist: User) -> None:
    fill(therapist, events=2 * sealer.BATCH)
    proof = verify(therapist.organization_id)
    assert (proof.links, proof.findings) == (2 * sealer.BATCH + 7, [])


def test_each_organization_has_a_chain_of_its_own(therapist: User, south: Organization) -> None:
    other = make_user(south, "sam")
    fill(therapist)
    fill(other, events=2)
    assert (verify(therapist.organization_id).links, verify(south.id).links) == (19, 9)
    assert verify(south.id).findings == []


def test_an_event_that_commits_late_is_sealed_still(therapist: User) -> None:
    organization = therapist.organization_id
    fill(therapist)
    with as_organization(organization):
        event(organization, 11.5).save(force_insert=True)
    assert sealer.seal(organization) == 1
    assert verify(organization).findings == []


def test_what_was_put_in_from_long_ago_is_never_sealed_and_is_found(therapist: User) -> None:
    organization = therapist.organization_id
    fill(therapist)
    with as_organization(organization):
        event(organization, -90).save(force_insert=True)
    assert sealer.seal(organization) == 0
    with clock.at(LATER):
        assert [each.id for each in verify(organization).findings] == ["audit.inserted"]


def test_an_event_that_waits_is_no_offence(therapist: User) -> None:
    fill(therapist)
    with as_organization(therapist.organization_id):
        record("later", at=NOON)
    proof = verify(therapist.organization_id)
    assert (proof.waiting, proof.findings) == (1, [])


def test_a_signature_is_sealed_in_its_own_transaction(therapist: User) -> None:
    with as_organization(therapist.organization_id):
        record("notes.sign", at=NOON)
        assert sealer.seal_now() == 1
    with suppress(ZeroDivisionError), as_organization(therapist.organization_id):
        record("notes.sign", at=NOON)
        sealer.seal_now()
        raise ZeroDivisionError
    with as_organization(therapist.organization_id):
        assert (Event.objects.count(), Seal.objects.count()) == (1, 1)


def test_sealing_at_once_needs_a_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transaction.get_connection(), "in_atomic_block", False)
    with pytest.raises(RuntimeError, match="open one"):
        sealer.seal_now()


def test_each_column_of_a_row_that_only_grows_is_covered() -> None:
    """A column that is added to such a table must be covered too, or an edit of it would not be found."""
    for table, (model, columns) in chain.ROWS.items():
        found = apps.get_model(model)
        assert found._meta.db_table == table
        assert {field.attname for field in found._meta.concrete_fields} - {"organization_id"} == set(columns)
    assert {field.attname for field in Event._meta.concrete_fields} - {"organization_id"} == set(chain.EVENT)


def test_the_bytes_of_a_link_stay_as_they_are() -> None:
    """Both databases and every release make the same link of the same event."""
    said = ["1", "patient", "2", NOON, "a", "owner", "x", "", "done", "", "", "", {"b": 1, "a": ["é"]}]
    digest = chain.link(b"key", "org", 7, NOON + timedelta(microseconds=5), chain.START, said, None)
    assert digest == "741aca71f5ed839ea6eca0779bbfb6ce6330f972e953e3a554f67973b66f693e"


def test_ids_tell_when_they_were_made() -> None:
    assert made_ms(first_id(1_772_470_800_123)) == 1_772_470_800_123
    assert first_id(made_ms(new_id())) <= new_id()
    assert (made_ms("not an id"), made_ms("u" * LENGTH)) == (0, 0)


def test_ids_sort_in_the_order_they_were_made() -> None:
    made = [new_id() for _ in range(5_000)]  # many to a millisecond
    assert made == sorted(set(made))


def test_a_checkpoint_is_written_when_the_chain_grew_and_for_its_owner_only(therapist: User, marks: Path) -> None:
    fill(therapist)
    sealer.seal(therapist.organization_id)
    [line] = checkpoints.read(therapist.organization_id)
    assert line is not None
    assert line.place == 19
    assert checkpoints.genuine(line, checkpoints.verifier())
    [file] = marks.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == stat.S_IMODE(checkpoints.key_path().stat().st_mode) == 0o600
    assert checkpoints.key_path().parent == vault.keys_path().parent


def test_a_torn_line_loses_no_other(therapist: User, marks: Path) -> None:
    fill(therapist)
    [file] = marks.iterdir()
    with file.open("ab") as end:
        end.write(b'{"organization": "torn')
    with as_organization(therapist.organization_id):
        record("again", at=NOON)
    sealer.seal(therapist.organization_id)
    assert [each and each.place for each in checkpoints.read(therapist.organization_id)] == [19, None, 20]
    proof = verify(therapist.organization_id)
    assert [(each.id, each.severity) for each in proof.findings] == [("audit.checkpoint_unreadable", "warn")]
    assert proof.whole


def test_without_checkpoints_it_is_said(therapist: User, tmp_path: Path) -> None:
    fill(therapist)
    assert [each.id for each in verify(therapist.organization_id, tmp_path / "none").findings] == [
        "audit.no_checkpoint"
    ]


def test_a_page_read_at_once_is_what_the_models_read(therapist: User) -> None:
    """One road is quick, the other is for rows that cannot be read; a digest may not tell them apart."""
    details = ({}, {"b": [1, -2.5, 1e22, 2**70], "a": {"é": "\U0001f600", "": None, "t": True}}, {"n": -0.0})
    organization = therapist.organization_id
    with as_organization(organization):
        moments = [event(organization, number, detail=each) for number, each in enumerate(details)]
        moments[1].at = NOON + timedelta(microseconds=7)
        Event.everywhere.bulk_create(moments)
    fill(therapist)
    with as_organization(organization):
        for last in (None, 1, 20, 1_000):
            at_once = prove._linked(organization, last)
            assert at_once == prove._one_by_one(organization, last)[0]
    assert verify(organization).findings == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps statistics")
def test_no_page_goes_through_the_whole_table_of_an_organization(therapist: User) -> None:
    """SQLite without statistics would, and a trail of a million would take as long as a thousand of a thousand."""
    organization = therapist.organization_id
    with as_organization(organization):
        plans = [
            chain.of(Event, organization).filter(id__in=["a", "b"]).explain(),
            chain.of(Event, organization).filter(id__gt="a").order_by("id")[:900].explain(),
            sealer.waiting(organization, "a").explain(),
        ]
    for plan in plans:
        assert "sqlite_autoindex_audit_event_1 (id" in plan, plan
        assert "TEMP B-TREE" not in plan, plan
