"""Accepted proposals become dated rows of an organization's own layer of the rulebook, with who reviewed them and when.

What is written is loaded and read back first, in a copy: a layer that would not load, or would not read the words as
meant, is never put in place.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import shutil
import tempfile
import tomllib
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

import msgspec

from fifteen.kernel.errors import AskedWrongly
from fifteen.rulebook import Rulebook
from fifteen.rulebook.resolve import ADDED
from fifteen.scribe.corrections import AliasProposal, check_id, days_from, whole, word_key
from fifteen.scribe.lexicon import NAMES, lexicon

Row = dict[str, str]

_TECHNIQUES = ("MT", "TAPE", "CRP", "DN")
_EXERCISES = ("TE", "SPEECH", "SWALLOW")


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """Who accepted aliases and on which day, the day from which they hold, and the corrections they rest on."""

    by: str
    on: date
    start: date
    source: str
    sha256: str

    @property
    def id(self) -> str:
        """The id of its reference in the organization's rulebook."""
        return f"aliases-{self.on}-{self.by}-{self.sha256[:8]}"


def chosen(found: Sequence[AliasProposal], asked: Sequence[str]) -> tuple[AliasProposal, ...]:
    """The proposals that `asked` accepts, each `WORDS`, `WORDS=NAME` or `WORDS=NAME:FAMILY`.

    Raises `AskedWrongly` for words nobody proposed or that may not be accepted, and for a conflict that is not chosen.
    """
    made: dict[str, AliasProposal] = {}
    for text in asked:
        one = _chosen(found, text)
        if made.setdefault(word_key(one.words), one) != one:
            raise AskedWrongly(f"--accept: {one.words!r} is given two names; give one.")
    return tuple(made.values())


def _chosen(found: Sequence[AliasProposal], text: str) -> AliasProposal:
    words, _, reading = text.partition("=")
    name, _, family = reading.partition(":")
    about = [each for each in found if word_key(each.words) == word_key(words)]
    meant = [each for each in about if _is(each, name, family)]
    if not meant:
        held = f"the corrections give it {_names(about)}" if about else "no correction has these words"
        raise AskedWrongly(f"--accept: {text!r} is not proposed, {held}; choose what the list without --accept shows.")
    if len(meant) > 1:
        raise AskedWrongly(
            f"--accept: people disagree on {words!r}, {_names(meant)}; choose one as WORDS=NAME, or WORDS=NAME:FAMILY."
        )
    if meant[0].state in ("refused", "clash"):
        raise AskedWrongly(
            f"--accept: {words!r} cannot become an alias of {meant[0].name!r}, since {meant[0].why}; leave it out, "
            "or change the organization's own table of words by hand."
        )
    return meant[0]


def _is(each: AliasProposal, name: str, family: str) -> bool:
    same = not name or " ".join(name.lower().split()) == each.name
    return same and family.strip().upper() in ("", each.family)


def _names(found: Sequence[AliasProposal]) -> str:
    return " and ".join(f"{each.name!r} ({each.family})" for each in found)


# -- writing -----------------------------------------------------------------------------------------------------


def accept(
    taken: Sequence[AliasProposal], folder: Path, rulebook: Rulebook, review: Review, load: Callable[[Path], Rulebook]
) -> tuple[Path, ...]:
    """Write what is not known yet into the layer `folder`, and return the files; none where all is known.

    `rulebook` has that layer, `load` reads one with another folder in its place. On an error nothing is changed.
    """
    check_id(review.by, "--by")
    new = [each for each in taken if each.state != "known"]
    if not new:
        return ()
    files = _files(folder, _rows(new, rulebook, review), review, rulebook.tables["exercises"].columns)
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch).joinpath("layer")
        if folder.exists():
            shutil.copytree(folder, copy, ignore=shutil.ignore_patterns(".*"))
        for path, content in files.items():
            _write(copy.joinpath(path), content)
        _read_back(new, load(copy), review.start)
    _put(folder, files)
    return tuple(folder.joinpath(path) for path in files)


def _rows(new: Sequence[AliasProposal], rulebook: Rulebook, review: Review) -> list[Row]:
    """One row for each exercise: it adds to the one that is known, or is a new one."""
    made: list[Row] = []
    for name in dict.fromkeys(each.name for each in new):
        those = [each for each in new if each.name == name]
        if len({each.family for each in those}) > 1:
            raise AskedWrongly(f"--accept: {name!r} is given two families; accept one, the other's words later.")
        aliases = [each.words for each in those if each.words != name]
        row = rulebook.row("exercises", name, review.start) or _new_row(those[0])
        start = ADDED if not those[0].new else ""
        own = {"from": str(review.start), "known": str(review.on), "refs": review.id, "status": "local"}
        made.append({**row, **own, "aliases": " ".join(filter(None, (start, " | ".join(aliases))))})
    return made


