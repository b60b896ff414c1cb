"""Which counting method applies, and the dated rules of both methods. Money never takes part."""

from __future__ import annotations

from datetime import date

import msgspec

from fifteen.engine.units.answer import Method, MethodFrom
from fifteen.kernel.errors import UnreadableInput
from fifteen.rulebook import Rulebook
from fifteen.rulebook.resolve import Value

METHODS: tuple[Method, ...] = ("total", "midpoint")


class Counting(msgspec.Struct, frozen=True):
    """The rules both methods need on a date."""

    unit: int
    counts_from: int
    whole: frozenset[str]
    total: Value
    leftover: Value
    midpoint: Value
    untimed: Value
    whole_time: Value
    average: Value


def counting_rules(rulebook: Rulebook, on: date) -> Counting:
    """The rules in force on `on`; `NotInForce` for a date outside every rule."""
    total = rulebook.value("medicare.timed_unit", on)
    whole_time = rulebook.value("medicare.whole_time_codes", on)
    return Counting(
        unit=total.value["minutes"],
        counts_from=total.value["counts_from"],
        whole=frozenset(whole_time.value),
        total=total,
        leftover=rulebook.value("medicare.leftover_unit", on),
        midpoint=rulebook.value("cpt.midpoint", on),
        untimed=rulebook.value("medicare.untimed_unit", on),
        whole_time=whole_time,
        average=rulebook.value("medicare.expected_average", on),
    )


class Chosen(msgspec.Struct, frozen=True):
    """The method to count by, who says so, and the policy value behind it; no method: the claim is held."""

    payer: str | None
    method: Method | None
    by: MethodFrom | None
    policy: Value | None


def choose_method(rulebook: Rulebook, payer: str | None, asked: str | None, on: date) -> Chosen:
    """The payer's own method; where that is unknown, the one asked for, else the organization's default, else none.

    Raises `UnknownPayer`, and `UnreadableInput` for a method that is no method or not the payer's.
    """
    if asked is not None and asked not in METHODS:
        raise UnreadableInput(f"method {asked!r} is not known; choose {' or '.join(METHODS)}.")
    method = asked
    if payer is None:
        return Chosen(None, method, "asked" if method else None, None)
    id_ = rulebook.payer(payer).id
    policy = rulebook.policy(id_, "counting_method", on)
    if policy is not None:
        if method is not None and method != policy.value:
            raise UnreadableInput(
                f"payer {id_} counts by {policy.value} since {policy.since} ({policy.cite}), not by {method}; "
                "leave out the method, or leave out the payer to count by a method alone."
            )
        return Chosen(id_, policy.value, "payer", policy)
    if method is not None:
        return Chosen(id_, method, "asked", None)
    default = rulebook.value_or_none("organization.default_counting_method", on)
    if default is not None and default.value in METHODS:
        return Chosen(id_, default.value, "organization", default)
    return Chosen(id_, None, None, default)
