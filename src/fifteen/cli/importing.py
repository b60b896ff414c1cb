"""`fifteen import`: patients, coverages, episodes in flight and history from the CSV of another system."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from fifteen.cli.assess import called, read_file
from fifteen.cli.verify import open_clinic, organizations
from fifteen.kernel.dates import read_date
from fifteen.kernel.errors import AskedWrongly

if TYPE_CHECKING:
    from fifteen.clinic.accounts.models import User
    from fifteen.clinic.importing.answer import ImportAnswer
    from fifteen.clinic.importing.models import Upload
    from fifteen.clinic.importing.run import Options
    from fifteen.clinic.importing.table import Table

KINDS = ("patients", "coverages", "episodes", "history")


@click.command("import", short_help="Bring in records of another system from CSV.")
@click.argument("file", metavar="FILE.csv")
@click.option("--kind", required=True, type=click.Choice(KINDS), help="What the rows are of.")
@click.option("--profile", metavar="NAME", default="plain", show_default=True, help="Which program exported them.")
@click.option(
    "--map", "maps", metavar="COLUMN=FIELD", multiple=True, help="What a column becomes; COLUMN= leaves it out."
)
@click.option("--dates", type=click.Choice(("mdy", "dmy")), help="Month or day first, where the file does not show it.")
@click.option("--discipline", type=click.Choice(("PT", "OT", "SLP")), help="For rows that say none.")
@click.option("--site", metavar="NAME", help="For rows that say none. Default: the only one.")
@click.option("--as-of", metavar="DATE", help="Counts are as of this day, for rows that say none.")
@click.option("--keep-absent", is_flag=True, help="Keep visits of therapists who are not people here, without minutes.")
@click.option("--make-episodes", is_flag=True, help="Make a closed episode for visits that fit none.")
@click.option("--dry-run", is_flag=True, help="Only say what would come in.")
@click.option("--rejects", metavar="FILE", help="Write the rows that did not go in here, with line and reason.")
@click.option("--organization", metavar="SLUG", help="Into this one. Default: the only one.")
@click.option("--as", "login", metavar="LOGIN", help="In whose name. Default: the only owner.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole answer as JSON.")
def import_(file: str, kind: str, profile: str, as_json: bool, **asked: Any) -> None:
    """Bring in a CSV file, patients first, then coverages, episodes and history; `-` reads it from standard input.

    What is in already stays as it is, so that the same file can be given again. What the file does not say stays
    unknown. A short file goes in whole or, where the program fails, not at all; a long one goes in by parts.

    \b
    fifteen import examples/import/patients.csv --kind patients --dry-run
    fifteen import history.csv --kind history --dates mdy --rejects rejects.csv
    """
    content = read_file(file)
    rejects = asked["rejects"]
    if rejects is not None and Path(rejects).exists():
        raise AskedWrongly(f"--rejects: {rejects} is there already; choose another name, or move it away.")
    open_clinic()
    answer, left = _import(content, kind, profile, called(file), asked)
    if rejects is not None and answer.rejects:
        Path(rejects).write_bytes(left)
    if as_json:
        print(msgspec.json.encode(answer).decode())
    else:
        _show(answer, rejects)


def _import(content: bytes, kind: str, profile: str, name: str, asked: dict[str, Any]) -> tuple[ImportAnswer, bytes]:
    from django.db import DatabaseError

    from fifteen.clinic.tenancy.errors import Refused

    found = organizations(asked["organization"])
    if len(found) != 1:
        raise AskedWrongly("there are several organizations here; name one with --organization.")
    try:
        return _Import(found[0], asked).go(content, kind, profile)
    except Refused as met:
        raise AskedWrongly(f"{name}: {met}") from None
    except DatabaseError as error:
        raise AskedWrongly(
            f"the clinic's database cannot be used ({type(error).__name__}); what is in stays in, "
            "check FIFTEEN_HOME or FIFTEEN_DATABASE_URL and give the file again."
        ) from None


class _Import:
    """One file into one organization, each part of it in a transaction of its own."""

    def __init__(self, organization: str, asked: dict[str, Any]) -> None:
        self.organization, self.asked = organization, asked

    def go(self, content: bytes, kind: str, profile: str) -> tuple[ImportAnswer, bytes]:
        from fifteen.clinic.audit.record import Who, acting_as
        from fifteen.clinic.importing import access, services
        from fifteen.clinic.tenancy.keeper import within

        dry = self.asked["dry_run"]
        with within(self.organization):
            user = _person(self.asked["login"])
        who = Who(actor=user.id, role=user.role)
        with within(self.organization), acting_as(who):
            upload = self._given(content, kind, profile, user)
            table = services.table(upload)
            services.begin(upload, user, dry=dry)
            budget = None if upload.counts["rows"] <= services.AT_ONCE else services.PART
        done = False
        while not done:
            with within(self.organization), acting_as(who):
                upload = access.held_upload(upload.id)
                done = services.step(upload, user, budget)
        with within(self.organization), acting_as(who):
            kept = services.found_of(upload)
            assert kept is not None
            answer = self._answer(upload, table)
            if dry:
                services.drop(upload, upload.version)
        return answer, services.rejects_csv(kept)

    def _given(self, content: bytes, kind: str, profile: str, user: User) -> Upload:
        from fifteen.clinic.importing import services

        if profile not in (known := _profiles()):
            raise AskedWrongly(
                f"--profile: there is none that is called {profile!r}; choose one of {', '.join(known)}."
            )
        upload = services.give(kind, profile, content, user)
        mapping = _mapped(services.table(upload), self.asked["maps"])
        return services.choose(upload, 1, mapping, self._options())

    def _options(self) -> Options:
        from fifteen.clinic.importing.run import Options

        asked = self.asked
        return Options(
            dates=asked["dates"] or "", discipline=asked["discipline"] or "", site=_site(asked["site"]),
            as_of=None if asked["as_of"] is None else read_date(asked["as_of"], "--as-of"),
            absent=asked["keep_absent"], closed_episodes=asked["make_episodes"],
        )  # fmt: skip

    def _answer(self, upload: Upload, table: Table) -> ImportAnswer:
        from fifteen.clinic.importing import answer, services
        from fifteen.clinic.importing.table import order

        report = services.report(upload)
        assert report is not None
        kind, profile = services.kind_and_profile(upload.kind, upload.profile)
        options = services.options_of(upload)
        return answer.ImportAnswer(
            kind=kind.name, profile=profile.id, verified=not profile.source, note=profile.note,
            dry_run=self.asked["dry_run"],
            file=answer.FileRead(
                table.encoding, table.delimiter, table.line, len(table.rows), table.above, table.blank
            ),
            dates=order(table, kind, profile, options.dates).dates or None,
            columns=[answer.ColumnRead(each.header, each.field or None, each.how) for each in table.columns],
            counts=report.counts, made=report.made, remarks=list(report.remarks),
            rejects=[answer.RejectedRow(each.line, each.reason) for each in report.rejects],
        )  # fmt: skip


def _profiles() -> list[str]:
    from fifteen.clinic.importing.profiles import profiles

    return list(profiles())


def _person(login: str | None) -> User:
    """In whose name: who logs in so, else the only owner."""
    from fifteen.clinic.accounts.access import people

    found = [each.user for each in people() if each.user.active]
    mine = [each for each in found if (each.login == login if login else each.role == "owner")]
    if login and not mine:
        raise AskedWrongly(f"--as: nobody logs in here as {login!r}; check it on the page People.")
    if len(mine) != 1:
        raise AskedWrongly("there is not exactly one owner here; name with --as in whose name it is done.")
    return mine[0]


def _site(name: str | None) -> str:
    from fifteen.clinic.tenancy.access import sites

    if name is None:
        return ""
    for each in sites():
        if each.name.casefold() == name.strip().casefold():
            return str(each.id)
    raise AskedWrongly(f"--site: there is none that is called {name!r}; check it on the page Sites.")


def _mapped(table: Table, maps: tuple[str, ...]) -> dict[int, str]:
    """The fields of the columns as guessed, with what was said over it."""
    found = {each.place: each.field for each in table.columns}
    places = {each.header.strip().casefold(): each.place for each in table.columns}
    for each in maps:
        column, equals, field = each.rpartition("=")
        place = places.get(column.strip().casefold())
        if not equals or place is None:
            raise AskedWrongly(f"--map: {each!r} names no column of the file; write it as 'COLUMN=FIELD'.")
        for other, taken in found.items():
            if field and taken == field:
                found[other] = ""
        found[place] = field.strip()
    return found


_COUNTS = (
    ("new", "came in", "would come in"), ("matched", "were here already", "are here already"),
    ("unchanged", "were in from an earlier file", "are in from an earlier file"),
    ("rejected", "were rejected", "would be rejected"),
)  # fmt: skip


def _show(answer: ImportAnswer, rejects: str | None) -> None:
    from fifteen.cli.page import Page

    page = Page()
    page.line(f"{answer.kind}, {answer.file.rows} rows{': tried, nothing stored' if answer.dry_run else ''}", "bold")
    read = answer.file
    dates = {"mdy": ", dates month first", "dmy": ", dates day first", None: ""}[answer.dates]
    page.wrapped(f"{read.encoding}, delimiter {read.delimiter}, header on line {read.header_line}{dates}", 2, 2, "dim")
    if not answer.verified:
        page.wrapped(answer.note, 2, 2, "yellow")
    for name, did, would in _COUNTS:
        page.line(f"  {answer.counts[name]:>7,} {would if answer.dry_run else did}")
    page.heading("Columns")
    column = max(len(each.name) for each in answer.columns) + 4
    for each in answer.columns:
        page.entry(each.name, each.field or "left out", min(column, 40))
    for remark in answer.remarks:
        page.wrapped(f"- {remark}", 2, 4, "yellow")
    if answer.rejects:
        page.heading("Rejected")
        for row in answer.rejects[:20]:
            page.wrapped(f"line {row.line}: {row.reason}", 2, 4)
        if (more := len(answer.rejects) - 20) > 0:
            page.wrapped(f"and {more} more", 2, 4)
        page.wrapped(f"All of them in {rejects}." if rejects else "--rejects FILE writes them, to be corrected.", 2, 2)
    page.show()
