"""A page of the chart asks as often with many rows as with few, and finds each by an index."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fifteen.clinic.accounts.models import User
from fifteen.clinic.people import services as people
from fifteen.clinic.tenancy.models import Organization
from fifteen.clinic.treatment import access, services
from tests.clinic.chart import DAY, a_site, an_episode, at, covered, treated
from tests.clinic.chart_house import Chart
from tests.clinic.chart_pages import ana, assistant, chart, read
from tests.clinic.conftest import Keyed, as_organization

__all__ = ["ana", "assistant", "chart"]

pytestmark = pytest.mark.django_db


@contextmanager
def counted() -> Iterator[CaptureQueriesContext]:
    with CaptureQueriesContext(connection) as found:
        yield found


def kinds(found: CaptureQueriesContext) -> list[str]:
    """The queries by what they ask, without their values."""
    return [re.sub(r"\([^()]*\)|'[^']*'|\d+", "?", each["sql"]) for each in found.captured_queries]


def many_visits(episode: Any, user: User, count: int) -> None:
    first = access.visits_of(episode).count()
    for number in range(first, count):
        on = episode.started + timedelta(days=number)
        visit = services.start_visit(episode, date=on)
        treated(visit, user, at(9, 0, on), at(9, 15, on))


def test_an_episode_takes_as_many_queries_with_fifty_visits_as_with_five(
    ana: Keyed, north: Organization, therapist: User
) -> None:
    with as_organization(north.id):
        patient = people.register("Vera Visits")
        episode = an_episode(patient, a_site(), started=date(2026, 1, 5))
        many_visits(episode, therapist, 5)
    address = f"/patients/{patient.id}/episodes/{episode.id}"
    read(ana, address)
    with counted() as few:
        read(ana, address)
    with as_organization(north.id):
        many_visits(episode, therapist, 50)
    with counted() as many:
        text = read(ana, address)
    assert len(many) <= len(few)
    assert set(kinds(many)) <= set(kinds(few))
    assert "Older visits" in text


def test_the_list_takes_as_many_queries_with_fifty_patients_as_with_five(
    ana: Keyed, north: Organization, therapist: User
) -> None:
    with as_organization(north.id):
        site = a_site()

        def more(count: int) -> None:
            for number in range(count):
                patient = people.register(f"Patient {number:03d}")
                covered(patient)
                services.add_plan(an_episode(patient, site), starts=date(2026, 1, 5), ends=date(2026, 4, 4))

        more(5)
    read(ana, "/patients")
    with counted() as few:
        read(ana, "/patients")
    with as_organization(north.id):
        more(45)
    with counted() as many:
        text = read(ana, "/patients")
    assert "2026-04-04" in text
    assert kinds(many) == kinds(few)


def test_a_day_takes_as_many_queries_with_fifty_intervals_as_with_five(
    ana: Keyed, north: Organization, therapist: User
) -> None:
    with as_organization(north.id):
        site = a_site()
        visits = [services.start_visit(an_episode(people.register(f"P {each}"), site), date=DAY) for each in range(10)]
        for place in range(5):
            treated(visits[place], therapist, at(8, place), at(8, place + 1))
    read(ana, f"/day?date={DAY}")
    with counted() as few:
        read(ana, f"/day?date={DAY}")
    with as_organization(north.id):
        for place in range(5, 50):
            treated(visits[place % 10], therapist, at(8, place), at(8, place + 1))
    with counted() as many:
        read(ana, f"/day?date={DAY}")
    assert kinds(many) == kinds(few)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps statistics, and chooses by them")
def test_no_page_reads_a_whole_table_for_a_few_rows(ana: Keyed, north: Organization, chart: Chart) -> None:
    """A clinic has tens of thousands of patients: a table without an index is read again for each row beside it."""
    small = {"site", "U0 USING INDEX note_in_error_note_id_484155a0"}
    pages = {
        "/patients": {"patient USING INDEX patient_by_name"},  # read in order, until the page is full
        f"/patients?after={chart.patient.id}": set(),
        "/patients?show=all": {"patient USING INDEX patient_by_name"},
        f"/patients/{chart.patient.id}/episodes/{chart.episode.id}": set(),
        f"/visits/{chart.visit.id}": set(),
        f"/day?date={chart.visit.date}": set(),
        "/schedule": set(),
    }
    for page, known in pages.items():
        with CaptureQueriesContext(connection) as asked:
            read(ana, page)
        for sql in [each["sql"] for each in asked.captured_queries if each["sql"].startswith("SELECT")]:
            with connection.cursor() as cursor:
                cursor.execute("EXPLAIN QUERY PLAN " + sql.replace("%", "%%"))
                steps = {step.removeprefix("SCAN ") for *_, step in cursor.fetchall() if step.startswith("SCAN ")}
            assert steps <= small | known, f"{page}: {sql}"
