"""The timeline in a browser: drawn with a pointer, worked with keys alone, without scripts, and read by axe."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from tests.tiers import LOOKS, SIZES

pytest.importorskip("django", reason="the pages need `fifteen[web]`")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fifteen.settings.base")

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

AXE = Path(__file__).with_name("vendor") / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
ON = "on=2026-03-02"
TURN = f"{ON}&i=B,97140,T,08:42-08:50;C,97112,T,08:50-09:04"
OVERLAP = f"{ON}&i=B,97140,T,08:42-08:50;C,97112,T,08:46-09:00"
STATES = {
    "empty": ON,
    "answer": TURN,
    "overlap": OVERLAP,
    "group": f"{ON}&i=A,97140,T,08:00-08:20,group;B,97150,T,08:00-08:20,group;C,G0283,As,08:00-08:15,supervised;"
    "A,,aide,08:20-08:30,rest;B,97110,T,08:30-08:45,one-unbilled;C,97110,both,08:40-08:55",
    "error": f"{ON}&i=A,97999,T,08:00-08:15;B,97110,T,9-08:00;D,97110,T,08:00-08:10",
}


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    from fifteen.settings.wsgi import application

    server = make_server("127.0.0.1", 0, application, handler_class=_Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


Open = Callable[..., "Page"]


@pytest.fixture
def open_page(browser: Browser, site: str) -> Iterator[Open]:
    """Opens the page; at the end nothing may have been said on its console and no policy broken."""
    with _opener(browser, site) as opener:
        yield opener


@contextmanager
def _opener(browser: Browser, site: str) -> Iterator[Open]:
    contexts, said = [], []

    def open_(query: str = ON, size: str = "desktop", **settings: Any) -> Page:
        width, height = SIZES[size]
        context = browser.new_context(
            viewport={"width": width, "height": height}, locale="en-US", service_workers="block", **settings
        )
        contexts.append(context)
        context.set_default_timeout(8000)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text) if "Service Worker" not in message.text else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(f"{site}/timeline?{query}")
        if settings.get("java_script_enabled", True):
            page.locator("#answer[data-ready]").wait_for()
        return page

    yield open_
    for context in contexts:
        context.close()
    assert said == []


def lane(page: Page, letter: str) -> Locator:
    return page.locator(f'[data-patient="{letter}"] .hit')


def drag(page: Page, start: tuple[float, float], stop: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move((start[0] + stop[0]) / 2, start[1])
    page.mouse.move(*stop)
    page.mouse.up()


def at(page: Page, letter: str, minute: int) -> tuple[float, float]:
    """Where a minute of the day lies on a patient's lane."""
    box = lane(page, letter).bounding_box()
    assert box is not None
    start, stop = (int(page.locator(".tl-svg").get_attribute(f"data-{end}") or 0) for end in ("start", "stop"))
    return box["x"] + box["width"] * (minute - start) / (stop - start), box["y"] + box["height"] / 2


def rows(page: Page) -> str:
    return str(page.evaluate("new URLSearchParams(location.search).get('i')"))


def settled(page: Page, text: str) -> None:
    """Wait for the link that holds `text`."""
    page.wait_for_url(lambda url: text in url)


def test_an_interval_is_drawn_with_the_mouse_moved_and_undone(open_page: Open) -> None:
    page = open_page()
    page.locator("#pen label:visible", has_text="97140").click()
    page.locator("#pen").get_by_role("radio", name="assistant", exact=True).check()
    drag(page, at(page, "B", 8 * 60 + 15), at(page, "B", 8 * 60 + 38))
    settled(page, "i=B,97140,As,08:15-08:38")
    page.get_by_text("2 units supported").wait_for()
    assert page.locator("#row-0 [name=start]").input_value() == "08:15"
    bar = page.locator(".patient [data-row='0'] .body").bounding_box()
    assert bar is not None
    y = bar["y"] + 10
    minute = at(page, "B", 1)[0] - at(page, "B", 0)[0]
    drag(page, (bar["x"] + bar["width"] - 2, y), (bar["x"] + bar["width"] - 2 - 3 * minute, y))
    settled(page, "08:15-08:35")
    bar = page.locator(".patient [data-row='0'] .body").bounding_box()
    assert bar is not None
    middle, minute = bar["x"] + bar["width"] / 2, at(page, "B", 1)[0] - at(page, "B", 0)[0]
    drag(page, (middle, y), (middle + 5 * minute, y))
    settled(page, "08:20-08:40")
    page.get_by_role("button", name="Undo").click()
    settled(page, "08:15-08:35")


def test_two_taps_draw_too(open_page: Open) -> None:
    page = open_page(has_touch=True)
    page.touchscreen.tap(*at(page, "C", 9 * 60))
    page.get_by_text("Starts at 09:00. Tap where it stops.").wait_for()
    page.touchscreen.tap(*at(page, "C", 9 * 60 + 20))
    settled(page, "i=C,97110,T,09:00-09:20")


