"""Where an episode stands on a day: visits and units left, plan, certification, the next report, the threshold.

What is not known is None, and `why` says why. What is known may stand there too, with what it rests on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import msgspec
from django.utils.translation import gettext as _

from fifteen.clinic.treatment import standing_queries, stored
from fifteen.clinic.treatment.certifying import Certified, Dates, certified, holds_until, law_on
from fifteen.clinic.treatment.models import Assessment, Authorization, Episode, Plan
from fifteen.clinic.treatment.standing_queries import Known
from fifteen.engine.day import Bucket
from fifteen.engine.modifiers.accrual import used_before
from fifteen.rulebook import Rulebook

MEDICARE = "medicare"


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Where an episode stands; `threshold_used` and `threshold` in cents. `why` by visits, units, plan,
    certification, report, threshold.

    `authorization` is the id of the one that visits and units are counted by. Days of treatment left until a report is
    due may be below zero: so many days ago it was. An episode that was discharged stands as on its last day.
    """

    episode: str
    authorization: str = ""
    visits_used: int | None = None
    visits_left: int | None = None
    units_used: int | None = None
    units_left: int | None = None
    plan_ends: date | None = None
    certification: Certified | None = None
    report_due_in: int | None = None
    threshold_used: int | None = None
    threshold: int | None = None
    bucket: str = ""
    precautions: str = ""
    why: dict[str, str] = {}


def standing(episode: Episode, on: date) -> Standing:
    """Where one episode stands."""
    return standings([episode], on)[episode.id]


def standings(episodes: Iterable[Episode], on: date) -> dict[str, Standing]:
    """Where each of these episodes stands, by their ids, in a number of queries that does not grow with them."""
    book = stored.rulebook()
    return {each.episode.id: _of(each, on, book) for each in standing_queries.known(list(episodes), on)}


def _of(known: Known, on: date, book: Rulebook) -> Standing:
    why: dict[str, str] = {}
    # A discharge stops every clock but the year's and the certification's, which is owed and may come afterwards.
    today, on = on, min(on, known.episode.ended or on)
    follows = _follows(known, book)
    applies = _applies(known, on)
    visits, units = _used(known, applies, on, why)
    plan, certification = _plan(known, on, today, follows, book, why)
    used, threshold, bucket = _threshold(known, today, follows, book, why)
    return Standing(
        episode=known.episode.id, authorization=applies.id if applies is not None else "", visits_used=visits,
        visits_left=_left(applies.visits if applies is not None else None, visits), units_used=units,
        units_left=_left(applies.units if applies is not None else None, units), plan_ends=plan,
        certification=certification, report_due_in=_report(known, on, follows, book, why), threshold_used=used,
        threshold=threshold, bucket=bucket, precautions=known.precautions, why=why,
    )  # fmt: skip


def _left(all_: int | None, used: int | None) -> int | None:
    return None if all_ is None or used is None else all_ - used


def _follows(known: Known, book: Rulebook) -> bool | None:
    """Does the first payer follow Medicare's rules of the plan? None: who pays, or by which rules, is not known."""
    policy = known.policies[0] if known.policies else ""
    if policy not in {each.id for each in book.payers}:
        return None
    return book.follows(policy, MEDICARE)


def _not_asked(follows: bool | None) -> str:
    if follows is None:
        return _("Who pays, or by which rules, is not known here.")
    return _("What this payer asks for is not held here; Medicare's deadlines do not apply to it.")


# -- visits and units ------------------------------------------------------------------------------------------------


def _applies(known: Known, on: date) -> Authorization | None:
    """The authorization of a day: one of this very episode first, then the one that began last."""
    fit = [each for each in known.authorizations if each.starts <= on and (each.ends is None or on <= each.ends)]
    mine = [each for each in fit if each.episode_id in (None, known.episode.id)]
    return max(mine, key=lambda each: (each.episode_id is not None, each.starts, each.id), default=None)


def _used(known: Known, applies: Authorization | None, on: date, why: dict[str, str]) -> tuple[int | None, int | None]:
    """Visits and units used of the authorization that applies; of the episode where there is none."""
    since = applies.starts if applies is not None else known.episode.started
    whole = applies is not None and applies.episode_id is None
    days = known.patient_days if whole else known.days
    carried = known.carried if known.carried is not None and known.carried.as_of >= since else None
    after = since if carried is None else max(since, carried.as_of)
    counted = [each for each in days if after <= each <= on and (carried is None or each > carried.as_of)]
    visits = len(counted) if carried is None else _sum(carried.visits_used, len(counted))
    if visits is None:
        why["visits"] = _("The system before this one did not say how many visits were used.")
    if applies is None:
        why["visits"] = why["units"] = _("No authorization is in force on this day.")
        return visits, None
    if applies.visits is None:
        why["visits"] = _("The authorization names units only.")
    if applies.units is None:
        why["units"] = _("The authorization names visits only.")
        return visits, None
    return visits, _units(known, applies, counted, carried.units_used if carried is not None else 0, why)


