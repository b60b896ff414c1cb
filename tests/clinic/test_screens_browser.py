# ruff: noqa: F401, F811
"""The clinic's pages as a person uses them: at three sizes, in light and dark, by key, and when something is wrong."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.clinic.browser import (  # fixtures are taken by their names
    WATCH,
    ClinicSite,
    Watched,
    browser,
    clinic_site,
    context,
    watched,
)
from tests.tiers import LOOKS, SIZES

SMALL = """() => [...document.querySelectorAll(
    ":is(main, header) :is(a, button, summary, select, input:not([type=hidden]))")]
  .filter((each) => each.checkVisibility() && !each.matches(".skip"))
  .filter((each) => (each.closest("label") ?? each).getBoundingClientRect().height < 43.5)
  .map((each) => each.outerHTML.slice(0, 120))"""
LOW_LOCK = "document.querySelector('.lock').getBoundingClientRect().height"
SHOTS = os.environ.get("FIFTEEN_SHOTS")  # a folder for pictures, to be looked at


def pages(site: ClinicSite) -> dict[str, str]:
    ben, gus, ana, olga = (f"/people/{site.people[each].id}" for each in ("ben", "gus", "ana", "olga"))
    return {
        "home": "/home", "people": "/people", "person": ana, "invited": ben, "off": gus, "no-second": olga,
        "change": f"{ana}/change", "change-invited": f"{ben}/change", "change-off": f"{gus}/change",
        "person-new": "/people/new", "sites": "/sites", "site-new": "/sites/new",
        "patients": "/patients", "patient": f"/patients/{site.patient}", "patient-new": "/patients/new",
        "note": f"/notes/{site.note}", "sessions": "/sessions", "everybody": "/sessions/all", "trail": "/audit",
        "security": "/security", "alerts": "/break-glass",
    }  # fmt: skip


def overflow(page: Page) -> int:
    found: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return found


def check(watched: Watched, name: str, *, expected: tuple[str, ...] = ()) -> None:
    """Nothing to complain of, nothing wider than the screen, nothing too small to tap."""
    page = watched.page
    if SHOTS:
        size = page.viewport_size or {"width": 0}
        dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
        page.screenshot(path=Path(SHOTS) / f"ui-{name}-{size['width']}{'-dark' if dark else ''}.png", full_page=True)
    assert watched.axe() == [], name
    assert overflow(page) <= 0, name
    assert page.evaluate(SMALL) == [], name
    assert [each for each in watched.said if not each.endswith(expected)] == [] if expected else watched.said == []
    watched.said.clear()
    watched.check()


@contextmanager
def without_sites(site: ClinicSite) -> Iterator[None]:
    """Inside, the server cannot read its sites."""
    with closing(sqlite3.connect(site.home / "clinic" / "fifteen.sqlite3", isolation_level=None)) as link:
        link.execute("ALTER TABLE site RENAME TO site_away")
        try:
            yield
        finally:
            link.execute("ALTER TABLE site_away RENAME TO site")


@pytest.fixture
def owner_page(watched: Watched, clinic_site: ClinicSite) -> Watched:
    clinic_site.log_in(watched.page.context)
    return watched


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_every_page_is_accessible(
    size: str,
    scheme: str,
    owner_page: Watched,
    clinic_site: ClinicSite,
) -> None:
    page = owner_page.page
    page.set_viewport_size(dict(zip(("width", "height"), SIZES[size], strict=True)))  # type: ignore[arg-type]
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    for name, address in pages(clinic_site).items():
        page.goto(clinic_site.url + address)
        check(owner_page, name)
    assert page.evaluate(LOW_LOCK) >= 48
    page.goto(clinic_site.url + "/home")
    page.locator("details.menu > summary").click()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    check(owner_page, "menu")


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_every_error_is_accessible(
    size: str,
    scheme: str,
    owner_page: Watched,
    clinic_site: ClinicSite,
) -> None:
    page, site = owner_page.page, clinic_site
    page.set_viewport_size(dict(zip(("width", "height"), SIZES[size], strict=True)))  # type: ignore[arg-type]
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]

    page.goto(f"{site.url}/people/new")
    page.get_by_label("Name").fill("Nia New")
    page.get_by_label("Logs in as").fill("two words")
    page.get_by_role("button", name="Make the link").click()
    expect(page.get_by_role("alert")).to_contain_text("Nobody was invited yet.")
    expect(page.get_by_label("Name")).to_have_value("Nia New")
    check(owner_page, "person-new-refused", expected=("(Unprocessable Entity)", "(Unprocessable Content)"))

    page.goto(f"{site.url}/people/{site.people['olga'].id}/change")
    page.get_by_role("button", name="Switch off").click()
    expect(page.get_by_role("alert")).to_contain_text("last owner")
    check(owner_page, "last-owner", expected=("(Unprocessable Entity)", "(Unprocessable Content)"))

    page.goto(f"{site.url}/people/{site.people['ana'].id}/change")
    page.evaluate("document.querySelectorAll('[name=version]').forEach((each) => (each.value = 99))")
    page.get_by_role("button", name="Change role").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing of yours was stored")
    check(owner_page, "changed-meanwhile", expected=("(Conflict)",))

    page.goto(f"{site.url}/sites/new")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was stored yet.")
    check(owner_page, "site-refused", expected=("(Unprocessable Entity)", "(Unprocessable Content)"))

    page.goto(f"{site.url}/people/nobody")
    check(owner_page, "missing", expected=("(Not Found)",))

    page.goto(f"{site.url}/sites/new")
    page.evaluate("document.querySelectorAll('[name=csrfmiddlewaretoken]').forEach((each) => (each.value = 'old'))")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This form has grown too old")
    check(owner_page, "csrf", expected=("(Forbidden)",))

    with without_sites(site):
        page.goto(f"{site.url}/sites")
        expect(page.get_by_role("heading", level=1)).to_have_text("The page could not be made")
        check(owner_page, "failed", expected=("(Internal Server Error)",))

    site.log_in(page.context, "dev")
    page.goto(f"{site.url}/people")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your role may not do this")
    check(owner_page, "forbidden", expected=("(Forbidden)",))
    page.goto(f"{site.url}/home")
    expect(page.get_by_role("link", name="People")).to_have_count(0)
    check(owner_page, "home-front-desk")


def test_an_owner_invites_by_key_alone(owner_page: Watched, clinic_site: ClinicSite) -> None:
    page = owner_page.page
    page.goto(f"{clinic_site.url}/people")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Invite someone")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/people/new")
    page.get_by_label("Name").focus()
    page.keyboard.type("Kit Key")
    page.keyboard.press("Tab")
    page.keyboard.type("kit")
    page.keyboard.press("Tab")
    page.keyboard.type("Ther")
    page.keyboard.press("Tab")
    page.keyboard.type("PT")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("The link is ready")
    expect(page.get_by_role("textbox", name="Link")).to_have_value(
        re.compile(f"^{clinic_site.url}/invited/[\\w-]{{43}}$")
    )
    check(owner_page, "person-invited")


def test_the_menu_opens_and_closes_by_key(owner_page: Watched, clinic_site: ClinicSite) -> None:
    page = owner_page.page
    page.goto(f"{clinic_site.url}/home")
    summary = page.locator("details.menu > summary")
    summary.focus()
    page.keyboard.press("Enter")
    out = page.get_by_role("button", name="Log out")
    expect(out).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Sessions and devices").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(out).to_be_hidden()
    expect(summary).to_be_focused()


def test_light_or_dark_is_kept_on_this_device(owner_page: Watched, clinic_site: ClinicSite) -> None:
    page = owner_page.page
    page.emulate_media(color_scheme="light")
    page.goto(f"{clinic_site.url}/home")
    page.locator("details.menu > summary").click()
    page.get_by_role("button", name="Light or dark").click()
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_a_site_is_added_and_its_zone_changed(owner_page: Watched, clinic_site: ClinicSite) -> None:
    page = owner_page.page
    page.goto(f"{clinic_site.url}/sites/new")
    page.get_by_label("Name").fill("Main Street")
    page.get_by_label("Time zone").select_option("America/Chicago")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("status")).to_have_text("The site is added.")
    check(owner_page, "sites-added")
    page.get_by_role("link", name="Main Street").click()
    page.get_by_label("Time zone").select_option("America/Phoenix")
    page.get_by_role("button", name="Change").click()
    expect(page.get_by_role("cell", name="America/Phoenix")).to_be_visible()


def test_without_javascript_everything_still_works(browser: Browser, clinic_site: ClinicSite) -> None:
    plain = browser.new_context(java_script_enabled=False)
    try:
        clinic_site.log_in(plain)
        page = plain.new_page()
        page.goto(f"{clinic_site.url}/people")
        expect(page.get_by_role("button", name="Light or dark")).to_be_hidden()
        page.locator("details.menu > summary").click()
        expect(page.get_by_role("button", name="Log out")).to_be_visible()
    finally:
        plain.close()
