"""How well the scribe reads: `make scribe-eval`, or `scripts/scribe_eval.py --set PATH ... [--show]`.

A set is a jsonl of notes with `expected`, a jsonl of traps with `allowed_minutes`, `names.txt` (written, tab, plain
name) or `noise.txt` (a text a line in which there is nothing to read). Without --set tests/cases/scribe is read whole.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from fifteen.scribe.draft import Draft

FOLDER = Path(__file__).parents[1] / "tests" / "cases" / "scribe"
ON = date(2026, 3, 2)
DOSE = (
    "side",
    "sets",
    "reps",
    "hold_s",
    "duration_s",
    "resistance",
    "level",
    "grade",
    "distance",
    "height",
    "rep_scheme",
)
AIDS = ("assist", "cues", "device", "position", "support", "condition")
LEGEND = """
A cell is a share with its Wilson 95 % interval and the counts behind it. In a note of a set:
minutes P, R   (family, minutes) as a multiset: of what was drafted, how much was expected; of what was expected, how
               much was drafted. A service without minutes counts in neither.
exercise F1    exercises within a note: of one name, or of two that the lexicon knows as one; precision and recall.
called so      of the exercises expected, those whose name is word for word the one expected.
dose exact     of exercises whose name was found: side, sets, reps, hold, duration, load, level, grade, distance,
               height. Absent sets are 1; of a hold or a duration sets and repetitions may change places.
