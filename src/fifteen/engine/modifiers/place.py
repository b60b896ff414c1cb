"""Where a visit took place, and whether that fits how it was given and how it is billed."""

from __future__ import annotations

from collections.abc import Iterator

from fifteen.engine.claim_lines import DayAsked, Held, Outcome
from fifteen.engine.day import Billing, Visit
from fifteen.engine.evidence.visits import visits_of_lines
from fifteen.kernel.finding import Finding

TABLE = "place_of_service"
BILLED: dict[Billing, str] = {
    "private-practice": "by a private practice",
    "facility": "by a facility",
    "physician-group": "by a physician group",
    "incident-to": "incident to a physician",
    "critical-access-hospital": "by a critical access hospital",
}


def place(asked: DayAsked) -> Outcome:
    """The room: each visit's place of service, and lines whose visits were in more than one place.

    Without a telehealth visit a place that is not said is not asked for here.
    """
    outcome = Outcome()
    visits = [visit for visit in asked.day.all_visits() if visit.intervals]
    for visit in visits:
        outcome.findings.extend(_about(asked, visit))
    if len({visit.place_of_service for visit in visits}) > 1:
        _two_places(asked, outcome)
    return outcome


def _about(asked: DayAsked, visit: Visit) -> Iterator[Finding]:
    day, rulebook, where = asked.day, asked.rulebook, f"visit {visit.id}"
    code = visit.place_of_service
    if code is None:
        if visit.telehealth is not None:
            yield Finding(
                "place.telehealth-without-place", "warn", "This visit was telehealth and says no place of service.",
                "Say where the patient was: Medicare's places of telehealth are 10 (at home) and 02 (elsewhere).",
                where=where,
            )  # fmt: skip
        return
    row = rulebook.row(TABLE, code, day.date)
    if row is None:
        yield Finding(
            "place.unknown", "warn", f"{code!r} is no place of service that the rulebook holds for {day.date}.",
            "Correct it: two digits, such as 11 (office) or 12 (home).", where=where,
        )  # fmt: skip
        return
    label, cite = row["label"], rulebook.cite(row["refs"].split())
    if row["telehealth"] == "yes" and visit.telehealth is None:
        yield Finding(
            "place.not-telehealth", "warn",
            f"Place of service {code} ({label}) is telehealth, and the visit is recorded as in person.",
            "Say whether it was by audio and video or by audio only, or correct the place.", cite, where,
        )  # fmt: skip
    if not rulebook.follows(day.coverage.payer, "medicare"):
        return
    yield from _of_telehealth(asked, visit, code, row)
    contrary = rulebook.value_or_none("medicare.place_not_of_billing", day.date)
    if contrary is not None and code in contrary.value[day.billing]:
        yield Finding(
            "place.not-of-billing", "warn",
            f"Place of service {code} ({label}) does not go with how the day is billed: {BILLED[day.billing]}.",
            "Correct the place, or how the day is billed; such a place may bill the service itself.",
            contrary.cite, where,
        )  # fmt: skip


def _of_telehealth(asked: DayAsked, visit: Visit, code: str, row: dict[str, str]) -> Iterator[Finding]:
    """Medicare's places of telehealth, from the day when it had any."""
    if visit.telehealth is None:
        return
    day, rulebook, where = asked.day, asked.rulebook, f"visit {visit.id}"
    rule = rulebook.value_or_none("medicare.telehealth_place", day.date)
    if rule is not None and rule.value == "telehealth" and row["telehealth"] != "yes":
        yield Finding(
            "place.telehealth-elsewhere", "warn",
            f"This visit was telehealth, and place of service {code} ({row['label']}) is not a place of telehealth.",
            "Say 10 where the patient was at home, 02 elsewhere; or correct the visit to in person.", rule.cite, where,
        )  # fmt: skip
        return
    alone = rulebook.value_or_none("medicare.telehealth_audio_only", day.date)
    if alone is not None and visit.telehealth == "audio-only" and code not in alone.value:
        yield Finding(
            "place.audio-only", "warn",
            f"By audio alone the patient must be at home; place of service {code} ({row['label']}) says otherwise.",
            "Correct the place, or whether there was video; say in the note why there was none.", alone.cite, where,
        )  # fmt: skip


def _two_places(asked: DayAsked, outcome: Outcome) -> None:
    """A line has room for one place."""
    for number, (line, visits) in enumerate(zip(asked.lines, visits_of_lines(asked), strict=True)):
        places = sorted({visit.place_of_service for visit in visits if visit.place_of_service is not None})
        if len(places) < 2 or len({visit.telehealth for visit in visits}) > 1:  # the second is telehealth's to say
            continue
        outcome.held.append(Held(number, f"which of the places {' and '.join(places)} stands on it is not decided"))
        outcome.findings.append(
            Finding(
                "place.two-places", "warn",
                f"{line.name} was given in places {' and '.join(places)} on one day, and a line has room for one.",
                "Ask the payer how it wants one code in two places on a date; the line waits until a person decides.",
                where=line.name,
            )
        )  # fmt: skip
