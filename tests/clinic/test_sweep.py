"""Every route, by every method, for everybody who may not, and for each role (checks 27 and 29).

Nothing here names a route: one that is added tomorrow is swept tomorrow. `leaky.py` shows that each fault is found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from fifteen.clinic.accounts.matrix import matrix
from fifteen.clinic.accounts.models import BreakGlass, Session, User
from fifteen.clinic.tenancy.ids import new_id
from fifteen.clinic.tenancy.models import Organization
from tests.clinic import leaky
from tests.clinic.conftest import NOON, Keyed, as_organization, log_in, make_user
from tests.clinic.rows import every_row, make_rows
from tests.clinic.sweep import METHODS, Route, ask, model_of, routes, to_login, undone

pytestmark = pytest.mark.django_db
ROLES = tuple(matrix().roles)
EACH_TIME = ("owner", "therapist", "front_desk")  # the others each night
SOME_ROLES = [pytest.param(each, marks=() if each in EACH_TIME else pytest.mark.nightly) for each in ROLES]
Rows = dict[str, Any]


class House:
    """An organization with a person of every role, each logged in, and one row of every model."""

    def __init__(self, organization: Organization, word: str) -> None:
        self.organization = organization
        self.users = {role: make_user(organization, f"{role}-of-{word}", role) for role in ROLES}
        self.rows = make_rows(organization, word)
        self.sessions: dict[str, Session] = {}
        self.tokens: dict[str, str] = {}
        for role, user in self.users.items():
            self.sessions[role], self.tokens[role] = self.session(user)

    def session(self, user: User, **fields: object) -> tuple[Session, str]:
        client = Keyed()
        session = log_in(client, user, **fields)
        return session, client.cookies[settings.SESSION_COOKIE].value

    def own(self, role: str) -> Rows:
        """The rows as somebody of this role means them: their own session."""
        return {**self.rows, "Session": self.sessions[role]}

    def break_the_glass(self) -> None:
        """Everyone whose role may break it has it open, for the patient of the rows."""
        with as_organization(self.organization.id):
            for user in self.users.values():
                patient, until = self.rows["Patient"].id, NOON + timedelta(hours=4)
                BreakGlass(user=user, patient=patient, reason="an emergency", at=NOON, until=until).save()


@pytest.fixture
def house(north: Organization) -> House:
    return House(north, "northern")


@pytest.fixture
def neighbour(south: Organization) -> House:
    return House(south, "southern")


def inside() -> list[Route]:
    return [each for each in routes() if each.door == "inside"]


def allowed(route: Route) -> list[str]:
    return [role for role in ROLES if matrix().allows(role, route.action)]


def breakers(route: Route) -> list[str]:
    """The roles that may not open it, but may break the glass for the record that it reads."""
    may = [role for role in ROLES if matrix().allows(role, "break_glass")] if route.glass else []
    return [role for role in may if role not in allowed(route)]


# What the sweep finds, each as a list of sentences


def unmarked(found: list[Route]) -> list[str]:
    return [
        f"/{each.pattern} has no door(...) or needs(...), or an action that is not in matrix.toml"
        for each in found
        if each.door == "inside" and each.action not in matrix().actions
    ]


def answers(
    found: list[Route], rows: Rows, token: str, good: Callable[[Any], bool], methods: tuple[str, ...] = METHODS,
    **headers: str,
) -> list[str]:  # fmt: skip
    """The routes and methods whose answer is not `good`."""
    wrong: list[str] = []
    for route in found:
        for method in methods:
            with undone():
                response = ask(method, route.address(rows), token, **headers)
            if not good(response):
                where = response.headers.get("Location", "")
                wrong.append(f"{method} /{route.pattern}: {response.status_code} {where}")
    return wrong


def leaks(found: list[Route], house: House, neighbour: House) -> list[str]:
    """Where the neighbour's people, who may do or break open as much at home, learn or change anything of the house."""
    wrong: list[str] = []
    for route in found:
        for role in (*allowed(route)[:1], *breakers(route)) if route.models else ():
            seen: set[int] = set()
            token = neighbour.tokens[role]
            for method in METHODS:
                with undone():
                    there = ask(method, route.address(house.rows), token)
                with undone():
                    unknown_rows = dict.fromkeys(house.rows, new_id())
                    nowhere = ask(method, route.address(unknown_rows), token)
                seen.add(there.status_code)
                at = f"{method} /{route.pattern} as {role}"
                asked = role in allowed(route) or method == "GET"
                if there.status_code not in ((404, 405) if asked else (403,)):
                    wrong.append(f"{at}: {there.status_code} for an id of another organization")
                if "northern" in there.content.decode(errors="replace"):
                    wrong.append(f"{at}: shows what another organization wrote")
                if _plain(there, house.rows, route) != _plain(nowhere, unknown_rows, route):
                    wrong.append(f"{at}: another organization's id and an unknown one differ")
            if seen == {405}:
                wrong.append(f"/{route.pattern} answers to no method")
    return wrong