aids exact     of the same: assistance, cues, device, position, support and condition, word for word.
whole note     services, minutes, names and doses all as expected, and pain and totals where the set names them.
phantoms       drafted services of a family nobody expected, or made only of what was not done today.
asked          questions in a note: median / 95th percentile."""

Reader = Callable[[str, str], Draft]


class Ratio(msgspec.Struct, frozen=True):
    """Hits of a number of chances."""

    hits: int = 0
    of: int = 0

    def __add__(self, other: Ratio) -> Ratio:
        return Ratio(self.hits + other.hits, self.of + other.of)

    def __str__(self) -> str:
        if not self.of:
            return "-"
        low, high = wilson(self.hits, self.of)
        return f"{self.hits / self.of:.3f} [{low:.2f} {high:.2f}] {self.hits}/{self.of}"


class NoteScore(msgspec.Struct, frozen=True, kw_only=True):
    """One note beside what was expected of it."""

    precision: Ratio
    recall: Ratio
    named: Ratio
    found: Ratio
    called: Ratio
    dose: Ratio
    aids: Ratio
    phantoms: Ratio
    whole: bool
    questions: int


class TrapScore(msgspec.Struct, frozen=True, kw_only=True):
    """A trap: minutes and services that nobody stated, allowed minutes found, and services of which it says nothing."""

    minutes: tuple[tuple[str, int], ...]
    services: tuple[str, ...]
    allowed: Ratio
    silent: int


def wilson(hits: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """The Wilson interval of a share, by default at 95 %."""
    share, spread = hits / of, z * z / of
    middle = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / of + spread / of / 4) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


# -- notes -------------------------------------------------------------------------------------------------------


def score_note(draft: Draft, expected: dict[str, Any], known_as: Callable[[str], str] = str) -> NoteScore:
    """`draft` beside `expected` as the cases write it: interventions with family, minutes and exercises.

    `known_as` gives the lexicon's name of a name; two names that it knows as one are one exercise.
    """
    drafted = msgspec.to_builtins(draft)
    wanted = expected["interventions"]
    given = [(each["family"], each["minutes"]) for each in drafted["services"]]
    due = _settled(wanted, given)
    minutes_given, minutes_due = _counted(given), _counted(due)
    both = (minutes_given & minutes_due).total()
    theirs = _exercises(wanted)
    called = Ratio(_as_called(_exercises(drafted["services"]), theirs), len(theirs))
    mine = _called(_exercises(drafted["services"]), theirs, known_as)
    names_mine, names_theirs = Counter(map(_name, mine)), Counter(map(_name, theirs))
    matched = (names_mine & names_theirs).total()
    dose = Ratio(_same(mine, theirs, _dose), matched)
    phantoms = _phantoms(drafted["services"], {family for family, _ in due}, names_theirs, expected)
    whole = Counter(given) == Counter(due) and names_mine == names_theirs and dose.hits == matched
    return NoteScore(
        precision=Ratio(both, minutes_given.total()),
        recall=Ratio(both, minutes_due.total()),
        named=Ratio(matched, len(mine)),
        found=Ratio(matched, len(theirs)),
        called=called,
        dose=dose,
        aids=Ratio(_same(mine, theirs, _aids), matched),
        phantoms=Ratio(phantoms, len(given)),
        whole=whole and _beside(drafted, expected),
        questions=len(drafted["questions"]),
    )


def _settled(wanted: Sequence[dict[str, Any]], given: Sequence[tuple[str, int | None]]) -> list[tuple[str, int | None]]:
    """What was expected; where a case allows another family (`family_ok`) and that one was drafted, that one."""
    found = []
    for each in wanted:
        also = each.get("family_ok", ())
        families = [each["family"], *([also] if isinstance(also, str) else also)]
        pairs = [(family, each["minutes"]) for family in families]
        found.append(next((pair for pair in pairs if pair in given), pairs[0]))
    return found


def _counted(pairs: Iterable[tuple[str, int | None]]) -> Counter[tuple[str, int | None]]:
    return Counter(pair for pair in pairs if pair[1] is not None)


def _exercises(services: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for service in services for each in service.get("exercises", ())]


def _name(exercise: dict[str, Any]) -> str:
    return " ".join(exercise["name"].lower().split())


def _called(
    mine: Sequence[dict[str, Any]], theirs: Sequence[dict[str, Any]], known_as: Callable[[str], str]
) -> list[dict[str, Any]]:
    """Each exercise by the name the case gives it, where that is its name as said or the lexicon knows both as one."""
    wanted = {known_as(_name(each)): _name(each) for each in theirs}
    exact = {_name(each) for each in theirs}
    made = []
    for each in mine:
        names = [_name(each), *([_name({"name": each["known_as"]})] if each.get("known_as") else [])]
        same = [name for name in names if name in exact] + [
            wanted[known_as(name)] for name in names if known_as(name) in wanted
        ]
        made.append({**each, "name": same[0]} if same else each)
    return made


def _as_called(mine: Sequence[dict[str, Any]], theirs: Sequence[dict[str, Any]]) -> int:
    """How many exercises are called just as the case calls them."""
    return (Counter(map(_name, mine)) & Counter(map(_name, theirs))).total()


def _same(mine: Sequence[dict[str, Any]], theirs: Sequence[dict[str, Any]], of: Callable[[dict[str, Any]], str]) -> int:
    """How many exercises of one name agree in `of`, each taken once."""
    return (
        Counter((_name(each), of(each)) for each in mine) & Counter((_name(each), of(each)) for each in theirs)
    ).total()


def _dose(exercise: dict[str, Any]) -> str:
    """The dose in one form: `distance_ft` and `height_in` as amounts, absent sets 1, a hold's counts in order."""
    found = {key: exercise.get(key) for key in DOSE}
    for key, old, unit in (("distance", "distance_ft", "ft"), ("height", "height_in", "in")):
        if exercise.get(old) is not None:
            found[key] = {"value": exercise[old], "unit": unit}
    found["sets"] = found["sets"] or 1
    if found["hold_s"] or found["duration_s"]:
        found["sets"], found["reps"] = sorted((found["sets"], found["reps"] or 1))
    return json.dumps(_plain(found), sort_keys=True)


def _aids(exercise: dict[str, Any]) -> str:
    return json.dumps(_plain({key: exercise.get(key) for key in AIDS}), sort_keys=True)


