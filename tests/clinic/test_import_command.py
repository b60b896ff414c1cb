"""`fifteen import`: what a file would do, what it did, and one sentence where it was asked wrongly."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fifteen.cli import importing, main
from fifteen.clinic.accounts.models import User
from fifteen.clinic.audit.models import Event
from fifteen.clinic.importing.models import Upload
from fifteen.clinic.people.models import Patient
from fifteen.clinic.tenancy.models import Organization, Site
from tests.clinic.conftest import as_organization, make_organization, make_user

pytestmark = pytest.mark.django_db
PATIENTS = "id,name,dob,extra\nA-1,Ada Stone,05/13/1950,x\nA-2,Jo Reed,02/30/1961,y\n"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def clinic(north: Organization, owner: User, monkeypatch: pytest.MonkeyPatch) -> Organization:
    """A clinic with one owner and one site; the database of the test is the one that the command opens."""
    monkeypatch.setattr(importing, "open_clinic", lambda: None)
    with as_organization(north.id):
        Site(name="Main Street").save()
    return north


@pytest.fixture
def run(clinic: Organization, capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*args: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as met:
            main(["import", "--organization", "north", *args])
        assert isinstance(met.value.code, int)
        return met.value.code, *capsys.readouterr()

    return call


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "patients.csv"
    path.write_text(PATIENTS, "utf-8")
    return path


def names(organization: Organization) -> list[str]:
    with as_organization(organization.id):
        return list(Patient.objects.values_list("name", flat=True))


def test_a_file_is_tried_and_then_brought_in(run: Run, clinic: Organization, file: Path, tmp_path: Path) -> None:
    code, out, _ = run(str(file), "--kind", "patients", "--dry-run")
    assert code == 0
    assert "2 rows: tried, nothing stored" in out
    assert "dates month first" in out
    assert "1 would come in" in out
    assert "line 3: Day of birth:" in out
    assert names(clinic) == []
    rejects = tmp_path / "rejects.csv"
    code, out, _ = run(str(file), "--kind", "patients", "--rejects", str(rejects))
    assert (code, names(clinic)) == (0, ["Ada Stone"])
    assert "1 came in" in out
    [_, row] = csv.reader(io.StringIO(rejects.read_text("utf-8-sig")))
    assert row[0] == "3"
    assert row[2:] == ["A-2", "Jo Reed", "02/30/1961", "y"]
    with as_organization(clinic.id):
        assert set(Upload.objects.values_list("state", "content")) == {("away", None), ("done", None)}
        assert Event.objects.get(action="import.run").role == "owner"


def test_the_whole_answer_as_json(run: Run, file: Path) -> None:
    code, out, _ = run(str(file), "--kind", "patients", "--dry-run", "--json", "--map", "extra=precautions")
    answer: dict[str, Any] = json.loads(out)
    assert code == 0
    assert answer["counts"] == {"rows": 2, "new": 1, "matched": 0, "unchanged": 0, "rejected": 1}
    assert answer["file"] == {
        "encoding": "UTF-8", "delimiter": "comma", "header_line": 1, "rows": 2, "above": 0, "empty": 0,
    }  # fmt: skip
    assert (answer["dates"], answer["verified"], answer["dry_run"]) == ("mdy", True, True)
    assert answer["columns"][3] == {"name": "extra", "field": "precautions", "how": "chosen"}
    assert [each["line"] for each in answer["rejects"]] == [3]


def test_a_long_file_goes_in_by_parts(run: Run, clinic: Organization, file: Path, monkeypatch: Any) -> None:
    from fifteen.clinic.importing import services

    monkeypatch.setattr(services, "AT_ONCE", 1)
    assert run(str(file), "--kind", "patients")[0] == 0
    assert names(clinic) == ["Ada Stone"]


def test_a_profile_that_was_not_verified_says_so(run: Run, clinic: Organization, tmp_path: Path) -> None:
    file = tmp_path / "units.csv"
    file.write_text("EMR Patient ID,Date of Service,CPT Code,Units\nA,1/2/2026,97110,2\n", "utf-8")
    options = ("--kind", "history", "--profile", "webpt-documented-units", "--dry-run", "--site", "main street")
    code, out, _ = run(
        str(file), *options, "--discipline", "PT", "--make-episodes", "--keep-absent", "--as-of", "2026-01-01"
    )
    assert code == 0
    assert "not verified against a file" in " ".join(out.split())
    assert "No patient here" in out


@pytest.mark.parametrize(
    ("args", "why"),
    [
        (("--profile", "nobody"), "there is none that is called 'nobody'"),
        (("--as", "nobody"), "nobody logs in here as 'nobody'"),
        (("--site", "Elsewhere"), "there is none that is called 'Elsewhere'"),
        (("--map", "nothing=name"), "names no column of the file"),
        (("--map", "extra"), "names no column of the file"),
        (("--map", "extra=payer"), "choose again"),
        (("--as-of", "yesterday"), "not a date of the calendar"),
        (("--dates", "ydm"), "'ydm' is not one of"),
        (("--rejects", __file__), "is there already"),
        (("--profile", "webpt-charges"), "a profile that exports such rows"),
    ],
)
def test_what_was_asked_wrongly_is_one_sentence(
    run: Run, clinic: Organization, file: Path, args: tuple[str, ...], why: str
) -> None:
    code, out, err = run(str(file), "--kind", "patients", *args)
    assert (code, out) == (2, "")
    assert why in err
    assert len(err.splitlines()) == 1
    assert names(clinic) == []


def test_dates_that_nobody_can_know_are_asked_for(run: Run, clinic: Organization, tmp_path: Path) -> None:
    file = tmp_path / "patients.csv"
    file.write_text("name,dob\nAda Stone,02/03/1950\n", "utf-8")
    code, out, err = run(str(file), "--kind", "patients")
    assert (code, out) == (2, "")
    assert "choose which" in err
    assert run(str(file), "--kind", "patients", "--dates", "dmy")[0] == 0
    assert run(str(tmp_path / "missing.csv"), "--kind", "patients")[0] == 2


def test_in_whose_name_must_be_clear(run: Run, clinic: Organization, file: Path) -> None:
    make_user(clinic, "otto", "owner")
    code, _, err = run(str(file), "--kind", "patients")
    assert code == 2
    assert "not exactly one owner" in err
    assert run(str(file), "--kind", "patients", "--as", "otto")[0] == 0


def test_into_which_organization_must_be_clear(clinic: Organization, file: Path, capsys: Any, monkeypatch: Any) -> None:
    make_organization("south")
    monkeypatch.setattr(importing, "organizations", lambda slug: ["a", "b"])
    with pytest.raises(SystemExit) as met:
        main(["import", str(file), "--kind", "patients"])
    assert met.value.code == 2
    assert "name one with --organization" in capsys.readouterr().err
