"""What must hold of all rooms together, on any day: whatever a person recorded, attested or asked for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from fifteen import AskedWrongly, assess, load_rulebook
from fifteen.engine import assess as door
from fifteen.engine.assess import DayAnswer
from fifteen.engine.day import (
    Accrued,
    Added,
    Attestation,
    Context,
    Counted,
    Coverage,
    Day,
    Expected,
    Interval,
    Notice,
    Visit,
)
from fifteen.engine.modifiers.distinct import KINDS
from fifteen.kernel.finding import Finding
from tests.engine.evidence.records import PEOPLE
from tests.tiers import examples

BOOK = load_rulebook()
CODES = {
    "PT": ("97110", "97140", "97530", "97116", "97112", "97150", "97161", "97162", "97750", "97035", "G0283", "97550"),
    "OT": ("97110", "97530", "97535", "97165", "97150", "97542", "97129", "97130"),
    "SLP": ("92507", "92526", "92523", "92522", "97129", "97130"),
}
WHO = {"PT": ("pt-1", "pta-1", "pt-1 pta-1", "aide-1"), "OT": ("ot-1",), "SLP": ("slp-1",)}
# Medicare twice, one that follows nobody, one that asks by text, one of which nothing is known, one without rules.
PAYERS = ("medicare", "medicare", "medicare", "cigna", "texas-medicaid", "aetna", "self-pay", "midpoint")
BILLINGS = ("private-practice", "facility", "physician-group", "incident-to", "critical-access-hospital")
PLANS = ("PT", "PT", "OT", "SLP")
FIRST = date(2017, 1, 1)
DATES = st.dates(date(2017, 1, 1), date(2028, 12, 31)) | st.sampled_from(
    [date(2019, 12, 31), date(2020, 1, 1), date(2020, 10, 1), date(2024, 7, 1), date(2026, 5, 4), date(2026, 11, 25)]
)
NAMES = [f"{plan} {code}" for plan, codes in CODES.items() for code in codes]
LINES = st.sampled_from([*NAMES, "PT", "OT", "SLP", "97110", "PT 00000", "pt 97110"])
MARKS = ("59", "XU", "KX", "GP", "CQ", "95", "GA", "97", "99", "76", "77", "22", "52", "U1", "U2")
slow = settings(max_examples=examples(150), suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def instant(on: date, minute: int) -> datetime:
    return datetime(on.year, on.month, on.day, 13, tzinfo=UTC) + timedelta(minutes=minute)


@st.composite
def visits(
    draw: st.DrawFn,
    on: date,
    number: int,
    plans: Sequence[str] = PLANS,
    codes: Sequence[str] = (),
    least: int = 0,
    after: int = 0,
) -> Visit:
    plan: Any = draw(st.sampled_from(plans))
    intervals = []
    for place in range(draw(st.integers(least, 4))):
        length = draw(st.integers(0, 45) | st.sampled_from([0, 1, 7, 8, 15, 200]))
        times: dict[str, Any] = {"minutes": length, "origin": "typed"}
        if draw(st.booleans()):
            start = after + draw(st.integers(0, 300))
            times = {"start": instant(on, start), "stop": instant(on, start + length)}
        people = tuple(draw(st.sampled_from(WHO[plan])).split())
        code = draw(st.sampled_from(codes or CODES[plan]))
        intervals.append(Interval(id=f"{number}.{place}", people=people, service=code, **times))
    way = draw(st.sampled_from([None, None, None, "audio-video", "audio-only"]))
    place_: str | None = draw(st.sampled_from([None, "11", "12", "10", "02", "22", "zz"]))
    purpose = draw(st.sampled_from([None, None, "habilitative", "rehabilitative"]))
    return Visit(
        id=str(number), discipline=plan, intervals=tuple(intervals), telehealth=way, place_of_service=place_,
        purpose=purpose,
    )  # fmt: skip


def attestations(on: date) -> st.SearchStrategy[Attestation]:
    return st.builds(
        Attestation,
        kind=st.sampled_from([*KINDS, "KX"]),  # type: ignore[arg-type]
        line=LINES,
        by=st.sampled_from(["Dr. Lee", "R. Diaz"]),
        at=st.sampled_from([instant(on, 400), instant(on, 500)]),
        evidence=st.sampled_from(["", "wrong"]),
        ground=st.sampled_from(["", "another body region"]),
    )


@st.composite
def days(draw: st.DrawFn, on: st.SearchStrategy[date] = DATES, plans: Sequence[str] = PLANS) -> tuple[Day, Context]:
    """A day with whatever people may say of it; half of what is asked is attested on what is shown."""
    when = draw(on)
    codes = st.sampled_from([code for codes in CODES.values() for code in codes])
    said = st.lists(codes, min_size=1, max_size=3, unique=True).map(tuple)
    day = Day(
        patient="p", date=when, people=PEOPLE,
        billing=draw(st.sampled_from(BILLINGS)),  # type: ignore[arg-type]
        coverage=Coverage(
            payer=draw(st.sampled_from(PAYERS)), secondary=draw(st.sampled_from([None, None, "medicare", "aetna"]))
        ),
        locality=draw(st.sampled_from([None, "15202-00"])) if date(2020, 1, 1) <= when < date(2027, 1, 1) else None,
        visits=tuple(draw(visits(when, number, plans)) for number in range(1, draw(st.integers(1, 4)) + 1)),
        attestations=tuple(draw(st.lists(attestations(when), max_size=3))),
        notices=tuple(
            draw(
                st.lists(
                    st.builds(
                        Notice, kind=st.sampled_from(["mandatory", "voluntary"]),  # type: ignore[arg-type]
                        signed=st.sampled_from([when, when + timedelta(1)]), codes=said,
                    ),
                    max_size=2,
                )
            )
        ),
        expected=tuple(
            draw(
                st.lists(
                    st.builds(
                        Expected, why=st.sampled_from(["not-necessary", "excluded"]),  # type: ignore[arg-type]
                        codes=said, by=st.just("Dr. Lee"),
                    ),
                    max_size=2,
                )
            )
        ),
        added=tuple(
            draw(
                st.lists(
                    st.builds(Added, code=codes, modifier=st.sampled_from(MARKS), by=st.just("Dr. Lee")), max_size=4
                )
            )
        ),
    )  # fmt: skip
    context = draw(contexts(when))
    shown = assess(day, BOOK, context).attestations
    given_ = [
        Attestation(
            kind=each.kind, line=each.line, by="Dr. Lee", at=instant(when, 600), evidence=each.evidence_hash,  # type: ignore[arg-type]
            ground=draw(st.sampled_from(["", "another body region"])),
        )
        for each in shown
        if draw(st.booleans())
    ]  # fmt: skip
    return replace(day, attestations=(*day.attestations, *given_)), context


def contexts(on: date) -> st.SearchStrategy[Context]:
    cents = st.integers(0, 400_000) | st.integers(195_000, 249_000)
    bucket: Any = st.sampled_from(["pt_slp", "ot"])
    before = st.integers(0, 60).map(lambda past: on - timedelta(past))
    words = st.lists(st.builds(Accrued, year=st.just(on.year), bucket=bucket, cents=cents, as_of=before), max_size=2)
    claims = st.lists(
        st.builds(Counted, received=before, on=before, bucket=bucket, cents=st.integers(0, 9000), kx=st.booleans()),
        max_size=3,
    )
    return st.builds(
        Context, others=st.just(()), accrued=st.none() | words.map(tuple), counted=st.none() | claims.map(tuple)
    )


def tell(found: Iterable[Finding]) -> Counter[tuple[str, str, str, str]]:
    return Counter((each.id, each.severity, each.where, each.message) for each in found)


# -- every day is answered ---------------------------------------------------------------------------------------------


@slow
@given(days())
def test_every_line_that_waits_says_why_and_nothing_is_said_twice(asked: tuple[Day, Context]) -> None:
    answer = assess(asked[0], BOOK, asked[1])
    for line in answer.lines:
        assert len(line.held) == len(set(line.held))
        assert all(why.strip() for why in line.held)
        assert len(line.modifiers) <= 4
        assert len(set(line.modifiers)) == len(line.modifiers)
    assert max(Counter((each.id, each.where, each.message) for each in answer.edits).values(), default=1) == 1
    assert all(each.message.endswith(".") and each.id and each.where for each in answer.edits)
    # What blocks rests on law that was read, and something holds the claim then.
    blocks = [each for each in answer.edits if each.severity == "block"]
    assert all(each.cite for each in blocks)
    assert not blocks or any(line.held for line in answer.lines)
    event(f"{len(answer.lines)} lines")


@slow
@given(days(st.dates(date(2027, 1, 1), date(2150, 1, 1))))
def test_after_the_last_year_that_is_known_nothing_is_asked_and_no_edit_blocks(asked: tuple[Day, Context]) -> None:
    answer = assess(asked[0], BOOK, asked[1])
    assert not [each for each in answer.attestations if each.kind == "KX"]
    assert "KX" not in {modifier for line in answer.lines for modifier in line.modifiers}
    # The units of a discipline are the manual's own text, without an end.
    assert {each.id for each in answer.edits if each.severity == "block"} <= {"limits.discipline"}


@given(st.dates(date(1950, 1, 1), FIRST - timedelta(1)), days(st.just(date(2026, 5, 4))))
@settings(max_examples=examples(30))
def test_before_the_first_day_of_the_rulebook_a_day_is_refused(on: date, asked: tuple[Day, Context]) -> None:
    with pytest.raises(AskedWrongly, match="the rulebook holds it from"):
        assess(replace(asked[0], date=on, locality=None), BOOK, asked[1])


# -- no edit outside its dates -----------------------------------------------------------------------------------------

TABLES = {"private-practice": "ptp_practitioner", "physician-group": "ptp_practitioner"}
TABLES |= {"incident-to": "ptp_practitioner", "facility": "ptp_hospital"}


def pairs_of_the_table(day: Day, codes: Iterable[str]) -> set[tuple[str, str, bool]]:
    """Read from the rows themselves: (code denied, code beside it, does a modifier open it)."""
    name = TABLES.get(day.billing)
    if name is None or not BOOK.follows(day.coverage.payer, "medicare"):
        return set()
    asked, found = set(codes), set()
    for cells in BOOK.tables[name].rows:
        row = dict(zip(BOOK.tables[name].columns, cells, strict=True))
        begun, over = row["from"] <= str(day.date), row["until"] and row["until"] <= str(day.date)
        if {row["column1"], row["column2"]} <= asked and row["withdrawn"] == "no" and begun and not over:
            found.add((row["column2"], row["column1"], row["indicator"] == "1"))
    return found


@slow
@given(days())
def test_no_edit_outside_its_dates(asked: tuple[Day, Context]) -> None:
    day, context = asked
    answer = assess(day, BOOK, context)
    on = day.date
    for each in answer.explain_modifiers:
        assert each.since <= on
    told = {
        (each.where, each.message.split(" beside ")[1].split()[0], each.id == "pairs.if-distinct")
        for each in answer.edits
        if each.id in ("pairs.if-distinct", "pairs.never-together")
    }
    assert told == pairs_of_the_table(day, {line.code for line in answer.lines if line.units})
    for each in answer.edits:
        if each.severity == "block" and each.id.startswith("limits.mue"):
            assert f"{on.year} Q{(on.month + 2) // 3}" in each.message
    if on.year not in range(2018, 2027):
        assert not [each for each in answer.attestations if each.kind == "KX"]
        assert {each.threshold for each in answer.thresholds} <= {None}
    if on < date(2020, 3, 1):
        assert not [each for each in answer.explain_modifiers if each.modifier in ("95", "93")]
    if on < date(2022, 1, 1):
        assert not [each for each in answer.explain_modifiers if each.modifier == "93"]


# -- no modifier without a ground, no attestation by the program -------------------------------------------------------


@slow
@given(days())
def test_no_modifier_without_a_ground(asked: tuple[Day, Context]) -> None:
    answer = assess(asked[0], BOOK, asked[1])
    of_units = [line.modifiers for units in answer.units for line in units.lines]
    for place, (line, own) in enumerate(zip(answer.lines, of_units, strict=True)):
        reasons = [each for each in answer.explain_modifiers if each.line == place]
        standing = {*line.modifiers, *line.note_modifiers}
        assert standing - set(own) <= {each.modifier for each in reasons}
        assert {each.modifier for each in reasons} <= standing
        assert set(own) <= standing
        for each in reasons:
            assert each.rule in BOOK.parameters
            assert each.because.endswith(".")
            assert each.cite


@slow
@given(days())
def test_no_attestation_is_the_program_s(asked: tuple[Day, Context]) -> None:
    day, context = asked
    answer = assess(day, BOOK, context)
    by = {(each.kind, each.line, each.evidence): each.by for each in day.attestations}
    for each in answer.attestations:
        if each.given_by is not None:
            assert each.given_by in {given_.by for given_ in day.attestations}
            assert (each.kind, each.line, each.evidence_hash) in by
            assert each.shown or any(given_.ground for given_ in day.attestations)
    for each in answer.explain_modifiers:
        if each.modifier in ("KX", *KINDS):
            line = answer.lines[each.line]
            said = {given_.line for given_ in day.attestations if given_.kind == each.modifier}
            assert said & {f"{line.discipline} {line.code}", line.discipline}
            assert each.because.startswith(tuple(given_.by for given_ in day.attestations))
    silent = assess(replace(day, attestations=()), BOOK, context)
    assert not {"KX", *KINDS} & {each.modifier for each in silent.explain_modifiers}
    assert {each.given_by for each in silent.attestations} <= {None}
    # What is attested frees a line, and never holds one that was free.
    assert [bool(line.held) for line in answer.lines] <= [True] * len(answer.lines)
    for line, bare in zip(answer.lines, silent.lines, strict=True):
        assert set(line.held) <= set(bare.held)


# -- order -------------------------------------------------------------------------------------------------------------


@slow
@given(days(), st.randoms(use_true_random=False))
def test_the_order_of_rooms_visits_and_what_was_said_is_nothing(asked: tuple[Day, Context], random: Any) -> None:
    day, context = asked

    def shuffled(things: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(random.sample(list(things), len(things)))

    # Lines stand in the order in which their discipline recorded them, so that order is kept; all else is mixed.
    plans = shuffled([each.discipline for each in day.visits])
    queues = {plan: iter([each for each in day.visits if each.discipline == plan]) for plan in plans}
    other = replace(
        day, visits=tuple(next(queues[plan]) for plan in plans), attestations=shuffled(day.attestations),
        added=shuffled(day.added), notices=shuffled(day.notices), expected=shuffled(day.expected),
        people=shuffled(day.people),
    )  # fmt: skip
    context_ = replace(
        context, accrued=context.accrued and shuffled(context.accrued),
        counted=context.counted and shuffled(context.counted),
    )  # fmt: skip
    one = assess(day, BOOK, context)
    with patch.object(door, "ROOMS", shuffled(door.ROOMS)):
        two = assess(other, BOOK, context_)
    assert one.lines == two.lines or same_but_for_order(one, two)
    assert tell(one.edits) == tell(two.edits)
    assert {each.evidence_hash for each in one.attestations} == {each.evidence_hash for each in two.attestations}
    assert one.thresholds == two.thresholds


def same_but_for_order(one: DayAnswer, two: DayAnswer) -> bool:
    """Reasons to wait stand in the order of the rooms."""
    return [replace(each, held=tuple(sorted(each.held))) for each in one.lines] == [
        replace(each, held=tuple(sorted(each.held))) for each in two.lines
    ]


@slow
@given(days(), st.randoms(use_true_random=False))
def test_the_modifiers_of_a_line_stand_in_one_order_however_visits_are_told(
    asked: tuple[Day, Context], random: Any
) -> None:
    day, context = asked
    mixed = replace(day, visits=tuple(random.sample(list(day.visits), len(day.visits))))
    one, two = assess(day, BOOK, context), assess(mixed, BOOK, context)
    order = {frozenset(line.modifiers): line.modifiers for line in one.lines}
    for line in two.lines:
        assert order.get(frozenset(line.modifiers), line.modifiers) == line.modifiers


# -- one service more --------------------------------------------------------------------------------------------------

# Findings that name all codes of the day in one sentence: with one code more the sentence is another, of more codes.
LISTS = {"pairs.none-in-force", "pairs.not-covered", "limits.mue-last-known", "telehealth.codes-not-checked"}
LISTS |= {"payer.unit-cap-together", "threshold.not-checked", "threshold.not-counted"}


def codes_told(found: Iterable[Finding]) -> Counter[tuple[str, str]]:
    """Each list with the codes and plans in its sentences."""
    told: Counter[tuple[str, str]] = Counter()
    for each in found:
        if each.id in LISTS:
            told.update((each.id, word) for word in set(re.findall(r"\b[A-Z\d]\d{3}[\dT]\b", each.message)))
    return told


def unrelated(day: Day, answer: DayAnswer, plan: str, code: str) -> bool:
    """Does a code under a plan touch nothing of the day?

    It is given after everything else: at one moment a person's time is shared. Its plan has no visit yet: minutes of
    one plan are counted together. Its threshold is not the day's. Nobody said anything of the code or the plan. It, or
    the base or add-on that bills its minutes, is no code of the day and no pair of one, on any date and in any table.
    """
    threshold_of = {"PT": "pt_slp", "SLP": "pt_slp", "OT": "ot"}
    if threshold_of[plan] in {threshold_of[visit.discipline] for visit in day.visits}:
        return False
    said = {word for each in day.attestations for word in each.line.split()} | {each.code for each in day.added}
    said |= {part for each in (*day.expected, *day.notices) for part in each.codes}
    here = {line.code for line in answer.lines}
    family = {code} | {each.code for each in BOOK.kin(code, day.date) or () if each is not None}
    paired = any({f"{one}+{other}", f"{other}+{one}"} & PAIRED for one in family for other in here)
    return not (((family | {plan}) & said) or (family & here) or paired)


MORE = ("97012", "97014", "97760", "97033", "97545", "97550", "97551", "29105", "G0283", "97610")
PAIRED = {row[0] for name in ("ptp_practitioner", "ptp_hospital") for row in BOOK.tables[name].rows}


@settings(slow, max_examples=examples(300))
@given(days(plans=("PT", "PT", "SLP")) | days(plans=("OT",)), st.data())
def test_an_unrelated_service_takes_nothing_away(asked: tuple[Day, Context], data: st.DataObject) -> None:
    day, context = asked
    plan = "PT" if {each.discipline for each in day.visits} == {"OT"} else "OT"
    one = assess(day, BOOK, context)
    codes = [code for code in (*CODES[plan], *MORE) if unrelated(day, one, plan, code)]
    assume(codes)
    more = data.draw(visits(day.date, 9, [plan], codes, least=1, after=510))
    two = assess(replace(day, visits=(*day.visits, more)), BOOK, context)
    # MPPR reaches over all plans of a day: a service that moves the price of another is related to it.
    old, new = one.price, two.price
    if old is not None:
        assume(new is not None)
        assert new is not None
        assume(
            [each.allowed for each in new.lines if each.code in {line.code for line in one.lines}]
            == [each.allowed for each in old.lines]
        )
    event("added to a day with findings" if one.edits else "added to a day without")
    assert not tell(f for f in one.edits if f.id not in LISTS) - tell(f for f in two.edits if f.id not in LISTS)
    assert not codes_told(one.edits) - codes_told(two.edits)
    assert {each.id for each in one.edits} <= {each.id for each in two.edits}
    assert {(each.line, each.evidence_hash) for each in one.attestations} <= {
        (each.line, each.evidence_hash) for each in two.attestations
    }
    mine = {(line.discipline, line.code, line.modifiers): set(line.held) for line in two.lines}
    for line in one.lines:
        assert set(line.held) <= mine[line.discipline, line.code, line.modifiers]
