"""`fifteen verify`: is the trail of a clinic whole, are its signed notes what was signed, do its answers recompute?"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from fifteen.kernel.errors import AskedWrongly
from fifteen.settings.home import home

if TYPE_CHECKING:
    from fifteen.clinic.audit.proof import Proof, Proven


@click.command(short_help="Prove that the trail, the signed notes and the answers are whole.")
@click.option("--organization", metavar="SLUG", help="Only this one. Default: all of this installation.")
@click.option("--checkpoints", metavar="FOLDER", help="A copy of the checkpoints. Default: this installation's own.")
@click.option("--no-answers", is_flag=True, help="Only the trail and the notes; no answers of days, no documents.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole answer as JSON.")
def verify(organization: str | None, checkpoints: str | None, no_answers: bool, as_json: bool) -> None:
    """Recompute the chain of the trail, hold it against the signed checkpoints, and check every signed note.

    Then recompute every stored answer of a day from what was stored with it. With the engine and rulebook that gave it
    it must be equal; where newer ones differ, it is said in what, and that is no fault. Last, every document is opened
    and compared with what was filed. Nothing is changed.
    Exit 0: all is whole; 1: something was changed, removed or put in.

    \b
    fifteen verify
    fifteen verify --organization north --checkpoints /mnt/copy/checkpoints
    """
    folder = None if checkpoints is None else Path(checkpoints)
    if folder is not None and not folder.is_dir():
        raise AskedWrongly(f"--checkpoints: {checkpoints} is no folder; give the one that holds the .jsonl files.")
    open_clinic()
    answer = _prove(organization, folder, not no_answers)
    if as_json:
        print(msgspec.json.encode(answer).decode())
    else:
        _show(answer)
    if not answer.whole:
        sys.stdout.flush()
        sys.exit(1)


def open_clinic() -> None:
    """Django with the settings of a clinic; nothing is made where there is no clinic."""
    try:
        import django

        from fifteen.clinic import vault
    except ImportError:
        raise AskedWrongly(
            "the clinic needs packages that are not installed here; install them with `pip install 'fifteen[web]'`."
        ) from None
    base = home()
    if not os.environ.get("FIFTEEN_DATABASE_URL"):
        file = base.joinpath("clinic", "fifteen.sqlite3") if base else None
        if file is None or not file.exists():
            raise AskedWrongly(f"there is no clinic at {file}; set FIFTEEN_HOME or FIFTEEN_DATABASE_URL to one.")
    if not vault.keys_path().exists():
        raise AskedWrongly(
            f"the key ring {vault.keys_path()} is not there, without it no chain can be recomputed; "
            "restore it, or set FIFTEEN_KEYS to the file."
        )
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fifteen.settings.clinic")
    django.setup()


def _prove(slug: str | None, folder: Path | None, recompute: bool) -> Proven:
    from django.db import DatabaseError

    from fifteen.clinic.audit.proof import Proven
    from fifteen.clinic.audit.prove import verify as prove

    try:
        proofs = []
        for each in organizations(slug):
            proof = prove(each, folder)
            proofs.append(_with_documents(_with_answers(proof, each), each) if recompute else proof)
    except DatabaseError as error:
        raise AskedWrongly(f"the database of the clinic cannot be read: {error}; check its release.") from None
    return Proven(all(each.whole for each in proofs), proofs)


def _with_answers(proof: Proof, organization: str) -> Proof:
    from fifteen.clinic.treatment.prove import answers

    found = answers(organization)
    findings = [*proof.findings, *found.findings]
    return msgspec.structs.replace(proof, answers=found.count, differ=found.differ, findings=findings)


def _with_documents(proof: Proof, organization: str) -> Proof:
    from fifteen.clinic.documents.prove import documents

    found = documents(organization)
    return msgspec.structs.replace(proof, documents=found.count, findings=[*proof.findings, *found.findings])


def organizations(slug: str | None) -> list[str]:
    """The ids of the organization that is called so, or of all that can be seen; `AskedWrongly` where there is none."""
    from django.db import transaction

    from fifteen.clinic.tenancy.access import organization_of, organizations_seen

    if slug is None:
        found = organizations_seen()
        if not found:  # PostgreSQL shows an organization only to who names it
            raise AskedWrongly("no organization can be seen here; name one with --organization.")
        return found
    with transaction.atomic():
        one = organization_of(slug) if slug else None
    if one is None:
        raise AskedWrongly(f"--organization: there is none that is called {slug!r}; check how its people write it.")
    return [one.id]


def _show(answer: Proven) -> None:
    from fifteen.cli.page import Page

    page = Page()
    for proof in answer.organizations:
        page.line(f"{proof.organization}: {'whole' if proof.whole else 'NOT whole'}", "bold")
        page.wrapped(_counts(proof), 2, 2, "dim")
        for found in proof.findings:
            page.wrapped(
                f"- {found.where}: {found.message}", 2, 4, "bold red" if found.severity == "block" else "yellow"
            )
            if found.fix:
                page.wrapped(found.fix, 4, 4)
    page.show()


def _counts(proof: Proof) -> str:
    reach = "no checkpoint" if proof.checked_at is None else (
        f"checkpoints to place {proof.checked_to}, {proof.checked_at:%Y-%m-%d %H:%M} UTC"
    )  # fmt: skip
    waiting = f"; {proof.waiting} too new to be sealed" if proof.waiting else ""
    answers = f", {proof.answers} answers of days recomputed" if proof.answers else ""
    documents = f", {proof.documents} documents opened" if proof.documents else ""
    return (
        f"{proof.links} events sealed, {proof.versions} signed versions of notes{answers}{documents}; {reach}{waiting}"
    )
