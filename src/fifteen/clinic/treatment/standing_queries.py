"""What the standing of episodes follows from, for many of them in a number of queries that does not grow with them."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import cast

import msgspec
from django.db.models import Q

from fifteen.clinic.notes import access as notes
from fifteen.clinic.people import access as people
from fifteen.clinic.people.models import Accrual, Coverage, Patient, Referral
from fifteen.clinic.treatment.models import (
    Assessment,
    Authorization,
    CarriedOver,
    Certification,
    Episode,
    Plan,
    Visit,
)
from fifteen.engine.day import Accrued, Bucket

Units = tuple[tuple[str, str, int], ...]
"""Of a day: discipline, code and billed units of each line."""


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What is stored of an episode and its patient. Days are sorted; `units` None: the day could not be assessed."""

    episode: Episode
    precautions: str
    policies: tuple[str, ...]
    authorizations: tuple[Authorization, ...]
    carried: CarriedOver | None
    days: tuple[date, ...]
    patient_days: tuple[date, ...]
    plans: tuple[Plan, ...]
    certifications: tuple[Certification, ...]
    ordered: date | None
    reports: tuple[date, ...]
    units: dict[date, Units | None]
    last: Assessment | None
    said: dict[str, Accrued]

    @property
    def began_elsewhere(self) -> bool:
        """Every episode in flight that was imported has such a row, also where the file was silent."""
        return self.carried is not None

    def steps(self, plan: str, step: str) -> list[date]:
        """The days of a step of a plan's certification."""
        return [each.date for each in self.certifications if each.plan_id == plan and each.step == step]


class _Line(msgspec.Struct):
    discipline: str
    code: str
    units: int


class _Lines(msgspec.Struct):
    lines: list[_Line]


def known(episodes: Sequence[Episode], on: date) -> list[Known]:
    """What is stored of each of these episodes."""
    if not episodes:
        return []
    ids = [each.id for each in episodes]
    head_of, family = people.families({each.patient_id for each in episodes})
    everybody = [each for those in family.values() for each in those]
    heads = {each.id: each for each in Patient.objects.filter(id__in=list(family))}
    days, patient_days = _days(everybody, head_of)
    authorized = _authorizations(everybody, head_of)
    payers, plans = _policies(everybody, head_of, on), _plans(ids)
    steps, carried, ordered = _steps(ids), _carried(ids), _ordered(episodes)
    reports, said, last = notes.reports(ids), _said(everybody, head_of, on), _last(everybody, head_of, on)
    units = _units(authorized, patient_days, family, head_of, on)
    return [
        Known(
            episode=each, precautions=heads[head_of[each.patient_id]].precautions,
            policies=tuple(payers[head_of[each.patient_id]]),
            authorizations=tuple(authorized[head_of[each.patient_id]]), carried=carried.get(each.id),
            days=tuple(days[each.id]), patient_days=tuple(patient_days[head_of[each.patient_id]]),
            plans=tuple(plans[each.id]), certifications=tuple(steps[each.id]), ordered=ordered.get(each.referral_id),
            reports=tuple(reports.get(each.id, ())), units=units[head_of[each.patient_id]],
            last=last.get(head_of[each.patient_id]), said=said[head_of[each.patient_id]],
        )
        for each in episodes
    ]  # fmt: skip


def _days(ids: Sequence[str], head_of: dict[str, str]) -> tuple[dict[str, list[date]], dict[str, list[date]]]:
    """The days with a visit, by episode and by patient."""
    episode: dict[str, set[date]] = defaultdict(set)
    patient: dict[str, set[date]] = defaultdict(set)
    for of, by, on in Visit.objects.filter(patient__in=ids).values_list("episode", "patient", "date"):
        episode[of].add(on)
        patient[head_of[by]].add(on)
    return (
        defaultdict(list, {each: sorted(found) for each, found in episode.items()}),
        defaultdict(list, {each: sorted(found) for each, found in patient.items()}),
    )


def _authorizations(ids: Sequence[str], head_of: dict[str, str]) -> dict[str, list[Authorization]]:
    found: dict[str, list[Authorization]] = defaultdict(list)
    for row in Authorization.objects.filter(coverage__patient__in=ids).select_related("coverage"):
        found[head_of[row.coverage.patient_id]].append(row)
    return found


