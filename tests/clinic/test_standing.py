"""Where an episode stands: each deadline on the day before it, on it and after it, and what is not known says why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fifteen.clinic.accounts.models import User
from fifteen.clinic.audit.record import Who, acting_as
from fifteen.clinic.notes import access as notes_access
from fifteen.clinic.notes import services as notes
from fifteen.clinic.people import services as people
from fifteen.clinic.people.models import Patient
from fifteen.clinic.tenancy import clock
from fifteen.clinic.tenancy.models import Site
from fifteen.clinic.treatment import changes, services, stored
from fifteen.clinic.treatment.certifying import STATES, Certified, Dates, certified, law_on
from fifteen.clinic.treatment.models import Episode, Visit
from fifteen.clinic.treatment.standing import Standing, standing, standings
from fifteen.web.clinic.chart import episode as page
from tests.clinic.chart import DAY, a_person, a_site, an_episode, at, covered, treated
from tests.clinic.conftest import NOON, as_organization

FIRST = date(2026, 1, 5)
ONE = timedelta(days=1)


def after(days: int) -> date:
    return FIRST + timedelta(days=days)


def state(on: date, first: date = FIRST, **given: object) -> Certified:
    dates = Dates(**{"starts": first, "first": first, "ends": first + timedelta(days=83), **given})  # type: ignore[arg-type]
    law = law_on(stored.rulebook(), first)
    assert law is not None
    return certified(dates, on, law)


class TestCertification:
    @pytest.mark.parametrize(("days", "word"), [(0, "waiting"), (30, "waiting"), (31, "overdue")])
    def test_no_signature_within_30_days_of_the_first_treatment(self, days: int, word: str) -> None:
        found = state(after(days))
        assert (found.state, found.due) == (word, after(30))
        assert "220-230" in found.cite

    @pytest.mark.parametrize(("days", "word"), [(0, "waiting"), (1, "sent"), (30, "sent"), (31, "overdue")])
    def test_sent_and_no_order_on_file(self, days: int, word: str) -> None:
        assert state(after(days), sent=[after(1)]).state == word

    @pytest.mark.parametrize(("signed", "word", "late"), [(30, "certified", False), (31, "late", True)])
    def test_a_signature_on_the_last_day_and_after_it(self, signed: int, word: str, late: bool) -> None:
        found = state(after(40), signed=[after(signed)])
        assert (found.state, found.late, found.due) == (word, late, after(83))

    @pytest.mark.parametrize(("days", "word"), [(19, "waiting"), (20, "verbal"), (34, "verbal"), (35, "overdue")])
    def test_a_verbal_order_is_signed_within_14_days(self, days: int, word: str) -> None:
        found = state(after(days), verbal=[after(20)])
        assert (found.state, found.due) == (word, after(34) if days >= 20 else after(30))

    def test_a_verbal_order_in_time_keeps_a_later_signature_in_time(self) -> None:
        assert state(after(40), verbal=[after(30)], signed=[after(38)]).state == "certified"

    @pytest.mark.parametrize(
        ("signed", "word"), [(19, "certified"), (20, "certified"), (30, "certified"), (60, "late")]
    )
    def test_a_verbal_order_signed_past_its_days_is_judged_by_the_signature(self, signed: int, word: str) -> None:
        assert state(after(70), verbal=[after(5)], signed=[after(signed)]).state == word

    @pytest.mark.parametrize(("verbal", "signed", "word"), [(28, 42, "certified"), (28, 43, "late"), (31, 32, "late")])
    def test_a_verbal_order_keeps_it_in_time_for_its_own_days(self, verbal: int, signed: int, word: str) -> None:
        found = state(after(50), verbal=[after(verbal)], signed=[after(signed)])
        assert (found.state, found.late) == (word, word == "late")

    def test_a_late_signature_does_not_worsen_what_the_order_certified(self) -> None:
        given = {"ordered": after(-3), "sent": [after(3)]}
        for steps in ({}, {"signed": [after(45)]}, {"verbal": [after(5)]}, {"verbal": [after(40)]}):
            found = state(after(60), **given, **steps)
            assert (found.state, found.late) == ("by-order", False)
            assert "220-230" in found.cite
        assert state(after(60), **given, signed=[after(20)]).state == "certified"

    def test_an_order_that_was_not_signed_yet_stands_in_for_nothing(self) -> None:
        given = {"ordered": after(45), "sent": [after(3)]}
        assert [state(after(each), **given).state for each in (20, 44, 45)] == ["sent", "overdue", "by-order"]

    @pytest.mark.parametrize(("sent", "word"), [(30, "by-order"), (31, "overdue")])
    def test_a_signed_order_with_the_plan_sent_in_30_days(self, sent: int, word: str) -> None:
        assert state(after(40), ordered=after(-3), sent=[after(sent)]).state == word

    @pytest.mark.parametrize(("first", "word"), [(date(2024, 12, 31), "overdue"), (date(2025, 1, 1), "by-order")])
    def test_the_signed_order_counts_since_2025(self, first: date, word: str) -> None:
        found = state(first + timedelta(days=40), first, ordered=first, sent=[first + ONE])
        assert found.state == word

    @pytest.mark.parametrize(("days", "word"), [(89, "certified"), (90, "expired")])
    def test_one_certification_holds_for_90_days_at_most(self, days: int, word: str) -> None:
        found = state(after(days), ends=None, signed=[after(5)])
        assert (found.state, found.until) == (word, after(89))

    @pytest.mark.parametrize(("days", "word"), [(83, "certified"), (84, "expired")])
    def test_a_shorter_plan_ends_it_earlier(self, days: int, word: str) -> None:
        assert state(after(days), signed=[after(5)]).state == word

    @pytest.mark.parametrize(("signed", "word"), [(83, "certified"), (84, "late")])
    def test_a_recertification_needs_a_signature_by_the_end_of_the_one_before(self, signed: int, word: str) -> None:
        given = {"starts": after(84), "ends": None, "before": after(83)}
        assert state(after(90), signed=[after(signed)], **given).state == word
        assert state(after(90), ordered=after(0), sent=[after(80)], **given).state == "overdue"
        assert state(after(84 + 89), signed=[after(80)], **given).state == "certified"
        assert state(after(84 + 90), signed=[after(80)], **given).state == "expired"

    def test_no_law_for_the_date(self) -> None:
        assert law_on(stored.rulebook(), date(2016, 12, 31)) is None

    def test_every_state_has_words(self) -> None:
        assert all(STATES.values())


@pytest.fixture
def ana(db: None, therapist: User) -> Iterator[User]:
    with as_organization(therapist.organization_id), acting_as(Who(actor=therapist.id, role=therapist.role)):
        yield therapist


@pytest.fixture
def site(ana: User) -> Site:
    return a_site()


@pytest.fixture
def ada(ana: User) -> Patient:
    found = people.register("Ada")
    covered(found)
    return found


@pytest.fixture
def episode(ada: Patient, site: Site) -> Episode:
    return an_episode(ada, site)


def visits(episode: Episode, user: User, days: list[date]) -> None:
    with changes.together():
        for each in days:
            row = services.start_visit(episode, date=each)
            treated(row, user, at(9, day=each), at(9, 30, day=each))


def reported(episode: Episode, user: User, on: date) -> None:
    note = notes.start_note(episode.patient, user, on, kind="progress-report", episode=episode)
    notes.sign(note, user, "PT")


def stands(episode: Episode, on: date = DAY) -> Standing:
    return standing(episode, on)


def written(episode: Episode) -> tuple[int | None, str]:
    """Days until the next report, and since what the timeline counts the day after."""
    shown = [Visit(date=FIRST), Visit(date=after(1))]
    count = page._counts(shown, list(notes_access.notes_of(episode.patient)), None)[after(1)]
    return stands(episode).report_due_in, " ".join(count.split()[3:6])


class TestReport:
    def test_it_is_due_on_the_tenth_treatment_day(self, episode: Episode, ana: User) -> None:
        visits(episode, ana, [after(each) for each in range(9)])
        assert stands(episode).report_due_in == 1
        visits(episode, ana, [after(9)])
        assert stands(episode).report_due_in == 0
        visits(episode, ana, [after(10)])
        assert stands(episode).report_due_in == -1
        reported(episode, ana, after(9))
        assert stands(episode).report_due_in == 9
        assert stands(episode, after(8)).report_due_in == 1

    def test_two_visits_of_a_day_are_one_treatment_day(self, episode: Episode, ana: User) -> None:
        visits(episode, ana, [FIRST, FIRST])
        assert stands(episode).report_due_in == 9

    def test_a_report_that_is_a_draft_or_in_error_is_none(self, episode: Episode, ana: User) -> None:
        visits(episode, ana, [FIRST])
        note = notes.start_note(episode.patient, ana, FIRST, kind="progress-report", episode=episode)
        assert stands(episode).report_due_in == 9
        notes.sign(note, ana, "PT")
        assert stands(episode).report_due_in == 10
        notes.entered_in_error(note, "Other patient", ana)
        assert stands(episode).report_due_in == 9

    def test_an_assistants_report_counts_once_a_therapist_co_signed_what_holds(
        self, episode: Episode, ana: User
    ) -> None:
        abe = a_person(ana.organization, "abe", "assistant")
        visits(episode, ana, [FIRST])
        note = notes.start_note(episode.patient, abe, FIRST, kind="progress-report", episode=episode, cosigner=ana)
        signed = notes.sign(note, abe, "PTA")
        seen = [written(episode)]
        notes.cosign(signed, ana, "PT")
        seen.append(written(episode))
        again = notes.amend(signed, {"text": "Stairs"}, "Forgotten", abe, "PTA")
        seen.append(written(episode))
        notes.cosign(again, ana, "PT")
        seen.append(written(episode))
        assert seen == [
            (9, "since the first"),
            (10, "since the report"),
            (9, "since the first"),
            (10, "since the report"),
        ]

    @pytest.mark.parametrize(("said", "due"), [(7, 2), (None, None)])
    def test_an_episode_in_flight(self, episode: Episode, ana: User, said: int | None, due: int | None) -> None:
        services.carry_over(episode, as_of=after(10), days_since_report=said, source="import")
        visits(episode, ana, [after(11)])
        found = stands(episode)
        assert found.report_due_in == due
        assert ("report" in found.why) == (due is None)
        reported(episode, ana, after(11))
        assert stands(episode).report_due_in == 10

    def test_a_payer_that_does_not_follow_medicare(self, site: Site, ana: User) -> None:
        bea = people.register("Bea")
        found = stands(an_episode(bea, site))
        assert (found.report_due_in, found.certification, found.threshold) == (None, None, None)
        assert found.why["report"].startswith("Who pays")
        covered(bea, "self-pay")
        assert stands(an_episode(bea, site)).why["report"].startswith("What this payer")


class TestPlan:
    def test_its_last_day_and_certification(self, episode: Episode, ana: User) -> None:
        assert "plan" in stands(episode).why
        visits(episode, ana, [after(1)])
        plan = services.add_plan(episode, starts=FIRST, ends=after(60))
        found = stands(episode)
        assert found.certification is not None
        assert (found.plan_ends, found.certification.state, found.certification.due) == (
            after(60),
            "overdue",
            after(31),
        )
        step = services.certify(plan, step="signed", date=after(9), signer="Dr. Sample", user=ana)
        assert getattr(stands(episode).certification, "state", "") == "certified"
        services.void_certification(step, "Another plan", ana)
        assert getattr(stands(episode).certification, "state", "") == "overdue"
        services.add_plan(episode, starts=DAY, ends=DAY + timedelta(days=30))
        found = stands(episode)
        assert getattr(found.certification, "due", None) == after(60)
        assert stands(episode, DAY - ONE).plan_ends == after(60)

    def test_a_signed_order(self, ada: Patient, site: Site, ana: User) -> None:
        order = people.add_referral(
            ada, people.register_referrer("Dr. Sample"), discipline="PT", received=FIRST, signed=FIRST
        )
        episode = an_episode(ada, site, referral=order)
        plan = services.add_plan(episode, starts=FIRST, ends=after(60))
        services.certify(plan, step="sent", date=after(3), how="fax", user=ana)
        assert getattr(stands(episode).certification, "state", "") == "by-order"

    def test_a_discharge_stops_the_clocks(self, episode: Episode, ana: User) -> None:
        visits(episode, ana, [FIRST, after(1)])
        plan = services.add_plan(episode, starts=FIRST, ends=after(20))
        services.certify(plan, step="signed", date=after(2), signer="Dr. Sample", user=ana)
        assert getattr(stands(episode).certification, "state", "") == "expired"
        services.discharge(episode, 1, after(15))
        assert getattr(stands(episode).certification, "state", "") == "certified"
        assert stands(episode).threshold_used

    def test_a_certification_is_owed_after_the_discharge_and_may_still_come(self, episode: Episode, ana: User) -> None:
        visits(episode, ana, [FIRST, after(1)])
        plan = services.add_plan(episode, starts=FIRST, ends=after(20))
        services.certify(plan, step="sent", date=after(1), how="fax", user=ana)
        services.discharge(episode, 1, after(15))
        assert getattr(stands(episode, after(29)).certification, "state", "") == "sent"
        assert getattr(stands(episode, after(40)).certification, "state", "") == "overdue"
        services.certify(plan, step="signed", date=after(45), signer="Dr. Sample", reason="Sent twice", user=ana)
        found = stands(episode, after(50)).certification
        assert found is not None
        assert (found.state, found.late, found.until) == ("late", True, after(20))


class TestAuthorization:
    def test_visits_and_units(self, episode: Episode, ada: Patient, ana: User) -> None:
        found = stands(episode)
        assert (found.visits_used, found.visits_left, found.units_left) == (0, None, None)
        visits(episode, ana, [after(each) for each in range(3)])
        coverage = covered(ada, "aetna", rank=2)
        row = services.authorize(
            coverage, number="A1", starts=after(1), ends=DAY, visits=12, units=30, codes=["97110"], episode=episode
        )
        found = stands(episode)
        assert (found.authorization, found.visits_used, found.visits_left) == (row.id, 2, 10)
        assert (found.units_used, found.units_left) == (4, 26)
        assert stands(episode, DAY + ONE).authorization == ""
        services.change_authorization(row, 1, codes=["97140"], visits=None)
        found = stands(episode)
        assert (found.units_used, found.visits_left) == (0, None)

    def test_what_was_used_before_is_added_or_not_known(self, episode: Episode, ada: Patient, ana: User) -> None:
        services.authorize(covered(ada, "aetna", rank=2), number="A1", starts=FIRST, visits=12, units=30)
        services.carry_over(episode, as_of=after(3), visits_used=4, units_used=None, source="import")
        visits(episode, ana, [after(3), after(4)])
        found = stands(episode)
        assert (found.visits_used, found.visits_left, found.units_used) == (5, 7, None)
        assert found.why["units"].startswith("The system before")


class TestThreshold:
    def test_what_was_said_and_treated(self, episode: Episode, ada: Patient, ana: User) -> None:
        assert (stands(episode).threshold_used, stands(episode).threshold) == (None, 248_000)
        people.say_accrued(ada, year=2026, bucket="pt_slp", cents=100_000, as_of=FIRST, user=ana)
        assert stands(episode).threshold_used == 100_000
        visits(episode, ana, [after(1), after(2)])
        one, two = (stands(episode, after(each)).threshold_used or 0 for each in (1, 2))
        assert 100_000 < one < two
        assert stands(episode).bucket == "pt_slp"

    def test_what_was_said_after_the_last_day_holds_from_then_on(
        self, episode: Episode, ada: Patient, ana: User
    ) -> None:
        visits(episode, ana, [after(1), after(5)])
        one, two = (stands(episode, after(each)).threshold_used or 0 for each in (1, 5))
        people.say_accrued(ada, year=2026, bucket="pt_slp", cents=200_000, as_of=after(3), user=ana)
        assert stands(episode, after(1)).threshold_used == stands(episode, after(2)).threshold_used == one
        assert stands(episode, after(3)).threshold_used == 200_000
        assert stands(episode, after(5)).threshold_used == 200_000 + two - one
        people.say_accrued(ada, year=2026, bucket="pt_slp", cents=210_000, as_of=after(7), user=ana)
        assert stands(episode, after(6)).threshold_used == 200_000 + two - one
        assert stands(episode, after(7)).threshold_used == 210_000
        people.say_accrued(ada, year=2026, bucket="pt_slp", cents=190_000, as_of=after(5), user=ana)
        assert stands(episode, after(5)).threshold_used == 190_000 + two - one


@pytest.mark.django_db
def test_queries_do_not_grow_with_episodes(ana: User, site: Site) -> None:
    def made(name: str) -> Episode:
        patient = people.register(name)
        coverage = covered(patient)
        episode = an_episode(patient, site)
        services.certify(services.add_plan(episode, starts=FIRST), step="sent", date=FIRST, user=ana)
        visits(episode, ana, [after(each) for each in range(2)])
        services.authorize(coverage, number="A", starts=FIRST, units=20)
        reported(episode, ana, after(1))
        return episode

    with clock.at(NOON):
        episodes = [made(f"P {each}") for each in range(6)]
    people.merge(episodes[0].patient, episodes[1].patient, "One person", ana)
    costs = []
    for some in (episodes[:1], episodes):
        with CaptureQueriesContext(connection) as seen:
            found = standings(some, DAY)
        costs.append(len(seen))
    assert costs[0] == costs[1] <= 20
    assert [found[each.id].visits_used for each in episodes] == [2] * 6
    assert standings([], DAY) == {}
