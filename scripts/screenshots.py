"""The pictures of docs/guide, from the pages as they are served: `make screenshots`."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.web.browser import ARGUMENTS, MISSING, browser_path

FOLDER = Path(__file__).parents[1] / "docs" / "guide" / "pictures"
DAY = "on=2026-03-02"  # a fixed day, so that a picture changes only with the page
# The morning of examples/days with C retyped from memory.
MORNING = (
    "i=A,97140,T,08:03-08:15;A,,aide,08:15-08:19,unskilled;A,97110,T,08:19-08:33;B,97110,T,08:15-08:19;"
    "B,97530,T,08:33-08:42;B,97140,T,08:42-08:50;C,97110,As,08:30-08:46;C,97112,T,08:46-09:00"
)
SIZES = {"desktop": (1440, 900), "tablet": (1180, 820), "phone": (390, 844)}

# name: (path, size, scheme, what is tapped first)
PICTURES: dict[str, tuple[str, str, str, tuple[str, ...]]] = {
    "units-side-by-side": (
        f"/units?s=97110:24,97112:8,97116:10&with=midpoint&printed=4&lang=en&{DAY}", "desktop", "light", (),
    ),
    "units-explained": (
        f"/units?s=97110:13%2B23a,97140:30&lang=en&{DAY}", "tablet", "light", ("details.code summary",),
    ),
    "units-tie-phone": (f"/units?s=97112:20,97110:20&lang=en&{DAY}", "phone", "dark", ("#answer .tie h3",)),
    "units-spanish": (
        f"/units?s=97110:18,97140:13,97116:10,97035:8&lang=es&{DAY}", "tablet", "dark",
        ("details.code:nth-of-type(3) summary",),
    ),
    "units-pairs": ("/units?s=97530:30,97750:20&lang=en&on=2026-11-25", "tablet", "light", ()),
    "timeline-overlap": (f"/timeline?{MORNING}&lang=en&{DAY}", "tablet", "light", ()),
    "rules": ("/rules?lang=en&on=2026-03-02", "desktop", "light", ()),
}  # fmt: skip


def main() -> int:
    path = browser_path()
    if path is None:
        print(f"No picture was made: {MISSING}", file=sys.stderr)
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(Path(sys.executable).with_name("fifteen")), "serve", "--port", str(port), "--no-browser"]
    with (
        tempfile.TemporaryDirectory() as home,
        subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "FIFTEEN_HOME": home}) as server,
        sync_playwright() as playwright,
    ):
        assert server.stdout is not None
        server.stdout.readline()
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        for name, (address, size, scheme, taps) in PICTURES.items():
            width, height = SIZES[size]
            page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
            page.goto(f"http://localhost:{port}{address}")
            page.wait_for_load_state("networkidle")
            for tap in taps:
                page.locator(tap).first.click()
            page.screenshot(path=FOLDER / f"{name}.png", animations="disabled")
            page.close()
        browser.close()
        server.terminate()
    print(f"{len(PICTURES)} pictures in {FOLDER.relative_to(Path.cwd())}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
