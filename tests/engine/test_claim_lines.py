"""The lines of a claim: which modifiers stand on one in which order, what fits, and what waits."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fifteen.engine.assess import ROOMS
from fifteen.engine.claim_lines import ClaimLine, DayLine, Held, LineModifier, Outcome, claim_lines, hash_of, lapsed
from fifteen.engine.claim_lines import given as attested
from fifteen.engine.day import Attestation
from fifteen.engine.units.answer import Line
from fifteen.rulebook import Rulebook, load_rulebook
from tests.engine.modifiers.days import assessed, lines_of
from tests.rulebook.conftest import Shelf

DAY = date(2026, 5, 4)
BOOK = load_rulebook()

# The groups as the rulebook orders them, told here once more so that a change of the order is seen.
GROUPS = (
    ("59", "XE", "XP", "XS", "XU"), ("CQ", "CO"), ("GP", "GO", "GN"), ("KX",), ("GA", "GX", "GY", "GZ"),
    ("95", "93", "GT"), ("96", "97"),
)  # fmt: skip


def marked(*modifiers: str, place: int = 0) -> Outcome:
    """What a room that adds these says."""
    made = [
        LineModifier(rule="r", cite="c", since=DAY, status="local", because="b", line=place, modifier=each)
        for each in modifiers
    ]
    return Outcome(modifiers=made)


def billed(*modifiers: str, code: str = "97110") -> DayLine:
    return DayLine("PT", Line(code, 2, modifiers, 30))


def one(line: DayLine, *outcomes: Outcome) -> ClaimLine:
    (found,) = claim_lines([line], outcomes, BOOK, DAY)
    return found


# -- the table ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("of_units", "added", "on_line", "note"),
    [
        # One plan alone, and with the assistant's modifier, which changes payment and comes first.
        ("", "", "", ""),
        ("GP", "", "GP", ""),
        ("GP CQ", "", "CQ GP", ""),
        ("GO CO", "", "CO GO", ""),
        ("GN", "", "GN", ""),
        # With one more.
        ("GP", "KX", "GP KX", ""),
        ("GP", "59", "59 GP", ""),
        ("GP", "XU", "XU GP", ""),
        ("GP", "95", "GP 95", ""),
        ("GN", "93", "GN 93", ""),
        ("GP", "GA", "GP GA", ""),
        ("GP", "GY GX", "GP GX GY", ""),
        ("", "97", "97", ""),
        # Two and three more: still four.
        ("GP CQ", "59", "59 CQ GP", ""),
        ("GP CQ", "KX", "CQ GP KX", ""),
        ("GP CQ", "KX 59", "59 CQ GP KX", ""),
        ("GO CO", "XE KX", "XE CO GO KX", ""),
        ("GP", "KX 59 95", "59 GP KX 95", ""),
        ("GP CQ", "95 KX", "CQ GP KX 95", ""),
        ("GP", "GA 95 59", "59 GP GA 95", ""),
        ("GP", "96 95 59", "59 GP 95 96", ""),
        # Five: 99 stands in the fourth place and the rest goes to the note.
        ("GP CQ", "KX 59 95", "59 CQ GP 99", "KX 95"),
        ("GO CO", "KX XU 93", "XU CO GO 99", "KX 93"),
        ("GP CQ", "59 GA 95", "59 CQ GP 99", "GA 95"),
        ("GP CQ", "GX GY 59", "59 CQ GP 99", "GX GY"),
        # Six and seven.
        ("GP CQ", "KX 59 95 97", "59 CQ GP 99", "KX 95 97"),
        ("GP CQ", "KX 59 GY GX 95 97", "59 CQ GP 99", "KX GX GY 95 97"),
        # What the order does not name comes last, by name.
        ("GP", "76 22", "GP 22 76", ""),
        ("GP CQ", "76 KX", "CQ GP KX 76", ""),
    ],
)
def test_the_modifiers_of_a_line(of_units: str, added: str, on_line: str, note: str) -> None:
    found = one(billed(*of_units.split()), marked(*added.split()))
    assert (" ".join(found.modifiers), " ".join(found.note_modifiers)) == (on_line, note)


MORE = (("CQ",), ("59",), ("KX", "GA"), ("95",), ("97",))


@pytest.mark.parametrize("plan", ["GP", "GO", "GN"])
@pytest.mark.parametrize("more", list(product(*[(None, *each) for each in MORE])))
def test_every_combination_stands_in_the_order_of_its_groups(plan: str, more: tuple[str | None, ...]) -> None:
    chosen = [each for each in more if each is not None]
    found = one(billed(plan), marked(*chosen))
    ranked = sorted([plan, *chosen], key=lambda each: next(n for n, group in enumerate(GROUPS) if each in group))
    on_line = found.modifiers if not found.note_modifiers else found.modifiers[:-1]
    assert [*on_line, *found.note_modifiers] == ranked
    assert len(found.modifiers) <= 4
    assert ("99" in found.modifiers) == (len(ranked) > 4) == bool(found.note_modifiers)


def test_the_order_is_the_rulebook_s() -> None:
    assert [tuple(group) for group in BOOK.value("fifteen.modifier_order", DAY).value] == list(GROUPS)
    assert BOOK.value("medicare.modifier_positions", DAY).value == {"positions": 4, "more": "99"}


def test_a_modifier_given_twice_stands_once() -> None:
    assert one(billed("GP"), marked("KX"), marked("KX", "GP")).modifiers == ("GP", "KX")


def test_a_room_marks_only_the_line_it_names() -> None:
    first, second = claim_lines([billed("GP"), billed("GP", code="97140")], [marked("59", place=1)], BOOK, DAY)
    assert (first.modifiers, second.modifiers) == (("GP",), ("59", "GP"))


def test_a_line_that_waits_says_each_reason_once() -> None:
    first, second = claim_lines(
        [billed(), billed(code="97140")],
        [Outcome(held=[Held(1, "one"), Held(1, "two")]), Outcome(held=[Held(1, "one")])], BOOK, DAY,
    )  # fmt: skip
    assert (first.held, second.held) == ((), ("one", "two"))


def test_a_line_keeps_its_code_units_and_minutes() -> None:
    found = one(billed("GP"), marked("95"))
    assert (found.discipline, found.code, found.units, found.minutes) == ("PT", "97110", 2, 30)


# -- the order is the same whoever speaks first ------------------------------------------------------------------------

ALL = [each for group in GROUPS for each in group] + ["76", "22", "52"]


@given(st.lists(st.sampled_from(ALL), unique=True, max_size=7), st.data())
def test_the_order_of_rooms_changes_nothing(modifiers: list[str], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(modifiers))
    cut = data.draw(st.integers(0, len(modifiers)))
    together = one(billed("GP", "CQ"), marked(*modifiers))
    apart = one(billed("CQ", "GP"), marked(*shuffled[cut:]), Outcome(), marked(*shuffled[:cut]))
    assert together == apart
    everything = [each for each in (*together.modifiers, *together.note_modifiers) if each != "99"]
    assert sorted(everything) == sorted({"GP", "CQ", *modifiers})


def test_the_rooms_themselves_in_any_order(monkeypatch: pytest.MonkeyPatch, rulebook: Rulebook) -> None:
    """A full line: assistant, plan, expected denial with notice, telehealth."""
    visit = {"discipline": "PT", "place": "10", "way": "audio-video", "by": "pta", "minutes": {"97110": 30}}
    day = {
        "expected": [{"why": "excluded", "codes": ["97110"], "by": "pt"}],
        "notices": [{"kind": "voluntary", "signed": "2026-05-01", "codes": ["97110"]}],
    }
    expected = ["97110 x2 CQ GP GX 99 GY 95"]
    assert lines_of(assessed(rulebook, [visit], **day)) == expected
    monkeypatch.setattr("fifteen.engine.assess.ROOMS", tuple(reversed(ROOMS)))
    assert lines_of(assessed(rulebook, [visit], **day)) == expected


def test_no_payer_has_an_order_of_modifiers_of_its_own(rulebook: Rulebook) -> None:
    """`line_order` (Cigna pays the lines as listed) is about lines; the modifiers of a line stand alike for all."""
    for payer in ("medicare", "highmark", "tricare", "bcbs-nebraska"):
        answer = assessed(
            rulebook, [{"discipline": "PT", "by": "pta", "minutes": {"97110": 30}}], coverage={"payer": payer}
        )
        (line,) = answer.lines
        assert list(line.modifiers) == [each for each in ("CQ", "GP") if each in line.modifiers]


def test_an_organization_s_own_order(shelf: Shelf) -> None:
    shelf.write(
        "organization/law/fifteen/own.toml",
        '[modifier_order]\nunit = "list"\n[[modifier_order.at]]\nfrom = 2026-01-01\nvalue = [["GP", "GO", "GN"]]\n'
        'refs = ["recalled"]\nstatus = "local"\n',
    )
    (found,) = claim_lines([billed("CQ", "GP")], [marked("59")], shelf.load(), DAY)
    assert found.modifiers == ("GP", "59", "CQ")


@pytest.fixture
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    return Shelf(tmp_path_factory.mktemp("order"))


# -- attestations ------------------------------------------------------------------------------------------------------


def said_at(hour: int, kind: str = "59", line: str = "PT 97140") -> Attestation:
    return Attestation(
        kind=kind, line=line, by="pt", at=datetime(2026, 5, 4, hour, tzinfo=UTC), evidence="e"  # type: ignore[arg-type]
    )  # fmt: skip


def test_the_attestations_of_a_line_the_latest_last() -> None:
    all_of_them = [said_at(12), said_at(9, "XU"), said_at(10, "KX"), said_at(8, "59", "OT 97140")]
    assert [each.at.hour for each in attested(all_of_them, ("59", "XU"), "PT 97140")] == [9, 12]
    assert billed(code="97140").name == "PT 97140"


def test_the_hash_of_what_was_shown_changes_with_it() -> None:
    assert hash_of("a", 1) == hash_of("a", 1)
    assert len({hash_of("a", 1), hash_of("a", 2), hash_of("b", 1), hash_of(("a", 1))}) == 4


def test_what_is_said_of_an_attestation_that_lapsed() -> None:
    found = lapsed(said_at(9), "the evidence")
    assert (found.id, found.severity, found.where) == ("attestation.lapsed", "warn", "PT 97140")
    assert found.message == "pt attested 59 for PT 97140; the evidence has changed since, so it lapsed."
