"""Rows to Day and Context: every row that bears on a day reaches it, and what cannot be assessed says why."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from fifteen.clinic.accounts.models import User
from fifteen.clinic.jobs.models import Job
from fifteen.clinic.notes import services as notes
from fifteen.clinic.payers import services as payers
from fifteen.clinic.people import access as people_access
from fifteen.clinic.people import services as people
from fifteen.clinic.people.models import Patient
from fifteen.clinic.people.services import register
from fifteen.clinic.tenancy import clock
from fifteen.clinic.tenancy.errors import Refused
from fifteen.clinic.tenancy.models import Site
from fifteen.clinic.treatment import (
    access,
    answering,
    assessing,
    queries,
    record,
    services,
    tasks,
)
from fifteen.clinic.treatment.models import Assessment, Episode, Visit
from fifteen.clinic.treatment.standing import standing
from fifteen.clinic.treatment.stored import answer_of
from tests.clinic.chart import DAY, a_person, a_site, an_episode, at, covered, treated
from tests.clinic.conftest import NOON
from tests.clinic.record_kit import ada, ana, answer, episode, finding, site, visit

__all__ = ["ada", "ana", "episode", "site", "visit"]

pytestmark = pytest.mark.django_db


class TestRowsReachTheDay:
    def test_a_visit_with_everything(self, visit: Visit, ada: Patient, ana: User, episode: Episode) -> None:
        covered(ada, "aetna", rank=2)
        first = treated(visit, ana, at(9), at(9, 20))
        services.amend_interval(first, "Stopped late", ana, stop=at(9, 15))
        services.add_interval(visit, people=[ana], service="97140", minutes=15, user=ana)
        services.choose_tie(visit, ["97140"], ana)
        services.set_service(visit, code="97110", what="Strength", exercises=[{"name": "squat", "sets": 3}])
        note = notes.start_note(ada, ana, DAY, visit=visit, content={"subjective": "Better", "total_minutes": 35})
        notes.attest(note, ana, kind="59", line="PT 97140", evidence="e" * 64, ground="Other region")
        day = record.day_of(ada, DAY)
        assert (day.patient, day.date, day.zone, day.locality) == (ada.id, DAY, "America/New_York", "15202-00")
        assert (day.coverage.payer, day.coverage.secondary, day.billing) == ("medicare", "aetna", "private-practice")
        assert [(each.id, each.role, each.discipline) for each in day.people] == [(ana.id, "therapist", "PT")]
        (found,) = day.visits
        assert (found.id, found.discipline, found.place_of_service) == (visit.id, "PT", "11")
        assert sorted((each.service, each.minutes, each.amends == first.id) for each in found.intervals) == [
            ("97110", None, False),
            ("97110", None, True),
            ("97140", 15, False),
        ]
        assert [(each.discipline, each.codes) for each in day.choices] == [("PT", ("97140",))]
        assert [(each.kind, each.line, each.ground) for each in day.attestations] == [
            ("59", "PT 97140", "Other region")
        ]
        (draft,) = day.notes
        assert (draft.subjective, draft.total_minutes, draft.visit, draft.signatures) == ("Better", 35, visit.id, ())
        assert [(each.code, each.exercises[0].name) for each in draft.services] == [("97110", "squat")]
        notes.sign(note, ana, "PT")
        (signed,) = record.day_of(ada, DAY).notes
        assert [(each.person, each.credential, each.part) for each in signed.signatures] == [(ana.id, "PT", "author")]
        assert signed.services == draft.services
        assert signed.written == NOON
        notes.entered_in_error(note, "Wrong patient", ana)
        assert record.day_of(ada, DAY).notes == ()

    def test_what_lies_around_it(self, visit: Visit, ada: Patient, ana: User, site: Site, episode: Episode) -> None:
        treated(visit, ana, at(9), at(9, 20))
        other = register("Bea")
        beside = services.start_visit(an_episode(other, site), date=DAY)
        touching = treated(beside, ana, at(9, 15), at(9, 40))
        treated(beside, ana, at(9, 40), at(9, 50))
        people.say_accrued(ada, year=2026, bucket="pt_slp", cents=120_000, as_of=date(2026, 2, 1), user=ana)
        before = services.start_visit(episode, date=date(2026, 2, 20))
        treated(before, ana, at(9, day=before.date), at(9, 40, day=before.date))
        old = notes.start_note(ada, ana, before.date, visit=before, content={"assessment": "Gaining"})
        notes.start_note(ada, ana, before.date, visit=before, content={"assessment": "Only a draft"})
        notes.sign(old, ana, "PT")
        context = record.context_of(ada, DAY, record.day_of(ada, DAY))
        assert context.others is not None
        assert context.accrued is not None
        assert context.counted is not None
        assert [(each.id, each.patient) for each in context.others] == [(touching.id, other.id)]
        assert [(each.cents, each.bucket) for each in context.accrued] == [(120_000, "pt_slp")]
        assert [(each.on, each.bucket, each.kx) for each in context.counted] == [(before.date, "pt_slp", False)]
        assert context.counted[0].cents > 0
        assert [each.assessment for each in context.earlier or ()] == ["Gaining"]
        assert context.now == NOON
        assert finding(answer(ada), "chart.counted-estimated") is not None

    def test_two_disciplines_on_one_day_are_one_day(self, visit: Visit, ada: Patient, ana: User, site: Site) -> None:
        otis = a_person(ana.organization, "otis", discipline="OT")
        second = services.start_visit(an_episode(ada, site, "OT"), date=DAY, arrived=at(11))
        treated(visit, ana, at(9), at(9, 30))
        treated(second, otis, at(11), at(11, 30), "97530")
        found = answer(ada)
        assert [(each["discipline"], each["lines"][0]["modifiers"]) for each in found["units"]] == [
            ("PT", ["GP"]),
            ("OT", ["GO"]),
        ]
        assert Assessment.objects.filter(patient=ada, date=DAY).count() == 4  # two visits, two intervals

    def test_the_sites_zone_says_which_day_it_is(self, ada: Patient, ana: User) -> None:
        island = a_site("Island", zone="Pacific/Honolulu")
        episode = an_episode(ada, island)
        with pytest.raises(Refused), clock.at(at(3)):  # in Honolulu it is still the first of March
            services.start_visit(episode, date=DAY)
        evening = services.start_visit(episode, date=DAY - timedelta(days=1))
        treated(evening, ana, at(3), at(3, 30))
        assert record.day_of(ada, DAY - timedelta(days=1)).zone == "Pacific/Honolulu"
        assert answer(ada, DAY - timedelta(days=1))["units"][0]["timed_minutes"] == 30

    def test_what_a_payer_said_bears_on_no_earlier_day(self, episode: Episode, ada: Patient, ana: User) -> None:
        days = [date(2026, 1, 8), date(2026, 2, 28), date(2026, 3, 1), DAY]
        for each in days:
            treated(services.start_visit(episode, date=each), ana, at(9, day=each), at(9, 30, day=each))
        clean = answer(ada, days[0])
        people.say_accrued(ada, year=2026, bucket="pt_slp", cents=260_000, as_of=date(2026, 3, 1), user=ana)
        assert answer(ada, days[0]) == clean
        held = [[line["held"] for line in answer(ada, each)["lines"]] for each in days]
        assert [any(each) for each in held] == [False, False, True, True]
        known = [record.context_of(ada, each, record.day_of(ada, each)).accrued for each in days]
        assert [bool(each) for each in known] == [False, False, True, True]


class TestWhatCannotBeAssessed:
    def test_a_payer_without_rules(self, visit: Visit, ada: Patient, ana: User) -> None:
        (coverage,) = people_access.coverages(ada)
        unknown = payers.add_payer("Elsewhere Health")
        people.change_coverage(coverage, 1, payer=unknown)
        treated(visit, ana, at(9), at(9, 30))
        row = access.assessment(ada, DAY)
        assert row is not None
        assert answer_of(row) is None
        assert row.reason == record.NO_POLICY
        payers.change_payer(unknown, 1, policy="aetna")
        (job,) = Job.objects.filter(task="treatment.assess")
        tasks.assess(**job.arguments)
        assert answer(ada)["units"][0]["payer"] == "aetna"

    def test_nobody_pays(self, ana: User, site: Site) -> None:
        bea = register("Bea")
        services.start_visit(an_episode(bea, site), date=DAY)
        row = access.assessment(bea, DAY)
        assert row is not None
        assert row.reason == record.NO_COVERAGE

    def test_two_payers_that_both_stand_first(self, visit: Visit, ada: Patient, ana: User, episode: Episode) -> None:
        treated(visit, ana, at(9), at(9, 30))
        clean = answer(ada)
        begun = covered(ada, "aetna", rank=1, starts=date(2026, 1, 1))
        row = access.assessment(ada, DAY)
        assert row is not None
        assert (row.answer, row.reason) == (None, record.TWO_FIRST)
        assert standing(episode, DAY).why["certification"]
        assert standing(episode, DAY).threshold is None
        assert [each.starts for each in people_access.coverages(ada)] == [None, begun.starts]
        assert [each.starts for each in queries.day_rows(ada, DAY).coverages] == [None, begun.starts]
        people.change_coverage(begun, 1, rank=2)
        assert record.day_of(ada, DAY).coverage.secondary == "aetna"
        assert answer(ada)["lines"][0]["units"] == clean["lines"][0]["units"]

    def test_sites_that_bill_in_different_ways(self, visit: Visit, ada: Patient, site: Site) -> None:
        hospital = a_site("Hospital", billing="facility")
        second = services.start_visit(an_episode(ada, hospital, "OT"), date=DAY)
        row = access.assessment(ada, DAY)
        assert row is not None
        assert row.reason == record.TWO_BILLINGS
        services.change_visit(second, 1, date=date(2026, 2, 27))
        assert answer(ada)

    def test_a_second_payer_without_rules_is_said(self, visit: Visit, ada: Patient) -> None:
        covered(ada, "", rank=2)
        assert finding(answer(ada), "chart.secondary-unknown") is not None

    def test_an_error_of_the_engine_stops_no_visit(
        self, visit: Visit, ada: Patient, ana: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_given: object) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr(answering, "assess", broken)
        treated(visit, ana, at(9), at(9, 30))
        row = access.assessment(ada, DAY)
        assert row is not None
        assert row.reason == assessing.PROGRAM

    def test_a_code_that_no_catalogue_holds(self, visit: Visit, ada: Patient, ana: User) -> None:
        treated(visit, ana, at(9), at(9, 30), "12345")
        row = access.assessment(ada, DAY)
        assert row is not None
        assert "12345" in row.reason

    def test_a_note_that_cannot_be_read_holds_up_no_units(self, visit: Visit, ada: Patient, ana: User) -> None:
        treated(visit, ana, at(9), at(9, 30))
        wrong = {"services": [{"code": "12345", "what": "unknown"}]}
        notes.start_note(ada, ana, DAY, visit=visit, content=wrong)
        found = answer(ada)
        assert found["units"][0]["timed_units"] == 2
        assert "12345" in str(finding(found, "chart.note-unread"))

    def test_what_of_a_draft_cannot_be_read_is_said(self, visit: Visit, ada: Patient, ana: User) -> None:
        notes.start_note(ada, ana, DAY, visit=visit, content={"mood": "good", "pain_before": "some", "text": "Stairs"})
        assert "mood, pain_before" in str(finding(answer(ada), "chart.note-unread"))
        assert record.day_of(ada, DAY).notes[0].text == "Stairs"

    def test_a_note_of_no_discipline_is_left_out(self, visit: Visit, ada: Patient, ana: User) -> None:
        olga = a_person(ana.organization, "olga", "compliance", "")
        notes.start_note(ada, olga, DAY, content={"text": "A call"})
        assert finding(answer(ada), "chart.note-unread") is not None
        assert record.day_of(ada, DAY).notes == ()

    def test_a_person_in_two_roles(self, visit: Visit, ada: Patient, ana: User) -> None:
        treated(visit, ana, at(9), at(9, 10))
        ana.role = "assistant"
        second = treated(visit, ana, at(9, 10), at(9, 20))
        row = access.assessment(ada, DAY)
        assert row is not None
        assert row.reason == record.TWO_ROLES
        with pytest.raises(record.CannotAssess, match="two roles"):
            record.day_of(ada, DAY)
        services.amend_interval(second, "Somebody else", ana, people=[a_person(ana.organization, "abe", "assistant")])
        assert answer(ada)

    @pytest.mark.parametrize("named", [False, True])
    def test_a_person_whose_role_changed_during_a_day(
        self, visit: Visit, ada: Patient, ana: User, *, named: bool
    ) -> None:
        first = treated(visit, ana, at(9), at(9, 10))
        User.objects.filter(id=ana.id).update(role="assistant")
        ana.role = "assistant"
        treated(visit, ana, at(9, 10), at(9, 20))
        assert getattr(access.assessment(ada, DAY), "reason", "") == record.TWO_ROLES
        services.amend_interval(access.interval(first.id), "The role of now", ana, people=[ana] if named else None)
        assert [(each.id, each.role) for each in record.day_of(ada, DAY).people] == [(ana.id, "assistant")]
        assert answer(ada)["units"][0]["timed_minutes"] == 20

    def test_a_later_change_of_role_changes_no_day_before_it(self, visit: Visit, ada: Patient, ana: User) -> None:
        first = treated(visit, ana, at(9), at(9, 10))
        User.objects.filter(id=ana.id).update(role="assistant")
        ana.role = "assistant"
        services.amend_interval(access.interval(first.id), "Stopped later", ana, people=[ana], stop=at(9, 20))
        assert [each.role for each in record.day_of(ada, DAY).people] == ["therapist"]

    def test_two_localities_are_not_priced(self, visit: Visit, ada: Patient, ana: User) -> None:
        elsewhere = a_site("Oak Street", locality="10112-99")
        services.start_visit(an_episode(ada, elsewhere, "OT"), date=DAY)
        treated(visit, ana, at(9), at(9, 30))
        found = answer(ada)
        assert finding(found, "chart.two-localities") is not None
        assert found["price"] is None

    def test_days_without_price_are_said_where_they_are_missed(self, ada: Patient, ana: User) -> None:
        episode = an_episode(ada, a_site("Nowhere", locality=""))
        for day in (DAY - timedelta(days=1), DAY):
            treated(services.start_visit(episode, date=day), ana, at(9, day=day), at(9, 30, day=day))
        assert "1 so far" in str(finding(answer(ada), "chart.days-unpriced"))
