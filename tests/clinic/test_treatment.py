"""The chart's services: what they store, record and refuse, and who is told that somebody was first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from fifteen.clinic.accounts.models import User
from fifteen.clinic.audit.models import Event
from fifteen.clinic.audit.record import Who, acting_as
from fifteen.clinic.notes import access as note_access
from fifteen.clinic.notes import services as notes
from fifteen.clinic.people import services as people
from fifteen.clinic.people.models import Patient
from fifteen.clinic.people.services import register
from fifteen.clinic.tenancy.errors import Conflict, NotFound, Refused
from fifteen.clinic.tenancy.models import Site
from fifteen.clinic.treatment import access, services
from fifteen.clinic.treatment.models import Episode, Visit
from tests.clinic.chart import DAY, a_site, an_episode, at, covered, treated
from tests.clinic.conftest import as_organization

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(therapist: User) -> Iterator[User]:
    with as_organization(therapist.organization_id), acting_as(Who(actor=therapist.id, role=therapist.role)):
        yield therapist


@pytest.fixture
def site(ana: User) -> Site:
    return a_site()


@pytest.fixture
def ada(ana: User) -> Patient:
    return register("Ada")


@pytest.fixture
def episode(ada: Patient, site: Site) -> Episode:
    return an_episode(ada, site)


@pytest.fixture
def visit(episode: Episode) -> Visit:
    return services.start_visit(episode, date=DAY, arrived=at(9))


def events() -> set[str]:
    return set(Event.objects.values_list("action", flat=True))


class TestEpisodes:
    def test_it_is_opened_changed_discharged_and_opened_again(self, episode: Episode, ada: Patient) -> None:
        services.change_episode(episode, 1, problem="Right  knee", diagnoses=[{"code": "M25.561", "treated": True}])
        services.discharge(episode, 2, DAY)
        found = access.episode(services.reopen(episode, 3).id)
        assert (found.problem, found.ended, found.version) == ("Right knee", None, 4)
        assert found.diagnoses == [{"code": "M25.561", "text": "", "treated": True}]
        assert [each.id for each in access.episodes_of(ada)] == [episode.id]
        assert events() >= {"episodes.open", "episodes.change", "episodes.discharge", "episodes.reopen"}
        assert "knee" not in str([each.detail for each in Event.objects.all()])

    def test_an_order_is_of_the_same_person_and_discipline(self, ada: Patient, site: Site, ana: User) -> None:
        sender, bea = people.register_referrer("Dr. Sample"), register("Bea")
        order, other = (
            people.add_referral(each, sender, discipline="PT", received=DAY, signed=DAY) for each in (ada, bea)
        )
        speech = people.add_referral(ada, sender, discipline="SLP", received=DAY)
        episode = an_episode(ada, site, referral=order)
        assert episode.referral_id == order.id
        for wrong in (other, speech):
            with pytest.raises(Refused):
                an_episode(ada, site, referral=wrong)
            with pytest.raises(Refused):
                services.change_episode(episode, 1, referral=wrong)
        assert access.episode(episode.id).referral_id == order.id
        services.change_episode(episode, 1, referral=None)
        people.merge(ada, bea, "One person", ana)
        services.change_episode(access.episode(episode.id), 2, referral=other)
        assert access.episode(episode.id).referral_id == other.id

    def test_who_comes_second_is_given_both(self, episode: Episode) -> None:
        services.change_episode(access.episode(episode.id), 1, problem="First")
        with pytest.raises(Conflict) as met:
            services.change_episode(episode, 1, problem="Second")
        assert (met.value.stored, met.value.refused) == ({"problem": "First"}, {"problem": "Second"})

    def test_plans_and_their_certification_only_grow(self, episode: Episode, ana: User) -> None:
        plan = services.add_plan(episode, starts=date(2026, 1, 5), ends=date(2026, 4, 4), frequency="2 times a week")
        assert services.add_plan(episode, starts=date(2026, 4, 5)).number == 2
        sent = services.certify(plan, step="sent", date=date(2026, 1, 6), how="fax", user=ana)
        services.certify(plan, step="signed", date=date(2026, 1, 9), signer="Dr. Sample", user=ana)
        services.void_certification(sent, "Sent to another practice", ana)
        assert [each.step for each in access.certifications_of(plan)] == ["signed"]
        assert len(access.certifications_of(plan, taken_back=True)) == 3
        with pytest.raises(Refused):
            services.void_certification(sent, "Again", ana)

    def test_a_plan_stays_as_it_was_sent_or_certified(self, episode: Episode, ana: User) -> None:
        plan = services.add_plan(episode, starts=date(2026, 1, 5), frequency="2 times a week")
        services.change_plan(plan, 1, frequency="3 times a week")
        for step in services.STEPS:
            row = services.certify(plan, step=step, date=date(2026, 1, 6), signer="Dr. Sample", user=ana)
            with pytest.raises(Refused):
                services.change_plan(access.plan(plan.id), plan.version, frequency="daily")
            assert access.plan(plan.id).frequency == "3 times a week"
            services.void_certification(row, "Entered on the wrong plan", ana)
        services.change_plan(plan, 2, frequency="daily")
        assert access.plan(plan.id).frequency == "daily"

    def test_goals_scores_and_authorizations(self, episode: Episode, ada: Patient, ana: User) -> None:
        goal = services.set_goal(episode, "LTG 1", text="Stairs", term="long", target="12", unit="steps")
        services.change_goal(goal, 1, status="met", judged=DAY)
        with pytest.raises(Refused):
            services.set_goal(episode, "LTG 1", text="Other")
        first = services.add_score(episode, measure="LEFS", value="44", date=DAY, user=ana)
        second = services.add_score(
            episode, measure="LEFS", value=45, date=DAY, user=ana, amends=first, reason="Misread"
        )
        assert [each.value for each in access.scores_of(episode)] == [Decimal(45)]
        with pytest.raises(Refused):
            services.add_score(episode, measure="LEFS", value=46, date=DAY, user=ana, amends=first, reason="Again")
        assert second.amends_id == first.id
        services.authorize(covered(ada), number="A1", starts=DAY, visits=12, codes=["97110"])
        assert [each.visits for each in access.authorizations_of(ada)] == [12]


class TestVisits:
    def test_a_visit_of_a_day_that_has_not_come_or_before_its_episode(self, episode: Episode) -> None:
        for day in (date(2026, 3, 3), date(2026, 1, 4)):
            with pytest.raises(Refused):
                services.start_visit(episode, date=day)

    def test_time_and_notes_keep_their_visit_on_its_day(self, visit: Visit, ada: Patient, ana: User) -> None:
        yesterday = {"date": DAY - timedelta(days=1), "arrived": None}
        time = treated(visit, ana, at(9), at(9, 20))
        with pytest.raises(Refused):
            services.change_visit(visit, 1, **yesterday)
        services.amend_interval(time, "Entered on the wrong day", ana, start=None, stop=None, minutes=0)
        note, draft = (notes.start_note(ada, ana, DAY, visit=visit) for _each in range(2))
        notes.sign(note, ana, "PT")
        with pytest.raises(Refused):
            services.change_visit(visit, 1, **yesterday)
        assert access.visit(visit.id).date == DAY
        services.change_visit(visit, 1, purpose="rehabilitative")
        notes.entered_in_error(note, "Written on the wrong day", ana)
        assert services.change_visit(visit, 2, **yesterday).date == yesterday["date"]
        assert note_access.note(draft.id).date == yesterday["date"]
        assert note_access.note(note.id).date == DAY
        assert "notes.move" in events()
        with pytest.raises(Refused):
            notes.withdraw(note, "It was right", ana)

    def test_a_site_whose_clock_shows_another_day(self, visit: Visit, ana: User, site: Site) -> None:
        late = services.start_visit(visit.episode, date=date(2026, 2, 27))
        treated(late, ana, at(0, 10, late.date), at(0, 30, late.date))
        with pytest.raises(Refused):
            services.change_visit(late, 1, site=a_site("West", zone="America/Los_Angeles"))
        services.change_visit(late, 1, site=a_site("South", zone="America/Bogota"), place_of_service="12")
        with pytest.raises(Refused):
            services.change_visit(late, 2, site=a_site("Farther", zone="America/Chicago"))

    def test_a_visit_stays_within_its_episode(self, episode: Episode) -> None:
        visit = services.start_visit(episode, date=date(2026, 2, 20))
        services.discharge(episode, 1, date(2026, 2, 25))
        with pytest.raises(Refused):
            services.change_visit(access.visit(visit.id), 1, date=date(2026, 2, 26))
        services.change_visit(access.visit(visit.id), 1, date=date(2026, 2, 25))

    def test_an_interval_is_corrected_by_a_new_one_only(self, visit: Visit, ana: User) -> None:
        first = treated(visit, ana, at(9), at(9, 20))
        second = services.amend_interval(first, "Stopped late", ana, stop=at(9, 15))
        assert [each.id for each in access.intervals_of(visit)] == [first.id, second.id]
        assert (second.origin, second.people.get().role) == ("typed", "therapist")
        with pytest.raises(Refused):
            services.amend_interval(first, "Once more", ana, stop=at(9, 10))

    def test_only_another_time_is_typed(self, visit: Visit, ana: User) -> None:
        first = treated(visit, ana, at(9), at(9, 20), origin="timer")
        whole = {"start": first.start, "stop": first.stop, "minutes": None}
        second = services.amend_interval(first, "Another code", ana, service="97112", **whole)
        third = services.amend_interval(second, "Stopped late", ana, service="97112", **whole | {"stop": at(9, 15)})
        assert (second.origin, third.origin) == ("timer", "typed")

    @pytest.mark.parametrize(
        "wrong",
        [
            {"people": []},
            {"service": ""},
            {"mode": "alone"},
            {"stop": None},
            {"stop": at(8)},
            {"start": datetime(2026, 3, 2, 9), "stop": datetime(2026, 3, 2, 10)},
            {"origin": "guessed"},
            {"minutes": -1, "start": None, "stop": None},
            {"start": at(9, day=date(2026, 3, 1)), "stop": at(10, day=date(2026, 3, 1))},
        ],
    )
    def test_an_interval_that_cannot_be(self, visit: Visit, ana: User, wrong: dict[str, object]) -> None:
        given = {"people": [ana], "service": "97110", "start": at(9), "stop": at(9, 20), **wrong}
        with pytest.raises(Refused):
            services.add_interval(visit, user=ana, **given)  # type: ignore[arg-type]

    def test_taps_are_folded_once_and_late_ones_correct(self, visit: Visit, ana: User) -> None:
        def tap(name: str, kind: str, minute: int) -> None:
            services.add_event(visit, event=name, kind=kind, people=[ana.id], wall=at(9, minute), service="97110")

        tap("a", "start", 0)
        services.fold_visit(visit, ana)
        assert not access.intervals_of(visit)
        tap("b", "stop", 20)
        tap("b", "stop", 20)
        services.fold_visit(visit, ana)
        services.fold_visit(visit, ana)
        assert len(access.intervals_of(visit)) == 1
        tap("c", "stop", 15)
        services.fold_visit(visit, ana)
        first, second = sorted(access.intervals_of(visit), key=lambda each: each.amends_id is not None)
        assert (second.amends_id, second.stop) == (first.id, at(9, 15))
        with pytest.raises(Conflict):
            tap("b", "stop", 21)

    def test_a_service_with_its_exercises(self, visit: Visit) -> None:
        row = services.set_service(
            visit, code="97110", what="Strength", exercises=[{"name": "squat", "sets": 3, "reps": 10}]
        )
        services.change_service(row, 1, exercises=[{"name": "squat", "sets": 3, "reps": 12}])
        (found,) = access.services_of(visit)
        assert [(each.name, each.dose) for each in found.exercises.all()] == [("squat", {"sets": 3, "reps": 12})]
        services.drop_service(found, 2)
        with pytest.raises(NotFound):
            access.service(row.id)
