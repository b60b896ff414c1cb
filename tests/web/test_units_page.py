"""The Units page as a person uses it: by tap, by key, without JavaScript, without a network, in two languages."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from fifteen.web.units import popular_answers
from tests.tiers import LOOKS, SIZES
from tests.web.conftest import WATCH, Watched

DAY = "2026-03-02"


def open_(page: Page, site: str, query: str = "") -> Page:
    page.goto(f"{site}/units?on={DAY}{'&' if query else ''}{query}")
    expect(page.locator("#answer[data-ready]")).to_be_attached()
    return page


def headline(page: Page) -> Locator:
    return page.locator("#answer .count").first


def cell(page: Page, row: int, name: str) -> Locator:
    return page.locator(f"#rows .line:not(.head) [name={name}]").nth(row)


# -- the live answer -------------------------------------------------------------------------------------------------


def test_tap_a_service_and_type_its_minutes(watched: Watched, site: str) -> None:
    page = open_(watched.page, site)
    expect(page.get_by_text("Tap a service, or type its code.")).to_be_visible()
    page.get_by_role("button", name="97110 exercise").click()
    page.keyboard.type("33")
    expect(headline(page)).to_contain_text("2 units supported")
    page.get_by_role("button", name="97140 manual therapy").click()
    page.keyboard.type("7")
    expect(headline(page)).to_contain_text("3 units supported")
    assert page.url.endswith(f"/units?s=97110:33,97140:7&on={DAY}")
    page.locator("details.code summary", has_text="97140").click()
    expect(page.get_by_text("left over: 97140 7, 97110 3")).to_be_visible()
    expect(page.get_by_text("Would change:").last).to_be_visible()


def test_keyboard_alone_from_search_to_answer(watched: Watched, site: str) -> None:
    page = open_(watched.page, site)
    page.keyboard.press("/")
    page.keyboard.type("walk")
    expect(page.locator("#found li").first).to_contain_text("97116")
    page.keyboard.press("Enter")
    page.keyboard.type("16")
    page.keyboard.press("Enter")  # the next row
    page.keyboard.type("97110")
    page.keyboard.press("Enter")  # its minutes
    page.keyboard.type("12")
    page.keyboard.press("Tab")  # an assistant's
    page.keyboard.type("11")
    page.keyboard.press("Enter")
    expect(headline(page)).to_contain_text("3 units supported")
    page.keyboard.press("Escape")
    page.locator("body").evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


@pytest.mark.parametrize("example", popular_answers(), ids=lambda each: each["title"])
def test_a_popular_answer_in_one_tap(example: dict[str, Any], watched: Watched, site: str) -> None:
    page = open_(watched.page, site)
    page.get_by_role("link", name=example["title"], exact=False).click()
    expect(page.locator(".printed")).to_contain_text("popular guide prints")
    expect(page.locator("#answer .count")).to_have_count(2)
    for row, (code, minutes) in enumerate(example["minutes"].items()):
        expect(cell(page, row, "code")).to_have_value(code)
        expect(cell(page, row, "min")).to_have_value(str(minutes))


def test_every_common_visit_opens_without_an_error(watched: Watched, site: str) -> None:
    page = open_(watched.page, site)
    for link in page.locator(".cards").nth(1).get_by_role("link").all():
        link.click()
        expect(headline(page)).to_contain_text("supported")
        expect(page.locator("#answer .problems")).to_have_count(0)


def test_a_tie_is_settled_by_a_person_and_taken_back(watched: Watched, site: str) -> None:
    page = open_(watched.page, site, "s=97112:20,97110:20")
    tie = page.locator(".tie")
    expect(tie).to_contain_text("the treating professional chooses")
    expect(tie.locator("[aria-current]")).to_have_count(0)
    tie.get_by_role("link", name="97110").click()
    expect(tie).to_contain_text("Tie, settled")
    expect(page.locator("details.code", has_text="97110 exercise").locator(".units")).to_have_text("2")
    page.reload()  # the link holds the choice
    expect(tie).to_contain_text("Tie, settled")
    tie.get_by_role("link", name="Take the choice back").click()
    expect(tie).to_contain_text("the treating professional chooses")
    tie.get_by_role("link", name="97112").click()
    expect(tie).to_contain_text("Tie, settled")
    cell(page, 0, "min").fill("21")  # other minutes: the choice was not made for them
    expect(page.locator(".tie")).to_have_count(0)
    assert "choose" not in page.url


def test_two_payers_side_by_side(watched: Watched, site: str) -> None:
    page = open_(watched.page, site, "s=97110:24,97112:8,97116:10")
    page.get_by_label("Compare with").select_option("midpoint")
    expect(page.locator(".compare tbody tr").first).to_contain_text("97112")
    expect(page.locator("#answer .count .number")).to_have_text(["3", "4"])
    page.get_by_label("Compare with").select_option("aetna")
    expect(page.locator(".compare")).to_contain_text("how one of them counts is not known")
    page.get_by_label("Payer", exact=True).select_option("aetna")
    page.get_by_label("Compare with").select_option("")
    page.get_by_role("link", name="the CPT midpoint of each code").click()
    expect(headline(page)).to_contain_text("4 units supported")


def test_a_pair_appears_as_it_is_typed_and_what_was_opened_stays_open(watched: Watched, site: str) -> None:
    page = open_(watched.page, site, "s=97530:30&on=2026-11-25")
    page.locator("details.quietly summary").click()
    cell(page, 1, "code").fill("97750")
    cell(page, 1, "min").fill("20")
    pair = page.locator(".finding.pair")
    expect(pair).to_contain_text("97530 + 97750")
    expect(pair).to_have_class(re.compile("warn"))
    expect(page.locator("details.quietly")).to_have_attribute("open", "")
    expect(page.get_by_text("need the whole day")).to_be_visible()
    cell(page, 1, "code").fill("97140")
    expect(pair).to_have_count(0)
    expect(page.locator("details.quietly")).to_contain_text("97140+97530")
    cell(page, 0, "min").fill("105")
    expect(page.locator(".edits .finding.block")).to_contain_text("97530: 7 units")


def test_from_a_pair_to_its_row(watched: Watched, site: str) -> None:
    page = open_(watched.page, site, "s=97530:30,97750:20&on=2026-11-25&lang=es")
    expect(page.locator(".finding.pair")).to_contain_text("Lo decide una persona")
    page.locator(".finding.pair .cite a").click()
    expect(page.locator("main")).to_contain_text("97530+97750")
    expect(page.locator("html")).to_have_attribute("lang", "es")


def test_price_when_asked(watched: Watched, site: str) -> None:
    page = open_(watched.page, site, "s=97110:24,97140:20")
    page.get_by_text("Price, when you ask for it").click()
    page.get_by_label("Where it was furnished").select_option("national")
    expect(page.locator(".money .sum")).to_contain_text("In all")
    page.get_by_text("Every step, for a pocket calculator").click()
    expect(page.locator(".steps li").first).to_be_visible()


def test_unfinished_typing_is_no_error_and_leaving_the_row_says_what_is_wrong(watched: Watched, site: str) -> None:
    page = open_(watched.page, site, "s=97110:33")
    cell(page, 1, "code").click()
    page.keyboard.type("9714")
    expect(page.locator("#answer.waiting")).to_be_attached()
    expect(page.locator("#answer .problems")).to_have_count(0)
    page.get_by_label("Date of service").focus()
    error = page.locator("#rows .error:visible")
    expect(error).to_contain_text("'9714' is not a procedure code")
    expect(cell(page, 1, "code")).to_have_attribute("aria-invalid", "true")
    expect(cell(page, 1, "code")).to_have_value("9714")
    cell(page, 1, "code").fill("97140")
    cell(page, 1, "min").fill("7")
    expect(headline(page)).to_contain_text("3 units supported")
    expect(page.locator("#rows .error:visible")).to_have_count(0)


def test_rows_are_added_removed_and_cleared(watched: Watched, site: str) -> None:
    page = open_(watched.page, site, "s=97110:33,97140:7")
    page.get_by_role("button", name="Remove this row").nth(1).click()
    expect(headline(page)).to_contain_text("2 units supported")
    for _ in range(4):
        page.get_by_role("button", name="Add a row").click()
        page.keyboard.type("97112")
    cell(page, 3, "code").fill("")
    page.get_by_role("link", name="Start anew").click()
    expect(page.get_by_text("Tap a service, or type its code.")).to_be_visible()


def test_own_most_used_come_first_and_stay_on_the_device(watched: Watched, site: str) -> None:
    page = open_(watched.page, site)
    for minutes in ("20", "21"):
        cell(page, 0, "code").fill("92526")
        cell(page, 0, "min").fill(minutes)
        cell(page, 0, "asst").focus()
    open_(page, site)
    expect(page.locator("#common button").first).to_contain_text("92526")
    assert page.evaluate("Object.keys(localStorage)") == ["fifteen-used"]
    assert page.context.cookies() == []


def test_copy_the_link_and_the_text(watched: Watched, context: BrowserContext, site: str) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = open_(watched.page, site, "s=97110:33,97140:7")
    page.get_by_role("button", name="Copy the link").click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.url
    page.get_by_role("button", name="Copy as text for a note").click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    assert "97140 manual therapy: 7 min, 1 unit GP" in page.evaluate("navigator.clipboard.readText()")


def test_print_shows_the_answer_and_every_reason(watched: Watched, site: str) -> None:
    page = open_(watched.page, site, "s=97110:33,97140:7")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("#ask")).to_be_hidden()
    expect(page.get_by_text("A whole 15 minutes of 97110 (16 to 30 of 33).")).to_be_visible()
    assert len(page.pdf()) > 5000


# -- without JavaScript, without a network ---------------------------------------------------------------------------


def test_without_javascript(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1180, "height": 820})
    page = context.new_page()
    page.goto(f"{site}/units?on={DAY}")
    page.locator("[name=code]").nth(0).fill("97110")
    page.locator("[name=min]").nth(0).fill("33")
    page.locator("[name=code]").nth(1).fill("97140")
    page.locator("[name=min]").nth(1).fill("7")
    page.get_by_role("button", name="Count", exact=True).last.click()
    expect(headline(page)).to_contain_text("3 units supported")
    page.locator("details.code summary").first.click()
    expect(page.get_by_text("A whole 15 minutes of 97110 (1 to 15 of 33).")).to_be_visible()
    page.locator("[name=find]").fill("walking")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("button", name="97116 walking training").first.click()
    expect(page.get_by_text("97116 has no minutes yet").first).to_be_visible()
    expect(page.get_by_role("button", name="Copy the link")).to_be_hidden()
    context.close()


@pytest.fixture
def offline(browser: Browser, site: str) -> Any:
    """A page whose copy is on the device, and its context to cut the network of."""
    context = browser.new_context(viewport={"width": 1180, "height": 820}, locale="en-US")
    context.add_init_script(WATCH)
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.goto(f"{site}/units")
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    yield context, page
    context.close()


def test_offline_it_opens_counts_and_says_so(offline: Any, site: str) -> None:
    context, page = offline
    context.set_offline(True)
    page.goto(f"{site}/units?s=97110:33,97140:7,97035:2")
    expect(page.locator("#offline")).to_be_visible()
    expect(page.locator("#answer")).to_contain_text("3 units, counted on this device")
    expect(page.locator("#answer .code.none", has_text="97035")).to_contain_text("documented, not billable")
    expect(page.locator("#answer .note")).to_contain_text("pairs of codes, limits on units and findings need")
    cell(page, 1, "min").fill("20")
    expect(page.locator("#answer")).to_contain_text("4 units, counted on this device")
    assert "s=97110:33,97140:20,97035:2" in page.url
    page.get_by_label("Payer", exact=True).select_option("aetna")
    expect(page.locator("#answer .problems")).to_contain_text("How this payer counts is not known")
    page.get_by_label("Payer", exact=True).select_option("medicare")
    page.get_by_label("Date of service").fill("1999-01-01")
    expect(page.locator("#answer .problems")).to_contain_text("do not hold for this date")
    expect(cell(page, 0, "min")).to_have_value("33")
    context.set_offline(False)
    page.get_by_label("Date of service").fill(DAY)
    expect(headline(page)).to_contain_text("4 units supported")
    expect(page.locator("#offline")).to_be_hidden()


def test_offline_a_tie_is_the_professional_s_too(offline: Any, site: str) -> None:
    context, page = offline
    context.set_offline(True)
    page.goto(f"{site}/units?s=97112:20,97110:20&lang=es")
    expect(page.locator("html")).to_have_attribute("lang", "es")
    expect(page.locator("#answer .notice")).to_contain_text("97112")


# -- looks -----------------------------------------------------------------------------------------------------------

STATES = {
    "empty": "",
    "answer": "s=97110:13%2B23a,97140:30,97035:5&locality=national",
    "compare": "s=97110:24,97112:8,97116:10&with=midpoint&printed=4",
    "tie": "s=97112:20,97110:20",
    "unknown": "s=97110:20&payer=aetna&with=cigna",
    "pairs": "s=97530:30,97750:20,97110:105,97161:20,97162:30&with=tricare&on=2026-11-25",
    "pairs-spanish": "s=97530:30,97750:20,97110:105&on=2026-11-25&lang=es",
    "errors": "s=97110:x,9711:5,97110:3",
    "spanish": "s=97110:24,97112:8,97116:10,97161:0&with=midpoint&lang=es",
}


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_accessible_in_every_state(size: str, scheme: str, browser: Browser, site: str) -> None:
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        reduced_motion="reduce",  # type: ignore[arg-type]
    )
    context.add_init_script(WATCH)
    watched = Watched(context.new_page())
    for query in STATES.values():
        page = open_(watched.page, site, query)
        page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        assert watched.axe() == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it scrolls sideways"
        small = page.evaluate(SMALL_TARGETS)
        assert small == []
    page.get_by_role("button", name=re.compile("Keys|Teclas")).click()
    assert watched.axe() == []
    watched.check()
    context.close()


SMALL_TARGETS = """
[...document.querySelectorAll(
  "button, a.button, input:not([type=radio], [type=hidden]), select, summary, .cards a, .top a")]
  .map((each) => [each, each.getBoundingClientRect()])
  .filter(([each, box]) => box.width && (box.height < 44 || box.width < 44) && !each.closest(".cite")
          && !each.classList.contains("default") && !each.classList.contains("skip"))
  .map(([each, box]) => `${each.outerHTML.slice(0, 80)} ${box.width}x${box.height}`)
"""


def test_first_view_is_small_and_all_from_here(browser: Browser, site: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    received: list[float] = []
    urls: list[str] = []
    session.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    session.on("Network.requestWillBeSent", lambda event: urls.append(event["request"]["url"]))
    page.goto(f"{site}/units", wait_until="load")
    assert sum(received) < 100_000
    assert [url for url in urls if not url.startswith((site, "data:"))] == []
    context.close()


def test_spanish_has_no_english_left_in_the_frame(watched: Watched, site: str) -> None:
    page = open_(watched.page, site, "lang=es")
    expect(page.get_by_role("heading", level=1)).to_have_text("Unidades")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Units")
