"""Which days are assessed anew, and stored answers: they recompute, and one that was changed is found."""

from __future__ import annotations

import zlib
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fifteen.clinic.accounts.models import User
from fifteen.clinic.jobs.models import Job
from fifteen.clinic.notes import access as notes_access
from fifteen.clinic.notes import services as notes
from fifteen.clinic.people import access as people_access
from fifteen.clinic.people import services as people
from fifteen.clinic.people.models import Patient
from fifteen.clinic.people.services import register
from fifteen.clinic.tenancy import clock
from fifteen.clinic.tenancy.models import Site
from fifteen.clinic.tenancy.services import change_site
from fifteen.clinic.treatment import (
    access,
    answering,
    assessing,
    changes,
    prove,
    record,
    services,
    tasks,
)
from fifteen.clinic.treatment.models import Assessment, Episode, Visit
from fifteen.clinic.treatment.stored import NO_VISIT, digest, inputs_of, recompute
from tests.clinic.chart import DAY, an_episode, at, covered, treated
from tests.clinic.conftest import NOON
from tests.clinic.record_kit import ada, ana, answer, episode, numbers, site, visit
from tests.clinic.trail_kit import copy_without_triggers

__all__ = ["ada", "ana", "episode", "site", "visit"]

pytestmark = pytest.mark.django_db


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
