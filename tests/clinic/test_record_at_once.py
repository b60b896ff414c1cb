"""Several people at once: nobody's overlap goes unseen, and no answer of a day is lost or stored twice."""

from __future__ import annotations

import pytest
from django.db import connection

from fifteen.clinic.accounts.models import User
from fifteen.clinic.people import services as people
from fifteen.clinic.people.models import Patient
from fifteen.clinic.people.services import register
from fifteen.clinic.treatment import access, services, stored
from fifteen.clinic.treatment.models import Assessment, Visit
from fifteen.web.clinic import edge
from tests.clinic.apart import apart, at_once
from tests.clinic.chart import DAY, a_site, an_episode, at, covered, treated
from tests.clinic.conftest import Keyed, as_organization, log_in, make_organization, make_user

__all__ = ["apart"]


def scene(count: int) -> tuple[User, list[Patient], list[Visit]]:
    ana = make_user(make_organization())
    with as_organization(ana.organization_id):
        site = a_site()
        patients = [register(f"P {each}") for each in range(count)]
        for each in patients:
            covered(each)
        visits = [services.start_visit(an_episode(each, site), date=DAY) for each in patients]
    return ana, patients, visits


def treat(ana: User, visits: list[Visit], place: int) -> None:
    with as_organization(ana.organization_id):
        treated(visits[place], ana, at(9, place), at(9, 30 + place))


def overlaps(ana: User, patients: list[Patient]) -> list[int]:
    with as_organization(ana.organization_id):
        rows = [access.assessment(each, DAY) for each in patients]
        answers = [stored.answer_of(each) for each in rows if each is not None]
        return [len(each["overlaps"]) for each in answers if each is not None]


@pytest.mark.django_db
def test_time_of_one_person_with_several_patients_one_after_the_other(db: None) -> None:
    ana, patients, visits = scene(4)
    for place in range(4):
        treat(ana, visits, place)
    assert overlaps(ana, patients) == [3] * 4


def test_time_of_one_person_with_several_patients_at_once(apart: None) -> None:
    """Whoever comes later sees who came before, so that in the end every pair overlaps on both sides."""
    ana, patients, visits = scene(4)
    at_once(4, lambda place: treat(ana, visits, place))
    assert overlaps(ana, patients) == [3] * 4


def test_several_changes_of_one_day_at_once(apart: None) -> None:
    ana = make_user(make_organization())
    with as_organization(ana.organization_id):
        ada = register("Ada")
        covered(ada)
        visit = services.start_visit(an_episode(ada, a_site()), date=DAY)

    def write(place: int) -> None:
        with as_organization(ana.organization_id):
            services.add_interval(visit, people=[ana], service="97110", minutes=5, user=ana)
            services.set_service(visit, code="97110", what=str(place))

    at_once(6, write)
    with as_organization(ana.organization_id):
        rows = list(Assessment.objects.order_by("number"))
        assert [each.number for each in rows] == list(range(1, len(rows) + 1))
        answer = stored.answer_of(rows[-1])
        assert answer is not None
        assert answer["units"][0]["timed_minutes"] == 30


def test_two_records_of_one_person_at_once(apart: None) -> None:
    ana, patients, visits = scene(2)
    with as_organization(ana.organization_id):
        people.merge(*patients, "One person", ana)
    at_once(2, lambda place: treat(ana, visits, place))
    with as_organization(ana.organization_id):
        row = access.assessment(patients[0], DAY)
        assert row is not None
        day = stored.inputs_of(row).day
        assert day is not None
        assert [len(each.intervals) for each in day.visits] == [1, 1]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer: nobody waits crosswise")
def test_two_who_save_crosswise_are_both_stored(apart: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ana's patients overlap under her and Kai's under him, the same two: each assesses the other's after the own."""
    monkeypatch.setattr(edge, "TIMES", 0)  # they take turns, and none has to begin again
    ana, _patients, visits = scene(2)
    with as_organization(ana.organization_id):
        kai = make_user(ana.organization, "kai")
    treats = [ana, kai]
    with as_organization(ana.organization_id):
        for user, visit in zip(treats, visits[::-1], strict=True):
            for minute in range(0, 50, 10):
                treated(visit, user, at(9, minute), at(9, minute + 10))
    browsers = [Keyed(), Keyed()]
    for browser, user in zip(browsers, treats, strict=True):
        log_in(browser, user)

    def save(place: int) -> list[int]:
        form = {"service": "97110", "mode": "one-on-one", "minutes": "", "people": [treats[place].id]}
        address = f"/visits/{visits[place].id}/intervals/new"
        return [
            browsers[place].post(address, form | {"start": f"9:{each:02}", "stop": f"9:{each + 9:02}"}).status_code
            for each in range(0, 50, 5)
        ]

    assert at_once(2, save) == [[302] * 10] * 2