def _plain(value: Any) -> Any:
    """Without what is absent; 2.0 is 2, `III` is `iii`, and an empty part is absent."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items() if each not in (None, "", [], ())}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return " ".join(value.lower().split()) if isinstance(value, str) else value


def _phantoms(
    services: Sequence[dict[str, Any]], families: set[str], names: Counter[str], expected: dict[str, Any]
) -> int:
    left_out = {
        _name(each if isinstance(each, dict) else {"name": each}) for each in expected.get("not_performed", ())
    } - set(names)  # fmt: skip
    return sum(
        service["family"] not in families
        or (bool(service["exercises"]) and all(_name(each) in left_out for each in service["exercises"]))
        for service in services
    )


def _beside(drafted: dict[str, Any], expected: dict[str, Any]) -> bool:
    """Pain and totals, where the case names them."""
    totals = (("total_timed_min", "total_timed_minutes"), ("total_min", "total_minutes"))
    if any(key in expected and expected[key] != drafted[own] for key, own in totals):
        return False
    pain = [sorted(each["value"] for each in part) for part in (expected.get("pain", ()), drafted["pain"])]
    return "pain" not in expected or pain[0] == pain[1]


# -- traps, names and noise --------------------------------------------------------------------------------------


def score_trap(draft: Draft, allowed: Sequence[Sequence[Any]]) -> TrapScore:
    """What `draft` holds beyond the `allowed` pairs of family and minutes."""
    due = Counter((family, minutes) for family, minutes in allowed)
    given = Counter((each.family, each.minutes) for each in draft.services if each.minutes is not None)
    families = {family for family, _ in due}
    return TrapScore(
        minutes=tuple((given - due).elements()),
        services=tuple(family for family, _ in given.elements() if family not in families),
        allowed=Ratio((given & due).total(), due.total()),
        silent=sum(each.minutes is None for each in draft.services),
    )


def is_known(draft: Draft, name: str) -> bool:
    """Is an exercise in the draft that is known, and called by this plain name as said or in the lexicon?"""
    names = [each for service in draft.services for each in service.exercises if each.known]
    called = {_name({"name": said}) for each in names for said in (each.name, each.known_as) if said is not None}
    return _name({"name": name}) in called


def is_read(draft: Draft) -> bool:
    """Is just one exercise in the draft, and known by whatever name?"""
    names = [each for service in draft.services for each in service.exercises]
    return len(names) == 1 and names[0].known


def is_empty(draft: Draft) -> bool:
    """Was nothing read and nothing asked, and does the draft say so?"""
    said = [each.id for each in draft.findings] == ["scribe.no-treatment"]
    return said and msgspec.structs.replace(draft, findings=()) == Draft(text=draft.text)


# -- the report --------------------------------------------------------------------------------------------------


def table(scores: Sequence[tuple[dict[str, Any], NoteScore]]) -> list[list[str]]:
    """A row for all notes, and one for each kind, discipline and writer."""
    rows = [["", "notes", "minutes P", "minutes R", "exercise F1", "called so", "dose exact", "aids exact"]]
    rows[0] += ["whole note", "phantoms", "asked"]
    rows.append(_row("all", [score for _, score in scores]))
    for key in ("kind", "discipline", "writer"):
        for value in sorted({each[key] for each, _ in scores if each.get(key)}):
            rows.append(_row(value, [score for each, score in scores if each.get(key) == value]))
    return rows


def _row(name: str, scores: Sequence[NoteScore]) -> list[str]:
    def total(part: str) -> Ratio:
        return sum((getattr(score, part) for score in scores), Ratio())

    whole = Ratio(sum(score.whole for score in scores), len(scores))
    ratios = (total("called"), total("dose"), total("aids"), whole, total("phantoms"))
    f1 = _f1(total("named"), total("found"))
    asked = sorted(score.questions for score in scores)
    most = asked[math.ceil(len(asked) * 0.95) - 1]
    row = [name, str(len(scores)), str(total("precision")), str(total("recall")), f1, *map(str, ratios)]
    return [*row, f"{statistics.median(asked):g} / {most}"]


def _f1(named: Ratio, found: Ratio) -> str:
    if not named.of + found.of:
        return "-"
    parts = ("-" if not each.of else f"{each.hits / each.of:.2f}" for each in (named, found))
    return f"{(named.hits + found.hits) / (named.of + found.of):.3f} ({' '.join(parts)})"


def _printed(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


class Report:
    """What the sets hold together: scores of notes, lines about traps, names and noise, and what failed."""

    def __init__(self, read: Reader, known_as: Callable[[str], str] = str) -> None:
        self.read, self.known_as = read, known_as
        self.scores: list[tuple[dict[str, Any], NoteScore]] = []
        self.lines: list[str] = []
        self.failed: list[str] = []

    def add(self, path: Path) -> None:
        """Score the texts of one file, by what it holds."""
        lines = [line for line in path.read_text("utf-8").splitlines() if line.strip()]
        if path.suffix == ".jsonl":
            items = [json.loads(line) for line in lines]
            self._notes([each for each in items if "expected" in each])
            self._traps(path.name, [each for each in items if "allowed_minutes" in each])
        elif any("\t" in line for line in lines):
            self._names(path.name, [line.split("\t") for line in lines])
        else:
            self._noise(path.name, lines)

    def _notes(self, items: Sequence[dict[str, Any]]) -> None:
        for each in items:
            draft = self.read(each["text"], each.get("discipline", "PT"))
            score = score_note(draft, each["expected"], self.known_as)
            self.scores.append((each, score))
            if not score.whole or score.phantoms.hits:
                self.failed.append(_difference(each, draft))

    def _traps(self, name: str, items: Sequence[dict[str, Any]]) -> None:
        scores = []
        for each in items:
            draft = self.read(each["text"], each.get("discipline", "PT"))
            score = score_trap(draft, each["allowed_minutes"])
            scores.append(score)
            if score.minutes or score.allowed.hits < score.allowed.of:
                given = [(service.family, service.minutes) for service in draft.services]
                self.failed.append(f"{_head(each)}\n  allowed {each['allowed_minutes']}, drafted {given}")
        if scores:
            self.lines.append(
                f"{name}: {sum(len(each.minutes) for each in scores)} minutes and "
                f"{sum(len(each.services) for each in scores)} services with minutes invented in {len(scores)} traps; "
                f"allowed minutes read {sum((each.allowed for each in scores), Ratio())}; "
                f"{sum(each.silent for each in scores)} services without minutes, which the set does not judge"
            )

    def _names(self, name: str, pairs: Sequence[Sequence[str]]) -> None:
        drafts = [(pair, self.read(f"TE: {pair[0]} x10", "PT")) for pair in pairs]
        self.failed += [f"{name}: {pair[0]!r} is not known" for pair, draft in drafts if not is_read(draft)]
        known = Ratio(sum(is_read(draft) for _, draft in drafts), len(drafts))
        called = Ratio(sum(is_known(draft, pair[1]) for pair, draft in drafts), len(drafts))
        self.lines.append(f"{name}: names known {known}; called as the set calls them {called}")

    def _noise(self, name: str, texts: Sequence[str]) -> None:
        drafts = [self.read(text, "PT") for text in texts]
        wrong = [each for each in drafts if not is_empty(each)]
        self.failed += [f"{name}: something was read in {each.text!r}" for each in wrong]
        served = sum(bool(each.services) for each in wrong)
        self.lines.append(f"{name}: drafts not empty {Ratio(len(wrong), len(texts))}, {served} of them with a service")

    def __str__(self) -> str:
        parts = [_printed(table(self.scores))] if self.scores else []
        return "\n".join([*parts, *self.lines, LEGEND])


def _head(item: dict[str, Any]) -> str:
    return f"{item.get('id', '')}: {item['text']}"


def _difference(item: dict[str, Any], draft: Draft) -> str:
    """What a note was expected to hold and what was drafted, line by line where they differ."""
    wanted = _lines(item["expected"]["interventions"])
    given = _lines(msgspec.to_builtins(draft)["services"])
    lines = [f"  - {each}" for each in (wanted - given).elements()] + [
        f"  + {each}" for each in (given - wanted).elements()
    ]
    return "\n".join([_head(item), *(lines or ["  pain or totals differ"])])


def _lines(services: Sequence[dict[str, Any]]) -> Counter[str]:
    found = [f"{each['family']} {each['minutes']}" for each in services]
    return Counter(found + [f"{_name(each)} {_dose(each)}" for each in _exercises(services)])


def reader() -> tuple[Reader, Callable[[str], str]]:
    """The scribe's reader with the rulebook of this package, and what its lexicon knows a name as."""
    from fifteen import load_rulebook
    from fifteen.scribe.lexicon import lexicon
    from fifteen.scribe.read import read

    rulebook = load_rulebook()
    return (lambda text, discipline: read(text, rulebook, discipline=discipline, on=ON)), lexicon(rulebook, ON).known_as


def main(args: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", action="append", type=Path, metavar="PATH", help="a file; repeatable")
    parser.add_argument("--show", action="store_true", help="print each text that failed: - expected, + drafted")
    asked = parser.parse_args(args)
    report = Report(*reader())
    for path in asked.set or sorted([*FOLDER.glob("*.jsonl"), *FOLDER.glob("*.txt")]):
        report.add(path)
    if asked.show:
        print("\n".join(report.failed), end="\n\n")
    print(report)
    return 0


if __name__ == "__main__":
    sys.exit(main())
