"""Write the sha256 of each table of the package's rulebook into the TOML file beside it, after a meant change."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

TABLES = Path(__file__).parents[1] / "src/fifteen/rulebook/data/tables"


def main() -> None:
    for table in sorted(TABLES.glob("*.csv")):
        about = table.with_suffix(".toml")
        text = about.read_text("utf-8")
        stamped = re.sub(
            r'^sha256 = ".*"$',
            f'sha256 = "{hashlib.sha256(table.read_bytes()).hexdigest()}"',
            text,
            flags=re.M,
        )
        if stamped != text:
            about.write_text(stamped, "utf-8")
            print(f"{about.name}: new sha256")


if __name__ == "__main__":
    main()
