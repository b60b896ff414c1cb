"""A file is given, looked at, tried without storing, and brought in; then its content is gone."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping
from contextlib import nullcontext, suppress
from datetime import timedelta
from typing import Any

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from fifteen.clinic import vault
from fifteen.clinic.accounts.models import User
from fifteen.clinic.audit.record import record
from fifteen.clinic.importing import access
from fifteen.clinic.importing.fields import KINDS, Kind
from fifteen.clinic.importing.models import Upload
from fifteen.clinic.importing.profiles import Profile, profiles
from fifteen.clinic.importing.run import Options, Progress, Report, report_of, run
from fifteen.clinic.importing.table import Table, table_of
from fifteen.clinic.jobs.queue import enqueue
from fifteen.clinic.tenancy import rows
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.errors import Refused
from fifteen.clinic.treatment.changes import together
from fifteen.interop import tabular
from fifteen.kernel.errors import UnreadableInput

LIMITS = tabular.Limits()
KEPT = timedelta(days=1)  # how long the content of a file waits
AT_ONCE = 100  # rows that a request puts in itself; more are work for the queue
PART = timedelta(seconds=3)  # how long the queue keeps the database for a part of a long file
WAITING = ("trying", "running")


def open_file(content: bytes, kind: str, profile: str, chosen: Mapping[int, str] | None = None) -> Table:
    """The file as a table of this kind; `Refused` where it is none."""
    known, way = kind_and_profile(kind, profile)
    try:
        sheet = tabular.read(content, LIMITS)
    except UnreadableInput as met:
        raise Refused(_("This file cannot be read: %(why)s") % {"why": str(met)}) from met
    return table_of(sheet, known, way, chosen)


def kind_and_profile(kind: str, profile: str) -> tuple[Kind, Profile]:
    """What the rows are of and where they come from; `Refused` where the two do not go together."""
    found = profiles().get(profile)
    if kind not in KINDS or found is None or kind not in found.kinds:
        raise Refused(_("Choose what the rows are of, and a profile that exports such rows."))
    return KINDS[kind], found


def give(kind: str, profile: str, content: bytes, user: User) -> Upload:
    """A file to be imported. It waits sealed; nothing of it is in yet."""
    table = open_file(content, kind, profile)
    row = Upload(
        kind=kind, profile=profile, digest=hashlib.sha256(content).hexdigest(), size=len(content), by=user.id, at=now(),
        mapping={str(place): field for field, place in table.mapping().items()}, counts={"rows": len(table.rows)},
    )  # fmt: skip
    row.content = _seal(row, "content", content)
    rows.add(row)
    record("import.give", at=now(), kind="upload", object=row.id, of=kind, profile=profile, count=len(table.rows))
    return row


def table(upload: Upload) -> Table:
    """The file as a table, with the columns as they were chosen; `Refused` where its content is gone."""
    return open_file(content_of(upload), upload.kind, upload.profile, mapping_of(upload))


def mapping_of(upload: Upload) -> dict[int, str]:
    """The field of each column, by its place."""
    return {int(place): field for place, field in upload.mapping.items()}


def options_of(upload: Upload) -> Options:
    """What a person decided for the whole file."""
    return msgspec.convert(upload.options, Options)


def choose(upload: Upload, version: int, fields: Mapping[int, str], options: Options) -> Upload:
    """What each column becomes, and what holds for all rows; `Refused` where a field is chosen twice."""
    known, _profile = kind_and_profile(upload.kind, upload.profile)
    names = {each.name for each in known.fields}
    chosen = {place: field for place, field in fields.items() if field}
    if set(chosen.values()) - names:
        raise Refused(_("A column was given a meaning that rows of this kind do not have; choose again."))
    if len(set(chosen.values())) < len(chosen):
        raise Refused(_("Two columns have the same meaning; choose one of them, and leave the other out."))
    _not_waiting(upload)
    wanted = {
        "mapping": {str(place): field for place, field in chosen.items()}, "options": msgspec.to_builtins(options),
        "state": "given", "found": None, "counts": {"rows": upload.counts.get("rows", 0)},
    }  # fmt: skip
    rows.change(upload, version, wanted)
    which = {"kind": "upload", "object": upload.id, "of": upload.kind}
    record("import.choose", at=now(), **which, fields=sorted(chosen.values()))
    return upload


def start(upload: Upload, user: User, *, dry: bool) -> None:
    """Try the file without storing, or bring it in: at once where it is short, else as work for the queue."""
    found = access.held_upload(upload.id)
    begin(found, user, dry=dry)
    if found.counts["rows"] <= AT_ONCE:
        step(found, user)
    else:
        enqueue("import.go", {"upload": found.id})


def begin(upload: Upload, user: User, *, dry: bool) -> None:
    """From now on it is tried, or brought in; `Refused` where it is already, or its content is gone."""
    _not_waiting(upload)
    if upload.content is None:
        raise Refused(_gone())
    rows = len(table(upload).rows)
    upload.state, upload.by, upload.version = "trying" if dry else "running", user.id, upload.version + 1
    upload.counts, upload.found = {"rows": rows}, None
    upload.save(update_fields=["state", "by", "version", "counts", "found"])
    record("import.begin", at=now(), kind="upload", object=upload.id, of=upload.kind, dry=dry, count=rows)


def step(upload: Upload, user: User, budget: timedelta | None = None) -> bool:
    """Bring in what comes next, as long as `budget` allows and at least one person's rows; is all of it done?

    A short file goes in whole, in the one transaction that this is called in. A long one does so in parts that are
    stored one by one, so that nobody else has to wait for long: what is in is known by its rows, and goes on from
    there. Of a dry run nothing is stored but what would become of the rows.
    """
    known, profile = kind_and_profile(upload.kind, upload.profile)
    found, kept, dry = table(upload), found_of(upload), upload.state == "trying"
    progress = kept.progress if kept else Progress()
    asked = (found, known, profile, options_of(upload), user, upload.id, progress)
    unassessed = together() if dry else nullcontext()  # what a day comes to tells nothing of a row
    with suppress(_TakenBack), transaction.atomic(), unassessed:
        access.one_at_a_time()
        run(*asked, budget)
        if dry:
            raise _TakenBack
    upload.found = _seal(upload, "found", msgspec.json.encode(Kept(found.header(), progress)))
    report = report_of(progress, len(found.rows))
    upload.counts = {**report.counts, **{f"made.{name}": count for name, count in report.made.items()}}
    if progress.next is None:
        _ended(upload)
    upload.version += 1
    upload.save(update_fields=["state", "version", "counts", "found", "content", "ended"])
    return progress.next is None


class _TakenBack(Exception):
    """A dry run is over: nothing of it stays."""


def _ended(upload: Upload) -> None:
    dry = upload.state == "trying"
    upload.state = "tried" if dry else "done"
    if not dry:
        upload.content, upload.ended = None, now()
    which = {"kind": "upload", "object": upload.id, "of": upload.kind}
    record("import.try" if dry else "import.run", at=now(), **which, counts=upload.counts)


class Kept(msgspec.Struct, frozen=True):
    """What became of a file so far, with the header that its rejects stand under."""

    header: tuple[str, ...]
    progress: Progress


def found_of(upload: Upload) -> Kept | None:
    """What became of the rows at the last run or dry run; None: there was none, or it is gone."""
    if upload.found is None:
        return None
    return msgspec.json.decode(_open(upload, "found"), type=Kept)


def report(upload: Upload) -> Report | None:
    """The same for people to read."""
    kept = found_of(upload)
    return report_of(kept.progress, upload.counts.get("rows", 0)) if kept else None


def rejects_csv(kept: Kept) -> bytes:
    """The rows that did not go in, each with its line and why; corrected, it can be given again as it is."""
    rejects = report_of(kept.progress, 0).rejects
    lines = [(str(each.line), each.reason, *each.cells) for each in rejects]
    return tabular.write([("line", "reason", *kept.header), *lines])


def drop(upload: Upload, version: int) -> None:
    """Throw a file away that is not to come in. What came in from it stays."""
    wanted: dict[str, Any] = {"content": None, "found": None, "ended": now()}
    if upload.state != "done":
        wanted["state"] = "away"
    rows.change(upload, version, wanted)
    record("import.drop", at=now(), kind="upload", object=upload.id)


def forget() -> int:
    """Contents and findings of files given more than a day ago are thrown away; how many."""
    count = 0
    for upload in access.stale(now() - KEPT):
        upload.content = upload.found = None
        upload.state = "done" if upload.state == "done" else "away"
        upload.save(update_fields=["content", "found", "state"])
        count += 1
    return count


def content_of(upload: Upload) -> bytes:
    """The bytes as they were given; `Refused` where they are gone."""
    if upload.content is None:
        raise Refused(_gone())
    return _open(upload, "content")


def _gone() -> str:
    return _(
        "The content of this file is gone: it came in, was thrown away, or waited for more than a day. Give it again."
    )


def _not_waiting(upload: Upload) -> None:
    if upload.state in WAITING:
        raise Refused(_("This file is being worked on; wait until that has ended, or throw the file away."))
    if upload.state == "done":
        raise Refused(_("This file is in already; give it again to see what is new in it."))


def _seal(upload: Upload, column: str, content: bytes) -> bytes:
    return vault.seal(zlib.compress(content), table="upload", column=column, row=upload.id)


def _open(upload: Upload, column: str) -> bytes:
    return zlib.decompress(vault.open_(bytes(getattr(upload, column)), table="upload", column=column, row=upload.id))
