"""Every address of the clinic, found in the URLconf and filled with ids by the names of its parameters."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from fifteen.clinic.tenancy.ids import new_id
from fifteen.clinic.tenancy.models import Owned
from fifteen.web.clinic.routes import Door, door_of, glass_of
from tests.tiers import NIGHTLY

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE") if NIGHTLY else ("GET", "POST", "DELETE")
BY_FOLDER = {  # whose id is `id` in `people/<slug:id>`
    "devices": "Device",
    "jobs": "Job",
    "notes": "Note",
    "patients": "Patient",
    "people": "User",
    "sessions": "Session",
    "sites": "Site",
}
BY_NAME = {
    "alert": "BreakGlass",
    "person": "User",
    "user": "User",
    "version": "SignedVersion",
    "organization": "Organization",
}
TOKENS = {"token", "code"}  # a secret in the address: nobody's, in this sweep
NUMBERS = {"number", "place", "page", "year", "month", "day"}


class Route(msgspec.Struct, frozen=True):
    """An address as it stands in the URLconf, its view, and what the view needs of who opens it."""

    pattern: str
    view: Callable[..., Any]
    door: Door
    action: str

    @property
    def glass(self) -> bool:
        """May breaking the glass open it?"""
        return glass_of(self.view) is not None

    @property
    def parameters(self) -> list[str]:
        return [name for _, name in _PARAMETER.findall(self.pattern)]

    @property
    def models(self) -> list[str]:
        """The models whose ids stand in the address."""
        return [name for name in (model_of(each, self.pattern) for each in self.parameters) if name]

    def address(self, rows: dict[str, Any], **other: str) -> str:
        """The address with the ids of these rows; `other` are values for parameters, by their names."""

        def value(found: re.Match[str]) -> str:
            name = found[2]
            if name in other:
                return other[name]
            model = model_of(name, self.pattern)
            if model:
                row = rows[model]
                return str(row if isinstance(row, str) else row.id)
            return "1" if name in NUMBERS else "nobodys-token"

        return "/" + _PARAMETER.sub(value, self.pattern)


_PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")


def model_of(parameter: str, pattern: str) -> str:
    """The name of the model whose id this parameter is; empty for a token or number; an error for anything else."""
    if parameter in TOKENS or parameter in NUMBERS:
        return ""
    if parameter in ("id", "pk"):
        name = BY_FOLDER.get(pattern.split("/")[0])
    else:
        known = {
            each.__name__.lower(): each.__name__ for each in apps.get_models() if issubclass(each, Owned)
        } | BY_NAME
        name = known.get(parameter.removesuffix("_id").replace("_", ""))
    if name is None:
        raise AssertionError(
            f"the sweep does not know whose id <{parameter}> is in /{pattern}; name it <model>_id (note_id), "
            "or add it to tests/clinic/sweep.py"
        )
    return name


def routes() -> list[Route]:
    """Every route of the URLconf in force."""
    return list(_walk(get_resolver(settings.ROOT_URLCONF).url_patterns, ""))


def _walk(patterns: list[Any], before: str) -> Iterator[Route]:
    for each in patterns:
        pattern = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _walk(each.url_patterns, pattern)
        else:
            assert isinstance(each, URLPattern)
            kind, action = door_of(each.callback)
            yield Route(pattern, each.callback, kind, action)


def ask(method: str, address: str, token: str = "", **headers: str) -> HttpResponse:
    """The answer to one request of a browser that holds this cookie; a failure is a 500, as outside of tests."""
    client = Client(raise_request_exception=False)
    if token:
        client.cookies[settings.SESSION_COOKIE] = token
    headers = {"Idempotency-Key": new_id(), **headers}
    answer: HttpResponse = client.generic(
        method, address, b"", "application/x-www-form-urlencoded", headers=headers
    )  # fmt: skip
    for close in answer._resource_closers:
        close()  # a file that was sent; `close()` itself would end the test's connection too
    transaction.set_rollback(False)  # a page that failed asks for it, of the transaction that is the test's own
    return answer


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside leaves no row behind."""
    point = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(point)


def to_login(response: HttpResponse) -> bool:
    """Was the request sent to the log-in, or told that it has to go there?"""
    where = response.headers.get("Location") or response.headers.get("X-Go-To", "")
    return response.status_code in (302, 401) and where.startswith("/login?")


def query_parameters(route: Route) -> set[str]:
    """What the view reads from the query: `PARAMETERS` of it or of its module, and what its module asks GET for."""
    view = inspect.unwrap(route.view)
    module = sys.modules.get(view.__module__)
    declared = {*getattr(route.view, "PARAMETERS", ()), *getattr(module, "PARAMETERS", ())}
    ours = module is not None and view.__module__.startswith(("fifteen.", "tests."))
    return declared | (_asked(inspect.getsource(module)) if module and ours else set())


def _asked(source: str) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Attribute(attr="GET"), attr="get" | "getlist"),
                args=[ast.Constant(value=str(name)), *_],
            ):
                found.add(name)
            case ast.Subscript(value=ast.Attribute(attr="GET"), slice=ast.Constant(value=str(name))):
                found.add(name)
    return found
