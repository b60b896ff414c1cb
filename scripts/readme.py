"""Put the real output of the demo and of the first command into README.md; `--check` only compares."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
# The day is fixed so that the page is the same whenever it is made.
COMMAND = ["fifteen", "units", "97110:33", "97140:7", "--on", "2026-03-02"]


def output(*command: str) -> str:
    environment = {**os.environ, "COLUMNS": "96"}
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout.rstrip()


def made() -> str:
    folder = Path(sys.executable).parent
    demo = output(sys.executable, str(ROOT / "scripts" / "demo.py"))
    units = output(str(folder / COMMAND[0]), *COMMAND[1:])
    blocks = iter([demo, f"$ {' '.join(COMMAND)}\n{units}"])
    return re.sub(
        r"^```text\n.*?^```$",
        lambda _: f"```text\n{next(blocks)}\n```",
        README.read_text("utf-8"),
        flags=re.M | re.S,
    )


def main() -> int:
    text = made()
    if "--check" not in sys.argv:
        README.write_text(text, "utf-8")
        return 0
    if text != README.read_text("utf-8"):
        print("README.md does not show what the commands print; run scripts/readme.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