def _policies(ids: Sequence[str], head_of: dict[str, str], on: date) -> dict[str, list[str]]:
    """By whose rules who pays goes, in order; empty also where two payers stand first."""
    rows = Coverage.objects.filter(patient__in=ids).select_related("payer")
    rows = rows.filter(Q(starts=None) | Q(starts__lte=on), Q(ends=None) | Q(ends__gte=on))
    found: dict[str, list[Coverage]] = defaultdict(list)
    for row in rows.order_by(*people.BY_RANK):
        found[head_of[row.patient_id]].append(row)
    known = {
        head: [each.payer.policy for each in those] for head, those in found.items() if not people.two_first(those)
    }
    return defaultdict(list, known)


def _plans(ids: Sequence[str]) -> dict[str, list[Plan]]:
    found: dict[str, list[Plan]] = defaultdict(list)
    for row in Plan.objects.filter(episode__in=ids).order_by("starts", "number"):
        found[row.episode_id].append(row)
    return found


def _steps(ids: Sequence[str]) -> dict[str, list[Certification]]:
    rows = Certification.objects.filter(plan__episode__in=ids, void=None, voided_by=None).select_related("plan")
    found: dict[str, list[Certification]] = defaultdict(list)
    for row in rows.order_by("date", "at", "id"):
        found[row.plan.episode_id].append(row)
    return found


def _carried(ids: Sequence[str]) -> dict[str, CarriedOver]:
    return {row.episode_id: row for row in CarriedOver.objects.filter(episode__in=ids).order_by("at", "id")}


def _ordered(episodes: Iterable[Episode]) -> dict[str | None, date | None]:
    wanted = [each.referral_id for each in episodes if each.referral_id is not None]
    return dict(Referral.objects.filter(id__in=wanted).values_list("id", "signed"))


def _said(ids: Sequence[str], head_of: dict[str, str], on: date) -> dict[str, dict[str, Accrued]]:
    """What payers said last of each threshold of the year."""
    found: dict[str, dict[str, Accrued]] = defaultdict(dict)
    for row in Accrual.objects.filter(patient__in=ids, year=on.year, as_of__lte=on).order_by("as_of", "at", "id"):
        found[head_of[row.patient_id]][row.bucket] = Accrued(
            year=row.year, bucket=cast("Bucket", row.bucket), cents=row.cents, as_of=row.as_of
        )
    return found


def _last(ids: Sequence[str], head_of: dict[str, str], on: date) -> dict[str, Assessment]:
    """The newest answer of the year up to a day, of each person."""
    within = Assessment.objects.filter(patient__in=ids, date__gte=date(on.year, 1, 1), date__lte=on)
    newest: dict[str, tuple[date, int, str]] = {}
    for id, patient, day, number in within.values_list("id", "patient", "date", "number"):
        head = head_of[patient]
        newest[head] = max(newest.get(head, (date.min, 0, "")), (day, number, id))
    rows = {row.id: row for row in Assessment.objects.filter(id__in=[id for _, _, id in newest.values()])}
    return {head: rows[id] for head, (_, _, id) in newest.items()}


def _units(
    authorized: dict[str, list[Authorization]], days: dict[str, list[date]], family: dict[str, list[str]],
    head_of: dict[str, str], on: date,
) -> dict[str, dict[date, Units | None]]:  # fmt: skip
    """The billed units of the days of those who have an authorization in units."""
    found: dict[str, dict[date, Units | None]] = defaultdict(dict)
    first = {
        head: min(each.starts for each in rows if each.units is not None)
        for head, rows in authorized.items()
        if any(each.units is not None for each in rows)
    }
    if not first:
        return found
    ids = [each for head in first for each in family[head]]
    wanted = {day for head, since in first.items() for day in days[head] if since <= day <= on}
    newest: dict[tuple[str, date], int] = {}
    for row in Assessment.objects.filter(patient__in=ids, date__in=wanted).only("patient", "date", "number", "answer"):
        head = head_of[row.patient_id]
        if row.number > newest.get((head, row.date), 0):
            newest[head, row.date] = row.number
            found[head][row.date] = None if row.answer is None else _billed(bytes(row.answer))
    return found


def _billed(answer: bytes) -> Units:
    lines = msgspec.json.decode(zlib.decompress(answer), type=_Lines).lines
    return tuple((each.discipline, each.code, each.units) for each in lines)
