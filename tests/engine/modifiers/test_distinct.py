"""Modifier 59 and X{EPSU}: what a person is shown, what counts as attested, and when it lapses."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from fifteen import assess
from fifteen.engine.assess import DayAnswer
from fifteen.engine.day import Attestation, Day
from fifteen.rulebook import Rulebook
from tests.engine.edits.days import attestation, attested, day_with, pair_ids, waiting
from tests.engine.evidence.records import ids, only

APART = ("97530 09:00-09:16", "97750 09:20-09:36")
LINE = "PT 97750"


def hashes(answer: DayAnswer) -> list[str]:
    return [each.evidence_hash for each in answer.attestations]


def on_line(answer: DayAnswer, code: str = "97750") -> list[tuple[str, ...]]:
    return [line.modifiers for line in answer.lines if line.code == code]


def test_what_is_asked_and_shown(rulebook: Rulebook) -> None:
    (asked,) = assess(day_with(APART), rulebook).attestations
    assert (asked.kind, asked.line, asked.shown, asked.given_by) == ("59", LINE, True, None)
    assert asked.asked_because == (
        "Medicare Part B pays 97750 beside 97530 on one day only where the two were distinct."
    )
    assert asked.evidence == (
        "Recorded: 97530 09:00-09:16 and 97750 09:20-09:36. One was finished before the other began. "
        "Each billed unit rests on minutes of its own service."
    )
    assert len(asked.evidence_hash) == 64
    assert asked.cite == "CMS NCCI PTP edits v30.2, 2024 Q3"


@pytest.mark.parametrize(
    ("services", "shown", "said"),
    [
        (("97530 09:00-09:10", "97750 09:10-09:25", "97530 09:25-09:30"), True, "They took turns."),
        (("97530 09:00-09:16", "97750 09:15-09:31"), False, "At some moment both were given at once."),
        (("97530 16", "97750 09:20-09:36"), False, "Recorded: 97530 16min and 97750 09:20-09:36. One of them has no"),
        (("97530 09:00-09:22", "97750 09:22-09:42"), False, "A billed unit of 97530 rests on minutes pooled"),
        (("97530 09:00-09:22", "97750 09:22-09:44"), False, "A billed unit of 97530 rests on minutes pooled"),
        (("97530 09:00-09:23", "97750 09:23-09:38"), True, "Each billed unit rests on minutes of its own service."),
        (("97530 09:00-09:07", "97750 09:07-09:15", "97110 10:00-10:08"), True, "Each billed unit rests"),
    ],
)  # fmt: skip
def test_what_the_record_shows(services: tuple[str, ...], shown: bool, said: str, rulebook: Rulebook) -> None:
    answer = assess(day_with(services), rulebook)
    if not answer.attestations:
        assert services[0] == "97530 09:00-09:07"  # seven minutes earned no unit, so there is no pair
        return
    (asked,) = answer.attestations
    assert asked.shown is shown
    assert said in asked.evidence
    assert asked.asked_because.endswith("so another ground must be named.") is not shown
    assert ("pairs.not-shown" in ids(answer.edits)) is not shown


def test_an_untimed_second_code_rests_on_itself(rulebook: Rulebook) -> None:
    (asked,) = assess(day_with(("97022 09:00-09:05", "97112 09:10-09:40")), rulebook).attestations
    assert (asked.line, asked.shown) == ("PT 97022", True)


def test_an_add_on_is_recorded_under_its_base(rulebook: Rulebook) -> None:
    services = ("SLP 97130 09:00-09:40", "SLP 97164 10:00-10:20")
    answer = assess(day_with(services), rulebook)
    found = {each.evidence for each in answer.attestations}
    assert any("97130 09:00-09:40 and 97164 10:00-10:20. One was finished" in each for each in found)
    assert any("97129 09:00-09:40 and 97164 10:00-10:20. One was finished" in each for each in found)


def test_a_running_clock_shows_nothing(rulebook: Rulebook) -> None:
    day = day_with((*APART, "97750 10:00-10:16"))
    visit = day.visits[0]
    open_ = replace(visit.intervals[-1], stop=None)
    day = replace(day, visits=(replace(visit, intervals=(*visit.intervals[:-1], open_)),))
    (asked,) = assess(day, rulebook).attestations
    assert "97750 09:20-09:36 10:00-. One of them has no clock time." in asked.evidence


def test_the_other_plan_s_time_of_the_second_code_is_not_this_line_s(rulebook: Rulebook) -> None:
    answer = assess(day_with((*APART, "OT 97750 16")), rulebook)
    assert {each.line: each.shown for each in answer.attestations} == {"OT 97750": False, "PT 97750": True}


# -- attested ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["59", "XE", "XP", "XS", "XU"])
def test_attested_on_the_evidence_the_modifier_stands_with_its_reason(kind: str, rulebook: Rulebook) -> None:
    answer = assess(attested(day_with(APART), rulebook, kind), rulebook)
    assert on_line(answer) == [(kind, "GP")]
    assert on_line(answer, "97530") == [("GP",)]
    (reason,) = [each for each in answer.explain_modifiers if each.modifier == kind]
    assert (reason.line, reason.rule, reason.status) == (1, "payer.medicare.pair_table", "secondary")
    assert reason.because == (
        "R. Diaz attested on 2026-11-25 that 97750 was distinct from 97530. Recorded: 97530 09:00-09:16 "
        "and 97750 09:20-09:36. One was finished before the other began. Each billed unit rests on minutes of its own "
        "service."
    )
    (asked,) = answer.attestations
    assert (asked.kind, asked.given_by) == (kind, "R. Diaz")
    assert waiting(answer) == []
    assert pair_ids(answer) == ["pairs.if-distinct"]


def test_not_attested_the_line_waits(rulebook: Rulebook) -> None:
    answer = assess(day_with(APART), rulebook)
    assert on_line(answer) == [("GP",)]
    assert answer.lines[1].held == (
        "97750 beside 97530: nobody has attested that the two were distinct. Last known 2024 Q3.",
    )
    assert answer.lines[0].held == ()


def test_a_ground_is_needed_where_the_record_shows_nothing(rulebook: Rulebook) -> None:
    typed = day_with(("97530 16", "97750 16"))
    answer = assess(attested(typed, rulebook, ground="  "), rulebook)
    assert (on_line(answer), waiting(answer)) == ([("GP",)], [LINE])
    assert only(answer.edits, "pairs.no-ground").message == (
        f"R. Diaz attested 59 for {LINE} and named no ground, and the record does not show it, so it was not added."
    )
    answer = assess(attested(typed, rulebook, ground="Activities at nine, the test at two."), rulebook)
    assert (on_line(answer), waiting(answer)) == ([("59", "GP")], [])
    (reason,) = [each for each in answer.explain_modifiers if each.modifier == "59"]
    assert ", on the ground 'Activities at nine, the test at two.'. Recorded: " in reason.because


def shifted(day: Day, **change: Any) -> Day:
    visit = day.visits[0]
    first = replace(visit.intervals[0], **change)
    return replace(day, visits=(replace(visit, intervals=(first, *visit.intervals[1:])),))


CHANGES: dict[str, Any] = {
    "a minute less": {"stop": datetime(2026, 11, 25, 14, 15, tzinfo=UTC)},
    "another id": {"id": "other"},
    "no clock": {"start": None, "stop": None, "minutes": 16},
    "minutes beside": {"minutes": 16},
}


@pytest.mark.parametrize("change", CHANGES)
def test_it_lapses_when_the_evidence_changes(change: str, rulebook: Rulebook) -> None:
    day = shifted(attested(day_with(APART), rulebook), **CHANGES[change])
    answer = assess(day, rulebook)
    assert (on_line(answer), waiting(answer)) == ([("GP",)], [LINE])
    assert only(answer.edits, "attestation.lapsed").message == (
        f"R. Diaz attested 59 for {LINE}; the evidence has changed since, so it lapsed."
    )


def test_more_units_are_other_evidence_and_the_same_instant_elsewhere_is_not(rulebook: Rulebook) -> None:
    plain = assess(day_with(APART), rulebook)
    more = assess(day_with((*APART, "97110 10:00-10:07")), rulebook)
    pooled = assess(day_with((*APART, "97110 10:00-10:06", "97140 10:10-10:16")), rulebook)
    assert hashes(plain) == hashes(more) == hashes(pooled)
    utc = shifted(day_with(APART), start=datetime(2026, 11, 25, 14, 0, tzinfo=UTC))
    assert hashes(assess(utc, rulebook)) == hashes(plain)
    longer = assess(day_with(("97530 09:00-09:16", "97750 09:20-09:55")), rulebook)
    assert hashes(longer) != hashes(plain)


def test_other_units_of_the_same_minutes_are_other_evidence(rulebook: Rulebook) -> None:
    two = ("97530 09:00-09:22", "97750 09:22-09:38")
    shown = [assess(day_with(services), rulebook) for services in (two, (*two, "97110 10:00-10:14"))]
    assert [next(line.units for line in each.lines if line.code == "97530") for each in shown] == [2, 1]
    assert hashes(shown[0]) != hashes(shown[1])


def test_what_lapsed_is_not_told_to_lack_a_ground(rulebook: Rulebook) -> None:
    typed = day_with(("97530 16", "97750 16"), attestations=(attestation(LINE, "old"),))
    found = ids(assess(typed, rulebook).edits)
    assert ("attestation.lapsed" in found, "pairs.no-ground" in found) == (True, False)


def test_a_line_with_a_pair_that_nothing_opens_still_asks_for_the_other(rulebook: Rulebook) -> None:
    services = ("97161 08:00-08:30", *APART)
    answer = assess(attested(day_with(services), rulebook), rulebook)
    assert (on_line(answer), waiting(answer)) == ([("59", "GP")], [LINE])
    assert "pairs.attested-in-vain" not in ids(answer.edits)


def test_an_older_attestation_that_was_given_again_says_nothing(rulebook: Rulebook) -> None:
    day = attested(day_with(APART), rulebook)
    day = replace(day, attestations=(attestation(LINE, "old"), *day.attestations))
    assert pair_ids(assess(day, rulebook)) == ["pairs.if-distinct"]


def test_the_latest_attestation_counts(rulebook: Rulebook) -> None:
    (first,) = attested(day_with(APART), rulebook, "59").attestations
    later = replace(first, kind="XE", by="S. Cole", at=datetime(2026, 11, 26, 9, 0, tzinfo=UTC))
    answer = assess(day_with(APART, attestations=(later, first)), rulebook)
    assert (on_line(answer), answer.attestations[0].given_by) == ([("XE", "GP")], "S. Cole")


# -- several pairs on one line -----------------------------------------------------------------------------------------

TWO_PAIRS = ("97530 09:00-09:16", "97140 09:20-09:36", "97750 09:40-09:56")


def test_one_modifier_opens_a_line_for_all_its_pairs_so_each_is_attested(rulebook: Rulebook) -> None:
    day = attested(day_with(TWO_PAIRS), rulebook)
    assert len(day.attestations) == 2
    answer = assess(day, rulebook)
    assert (on_line(answer), waiting(answer)) == ([("59", "GP")], [])
    half = replace(day, attestations=day.attestations[:1])
    answer = assess(half, rulebook)
    assert (on_line(answer), waiting(answer)) == ([("GP",)], [LINE])
    assert len(next(line for line in answer.lines if line.code == "97750").held) == 1
    assert "attestation.lapsed" not in ids(answer.edits)


def test_two_kinds_on_one_line_are_told(rulebook: Rulebook) -> None:
    one, other = attested(day_with(TWO_PAIRS), rulebook).attestations
    answer = assess(day_with(TWO_PAIRS, attestations=(one, replace(other, kind="XE"))), rulebook)
    assert on_line(answer) == [("59", "XE", "GP")]
    assert only(answer.edits, "pairs.several-modifiers").message.startswith("PT 97750 carries 59 and XE, each attested")


def test_every_line_of_the_second_code_takes_it(rulebook: Rulebook) -> None:
    day = day_with(("97530 09:00-09:16", "97750 09:20-09:36", "97750 09:40-09:56"))
    visit = day.visits[0]
    aided = replace(visit.intervals[-1], people=("pta-1",))
    day = replace(day, visits=(replace(visit, intervals=(*visit.intervals[:-1], aided)),))
    answer = assess(attested(day, rulebook), rulebook)
    assert on_line(answer) == [("59", "GP"), ("59", "CQ", "GP")]
    assert [each.line for each in answer.explain_modifiers if each.modifier == "59"] == [1, 2]


# -- nothing is asked --------------------------------------------------------------------------------------------------


def given_on(services: tuple[str, ...], line: str, **more: Any) -> Day:
    return day_with(services, attestations=(attestation(line, "any"),), **more)


@pytest.mark.parametrize(
    ("services", "line", "id_", "said"),
    [
        (("97140 09:00-09:16", "97530 09:20-09:36"), "PT 97530", "pairs.attested-for-nothing",
         "R. Diaz attested 59 for PT 97530, but no pair in force on 2026-11-25 asks for it; nothing was added."),
        (("97530 09:00-09:16", "97116 09:20-09:36"), "PT 97116", "pairs.attested-for-nothing", "no pair in force"),
        (("97161 09:00-09:30", "97750 09:40-09:56"), LINE, "pairs.attested-in-vain",
         "R. Diaz attested 59 for PT 97750, but no modifier opens its pair; nothing was added."),
        (APART, "PT 97110", "pairs.attested-no-line",
         "R. Diaz attested 59 for PT 97110, which has no billed unit on this day; nothing was added."),
        (APART, "OT 97750", "pairs.attested-no-line", "has no billed unit"),
        (APART, "PT 97530", "pairs.attested-for-nothing", "no pair in force"),
        (("97530 09:00-09:16",), "PT 97530", "pairs.attested-for-nothing", "no pair in force"),
    ],
)  # fmt: skip
def test_an_attestation_for_nothing_adds_nothing_and_says_so(
    services: tuple[str, ...], line: str, id_: str, said: str, rulebook: Rulebook
) -> None:
    answer = assess(given_on(services, line), rulebook)
    assert said in only(answer.edits, id_).message
    assert not any("59" in each.modifiers for each in answer.lines)


@pytest.mark.parametrize("services", [APART, APART[-1:]])
def test_an_attestation_for_a_payer_of_unknown_pairs(services: tuple[str, ...], rulebook: Rulebook) -> None:
    """Nor does it depend on a second code whether the payer's table is known."""
    day = given_on(services, LINE, coverage={"payer": "tricare"})
    day = replace(day, coverage=replace(day_with(services).coverage, payer="tricare"))
    answer = assess(day, rulebook)
    assert only(answer.edits, "pairs.attested-not-known").severity == "warn"
    assert not any("59" in each.modifiers for each in answer.lines)


def test_kx_is_another_room_s(rulebook: Rulebook) -> None:
    kx = Attestation(kind="KX", line="PT 97110", by="R. Diaz", at=datetime(2026, 11, 25, tzinfo=UTC), evidence="x")
    found = ids(assess(day_with(APART, attestations=(kx,)), rulebook).edits)
    assert not [each for each in found if each.startswith("pairs.attested")]
