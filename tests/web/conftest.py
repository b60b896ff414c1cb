"""The pages as they are served, and a browser to open them in."""

from __future__ import annotations

import atexit
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from fifteen.web import surroundings
from tests.rulebook.conftest import Shelf
from tests.web.browser import ARGUMENTS, browser_path, no_browser

# Playwright's loop runs in this thread; no page of these tests touches a database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
WATCH = """
window.__violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.__violations.push(`${event.violatedDirective} ${event.blockedURI}`));
"""


@pytest.fixture(scope="session", autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Never the real home of whoever runs the tests."""
    home = tmp_path_factory.mktemp("home")
    os.environ["FIFTEEN_HOME"] = str(home)
    return home


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """Layers of this test's own under the pages."""
    shelf = Shelf(tmp_path_factory.mktemp("own"))
    monkeypatch.setattr(surroundings, "rulebook", shelf.load)
    return shelf


@cache
def engine() -> Playwright:
    """The one Playwright of this process: a second beside it cannot be, whoever asks for a browser."""
    started = sync_playwright().start()
    atexit.register(started.stop)
    return started


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = browser_path()
    if path is None:
        no_browser()
    started = engine().chromium.launch(executable_path=path, args=ARGUMENTS)
    yield started
    started.close()


@pytest.fixture(scope="session")
def site(own_home: Path) -> Iterator[str]:
    """`fifteen serve` on a port of its own; its address without a path."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(Path(sys.executable).with_name("fifteen")), "serve", "--port", str(port), "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert f"http://127.0.0.1:{port}/units" in server.stdout.readline()
        yield f"http://localhost:{port}"
        server.terminate()


class Watched:
    """A page, and everything it complained of."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.said: list[str] = []
        page.on("console", lambda message: self.said.append(message.text) if message.type != "log" else None)
        page.on("pageerror", lambda error: self.said.append(str(error)))

    def check(self) -> None:
        """No error on the console, no breach of the content policy."""
        assert self.said == []
        assert self.page.evaluate("window.__violations") == []

    def axe(self) -> list[str]:
        """What axe finds against WCAG 2.2 AA; evaluated, since a script element would break the policy."""
        self.page.evaluate(AXE.read_text("utf-8"))
        tags = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']"
        found = self.page.evaluate(f"async () => (await axe.run(document, {{runOnly: {tags}}})).violations")
        return [f"{each['id']}: {node['html'][:160]}" for each in found for node in each["nodes"]]


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(viewport={"width": 1180, "height": 820}, locale="en-US")
    opened.add_init_script(WATCH)
    opened.set_default_timeout(10_000)
    yield opened
    opened.close()


@pytest.fixture
def watched(context: BrowserContext) -> Iterator[Watched]:
    found = Watched(context.new_page())
    yield found
    found.check()
