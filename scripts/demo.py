"""The main job on the examples: what a popular guide prints, and what the payer's rule allows."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

from fifteen import count_units, load_rulebook

EXAMPLES = Path(__file__).parents[1] / "src" / "fifteen" / "web" / "popular_answers.toml"
# A fixed day, so that the page is the same whenever it is made.
DAY = date(2026, 3, 2)


def _units(allocation: dict[str, int] | None) -> str:
    return ", ".join(f"{code} x{units}" for code, units in (allocation or {}).items() if units)


def main() -> None:
    rulebook = load_rulebook()
    print("Four worked examples from a popular guide, counted again.\n")
    wrong = []
    for example in tomllib.loads(EXAMPLES.read_text("utf-8"))["example"]:
        minutes, printed = example["minutes"], example["printed"]
        medicare = count_units(minutes, rulebook, on=DAY)
        midpoint = count_units(minutes, rulebook, on=DAY, payer=None, method="midpoint")
        print(f"{example['title']}: {', '.join(f'{code} {each} min' for code, each in minutes.items())}")
        print(f"  the guide    {printed}")
        print(f"  Medicare     {medicare.timed_units}   {_units(medicare.suggested)}")
        print(f"  midpoint     {midpoint.timed_units}   {_units(midpoint.suggested)}")
        if medicare.timed_units is not None and printed > medicare.timed_units:
            wrong.append((example["title"], printed, medicare))
            print(f"  Too many for Medicare: the guide claims {printed}, the minutes support {medicare.timed_units}.")
            for reason in medicare.explain:
                print(f"    {reason.code} unit {reason.unit}: {reason.because}")
            for each in medicare.documented:
                print(f"    {each.code}: its {each.minutes} minutes are documented and earn no unit.")
            print(f"    [{medicare.explain[0].cite}]")
        print()
    print(f"{len(wrong)} of the printed answers would be overclaimed to Medicare. They are the CPT midpoint's,")
    print("a different rule that some other payers use: it looks at each code alone and never at the day's total.\n")
    print("Try next:")
    print("  .venv/bin/fifteen units 97110:33 97140:7               every unit explained, with its source")
    print("  .venv/bin/fifteen units 97112:20 97110:20              a tie that only the clinician can settle")
    print("  .venv/bin/fifteen units 97110:20 --payer aetna         what is not known is said, never guessed")
    print("  .venv/bin/fifteen rulebook show medicare.timed_unit    the rule itself, its date and its source")
    print("  .venv/bin/fifteen serve --demo                         a fictional practice to walk through")


if __name__ == "__main__":
    main()
