"""A fictional practice goes into the database and comes back: the engine says what was planted, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec
import pytest
from django.db import transaction

from fifteen import load_rulebook
from fifteen.clinic import demo
from fifteen.clinic.audit.models import Event
from fifteen.clinic.audit.prove import verify
from fifteen.clinic.notes.models import SignedVersion
from fifteen.clinic.people.models import Patient
from fifteen.clinic.tenancy import clock
from fifteen.clinic.tenancy.context import acting
from fifteen.clinic.treatment import access, assessing, record, stored
from fifteen.clinic.treatment.models import Assessment
from fifteen.clinic.treatment.standing import standing
from fifteen.engine.assess import DayAnswer
from fifteen.synth import Chart, Practice, Size, practice
from tests.clinic.conftest import as_organization
from tests.synth.found import differences

BOOK = load_rulebook()
SIZES = [
    pytest.param(Size(patients=10, days=75), id="small"),
    pytest.param(Size(), id="whole", marks=pytest.mark.nightly),
]


@pytest.fixture
def made(
    db: None, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Practice]:
    """The practice in the database, at its own present."""
    monkeypatch.setenv("FIFTEEN_CHECKPOINTS", str(tmp_path))
    found = practice(4, size=request.param, book=BOOK)
    demo.fill(found)
    with clock.at(found.at):
        yield found


def _answers(made: Practice) -> Iterator[tuple[str, date, DayAnswer]]:
    with transaction.atomic(), acting(made.id):
        for row in Assessment.objects.order_by("patient", "date"):
            if row.answer is not None:
                yield row.patient_id, row.date, msgspec.convert(stored.answer_of(row), DayAnswer)


@pytest.mark.parametrize("made", SIZES, indirect=True)
def test_what_was_planted_comes_back_and_nothing_else(made: Practice) -> None:
    assert made.planted
    assert differences(made, _answers(made)) == []


@pytest.mark.parametrize("made", SIZES, indirect=True)
def test_what_the_rows_say_is_what_the_practice_holds(made: Practice) -> None:
    """Day by day: `record.py` reads what was written, and its own answer is the one that is stored already."""
    chart = Chart(made)
    with as_organization(made.id):
        patients = {each.id: each for each in Patient.objects.all()}
        before = Assessment.objects.count()
        for patient, on in chart.dates():
            if chart.policy(chart.patients[patient]):
                day = record.day_of(patients[patient], on)
                assert day == chart.day(patient, on)
                context = record.context_of(patients[patient], on, day)
                assert context == chart.context(patient, on, context.counted or ())
            assessing.assess_day(patients[patient], on)
        assert Assessment.objects.count() == before == len(chart.dates())


@pytest.mark.parametrize("made", SIZES, indirect=True)
def test_a_day_whose_payer_has_no_rules_waits_with_the_reason(made: Practice) -> None:
    nobody = {(each.patient, each.date) for each in made.planted if each.told_by == "nobody"}
    with as_organization(made.id):
        waiting = {(row.patient_id, row.date): row.reason for row in Assessment.objects.filter(answer=None)}
    assert nobody
    assert set(waiting) == nobody
    assert set(waiting.values()) == {record.NO_POLICY}


@pytest.mark.parametrize("made", SIZES, indirect=True)
def test_the_trail_is_whole_and_each_signed_version_was_signed_once(made: Practice) -> None:
    proof = verify(made.id)
    assert [each for each in proof.findings if each.severity == "block"] == []
    signed = [note for each in made.patients for episode in each.episodes for visit in episode.visits
              for note in visit.notes if note.signed is not None]  # fmt: skip
    with as_organization(made.id):
        assert SignedVersion.objects.count() == Event.objects.filter(action="notes.sign").count() == len(signed)
        assert proof.versions == len(signed)
        assert not Event.objects.filter(actor="").exists()
        assert not Event.objects.filter(at__gt=made.at).exists()


@pytest.mark.parametrize("made", SIZES, indirect=True)
def test_what_no_day_tells_stands_in_the_header(made: Practice) -> None:
    """Deadlines and counts: authorizations, certifications and reports, as planted and nowhere else."""
    told = {(each.kind, each.patient) for each in made.planted}
    with as_organization(made.id):
        for patient in made.patients:
            for episode in patient.episodes:
                row = access.episode(episode.id)
                last, today = (standing(row, on) for on in (episode.visits[-1].date, made.at.date()))
                assert (("authorization-exceeded", patient.id) in told) is ((last.visits_left or 0) < 0)
                assert (("authorization-running-out", patient.id) in told) is (last.visits_left == 1)
                if today.certification is None or last.certification is None:
                    continue
                assert ("missed-report", patient.id) in told or (last.report_due_in or 0) >= 0
                assert (("certification-overdue", patient.id) in told) is (today.certification.state == "overdue")
                assert (("certification-delayed", patient.id) in told) is today.certification.late
                assert (("certification-ran-out", patient.id) in told) is (last.certification.state == "expired")
        for each in made.planted:
            if each.kind == "missed-report":
                episode = next(p for p in made.patients if p.id == each.patient).episodes[0]
                assert (standing(access.episode(episode.id), each.date).report_due_in or 0) < 0


@pytest.mark.parametrize("made", SIZES[:1], indirect=True)
def test_each_event_is_one_that_a_service_writes(made: Practice) -> None:
    clinic = Path(demo.__file__).parent
    written = "".join(path.read_text() for path in clinic.rglob("*.py") if path != Path(demo.__file__))
    with as_organization(made.id):
        actions = set(Event.objects.values_list("action", flat=True))
    assert len(actions) > 15
    assert {each for each in actions if f'"{each}"' not in written} == set()