def _new_row(one: AliasProposal) -> Row:
    kind = "technique" if one.family in _TECHNIQUES else "exercise" if one.family in _EXERCISES else "task"
    return {"name": one.name, "until": "", "kind": kind, "family": one.family, "region": "", "type": ""}


def _files(folder: Path, rows: Sequence[Row], review: Review, columns: Sequence[str]) -> dict[str, bytes]:
    """The files of the layer that change, by their path in it, in the order in which they are put in place."""
    table = _table(_text(folder, "tables/exercises.csv"), rows, columns).encode()
    about = _about(_text(folder, "tables/exercises.toml"), hashlib.sha256(table).hexdigest(), review)
    references = _references(_text(folder, "references.toml"), review)
    return {
        "references.toml": references.encode(), "tables/exercises.csv": table, "tables/exercises.toml": about.encode(),
    }  # fmt: skip


def _text(folder: Path, path: str) -> str:
    file = folder.joinpath(path)
    return file.read_bytes().decode("utf-8") if file.exists() else ""


def _table(text: str, rows: Sequence[Row], columns: Sequence[str]) -> str:
    """The table with `rows`; of one name, day and review there is one row, which takes the words of both."""
    held = [dict(zip(columns, row, strict=True)) for row in list(csv.reader(io.StringIO(text, newline="")))[1:]]
    for row in rows:
        same = next((each for each in held if all(each[part] == row[part] for part in ("name", "from", "known"))), None)
        if same is None:
            held.append(row)
        else:
            added = row["aliases"].removeprefix(ADDED).strip()
            same["aliases"] = " | ".join(filter(None, (same["aliases"], added)))
            same["refs"] = " ".join(dict.fromkeys([*same["refs"].split(), *row["refs"].split()]))
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([row[column] for column in columns] for row in held)
    return out.getvalue()


_SHA256 = re.compile(r'^sha256\s*=\s*"[^"]*"', re.MULTILINE)


def _about(text: str, sha256: str, review: Review) -> str:
    """The file beside the table, with the sha256 of the new one; all else in it stays."""
    if text:
        return _SHA256.sub(f'sha256 = "{sha256}"', text, count=1)
    source = "The organization's own words for exercises, reviewed by its people; see the references of each row."
    return f'release = "{review.on}"\nsource = {json.dumps(source)}\nsha256 = "{sha256}"\n'


def _references(text: str, review: Review) -> str:
    """The references with that of this review."""
    if review.id in tomllib.loads(text):
        return text
    said = f"Words for exercises, reviewed by {review.by} on {review.on}"
    source = "".join(each for each in review.source if each.isprintable())
    fields = {
        "title": said, "publisher": "The organization", "cite": said, "read": "whole",
        "section": source, "edition": f"sha256 {review.sha256}",
    }  # fmt: skip
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items()]
    entry = "\n".join([f'["{review.id}"]', *lines, f"checked = {review.on}", ""])
    return f"{text.rstrip()}\n\n{entry}" if text.strip() else entry


def _read_back(new: Sequence[AliasProposal], rulebook: Rulebook, start: date) -> None:
    """Are the words read as meant, from the first day on and on every later one?"""
    for day in days_from(rulebook, start):
        for each in new:
            read = {term.value for term in whole(lexicon(rulebook, day), each.words) if term.kind in NAMES}
            if read != {each.name}:
                said = f"as {' and '.join(sorted(read))}" if read else "as no exercise"
                raise AskedWrongly(
                    f"--accept: {each.words!r} would be read {said} on {day}, since another row begins then; "
                    f"choose that day or a later one with --from."
                )


def _put(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write all beside their places, then rename them; where a rename fails the files before it are as they were.

    Where the machine stops between two renames the layer does not load, and says so: its sha256 is not the table's.
    """
    targets = [folder.joinpath(path) for path in files]
    beside = [each.with_name(f".{each.name}.{os.getpid()}") for each in targets]
    before = [each.read_bytes() if each.exists() else None for each in targets]
    done: list[int] = []
    try:
        for path, content in zip(beside, files.values(), strict=True):
            _write(path, content)
        for place, path in enumerate(beside):
            path.replace(targets[place])
            done.append(place)
    except OSError:
        for place in done:
            _restore(targets[place], before[place])
        raise
    finally:
        for path in beside:
            path.unlink(missing_ok=True)


def _restore(path: Path, content: bytes | None) -> None:
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
