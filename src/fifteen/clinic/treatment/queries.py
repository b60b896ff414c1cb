"""Everything that is stored of a person's days, in a number of queries that does not grow with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import msgspec
from django.db.models import Exists, OuterRef, Q

from fifteen.clinic.notes import access as notes
from fifteen.clinic.notes.models import Attestation, CoSignature, Note, SignedVersion
from fifteen.clinic.payers.models import Payer
from fifteen.clinic.people import access as people
from fifteen.clinic.people.models import Accrual, Coverage, Patient
from fifteen.clinic.tenancy.models import Site
from fifteen.clinic.treatment import access
from fifteen.clinic.treatment.models import Assessment, Interval, IntervalPerson, Service, TieChoice, Visit


class Written(msgspec.Struct, frozen=True):
    """A note with what was signed of it: its versions oldest first, and who co-signed them."""

    note: Note
    versions: tuple[SignedVersion, ...]
    cosigned: tuple[CoSignature, ...]


class DayRows(msgspec.Struct, frozen=True):
    """The rows of a day: of one person, over all records of theirs (`ids`, the one they are read under first)."""

    head: Patient
    ids: tuple[str, ...]
    date: date
    visits: tuple[Visit, ...]
    intervals: tuple[Interval, ...]
    services: dict[str, list[Service]]
    choices: tuple[TieChoice, ...]
    notes: tuple[Written, ...]
    attestations: tuple[Attestation, ...]
    coverages: tuple[Coverage, ...]


class AroundRows(msgspec.Struct, frozen=True):
    """The rows around a day: what its people gave to others, what payers said, and earlier notes."""

    others: tuple[Interval, ...]
    accruals: tuple[Accrual, ...]
    earlier: tuple[Written, ...]


def day_rows(patient: Patient, on: date) -> DayRows:
    """What is stored of a person's day."""
    return days_rows(patient, [on])[on]


def days_rows(patient: Patient, dates: Sequence[date]) -> dict[date, DayRows]:
    """What is stored of each of these days of a person."""
    head = people.head(patient)
    ids = tuple(people.family(head))
    visits = _by_date(_visits(ids, dates))
    intervals = _by_visit(access.intervals_of_visits([row for those in visits.values() for row in those]))
    services = services_of([row for those in visits.values() for row in those])
    choices = _by_visit(access.choices_of([row for those in visits.values() for row in those]))
    noted = _by_date(notes.of_days(ids, dates))
    wrote = {each.note.id: each for each in written([row for those in noted.values() for row in those])}
    attested: dict[str, list[Attestation]] = defaultdict(list)
    for row in notes.attestations(each.note for each in wrote.values()):
        attested[row.note_id].append(row)
    coverages = _coverages(ids)
    return {
        on: DayRows(
            head=head, ids=ids, date=on, visits=tuple(visits[on]),
            intervals=tuple(row for each in visits[on] for row in intervals[each.id]),
            services={each.id: services.get(each.id, []) for each in visits[on]},
            choices=tuple(sorted(
                (row for each in visits[on] for row in choices[each.id]), key=lambda row: (row.at, row.id)
            )),
            notes=tuple(wrote[each.id] for each in noted[on]),
            attestations=tuple(sorted(
                (row for each in noted[on] for row in attested[each.id]), key=lambda row: (row.at, row.id)
            )),
            coverages=tuple(
                each for each in coverages
                if (each.starts is None or each.starts <= on) and (each.ends is None or on <= each.ends)
            ),
        )
        for on in dates
    }  # fmt: skip


def around_rows(days: Sequence[DayRows]) -> dict[date, AroundRows]:
    """What is stored around each of these days, which are of one person."""
    ids = list(days[0].ids)
    users = sorted({each.user_id for day in days for row in day.intervals for each in row.people.all()})
    episodes = sorted({each.episode_id for day in days for each in day.visits})
    dates = [each.date for each in days]
    others: dict[date, list[Interval]] = defaultdict(list)
    for row in access.intervals_on(dates, users, besides=ids) if users else ():
        others[row.visit.date].append(row)
    earlier = written(notes.signed_before(episodes, max(dates))) if episodes else []
    said = list(Accrual.objects.filter(patient__in=ids).order_by("as_of", "at", "id"))
    return {
        day.date: AroundRows(
            others=tuple(others[day.date]),
            accruals=tuple(each for each in said if each.year == day.date.year and each.as_of <= day.date),
            earlier=tuple(
                each for each in earlier
                if each.note.date < day.date and each.note.episode_id in {row.episode_id for row in day.visits}
            ),
        )
        for day in days
    }  # fmt: skip


