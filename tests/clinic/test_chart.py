"""The chart's pages: what stands on them, who may see and change it, what is not known, how many queries they take."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest

from fifteen.clinic.accounts import break_glass
from fifteen.clinic.accounts.models import User
from fifteen.clinic.audit.models import Event
from fifteen.clinic.people import services as people
from fifteen.clinic.tenancy.models import Organization
from fifteen.clinic.treatment import services
from fifteen.clinic.treatment.models import Interval, IntervalPerson
from fifteen.web.clinic.chart.trend import trend
from tests.clinic.chart import DAY, a_site, an_episode, at, covered
from tests.clinic.chart_house import Chart
from tests.clinic.chart_pages import ana, as_, assistant, chart, episode_at, plain, read
from tests.clinic.conftest import Keyed, as_organization

__all__ = ["ana", "assistant", "chart"]

pytestmark = pytest.mark.django_db


# -- what stands on the pages ----------------------------------------------------------------------------------------


def test_the_timeline_holds_everything_newest_first(ana: Keyed, chart: Chart) -> None:
    text = read(ana, episode_at(chart))
    places = [text.index(each) for each in ("Plan of care 2", "2026-03-02", "Plan of care 1", "The episode begins")]
    assert places == sorted(places)
    assert "97140 ×1 GP" in text
    assert "taken back: It was the order of another patient" in text
    assert "Signed by the practitioner 2026-01-14, Dr. Ada Lane, fax" in text
    assert "From the former system PaperChart" in text
    assert "Units used: not known" in text
    assert re.search(r"\d holds? the claim", text)
    assert "Fall risk" in text
    assert "treatment day 2 here, those before not known" in text
    assert "LEFS 28 → 43 points change that matters" in text


def test_a_finding_opens_to_what_why_where_and_what_to_do(ana: Keyed, chart: Chart) -> None:
    text = read(ana, episode_at(chart))
    assert "the 46 timed minutes that the note states support 3" in text
    assert "Correct the minutes in the note if they are wrong" in text
    assert "CMS Pub. 100-04 ch. 5 §20.2" in text


def test_a_visit_shows_its_evidence(ana: Keyed, chart: Chart) -> None:
    response = ana.get(f"/visits/{chart.visit.id}")
    text = plain(response)
    assert "Ana, therapist" in text
    assert "08:00–08:15" in text  # the site's clock
    assert "corrects an earlier value: Tapped late, it began when she sat down" in text
    assert "<del>08:03–08:15</del>" in response.content.decode()
    assert "no clock time 9 97116 walking training one-on-one typed" in text
    assert "4 units supported" in text
    assert "Timed minutes 55" in text
    assert "straight leg raise right hip 3 × 10 2 lb" in text


def test_what_would_change_the_units_is_told_only_once_the_note_is_signed(ana: Keyed, chart: Chart) -> None:
    assert "Would change:" in read(ana, f"/visits/{chart.visit.id}")
    assert "Would change:" in read(ana, f"/notes/{chart.note}")
    assert "Would change:" not in read(ana, f"/visits/{chart.other_visit.id}")


def test_an_overlap_names_no_other_patient(ana: Keyed, chart: Chart) -> None:
    response = ana.get(f"/visits/{chart.visit.id}")
    text = plain(response)
    assert "Ana, 08:33 to 08:46, 13 min: here (97112 08:33–08:46) and with another patient." in text
    assert "Bert" not in text
    assert chart.other.id not in response.content.decode()
    assert f'href="/visits/{chart.other_visit.id}"' in response.content.decode()
    assert "record it as group, if it was group" in text


def test_the_note_is_laid_out_and_findings_stand_apart(ana: Keyed, chart: Chart) -> None:
    html = ana.get(f"/notes/{chart.note}").content.decode()
    note, beside = html.split("<aside", 1)
    text = " ".join(re.sub(r"<[^>]+>", " ", note).split())
    for each in (
        "Stairs are easier", "knee flexion", "108 degrees", "straight leg raise", "4 → 12 stairs",
        "Quadriceps control", "Raise the step", "Timed minutes 46 · Total minutes 55", "Signed by Ana, PT",
    ):  # fmt: skip
        assert each in text, each
    assert "Holds the claim" not in note
    assert "Holds the claim" in beside
    css = ana.get("/static/fifteen/chart.css")
    style = b"".join(css.streaming_content).decode() if css.streaming else css.content.decode()
    assert re.search(r"@media print \{[^}]*\.chart-beside[^}]*display: none", style)


def test_goals_and_scores(ana: Keyed, chart: Chart) -> None:
    goals = read(ana, f"{episode_at(chart)}/goals")
    assert "LTG 1 long-term Climb 12 stairs step over step with one rail" in goals
    assert "Met 2026-02-02 160 m without a cane" in goals
    html = ana.get(f"{episode_at(chart)}/scores").content.decode()
    assert html.count('<svg class="trend"') == 2
    assert "style=" not in html
    scores = " ".join(re.sub(r"<[^>]+>", " ", html).split())
    assert "28 → 43 points (+15) change that matters" in scores
    assert "Change that matters: 9 to 16 points" in scores
    assert "JOSPT 2014;44:560, as reported · secondary" in scores
    assert "7 → 6 points (−1) less than the change that matters" in scores


def test_a_measure_that_the_rulebook_does_not_hold_says_so(ana: Keyed, chart: Chart, north: Organization) -> None:
    with as_organization(north.id):
        user = User.objects.get(login="ana")
        services.add_score(chart.episode, measure="HOOS", value="40", date=DAY, user=user)
        services.add_score(chart.episode, measure="BBS", value="40", date=DAY, user=user)
    text = read(ana, f"{episode_at(chart)}/scores")
    assert "The rulebook does not hold this measure: which way is better is not known." in text
    assert "recalled, to be confirmed · unverified" in text


def test_a_day_of_a_person_on_one_clock(ana: Keyed, chart: Chart) -> None:
    html = ana.get(f"/day?date={DAY}").content.decode()
    text = " ".join(re.sub(r"<[^>]+>", " ", html).split())
    assert "Ana, 08:33 to 08:46: 13 minutes with two patients at once, A3 and B1." in text
    assert "Maria" not in text
    assert "Bert" not in text
    assert "A ME" in text
    assert f'href="/visits/{chart.visit.id}"' in html
    assert 'class="once"' in html
    empty = read(ana, "/day?date=2026-02-28")
    assert "No time on this day" in empty
    assert "Next day with time: 2026-03-02" in empty


def test_a_patient_without_anything_says_what_is_missing(ana: Keyed, north: Organization, therapist: User) -> None:
    with as_organization(north.id):
        patient = people.register("Nora Nothing")
        episode = an_episode(patient, a_site())
    text = read(ana, f"/patients/{patient.id}/episodes/{episode.id}")
    for each in ("Born: not known", "Payer: not known", "Precautions: none recorded", "No goal is set yet."):
        assert each in text
    assert text.count("not known") >= 5


def test_a_code_that_no_catalogue_holds_breaks_no_page(ana: Keyed, north: Organization, therapist: User) -> None:
    with as_organization(north.id):
        visit = services.start_visit(an_episode(people.register("Cody Code"), a_site()), date=DAY)
        row = Interval(
            visit=visit, service="zz99z", mode="waltz", start=at(9), stop=at(9, 30), by=therapist.id, at=at(9, 31)
        )
        row.save(force_insert=True)
        IntervalPerson(interval=row, user=therapist, role="therapist").save(force_insert=True)
    assert "zz99z" in read(ana, f"/visits/{visit.id}")
    text = read(ana, f"/day?date={DAY}")
    assert "Not checked: an interval of this day cannot be read by the engine." in text


# -- the list --------------------------------------------------------------------------------------------------------


def names(html: str) -> list[str]:
    return re.findall(r'<a class="whole"[^>]*>([^<]+)</a>', html)


def test_the_list_goes_by_name_from_page_to_page(ana: Keyed, north: Organization) -> None:
    with as_organization(north.id):
        for number in range(120):
            people.register(f"Patient {number % 60:02d}")  # every name twice
    seen: list[str] = []
    address = "/patients"
    for expected in (50, 50, 20):
        html = ana.get(address).content.decode()
        assert len(names(html)) == expected
        seen += re.findall(r'class="whole" href="(/patients/\w+)', html)
        after = re.search(r'rel="next" href="([^"]+)"', html)
        address = after[1] if after else address
    assert len(set(seen)) == 120
    back = re.search(r'rel="prev" href="([^"]+)"', ana.get(address).content.decode())
    assert back
    html = ana.get(back[1]).content.decode()
    assert re.findall(r'class="whole" href="(/patients/\w+)', html) == seen[50:100]
    assert "Patient" not in address  # no name goes into an address


def test_the_list_says_where_each_stands(ana: Keyed, chart: Chart) -> None:
    html = ana.get("/patients").content.decode()
    assert names(html) == ["Bert Sample", "Maria Example"]
    assert f'href="{episode_at(chart)}"' in html
    text = read(ana, "/patients?q=maria")
    assert "1951-05-14 74" in text
    assert "none booked" in text
    assert "Bert" not in text


# -- who may ---------------------------------------------------------------------------------------------------------


def test_the_front_desk_sees_the_list_and_no_chart(chart: Chart, north: Organization) -> None:
    desk = as_(north, "front_desk")
    html = desk.get("/patients").content.decode()
    assert episode_at(chart) not in html
    assert "Maria Example" in html
    for address in (episode_at(chart), f"/visits/{chart.visit.id}", f"/notes/{chart.note}", f"/day?date={DAY}"):
        assert desk.get(address).status_code == 403
    page = desk.get(f"/patients/{chart.patient.id}").content.decode()
    assert "Fall risk" not in page
    assert "Right knee" not in page


def test_a_broken_glass_opens_the_chart_for_its_patient_only(chart: Chart, north: Organization) -> None:
    desk = as_(north, "front_desk")
    with as_organization(north.id):
        user = User.objects.get(login="the-front_desk")
        break_glass.open_(user, chart.patient, "she fainted at the desk")
    assert "Fall risk" in read(desk, episode_at(chart))
    assert "Treatment note, signed" in read(desk, f"/visits/{chart.visit.id}")
    assert desk.get(f"/visits/{chart.other_visit.id}").status_code == 403
    assert desk.post(f"/visits/{chart.visit.id}/intervals/new").status_code == 403


def test_a_biller_reads_and_changes_nothing(chart: Chart, north: Organization) -> None:
    biller = as_(north, "biller")
    text = read(biller, episode_at(chart))
    assert "Start a visit" not in text
    assert biller.post(f"/visits/{chart.visit.id}/intervals/new").status_code == 403
    assert biller.post(f"{episode_at(chart)}/goals/new").status_code == 403


def test_a_day_is_ones_own_and_anybodys_for_compliance(
    ana: Keyed, chart: Chart, north: Organization, assistant: User, therapist: User
) -> None:
    assert ana.get(f"/day?date={DAY}&person={assistant.id}").status_code == 403
    compliance = as_(north, "compliance")
    assert "Whose day?" in read(compliance, "/day")
    assert "Kai" in read(compliance, f"/day?date={DAY}&person={assistant.id}")
    assert compliance.get("/day?person=nobody").status_code == 404


def test_an_episode_is_read_under_its_own_patient_only(ana: Keyed, chart: Chart) -> None:
    assert ana.get(f"/patients/{chart.other.id}/episodes/{chart.episode.id}").status_code == 404


def test_what_is_looked_at_is_recorded_without_words(ana: Keyed, chart: Chart, north: Organization) -> None:
    for address in (episode_at(chart), f"/visits/{chart.visit.id}", f"/day?date={DAY}"):
        read(ana, address)
    with as_organization(north.id):
        found = {each.action: each for each in Event.objects.all()}
    assert found["chart.view"].object == chart.episode.id
    assert found["chart.view"].patient == chart.patient.id
    assert found["visits.view"].object == chart.visit.id
    assert found["day.view"].detail == {"day": "2026-03-02"}


# -- the drawing of a trend ------------------------------------------------------------------------------------------


def test_a_trend_lies_between_its_edges() -> None:
    days = [(date(2026, 1, 5), Decimal(28)), (date(2026, 2, 5), Decimal("36.5")), (date(2026, 3, 2), Decimal(43))]
    drawn = trend(days, (Decimal(9), Decimal(16)))
    assert [each.value for each in drawn.points] == ["28", "36.5", "43"]
    assert drawn.points[0].x == 8
    assert drawn.points[-1].x == 312
    assert drawn.points[0].y > drawn.points[1].y > drawn.points[2].y
    assert drawn.band is not None
    top, height = drawn.band
    assert top < drawn.points[2].y < top + height
    alone = trend([(date(2026, 1, 5), Decimal(0))])
    assert alone.points[0].value == "0"
    assert alone.band is None


def test_a_lower_score_that_is_better_has_its_band_below() -> None:
    drawn = trend([(date(2026, 1, 5), Decimal(7)), (DAY, Decimal(6))], (Decimal("1.5"), Decimal("3.5")), lower=True)
    assert drawn.band is not None
    assert drawn.band[0] > drawn.points[1].y


def test_the_list_begins_with_current_patients_and_a_search_finds_all(ana: Keyed, north: Organization) -> None:
    with as_organization(north.id):
        gone = people.register("Gone Home")
        people.register("New Here")
        episode = an_episode(gone, a_site())
        services.discharge(episode, episode.version, DAY)
    current = read(ana, "/patients")
    assert "New Here" in current
    assert "Gone Home" not in current
    assert "Gone Home" in read(ana, "/patients?show=all")
    assert "Gone Home" in read(ana, "/patients?q=gone")


def test_an_open_episode_of_a_merged_record_keeps_its_patient_current(
    ana: Keyed, north: Organization, therapist: User
) -> None:
    with as_organization(north.id):
        site = a_site()
        ada, third, other, first = (people.register(f"Ada {each}") for each in ("Alvarez", "Third", "Again", "First"))
        for kept, merged in ((other, first), (third, other), (ada, third)):
            people.merge(kept, merged, "typed twice", therapist)
        late, ended = an_episode(first, site), an_episode(ada, site)
        services.discharge(ended, ended.version, DAY)
    html = ana.get("/patients").content.decode()
    assert names(html) == ["Ada Alvarez"]
    assert f"/episodes/{late.id}" in html
    with as_organization(north.id):
        services.discharge(late, late.version, DAY)
    assert "Ada Alvarez" not in read(ana, "/patients")


def test_nobody_waits_for_a_report_after_the_discharge(ana: Keyed, north: Organization) -> None:
    with as_organization(north.id):
        episode = an_episode(people.register("Gone Home"), a_site())
        at = f"/patients/{episode.patient_id}/episodes/{episode.id}"
    assert "Progress report" in read(ana, at)
    with as_organization(north.id):
        services.discharge(episode, episode.version, DAY)
    assert "Progress report" not in read(ana, at)


def test_a_certification_that_comes_after_the_discharge_is_shown(
    ana: Keyed, north: Organization, therapist: User
) -> None:
    with as_organization(north.id):
        patient = people.register("Gone Home")
        covered(patient)
        episode = an_episode(patient, a_site())
        plan = services.add_plan(episode, starts=episode.started, ends=date(2026, 1, 30))
        services.certify(plan, step="sent", date=date(2026, 1, 6), how="fax", user=therapist)
        services.discharge(episode, episode.version, date(2026, 1, 20))
        at = f"/patients/{patient.id}/episodes/{episode.id}"
    assert "Certification Overdue" in read(ana, at)
    with as_organization(north.id):
        services.certify(
            plan, step="signed", date=date(2026, 2, 20), signer="Dr. Sample", reason="Sent twice", user=therapist
        )
    assert "Certification Certified late holds until 2026-01-30" in read(ana, at)
