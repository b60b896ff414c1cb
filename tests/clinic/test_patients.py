"""Patients: registered, found, changed under a version, merged without moving a note, and taken apart again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from fifteen.clinic.accounts.models import User
from fifteen.clinic.audit.models import Event
from fifteen.clinic.notes import access as notes
from fifteen.clinic.notes.services import start_note
from fifteen.clinic.people import access, services
from fifteen.clinic.people.models import Merge, Patient
from fifteen.clinic.tenancy.errors import Conflict, NotFound, Refused
from fifteen.clinic.tenancy.models import Organization
from tests.clinic.apart import apart, at_once
from tests.clinic.conftest import as_organization, log_in, make_organization, make_user, post

__all__ = ["apart"]
BORN = date(1950, 5, 1)


@pytest.fixture
def inside(therapist: User) -> Iterator[User]:
    with as_organization(therapist.organization_id):
        yield therapist


def three() -> list[Patient]:
    return [services.register(name, BORN) for name in ("Ada", "Berta", "Cleo")]


@pytest.mark.django_db
class TestServices:
    def test_an_identifier_is_sealed_and_found_by_its_keyed_hash(self, inside: User) -> None:
        patient = access.patient(services.register("  Ada \n Lovelace ", BORN, "123-45-6789").id)
        assert patient.name == "Ada Lovelace"
        assert b"6789" not in bytes(patient.identifier)
        assert len(patient.identifier_key) == 64
        assert "6789" not in patient.identifier_key

    @pytest.mark.parametrize(
        ("name", "born"), [("", None), (" \0 ", None), ("x" * 201, None), ("Ada", date(2030, 1, 1))]
    )
    def test_what_cannot_be_a_patient_is_refused(self, inside: User, name: str, born: date | None) -> None:
        with pytest.raises(Refused):
            services.register(name, born)
        assert not Patient.objects.exists()

    def test_who_changes_second_gets_both(self, inside: User) -> None:
        patient = services.register("Ada", BORN)
        services.change(patient, 1, name="Ada L.", born=BORN)
        with pytest.raises(Conflict) as met:
            services.change(patient, 1, name="Ada M.", born=None)
        assert met.value.stored == {"name": "Ada L.", "born": BORN}
        assert met.value.refused == {"name": "Ada M.", "born": None}
        assert access.patient(patient.id).name == "Ada L."
        assert Event.objects.filter(action="patients.change").count() == 1

    def test_a_merge_moves_no_note_and_separating_brings_them_back(self, inside: User) -> None:
        ada, berta, cleo = three()
        written = {each.id: start_note(each, inside, date(2026, 3, 2)).id for each in (ada, berta, cleo)}
        services.merge(berta, cleo, "same person", inside)
        services.merge(ada, berta, "same person", inside)
        assert [each.id for each in access.patients()] == [ada.id]
        assert access.head(access.patient(cleo.id)).id == ada.id
        assert {each.id for each in notes.notes_of(ada)} == set(written.values())
        services.separate(berta, "another person", inside)
        assert {each.id for each in notes.notes_of(ada)} == {written[ada.id]}
        assert {each.id for each in notes.notes_of(berta)} == {written[berta.id], written[cleo.id]}
        assert sorted(Merge.objects.values_list("apart", flat=True)) == [False, False, True]

    def test_circles_and_second_merges_are_refused(self, inside: User) -> None:
        ada, berta, cleo = three()
        with pytest.raises(Refused):
            services.merge(ada, ada, "same", inside)
        services.merge(ada, berta, "same", inside)
        services.merge(berta, cleo, "same", inside)
        for kept, other in ((cleo, ada), (berta, ada), (cleo, berta), (ada, cleo)):
            with pytest.raises(Refused):
                services.merge(kept, other, "same", inside)
        with pytest.raises(Refused):
            services.separate(ada, "not merged", inside)
        with pytest.raises(Refused, match="reason"):
            services.separate(berta, "  ", inside)
        with pytest.raises(Refused):
            start_note(access.patient(berta.id), inside, date(2026, 3, 2))
        assert Merge.objects.count() == 2

    @pytest.mark.parametrize("statement", ["UPDATE patient_merge SET reason = 'x'", "DELETE FROM patient_merge"])
    def test_what_was_merged_stays_said(self, inside: User, statement: str) -> None:
        ada, berta, _ = three()
        services.merge(ada, berta, "same person", inside)
        with pytest.raises(DatabaseError, match="only grows"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
        assert Merge.objects.get().reason == "same person"

    def test_a_patient_of_another_organization_is_as_if_there_were_none(
        self, inside: User, south: Organization
    ) -> None:
        with as_organization(south.id):
            theirs = services.register("Sara")
        for id in (theirs.id, "nobody", "\0"):
            with pytest.raises(NotFound):
                access.patient(id)


def test_merges_that_cross_never_close_a_circle(apart: None) -> None:
    north = make_organization()
    user = make_user(north)
    with as_organization(north.id):
        ring = [services.register(f"P{place}") for place in range(6)]

    def join(place: int) -> bool:
        try:
            with as_organization(north.id):
                services.merge(ring[place], ring[(place + 1) % 6], "same", user)
        except Refused:
            return False
        return True

    assert sorted(at_once(6, join)) == [False] + [True] * 5
    with as_organization(north.id):
        assert len({access.head(access.patient(each.id)).id for each in ring}) == 1


@pytest.mark.django_db
class TestPages:
    def test_register_find_change_merge_separate(self, client: Client, owner: User) -> None:
        log_in(client, owner)
        ids = [
            post(client, "/patients/new", {"name": name, "born": "1950-05-01"}).headers["Location"].split("/")[-1]
            for name in ("Ada Stone", "Ada Ston")
        ]
        page = client.get("/patients?q=ada+stone").content.decode()
        assert "Ada Stone" in page
        assert ids[1] not in page
        assert post(client, f"/patients/{ids[0]}/change", {"name": "Ada B.", "version": "1"}).status_code == 302
        both = post(client, f"/patients/{ids[0]}/change", {"name": "Ada C.", "version": "1"})
        assert both.status_code == 409
        assert all(name in both.content.decode() for name in ("Ada B.", "Ada C."))
        assert ids[1] in client.get(f"/patients/{ids[0]}/merge?q=Ston").content.decode()
        merged = post(client, f"/patients/{ids[0]}/merge", {"other": ids[1], "reason": "typing mistake"})
        assert merged.status_code == 302
        assert "typing mistake" in client.get(f"/patients/{ids[0]}").content.decode()
        assert f"/patients/{ids[1]}/separate" in client.get(f"/patients/{ids[1]}").content.decode()
        assert post(client, f"/patients/{ids[1]}/separate", {"reason": "two people"}).status_code == 302
        with as_organization(owner.organization_id):
            seen = list(Event.objects.filter(actor=owner.id).values_list("action", flat=True))
            assert all("Ada" not in str(each.detail) for each in Event.objects.all())
        assert {action: seen.count(action) for action in ("patients.list", "patients.register", "patients.merge")} == {
            "patients.list": 1, "patients.register": 2, "patients.merge": 1,
        }  # fmt: skip
        assert seen.count("patients.view") == 3

    def test_another_organization_and_nobody_look_the_same(
        self, client: Client, owner: User, south: Organization
    ) -> None:
        with as_organization(south.id):
            theirs = services.register("Sara")
        log_in(client, owner)
        theirs_page, no_page = client.get(f"/patients/{theirs.id}"), client.get("/patients/0000")
        assert theirs_page.status_code == no_page.status_code == 404
        assert "Sara" not in theirs_page.content.decode()
        assert "There is nothing here" in theirs_page.content.decode()
        assert post(client, f"/patients/{theirs.id}/change", {"name": "x", "version": "1"}).status_code == 404

    def test_what_is_refused_is_said_and_undone(self, client: Client, owner: User) -> None:
        log_in(client, owner)
        for data in ({"name": ""}, {"name": "Ada", "born": "May"}):
            response = post(client, "/patients/new", data)
            assert response.status_code == 422
            assert "Nothing was changed" in response.content.decode()
        with as_organization(owner.organization_id):
            assert not Patient.objects.exists()