def test_what_is_drawn_over_another_shows_at_once_with_its_ways_out(open_page: Open) -> None:
    page = open_page(f"{ON}&i=B,97140,T,08:42-08:50")
    drag(page, at(page, "C", 8 * 60 + 46), at(page, "C", 9 * 60))
    page.locator(".overlap", has_text="4 minutes with patient B (B1) and patient C (C1) at once").wait_for()
    page.get_by_role("link", name="Times of C1").click()
    focused = page.locator(":focus")
    assert (focused.get_attribute("name"), focused.input_value()) == ("start", "08:46")
    page.get_by_role("link", name="Leave B1 unbilled").click()
    page.get_by_text("No one-on-one minute is given to two patients.").wait_for()
    assert "B,97140,T,08:42-08:50,one-unbilled" in rows(page)
    assert page.locator("#row-0 [name=mode]").input_value() == "one-unbilled"
    page.get_by_role("link", name="Take this choice back").click()
    page.get_by_role("link", name="B1 and C1 were one group").click()
    page.get_by_role("link", name="Record B1 as 97150, group").click()
    settled(page, "B,97150,T,08:42-08:50,group;C,97110,T,08:46-09:00,group")


def test_keys_alone_do_everything(open_page: Open) -> None:
    page = open_page()
    page.locator("#row-0 [name=code]").focus()
    for text in ("97110", "0800", "0815"):
        page.keyboard.type(text)
        page.keyboard.press("Enter")
    settled(page, "i=A,97110,T,08:00-08:15")
    assert page.locator(":focus").evaluate("(each) => each.closest('.span').id + each.name") == "row-1code"
    bar = page.locator(".patient .bar")
    bar.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    settled(page, "08:02-08:17")
    assert bar.evaluate("(each) => each === document.activeElement")  # the new drawing gives the focus back
    page.keyboard.press("Shift+ArrowLeft")
    settled(page, "08:02-08:16")
    assert "08:02–08:16" in (bar.get_attribute("aria-label") or "")
    page.keyboard.press("Enter")
    assert page.locator(":focus").get_attribute("name") == "start"
    bar.focus()
    page.keyboard.press("Delete")
    page.get_by_text("Removed: A1 97110.").wait_for()
    assert rows(page) == "None"
    page.keyboard.press("Control+z")
    settled(page, "08:02-08:16")


def test_without_scripts_the_list_does_everything(open_page: Open) -> None:
    page = open_page(java_script_enabled=False)
    assert page.locator("#pen").is_hidden()
    for place, values in enumerate((("B", "97140", "08:42", "08:50"), ("C", "97112", "08:46", "09:00"))):
        row = page.locator(f"#row-{place}")
        row.locator("[name=p]").select_option(values[0])
        for name, value in zip(("code", "start", "stop"), values[1:], strict=True):
            row.locator(f"[name={name}]").fill(value)
    page.get_by_role("button", name="Count").last.click()
    page.get_by_role("heading", name="In two places at once").wait_for()
    assert page.locator(".tl-svg .window").count() == 1
    page.get_by_role("link", name="Leave C1 unbilled").click()
    page.get_by_text("No one-on-one minute is given to two patients.").wait_for()
    page.wait_for_load_state()
    assert page.locator("#row-1 [name=mode]").input_value() == "one-unbilled"
    page.get_by_role("button", name="More rows").click()
    page.locator(".span[id]").nth(5).wait_for()
    assert page.locator(".span[id]").count() == 6


def test_an_example_fills_the_page(open_page: Open) -> None:
    page = open_page()
    page.get_by_role("link", name="The same, C typed from memory").click()
    page.get_by_role("heading", name="In two places at once").wait_for()
    assert page.locator(".patient .bar").count() == 8
    page.locator("#row-7 [name=start]").fill("08:50")
    page.locator("#row-7 [name=stop]").fill("09:04")
    page.keyboard.press("Tab")
    page.get_by_text("No one-on-one minute is given to two patients.").wait_for()


def test_a_slip_is_said_at_its_row_and_stays(open_page: Open) -> None:
    page = open_page(TURN)
    start = page.locator("#row-0 [name=start]")
    start.fill("8h42")
    page.locator("#payer").focus()
    error = page.locator("#row-0 .error")
    error.wait_for()
    assert "is no time of day" in error.inner_text()
    assert start.input_value() == "8h42"
    assert start.get_attribute("aria-invalid") == "true"
    start.fill("08:42")
    page.locator("#payer").focus()
    error.wait_for(state="hidden")


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_axe_finds_nothing(open_page: Open, size: str, scheme: str) -> None:
    for state, query in STATES.items():
        page = open_page(query, size, color_scheme=scheme)
        page.evaluate("document.querySelectorAll('main details').forEach((each) => { each.open = true; })")
        page.evaluate(AXE.read_text("utf-8"))
        found = page.evaluate("(tags) => axe.run(document, { runOnly: tags })", TAGS)
        told = [
            (each["id"], [(node["html"][:120], node["failureSummary"][:200]) for node in each["nodes"][:3]])
            for each in found["violations"]
        ]
        assert told == [], state


@pytest.mark.parametrize("size", list(SIZES))
def test_nothing_is_wider_than_the_screen_and_targets_are_large(open_page: Open, size: str) -> None:
    for query in STATES.values():
        page = open_page(query, size)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        small = page.evaluate(
            """[...document.querySelectorAll('main button, main .button, main input, main select, main summary')]
            .filter((each) => each.checkVisibility() && !each.matches('.default, [type=radio]'))
            .filter((each) => each.getBoundingClientRect().height < 44).map((each) => each.outerHTML.slice(0, 90))"""
        )
        assert small == []