def _units(
    known: Known, applies: Authorization, days: Sequence[date], before: int | None, why: dict[str, str]
) -> int | None:
    """Units of the stored answers of these days, of the codes that the authorization names."""
    total = before
    if total is None:
        why["units"] = _("The system before this one did not say how many units were used.")
        return None
    mine = None if applies.episode_id is None else known.episode.discipline
    for each in days:
        answer = known.units.get(each)
        if answer is None:
            why["units"] = _("A day of this authorization could not be assessed; look at its reason.")
            return None
        total += sum(
            count for discipline, code, count in answer
            if mine in (None, discipline) and (not applies.codes or code in applies.codes)
        )  # fmt: skip
    return total


def _sum(one: int | None, other: int) -> int | None:
    return None if one is None else one + other


# -- plan, certification, report -------------------------------------------------------------------------------------


def _plan(
    known: Known, on: date, today: date, follows: bool | None, book: Rulebook, why: dict[str, str]
) -> tuple[date | None, Certified | None]:
    """The last day of the plan in force, else of the one that was last, and its certification."""
    begun = [each for each in known.plans if each.starts <= on] or known.plans[:1]
    if not begun:
        why["plan"] = why["certification"] = _("No plan of care is entered for this episode.")
        return None, None
    plan = begun[-1]
    if plan.ends is None:
        why["plan"] = _("The plan of care names no last day.")
    if not follows:
        why["certification"] = _not_asked(follows)
        return plan.ends, None
    return plan.ends, _certification(known, plan, today, book, why)


def _certification(known: Known, plan: Plan, on: date, book: Rulebook, why: dict[str, str]) -> Certified | None:
    first = known.days[0] if known.days and not known.began_elsewhere else known.episode.started
    law = law_on(book, first)
    if law is None:
        why["certification"] = _("The deadlines for that year are not held in the rulebook.")
        return None
    before: date | None = None
    for each in known.plans:
        dates = Dates(
            starts=each.starts, ends=each.ends, first=first, before=before, ordered=known.ordered,
            discharged=known.episode.ended, sent=known.steps(each.id, "sent"), verbal=known.steps(each.id, "verbal"),
            signed=known.steps(each.id, "signed"),
        )  # fmt: skip
        if each.id == plan.id:
            break
        before = holds_until(dates, law)
    return certified(dates, on, law)


def _report(known: Known, on: date, follows: bool | None, book: Rulebook, why: dict[str, str]) -> int | None:
    """Treatment days until a progress report is due, the day that it is due on counted; 0: due now."""
    law = book.value_or_none("medicare.progress_report", on)
    if not follows:
        why["report"] = _not_asked(follows)
        return None
    if law is None:
        why["report"] = _("The deadlines for that year are not held in the rulebook.")
        return None
    last = max((each for each in known.reports if each <= on), default=None)
    carried = known.carried
    if carried is not None and (last is None or last <= carried.as_of):
        since = [each for each in known.days if carried.as_of < each <= on]
        days = _sum(carried.days_since_report, len(since))
    else:
        days = len([each for each in known.days if each <= on and (last is None or each > last)])
    if days is None:
        why["report"] = _("The system before this one did not say when the last report was written.")
        return None
    most: int = law.value["treatment_days"]
    return most - days


# -- the threshold ---------------------------------------------------------------------------------------------------


def _threshold(
    known: Known, on: date, follows: bool | None, book: Rulebook, why: dict[str, str]
) -> tuple[int | None, int | None, str]:
    """Cents used of the year's threshold, the threshold, and its bucket.

    What is used is as the last stored answer knows it, or what the payer said as of a day after that one.
    """
    plans = book.value_or_none("medicare.kx_bucket", on)
    limit = book.value_or_none("medicare.kx_threshold", on)
    if not follows:
        why["threshold"] = _not_asked(follows)
        return None, None, ""
    if plans is None or limit is None:
        why["threshold"] = _("The threshold of that year is not held in the rulebook.")
        return None, None, ""
    bucket: Bucket = plans.value[known.episode.discipline]
    said, last = known.said.get(bucket), known.last
    if said is not None and (last is None or said.as_of > last.date):
        return said.cents, limit.value[bucket], bucket
    if last is None:
        why["threshold"] = _("No day of this year was assessed, and no payer said what is used.")
        return None, limit.value[bucket], bucket
    why["threshold"] = _("An estimate: days that were treated here count as if their claims had been received.")
    return used_with(last, bucket), limit.value[bucket], bucket


def used_with(row: Assessment, bucket: Bucket) -> int:
    """What is used of a threshold with the day of this answer, as far as it is priced."""
    mine, _unpriced = stored.own(row, stored.answer_of(row))
    used = used_before(stored.inputs_of(row).context, row.date.year, bucket)
    return used.cents + sum(each.cents for each in mine if each.bucket == bucket)
