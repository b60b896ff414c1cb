"""Chromium, and a page in it that can reach nothing but our own static files, under a strict policy."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

import fifteen.web

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
)
MISSING = f"no browser: install Chromium or Google Chrome ({', '.join(NAMES)}), or name one in FIFTEEN_CHROMIUM."
STATIC = Path(fifteen.web.__file__).with_name("static")
ORIGIN = "http://fifteen.test"  # no such host exists: what is not answered from disk fails
POLICY = "default-src 'none'; script-src 'self'"


def browser_path() -> str | None:
    """`$FIFTEEN_CHROMIUM`, else the first Chromium or Chrome there is."""
    chosen = os.environ.get("FIFTEEN_CHROMIUM")
    if chosen:
        return chosen
    found = next(filter(None, map(shutil.which, NAMES)), None)
    return found or (MAC if Path(MAC).exists() else None)


def no_browser() -> NoReturn:
    """Skip the test and say what to install; where changes are judged ($CI), fail: there nothing may be skipped."""
    if os.environ.get("CI"):
        pytest.fail(MISSING)
    pytest.skip(MISSING)


@contextmanager
def static_page(browser: Browser) -> Iterator[Page]:
    """An empty page on a made-up origin whose `/static/` is answered from disk."""

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(ORIGIN)
        if path == "/":
            route.fulfill(body="<!doctype html>", content_type="text/html", headers={"Content-Security-Policy": POLICY})
        elif path.startswith("/static/") and (STATIC / path.removeprefix("/static/")).is_file():
            route.fulfill(path=STATIC / path.removeprefix("/static/"))
        else:
            route.abort()

    context = browser.new_context()
    context.route("**/*", answer)
    page = context.new_page()
    page.goto(f"{ORIGIN}/")
    yield page
    context.close()


def ask(page: Page, work: str, given: Any) -> Any:
    """`work`, the body of a JavaScript function of `units` (the module) and `given`, in the page; all through JSON."""
    answered = page.evaluate(
        f"""async (text) => {{
            const units = await import("/static/fifteen/units.js");
            const work = (given) => {{ {work} }};
            return JSON.stringify(work(JSON.parse(text)));
        }}""",
        json.dumps(given),
    )
    return json.loads(answered)
