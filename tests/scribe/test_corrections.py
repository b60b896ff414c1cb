"""Corrections of drafted names: how they are read, folded into proposals, and what is never proposed."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from fifteen.kernel.errors import UnreadableInput
from fifteen.rulebook import Rulebook
from fifteen.scribe.corrections import AliasProposal, Correction, proposals, read_corrections, word_key

DAY = date(2026, 3, 2)
EXAMPLE = Path(__file__).parents[2] / "examples" / "scribe" / "corrections.jsonl"


def line(words: str, name: str, /, **changed: Any) -> dict[str, Any]:
    plain = {
        "words": words, "name": name, "discipline": "PT", "family": "TE", "note": "n-1", "by": "t-1",
        "at": "2026-03-02T16:40:00Z",
    }  # fmt: skip
    return {key: value for key, value in (plain | changed).items() if value is not None}


def read(*lines: dict[str, Any]) -> tuple[Correction, ...]:
    return read_corrections("\n".join(map(json.dumps, lines)).encode(), "here")


def proposed(rulebook: Rulebook, *lines: dict[str, Any]) -> tuple[AliasProposal, ...]:
    return proposals(read(*lines), rulebook, DAY)


# -- reading -----------------------------------------------------------------------------------------------------


def test_the_example_is_read() -> None:
    assert len(read_corrections(EXAMPLE.read_bytes(), "it")) == 10


def test_an_empty_line_is_none_and_a_line_that_stands_twice_is_one() -> None:
    one = json.dumps(line("a b", "split squat"))
    assert len(read_corrections(f"\ufeff{one}\r\n\n{one}\n".encode(), "here")) == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"words": "  "}, "here, line 1: words is empty; write"),
        ({"name": ""}, "here, line 1: name is empty; write"),
        ({"by": "Ann Smith"}, "here, line 1: by 'Ann Smith' is not an opaque id; give"),
        ({"by": "smith"}, "here, line 1: by 'smith' is not an opaque id; give"),
        ({"note": "a@b.c1"}, "here, line 1: note 'a@b.c1' is not an opaque id; give"),
        ({"by": None}, "`by`"),
        ({"family": "XX"}, "`$.family`; correct it there"),
        ({"discipline": "MD"}, "`$.discipline`"),
        ({"at": "2026-03-02T16:40:00"}, "`$.at`"),
        ({"patient": "p-1"}, "unknown field `patient`"),
    ],
)
def test_a_line_that_cannot_be_read_is_refused(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(UnreadableInput) as error:
        read(line("a b", "split squat", **changed))
    assert said in str(error.value)


def test_the_line_is_named() -> None:
    with pytest.raises(UnreadableInput, match=r"^here, line 3: "):
        read_corrections(json.dumps(line("a b", "split squat")).encode() + b"\n\n{", "here")


def test_a_file_without_corrections_is_refused() -> None:
    with pytest.raises(UnreadableInput, match="holds no correction"):
        read_corrections(b"\n \n", "here")


# -- folding -----------------------------------------------------------------------------------------------------


def test_spellings_of_the_same_words_are_folded(rulebook: Rulebook) -> None:
    [one] = proposed(
        rulebook,
        line("Kickstand squats", "split squat", drafted="squat", at="2026-03-04T09:00:00-05:00"),
        line("kickstand-squat", "Split  Squat", note="n-2", discipline="OT", drafted="mini squat"),
        line("kickstand squat", "split squats", note="n-2", by="t-2", at="2026-03-01T16:40:00Z"),
    )
    assert (one.words, one.name, one.state, one.new, one.family) == (
        "kickstand squat",
        "split squat",
        "open",
        False,
        "TE",
    )
    assert (one.notes, one.people, one.disciplines, one.drafted) == (2, 2, ("OT", "PT"), ("mini squat", "squat"))
    assert (one.first.day, one.last.day, one.why, one.rivals, one.known_as) == (1, 4, "", (), ())


def test_a_name_may_be_given_by_one_of_its_aliases(rulebook: Rulebook) -> None:
    [one] = proposed(rulebook, line("leg lifty", "SLR"))
    assert (one.name, one.new) == ("straight leg raise", False)


def test_the_family_of_an_exercise_that_is_known_is_the_rulebook_s(rulebook: Rulebook) -> None:
    [one] = proposed(rulebook, line("corpse bug", "dead bug"), line("corpse bug", "dead bug", family="TA", note="n-2"))
    row = rulebook.row("exercises", "dead bug", DAY)
    assert row is not None
    assert (one.family, one.notes) == (row["family"], 2)


def test_a_name_that_is_not_known_is_a_new_exercise_s(rulebook: Rulebook) -> None:
    [one] = proposed(rulebook, line("penny pick ups", "Coin pickups", family="TA"))
    assert (one.words, one.name, one.new, one.family, one.state) == ("penny pick up", "coin pickup", True, "TA", "open")


@pytest.mark.parametrize(
    ("spellings", "words"),
    [
        (("QXR",), "QXR"),
        (("QXRs", "QXR"), "QXR"),
        (("QXR", "qxr"), "qxr"),
        (("Kickstand",), "kickstand"),
        (("quasses", "quass"), "quass"),
        (("quaches", "quach"), "quach"),
        (("quashes", "quash"), "quash"),
        (("quaxes", "quax"), "quax"),
        (("quachies", "quachy"), "quachy"),
        (("HQ/TQ",), "HQ/TQ"),
    ],
)
def test_capitals_stay_only_where_all_wrote_them(spellings: tuple[str, ...], words: str, rulebook: Rulebook) -> None:
    lines = [line(each, "split squat", note=f"n-{place}") for place, each in enumerate(spellings)]
    assert [each.words for each in proposed(rulebook, *lines)] == [words]


@pytest.mark.parametrize(("one", "other"), [("press", "pres"), ("iris", "iri"), ("us", "u")])
def test_what_is_no_plural_keeps_its_s(one: str, other: str) -> None:
    assert word_key(one) != word_key(other)


def test_the_most_used_stand_first(rulebook: Rulebook) -> None:
    rare, used = line("zig squat", "split squat"), line("zag squat", "split squat", note="n-7")
    assert [each.words for each in proposed(rulebook, rare, used, used | {"note": "n-8"})] == ["zag squat", "zig squat"]


# -- what cannot be accepted as it is ----------------------------------------------------------------------------


def test_people_who_disagree_stand_beside_each_other(rulebook: Rulebook) -> None:
    found = proposed(rulebook, line("zing reach", "wall slide"), line("zing reach", "split squat", by="t-2"))
    assert [(each.name, each.state, each.rivals, each.why) for each in found] == [
        ("split squat", "conflict", ("wall slide",), "others mean wall slide"),
        ("wall slide", "conflict", ("split squat",), "others mean split squat"),
    ]


def test_of_a_new_name_the_family_may_be_in_conflict_too(rulebook: Rulebook) -> None:
    found = proposed(rulebook, line("a zag", "zagging"), line("a zag", "zagging", family="NMR", by="t-2"))
    assert [(each.family, each.state, each.rivals) for each in found] == [
        ("NMR", "conflict", ("zagging:TE",)),
        ("TE", "conflict", ("zagging:NMR",)),
    ]


@pytest.mark.parametrize(
    ("words", "known_as"),
    [("SLR", ("straight leg raise",)), ("slrs", ("straight leg raise",)), ("knee", ("knee (body)",))],
)
def test_words_that_are_known_as_something_else_clash(
    words: str, known_as: tuple[str, ...], rulebook: Rulebook
) -> None:
    [one] = proposed(rulebook, line(words, "split squat"))
    assert (one.state, one.known_as) == ("clash", known_as)
    assert one.why == f"the words are known as {known_as[0]}"


def test_words_that_are_read_so_already(rulebook: Rulebook) -> None:
    found = proposed(rulebook, line("SLRs", "straight leg raise"), line("SLR", "split squat", by="t-2"))
    assert {each.name: each.state for each in found} == {"straight leg raise": "known", "split squat": "clash"}


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("3 way kick", "hold a number"),
        ("three way kick", "hold a number"),
        ("T4 mobility zing", "hold a number"),
        ("97110", "hold a number"),
        ("zing min", "hold a unit of minutes"),
        ("zing Minutes", "hold a unit of minutes"),
        ("z", "have fewer than 2 letters"),
        ("-", "have fewer than 2 letters"),
        ("zing, zang", "hold ',' that"),
        ("zing | zang", "hold '|' that"),
        ("zing\nzang", "hold '\\n' that"),
        ("zing 'z", 'hold "\'" that'),
        ("zíng", "hold a letter that"),
        ("ther ex", "are known as TE (family)"),
        ("total", "are known as"),
        ("ta", "are known as TA (family)"),  # in capitals
        ("right", "hold a side"),
        ("zing left", "hold a side"),
        ("declined", "hold the cue 'declined'"),
        ("declined zing", "hold the cue 'declined'"),
        ("zing deferred", "hold the cue 'deferred'"),
    ],
)
def test_words_that_never_become_an_alias(words: str, why: str, rulebook: Rulebook) -> None:
    [one] = proposed(rulebook, line(words, "split squat"))
    assert (one.state, one.why.startswith(f"the words {why}")) == ("refused", True), one.why


@pytest.mark.parametrize("words", ["sit-to-zing", "HQ/TQ", "zing & zang", "zing<>zang", "child's zing"])
def test_signs_that_stand_inside_a_name_do_no_harm(words: str, rulebook: Rulebook) -> None:
    [one] = proposed(rulebook, line(words, "split squat"))
    assert (one.state, one.why) == ("open", "")


@pytest.mark.parametrize(
    ("name", "why"),
    [("3 way zing", "hold a number"), ("knee", "is known as knee (body)"), ("manual therapy", "are known as MT")],
)
def test_a_new_name_is_held_to_the_same(name: str, why: str, rulebook: Rulebook) -> None:
    [one] = proposed(rulebook, line("zing", name))
    assert (one.state, one.new) == ("refused", True)
    assert one.why.startswith(f"the name {why}")
