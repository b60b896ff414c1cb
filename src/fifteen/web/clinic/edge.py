"""The edge: one transaction around a request, who acts for which organization, and whether they may.

Every page says what it needs (`routes.py`). Nothing behind the log-in is answered without a session, both proofs, a
role that the matrix lets do it or a broken glass, and where the matrix says so a fresh proof.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, UnreadablePostError
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils.translation import gettext

from fifteen.clinic.accounts import break_glass, devices, sessions
from fifteen.clinic.accounts.matrix import matrix
from fifteen.clinic.accounts.models import BreakGlass, Session, User
from fifteen.clinic.audit.record import Who, acting_as, record
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.context import acting
from fifteen.clinic.tenancy.errors import NotFound, Refused
from fifteen.web.clinic import once, trouble, uploads
from fifteen.web.clinic.routes import Door, door_of, glass_of
from fifteen.web.trouble import bad_request

SAFE = ("GET", "HEAD", "OPTIONS")
TIMES = 3  # so often a request begins again whose transaction crossed another's
CROSSED = 599  # between `process_exception` and the edge only; nobody is answered so
_GRAIN = timedelta(seconds=60)  # how exactly the last use of a session is kept


class Request(HttpRequest):
    """A request behind the edge."""

    session_row: Session | None
    user_row: User | None
    glass: BreakGlass | None
    """What opens this page outside of the role; the page says so."""


class Edge:
    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            match = resolve(request.path_info)
        except Resolver404:
            return self.answer(request)
        kind, action = door_of(match.func)
        request.session_row = request.user_row = request.glass = None  # type: ignore[attr-defined]
        if request.method not in SAFE and uploads.too_large(request, match.func):
            return trouble.too_large(request)
        try:
            if _unreadable(request):
                return bad_request(request, ValueError("NUL"))
        except UnreadablePostError as broken:  # it broke off, or came too slowly to be waited for
            return bad_request(request, broken)
        if kind == "public":
            return self.answer(request)
        request.again = TIMES  # type: ignore[attr-defined]
        response = self._transacted(request, match, kind, action)
        while response.status_code == CROSSED:
            response = self._transacted(request, match, kind, action)
        response.headers["Cache-Control"] = "no-store"
        # With no-referrer a browser sends `Origin: null` beside every form, which the CSRF check rightly refuses.
        response.headers["Referrer-Policy"] = "same-origin"
        return response

    def _transacted(self, request: HttpRequest, match: ResolverMatch, kind: Door, action: str) -> HttpResponse:
        request.undo = False  # type: ignore[attr-defined]
        with _transaction(request):
            response = self._behind(request, match, kind, action)
            if response.status_code >= 500 and connection.in_atomic_block:
                transaction.set_rollback(True)
        return response

    def _behind(self, request: HttpRequest, match: ResolverMatch, kind: Door, action: str) -> HttpResponse:
        session = sessions.find(request.COOKIES.get(settings.SESSION_COOKIE, ""))
        if session is None:
            return self.answer(request) if kind == "login" else to_login(request)
        with acting(session.organization_id):
            user = session.user
            if not user.active:
                sessions.end(session)
                return to_login(request)
            request.session_row, request.user_row = session, user  # type: ignore[attr-defined]
            who = Who(
                actor=user.id, role=user.role, session=session.id, device=session.device_id or "",
                address=address_of(request),
            )  # fmt: skip
            with acting_as(who):
                return self._inside(request, match, session, user, kind, action)

    def _inside(
        self, request: HttpRequest, match: ResolverMatch, session: Session, user: User, kind: Door, action: str
    ) -> HttpResponse:
        if kind == "login":
            return self.answer(request)
        if not session.mfa:  # it ends soon by itself, so it is never locked: a lock could open more than it closes
            return self.answer(request) if kind == "half" else _redirect(request, "login/second")
        if session.locked is not None or _idle(session):
            if session.locked is None:
                session.locked = now()
                session.save(update_fields=["locked"])
            return self.answer(request) if kind == "locked" else _redirect(request, "locked")
        if kind == "again":
            return self.answer(request)
        if kind != "inside":
            return HttpResponseRedirect("/home")
        if not matrix().allows(user.role, action) and (closed := _closed(request, match, user, action)) is not None:
            record("refused", at=now(), kind="action", object=action, outcome="refused")
            return closed
        if matrix().actions[action].fresh and not _fresh(session):
            return _redirect(request, "prove") if request.method in SAFE else trouble.prove_first(request)
        _touch(request, session)
        return once.answer(request, user.id, self.answer)

    def process_exception(self, request: HttpRequest, met: Exception) -> HttpResponse | None:
        """What services refuse becomes a page, and what the view had begun is undone; anything else fails as it did.

        Two who wait for each other's rows are parted by the database: one goes on, the other begins again here.
        """
        again = getattr(request, "again", 0)  # a public page has none, and stores nothing
        if _crossed(met) and again > 0:
            request.again = again - 1  # type: ignore[attr-defined]
            response = HttpResponse(status=CROSSED)
        elif isinstance(met, NotFound):
            response = trouble.missing(request)
        elif isinstance(met, Refused):
            response = trouble.refused(request, str(met))
        else:
            return None
        request.undo = True  # type: ignore[attr-defined]
        return response


def _crossed(met: Exception) -> bool:
    """Did PostgreSQL end this transaction because it and another one waited for each other?"""
    return isinstance(met, OperationalError) and getattr(met.__cause__, "sqlstate", "") == "40P01"


def _closed(request: HttpRequest, match: ResolverMatch, user: User, action: str) -> HttpResponse | None:
    """What is answered to a role that may not; None where the glass is broken for the record that the page reads."""
    whose = glass_of(match.func)
    if whose is None or request.method not in SAFE or not matrix().allows(user.role, "break_glass"):
        return trouble.forbidden(request, action)
    try:
        patient = whose(**match.kwargs)
    except NotFound:
        return trouble.missing(request)
    glass = break_glass.running(user, patient)
    if glass is None:
        return trouble.forbidden(request, action, patient)
    request.glass = glass  # type: ignore[attr-defined]
    break_glass.used(glass, patient, action)
    return None


def _transaction(request: HttpRequest) -> AbstractContextManager[Any]:
    """Row security needs a transaction for every request; SQLite would put readers in a queue for one."""
    if connection.vendor == "postgresql" or request.method not in SAFE:
        return transaction.atomic()
    return nullcontext()


def _unreadable(request: HttpRequest) -> bool:
    """Is there a NUL in what was sent? No database keeps it in a text, and no person types it."""
    sent = [request.path_info, request.META.get("QUERY_STRING", "").replace("%00", "\0")]
    if request.method not in SAFE:
        sent += [value for values in request.POST.lists() for value in (values[0], *values[1])]
    return any("\0" in each for each in sent)


def _idle(session: Session) -> bool:
    return now() - session.seen > timedelta(minutes=sessions.policy().idle_minutes)


def _fresh(session: Session) -> bool:
    proved = session.proved
    return proved is not None and now() - proved <= timedelta(minutes=sessions.policy().fresh_minutes)


def _touch(request: HttpRequest, session: Session) -> None:
    """The session was used; what a page asks for by itself (`X-Poll`) is no use of it."""
    if request.headers.get("X-Poll") or now() - session.seen < _GRAIN:
        return
    session.seen = now()
    session.save(update_fields=["seen"])


def address_of(request: HttpRequest) -> str:
    """Where the request came from; `proxy.py` has put there what a trusted proxy says."""
    return str(request.META.get("REMOTE_ADDR", ""))[:45]


def to_login(request: HttpRequest) -> HttpResponse:
    return _redirect(request, "login")


def _redirect(request: HttpRequest, where: str) -> HttpResponse:
    """To a page of the log-in and back; a request that a page made by itself is told so instead of following."""
    back = quote(request.get_full_path() if request.method in SAFE else "/home", safe="")
    address = f"/{where}?next={back}"
    if request.headers.get("X-Poll") or request.headers.get("Accept") == "application/json":
        response = HttpResponse(status=401)
        response.headers["X-Go-To"] = address
        return response
    return HttpResponseRedirect(address)


def page_settings(request: HttpRequest) -> dict[str, Any]:
    """What every page behind the log-in shows: who is logged in, and what they may do."""
    user = getattr(request, "user_row", None)
    if user is None:
        return {"who": None}
    may = {name.replace(".", "_"): True for name in matrix().actions if matrix().allows(user.role, name)}
    here = request.get_full_path() if request.method in SAFE else "/home"
    told = {"who": user, "role": gettext(matrix().roles[user.role]), "may": may, "here": here}
    glass = getattr(request, "glass", None)
    return told if glass is None else told | {"glass": glass, "glass_zone": devices.zone_of(None).key}
