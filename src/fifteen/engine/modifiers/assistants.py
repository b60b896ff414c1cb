"""CQ and CO: units of a service given in whole or in part by an assistant.

The law is 42 CFR 410.60(a)(4) for PT and 410.59(a)(4) for OT. Whole units of one person come first. What remains
carries the modifier when the assistant's separate minutes are more than the permitted share of it, with two exceptions
for 15-minute codes from 2022: the last unit of a service in which the therapist reached the midpoint, and two last
units that each gave most of.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import msgspec

from fifteen.rulebook import Rulebook
from fifteen.rulebook.resolve import Value


class AssistantRules(msgspec.Struct, frozen=True):
    """The rules in force on a date; `last_unit`, `two_units` and `pooled_unit` are None before they were made."""

    modifiers: Value
    share: Value
    last_unit: Value | None
    two_units: Value | None
    pooled_unit: Value | None
    rounded: Value | None

    @property
    def by_rounded_percent(self) -> bool:
        return self.rounded is not None and self.rounded.value == "rounded-percent"


class Judged(NamedTuple):
    """One unit: with the modifier or without, the minutes it stands for, the rule, and why."""

    marked: bool
    minutes: int
    rule: Value
    because: str


class AssistantSplit(NamedTuple):
    """The units of one service in order, and what a person should see of the reckoning.

    `silent`: the text does not say. `methods_differ`: rounding to whole percent would answer otherwise.
    `service_differs`: before 2022 the text spoke of the service, and all its units would be judged alike.
    """

    units: list[Judged]
    silent: bool
    methods_differ: bool
    service_differs: bool = False


def assistant_rules(rulebook: Rulebook, on: date) -> AssistantRules | None:
    """The rules in force on `on`, None before there were any."""
    modifiers = rulebook.value_or_none("medicare.assistant_modifier", on)
    if modifiers is None:
        return None
    return AssistantRules(
        modifiers=modifiers,
        share=rulebook.value("medicare.assistant_share", on),
        last_unit=rulebook.value_or_none("medicare.assistant_last_unit", on),
        two_units=rulebook.value_or_none("medicare.assistant_two_units", on),
        pooled_unit=rulebook.value_or_none("fifteen.assistant_pooled_unit", on),
        rounded=rulebook.value_or_none("organization.assistant_share_method", on),
    )


def split_lengths(lengths: Sequence[int], therapist: int, assistant: int, rules: AssistantRules) -> AssistantSplit:
    """Units of any length in the order they are billed: hours, a first half hour and what follows, untimed ones.

    Each person's whole units first, the therapist's before the assistant's; what then remains is judged as one by the
    share. An untimed unit has length 0 and is never whole.
    """
    total = therapist + assistant
    units: list[Judged | None] = []
    for length in lengths:
        if length and therapist >= length:
            units.append(Judged(False, length, rules.share, f"{length} minutes by the therapist alone"))
            therapist -= length
        elif length and assistant >= length:
            units.append(Judged(True, length, rules.share, f"{length} minutes by the assistant alone"))
            assistant -= length
        else:
            units.append(None)
    left = therapist + assistant
    marked, differ = _over_share(assistant, left, rules)
    what = f"the assistant gave {assistant} of {left} minutes" + ("" if left == total else " that remain")
    open_ = units.count(None)
    rest = Judged(marked, left // open_ if open_ else 0, rules.share, what)
    return AssistantSplit([each or rest for each in units], False, differ and open_ > 0)


def split_units(units: int, therapist: int, assistant: int, length: int, rules: AssistantRules) -> AssistantSplit:
    """A service of `units` units of `length` (15) minutes, those without the modifier first.

    None, one or two units remain beside the whole ones of each person, because a service never has more than one unit
    beyond the whole units of its minutes.
    """
    own, given = min(therapist // length, units), min(assistant // length, units)
    alone = [Judged(False, length, rules.share, f"{length} minutes by the therapist alone")] * own
    other = [Judged(True, length, rules.share, f"{length} minutes by the assistant alone")] * given
    left = (therapist - own * length, assistant - given * length)
    remaining = units - own - given
    last: list[Judged] = []
    silent = differ = False
    if remaining > 1:
        last, silent, differ = _two_last(*left, remaining, rules)
    elif remaining:
        unit, differ = _last(*left, rules)
        last = [unit]
    judged = sorted([*alone, *other, *last], key=lambda unit: unit.marked)
    by_service = False
    if rules.last_unit is None:
        whole, _ = _over_share(assistant, therapist + assistant, rules)
        by_service = any(unit.marked is not whole for unit in judged)
    return AssistantSplit(judged, silent, differ, by_service)


def _last(therapist: int, assistant: int, rules: AssistantRules) -> tuple[Judged, bool]:
    total = therapist + assistant
    if rules.last_unit is not None and therapist >= rules.last_unit.value:
        because = f"the last unit: the therapist gave {therapist} of its {total} minutes, which reaches the midpoint"
        return Judged(False, total, rules.last_unit, because), False
    marked, differ = _over_share(assistant, total, rules)
    because = f"the last unit: the assistant gave {assistant} of its {total} minutes"
    return Judged(marked, total, rules.share, because), differ


def _two_last(therapist: int, assistant: int, remaining: int, rules: AssistantRules) -> tuple[list[Judged], bool, bool]:
    total = therapist + assistant
    two = rules.two_units
    if two is None:
        marked, differ = _over_share(assistant, total, rules)
        because = f"the assistant gave {assistant} of the {total} minutes of the last {remaining} units"
        return [Judged(marked, total // remaining, rules.share, because)] * remaining, False, differ
    bounds = two.value
    each = all(bounds["least"] <= minutes <= bounds["most"] for minutes in (therapist, assistant))
    if each and bounds["together_least"] <= total <= bounds["together_most"]:
        because = f"two last units: therapist {therapist} and assistant {assistant} minutes, {total} together"
        return [Judged(False, therapist, two, because), Judged(True, assistant, two, because)], False, False
    # The text is silent: pooled leftovers earned this service a second unit that its own minutes do not fill.
    rule = rules.pooled_unit or two
    if rules.last_unit is not None and therapist >= rules.last_unit.value:
        last = rules.last_unit.value
        because = f"the last unit has {last} therapist minutes; the other holds the assistant's {assistant}"
        return [Judged(False, last, rule, because), Judged(True, total - last, rule, because)], True, False
    because = f"the therapist gave {therapist} of the last {total} minutes, below the midpoint"
    return [Judged(True, total // remaining, rule, because)] * remaining, True, False


def _over_share(assistant: int, total: int, rules: AssistantRules) -> tuple[bool, bool]:
    """Is the assistant's part over the share, and would the method of whole percent answer otherwise?"""
    percent = 100  # not law: a share is given in percent
    literal = assistant * percent > rules.share.value * total
    rounded = total > 0 and (2 * assistant * percent + total) // (2 * total) > rules.share.value
    return (rounded if rules.by_rounded_percent else literal), literal != rounded
