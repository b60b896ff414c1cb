"""History: visits as another system documented them, a row a service. Rows of one visit go in together or not at all.

Minutes come in as typed intervals of the person who gave them. Where the file says no minutes, or nobody here gave
them, there is no interval: what the other system said of units and minutes is kept beside the visit as it stood.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from fifteen.clinic.accounts.models import User
from fifteen.clinic.importing import access as own
from fifteen.clinic.importing.kinds.episodes import UNNAMED
from fifteen.clinic.importing.run import Group, Result, Run, by_person, who_of
from fifteen.clinic.importing.table import Said
from fifteen.clinic.importing.who import NobodyHere, tokens
from fifteen.clinic.people.models import Patient
from fifteen.clinic.tenancy.errors import Refused
from fifteen.clinic.treatment import access, services
from fifteen.clinic.treatment.models import Episode, Visit

Rows = list[tuple[Said, str]]
_MODES = {"group": "group", "supervised_modality": "supervised"}  # of all other services a person gives the whole time


def visits(rows: Rows, run: Run) -> Iterable[Group]:
    """The rows by visit, in the order of days; a row that cannot be read takes the others of its visit with it."""
    whole: dict[Any, Rows] = defaultdict(list)
    for row, key in rows:
        whole[_visit_of(row.values, run)].append((row, key))
        run.days[_case_of(row.values, run)].add(row.values["date"])
    unread = {_visit_of(row.values, run): row.row.line for row in run.unread if "date" in row.values}
    found = []
    for name, of_visit in whole.items():
        if name not in unread:
            who = who_of(of_visit[0][0].values)
            found.append(Group(who, tuple(row for row, _key in of_visit), tuple(key for _row, key in of_visit)))
        elif run.progress.next == 0:
            for row, _key in of_visit:
                run.reject(row, _("Line %(line)s of the same visit cannot be read.") % {"line": unread[name]})
    return by_person(found, lambda group: (group.values["date"], group.rows[0].row.line))


def _visit_of(said: dict[str, Any], run: Run) -> tuple[Any, ...]:
    """By what the rows of one visit are known: the day, of whom, and its number, else the discipline."""
    return said["date"], said.get("visit") or said.get("discipline") or run.options.discipline, who_of(said)


def _case_of(said: dict[str, Any], run: Run) -> tuple[Any, ...]:
    return said.get("discipline") or run.options.discipline, said.get("case", ""), who_of(said)


def put(group: Group, run: Run) -> tuple[Result, str]:
    """The visit of these rows, with its intervals."""
    said = group.values
    patient = run.patients.need(said)
    episode = _episode(patient, said, run)
    there = [each for each in access.visits_of(episode) if each.date == said["date"]]
    # Two visits of a day are told apart by their numbers, and only within one file.
    if there and not ("visit" in said and all(own.came_with(each, run.upload) for each in there)):
        raise Refused(
            _("A visit of this episode is here on that day already; what is missing there is entered by hand.")
        )
    people = [_person(row.values, run) for row in group.rows]
    visit = services.start_visit(
        episode, date=said["date"], site=run.others.site(said) if "site" in said else episode.site,
        place_of_service=said.get("place", ""), source=run.source,
    )  # fmt: skip
    run.made["visit"] += 1
    own.carry_lines(visit, [row.values for row in group.rows], run.upload)
    run.made["carried_line"] += len(group.rows)
    for row, person in zip(group.rows, people, strict=True):
        _interval(visit, row.values, person, run)
    return "new", visit.id


def _interval(visit: Visit, said: dict[str, Any], person: User | None, run: Run) -> None:
    """The minutes of a service as an interval, where it is known how many and who gave them."""
    held = run.book.row("services", said["code"], visit.date)
    if "minutes" not in said:
        run.told["no_minutes"] += 1
    elif person is None:
        run.told["nobody"] += 1
    elif held is None:
        run.told["codes"] += 1
    else:
        services.add_interval(
            visit, people=[person], service=said["code"], mode=_MODES.get(held["kind"], "one-on-one"),
            minutes=said["minutes"], origin="typed", user=run.user,
        )  # fmt: skip
        run.made["interval"] += 1


def _person(said: dict[str, Any], run: Run) -> User | None:
    try:
        return run.others.person(said)
    except NobodyHere:
        if run.options.absent:
            return None
        raise


# -- which episode ----------------------------------------------------------------------------------------------------


def _episode(patient: Patient, said: dict[str, Any], run: Run) -> Episode:
    """The one that was open on that day, of the discipline and case that the row says; made where that was chosen."""
    discipline = said.get("discipline") or run.options.discipline
    there = [each for each in access.episodes_of(patient) if discipline in ("", each.discipline)]
    open_then = [each for each in there if _covers(each, said["date"])]
    if len(open_then) > 1 and "case" in said:
        open_then = [each for each in open_then if tokens(each.problem) == tokens(said["case"])] or open_then
    if len(open_then) == 1:
        return open_then[0]
    if open_then:
        raise Refused(_("Several episodes were open on that day; the file has to say the discipline or the case."))
    if not run.options.closed_episodes:
        raise Refused(
            _("No episode here was open on that day; import episodes first, or choose that one is made for these.")
        )
    if not discipline:
        raise Refused(_("It does not say of which discipline; choose one for the rows that say none."))
    return _made(patient, discipline, said, there, run)


def _covers(episode: Episode, on: date) -> bool:
    return episode.started <= on and (episode.ended is None or on <= episode.ended)


def _made(patient: Patient, discipline: str, said: dict[str, Any], there: list[Episode], run: Run) -> Episode:
    """A closed episode from the first to the last day of such visits that no other episode lies between."""
    on: date = said["date"]
    low = max((each.ended or each.started for each in there if each.started < on), default=date.min)
    high = min((each.started for each in there if each.started > on), default=date.max)
    days = [each for each in run.days[_case_of(said, run)] if low < each < high]
    episode = services.open_episode(
        patient, discipline=discipline, site=run.others.site(said), problem=said.get("case") or UNNAMED,
        started=min(days),
    )  # fmt: skip
    run.made["episode"] += 1
    run.told["episodes"] += 1
    return services.discharge(episode, episode.version, max(days))
