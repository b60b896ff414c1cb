"""`fifteen verify`: 0 whole, 1 not, 2 asked wrongly."""

from __future__ import annotations

import json
import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

from fifteen.cli import main
from fifteen.clinic.accounts.models import User
from fifteen.clinic.audit import chain, sealer
from fifteen.clinic.audit.models import Event
from fifteen.clinic.audit.record import Who, acting_as
from fifteen.clinic.people import services as people
from fifteen.clinic.people.services import register
from fifteen.clinic.treatment import services as treatment
from fifteen.clinic.treatment.models import Assessment, Interval, Score
from fifteen.clinic.treatment.services import start_visit
from tests.clinic.chart import DAY, a_site, an_episode, at, covered, treated
from tests.clinic.conftest import as_organization
from tests.clinic.test_audit_tamper import edit_detail
from tests.clinic.trail_kit import copy_without_triggers, fill, marks

__all__ = ["marks"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("marks")]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The command in this process; the test's database stands in for the file that it looks for."""
    from fifteen.clinic import vault

    monkeypatch.setenv("FIFTEEN_KEYS", str(vault.keys_path()))
    monkeypatch.setenv("FIFTEEN_DATABASE_URL", "postgresql:///elsewhere")

    def call(*args: str) -> tuple[Any, str, str]:
        with pytest.raises(SystemExit) as end:
            main(["verify", *args])
        return (end.value.code, *capsys.readouterr())

    return call


def test_a_whole_trail_exits_with_0(run: Any, therapist: User) -> None:
    fill(therapist)
    code, out, err = run("--organization", "north")
    assert (code, err) == (0, "")
    assert out.startswith("north: whole\n  19 events sealed, 4 signed versions")


def test_a_changed_event_exits_with_1_and_says_where(run: Any, therapist: User) -> None:
    fill(therapist)
    with copy_without_triggers(therapist.organization_id):
        edit_detail(therapist.organization_id, random.Random(3))
        code, out, _ = run("--organization", "north", "--json")
        assert run("--organization", "north")[1].startswith("north: NOT whole")
    answer = json.loads(out)
    assert (code, answer["whole"]) == (1, False)
    [found] = answer["organizations"][0]["findings"]
    assert (found["id"], found["where"].split()[0]) == ("audit.changed", "place")


def test_what_is_asked_wrongly_exits_with_2(
    run: Any, north: object, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert run("--organization", "west")[0] == 2
    assert "no folder" in run("--checkpoints", str(tmp_path / "none"))[2]
    monkeypatch.delenv("FIFTEEN_DATABASE_URL")
    monkeypatch.setenv("FIFTEEN_HOME", str(tmp_path))
    code, out, err = run()
    assert (code, out) == (2, "")
    assert "there is no clinic at" in err
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setenv("FIFTEEN_DATABASE_URL", "postgresql:///elsewhere")
    monkeypatch.setenv("FIFTEEN_KEYS", str(tmp_path / "none.json"))
    assert "key ring" in run()[2]
    assert list(tmp_path.iterdir()) == []


def test_stored_answers_are_recomputed_unless_it_is_said_otherwise(run: Any, therapist: User) -> None:
    with as_organization(therapist.organization_id):
        ada = register("Ada")
        covered(ada)
        visit = start_visit(an_episode(ada, a_site()), date=DAY)
        treated(visit, therapist, at(9), at(9, 20))
        (row,) = Assessment.objects.filter(number=2)
    code, out, _ = run("--organization", "north", "--json")
    assert (code, json.loads(out)["organizations"][0]["answers"]) == (0, 2)
    assert "2 answers of days recomputed" in run("--organization", "north")[1]
    with copy_without_triggers(therapist.organization_id):
        Assessment.everywhere.filter(id=row.id).update(digest="0" * 64)
        code, out, _ = run("--organization", "north")
        assert (code, f"answer {row.id}" in out) == (1, True)
        code, out, _ = run("--organization", "north", "--no-answers")
        assert (code, "recomputed" in out) == (0, False)


def test_every_row_of_the_chart_that_only_grows_is_covered_by_a_link(run: Any, therapist: User) -> None:
    org = therapist.organization_id
    with as_organization(org), acting_as(Who(actor=therapist.id, role="therapist")):
        ada = register("Ada")
        covered(ada)
        episode = an_episode(ada, a_site())
        people.say_accrued(ada, year=2026, bucket="ot", cents=5, as_of=DAY, user=therapist)
        people.add_consent(ada, "treatment", DAY, therapist)
        treatment.carry_over(episode, as_of=DAY, visits_used=2, source="import")
        plan = treatment.add_plan(episode, starts=DAY)
        treatment.certify(plan, step="sent", date=DAY, user=therapist)
        treatment.add_score(episode, measure="LEFS", value="44.5", date=DAY, user=therapist)
        visit = treatment.start_visit(episode, date=DAY)
        treated(visit, therapist, at(9), at(9, 20))
        treatment.choose_tie(visit, ["97110"], therapist)
        sealer.seal_now()
        named = {(each.kind, each.object) for each in Event.objects.all()}
        made = {
            (kind, row.id) for kind, (model, _) in chain.ROWS.items() for row in apps.get_model(model).objects.all()
        }
    assert made <= named
    assert {kind for kind, _ in made} == {
        "accrual", "consent", "carried_over", "certification", "score", "interval", "tie_choice", "assessment",
    }  # fmt: skip
    assert run("--organization", "north")[0] == 0
    for model in (Assessment, Interval, Score):
        with copy_without_triggers(org):
            row = model.everywhere.order_by("id").last()
            model.everywhere.filter(id=row.id).update(at=row.at + timedelta(seconds=1))
            code, out, _ = run("--organization", "north", "--no-answers")
            assert (code, "is not what was sealed" in out) == (1, True), model
