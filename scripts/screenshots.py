"""The pictures of docs/guide, from the pages as they are served: `make screenshots`.

With a folder, `scripts/screenshots.py FOLDER` also puts every page of the clinic there, at three sizes, for a look.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, TimeoutError, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.clinic.browser import ClinicSite, served
from tests.clinic.demonstration import Demonstration, opened
from tests.web.browser import ARGUMENTS, MISSING, browser_path

from fifteen.synth import Size

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


# The clinic of the pictures: two patients, a note signed and amended, a draft, a broken glass, a tablet of the house.
FILL = """
import json
import django
django.setup()
from datetime import date
from django.db import transaction
from fifteen.clinic.accounts import break_glass, devices, pins, sessions
from fifteen.clinic.accounts.models import User
from fifteen.clinic.audit.record import Who, acting_as
from fifteen.clinic.notes import services as notes
from fifteen.clinic.people.services import register
from fifteen.clinic.tenancy.context import acting
from fifteen.clinic.tenancy.models import Organization, Site
import sys

with transaction.atomic(), acting(sys.argv[1]):
    site = Site(name="Main Street")
    site.save()
    olga, ana, dev = (User.objects.get(login=each) for each in ("olga", "ana", "dev"))
    with acting_as(Who(actor=ana.id, role=ana.role)):
        lee, roe = register("Morgan Lee", date(1958, 4, 12)), register("Sam Roe", date(1971, 11, 3))
        register("Casey Abernathy-Villanueva", date(1944, 1, 30))
        day = notes.today()
        text = ("S: Walked to the mailbox twice, knee 3/10 afterwards.\\n"
                "O: Gait training 15 min with verbal cues; step-ups 2 x 10 at 6 in, 12 min.\\n"
                "A: Step length more even than last visit.\\nP: Add stairs next visit.")
        signed = notes.start_note(lee, ana, day, content={"text": text})
        first = notes.sign(signed, ana, "PT")
        notes.amend(first, {"text": text.replace("6 in", "8 in")}, "height of the step", ana, "PT")
        draft = notes.start_note(lee, ana, day, content={"text": text.replace("twice", "three times")})
    with acting_as(Who(actor=dev.id, role=dev.role)):
        break_glass.open_(dev, lee, "Fainted in the waiting room, ambulance asks for medication")
    device, tablet = devices.register("Blue tablet", site=site, by=olga)
    tokens = {"tablet": tablet, "half": sessions.begin(ana, mfa=False)[1]}
    for user in (dev, ana):
        pins.set_pin(user, "2580")
        session, tokens["locked"] = sessions.begin(user, mfa=True, device=device)
        devices.opened_by(session, tablet)
    sessions.lock(session)
print(json.dumps({"tokens": tokens, "ids": {
    "lee": lee.id, "roe": roe.id, "signed": signed.id, "draft": draft.id, "ana": ana.id}}))
