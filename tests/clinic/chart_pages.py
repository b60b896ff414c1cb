"""A furnished chart, who looks at it, and a page as words: for the tests of the chart's pages."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from fifteen.clinic.accounts.models import User
from fifteen.clinic.tenancy.models import Organization
from tests.clinic import chart_house
from tests.clinic.chart import DAY
from tests.clinic.chart_house import Chart
from tests.clinic.conftest import Keyed, as_organization, log_in, make_user


@pytest.fixture
def assistant(north: Organization) -> User:
    return make_user(north, "kai", "assistant", discipline="PT")


@pytest.fixture
def chart(north: Organization, therapist: User, assistant: User) -> Chart:
    with as_organization(north.id):
        therapist.discipline = "PT"
        therapist.save()
        return chart_house.furnish(therapist, assistant, DAY, days=(0, 38))


@pytest.fixture
def ana(client: Keyed, therapist: User) -> Keyed:
    log_in(client, therapist)
    return client


def as_(organization: Organization, role: str) -> Keyed:
    client = Keyed()
    log_in(client, make_user(organization, f"the-{role}", role))
    return client


def read(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, address
    return plain(response)


def plain(response: Any) -> str:
    """The page's main part as words, without tags."""
    text = re.sub(r"(?s)^.*<main[^>]*>|</main>.*$", "", response.content.decode())
    return " ".join(re.sub(r"(?s)<svg.*?</svg>|<[^>]+>", " ", text).split()).replace(" ,", ",")


def episode_at(chart: Chart) -> str:
    return f"/patients/{chart.patient.id}/episodes/{chart.episode.id}"
