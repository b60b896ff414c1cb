# ruff: noqa: F401, F811
"""The front desk's pages as a person uses them: full, empty and refused, at three sizes, in light and dark."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.sync_api import expect

from tests.clinic.browser import (  # fixtures are taken by their names
    WATCH,
    ClinicSite,
    Watched,
    browser,
    clinic_site,
    context,
    watched,
)
from tests.clinic.files import PDF
from tests.clinic.test_screens_browser import LOOKS, SIZES, check

FILL = Path(__file__).with_name("desk_filled.py").read_text()


class Filled(msgspec.Struct, frozen=True):
    """The ids of what stands in the clinic."""

    ada: str
    empty: str
    payer: str
    unknown: str
    site: str
    coverage: str
    booking: str
    gone: str
    wrong: str
    today: str
    authorization: str
    referral: str
    referrer: str


@pytest.fixture(scope="module")
def filled(clinic_site: ClinicSite) -> Filled:
    people = clinic_site.people
    made = clinic_site.run(FILL, clinic_site.organization, people["ana"].id, people["dev"].id)
    return msgspec.convert(made, Filled)


def pages(of: Filled) -> dict[str, str]:
    ada, empty = f"/patients/{of.ada}", f"/patients/{of.empty}"
    return {
        "coverage": f"{ada}/coverage", "coverage-none": f"{empty}/coverage", "coverage-new": f"{ada}/coverage/new",
        "coverage-change": f"/coverages/{of.coverage}", "accrual-new": f"{ada}/accruals/new",
        "authorization-new": f"{ada}/authorizations/new", "authorization": f"/authorizations/{of.authorization}",
        "referrals": f"{ada}/referrals", "referrals-none": f"{empty}/referrals", "referral-new": f"{ada}/referrals/new",
        "referral": f"/referrals/{of.referral}", "referrers": "/referrers", "referrer": f"/referrers/{of.referrer}",
        "consents": f"{ada}/consents", "consents-none": f"{empty}/consents",
        "documents": f"{ada}/documents", "documents-hidden": f"{ada}/documents?hidden=1",
        "documents-none": f"{empty}/documents", "document-new": f"{ada}/documents/new",
        "document-hide": f"/documents/{of.wrong}/hide",
        "bookings": f"{ada}/bookings", "bookings-none": f"{empty}/bookings", "booking-new": f"{ada}/bookings/new",
        "booking": f"/bookings/{of.booking}", "booking-gone": f"/bookings/{of.gone}",
        "schedule": f"/schedule?date={of.today}", "schedule-none": "/schedule?date=2030-01-06",
        "without-next": "/schedule/without-next", "payers": "/payers", "payer": f"/payers/{of.payer}",
        "payer-unknown": f"/payers/{of.unknown}",
    }  # fmt: skip


@pytest.fixture
def desk_page(watched: Watched, clinic_site: ClinicSite, filled: Filled) -> Watched:
    clinic_site.log_in(watched.page.context, "dev")
    return watched


def look(watched: Watched, size: str, scheme: str) -> None:
    watched.page.set_viewport_size(dict(zip(("width", "height"), SIZES[size], strict=True)))  # type: ignore[arg-type]
    watched.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_every_page_is_accessible(
    size: str, scheme: str, desk_page: Watched, clinic_site: ClinicSite, filled: Filled
) -> None:
    look(desk_page, size, scheme)
    for name, address in pages(filled).items():
        desk_page.page.goto(clinic_site.url + address)
        check(desk_page, f"desk-{name}")
    clinic_site.log_in(desk_page.page.context, "olga")
    ana = clinic_site.people["ana"].id
    for name, address in {
        "site": f"/sites/{filled.site}", "sites": "/sites", "person": f"/people/{ana}",
        "person-change": f"/people/{ana}/change", "payer-new": "/payers/new", "payer-owner": f"/payers/{filled.payer}",
        "payer-change": f"/payers/{filled.payer}/change", "home-owner": "/home",
    }.items():  # fmt: skip
        desk_page.page.goto(clinic_site.url + address)
        check(desk_page, f"desk-{name}")


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_every_refusal_is_accessible_and_keeps_what_was_typed(
    size: str, scheme: str, desk_page: Watched, clinic_site: ClinicSite, filled: Filled
) -> None:
    look(desk_page, size, scheme)
    page, url = desk_page.page, clinic_site.url
    refused = ("(Unprocessable Entity)", "(Unprocessable Content)")
    page.goto(f"{url}/patients/{filled.ada}/coverage/new")
    page.get_by_label("Plan or group").fill("Plan G")
    page.get_by_role("button", name="Store").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose a payer")
    expect(page.get_by_label("Plan or group")).to_have_value("Plan G")
    check(desk_page, "desk-coverage-refused", expected=refused)

    page.goto(f"{url}/coverages/{filled.coverage}")
    page.evaluate("document.querySelectorAll('[name=version]').forEach((each) => (each.value = 99))")
    page.get_by_label("Plan or group").fill("Another")
    page.get_by_role("button", name="Store").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing of yours was stored")
    check(desk_page, "desk-coverage-conflict", expected=("(Conflict)",))

    page.goto(f"{url}/patients/{filled.ada}/documents/new")
    page.get_by_label("Title").fill("A drawing")
    page.get_by_label("What it is").select_option("letter")
    page.locator("input[type=file]").set_input_files(
        {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"<svg/>"}
    )
    page.get_by_role("button", name="File it").click()
    expect(page.get_by_role("alert")).to_contain_text("XML")
    expect(page.get_by_label("Title")).to_have_value("A drawing")
    check(desk_page, "desk-document-refused", expected=refused)

    page.goto(f"{url}/patients/{filled.ada}/bookings/new")
    page.get_by_label("Minutes").fill("900")
    page.get_by_label("Mon").check()
    page.get_by_role("button", name="Book", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("5 to 480")
    expect(page.get_by_label("Mon")).to_be_checked()
    check(desk_page, "desk-booking-refused", expected=refused)


def test_a_signed_plan_is_filed_and_downloaded_by_hand(
    desk_page: Watched, clinic_site: ClinicSite, filled: Filled, tmp_path: Path
) -> None:
    page = desk_page.page
    page.goto(f"{clinic_site.url}/patients/{filled.ada}/documents")
    page.get_by_role("link", name="File a document").click()
    page.locator("input[type=file]").set_input_files({"name": "x.pdf", "mimeType": "application/pdf", "buffer": PDF})
    page.get_by_label("What it is").select_option("plan")
    page.get_by_label("Title").fill("Plan, page 2")
    page.get_by_label("Signed by").fill("Dr. Leah Elm, MD")
    page.get_by_label("Day beside the signature").fill(filled.today)
    page.get_by_label("Certifies the plan of care").select_option(index=1)
    page.get_by_role("button", name="File it").click()
    expect(page.get_by_role("status").first).to_contain_text("the plan of care is certified")
    check(desk_page, "desk-documents-filed")
    with page.expect_download() as coming:
        page.get_by_role("link", name="Plan, page 2", exact=True).click()
    coming.value.save_as(tmp_path / "got.pdf")
    assert (tmp_path / "got.pdf").read_bytes() == PDF
    assert coming.value.suggested_filename == f"Plan-page-2-{filled.today}.pdf"


def test_a_visit_is_booked_and_begun_by_key_alone(desk_page: Watched, clinic_site: ClinicSite, filled: Filled) -> None:
    page = desk_page.page
    page.goto(f"{clinic_site.url}/patients/{filled.ada}/bookings")
    page.get_by_role("link", name="Book a visit").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/bookings/new")
    page.get_by_label("Day", exact=True).fill(filled.today)
    page.get_by_label("Time at the site").fill("16:00")
    page.get_by_role("button", name="Book", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Booked.")
    page.get_by_role("link", name="16:00").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Arrived: begin the visit").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("the visit has begun")
    check(desk_page, "desk-booking-arrived")
