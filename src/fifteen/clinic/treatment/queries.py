"""Everything that is stored of a person's day, in a number of queries that does not grow with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import msgspec
from django.db.models import Q

from fifteen.clinic.notes import access as notes
from fifteen.clinic.notes.models import Attestation, CoSignature, Note, SignedVersion
from fifteen.clinic.payers.models import Payer
from fifteen.clinic.people import access as people
from fifteen.clinic.people.models import Accrual, Coverage, Patient
from fifteen.clinic.tenancy.models import Site
from fifteen.clinic.treatment import access
from fifteen.clinic.treatment.models import Assessment, Interval, Service, TieChoice, Visit


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
    """The rows around a day: what its people gave to others, what payers said, earlier notes, the day before."""

    others: tuple[Interval, ...]
    accruals: tuple[Accrual, ...]
    earlier: tuple[Written, ...]
    before: Assessment | None


def day_rows(patient: Patient, on: date) -> DayRows:
    """What is stored of a person's day."""
    head = people.head(patient)
    ids = tuple(people.family(head))
    visits = _visits(ids, on)
    found = notes.of_day(ids, on)
    return DayRows(
        head=head, ids=ids, date=on, visits=tuple(visits),
        intervals=tuple(access.intervals_of_visits(visits)) if visits else (),
        services=services_of(visits), choices=tuple(access.choices_of(visits)) if visits else (),
        notes=tuple(written(found)), attestations=tuple(notes.attestations(found)),
        coverages=tuple(_coverages(ids, on)),
    )  # fmt: skip


def around_rows(day: DayRows) -> AroundRows:
    """What is stored around it."""
    users = sorted({each.user_id for row in day.intervals for each in row.people.all()})
    episodes = sorted({each.episode_id for each in day.visits})
    before = Assessment.objects.filter(patient__in=day.ids, date__lt=day.date, date__gte=date(day.date.year, 1, 1))
    return AroundRows(
        others=tuple(access.intervals_on(day.date, users, besides=list(day.ids))) if users else (),
        accruals=tuple(Accrual.objects.filter(patient__in=day.ids, year=day.date.year).order_by("as_of", "at", "id")),
        earlier=tuple(written(notes.signed_before(episodes, day.date))) if episodes else (),
        before=before.order_by("date", "number", "id").last(),
    )  # fmt: skip


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
    for row in access.services_of_visits(ids) if ids else ():
        found.setdefault(row.visit_id, []).append(row)
    return found


def intervals_of(visits: Iterable[Visit]) -> list[Interval]:
    """The intervals of these visits with their people."""
    return access.intervals_of_visits(list(visits))


def newest(ids: Sequence[str], on: date) -> Assessment | None:
    """The answer that holds for a day of these records."""
    found: Assessment | None = Assessment.objects.filter(patient__in=ids, date=on).order_by("number", "id").last()
    return found


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


def _visits(ids: Sequence[str], on: date) -> list[Visit]:
    rows = Visit.objects.filter(patient__in=ids, date=on).select_related("site", "episode")
    return list(rows.order_by("arrived", "id"))


def _coverages(ids: Sequence[str], on: date) -> list[Coverage]:
    rows = Coverage.objects.filter(patient__in=ids).select_related("payer")
    rows = rows.filter(Q(starts=None) | Q(starts__lte=on), Q(ends=None) | Q(ends__gte=on))
    return list(rows.order_by("rank", "starts", "id"))
