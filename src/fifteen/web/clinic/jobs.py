"""The page of waiting and failed work."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from fifteen.clinic.audit.record import record
from fifteen.clinic.jobs import access, queue
from fifteen.clinic.tenancy.clock import now
from fifteen.web.clinic import trouble
from fifteen.web.clinic.routes import needs

MOST = 200  # rows of one list


@needs("jobs.read")
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "clinic/jobs.html",
        {"counts": access.counts(), "tries": queue.TRIES}
        | {state: access.in_state(state)[:MOST] for state in ("waiting", "running", "dead")},
    )


@needs("jobs.write")
@require_POST
def again(request: HttpRequest, job_id: str) -> HttpResponse:
    with transaction.atomic():
        found = access.dead(job_id)
        if found is None:
            return trouble.missing(request)
        queue.again(found)
        record("jobs.again", at=now(), kind="job", object=found.id, task=found.task)
    return HttpResponseRedirect("/jobs")


urlpatterns = [
    path("jobs", page, name="jobs"),
    path("jobs/<str:job_id>/again", again, name="job-again"),
]
