# ruff: noqa: F401, F811
"""A walk through the demonstration by role, at three sizes, in light and dark, and by key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar
from urllib.parse import urlsplit

import pytest
from _pytest.mark import ParameterSet
from playwright.sync_api import Locator, Response, expect

from fifteen.synth import Size
from tests.clinic.browser import Watched, browser, context, watched  # fixtures are taken by their names
from tests.clinic.demonstration import Demonstration, opened
from tests.clinic.test_screens_browser import SMALL, overflow
from tests.tiers import NIGHTLY, SIZES, SOON

SMALL_PRACTICE = Size(patients=24, days=60)
LED = ".top nav a, .menu .panel a, .tiles a"
ID = re.compile(r"[0-9a-z]{26}")
OWN_PAGES = ("/units", "/timeline", "/rules")  # open to all, and walked by tests of their own

pytestmark = pytest.mark.browser


def looks(soon: str) -> list[ParameterSet]:
    """Every size in both schemes each night; on every change the one of `tests.tiers` at this size."""
    return [
        pytest.param(size, scheme, marks=() if (size, scheme) in SOON and size == soon else pytest.mark.nightly)
        for size in SIZES
        for scheme in ("light", "dark")
    ]


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    with opened(tmp_path_factory.mktemp("demonstration"), Size() if NIGHTLY else SMALL_PRACTICE) as found:
        yield found


class Walk:
    """Somebody of the practice in Chromium, who looks at every page that they come to."""

    checked: ClassVar[set[tuple[str, str]]] = set()  # on every change axe looks once at each kind of page

    def __init__(self, watched: Watched, demonstration: Demonstration, size: str, scheme: str) -> None:
        self.scheme = scheme
        self.watched, self.page, self.demo = watched, watched.page, demonstration
        self.answers: list[tuple[int, str]] = []
        self.seen: dict[str, str] = {}
        self.page.set_viewport_size(dict(zip(("width", "height"), SIZES[size], strict=True)))  # type: ignore[arg-type]
        self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        self.page.on("response", self._answered)

    def _answered(self, response: Response) -> None:
        if response.request.is_navigation_request():
            self.answers.append((response.status, response.url))

    def enter(self, role: str) -> None:
        """Through the door, by the button that bears the name."""
        self.page.goto(f"{self.demo.url}/demo")
        self.look()
        with self.page.expect_navigation(url="**/home"):
            self.page.get_by_role("button", name=self.demo.member(role).name).click()
        self.look()

    def go(self, address: str) -> None:
        if urlsplit(address).path in OWN_PAGES:
            return
        self.page.goto(self.demo.url + address)
        self.look()

    def press(self, link: Locator) -> None:
        """Open a link by key."""
        link.focus()
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def look(self) -> None:
        """It is there, nothing to complain of, nothing wider than the screen, nothing too small to tap."""
        name = urlsplit(self.page.url).path
        assert [each for each in self.answers if each[0] not in (200, 302)] == [], name
        kind = (self.scheme, ID.sub("*", name))
        if NIGHTLY or kind not in self.checked:
            self.checked.add(kind)
            assert self.watched.axe() == [], name
        assert overflow(self.page) <= 0, name
        assert self.page.evaluate(SMALL) == [], name
        self.watched.check()
        self.seen[name] = self.page.content()

    def links(self, selector: str) -> list[str]:
        found: list[str] = self.page.eval_on_selector_all(selector, "all => all.map((a) => a.getAttribute('href'))")
        return list(dict.fromkeys(found))

    def status(self, address: str) -> int:
        """What the server answers to whoever types this address; no page is opened."""
        return self.page.request.get(self.demo.url + address).status

    def sent(self, address: str) -> int:
        """What the server answers to a form that was never shown."""
        token = self.page.locator("[name=csrfmiddlewaretoken]").first.input_value()
        form = {"csrfmiddlewaretoken": token, "idempotency_key": f"walk-{len(address)}-{hash(address)}"}
        here = {"Referer": self.page.url, "Origin": self.demo.url}
        return self.page.request.post(self.demo.url + address, form=form, headers=here).status


@pytest.fixture
def walk(watched: Watched, demonstration: Demonstration, size: str, scheme: str) -> Walk:
    return Walk(watched, demonstration, size, scheme)


def led_to(walk: Walk) -> None:
    """Wherever the navigation, the menu and the tiles lead."""
    addresses = walk.links(LED)
    assert {"/home", "/patients", "/schedule", "/sessions"} <= set(addresses)
    for address in addresses:
        if address not in ("/switch", "/home"):
            walk.go(address)


def found_by_key(walk: Walk) -> None:
    """`/`, a name, Enter, and Enter again on the one who is found: no hand leaves the keys."""
    page = walk.page
    page.goto(f"{walk.demo.url}/patients")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type(walk.demo.overlap.name.lower())
    with page.expect_navigation(url="**/patients?q=*"):
        page.keyboard.press("Enter")
    walk.look()
    walk.press(page.locator("table").get_by_role("link", name=walk.demo.overlap.name, exact=True).first)
    walk.look()


def chart(walk: Walk) -> None:
    """Episode, its facts opened by key, goals, scores, a visit with an overlap, and its note."""
    page, at = walk.page, walk.demo.overlap
    walk.go(at.chart)
    facts = page.locator("details.fact")
    assert facts.count() >= 5  # after a discharge no report is due
    for place in range(facts.count()):
        facts.nth(place).locator("summary").focus()
        page.keyboard.press("Enter")
        expect(facts.nth(place)).to_have_attribute("open", "")
        expect(facts.nth(place).locator(".fact-why")).to_be_visible()
    walk.look()
    for name in ("Goals", "Scores"):
        walk.press(page.locator("nav.tabs").get_by_role("link", name=name, exact=True))
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
        walk.look()
    walk.go(f"/visits/{at.visit}")
    expect(page.get_by_role("heading", name="With two patients at once")).to_be_visible()
    walk.press(page.locator("main .lede a[href^='/notes/']").first)
    expect(page.locator(".paper")).to_be_visible()
    walk.look()


def desk(walk: Walk) -> None:
    """Every page of a patient that the front desk keeps, and who has no next visit."""
    walk.go(f"/patients/{walk.demo.overlap.patient}")
    tabs = [each for each in walk.links(".desk-links a") if each]
    assert [each.rsplit("/")[-1] for each in tabs] == ["coverage", "referrals", "consents", "documents", "bookings"]
    for address in tabs:
        walk.go(address)
    walk.go(f"/schedule?date={walk.demo.overlap.date}")
    walk.go("/schedule/without-next")


def day(walk: Walk, person: str = "") -> None:
    """A day on which somebody is recorded twice, and the way from there to a visit; today, which leads there."""
    page, at = walk.page, walk.demo.overlap
    walk.go(f"/day?{person}date={at.date}")
    expect(page.get_by_role("heading", name="With two patients at once")).to_be_visible()
    expect(page.get_by_role("img", name="The day by patient and by person")).to_be_visible()
    walk.press(page.locator(".overlap .buttons a").first)
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Visit {at.date}")
    walk.look()
    walk.go(f"/day?{person}date=2027-01-02")
    expect(page.get_by_role("heading", name="No time on this day")).to_be_visible()
    last = page.locator(".empty .primary")
    expect(last).to_contain_text("Last day with time:")
    walk.press(last)
    expect(page.locator(".lane-links a").first).to_be_visible()


def things_to_find(walk: Walk) -> None:
    """What the door tells of leads to the patient."""
    page = walk.page
    walk.go("/demo")
    told = page.locator(".demo-planted li", has_text="two patients at once")
    patients = walk.links(".demo-planted a")
    assert f"/patients/{walk.demo.overlap.patient}" in patients
    walk.press(told.locator("a").first)
    walk.look()


def no_more(walk: Walk, *addresses: str) -> None:
    """Neither is the page shown nor the form taken."""
    for address in addresses:
        assert walk.status(address) in (403, 405), address
        assert walk.sent(address) in (403, 405), address


@pytest.mark.parametrize(("size", "scheme"), looks("tablet"))
def test_a_therapist(walk: Walk) -> None:
    walk.enter("therapist")
    led_to(walk)
    found_by_key(walk)
    chart(walk)
    desk(walk)
    day(walk)
    things_to_find(walk)


@pytest.mark.parametrize(("size", "scheme"), looks("phone"))
def test_a_biller_reads_charts_and_stores_nothing_in_them(walk: Walk) -> None:
    at = walk.demo.overlap
    walk.enter("biller")
    led_to(walk)
    found_by_key(walk)
    chart(walk)
    desk(walk)
    read = {name: content for name, content in walk.seen.items() if name.startswith((at.chart, "/visits/", "/notes/"))}
    assert len(read) >= 5
    for address in (at.chart, f"{at.chart}/goals", f"{at.chart}/scores", f"/visits/{at.visit}", f"/notes/{at.note}"):
        walk.page.goto(walk.demo.url + address)
        assert walk.page.locator("main form[method=post]").count() == 0, address
    no_more(
        walk, f"{at.chart}/change", f"{at.chart}/discharge", f"{at.chart}/plans/new", f"{at.chart}/goals/new",
        f"{at.chart}/scores/new", f"{at.chart}/visits/new", f"/visits/{at.visit}/change",
        f"/visits/{at.visit}/intervals/new", f"/visits/{at.visit}/tie", f"/notes/{at.note}/draft",
        f"/notes/{at.note}/sign", f"/notes/{at.note}/amend", f"/notes/{at.note}/error",
    )  # fmt: skip


@pytest.mark.parametrize(("size", "scheme"), looks("tablet"))
def test_an_owner(walk: Walk) -> None:
    walk.enter("owner")
    led_to(walk)
    found_by_key(walk)
    chart(walk)
    day(walk, f"person={walk.demo.overlap.person}&")


@pytest.mark.parametrize(("size", "scheme"), looks("phone"))
def test_a_front_desk_sees_no_word_of_a_note(walk: Walk) -> None:
    at = walk.demo.overlap
    walk.enter("front_desk")
    led_to(walk)
    found_by_key(walk)
    desk(walk)
    assert walk.demo.words
    for name, content in walk.seen.items():
        assert [each for each in walk.demo.words if each in content] == [], name
    no_more(
        walk, at.chart, f"{at.chart}/goals", f"{at.chart}/scores", f"/visits/{at.visit}", f"/notes/{at.note}", "/day"
    )


@pytest.mark.parametrize(("size", "scheme"), [("tablet", "light")])
def test_the_navigation_of_whoever_sees_most_stands_in_one_line(walk: Walk) -> None:
    walk.enter("owner")
    tops = walk.page.eval_on_selector_all(".top nav a", "all => all.map((a) => a.getBoundingClientRect().top)")
    assert len(set(tops)) == 1
