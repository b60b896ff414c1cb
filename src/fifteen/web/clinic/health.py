"""Whether this installation works, for who watches it: `/health` for anyone, `/metrics` for this machine or a token."""

from __future__ import annotations

import os
import secrets
import shutil
from ipaddress import ip_address

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.http import require_safe

from fifteen.clinic.database import answers
from fifteen.clinic.jobs import access, worker
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.keeper import organization_ids, within
from fifteen.settings.home import home
from fifteen.web.clinic.observe import counted
from fifteen.web.clinic.routes import door

ROOM = 200 * 2**20  # bytes that must be free
_current = False  # migrations that were current once stay so while this process runs


@door("public")
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Four yes or no, nothing else; 503 where one is no."""
    database = answers()
    found = {
        "database": database,
        "migrations": database and _migrated(),
        "disk": _room(),
        "worker": worker.alive(now()),
    }
    good = all(found.values())
    response = JsonResponse({"ok": good, **found}, status=200 if good else 503)
    response.headers["Cache-Control"] = "no-store"
    return response


def _migrated() -> bool:
    global _current
    try:
        executor = MigrationExecutor(connection)
        _current = _current or not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return False
    return _current


def _room() -> bool:
    base = home()
    try:
        return base is not None and shutil.disk_usage(base).free >= ROOM
    except OSError:
        return False


@door("public")
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Counters in the text format of Prometheus."""
    if not _may_read(request):
        return HttpResponse("Only from this machine, or with the token of FIFTEEN_METRICS_TOKEN.\n", "text/plain", 403)
    return HttpResponse(_text(), "text/plain; version=0.0.4; charset=utf-8", headers={"Cache-Control": "no-store"})


def _may_read(request: HttpRequest) -> bool:
    token = os.environ.get("FIFTEEN_METRICS_TOKEN", "")
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token and secrets.compare_digest(token.encode(), given.encode()):
        return True
    said = any(name in request.headers for name in ("Forwarded", "X-Real-Ip", "Via"))
    forwarded = said or getattr(request, "forwarded", False)
    if forwarded or settings.TRUSTED_PROXY:
        return False  # behind a proxy everyone comes from this machine
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def _text() -> str:
    counts, milliseconds = counted()
    lines = ["# TYPE fifteen_requests_total counter"]
    lines += [_line("fifteen_requests_total", *key, str(value)) for key, value in sorted(counts.items())]
    lines.append("# TYPE fifteen_request_milliseconds_total counter")
    lines += [_line("fifteen_request_milliseconds_total", *key, str(n)) for key, n in sorted(milliseconds.items())]
    lines.append("# TYPE fifteen_jobs gauge")
    jobs = dict.fromkeys(access.STATES, 0)
    for organization in organization_ids():
        with within(organization):
            for state, count in access.counts().items():
                jobs[state] += count
    lines += [f'fifteen_jobs{{state="{state}"}} {count}' for state, count in jobs.items()]
    return "\n".join(lines) + "\n"


def _line(name: str, route: str, status: int, value: str) -> str:
    return f'{name}{{route="{route}",status="{status}"}} {value}'


urlpatterns = [
    path("health", health, name="health"),
    path("metrics", metrics, name="metrics"),
]
