"""Work on files that is too long for a request, and contents that nobody waits for any more."""

from __future__ import annotations

from datetime import timedelta

from fifteen.clinic.accounts.access import person
from fifteen.clinic.audit.record import Who, acting_as
from fifteen.clinic.importing import access, services
from fifteen.clinic.jobs.queue import enqueue
from fifteen.clinic.jobs.registry import task
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.errors import NotFound

BREATH = timedelta(seconds=1)
"""Between two parts: on SQLite whoever waits to write gets in then."""


@task("import.go")
def go(upload: str) -> None:
    """The next part of a file, as the person who asked for it. One that was thrown away meanwhile is left alone."""
    found = access.held_upload(upload)
    if found.state not in services.WAITING or found.content is None:
        return
    who = person(found.by)
    if who is None or not who.user.active:
        raise NotFound("person")
    with acting_as(Who(actor=who.user.id, role=who.user.role)):
        if not services.step(found, who.user, services.PART):
            enqueue("import.go", {"upload": found.id}, due=now() + BREATH)


@task("import.forget", every=timedelta(hours=1))
def forget() -> None:
    """Contents that waited for a day are thrown away."""
    services.forget()
