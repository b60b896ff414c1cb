"""Accepted proposals: what is written into an organization's layer, how the scribe reads by it, what is left alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest

from fifteen.kernel.errors import AskedWrongly, FifteenError, RulebookError
from fifteen.rulebook import Rulebook, load_rulebook
from fifteen.scribe.aliases import Review, accept, chosen
from fifteen.scribe.corrections import Correction, proposals, read_corrections
from fifteen.scribe.read import read

DAY = date(2026, 3, 2)
BEFORE = DAY - timedelta(days=1)
COLUMNS = "name,from,until,known,kind,family,region,type,aliases,refs,status\n"

KICKSTAND = ("kickstand squats", "split squat", "TE", "t-1")
PENNY = ("penny pick ups", "coin pickup", "TA", "t-2")
CORRECTIONS = (
    KICKSTAND, PENNY, ("zing reach", "wall slide", "TE", "t-1"), ("zing reach", "split squat", "TE", "t-2"),
    ("zag walk", "zag walking", "TE", "t-1"), ("zag walk", "zag walking", "NMR", "t-2"),
    ("SLR", "split squat", "TE", "t-1"), ("declined zing", "split squat", "TE", "t-1"),
    ("staggered zing", "split squat", "TE", "t-1"),
)  # fmt: skip

night = pytest.mark.nightly  # each loads a rulebook of its own, which takes seconds


def corrections(rows: Sequence[tuple[str, str, str, str]] = CORRECTIONS) -> tuple[Correction, ...]:
    keys = ("words", "name", "family", "by")
    plain = {"discipline": "PT", "note": "n-1", "at": "2026-03-01T16:40:00Z"}
    lines = [json.dumps(plain | dict(zip(keys, row, strict=True))) for row in rows]
    return read_corrections("\n".join(lines).encode(), "here")


def load(folder: Path) -> Rulebook:
    return load_rulebook(organization=folder)


def taking(
    folder: Path, *asked: str, rows: Sequence[tuple[str, str, str, str]] = CORRECTIONS, start: date = DAY,
    on: date = DAY, by: str = "t-3",
) -> tuple[Path, ...]:  # fmt: skip
    """Accept what is `asked` of the corrections, as the command does."""
    book = load(folder)
    taken = chosen(proposals(corrections(rows), book, start), asked)
    review = Review(by=by, on=on, start=start, source="monday.jsonl", sha256="0123456789" * 6 + "abcd")
    return accept(taken, folder, book, review, load)


def named(folder: Path, text: str, on: date = DAY) -> list[tuple[str | None, bool]]:
    draft = read(text, load(folder), on=on)
    return [(each.known_as, each.known) for one in draft.services for each in one.exercises]


def content(folder: Path) -> dict[str, bytes]:
    return {str(each.relative_to(folder)): each.read_bytes() for each in sorted(folder.rglob("*")) if each.is_file()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "organization"


# -- what is written and read ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        "kickstand-squats",
        *(pytest.param(each, marks=night) for each in ("kickstand squats", "Kickstand squat", "KICKSTAND SQUAT")),
    ],
)
def test_the_scribe_reads_the_words_as_the_name_from_the_day_on(said: str, folder: Path) -> None:
    text = f"TE 18 min: {said} 3x10"
    assert named(folder, text) == [("squat", True)]
    taking(folder, "kickstand squat")
    assert named(folder, text) == [("split squat", True)]
    assert named(folder, text, BEFORE) == [("squat", True)]


@night
def test_the_exercise_keeps_every_word_it_had(folder: Path, rulebook: Rulebook) -> None:
    before = rulebook.row("exercises", "split squat", DAY)
    taking(folder, "kickstand squat")
    after = load(folder).row("exercises", "split squat", DAY)
    assert before is not None
    assert after is not None
    assert after["aliases"] == f"{before['aliases']} | kickstand squat"
    assert {key: after[key] for key in ("kind", "family", "region", "type", "until")} == {
        key: before[key] for key in ("kind", "family", "region", "type", "until")
    }


def test_a_name_that_is_not_known_becomes_an_exercise(folder: Path) -> None:
    taking(folder, "penny pick ups")
    assert named(folder, "TA 15 min: penny pick up x10, coin pickups x5") == [("coin pickup", True)] * 2
    row = load(folder).row("exercises", "coin pickup", DAY)
    assert row is not None
    assert (row["kind"], row["family"], row["aliases"]) == ("task", "TA", "penny pick up")


@pytest.mark.parametrize(
    ("family", "kind"),
    [("TE", "exercise"), pytest.param("MT", "technique", marks=night), pytest.param("SC", "task", marks=night)],
)
def test_the_kind_of_a_new_exercise_is_that_of_its_family(family: str, kind: str, folder: Path) -> None:
    taking(folder, "zag", rows=[("zag", "zagging", family, "t-1")])
    row = load(folder).row("exercises", "zagging", DAY)
    assert row is not None
    assert row["kind"] == kind


def test_a_name_kept_as_written_needs_no_alias(folder: Path) -> None:
    taking(folder, "zag squats", rows=[("zag squats", "zag squat", "TE", "t-1")])
    assert named(folder, "TE 18 min: zag squats 3x10") == [("zag squat", True)]
    assert (folder / "tables/exercises.csv").read_text().count("zag squat") == 1


def test_the_row_says_who_reviewed_when_and_on_what_source(folder: Path) -> None:
    taking(folder, "kickstand squat", on=date(2026, 3, 5), by="t-3")
    book = load(folder)
    row = book.row("exercises", "split squat", DAY)
    assert row is not None
    assert (row["from"], row["known"], row["status"], row["refs"]) == (
        "2026-03-02", "2026-03-05", "local", "aliases-2026-03-05-t-3-01234567",
    )  # fmt: skip
    reference = book.references[row["refs"]]
    assert reference.title == "Words for exercises, reviewed by t-3 on 2026-03-05"
    assert (reference.section, reference.edition[:17]) == ("monday.jsonl", "sha256 0123456789")
    assert reference.checked == date(2026, 3, 5)
    assert book.row_layer("exercises", "split squat", DAY) == "organization"


@night
def test_what_was_not_known_yet_is_not_read(folder: Path) -> None:
    taking(folder, "kickstand squat", on=date(2026, 3, 5))
    row = load(folder).as_known(date(2026, 3, 4)).row("exercises", "split squat", DAY)
    assert row is not None
    assert "kickstand" not in row["aliases"]


def test_accepting_again_changes_nothing(folder: Path) -> None:
    assert len(taking(folder, "kickstand squat", "penny pick up")) == 3
    before = content(folder)
    assert taking(folder, "penny pick up", "kickstand squats", on=date(2026, 3, 9)) == ()
    assert content(folder) == before


@pytest.mark.parametrize("later", [pytest.param(DAY, marks=night), date(2026, 3, 9)])
def test_more_words_of_the_same_exercise_come_to_the_ones_before(later: date, folder: Path) -> None:
    taking(folder, "kickstand squat")
    taking(folder, "staggered zing", on=later)
    assert named(folder, "TE 18 min: kickstand squat 3x10, staggered zing 3x8") == [("split squat", True)] * 2
    assert (folder / "tables/exercises.csv").read_text().count("split squat,") == (1 if later == DAY else 2)
    assert (folder / "references.toml").read_text().count("[") == (1 if later == DAY else 2)


@night
def test_more_words_of_an_exercise_that_is_new(folder: Path) -> None:
    taking(folder, "penny pick ups")
    taking(folder, "dime zing", rows=[("dime zing", "coin pickup", "TA", "t-1")])
    assert named(folder, "TA 15 min: dime zing x10, penny pick ups x5") == [("coin pickup", True)] * 2


def test_what_the_organization_had_stays(folder: Path) -> None:
    (folder / "tables").mkdir(parents=True)
    table = COLUMNS + '"zig, zag",2026-01-01,,,exercise,TE,,,zigzagging,ours,local\n'
    (folder / "tables/exercises.csv").write_text(table)
    sha256 = hashlib.sha256(table.encode()).hexdigest()
    (folder / "tables/exercises.toml").write_text(f'# ours\nrelease = "7"\nsource = "us"\nsha256  = "{sha256}"\n')
    reference = '# ours\n[ours]\ntitle = "a"\npublisher = "b"\ncite = "c"\nread = "whole"\nchecked = 2026-01-01'
    (folder / "references.toml").write_text(reference)
    (folder / "notes.txt").write_text("a word")
    taking(folder, "kickstand squat")
    assert (folder / "tables/exercises.csv").read_text().startswith(table)
    assert (folder / "tables/exercises.toml").read_text().startswith('# ours\nrelease = "7"\nsource = "us"\nsha256 = "')
    assert (folder / "references.toml").read_text().startswith(f'{reference}\n\n["aliases-')
    assert named(folder, "TE 18 min: zigzagging 3x10, kickstand squat 3x8") == [
        ("zig, zag", True),
        ("split squat", True),
    ]


# -- what has to be chosen, and what is refused ------------------------------------------------------------------


def test_of_people_who_disagree_one_name_is_chosen(folder: Path) -> None:
    taking(folder, "zing reach=Wall slide")
    assert named(folder, "TE 18 min: zing reaches 3x10") == [("wall slide", True)]


@night
def test_where_only_the_family_differs_it_is_chosen(folder: Path) -> None:
    taking(folder, "zag walk=zag walking:nmr")
    row = load(folder).row("exercises", "zag walking", DAY)
    assert row is not None
    assert row["family"] == "NMR"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("nobody said it",), "'nobody said it' is not proposed, no correction has these words; choose"),
        (("kickstand squat=wall slide",), "the corrections give it 'split squat' (TE); choose"),
        (("zing reach",), "people disagree on 'zing reach', 'split squat' (TE) and 'wall slide' (TE); choose one"),
        (("zag walk=zag walking",), "'zag walking' (NMR) and 'zag walking' (TE); choose one"),
        (("zing reach=wall slide", "zing reach=split squat"), "'zing reach' is given two names; give one"),
        (("SLR",), "since the words are known as straight leg raise; leave it out"),
        (("SLR=split squat",), "since the words are known as straight leg raise; leave it out"),
        (("declined zing",), "since the words hold the cue 'declined'"),
        (("kickstand squat", "SLR"), "since the words are known as straight leg raise"),
    ],
)
def test_what_may_not_be_accepted_writes_nothing(asked: tuple[str, ...], said: str, folder: Path) -> None:
    with pytest.raises(AskedWrongly) as error:
        taking(folder, *asked)
    assert said in str(error.value)
    assert not folder.exists()


def test_a_new_exercise_has_one_family(folder: Path) -> None:
    rows = [("zig walk", "zag walking", "TE", "t-1"), ("zag walk", "zag walking", "NMR", "t-1")]
    with pytest.raises(AskedWrongly, match="'zag walking' is given two families; accept one"):
        taking(folder, "zig walk", "zag walk", rows=rows)
    assert not folder.exists()


def test_who_reviewed_is_an_id(folder: Path) -> None:
    with pytest.raises(AskedWrongly, match=r"^--by 'Ann Smith' is not an opaque id; give"):
        taking(folder, "kickstand squat", by="Ann Smith")
    assert not folder.exists()


@night
def test_words_that_become_something_else_later_clash(folder: Path) -> None:
    taking(folder, "kickstand squat", start=date(2026, 9, 1))
    with pytest.raises(AskedWrongly, match="the words are known as split squat"):
        taking(folder, "kickstand squat", rows=[("kickstand squat", "wall slide", "TE", "t-1")])


@night
def test_words_that_a_later_row_would_not_hold_are_refused(folder: Path) -> None:
    taking(folder, "penny pick ups", start=date(2026, 9, 1))
    before = content(folder)
    with pytest.raises(FifteenError) as error:
        taking(folder, "dime zing", rows=[("dime zing", "coin pickup", "TA", "t-1")])
    assert "'dime zing' would be read as no exercise on 2026-09-01" in str(error.value)
    assert content(folder) == before


@night
def test_two_spellings_that_would_be_read_as_two_names_are_refused(folder: Path) -> None:
    rows = [("QXR", "split squat", "TE", "t-1"), ("qxr zing", "wall slide", "TE", "t-1")]
    taking(folder, "QXR", "qxr zing", rows=rows)  # the longer words win, and neither hides the other
    assert named(folder, "TE 18 min: QXR 3x10, qxr zing 3x8") == [("split squat", True), ("wall slide", True)]


@night
def test_a_layer_that_is_wrong_is_left_as_it_is(folder: Path) -> None:
    taking(folder, "kickstand squat")
    (folder / "tables/exercises.csv").write_text(COLUMNS)
    before = content(folder)
    with pytest.raises(RulebookError, match=r"is not the one exercises\.toml describes"):
        taking(folder, "penny pick ups")
    assert content(folder) == before


def test_a_layer_that_would_not_load_is_not_put_in_place(folder: Path) -> None:
    taking(folder, "kickstand squat")
    about = folder / "tables/exercises.toml"
    about.write_text(about.read_text().replace("sha256 =", '"sha256" ='))  # well-formed, and not found to be replaced
    before = content(folder)
    with pytest.raises(RulebookError):
        taking(folder, "penny pick ups")
    assert content(folder) == before


@pytest.mark.parametrize("broken", [pytest.param("exercises.csv", marks=night), "exercises.toml"])
@pytest.mark.parametrize("had", [pytest.param(False, marks=night), True])
def test_a_disk_that_fails_midway_leaves_what_was(
    broken: str, had: bool, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if had:
        taking(folder, "kickstand squat", on=date(2026, 3, 1))
    before = content(folder) if had else {}
    whole = Path.replace

    def failing(self: Path, target: Path) -> Path:
        if target.name == broken and folder in target.parents:
            raise OSError(28, "No space left on device")
        return whole(self, target)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(OSError, match="No space"):
        taking(folder, "penny pick ups")
    assert content(folder) == before
