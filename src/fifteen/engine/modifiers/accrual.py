"""What is used of a therapy threshold: what the payer said, claims received since, and this day's lines in order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec

from fifteen.engine.claim_lines import DayAsked
from fifteen.engine.day import Accrued, Bucket, Context, Counted
from fifteen.rulebook import Rulebook
from fifteen.rulebook.resolve import Value

_WHOLE = 100  # not law: percent


class Law(msgspec.Struct, frozen=True, kw_only=True):
    """The thresholds of a date. `review` None: its amount is not known."""

    limit: Value
    review: Value | None
    counts: Value
    reach: Value
    missing: Value
    only_above: Value
    never_with: Value
    crossing: Value
    denial: Value
    signs: Value


def law_on(rulebook: Rulebook, on: date) -> Law | None:
    """None: a rule of it, mostly the year's amount, is not known."""
    ids = {
        "limit": "medicare.kx_threshold", "counts": "medicare.kx_counts", "reach": "medicare.kx_reach",
        "missing": "medicare.kx_missing", "only_above": "medicare.kx_only_above",
        "never_with": "medicare.kx_never_with", "crossing": "fifteen.kx_crossing_line",
        "denial": "fifteen.kx_expected_denial", "signs": "fifteen.threshold_signs",
    }  # fmt: skip
    found = {name: value for name, id_ in ids.items() if (value := rulebook.value_or_none(id_, on)) is not None}
    if len(found) < len(ids):
        return None
    return Law(review=rulebook.value_or_none("medicare.review_threshold", on), **found)


class Used(msgspec.Struct, frozen=True):
    """What was used before this day: `said` by the payer, `claims` received since; None: not known."""

    said: Accrued | None
    claims: tuple[Counted, ...] | None

    @property
    def known(self) -> bool:
        return self.said is not None or self.claims is not None

    @property
    def since(self) -> int:
        return sum(claim.cents for claim in self.claims or ())

    @property
    def cents(self) -> int:
        return (self.said.cents if self.said is not None else 0) + self.since


def of_year(context: Context, year: int, bucket: Bucket) -> tuple[Counted, ...]:
    """The claims of a bucket and a year of service, in order of receipt."""
    mine = (claim for claim in context.counted or () if claim.bucket == bucket and claim.on.year == year)
    return tuple(sorted(mine, key=lambda claim: claim.received))


def used_before(context: Context, year: int, bucket: Bucket) -> Used:
    """The payer's latest word for the year, and the claims that it received after that."""
    words = [each for each in context.accrued or () if each.year == year and each.bucket == bucket]
    said = max(words, key=lambda each: (each.as_of, each.cents), default=None)
    if context.counted is None:
        return Used(said, None)
    claims = of_year(context, year, bucket)
    return Used(said, tuple(claim for claim in claims if said is None or claim.received > said.as_of))


class LineSum(msgspec.Struct, frozen=True):
    """A line of the day and the sum it stands in, `before` and `after` it; `cents` None: its price is not known.

    Where something is not known the sums are what is used at least, so that `above` is never said too early.
    """

    place: int
    before: int
    cents: int | None
    denied: bool
    limit: int

    @property
    def after(self) -> int:
        return self.before + (0 if self.denied else self.cents or 0)

    @property
    def above(self) -> bool:
        """Does it pass the threshold, or lie above it?"""
        return not self.denied and self.cents != 0 and self.after > self.limit

    @property
    def crosses(self) -> bool:
        return self.above and self.before <= self.limit


def line_sums(asked: DayAsked, places: Sequence[int], used: int, limit: int) -> list[LineSum]:
    """The sum along these lines in order; one for which a denial is expected adds nothing to it."""
    refused = {code for expected in asked.day.expected for code in expected.codes}
    sums = []
    for place in places:
        line = LineSum(place, used, asked.allowed[place], asked.lines[place].line.code in refused, limit)
        used = line.after
        sums.append(line)
    return sums


def percent_reached(cents: int, limit: int, percent: int) -> bool:
    return cents * _WHOLE >= limit * percent


class Pattern(msgspec.Struct, frozen=True):
    """Claims with KX where it was not needed: how many of how many, and the highest sum known when they came in."""

    claims: int
    of: int
    highest: int


def patterns(context: Context, used: Used, limit: int, signs: Value, year: int, bucket: Bucket) -> list[Pattern | None]:
    """KX far below the threshold, and KX on every claim of the year though not all lay above; None: not seen.

    The sum at a claim is the most it can have been by what is known; claims of one day of receipt came together.
    """
    claims = of_year(context, year, bucket)
    sums = [(claim, _sum_at(claim, claims, used.said)) for claim in claims]
    far = [at for claim, at in sums if claim.kx and not percent_reached(at, limit, signs.value["far_below"])]
    below = [at for _, at in sums if at <= limit]
    every = len(claims) >= signs.value["every"] and all(claim.kx for claim in claims) and bool(below)
    return [
        Pattern(len(far), len(claims), max(far)) if far else None,
        Pattern(len(below), len(claims), max(below)) if every else None,
    ]


def _sum_at(claim: Counted, claims: Sequence[Counted], said: Accrued | None) -> int:
    own = sum(each.cents for each in claims if each.received <= claim.received)
    if said is None:
        return own
    if claim.received > said.as_of:
        return said.cents + sum(each.cents for each in claims if said.as_of < each.received <= claim.received)
    later = sum(each.cents for each in claims if claim.received < each.received <= said.as_of)
    return max(own, said.cents - later)
