"""The chart's plain forms: what was typed is kept, and what was corrected stays to be seen."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fifteen.clinic.accounts.models import User
from fifteen.clinic.people import services as people
from fifteen.clinic.tenancy.models import Organization
from fifteen.clinic.treatment import access, services
from fifteen.clinic.treatment.models import Visit
from tests.clinic.chart import DAY, a_site, an_episode, at, covered, treated
from tests.clinic.chart_house import Chart
from tests.clinic.chart_pages import ana, assistant, chart, episode_at, read
from tests.clinic.conftest import Keyed, as_organization

__all__ = ["ana", "assistant", "chart"]

pytestmark = pytest.mark.django_db


def test_time_is_added_typed_and_assessed_at_once(ana: Keyed, chart: Chart, therapist: User) -> None:
    address = f"/visits/{chart.other_visit.id}"
    form = {"service": "97530", "mode": "one-on-one", "start": "9:10", "stop": "9:30", "people": [therapist.id]}
    assert ana.post(f"{address}/intervals/new", form | {"minutes": ""}).status_code == 302
    text = read(ana, address)
    assert "09:10–09:30 20 97530" in text
    assert "typed" in text


def test_what_is_refused_keeps_what_was_typed(ana: Keyed, chart: Chart, therapist: User) -> None:
    address = f"/visits/{chart.visit.id}/intervals/new"
    form = {"service": "97530", "mode": "one-on-one", "start": "half past", "stop": "9:30", "people": [therapist.id]}
    response = ana.post(address, form)
    assert response.status_code == 422
    html = response.content.decode()
    assert 'value="half past"' in html
    assert "Nothing was stored; what you typed is still here." in html
    assert 'role="alert"' in html


def test_only_what_was_sent_by_a_form_is_stored(ana: Keyed, chart: Chart, north: Organization) -> None:
    address = f"{episode_at(chart)}/visits/new"
    assert ana.post(address, {}).status_code == 422
    for method in ("put", "patch", "delete"):
        assert getattr(ana, method)(address).status_code == 405
    with as_organization(north.id):
        assert access.visits_of(chart.episode).count() == len(chart.visits)


def test_a_correction_keeps_the_first_value_and_its_reason(ana: Keyed, chart: Chart, north: Organization) -> None:
    with as_organization(north.id):
        row = next(each for each in access.intervals_of(chart.visit) if each.service == "97112")
        who = [each.user_id for each in row.people.all()]
    form = {"service": "97112", "mode": "one-on-one", "start": "08:33", "stop": "08:40", "people": who}
    assert ana.post(f"/intervals/{row.id}/amend", form | {"reason": ""}).status_code == 422
    assert ana.post(f"/intervals/{row.id}/amend", form | {"reason": "went to Bert at 8:40"}).status_code == 302
    html = ana.get(f"/visits/{chart.visit.id}").content.decode()
    assert "<del>08:33–08:46</del>" in html
    assert "08:33–08:40" in html
    with as_organization(north.id):
        corrected = next(each for each in access.intervals_of(chart.visit) if each.amends_id == row.id)
    assert corrected.start == row.start


@pytest.mark.parametrize(("stop", "origin"), [("09:12", "timer"), ("09:13", "typed")])
def test_tapped_time_stays_tapped_where_its_time_was_left_as_it_stood(
    ana: Keyed, chart: Chart, therapist: User, north: Organization, stop: str, origin: str
) -> None:
    seconds = timedelta(seconds=17)
    with as_organization(north.id):
        row = treated(chart.visit, therapist, at(9) + seconds, at(9, 12) + seconds, origin="timer")
    form = {"service": "97530", "mode": "one-on-one", "start": "09:00", "stop": stop, "people": [therapist.id]}
    assert ana.post(f"/intervals/{row.id}/amend", form | {"minutes": "", "reason": "another code"}).status_code == 302
    with as_organization(north.id):
        found = next(each for each in access.intervals_of(chart.visit) if each.amends_id == row.id)
    assert (found.service, found.start, found.origin) == ("97530", row.start, origin)


def test_time_that_lies_on_another_day_is_corrected_onto_the_day_of_its_visit(
    ana: Keyed, chart: Chart, therapist: User, north: Organization
) -> None:
    with as_organization(north.id):
        row = treated(chart.other_visit, therapist, at(10), at(10, 20))
        before = DAY - timedelta(days=1)
        Visit.objects.filter(id=chart.other_visit.id).update(date=before)
    form = {"service": "97110", "mode": "one-on-one", "start": "10:00", "stop": "10:20", "people": [therapist.id]}
    assert ana.post(f"/intervals/{row.id}/amend", form | {"reason": "it was the day before"}).status_code == 302
    with as_organization(north.id):
        found = next(each for each in access.intervals_of(chart.other_visit) if each.amends_id == row.id)
    assert (found.start, found.stop) == (at(10, 0, before), at(10, 20, before))


def test_a_visit_with_time_says_what_to_do_before_it_moves(ana: Keyed, chart: Chart) -> None:
    form = {"version": "1", "date": str(DAY - timedelta(days=1)), "arrived": "", "departed": ""}
    response = ana.post(f"/visits/{chart.other_visit.id}/change", form)
    assert response.status_code == 422
    assert "correct the time to 0 minutes" in response.content.decode()


def test_whoever_was_first_stands_and_the_other_sees_both(ana: Keyed, chart: Chart, north: Organization) -> None:
    with as_organization(north.id):
        goal = next(iter(access.goals_of(chart.episode).filter(goal="LTG 1")))
        services.change_goal(goal, goal.version, progress="9 stairs")
    form = {"text": "Climb 14 stairs", "status": "active", "progress": "8 stairs", "version": "1"}
    response = ana.post(f"/goals/{goal.id}/change", form)
    assert response.status_code == 409
    html = response.content.decode()
    assert "Climb 14 stairs" in html
    assert "Stands now:" in html
    assert "9 stairs" in html
    assert 'name="version" value="2"' in html
    assert ana.post(f"/goals/{goal.id}/change", form | {"version": "2"}).status_code == 302


def test_a_tie_is_settled_by_a_person_and_nothing_is_set_beforehand(
    ana: Keyed, north: Organization, therapist: User
) -> None:
    with as_organization(north.id):
        site, patient = a_site(), people.register("Tia Tie")
        covered(patient)
        visit = services.start_visit(an_episode(patient, site), date=DAY)
        treated(visit, therapist, at(9), at(9, 20), "97110")
        treated(visit, therapist, at(9, 20), at(9, 40), "97112")
    assert "tie is open" in read(ana, f"/patients/{patient.id}/episodes/{visit.episode_id}")
    html = ana.get(f"/visits/{visit.id}/tie").content.decode()
    assert 'value="97112"' in html
    assert "checked" not in html
    assert ana.post(f"/visits/{visit.id}/tie", {}).status_code == 422
    assert ana.post(f"/visits/{visit.id}/tie", {"codes": "97140"}).status_code == 422
    assert ana.post(f"/visits/{visit.id}/tie", {"codes": "97112"}).status_code == 302
    text = read(ana, f"/visits/{visit.id}")
    assert "Tie, settled: 97112" in text


def test_an_episode_is_opened_planned_certified_and_discharged(ana: Keyed, north: Organization) -> None:
    with as_organization(north.id):
        site, patient = a_site(), people.register("Ida Invented")
    form = {"discipline": "PT", "site": site.id, "problem": "Shoulder", "diagnoses": "* M25.511 shoulder pain"}
    assert ana.post(f"/patients/{patient.id}/episodes/new", form | {"started": "2026-02-02"}).status_code == 302
    with as_organization(north.id):
        episode = access.episodes_of(patient)[0]
    assert episode.diagnoses == [{"code": "M25.511", "text": "shoulder pain", "treated": True}]
    address = f"/patients/{patient.id}/episodes/{episode.id}"
    assert ana.post(f"{address}/plans/new", {"starts": "2026-02-02", "ends": "2026-04-02"}).status_code == 302
    with as_organization(north.id):
        plan = access.plans_of(episode)[0]
    step = {"step": "signed", "date": "2026-02-09", "signer": "Dr. Ada Lane"}
    assert ana.post(f"/plans/{plan.id}/certify", step).status_code == 302
    assert "Signed by the practitioner 2026-02-09, Dr. Ada Lane" in read(ana, address)
    with as_organization(north.id):
        signed = access.certifications_of(plan)[0]
    assert ana.post(f"/certifications/{signed.id}/void", {"reason": "wrong plan"}).status_code == 302
    assert "taken back: wrong plan" in read(ana, address)
    assert ana.post(f"{address}/discharge", {"version": "1", "on": "2026-03-01"}).status_code == 302
    assert "Discharged" in read(ana, address)
    assert ana.post(f"{address}/discharge", {"version": "2"}).status_code == 302
    assert "Discharged" not in read(ana, address)


def test_an_order_is_chosen_for_an_episode_and_stands_for_its_certification(ana: Keyed, north: Organization) -> None:
    started = DAY - timedelta(days=40)
    with as_organization(north.id):
        site, patient = a_site(), people.register("Ida Invented")
        covered(patient)
        sender, other = people.register_referrer("Dr. Ada Lane"), people.register("Bert Sample")
        order = people.add_referral(patient, sender, discipline="PT", received=started, signed=started)
        speech = people.add_referral(patient, sender, discipline="SLP", received=started)
        foreign = people.add_referral(other, sender, discipline="PT", received=started, signed=started)
    form = {"discipline": "PT", "site": site.id, "problem": "Shoulder", "started": str(started)}
    address = f"/patients/{patient.id}/episodes/new"
    html = ana.get(address).content.decode()
    assert f"Dr. Ada Lane, PT, signed {started}" in html
    assert "Dr. Ada Lane, SLP, not signed" in html
    assert foreign.id not in html
    for wrong in (foreign.id, speech.id, "nothing"):
        response = ana.post(address, form | {"referral": wrong})
        assert response.status_code == 422
    assert ana.post(address, form).status_code == 302
    with as_organization(north.id):
        episode = access.episodes_of(patient)[0]
        plan = services.add_plan(episode, starts=started)
        services.certify(plan, step="sent", date=started, user=User.objects.get(login="ana"))
    assert episode.referral_id is None
    address = f"/patients/{patient.id}/episodes/{episode.id}"
    assert "Overdue" in read(ana, address)
    html = ana.get(f"{address}/change").content.decode()
    assert order.id in html
    assert speech.id not in html
    assert ana.post(f"{address}/change", form | {"referral": order.id, "version": "1"}).status_code == 302
    assert f'value="{order.id}" selected' in ana.get(f"{address}/change").content.decode()
    assert "Overdue" not in read(ana, address)


def test_a_plan_that_was_sent_says_why_it_stays_instead_of_a_form(
    ana: Keyed, chart: Chart, north: Organization
) -> None:
    with as_organization(north.id):
        plan = services.add_plan(chart.episode, starts=DAY, frequency="2 a week")
    address, form = f"/plans/{plan.id}/change", {"starts": str(DAY), "frequency": "daily", "version": "1"}
    assert "<form" in ana.get(address).content.decode().split("<main")[1]
    with as_organization(north.id):
        step = services.certify(plan, step="sent", date=DAY, user=User.objects.get(login="ana"))
    html = ana.get(address).content.decode().split("<main")[1]
    assert "A plan that was sent or certified stays as it is" in html
    assert "<form" not in html
    response = ana.post(address, form)
    assert response.status_code == 422
    assert 'value="daily"' in response.content.decode()
    with as_organization(north.id):
        services.void_certification(step, "sent to another practice", User.objects.get(login="ana"))
    assert ana.post(address, form).status_code == 302


def test_a_score_is_added_and_corrected(ana: Keyed, chart: Chart, north: Organization) -> None:
    address = f"{episode_at(chart)}/scores"
    assert ana.post(f"{address}/new", {"measure": "LEFS", "value": "51,5", "date": str(DAY)}).status_code == 302
    with as_organization(north.id):
        score = access.scores_of(chart.episode).last()
    form = {"measure": "LEFS", "value": "50", "date": str(DAY), "reason": "added up anew"}
    assert ana.post(f"/scores/{score.id}/correct", form).status_code == 302
    text = read(ana, address)
    assert "28 → 50" in text
    assert "corrected: added up anew" in text
