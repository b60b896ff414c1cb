# ruff: noqa: F401, F811
"""The chart as a therapist uses it: at three sizes, in light and dark, by key, and on paper."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.clinic.browser import (  # fixtures are taken by their names
    ClinicSite,
    Watched,
    browser,
    clinic_site,
    context,
    watched,
)
from tests.clinic.test_screens_browser import LOOKS, SIZES, overflow

FURNISH = """
import json, sys
import django
django.setup()
from datetime import timedelta
from django.db import transaction
from fifteen.clinic.accounts import sessions
from fifteen.clinic.accounts.models import User
from fifteen.clinic.audit.record import Who, acting_as
from fifteen.clinic.people import services as people
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.context import acting
from tests.clinic import chart_house

with transaction.atomic(), acting(sys.argv[1]):
    ana = User.objects.get(login="ana")
    kai = User(login="kai", name="Kai Kent", role="assistant", discipline="PT", made=now())
    kai.save(force_insert=True)
    with acting_as(Who(actor=ana.id, role="therapist")):
        chart = chart_house.furnish(ana, kai, (now() - timedelta(hours=30)).date(), days=(0, 38))
        people.register("Nora Nothing")
print(json.dumps({
    "patient": chart.patient.id, "episode": chart.episode.id, "visit": chart.visit.id, "note": chart.note,
    "amended": chart.amended.id, "day": chart.visit.date.isoformat(),
}))
"""
SMALL = """() => [...document.querySelectorAll(
    ":is(main, header) :is(a, button, summary, select, input:not([type=hidden], [type=checkbox], [type=radio]))")]
  .filter((each) => each.checkVisibility() && !each.matches(".skip") && each.getBoundingClientRect().height < 43.5)
  .map((each) => each.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def chart(clinic_site: ClinicSite) -> dict[str, str]:
    found: dict[str, str] = clinic_site.run(FURNISH, clinic_site.organization)
    return found


@pytest.fixture
def ana(watched: Watched, clinic_site: ClinicSite) -> Watched:
    clinic_site.log_in(watched.page.context, "ana")
    return watched


def pages(chart: dict[str, str]) -> dict[str, str]:
    episode = f"/patients/{chart['patient']}/episodes/{chart['episode']}"
    return {
        "patients": "/patients", "patient": f"/patients/{chart['patient']}", "episode": episode,
        "goals": f"{episode}/goals", "scores": f"{episode}/scores", "visit": f"/visits/{chart['visit']}",
        "note": f"/notes/{chart['note']}", "day": f"/day?date={chart['day']}", "day-empty": "/day?date=2020-01-01",
        "episode-change": f"{episode}/change", "plan-new": f"{episode}/plans/new", "goal-new": f"{episode}/goals/new",
        "time-new": f"/visits/{chart['visit']}/intervals/new", "visit-change": f"/visits/{chart['visit']}/change",
    }  # fmt: skip


def check(watched: Watched, name: str) -> None:
    """Nothing to complain of, nothing wider than the screen, nothing too small to tap."""
    assert watched.axe() == [], name
    assert overflow(watched.page) <= 0, name
    assert watched.page.evaluate(SMALL) == [], name
    watched.check()


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_every_page_is_accessible(
    size: str, scheme: str, ana: Watched, clinic_site: ClinicSite, chart: dict[str, str]
) -> None:
    page = ana.page
    page.set_viewport_size(dict(zip(("width", "height"), SIZES[size], strict=True)))  # type: ignore[arg-type]
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    for name, address in pages(chart).items():
        page.goto(clinic_site.url + address)
        page.evaluate("document.querySelectorAll('main details').forEach((each) => (each.open = true))")
        check(ana, name)


def test_a_therapist_finds_a_patient_and_reads_by_key_alone(
    ana: Watched, clinic_site: ClinicSite, chart: dict[str, str]
) -> None:
    page = ana.page
    page.goto(f"{clinic_site.url}/patients")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("maria")
    page.keyboard.press("Enter")
    page.wait_for_url("**/patients?q=maria")
    page.get_by_role("link", name="Maria Example").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Right knee after replacement")
    fact = page.locator("details.fact > summary").first
    fact.focus()
    page.keyboard.press("Enter")
    expect(page.locator("details.fact").first).to_have_attribute("open", "")
    said = page.locator(".what-said > summary").first
    said.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".what-said").first.get_by_text("Holds the claim", exact=True).first).to_be_visible()
    check(ana, "episode, opened")
    page.get_by_role("link", name="Goals", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Goals")


def test_time_is_corrected_and_both_values_stand(ana: Watched, clinic_site: ClinicSite, chart: dict[str, str]) -> None:
    page = ana.page
    page.goto(f"{clinic_site.url}/visits/{chart['visit']}")
    page.get_by_role("link", name="Correct 97112").click()
    page.get_by_label("To", exact=True).fill("8:45")
    page.get_by_label("Reason").fill("The other patient came in at 8:45")
    page.get_by_role("button", name="Correct it").click()
    expect(page.locator("del", has_text="08:33–08:46")).to_be_visible()
    expect(page.get_by_text("corrects an earlier value: The other patient came in at 8:45")).to_be_visible()
    check(ana, "visit, corrected")


def test_what_was_typed_stays_where_it_is_refused(ana: Watched, clinic_site: ClinicSite, chart: dict[str, str]) -> None:
    page = ana.page
    page.goto(f"{clinic_site.url}/visits/{chart['visit']}/intervals/new")
    page.get_by_label("Service").fill("97530")
    page.get_by_label("From", exact=True).fill("half past")
    page.get_by_role("button", name="Add the time").click()
    expect(page.get_by_role("alert")).to_contain_text("what you typed is still here")
    expect(page.get_by_label("From", exact=True)).to_have_value("half past")
    assert [each for each in ana.said if "Unprocessable" not in each] == []
    ana.said.clear()
    check(ana, "time, refused")


def test_the_day_leads_from_a_patient_to_the_visit(
    ana: Watched, clinic_site: ClinicSite, chart: dict[str, str]
) -> None:
    page = ana.page
    page.goto(f"{clinic_site.url}/day?date={chart['day']}")
    expect(page.get_by_role("img", name="The day by patient and by person")).to_be_visible()
    page.get_by_role("link", name="A ME").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Visit {chart['day']}")


def visible(page: Page, selector: str) -> bool:
    found: Any = page.evaluate(
        "(selector) => [...document.querySelectorAll(selector)].some((each) => each.checkVisibility())", selector
    )
    return bool(found)


def test_on_paper_a_note_is_a_note(ana: Watched, clinic_site: ClinicSite, chart: dict[str, str]) -> None:
    page = ana.page
    page.goto(f"{clinic_site.url}/notes/{chart['note']}")
    assert visible(page, ".finding")
    page.emulate_media(media="print")
    for hidden in (".finding", ".patient-header", "nav", ".tools", ".chart-beside", "button"):
        assert not visible(page, hidden), hidden
    for shown in (".paper", ".doses", ".signatures", "h1"):
        assert visible(page, shown), shown
    expect(page.locator(".print-only")).to_have_text(", Born 1951-05-14")
    assert visible(page, ".print-only")
    assert overflow(page) <= 0
