"""Rows to Day and Context, and stored answers: they recompute, and every row that bears on a day reaches it."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fifteen.clinic.accounts.models import User
from fifteen.clinic.audit.record import Who, acting_as
from fifteen.clinic.jobs.models import Job
from fifteen.clinic.notes import access as notes_access
from fifteen.clinic.notes import services as notes
from fifteen.clinic.payers import services as payers
from fifteen.clinic.people import access as people_access
from fifteen.clinic.people import services as people
from fifteen.clinic.people.models import Patient
from fifteen.clinic.people.services import register
from fifteen.clinic.tenancy import clock
from fifteen.clinic.tenancy.errors import Refused
from fifteen.clinic.tenancy.models import Site
from fifteen.clinic.tenancy.services import change_site
from fifteen.clinic.treatment import (
    access,
    answering,
    assessing,
    changes,
    prove,
    queries,
    record,
    services,
    tasks,
)
from fifteen.clinic.treatment.models import Assessment, Episode, Visit
from fifteen.clinic.treatment.standing import standing
from fifteen.clinic.treatment.stored import NO_VISIT, answer_of, digest, inputs_of, recompute
from tests.clinic.chart import DAY, a_person, a_site, an_episode, at, covered, treated
from tests.clinic.conftest import NOON, as_organization
from tests.clinic.trail_kit import copy_without_triggers

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(therapist: User) -> Iterator[User]:
    User.everywhere.filter(id=therapist.id).update(discipline="PT")
    therapist.discipline = "PT"
    with as_organization(therapist.organization_id), acting_as(Who(actor=therapist.id, role=therapist.role)):
        yield therapist


@pytest.fixture
def site(ana: User) -> Site:
    return a_site()


@pytest.fixture
def ada(ana: User) -> Patient:
    found = register("Ada")
    covered(found)
    return found


@pytest.fixture
def episode(ada: Patient, site: Site) -> Episode:
    return an_episode(ada, site)


@pytest.fixture
def visit(episode: Episode) -> Visit:
    return services.start_visit(episode, date=DAY, arrived=at(9))


def answer(patient: Patient, on: date = DAY) -> dict[str, Any]:
    row = access.assessment(patient, on)
    assert row is not None
    found = answer_of(row)
    assert found is not None, row.reason
    return found


def numbers(patient: Patient, on: date = DAY) -> int:
    row = access.assessment(patient, on)
    return 0 if row is None else row.number


def finding(found: dict[str, Any], id: str) -> dict[str, Any] | None:
    return next((each for each in found["findings"] if each["id"] == id), None)


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


class TestJobs:
    def test_many_days_are_assessed_in_portions(
        self, episode: Episode, ada: Patient, ana: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tasks, "PORTION", 2)
        days = [DAY - timedelta(days=each) for each in (2, 1, 0)]
        for each in days:
            services.start_visit(episode, date=each)
        change_site(episode.site, {"locality": ""}, {"locality": "15202-00"})
        (job,) = Job.objects.all()
        tasks.assess(**job.arguments)
        assert [record.day_of(ada, each).locality for each in days] == [None] * 3
        assert [numbers(ada, each) for each in days] == [2, 2, 1]
        rest = Job.objects.exclude(id=job.id).get()
        tasks.assess(**rest.arguments)
        assert [numbers(ada, each) for each in days] == [2, 2, 2]

    def test_time_that_had_not_come_counts_the_next_day(self, visit: Visit, ada: Patient, ana: User) -> None:
        treated(visit, ana, at(14), at(14, 30))
        assert answer(ada)["units"] == []
        with clock.at(NOON + timedelta(hours=12)):
            tasks.recent()
            (job,) = Job.objects.all()
            tasks.assess(**job.arguments)
        assert answer(ada)["units"][0]["timed_minutes"] == 30


class TestWhatAssessesAnew:
    def test_nothing_changed_makes_no_row(self, visit: Visit, ada: Patient, ana: User) -> None:
        treated(visit, ana, at(9), at(9, 30))
        before = numbers(ada)
        with clock.at(NOON + timedelta(hours=1)):
            assessing.assess_day(ada, DAY)
        assert numbers(ada) == before

    def test_each_kind_of_row(self, visit: Visit, ada: Patient, ana: User, episode: Episode) -> None:
        seen = [numbers(ada)]

        def moved() -> bool:
            seen.append(numbers(ada))
            return seen[-1] > seen[-2]

        first = treated(visit, ana, at(9), at(9, 20))
        assert moved()
        services.amend_interval(first, "Late", ana, stop=at(9, 25))
        assert moved()
        services.change_visit(visit, 1, place_of_service="12")
        assert moved()
        services.choose_tie(visit, ["97110"], ana)
        assert moved()
        note = notes.start_note(ada, ana, DAY, visit=visit)
        assert moved()
        row = services.set_service(visit, code="97110", what="Strength")
        assert moved()
        services.change_service(row, 1, what="Strength of the leg")
        assert moved()
        notes.save_draft(note, {"text": "Stairs"}, 1)
        assert moved()
        notes.attest(note, ana, kind="KX", line="PT 97110", evidence="e" * 64)
        assert moved()
        version = notes.sign(note, ana, "PT")
        assert moved()
        notes.amend(version, {"text": "Stairs and slopes"}, "Forgotten", ana, "PT")
        assert moved()
        notes.entered_in_error(note, "Wrong day", ana)
        assert moved()
        notes.withdraw(note, "Right day", ana)
        assert moved()
        coverage = covered(ada, "aetna", rank=2)
        assert moved()
        people.end_coverage(coverage, 1, DAY - timedelta(days=1))
        assert moved()
        people.say_accrued(ada, year=2026, bucket="pt_slp", cents=5, as_of=DAY, user=ana)
        assert moved()
        services.drop_service(row, 2)
        assert not moved()  # what was signed keeps it

    def test_an_overlap_shows_on_both_sides_and_goes_from_both(
        self, visit: Visit, ada: Patient, ana: User, site: Site
    ) -> None:
        treated(visit, ana, at(9), at(9, 20))
        bea = register("Bea")
        covered(bea)
        beside = services.start_visit(an_episode(bea, site), date=DAY)
        slip = treated(beside, ana, at(9, 15), at(9, 40))
        assert len(answer(ada)["overlaps"]) == len(answer(bea)["overlaps"]) == 1
        services.amend_interval(slip, "Started later", ana, start=at(9, 20))
        assert answer(ada)["overlaps"] == answer(bea)["overlaps"] == []

    def test_later_days_rest_on_earlier_ones(self, episode: Episode, ada: Patient, ana: User) -> None:
        days = [DAY - timedelta(days=each) for each in (3, 2, 1)]
        visits = [services.start_visit(episode, date=each) for each in days]
        for each in reversed(visits):
            treated(each, ana, at(9, day=each.date), at(9, 30, day=each.date))
        found = [answer(ada, each)["thresholds"][0] for each in days]
        assert found[0]["used"] == "0.00"
        assert [each["used"] for each in found[1:]] == [each["with_day"] for each in found[:-1]]

    def test_many_later_days_wait_for_a_job(self, episode: Episode, ada: Patient, ana: User) -> None:
        days = [DAY - timedelta(days=each) for each in range(13, -1, -1)]
        with changes.together():
            for each in days:
                row = services.start_visit(episode, date=each)
                treated(row, ana, at(9, day=each), at(9, 30, day=each))
        assert [numbers(ada, each) for each in days] == [1] * len(days)
        assert not Job.objects.exists()
        first = access.visits_of(episode)[0]
        treated(first, ana, at(10, day=days[0]), at(10, 30, day=days[0]))
        (job,) = Job.objects.all()
        tasks.assess(**job.arguments)
        found = [answer(ada, each)["thresholds"][0] for each in days]
        assert [each["used"] for each in found[1:]] == [each["with_day"] for each in found[:-1]]

    def test_merging_and_separating_two_records(self, visit: Visit, ada: Patient, ana: User, site: Site) -> None:
        treated(visit, ana, at(9), at(9, 30))
        bea = register("Bea")
        second = services.start_visit(an_episode(bea, site), date=DAY, arrived=at(10))
        treated(second, ana, at(10), at(10, 30))
        people.merge(ada, bea, "One person", ana)
        assert [each["timed_minutes"] for each in answer(ada)["units"]] == [60]
        assert answer(people_access.patient(bea.id)) == answer(ada)
        people.separate(bea, "Two after all", ana)
        assert [each["timed_minutes"] for each in answer(ada)["units"]] == [30]
        row = access.assessment(bea, DAY)
        assert row is not None
        assert row.reason == record.NO_COVERAGE

    def test_a_visit_that_moves_leaves_an_empty_day(self, visit: Visit, ada: Patient) -> None:
        services.change_visit(visit, 1, date=DAY - timedelta(days=3), arrived=None)
        row = access.assessment(ada, DAY)
        assert row is not None
        assert row.reason == NO_VISIT
        assert answer(ada, DAY - timedelta(days=3))


class TestStored:
    def test_it_recomputes_equal(self, visit: Visit, ada: Patient, ana: User) -> None:
        treated(visit, ana, at(9), at(9, 30))
        for row in Assessment.objects.all():
            assert recompute(row) == []
            packed = zlib.decompress(bytes(row.inputs)), zlib.decompress(bytes(row.answer))
            assert digest(*packed) == row.digest
            assert msgspec.json.decode(packed[0], type=answering.Inputs) == inputs_of(row)

    def test_queries_do_not_grow_with_the_day(
        self, visit: Visit, ada: Patient, ana: User, episode: Episode, site: Site
    ) -> None:
        def cost() -> int:
            with CaptureQueriesContext(connection) as seen:
                assessing.assess_day(ada, DAY)
            return len(seen)

        treated(visit, ana, at(9), at(9, 5))
        note = notes.start_note(ada, ana, DAY, visit=visit)
        services.set_service(visit, code="97110", exercises=[{"name": "squat"}])
        before = services.start_visit(episode, date=DAY - timedelta(days=1))
        old = notes.start_note(ada, ana, before.date, visit=before)
        notes.sign(old, ana, "PT")
        other = services.start_visit(an_episode(register("Bea"), site), date=DAY)
        treated(other, ana, at(9), at(9, 2))
        few = cost()
        for minute in range(10, 40, 5):
            treated(visit, ana, at(9, minute), at(9, minute + 5))
            treated(other, ana, at(9, minute), at(9, minute + 2))
            services.set_service(visit, code="97110", exercises=[{"name": "squat"}, {"name": "bridge"}])
        for days in range(2, 8):
            earlier = services.start_visit(episode, date=DAY - timedelta(days=days))
            notes.sign(notes.start_note(ada, ana, earlier.date, visit=earlier), ana, "PT")
        assert cost() == few <= 30
        assert notes_access.state(note) == "draft"


class TestVerify:
    @pytest.fixture
    def stored(self, visit: Visit, ada: Patient, ana: User) -> Assessment:
        treated(visit, ana, at(9), at(9, 30))
        row = access.assessment(ada, DAY)
        assert row is not None
        return row

    def found(self, row: Assessment) -> list[tuple[str, str]]:
        return [(each.id, each.severity) for each in prove.answers(row.organization_id).findings]

    def test_answers_that_are_whole(self, stored: Assessment) -> None:
        found = prove.answers(stored.organization_id)
        assert (found.count, found.differ, found.findings) == (2, 0, [])

    @pytest.mark.parametrize("field", ["inputs", "answer", "digest"])
    def test_one_that_was_changed(self, stored: Assessment, field: str) -> None:
        value: Any = "0" * 64
        if field != "digest":
            plain = zlib.decompress(bytes(getattr(stored, field)))
            value = zlib.compress(plain.replace(b"97110", b"97112"))
        with copy_without_triggers(stored.organization_id):
            Assessment.everywhere.filter(id=stored.id).update(**{field: value})
            assert self.found(stored) == [("answers.changed", "block")]

    def test_one_that_was_changed_with_its_digest(self, stored: Assessment) -> None:
        inputs, answer = (zlib.decompress(bytes(each)) for each in (stored.inputs, stored.answer))
        answer = answer.replace(b'"timed_minutes":30', b'"timed_minutes":45')
        with copy_without_triggers(stored.organization_id):
            Assessment.everywhere.filter(id=stored.id).update(
                answer=zlib.compress(answer), digest=digest(inputs, answer)
            )
            assert self.found(stored) == [("answers.not-equal", "block")]
            Assessment.everywhere.filter(id=stored.id).update(engine="0.0.9+000000000000")
            assert self.found(stored) == [("answers.differs", "info")]
            assert prove.answers(stored.organization_id).differ == 1

    def test_one_that_cannot_be_read(self, stored: Assessment) -> None:
        with copy_without_triggers(stored.organization_id):
            Assessment.everywhere.filter(id=stored.id).update(answer=b"\x00")
            assert self.found(stored) == [("answers.unreadable", "block")]
