# ruff: noqa: F401, F811
"""The import as the front desk walks through it: at three sizes, by key, and with a file that is half broken."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.clinic.browser import ClinicSite, Watched, browser, clinic_site, context, watched
from tests.clinic.test_screens_browser import LOOKS, SIZES, check

EXAMPLES = Path(__file__).parents[2] / "examples" / "import"
BROKEN = (
    "Patient,Chart Number,DOB,Cell Phone,CPT Description,Notes\n"
    '"Stone, Ada",N-1001,05/13/1950,(555) 555-0101,x,knee\n'
    '"Reed, Jonah",N-1002,07/30/1961,12,x,\n'
    "Moss,N-1003,02/30/1948,,x,call first\n"
    ",,11/12/1987,,x,\n"
)


@pytest.mark.browser
@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_the_front_desk_brings_a_file_in(
    size: str, scheme: str, watched: Watched, clinic_site: ClinicSite, tmp_path: Path
) -> None:
    page = watched.page
    page.set_viewport_size(dict(zip(("width", "height"), SIZES[size], strict=True)))  # type: ignore[arg-type]
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    clinic_site.log_in(page.context, "olga")
    page.goto(f"{clinic_site.url}/home")
    page.get_by_role("link", name="Import").click()
    check(watched, "import")

    file = tmp_path / "patients.csv"
    file.write_text(BROKEN.replace("N-", f"N{size[0]}{scheme[0]}-".upper()), "utf-8")
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="Look at its columns").click()
    expect(page.get_by_role("heading", name="What each column becomes")).to_be_visible()
    expect(page.get_by_label("Notes")).to_have_value("")
    expect(page.get_by_label("Patient", exact=True)).to_have_value("name")
    check(watched, "import-columns")

    page.get_by_label("Notes").select_option("precautions")
    page.get_by_label("Notes").press("Tab")
    page.get_by_role("button", name="Try it without storing").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What would come in")).to_be_visible()
    expect(page.get_by_role("region", name="Rejected rows")).to_contain_text("no telephone number")
    check(watched, "import-tried")

    with page.expect_download() as got:
        page.get_by_role("link", name="Rejects as CSV (3)").click()
    assert "no telephone number" in Path(got.value.path()).read_text("utf-8-sig")
    page.get_by_role("button", name="Bring in 1 row").click()
    expect(page.get_by_role("heading", name="What came in")).to_be_visible()
    check(watched, "import-done")


@pytest.mark.browser
def test_what_is_no_table_is_told_on_the_form(watched: Watched, clinic_site: ClinicSite, tmp_path: Path) -> None:
    page = watched.page
    clinic_site.log_in(page.context, "dev")
    page.goto(f"{clinic_site.url}/import")
    file = tmp_path / "patients.xlsx"
    file.write_bytes(b"PK\x03\x04")
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="Look at its columns").click()
    expect(page.get_by_role("alert")).to_contain_text("save it as CSV")
    check(watched, "import-refused", expected=("(Unprocessable Entity)", "(Unprocessable Content)"))


@pytest.mark.browser
def test_a_profile_that_nobody_verified_says_so(watched: Watched, clinic_site: ClinicSite) -> None:
    page = watched.page
    page.set_viewport_size({"width": 1180, "height": 820})
    clinic_site.log_in(page.context, "olga")
    page.goto(f"{clinic_site.url}/import")
    page.get_by_label("History").check()
    page.get_by_label("Exported by").select_option("webpt-documented-units")
    page.get_by_label("File", exact=True).set_input_files(EXAMPLES / "webpt-documented-units.csv")
    page.get_by_role("button", name="Look at its columns").click()
    expect(page.get_by_role("note").first).to_contain_text("not verified against a file")
    check(watched, "import-webpt")