def glass(found: list[Route], house: House, others: Rows) -> list[str]:
    """Where a broken glass opens less than the record of its patient to be read, or more; `others` are another's."""
    wrong: list[str] = []
    for route in found:
        for role in breakers(route):
            token = house.tokens[role]
            wrong += answers([route], house.own(role), token, _let_in, ("GET",))
            wrong += answers([route], house.own(role), token, _forbidden, METHODS[1:])
            wrong += answers([route], others, token, _forbidden)
    return wrong


def _plain(response: Any, rows: Rows, route: Route) -> tuple[int, str]:
    """The answer without what was asked for and without what is different in every answer."""
    text = response.content.decode(errors="replace")
    for name in route.models:
        row = rows[name]
        text = text.replace(row if isinstance(row, str) else row.id, "ID")
    return response.status_code, _ONCE.sub("ONCE", text)


_ONCE = re.compile(r'(?<=name="csrfmiddlewaretoken" value=")[^"]*|(?<=name="idempotency_key" value=")[^"]*')


# The sweeps


def test_every_route_says_what_it_needs() -> None:
    assert unmarked(routes()) == []


def test_every_parameter_of_every_route_is_known() -> None:
    for route in routes():
        for parameter in route.parameters:
            model_of(parameter, route.pattern)


def test_nobody_gets_past_the_door(house: House) -> None:
    """Anonymous, with a cookie that is nobody's, an ended session, an old one, and one of who is switched off."""
    user = house.users["owner"]
    off = make_user(house.organization, "off", "owner", active=False)
    tokens = {
        "anonymous": "",
        "a made-up cookie": "x" * 43,
        "an ended session": house.session(user, ended=NOON)[1],
        "an old session": house.session(user, ends=NOON)[1],
        "a switched-off person": house.session(off)[1],
    }
    closed = [each for each in routes() if each.door not in ("public", "login")]
    assert closed
    before = _without(every_row(), "ended")
    for who, token in tokens.items():
        assert answers(closed, house.rows, token, to_login) == [], who
    assert answers(closed, house.rows, "", lambda each: each.status_code == 401, Accept="application/json") == []
    assert _without(every_row(), "ended") == before


def _without(rows: Any, name: str) -> Any:
    return {key: {field: value for field, value in row.items() if field != name} for key, row in rows.items()}


def test_what_is_open_breaks_for_nobody(house: House) -> None:
    """All but `/health`, which answers 503 beside these tests because no worker runs; test_health has it."""
    open_ = [each for each in routes() if each.door in ("public", "login") and each.pattern != "health"]
    assert answers(open_, house.rows, "", lambda each: each.status_code < 500) == []


def test_without_the_second_proof_no_page_opens(house: House) -> None:
    token = house.session(house.users["owner"], mfa=False)[1]
    second = answers(
        inside(), house.rows, token, lambda each: each.headers.get("Location", "")[:14] == "/login/second?"
    )
    assert second == []


def test_a_locked_session_opens_no_page(house: House) -> None:
    token = house.session(house.users["owner"], locked=NOON)[1]
    assert answers(inside(), house.rows, token, lambda each: each.headers.get("Location", "")[:8] == "/locked?") == []


def test_where_a_fresh_proof_is_asked_an_old_one_does_not_do(house: House) -> None:
    for route in inside():
        if matrix().actions[route.action].fresh:
            token = house.session(house.users[allowed(route)[0]], proved=NOON - timedelta(minutes=6))[1]
            old = answers([route], house.rows, token, lambda each: each.headers.get("Location", "")[:7] == "/prove?")
            assert old == []


@pytest.mark.parametrize("role", SOME_ROLES)
def test_each_role_opens_exactly_what_the_matrix_says(house: House, role: str) -> None:
    """Who may not gets 403 by every method, whatever the id; who may gets neither 403, nor a log-in, nor a failure."""
    token = house.tokens[role]
    mine = [each for each in inside() if role in allowed(each)]
    closed = [each for each in inside() if role not in allowed(each)]
    assert answers(closed, house.own(role), token, _forbidden) == []
    unknown = dict.fromkeys(house.rows, new_id())
    behind_glass = [each for each in closed if role in breakers(each)]
    shut = [each for each in _with_ids(closed) if each not in behind_glass]
    assert answers(shut, unknown, token, _forbidden) == []
    assert answers(behind_glass, unknown, token, lambda each: each.status_code == 404, ("GET",)) == []
    assert answers(behind_glass, unknown, token, _forbidden, METHODS[1:]) == []
    assert answers(mine, house.own(role), token, _let_in) == []
    assert answers(_with_ids(mine), unknown, token, _let_in) == []


