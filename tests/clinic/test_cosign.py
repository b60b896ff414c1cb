"""Co-signatures and the states of a note; what is signed holds the services of its visit."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from fifteen.clinic.accounts.models import User
from fifteen.clinic.audit.models import Event
from fifteen.clinic.audit.record import Who, acting_as
from fifteen.clinic.notes import access, seal, services
from fifteen.clinic.notes.models import CoSignature, Note
from fifteen.clinic.people.services import register
from fifteen.clinic.tenancy.errors import Conflict, Refused
from fifteen.clinic.treatment import services as treatment
from fifteen.clinic.treatment.models import Visit
from fifteen.clinic.treatment.record import day_of
from tests.clinic.chart import DAY, a_person, a_site, an_episode, at, covered, treated
from tests.clinic.conftest import as_organization, log_in, post

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(therapist: User) -> Iterator[User]:
    with as_organization(therapist.organization_id), acting_as(Who(actor=therapist.id, role=therapist.role)):
        yield therapist


@pytest.fixture
def abe(ana: User) -> User:
    return a_person(ana.organization, "abe", "assistant")


@pytest.fixture
def visit(ana: User) -> Visit:
    ada = register("Ada")
    covered(ada)
    return treatment.start_visit(an_episode(ada, a_site()), date=DAY)


@pytest.fixture
def note(visit: Visit, ana: User, abe: User) -> Note:
    return services.start_note(visit.patient, abe, DAY, visit=visit, cosigner=ana)


def test_it_waits_for_its_cosigner_and_then_is_locked(note: Note, ana: User, abe: User) -> None:
    assert access.state(note) == "draft"
    version = services.sign(note, abe, "PTA")
    assert access.state(note) == "co-sign pending"
    assert [each.id for each in access.waiting_for(ana)] == [note.id]
    row = services.cosign(version, ana, "PT")
    assert services.cosign(version, ana, "PT").id == row.id
    assert (access.state(note), access.waiting_for(ana)) == ("locked", [])
    event = Event.objects.get(action="notes.cosign")
    assert (event.kind, event.object, event.detail["digest"]) == ("note_cosigned", row.id, version.digest)
    with pytest.raises(DatabaseError), transaction.atomic():
        CoSignature.objects.filter(id=row.id).update(credential="DPT")


def test_an_amendment_waits_again(note: Note, ana: User, abe: User) -> None:
    version = services.sign(note, abe, "PTA")
    services.cosign(version, ana, "PT")
    amended = services.amend(version, {"text": "more"}, "Forgotten", abe, "PTA")
    assert access.state(note) == "co-sign pending"
    with pytest.raises(Conflict):
        services.cosign(version, ana, "PT")
    services.cosign(amended, ana, "PT")
    assert access.state(note) == "locked"
    services.entered_in_error(note, "Other patient", ana)
    assert access.state(note) == "entered in error"


def test_who_may_not(note: Note, ana: User, abe: User) -> None:
    version = services.sign(note, abe, "PTA")
    tom = a_person(ana.organization, "tom")
    other = a_person(ana.organization, "otto", "assistant")
    for user, credential in ((abe, "PTA"), (other, "PTA"), (tom, "PT"), (ana, "PTA")):
        with pytest.raises(Refused):
            services.cosign(version, user, credential)
    assert not CoSignature.objects.exists()
    for cosigner in (abe, other):
        with pytest.raises(Refused):
            services.start_note(note.patient, abe, DAY, visit=note.visit, cosigner=cosigner)


def test_a_note_without_cosigner_is_locked_when_it_is_signed(visit: Visit, ana: User) -> None:
    note = services.start_note(visit.patient, ana, DAY, visit=visit)
    services.sign(note, ana, "PT")
    assert access.state(note) == "locked"


def test_a_note_of_another_patient_or_day(visit: Visit, ana: User) -> None:
    bea = register("Bea")
    with pytest.raises(Refused):
        services.start_note(bea, ana, DAY, visit=visit)
    with pytest.raises(Refused):
        services.start_note(bea, ana, DAY, episode=visit.episode)
    with pytest.raises(Refused):
        services.start_note(visit.patient, ana, visit.episode.started, visit=visit)


def test_what_is_signed_holds_the_services_as_they_stood(note: Note, visit: Visit, abe: User, ana: User) -> None:
    treated(visit, abe, at(9), at(9, 20))
    row = treatment.set_service(
        visit, code="97110", what="Strength", exercises=[{"name": "squat", "load": {"value": "5"}}]
    )
    version = services.sign(note, abe, "PTA")
    services.cosign(version, ana, "PT")
    treatment.change_service(row, 1, what="Something else")
    held = {
        "code": "97110",
        "what": "Strength",
        "people": [abe.id],
        "exercises": [{"name": "squat", "load": {"value": "5"}}],
    }
    assert seal.content_of(version)["services"] == [held]
    (found,) = day_of(visit.patient, DAY).notes
    assert found.services[0].what == "Strength"
    assert [(each.person, each.role, each.part) for each in found.signatures] == [
        (abe.id, "assistant", "author"),
        (ana.id, "therapist", "co-signer"),
    ]


def test_all_that_is_sealed_was_read_on_the_page_to_sign_it(client: Client, visit: Visit, ana: User) -> None:
    """The services of the visit stand on the page; changed after that, they are read again before they are signed."""
    note = services.start_note(visit.patient, ana, DAY, visit=visit)
    log_in(client, ana)
    where = f"/notes/{note.id}/sign"
    assert "Nothing is written in this draft" in client.get(where).content.decode()
    row = treatment.set_service(visit, code="97110", what="Strength", exercises=[{"name": "squat"}])
    page = client.get(where).content.decode()
    assert "Strength" in page
    assert "squat" in page
    assert "Nothing is written" not in page
    treatment.change_service(row, 1, what="Balance")
    data = {"credential": "DPT", "version": "1", "digest": sent_along(page)}
    again = post(client, where, data)
    assert (again.status_code, access.newest(note)) == (409, None)
    page = again.content.decode()
    assert "Balance" in page
    assert "<option selected>DPT</option>" in page
    assert post(client, where, data | {"digest": sent_along(page)}).status_code == 302
    signed = access.newest(note)
    assert signed is not None
    assert seal.digest(seal.canonical(seal.content_of(signed))) == sent_along(page)


def sent_along(page: str) -> str:
    found = re.search(r'name="digest" value="([0-9a-f]{64})"', page)
    assert found is not None
    return found[1]
