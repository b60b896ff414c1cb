"""About the rules as a person uses it: at three sizes, in light and dark, by key, without JavaScript, on paper."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.tiers import LOOKS, SIZES
from tests.web.conftest import WATCH, Watched

DAY = "2026-03-02"
PAGES = {
    "overview": f"/rules?on={DAY}&q=walk",
    "wrong-date": "/rules?id=cigna&on=someday",
    "rule": f"/rules?id=medicare.conversion_factor&on={DAY}",
    "not-known": f"/rules?id=payer.aetna.unit_cap&on={DAY}",
    "service": f"/rules?id=90912&on={DAY}",
    "table": f"/rules?id=rvu_2026&on={DAY}&key=97110",
    "words": f"/rules?id=gpci_2026&on={DAY}&key=ohio",
    "source": f"/rules?id=cms-ch5-20-2&on={DAY}",
    "spanish": f"/rules?id=cigna&on={DAY}&lang=es",
}
STATES = {
    "all-services": f"/rules?on={DAY}",
    "before": "/rules?on=1999-01-01",
    "nothing-found": f"/rules?on={DAY}&q=zzz",
    "wrong-date": "/rules?on=someday&q=walk",
    "pairs-held": "/rules?on=2026-11-25&lang=es",
}
SMALL = """() => [...document.querySelectorAll("main :is(a, button, summary, input:not([type=hidden]))")]
  .filter((each) => each.checkVisibility() && each.getBoundingClientRect().height < 43.5)
  .map((each) => each.outerHTML.slice(0, 120))"""


def overflow(page: Page) -> int:
    found: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return found


def check(watched: Watched, address: str) -> None:
    """Everything open, nothing to complain of, nothing wider than the screen, nothing too small to tap."""
    page = watched.page
    page.goto(address)
    page.evaluate("document.querySelectorAll('main details').forEach((each) => (each.open = true))")
    assert watched.axe() == [], address
    assert overflow(page) <= 0, address
    assert page.evaluate(SMALL) == [], address
    watched.check()


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_every_page_is_accessible(size: str, scheme: str, watched: Watched, site: str) -> None:
    watched.page.set_viewport_size(dict(zip(("width", "height"), SIZES[size], strict=True)))  # type: ignore[arg-type]
    watched.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    for path in PAGES.values():
        check(watched, site + path)


@pytest.mark.parametrize(
    "state", [pytest.param(each, marks=() if place < 3 else pytest.mark.nightly) for place, each in enumerate(STATES)]
)
def test_every_state_of_the_overview_is_accessible(state: str, watched: Watched, site: str) -> None:
    check(watched, site + STATES[state])


def test_a_page_that_is_not_there_is_accessible(watched: Watched, site: str) -> None:
    watched.page.goto(f"{site}/rules?id=signa")
    assert watched.axe() == []
    assert watched.said == ["Failed to load resource: the server responded with a status of 404 (Not Found)"]
    watched.said.clear()
    watched.page.get_by_role("link", name="cigna").click()
    expect(watched.page.get_by_role("heading", level=1)).to_have_text("Cigna")


def test_the_contents_stay_and_follow(watched: Watched, site: str) -> None:
    page = watched.page
    page.goto(f"{site}/rules?on={DAY}")
    contents = page.get_by_role("navigation", name="On this page")
    contents.get_by_role("link", name="Payers").click()
    expect(page.get_by_role("heading", name="Payers", exact=True)).to_be_in_viewport()
    expect(contents).to_be_in_viewport()
    expect(contents.locator("[aria-current]")).to_contain_text("Payers")
    contents.get_by_role("link", name="What Fifteen does not know").click()
    expect(contents.locator("[aria-current]")).to_contain_text("What Fifteen does not know")


def test_a_key_goes_to_the_search(watched: Watched, site: str) -> None:
    page = watched.page
    page.goto(f"{site}/rules?on={DAY}")
    page.keyboard.press("/")
    page.keyboard.type("swallow")
    page.keyboard.press("Enter")
    page.wait_for_url("**/rules?**q=swallow**")
    expect(page.locator("#services")).to_contain_text("found")
    assert f"on={DAY}" in page.url


def test_from_a_unit_to_its_law(watched: Watched, site: str) -> None:
    page = watched.page
    page.goto(f"{site}/units?s=97110:33,97140:7&on={DAY}")
    page.locator("details.code summary", has_text="97140").click()
    page.locator("details.code[open] .cite a").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("leftover minutes")
    expect(page.locator(".answer-now")).to_contain_text("CMS Pub. 100-04 ch. 5 §20.2")


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_how_old_pairs_and_limits_are(size: str, scheme: str, watched: Watched, site: str) -> None:
    page = watched.page
    page.set_viewport_size(dict(zip(("width", "height"), SIZES[size], strict=True)))  # type: ignore[arg-type]
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    check(watched, f"{site}/rules?on=2026-11-25")
    page.reload()
    page.get_by_role("navigation", name="On this page").get_by_role("link", name="Pairs and unit limits").click()
    first = page.locator("#edits .editions").first
    expect(first.locator("li").first).to_contain_text("of this date")
    expect(first.locator("li").last).to_contain_text("ended 786 days before")
    first.locator("summary").click()
    expect(first.get_by_text("G2250")).to_be_visible()


def test_another_date_for_the_same_rule(watched: Watched, site: str) -> None:
    page = watched.page
    page.goto(f"{site}/rules?id=medicare.conversion_factor&on={DAY}")
    expect(page.locator(".big")).to_have_text("$33.4009 for one relative value unit")
    page.get_by_label("In force on").fill("2024-03-08")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator(".big")).to_have_text("$32.7442 for one relative value unit")
    expect(page.locator(".entry.now")).to_contain_text("2024-01-01 to 2024-03-08")


def test_without_javascript(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{site}/rules?on={DAY}")
    page.get_by_label("Code, plain word, kind or discipline").fill("97110")
    page.get_by_role("button", name="Search").click()
    page.locator("#services tbody a").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("97110")
    page.get_by_role("link", name="Its row in rvu_2026").click()
    expect(page.locator(".entry.now")).to_be_visible()
    context.close()


@pytest.mark.parametrize("size", ["phone", "tablet"])
def test_a_wide_table_scrolls_in_a_region_that_keys_reach(size: str, watched: Watched, site: str) -> None:
    page = watched.page
    page.set_viewport_size(dict(zip(("width", "height"), SIZES[size], strict=True)))  # type: ignore[arg-type]
    page.goto(f"{site}/rules?on={DAY}")
    page.get_by_role("region", name="Policies by payer").focus()
    page.keyboard.press("ArrowRight")
    for _ in range(100):  # `wait_for_function` would evaluate a string, which the policy forbids
        if page.locator("#payers .scroll").evaluate("(region) => region.scrollLeft > 0"):
            break
        page.wait_for_timeout(50)
    assert page.locator("#payers .scroll").evaluate("(region) => region.scrollLeft > 0")
    name = page.locator("#payers tbody th").first.bounding_box()
    assert name is not None
    assert name["x"] >= 0  # whose row it is stays in sight


def test_on_paper_everything_is_open(watched: Watched, site: str) -> None:
    page = watched.page
    page.goto(f"{site}/rules?on={DAY}")
    page.emulate_media(media="print")
    expect(page.locator(".contents")).to_be_hidden()
    expect(page.locator(".ruleday")).to_be_hidden()
    closed = page.evaluate("document.querySelector('#services .services').getBoundingClientRect().height")
    assert closed > 1000


def test_the_first_view_is_light(browser: Browser, site: str) -> None:
    context = browser.new_context(service_workers="block")
    context.add_init_script(WATCH)
    page = context.new_page()
    page.goto(f"{site}/rules?on={DAY}", wait_until="networkidle")
    sent = page.evaluate(
        "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
        ".reduce((sum, each) => sum + each.transferSize, 0)"
    )
    assert 0 < sent < 100_000
    context.close()
