"""Write `docs/rules/`: every rule of the rulebook with what it says, its severity, for whom, since when, by which law.

`--check` changes nothing and fails where a page is not as the rules would make it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from fifteen.rulebook import Rulebook, load_rulebook
from fifteen.rulebook.schema import Entry, Parameter

FOLDER = Path(__file__).parents[1] / "docs" / "rules"
PAGES = {
    "note": ("What a note must hold", "Elements of a note, who may write it, and how it agrees with the claim."),
    "medicare": ("Medicare", "What Medicare's law and manuals set, but for the note."),
    "cpt": ("CPT", "What the time rule of the codes sets."),
    "fifteen": (
        "Our conventions",
        "Where the law is silent and something must be done all the same. None holds a claim.",
    ),
}
PAYERS = {"medicare": "Medicare and payers that follow it", "cpt": "payers that count by it", "fifteen": "all"}
HEAD = "| rule | what it says | severity | payers | dates | citation | status |\n|---|---|---|---|---|---|---|\n"


def pages(rulebook: Rulebook) -> dict[str, str]:
    """Each page of `docs/rules` by its file name."""
    made = {}
    for page, (title, about) in PAGES.items():
        rows = "".join(_row(rulebook, each, dated.entry) for each in _of(rulebook, page) for dated in each.at)
        made[f"{page}.md"] = f"# {title}\n\nMade from the rulebook by `scripts/rules_doc.py`. {about}\n\n{HEAD}{rows}"
    listed = "".join(f"| [{title}]({page}.md) | {about} |\n" for page, (title, about) in PAGES.items())
    made["README.md"] = f"# Rules\n\n| | |\n|---|---|\n{listed}"
    return made


def _of(rulebook: Rulebook, page: str) -> Iterator[Parameter]:
    for id_ in sorted(rulebook.parameters):
        area, _, name = id_.partition(".")
        if page == ("note" if name.startswith("note_") else area):
            yield rulebook.parameters[id_]


def _row(rulebook: Rulebook, parameter: Parameter, entry: Entry) -> str:
    area = parameter.id.partition(".")[0]
    until = f" to {entry.until}" if entry.until else ""
    says = f"{parameter.title}{_asked(entry.value)}"
    return (
        f"| `{parameter.id}` | {says} | {entry.severity} | {PAYERS[area]} | from {entry.start}{until} "
        f"| {rulebook.cite(entry.refs)} | {entry.status} |\n"
    )


def _asked(value: object) -> str:
    """Of which notes an element is asked, and how."""
    if not isinstance(value, dict) or "element" not in value:
        return ""
    when = (
        f", where it names {'a timed service' if value['when'] == 'timed' else value['when']}"
        if "when" in value
        else ""
    )
    when = when.replace("names services", "names any service").replace("names plan", "holds a plan of care")
    when = when.replace("names signed", "is signed")
    codes = f", with {', '.join(value['codes'])}" if "codes" in value else ""
    return f" ({value['asks']}: {', '.join(value['kinds']).replace('-', ' ')}{when}{codes})"


def main(arguments: list[str]) -> int:
    made = pages(load_rulebook())
    if arguments != ["--check"]:
        FOLDER.mkdir(parents=True, exist_ok=True)
        for name, text in made.items():
            (FOLDER / name).write_text(text, "utf-8")
        return 0
    there = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.md")}
    if there != made:
        print("docs/rules is not what the rules would make it; run scripts/rules_doc.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
