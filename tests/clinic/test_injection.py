"""SQL in every text that a page reads from its address: nothing fails, nothing changes, nothing is shown (check 30)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from fifteen.clinic.accounts.matrix import matrix
from fifteen.clinic.people.models import Patient
from fifteen.clinic.tenancy.models import Organization
from fifteen.web.clinic.routes import needs
from tests.clinic.payloads import PAYLOADS
from tests.clinic.rows import every_row
from tests.clinic.sweep import Route, ask, query_parameters, routes, undone
from tests.clinic.test_sweep import House

pytestmark = pytest.mark.django_db
USUAL = ("q", "sort", "order", "page", "next", "from", "to", "id")  # tried everywhere, read or not
PARTS = 24  # an hour of one core for all payloads: in parts, so that every core takes some
GROWS = ("audit_event", "audit_seal", "attempt", "answered")  # a page may add to these while it is read


@pytest.fixture
def house(north: Organization) -> House:
    return House(north, "northern")


@pytest.fixture
def neighbour(south: Organization) -> House:
    return House(south, "southern")


def attacked(found: list[Route], house: House, payloads: list[str]) -> list[str]:
    """What went wrong where these payloads stood in the query or in place of an id, as sentences."""
    wrong: list[str] = []
    before = every_row()
    for route in found:
        token = ""
        rows = house.rows
        if route.door == "inside":
            role = next(each for each in matrix().roles if matrix().allows(each, route.action))
            token, rows = house.tokens[role], house.own(role)
        for some in batched(payloads, 60):
            with undone():
                for payload in some:
                    wrong += _asked(route, rows, token, payload)
                wrong += [
                    f"/{route.pattern}: changes {each} for one of {some}" for each in _changed(before, every_row())
                ]
    return wrong


def _asked(route: Route, rows: Any, token: str, payload: str) -> Iterator[str]:
    for where, address in addresses(route, rows, payload):
        response = ask("GET", address, token)
        if response.status_code >= 500:
            yield f"/{route.pattern}: {response.status_code} for {payload!r} in {where}"
        if b"southern" in response.getvalue():
            yield f"/{route.pattern}: shows another organization for {payload!r} in {where}"


def _changed(before: Any, after: Any) -> list[Any]:
    lost = [key for key, row in before.items() if _lasting(after.get(key)) != _lasting(row)]
    return lost + [key for key in after.keys() - before.keys() if key[0] not in GROWS]


def batched(found: list[str], size: int) -> list[list[str]]:
    return [found[start : start + size] for start in range(0, len(found), size)]


def _lasting(row: dict[str, Any] | None) -> Any:
    return row and {name: value for name, value in row.items() if name != "seen"}


def addresses(route: Route, rows: Any, payload: str) -> list[tuple[str, str]]:
    """All parameters of the query at once and each alone, and each id of the path."""
    names = sorted({*USUAL, *query_parameters(route)})
    plain = route.address(rows)
    found = [("the query", f"{plain}?{urlencode(dict.fromkeys(names, payload))}")]
    found += [(name, f"{plain}?{urlencode({name: payload})}") for name in sorted(query_parameters(route))]
    typed = quote(payload, safe="")
    return found + [(f"<{name}>", route.address(rows, **{name: typed})) for name in route.parameters]


def closed_first() -> list[Route]:
    """The routes of the clinic; the public pages have no database behind them, and tests of their own."""
    return [each for each in routes() if each.door != "public"]


def test_there_are_enough() -> None:
    assert len(set(PAYLOADS)) >= 500


def test_a_few_payloads_in_every_parameter(house: House, neighbour: House) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    assert attacked(closed_first(), house, random.Random(seed).sample(PAYLOADS, 1)) == []


@pytest.mark.nightly
@pytest.mark.parametrize("part", range(PARTS))
def test_every_payload_in_every_parameter(part: int, house: House, neighbour: House) -> None:
    assert attacked(closed_first(), house, list(PAYLOADS)[part::PARTS]) == []


def test_a_text_with_a_nul_is_refused_everywhere(house: House) -> None:
    token = house.tokens["owner"]
    assert ask("GET", "/home?q=a%00b", token).status_code == 400
    assert ask("GET", "/home?q=a", token).status_code == 200


def test_what_is_read_from_the_query_is_found() -> None:
    [route] = [each for each in routes() if each.pattern == "units"]
    assert query_parameters(Route("faulty", faulty, "inside", "patients.read")) == {"declared", "q", "sort"}
    assert query_parameters(route) is not None


# That a fault is found


@needs("patients.read")
def faulty(request: HttpRequest) -> HttpResponse:
    """SQL made of text."""
    asked, column = request.GET.get("q", ""), request.GET.get("sort", "name")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT name FROM patient WHERE name = '{asked}' ORDER BY {column}")
        return HttpResponse(str(cursor.fetchall()))


@needs("patients.read")
def writes(request: HttpRequest) -> HttpResponse:
    if "OR" in request.GET.get("q", ""):
        Patient.objects.update(name="changed")
    return HttpResponse("ok")


faulty.PARAMETERS = ("declared",)  # type: ignore[attr-defined]
urlpatterns = [path("faulty", faulty), path("writes", writes)]


def test_a_page_that_makes_sql_of_text_is_found(house: House, neighbour: House, settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.clinic.test_injection"
    broken, changing = routes()
    said = " ".join(attacked([broken], house, ["' OR 1=1 --", "'"]))
    assert "/faulty: 500 for" in said
    if connection.vendor != "postgresql":
        assert "shows another organization" in said
    assert "/writes: changes" in " ".join(attacked([changing], house, ["' OR 1=1"]))
    assert attacked([changing], house, ["plain"]) == []