"""
NOON = "2026-03-02T17:00:00+00:00"
# name: (who: a person or a token of FILL, path)
CLINIC = {
    "log-in": ("", "/login"), "second-proof": ("half", "/login/second"),
    "home": ("olga", "/home"), "home-therapist": ("ana", "/home"),
    "patients": ("ana", "/patients"), "patients-none": ("ana", "/patients?q=Nobody"),
    "patient-new": ("dev", "/patients/new"), "patient": ("ana", "/patients/{lee}"),
    "patient-closed": ("dev", "/patients/{roe}"), "patient-open": ("dev", "/patients/{lee}"),
    "forbidden": ("dev", "/notes/made-up/draft"), "break-glass": ("dev", "/break-glass/{roe}"),
    "break-glass-open": ("dev", "/break-glass/{lee}"), "break-glass-alerts": ("olga", "/break-glass"),
    "note-draft": ("ana", "/notes/{draft}"), "note-sign": ("ana", "/notes/{draft}/sign"),
    "note-signed": ("ana", "/notes/{signed}"), "note-amend": ("ana", "/notes/{signed}/amend"),
    "note-open": ("dev", "/notes/{signed}"), "people": ("olga", "/people"), "person": ("olga", "/people/{ana}"),
    "sessions": ("olga", "/sessions"), "sessions-all": ("olga", "/sessions/all"), "proofs": ("ana", "/proofs"),
    "security": ("olga", "/security"), "trail": ("olga", "/audit"),
    "locked-tablet": ("locked", "/locked"), "switch": ("locked", "/switch"),
}  # fmt: skip
SHOWN = {"people": "desktop", "patient-open": "tablet", "locked-tablet": "tablet"}  # by docs/guide/people.md
# The demonstration, always of the same seed and present. name: (role, size, path with what was planted, what is tapped)
WALKED: dict[str, tuple[str, str, str, tuple[str, ...]]] = {
    "demo-door": ("", "desktop", "/demo", ()),
    "demo-find": ("therapist", "phone", "/demo#planted", ()),
    "demo-home-phone": ("therapist", "phone", "/home", ()),
    "chart-patients": ("therapist", "tablet", "/patients", ()),
    "chart-episode": ("therapist", "tablet", "{assistant-cq}", ()),
    "chart-visit": ("therapist", "desktop", "/visits/{visit}", ()),
    "chart-scores": ("therapist", "desktop", "{assistant-cq}/scores", ()),
    "chart-note": ("therapist", "tablet", "/notes/{note}", ()),
    "chart-day": ("therapist", "desktop", "/day?date={date}#twice", ()),
    "chart-visit-phone": ("therapist", "phone", "/visits/{visit}", ("details.fact >> nth=0",)),
    "desk-coverage": ("front_desk", "tablet", "{authorization-running-out}/../../coverage", ()),
    "desk-schedule": ("front_desk", "desktop", "/schedule", ()),
    "desk-schedule-phone": ("front_desk", "phone", "/schedule", ()),
    "import-columns": ("biller", "tablet", "/import", ("IMPORT",)),
    "import-tried": ("biller", "desktop", "/import", ("IMPORT", "text=Try it without storing")),
    "import-phone": ("biller", "phone", "/import", ("IMPORT", "text=Try it without storing")),
}  # fmt: skip
# What is given to the import.
GIVEN = Path(__file__).parents[1] / "examples" / "import" / "patients.csv"
TAP = 5_000  # milliseconds in which something that is tapped must be there


def main() -> int:
    path = browser_path()
    if path is None:
        print(f"No picture was made: {MISSING}", file=sys.stderr)
        return 1
    aside = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else None
    for folder in filter(None, (FOLDER, aside)):
        folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            made = _public(browser) + _clinic(browser, aside) + _walked(browser, aside)
        except Missing as missed:
            print(f"{missed} The pictures before it are made, those after it are as they were.", file=sys.stderr)
            return 1
        finally:
            browser.close()
    print(f"{made} pictures in {FOLDER}{f' and {aside}' if aside else ''}")
    return 0


class Missing(Exception):
    """What should be tapped is not there."""


def _public(browser: Browser) -> int:
    """The pages that anyone opens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(Path(sys.executable).with_name("fifteen")), "serve", "--port", str(port), "--no-browser"]
    with (
        tempfile.TemporaryDirectory() as home,
        subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "FIFTEEN_HOME": home}) as server,
    ):
        try:
            assert server.stdout is not None
            server.stdout.readline()
            for name, (address, size, scheme, taps) in PICTURES.items():
                with _context(browser, size, scheme) as context:
                    page = context.new_page()
                    page.goto(f"http://localhost:{port}{address}")
                    page.wait_for_load_state("networkidle")
                    for tap in taps:
                        _tap(page, tap, name)
                    page.screenshot(path=FOLDER / f"{name}.png", animations="disabled")
        finally:
            server.terminate()
    return len(PICTURES)


