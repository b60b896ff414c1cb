"""The numbers of law that `units.js` counts with while there is no network: of one date and rulebook, as JSON.

The offline count is never what is signed. It knows no modifier and no finding, and its numbers are as old as the page
that brought them. Once there is a network the engine counts the same minutes; what it says is shown, signed, billed.
"""

from __future__ import annotations

from datetime import date
from typing import TypedDict

from fifteen.engine.units.answer import Method, MethodFrom
from fifteen.engine.units.count import MOST_ALLOCATIONS
from fifteen.engine.units.family import counts_from
from fifteen.engine.units.method import Counting, choose_method, counting_rules
from fifteen.rulebook import Rulebook
from fifteen.rulebook.resolve import Service

# The rules that the numbers come from, as `counting_rules` asks for them.
RULES = (
    "medicare.timed_unit",
    "medicare.leftover_unit",
    "medicare.untimed_unit",
    "medicare.whole_time_codes",
    "cpt.midpoint",
)

# Minutes of a unit and the minute from which it counts; after them the same of the add-on, where it has time.
Time = list[int]
# Label, pooled (1 or 0), time, base, add-on; cut after the last that says something: an untimed code is its label.
Row = list[str | int | Time | None]


class Numbers(TypedDict):
    """`untimed`: units of a code without time. `most`: so many equal answers are listed.

    `whole`: by their base, the times of families that the total-minutes rule counts by their whole time. `absent`:
    codes of the catalogue not in force on the date, which are documented and not billed. `payers`: label, counting
    method, who says so; without a method nothing is counted. They hold from `since` up to, not including, `until`.
    """

    on: str
    since: str
    until: str | None
    rulebook: str
    unit: int
    counts_from: int
    untimed: int
    most: int
    services: dict[str, Row]
    whole: dict[str, Time]
    absent: list[str]
    payers: dict[str, tuple[str, Method | None, MethodFrom | None]]


def numbers(rulebook: Rulebook, on: date) -> Numbers:
    """What `units.js` needs to count on `on`; `NotInForce` for a date outside every rule."""
    law = counting_rules(rulebook, on)
    services: dict[str, Row] = {}
    whole: dict[str, Time] = {}
    for service in rulebook.services(on):
        base, addon = rulebook.kin(service.code, on) or (service, None)
        time = _time(base, addon, "midpoint", law)
        row: Row = [service.label, int(base.pooled), time or None]
        if addon is not None:
            row += [base.code, addon.code]
        services[service.code] = row if any(row[1:]) else row[:1]
        by_total = _time(base, addon, "total", law)
        if by_total != time:
            whole[base.code] = by_total
    since, until = _holds(rulebook, on)
    return Numbers(
        on=on.isoformat(),
        since=since.isoformat(),
        until=until.isoformat() if until else None,
        rulebook=rulebook.hash,
        unit=law.unit,
        counts_from=law.counts_from,
        untimed=int(law.untimed.value["units"]),
        most=MOST_ALLOCATIONS,
        services=services,
        whole=whole,
        absent=sorted({row[0] for row in rulebook.tables["services"].rows} - services.keys()),
        payers={policy.id: _payer(rulebook, policy.id, policy.label, on) for policy in rulebook.payers},
    )


def _holds(rulebook: Rulebook, on: date) -> tuple[date, date | None]:
    """The days around `on` in which no number of this page begins or ends."""
    counting = [
        parameter
        for id_, parameter in rulebook.parameters.items()
        if id_ in RULES or id_.endswith((".counting_method", ".default_counting_method"))
    ]
    edges = {edge for each in counting for dated in each.at for edge in (dated.entry.start, dated.entry.until)}
    table = rulebook.tables["services"]
    columns = [table.columns.index(name) for name in ("from", "until")]
    edges |= {date.fromisoformat(row[place]) for row in table.rows for place in columns if row[place]}
    known = sorted(edge for edge in edges if edge is not None)
    return max(edge for edge in known if edge <= on), next((edge for edge in known if edge > on), None)


def _time(base: Service, addon: Service | None, method: Method, law: Counting) -> Time:
    time: Time = []
    for service in (base, addon):
        if service is None or service.unit_minutes is None:
            break  # an add-on to a code without time adds none
        time += [service.unit_minutes, counts_from(service, method, law)]
    return time


def _payer(rulebook: Rulebook, id_: str, label: str, on: date) -> tuple[str, Method | None, MethodFrom | None]:
    chosen = choose_method(rulebook, id_, None, on)
    return label or id_, chosen.method, chosen.by
