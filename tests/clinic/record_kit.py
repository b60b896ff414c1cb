"""A patient with a visit, and what the stored answer of a day says: for the tests of assessing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from fifteen.clinic.accounts.models import User
from fifteen.clinic.audit.record import Who, acting_as
from fifteen.clinic.people.models import Patient
from fifteen.clinic.people.services import register
from fifteen.clinic.tenancy.models import Site
from fifteen.clinic.treatment import (
    access,
    services,
)
from fifteen.clinic.treatment.models import Episode, Visit
from fifteen.clinic.treatment.stored import answer_of
from tests.clinic.chart import DAY, a_site, an_episode, at, covered
from tests.clinic.conftest import as_organization


@pytest.fixture
def ana(therapist: User) -> Iterator[User]:
    User.everywhere.filter(id=therapist.id).update(discipline="PT")
    therapist.discipline = "PT"
    with as_organization(therapist.organization_id), acting_as(Who(actor=therapist.id, role=therapist.role)):
        yield therapist


@pytest.fixture
def site(ana: User) -> Site:
    return a_site()


@pytest.fixture
def ada(ana: User) -> Patient:
    found = register("Ada")
    covered(found)
    return found


@pytest.fixture
def episode(ada: Patient, site: Site) -> Episode:
    return an_episode(ada, site)


@pytest.fixture
def visit(episode: Episode) -> Visit:
    return services.start_visit(episode, date=DAY, arrived=at(9))


def answer(patient: Patient, on: date = DAY) -> dict[str, Any]:
    row = access.assessment(patient, on)
    assert row is not None
    found = answer_of(row)
    assert found is not None, row.reason
    return found


def numbers(patient: Patient, on: date = DAY) -> int:
    row = access.assessment(patient, on)
    return 0 if row is None else row.number


def finding(found: dict[str, Any], id: str) -> dict[str, Any] | None:
    return next((each for each in found["findings"] if each["id"] == id), None)