def _clinic(browser: Browser, aside: Path | None) -> int:
    """The pages behind the log-in: those that the guide shows, and with a folder aside all, at each size."""
    made = 0
    with tempfile.TemporaryDirectory() as home, served(Path(home), NOON) as site:
        filled = site.run(FILL, site.organization)
        for size in SIZES:
            for name, (who, address) in CLINIC.items():
                shown = FOLDER / f"{name}.png" if SHOWN.get(name) == size else None
                if shown is None and aside is None:
                    continue
                with _context(browser, size, "light") as context:
                    _enter(context, site, who, filled["tokens"])
                    page = context.new_page()
                    page.goto(site.url + address.format(**filled["ids"]))
                    page.wait_for_load_state("networkidle")
                    for path in filter(None, (shown, aside and aside / f"{name}-{size}.png")):
                        page.screenshot(path=path, animations="disabled", full_page=path != shown)
                        made += 1
    return made


def _walked(browser: Browser, aside: Path | None) -> int:
    """The demonstration as its people see it: what the guide shows, and with a folder aside the whole page too."""
    with tempfile.TemporaryDirectory() as home, opened(Path(home), Size()) as demo:
        for name, (role, size, address, taps) in WALKED.items():
            with _context(browser, size, "light") as context:
                page = context.new_page()
                _come_in(page, demo, role)
                told = demo.charts | {each: getattr(demo.overlap, each) for each in ("visit", "note", "date")}
                page.goto(demo.url + address.format(**told))
                for tap in taps:
                    _give(page) if tap == "IMPORT" else _tap(page, tap, name)
                page.wait_for_load_state("networkidle")
                page.screenshot(path=FOLDER / f"{name}.png", animations="disabled")
                if aside:
                    page.screenshot(path=aside / f"{name}.png", animations="disabled", full_page=True)
    return len(WALKED)


def _come_in(page: Page, demo: Demonstration, role: str) -> None:
    """Through the door of the demonstration as somebody with this role."""
    if role:
        page.goto(f"{demo.url}/demo")
        page.get_by_role("button", name=demo.member(role).name).click(timeout=TAP)
        page.wait_for_url("**/home")


def _give(page: Page) -> None:
    """The example, with a line whose date no calendar has."""
    lines = GIVEN.read_text("utf-8").splitlines()
    broken = lines[1].replace("N-1001", "N-1099").replace("1950-05-01", "1950-02-30")
    content = "\n".join((*lines, broken)).encode()
    page.locator("input[type=file]").set_input_files(
        {"name": "patients.csv", "mimeType": "text/csv", "buffer": content}
    )
    page.get_by_role("button", name="Look at its columns").click(timeout=TAP)
    page.wait_for_load_state("networkidle")


def _enter(context: BrowserContext, site: ClinicSite, who: str, tokens: dict[str, str]) -> None:
    if who in site.people:
        site.log_in(context, who)
    elif who:
        given = {"fifteen": tokens[who]} | ({"fifteen-device": tokens["tablet"]} if who == "locked" else {})
        context.add_cookies([{"name": name, "value": value, "url": site.url} for name, value in given.items()])


@contextmanager
def _context(browser: Browser, size: str, scheme: str) -> Iterator[BrowserContext]:
    width, height = SIZES[size]
    view: Any = {"viewport": {"width": width, "height": height}, "color_scheme": scheme}
    context = browser.new_context(**view, locale="en-US")
    context.set_default_timeout(30_000)
    try:
        yield context
    finally:
        context.close()


def _tap(page: Page, tap: str, name: str) -> None:
    try:
        page.locator(tap).first.click(timeout=TAP)
    except TimeoutError as error:
        raise Missing(
            f"{name}: nothing could be tapped at {tap!r} within {TAP // 1000} seconds; if the page has changed, "
            "name what is tapped now in PICTURES."
        ) from error


if __name__ == "__main__":
    sys.exit(main())
