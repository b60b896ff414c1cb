"""Services with their add-ons, and their units under a method."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import msgspec

from fifteen.engine.units.allocate import Split, by_midpoint, by_total, with_addon
from fifteen.engine.units.answer import Method
from fifteen.engine.units.method import Counting
from fifteen.kernel.minutes import ServiceMinutes
from fifteen.rulebook import Rulebook
from fifteen.rulebook.resolve import Service


class Family(msgspec.Struct):
    """A service and its add-on, counted as one pool of minutes; most services are a family of one."""

    base: Service
    addon: Service | None
    minutes: int
    assistant: int
    typed: list[str]

    @property
    def name(self) -> str:
        """As said of its minutes: they are those of the base and its add-on together."""
        return f"{self.base.code} and {self.addon.code} together" if self.addon is not None else self.base.code

    @property
    def codes(self) -> list[str]:
        return [self.base.code] if self.addon is None else [self.base.code, self.addon.code]

    def code_after(self, units: int) -> str:
        """The code of the unit that follows `units` units."""
        return self.addon.code if self.addon is not None and units else self.base.code

    def spread(self, addon: Service, units: int) -> dict[str, int]:
        """`units` as units of the base, at most one, and of the add-on that follows it."""
        more = units - 1 if units else 0
        spread = {self.base.code: units - more}
        if more or addon.code in self.typed:
            spread[addon.code] = more
        return spread


class Given(msgspec.Struct):
    """The families of a day, the places of those that Medicare pools, and codes not in force that day."""

    families: list[Family]
    pooled: list[int]
    absent: list[str]

    @property
    def pooled_minutes(self) -> list[int]:
        return [self.families[place].minutes for place in self.pooled]


class _Layout(msgspec.Struct, frozen=True):
    """What follows from the codes of a day alone: families with their codes, pooled places, codes not in force."""

    kin: list[tuple[Service, Service | None, list[str]]]
    pooled: list[int]
    absent: list[str]


def families_of(given: Mapping[str, ServiceMinutes], rulebook: Rulebook, on: date) -> Given:
    """The services of a day as families, in the order given; `UnknownCode` for a code the catalogue never held."""
    codes = tuple(given)
    layout = rulebook.remember(("families", codes, on), lambda: _layout(codes, rulebook, on))
    families = []
    for base, addon, typed in layout.kin:
        minutes = given[typed[0]]
        family = Family(base, addon, minutes.therapist + minutes.assistant, minutes.assistant, typed)
        for code in typed[1:]:
            family.minutes += given[code].total
            family.assistant += given[code].assistant
        families.append(family)
    return Given(families, layout.pooled, layout.absent)


def _layout(codes: tuple[str, ...], rulebook: Rulebook, on: date) -> _Layout:
    kin: dict[str, tuple[Service, Service | None, list[str]]] = {}
    absent = []
    for code in codes:
        found = rulebook.kin(code, on)
        if found is None:
            absent.append(code)
        else:
            kin.setdefault(found[0].code, (*found, []))[-1].append(code)
    pooled = [place for place, (base, _, _) in enumerate(kin.values()) if base.pooled]
    return _Layout(list(kin.values()), pooled, absent)


def split_by(method: Method, day: Given, law: Counting) -> Split:
    """Units of every family by `method`; places in the answer are places in `day.families`."""
    families, pooled = day.families, day.pooled
    if method == "midpoint" or not pooled:
        return Split([_alone(family, method, law) for family in families], [], 0)
    split = by_total(day.pooled_minutes, law.unit, law.counts_from)
    fixed, tied = split.fixed, split.tied
    if len(pooled) < len(families):
        fixed = [0 if family.base.pooled else _alone(family, method, law) for family in families]
        for place, units in zip(pooled, split.fixed, strict=True):
            fixed[place] = units
        tied = [pooled[place] for place in split.tied]
    if not tied:
        return Split(fixed, [], 0)
    # The house order of a tie, a suggestion and not law: more minutes first, then the lower code.
    tied.sort(key=lambda at: (-families[at].minutes, families[at].base.code))
    return Split(fixed, tied, split.choose)


def _alone(family: Family, method: Method, law: Counting) -> int:
    """Units of a family counted by itself: untimed, or by the midpoint or the whole of its own time."""
    base, addon = family.base, family.addon
    if base.unit_minutes is None:
        return int(law.untimed.value["units"])
    first_from = counts_from(base, method, law)
    if addon is None or addon.unit_minutes is None:
        return by_midpoint(family.minutes, base.unit_minutes, first_from)
    return with_addon(
        family.minutes, base.unit_minutes, first_from, addon.unit_minutes, counts_from(addon, method, law)
    )


def counts_from(service: Service, method: Method, law: Counting) -> int:
    """The minute from which a unit of `service` counts: the midpoint, or its whole time where CMS expects that."""
    if method == "total" and service.code in law.whole and service.unit_minutes is not None:
        return service.unit_minutes
    return service.counts_from
