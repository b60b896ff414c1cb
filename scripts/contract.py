"""Write `docs/contract/*.schema.json`, the JSON that each command prints, from the records themselves.

The contract only grows: a key that is gone or has another type is refused, and nothing is written.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from fifteen.cli.aliases import AliasesShown
from fifteen.cli.rescue import Rescued
from fifteen.cli.scribe import Scribed
from fifteen.clinic.audit.proof import Proven
from fifteen.clinic.importing.answer import ImportAnswer
from fifteen.engine.assess import DayAnswer, NotesAnswer
from fifteen.engine.day import Context, Day
from fifteen.engine.documentation.note import Note
from fifteen.engine.edits.explain_pairs import PairsExplained
from fifteen.engine.pricing import PriceAnswer
from fifteen.engine.units import UnitsAnswer
from fifteen.rulebook.catalogue import RulebookShown
from fifteen.scribe.corrections import Correction

FOLDER = Path(__file__).parents[1] / "docs" / "contract"
ANSWERS: dict[str, type] = {
    "assess": DayAnswer,
    "import": ImportAnswer,
    "note-check": NotesAnswer,
    "price": PriceAnswer,
    "rescue": Rescued,
    "rulebook-aliases": AliasesShown,
    "rulebook-explain": PairsExplained,
    "rulebook-show": RulebookShown,
    "scribe": Scribed,
    "units": UnitsAnswer,
    "verify": Proven,
}
SPARSE = frozenset({"Resistance"})  # prints only the keys that were stated, as the contract says
INPUTS: dict[str, type] = {"context": Context, "correction": Correction, "day": Day, "note": Note}
COMMANDS = {**ANSWERS, **INPUTS}


def schema(record: type) -> dict[str, Any]:
    """The record's JSON schema; every key of an answer is printed but those of SPARSE, so all others are required."""
    found = msgspec.json.schema(record)
    if record not in ANSWERS.values():
        return found
    for name, part in found["$defs"].items():
        if "properties" in part and name not in SPARSE:
            part["required"] = list(part["properties"])
    return found


def broken(old: Any, new: Any, path: str = "") -> list[str]:
    """Places where `new` lost or retyped what `old` promised; keys that were added are no breach."""
    found = []
    if isinstance(old, dict) and isinstance(new, dict):
        for key, value in old.items():
            if key in ("title", "description", "required", "default"):
                continue
            if key not in new:
                found.append(f"{path}/{key} is gone")
            else:
                found += broken(value, new[key], f"{path}/{key}")
    elif isinstance(old, list) and isinstance(new, list):
        found += [f"{path} lost {value}" for value in old if value not in new]
    elif old != new:
        found.append(f"{path} was {old} and is {new}")
    return found


def main() -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, record in COMMANDS.items():
        path = FOLDER / f"{name}.schema.json"
        new = schema(record)
        breaches = broken(json.loads(path.read_text("utf-8")), new) if path.exists() else []
        if breaches:
            print(f"{path.name}: the contract only gains keys; keep these: {'; '.join(breaches)}", file=sys.stderr)
            return 1
        path.write_text(json.dumps(new, indent=2) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