def answers(ids: Sequence[str], dates: Sequence[date]) -> dict[date, Assessment]:
    """The answers that hold for these days, and for those days of their years that lie before them.

    For one day only its own, and that of the last day before it.
    """
    first, last = min(dates), max(dates)
    rows = Assessment.objects.filter(patient__in=ids).order_by("date", "number", "id")
    if first == last:
        before = rows.filter(date__lt=first, date__gte=date(first.year, 1, 1)).last()
        newest = rows.filter(date=first).last()
        return {each.date: each for each in (before, newest) if each is not None}
    return {each.date: each for each in rows.filter(date__lte=last, date__gte=date(first.year, 1, 1))}


def _by_date(found: Iterable[Any]) -> dict[date, list[Any]]:
    rows: dict[date, list[Any]] = defaultdict(list)
    for row in found:
        rows[row.date].append(row)
    return rows


def _by_visit(found: Iterable[Any]) -> dict[str, list[Any]]:
    rows: dict[str, list[Any]] = defaultdict(list)
    for row in found:
        rows[row.visit_id].append(row)
    return rows


def written(found: Sequence[Note]) -> list[Written]:
    """Each note with its signed versions and who co-signed them."""
    versions = notes.versions_of(found)
    of_version = {row.id: note for note, those in versions.items() for row in those}
    cosigned: dict[str, list[CoSignature]] = {}
    for each in notes.cosignatures(of_version):
        cosigned.setdefault(of_version[each.version_id], []).append(each)
    return [
        Written(note=each, versions=tuple(versions.get(each.id, ())), cosigned=tuple(cosigned.get(each.id, ())))
        for each in found
    ]


def services_of(visits: Iterable[Visit]) -> dict[str, list[Service]]:
    """The services of these visits with their exercises, by visit."""
    ids = [each.id for each in visits]
    found: dict[str, list[Service]] = {}
    for row in access.services_of_visits(ids):
        found.setdefault(row.visit_id, []).append(row)
    return found


def intervals_of(visits: Iterable[Visit]) -> list[Interval]:
    """The intervals of these visits with their people."""
    return access.intervals_of_visits(list(visits))


def answers_after(last: str, most: int = 200) -> list[Assessment]:
    """The next stored answers by id."""
    return list(Assessment.objects.filter(id__gt=last).order_by("id")[:most])


def seen_since(first: date) -> list[str]:
    """The records that had a visit on this day or later."""
    return sorted(set(Visit.objects.filter(date__gte=first).values_list("patient", flat=True)))


def days(ids: Sequence[str], first: date | None, last: date | None) -> list[date]:
    """The days of these records that have a visit, or an answer from when they had one; oldest first."""
    within = Q()
    if first is not None:
        within &= Q(date__gte=first)
    if last is not None:
        within &= Q(date__lte=last)
    found: set[date] = set()
    for model in (Visit, Assessment):
        found.update(model.objects.filter(within, patient__in=ids).values_list("date", flat=True).distinct())
    return sorted(found)


def patients_of_payer(payer: Payer) -> list[str]:
    """The records of which a coverage names this payer."""
    return sorted(set(Coverage.objects.filter(payer=payer).values_list("patient", flat=True)))


def patients_of_site(site: Site) -> list[str]:
    """The records that had a visit at this site."""
    return sorted(set(Visit.objects.filter(site=site).values_list("patient", flat=True)))


def treated_beside(ids: Sequence[str], dates: Sequence[date]) -> set[str]:
    """The records that the people of these records' days gave time to on those days; these among them."""
    visits = Visit.objects.filter(date__in=dates)
    theirs = visits.filter(patient__in=ids)
    users = set(IntervalPerson.objects.filter(interval__visit__in=theirs).values_list("user", flat=True))
    given = IntervalPerson.objects.filter(interval__visit=OuterRef("pk"), user__in=users)
    return set(visits.filter(Exists(given)).values_list("patient", flat=True))


def _visits(ids: Sequence[str], dates: Sequence[date]) -> list[Visit]:
    rows = Visit.objects.filter(patient__in=ids, date__in=list(dates)).select_related("site", "episode")
    return list(rows.order_by("arrived", "id"))


def _coverages(ids: Sequence[str]) -> list[Coverage]:
    return list(Coverage.objects.filter(patient__in=ids).select_related("payer").order_by(*people.BY_RANK))