def test_a_broken_glass_opens_one_record_to_be_read(house: House) -> None:
    """On every route that has it, for every role that may break it; and it opens no route that has none."""
    others = make_rows(house.organization, "others", Policy=house.rows["Policy"])
    house.break_the_glass()
    assert any(breakers(each) for each in inside())
    assert glass(inside(), house, others) == []
    for role in ROLES:
        closed = [each for each in inside() if role not in allowed(each) and role not in breakers(each)]
        assert answers(closed, house.own(role), house.tokens[role], _forbidden) == []


def _with_ids(found: list[Route]) -> list[Route]:
    return [each for each in found if each.models]


def _forbidden(response: Any) -> bool:
    return bool(response.status_code == 403)


def _let_in(response: Any) -> bool:
    return response.status_code < 500 and response.status_code not in (401, 403) and not to_login(response)


def test_each_route_finds_a_row_of_one_s_own(house: House) -> None:
    """Otherwise the same 404 for another organization would say nothing."""
    for route in inside():
        if route.models:
            role = allowed(route)[0]
            missed = answers(
                [route], house.own(role), house.tokens[role], lambda each: each.status_code in (404, 405)
            )  # fmt: skip
            assert missed, f"/{route.pattern} finds its row for nobody; teach tests/clinic/rows.py to make one"


def test_no_route_tells_one_organization_of_another(house: House, neighbour: House) -> None:
    neighbour.break_the_glass()
    before = every_row()
    assert leaks(inside(), house, neighbour) == []
    assert every_row() == before


def test_a_changed_role_counts_at_the_next_request(house: House) -> None:
    """On every route: in with a role that may, out with one that may not, by the same cookie."""
    for route in inside():
        others = [role for role in ROLES if role not in allowed(route)]
        if not others:
            continue
        user = make_user(house.organization, f"moved-{route.pattern}"[:100], allowed(route)[0])
        token = house.session(user)[1]
        assert answers([route], house.rows, token, _let_in) == []
        with as_organization(house.organization.id):
            User.objects.filter(id=user.id).update(role=others[0])
        assert answers([route], house.rows, token, lambda each: each.status_code == 403) == []
        with as_organization(house.organization.id):
            User.objects.filter(id=user.id).update(active=False)
        assert answers([route], house.rows, token, to_login) == []


# That each fault is found


@pytest.fixture
def faulty(settings: Any) -> Iterator[dict[str, Route]]:
    settings.ROOT_URLCONF = "tests.clinic.leaky"
    yield {each.pattern.split("/")[0]: each for each in routes()}
    leaky._known.clear()


def test_the_sweep_finds_a_route_without_a_mark(faulty: dict[str, Route]) -> None:
    assert [each.split()[0] for each in unmarked(list(faulty.values()))] == ["/unmarked"]


def test_the_sweep_finds_a_route_that_breaks(faulty: dict[str, Route], house: House) -> None:
    wrong = answers([faulty["breaks"]], house.rows, house.tokens["owner"], _let_in)
    assert wrong == [f"{method} /breaks: 500 " for method in METHODS]
    assert answers([faulty["right"]], house.rows, house.tokens["owner"], _let_in) == []


def test_the_sweep_finds_a_leak(faulty: dict[str, Route], house: House, neighbour: House) -> None:
    assert leaks([faulty["right"]], house, neighbour) == []
    said = " ".join(leaks([faulty["leaks"]], house, neighbour))
    if connection.vendor == "postgresql":  # the wall holds where the page does not
        assert "shows what another organization wrote" not in said
    else:
        assert "shows what another organization wrote" in said


def test_the_sweep_finds_a_page_that_tells(faulty: dict[str, Route], house: House, neighbour: House) -> None:
    leaky._known.add(house.rows["Patient"].id)
    said = leaks([faulty["tells"]], house, neighbour)
    assert said
    assert all("another organization's id and an unknown one differ" in each for each in said)


def test_the_sweep_finds_a_glass_that_opens_more(faulty: dict[str, Route], house: House) -> None:
    others = make_rows(house.organization, "others", Policy=house.rows["Policy"])
    house.break_the_glass()
    assert glass([faulty["chart"]], house, others) == []
    assert glass([faulty["ajar"]], house, others) == ["GET /ajar/<str:patient_id>: 200 "]


def test_the_sweep_finds_a_parameter_that_it_cannot_fill(faulty: dict[str, Route]) -> None:
    with pytest.raises(AssertionError, match="does not know whose id <thing> is in /strange/"):
        model_of("thing", faulty["strange"].pattern)
