"""Import: a file is given, its columns are looked at, it is tried without storing, and brought in."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from fifteen.clinic.audit.record import record
from fifteen.clinic.importing import access, services
from fifteen.clinic.importing.fields import KINDS
from fifteen.clinic.importing.models import Upload
from fifteen.clinic.importing.profiles import profiles
from fifteen.clinic.importing.run import Options, dates_open
from fifteen.clinic.importing.table import Order, Table, order
from fifteen.clinic.tenancy.access import sites
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.errors import Conflict, Refused
from fifteen.kernel.errors import UnreadableInput
from fifteen.web.clinic.edge import SAFE
from fifteen.web.clinic.forms import day, number, text
from fifteen.web.clinic.routes import needs
from fifteen.web.clinic.uploads import takes
from fifteen.web.said import said

SHOWN = 50  # rejects on the page; the file holds all
LISTED = 30
STATES = {
    "given": ("info", gettext_lazy("Waits for you")),
    "trying": ("info", gettext_lazy("Being tried")),
    "tried": ("info", gettext_lazy("Tried, not stored")),
    "running": ("info", gettext_lazy("Being brought in")),
    "done": ("good", gettext_lazy("Brought in")),
    "away": ("off", gettext_lazy("Gone, not brought in")),
}
HOW = {
    "profile": gettext_lazy("by the profile"),
    "name": gettext_lazy("by its name"),
    "chosen": gettext_lazy("chosen by you"),
}
MADE = {
    "accrual": gettext_lazy("Amounts used of a threshold"),
    "authorized": gettext_lazy("Authorizations"),
    "carried_line": gettext_lazy("Services as documented"),
    "carried_over": gettext_lazy("Counts carried over"),
    "certification": gettext_lazy("Certification steps"),
    "coverage": gettext_lazy("Coverages"),
    "episode": gettext_lazy("Episodes"),
    "identifier": gettext_lazy("Identifiers completed"),
    "interval": gettext_lazy("Intervals with minutes"),
    "patient": gettext_lazy("Patients"),
    "payer": gettext_lazy("Payers"),
    "plan": gettext_lazy("Plans of care"),
    "visit": gettext_lazy("Visits"),
}
COUNTS = {
    "rows": gettext_lazy("Rows in the file"),
    "new": gettext_lazy("New"),
    "matched": gettext_lazy("Here already, left as they are"),
    "unchanged": gettext_lazy("In from an earlier file"),
    "rejected": gettext_lazy("Rejected"),
}


@takes(services.LIMITS.size)
@needs("records.import")
def page(request: HttpRequest) -> HttpResponse:
    """The files that were given, and a form for another one."""
    if request.method in SAFE:
        return _form(request, {"kind": request.GET.get("kind", "patients"), "profile": "plain"})
    typed = {name: text(request, name) for name in ("kind", "profile")}
    file = request.FILES.get("file")
    if file is None or file.size is None or file.size > services.LIMITS.size:
        return _form(request, typed, gettext("Choose a CSV file of at most 20 MB."))
    try:
        upload = services.give(typed["kind"], typed["profile"], file.read(), request.user_row)  # type: ignore[attr-defined]
    except Refused as met:
        return _form(request, typed, _told(met))
    return HttpResponseRedirect(f"/import/{upload.id}")


@needs("records.import")
@require_safe
def one(request: HttpRequest, upload: str) -> HttpResponse:
    """A file: what its columns become, and what would become of its rows, or has."""
    found = access.upload(upload)
    record("import.view", at=now(), kind="upload", object=found.id, of=found.kind)
    return _file(request, found)


@needs("records.import")
@require_POST
def attempt(request: HttpRequest, upload: str) -> HttpResponse:
    """Keep what was chosen, and try the file without storing it."""
    found = access.upload(upload)
    fields = {place: text(request, f"c{place}") for place in range(len(services.table(found).columns))}
    try:
        services.choose(found, number(request, "version"), fields, _options(request))
    except Conflict:
        return _file(request, access.upload(upload), changed=True, status=409)
    except Refused as met:
        request.undo = True  # type: ignore[attr-defined]
        return _file(request, access.upload(upload), refused=str(met), status=422)
    if _order(found, services.table(found)).open:
        return HttpResponseRedirect(f"/import/{found.id}")
    services.start(found, request.user_row, dry=True)  # type: ignore[attr-defined]
    return HttpResponseRedirect(f"/import/{found.id}#result")


@needs("records.import")
@require_POST
def bring_in(request: HttpRequest, upload: str) -> HttpResponse:
    """Bring in what was tried, as it was tried."""
    found = access.held_upload(upload)
    if found.version != number(request, "version"):
        return _file(request, found, changed=True, status=409)
    services.start(found, request.user_row, dry=False)  # type: ignore[attr-defined]
    return HttpResponseRedirect(f"/import/{found.id}")


@needs("records.import")
@require_POST
def away(request: HttpRequest, upload: str) -> HttpResponse:
    """Throw the file away."""
    found = access.upload(upload)
    try:
        services.drop(found, number(request, "version"))
    except Conflict:
        return _file(request, access.upload(upload), changed=True, status=409)
    return HttpResponseRedirect("/import")


@needs("records.import")
@require_safe
def rejects(request: HttpRequest, upload: str) -> HttpResponse:
    """The rows that did not go in, with line and reason, as a file to be corrected."""
    found = access.upload(upload)
    kept = services.found_of(found)
    if kept is None:
        raise Refused(gettext("There are no rejects of this file, or they are gone after a day. Give the file again."))
    record("import.rejects", at=now(), kind="upload", object=found.id, of=found.kind, count=len(kept.progress.rejects))
    response = HttpResponse(services.rejects_csv(kept), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="rejects-{found.kind}.csv"'
    return response


def _told(met: Refused) -> str:
    """What was refused; why a file is no table is said as the engine's sentences are."""
    if isinstance(met.__cause__, UnreadableInput):
        return gettext("This file cannot be read: %(why)s") % {"why": said(str(met.__cause__))}
    return str(met)


