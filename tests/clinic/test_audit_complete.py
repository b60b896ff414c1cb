"""Check 35: every route of the URLconf that answers an unsafe method reaches `record(...)`, new ones too."""

from __future__ import annotations

import ast
import importlib
import inspect
import textwrap
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from fifteen.clinic.accounts.models import User
from fifteen.clinic.audit import record as recording
from fifteen.clinic.audit.models import Event
from fifteen.web.clinic.routes import door_of
from tests.clinic.conftest import log_in

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
READS = {"POST", "FILES", "body", "read"}  # what a view looks at of an unsafe request


def routes(patterns: Any = None, before: str = "") -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every address with its view."""
    for each in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(each, URLResolver):
            yield from routes(each.url_patterns, f"{before}{each.pattern}")
        elif isinstance(each, URLPattern):
            yield f"/{before}{each.pattern}", each.callback


def answers(view: Callable[..., Any], method: str) -> bool:
    """Does the view answer this method at all, or is it closed to it by `require_safe` and the like?"""
    request = HttpRequest()
    request.method = method
    try:
        return bool(view(request).status_code != 405)
    except Exception:  # it went on into the page, which found no session
        return True


def reached(view: Callable[..., Any]) -> tuple[set[Any], set[str]]:
    """The functions of Fifteen that a view can come to, by name through modules, and the attributes they touch."""
    found: set[Any] = set()
    touched: set[str] = set()
    waiting: list[Any] = [inspect.unwrap(view)]
    while waiting:
        each = waiting.pop()
        if each in found or not getattr(each, "__module__", "").startswith(("fifteen.", "tests.")):
            continue
        found.add(each)
        if each is recording.record:
            continue
        scope = vars(importlib.import_module(each.__module__))
        for node in _names_in(each):
            if isinstance(node, ast.Attribute):
                touched.add(node.attr)
            target = _target(node, scope)
            if inspect.isfunction(target) or inspect.isclass(target):
                waiting.append(inspect.unwrap(target) if inspect.isfunction(target) else target)
    return found, touched


@cache
def _names_in(each: Any) -> list[ast.AST]:
    """What a function names; most are met on the way of many views."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(each)))
    return [node for node in ast.walk(tree) if isinstance(node, (ast.Name, ast.Attribute))]


def _target(node: ast.AST, scope: dict[str, Any]) -> Any:
    if isinstance(node, ast.Name):
        return scope.get(node.id)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return getattr(scope.get(node.value.id), node.attr, None)
    return None


# A challenge for a passkey is asked for: it goes into a cookie, and nothing is stored. What answers it is recorded.
# What changes a person is chosen from a table of services, which this reading cannot follow; see test_people for it.
NOTHING_STORED = {
    "/login/passkey", "/login/second/passkey", "/login/enrol/passkey", "/prove/passkey", "/proofs/passkey",
    "/locked/passkey",
    "/people/<slug:id>/change",
}  # fmt: skip


def silent(found: Iterator[tuple[str, Callable[..., Any]]]) -> list[str]:
    """Addresses that take an unsafe request and come to no `record(...)`."""
    missed = []
    for address, view in found:
        if (
            address in NOTHING_STORED
            or door_of(view)[0] == "public"
            or not any(answers(view, method) for method in UNSAFE)
        ):
            continue
        functions, touched = reached(view)
        closed = not answers(view, "GET")
        if (closed or touched & READS) and recording.record not in functions:
            missed.append(address)
    return missed


@pytest.mark.django_db
def test_every_unsafe_route_records_an_event() -> None:
    assert silent(routes()) == [], "these change something and leave no event: call record(...) in their transaction"


def forgetful(request: HttpRequest) -> Any:
    return request.POST["name"]


def dutiful(request: HttpRequest) -> Any:
    recording.record(request.POST["name"], at=None)  # type: ignore[arg-type]


def test_the_sweep_finds_a_route_that_forgets() -> None:
    assert silent(iter([("/forgets", forgetful), ("/records", dutiful)])) == ["/forgets"]


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/audit", "/audit.csv"])
def test_where_no_event_can_be_written_nothing_is_shown(
    client: Client, owner: User, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in(client, owner)

    def full(*_: object, **__: object) -> None:
        raise OSError("no space")

    with monkeypatch.context() as broken:
        broken.setattr(Event, "save", full)
        with pytest.raises(OSError, match="no space"):
            client.get(address)