def _form(request: HttpRequest, typed: dict[str, str], error: str = "") -> HttpResponse:
    given = {
        "kinds": [{"name": each.name, "title": each.title, "about": each.about} for each in KINDS.values()],
        "profiles": [(each.id, gettext(each.title)) for each in profiles().values()],
        "typed": typed, "error": error, "files": [_row(each) for each in access.uploads()[:LISTED]],
    }  # fmt: skip
    return render(request, "clinic/import.html", given, status=422 if error else 200)


def _row(upload: Upload) -> dict[str, Any]:
    kind, word = STATES.get(upload.state, ("off", upload.state))
    known, profile = KINDS.get(upload.kind), profiles().get(upload.profile)
    return {
        "id": upload.id, "at": upload.at, "state": upload.state, "state_kind": kind, "word": word,
        "title": gettext(known.title) if known else upload.kind, "kind": upload.kind,
        "profile": gettext(profile.title) if profile else upload.profile, "counts": upload.counts,
        "version": upload.version,
    }  # fmt: skip


def _file(
    request: HttpRequest, upload: Upload, *, changed: bool = False, refused: str = "", status: int = 200
) -> HttpResponse:
    given: dict[str, Any] = {"file": _row(upload), "changed": changed, "refused": refused}
    if upload.content is not None and upload.state not in services.WAITING:
        given |= _mapping(upload, services.table(upload))
    if (report := services.report(upload)) is not None:
        given |= {
            "counts": [(COUNTS[name], report.counts[name], name) for name in COUNTS],
            "made": [(MADE.get(name, name), count) for name, count in report.made.items()],
            "remarks": report.remarks, "rejects": report.rejects[:SHOWN], "more": len(report.rejects) - SHOWN,
            "all_rejects": len(report.rejects), "in": report.counts["new"] + report.counts["matched"],
        }  # fmt: skip
    return render(request, "clinic/import_file.html", given, status=status)


def _mapping(upload: Upload, table: Table) -> dict[str, Any]:
    """The columns with what they become, and what holds for the whole file."""
    known, profile = services.kind_and_profile(upload.kind, upload.profile)
    found, before = _order(upload, table), access.same_done(upload.digest, upload.kind)
    return {
        "table": table, "rows": len(table.rows), "note": gettext(profile.note), "source": profile.source,
        "columns": [{"column": each, "how": HOW.get(each.how, ""), "name": f"c{each.place}"} for each in table.columns],
        "left_out": [each.header for each in table.columns if not each.field],
        "fields": [(each.name, gettext(each.title), each.needed) for each in known.fields],
        "options": services.options_of(upload), "order": found, "asked": dates_open(found.why) if found.open else "",
        "sites": [(each.id, each.name) for each in sites()], "before": before,
        "missing": _missing(table, known), "disciplines": ("PT", "OT", "SLP"),
    }  # fmt: skip


def _missing(table: Table, kind: Any) -> list[str]:
    """What rows of this kind need and no column says."""
    there = set(table.mapping())
    needed = [gettext(each.title) for each in kind.fields if each.needed and each.name not in there]
    for group in kind.one_of:
        if not there & set(group):
            needed.append(" / ".join(gettext(kind.field(each).title) for each in group))
    return needed


def _order(upload: Upload, table: Table) -> Order:
    known, profile = services.kind_and_profile(upload.kind, upload.profile)
    return order(table, known, profile, services.options_of(upload).dates)


def _options(request: HttpRequest) -> Options:
    """What was chosen for the whole file; what is none of the choices is none."""
    dates, discipline, site = (text(request, name) for name in ("dates", "discipline", "site"))
    return Options(
        dates=dates if dates in ("mdy", "dmy") else "",  # type: ignore[arg-type]
        discipline=discipline if discipline in ("PT", "OT", "SLP") else "",  # type: ignore[arg-type]
        site=site if site in {each.id for each in sites()} else "", as_of=day(request, "as_of"),
        absent=text(request, "absent") == "on", closed_episodes=text(request, "closed_episodes") == "on",
    )  # fmt: skip


urlpatterns = [
    path("import", page, name="import"),
    path("import/<slug:upload>", one, name="import-file"),
    path("import/<slug:upload>/try", attempt, name="import-try"),
    path("import/<slug:upload>/run", bring_in, name="import-run"),
    path("import/<slug:upload>/away", away, name="import-away"),
    path("import/<slug:upload>/rejects", rejects, name="import-rejects"),
]
