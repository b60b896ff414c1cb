"""Documents: filed, found, downloaded, hidden; row and file in step whatever happens, under whichever key."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from fifteen.clinic import rotation, vault
from fifteen.clinic.accounts.models import User
from fifteen.clinic.audit.models import Event
from fifteen.clinic.audit.record import Who, acting_as
from fifteen.clinic.documents import access, files, services
from fifteen.clinic.documents.models import Document
from fifteen.clinic.documents.prove import Documents, documents
from fifteen.clinic.people import services as people
from fifteen.clinic.people.access import patient
from fifteen.clinic.people.models import Patient
from fifteen.clinic.tenancy import clock
from fifteen.clinic.tenancy.errors import NotFound, Refused
from fifteen.clinic.tenancy.models import Organization
from fifteen.clinic.treatment import access as treatment
from fifteen.clinic.treatment import services as treating
from fifteen.clinic.treatment.models import Plan
from tests.clinic.chart import DAY, a_site, an_episode, covered
from tests.clinic.conftest import NOON, Keyed, as_organization, log_in, make_user
from tests.clinic.files import CSV, PDF, png

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FIFTEEN_HOME", str(tmp_path))
    monkeypatch.setenv("FIFTEEN_KEYS", str(tmp_path / "keys.json"))
    return tmp_path


@pytest.fixture
def dev(north: Organization) -> Iterator[User]:
    user = make_user(north, "dev", "front_desk")
    with as_organization(north.id), acting_as(Who(actor=user.id, role=user.role)):
        yield user


@pytest.fixture
def ada(dev: User) -> Patient:
    return people.register("Ada")


@pytest.fixture
def plan(ada: Patient) -> Plan:
    return treating.add_plan(an_episode(ada, a_site()), starts=date(2026, 2, 20), ends=date(2026, 5, 20))


def file(patient: Patient, user: User, content: bytes = PDF, **fields: Any) -> Document:
    given = {"kind": "letter", **fields}
    return services.add(patient, io.BytesIO(content), len(content), user, **given)


def read(document: Document) -> bytes:
    return b"".join(files.read(document.id))


def where(home: Path, document: Document) -> Path:
    return home / "clinic" / "files" / document.organization_id / document.id


class TestFiling:
    def test_what_was_given_comes_back_and_is_sealed_on_the_disk(self, ada: Patient, dev: User, home: Path) -> None:
        content = PDF + b"secret of Ada" * 200_000 + b"%%EOF"
        found = file(ada, dev, content, title=" A  letter ", received=DAY)
        assert (found.title, found.media, found.size) == ("A letter", "application/pdf", len(content))
        assert read(found) == content
        sealed = where(home, found).read_bytes()
        assert b"secret of Ada" not in sealed
        assert where(home, found).stat().st_mode & 0o777 == 0o600
        assert where(home, found).parent.stat().st_mode & 0o777 == 0o700
        event = Event.objects.get(action="documents.add")
        assert (event.kind, event.object, event.patient) == ("document", found.id, ada.id)
        assert "letter" not in repr(event.detail).replace("'type': 'letter'", "")

    @pytest.mark.parametrize("size", [1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 2 << 20])
    def test_whatever_its_size(self, size: int, ada: Patient, dev: User) -> None:
        content = (b"word " * (size // 5 + 1))[:size]
        assert read(file(ada, dev, content)) == content

    def test_it_belongs_to_the_record_that_is_kept(self, ada: Patient, dev: User) -> None:
        other = people.register("Ada again")
        theirs, mine = file(other, dev), file(ada, dev, CSV)
        people.merge(ada, other, "same", dev)
        assert set(access.documents_of(ada)) == {theirs, mine}
        with pytest.raises(Refused, match="merged"):
            file(patient(other.id), dev)

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"kind": "nothing"}, "kinds"),
            ({"title": "x" * 121}, "120"),
            ({"title": "a\u202eb"}, "cannot be seen"),
            ({"signer": "x\u0000"}, "cannot be seen"),
            ({"received": DAY + timedelta(days=2)}, "future"),
            ({"signed": date(1700, 1, 1)}, "1880"),
        ],
    )
    def test_what_cannot_be(self, fields: dict[str, Any], said: str, ada: Patient, dev: User, home: Path) -> None:
        with pytest.raises(Refused, match=said):
            file(ada, dev, **fields)
        assert not Document.objects.exists()

    def test_another_patient_s_plan_is_not_certified(self, ada: Patient, dev: User, plan: Plan) -> None:
        eve = people.register("Eve")
        with pytest.raises(Refused, match="another patient"):
            file(eve, dev, kind="plan", plan=plan, signer="Dr. Elm", signed=DAY)
        assert not treatment.certifications_of(plan).exists()


class TestSignedPlan:
    def test_it_certifies_its_plan_at_once(self, ada: Patient, dev: User, plan: Plan) -> None:
        found = file(ada, dev, kind="plan", plan=plan, signer="Dr. Elm", signed=date(2026, 2, 27))
        step = treatment.certifications_of(plan).get()
        assert (step.step, step.date, step.signer, step.how) == (
            "signed",
            date(2026, 2, 27),
            "Dr. Elm",
            f"document {found.id}",
        )
        assert (found.plan, found.episode) == (plan, plan.episode)

    def test_without_signer_or_day_nothing_is_stored(self, ada: Patient, dev: User, plan: Plan, home: Path) -> None:
        for fields in ({"signer": "Dr. Elm"}, {"signed": DAY}):
            with pytest.raises(Refused, match="who signed it"):
                file(ada, dev, kind="plan", plan=plan, **fields)
        assert not Document.objects.exists()

    def test_a_certification_that_is_refused_leaves_no_file(
        self, ada: Patient, dev: User, plan: Plan, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuses(*_: object, **__: object) -> None:
            raise Refused("no")

        monkeypatch.setattr(services, "certify", refuses)
        with pytest.raises(Refused):
            file(ada, dev, kind="plan", plan=plan, signer="Dr. Elm", signed=DAY)
        assert [each for each in home.joinpath("clinic", "files").rglob("*") if each.is_file()] == []


class TestInStep:
    def test_until_the_row_stands_it_is_a_part_and_then_has_its_name(
        self, ada: Patient, dev: User, home: Path, django_capture_on_commit_callbacks: Any
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            found = file(ada, dev)
            assert not where(home, found).exists()
            assert where(home, found).with_suffix(".part").exists()
        assert where(home, found).exists()
        assert not where(home, found).with_suffix(".part").exists()

    def test_a_power_cut_after_the_row_is_mended_by_reading(self, ada: Patient, dev: User, home: Path) -> None:
        found = file(ada, dev)
        assert services.troubles() == []
        assert where(home, found).exists()
        assert read(found) == PDF

    def test_what_a_lost_transaction_left_is_dropped_after_an_hour(self, ada: Patient, dev: User, home: Path) -> None:
        kept = file(ada, dev)
        with as_organization(dev.organization_id):
            files.write("nobodys", io.BytesIO(PDF))
        stray = home / "clinic" / "files" / dev.organization_id / "nobodys.part"
        import os

        os.utime(stray, (NOON.timestamp(), NOON.timestamp()))
        assert services.mend() == (1, 0)
        assert stray.exists()
        with clock.at(NOON + timedelta(minutes=61)):
            assert services.mend() == (0, 1)
        assert not stray.exists()
        assert read(kept) == PDF

    def test_what_is_not_in_step_is_told(self, ada: Patient, dev: User, home: Path) -> None:
        missing, broken, changed, whole = (file(ada, dev, PDF + b"%d%%%%EOF" % number) for number in range(4))
        for each in (missing, broken, changed, whole):
            files.settle(each.id)
        where(home, missing).unlink()
        sealed = bytearray(where(home, broken).read_bytes())
        sealed[-1] ^= 1
        where(home, broken).write_bytes(sealed)
        files.write(changed.id, io.BytesIO(CSV))
        files.settle(changed.id)
        where(home, whole).with_name("stray").write_bytes(b"x")
        assert dict(services.troubles()) == {
            missing.id: "missing", broken.id: "unreadable", changed.id: "changed", "stray": "stray",
        }  # fmt: skip

    def test_no_piece_can_be_left_out_moved_or_taken_from_another(self, ada: Patient, dev: User, home: Path) -> None:
        content = b"word " * 600_000
        one, other = file(ada, dev, content), file(ada, dev, content)
        sealed = [where(home, each) for each in (one, other) if read(each)]
        first = sealed[0].read_bytes()
        piece = files._SEALED
        for changed in (
            first[: 2 * piece], first[piece : 2 * piece] + first[:piece] + first[2 * piece :],
            sealed[1].read_bytes()[:piece] + first[piece:], first + first[:piece], first[:-20], first[:10],
        ):  # fmt: skip
            sealed[0].write_bytes(changed)
            with pytest.raises(vault.Sealed):
                read(one)
        sealed[0].write_bytes(first)
        assert read(one) == content


class TestProving:
    def test_without_a_document_nothing_is_made(self, dev: User, home: Path) -> None:
        assert documents(dev.organization_id) == Documents(0, [])
        assert not home.joinpath("clinic", "files").exists()

    def test_verify_opens_every_document_and_tells_what_is_wrong(self, ada: Patient, dev: User, home: Path) -> None:
        rows = [file(ada, dev) for _ in range(25)]
        assert documents(dev.organization_id) == Documents(25, [])
        for each in rows[:23]:
            where(home, each).unlink()
        where(home, rows[23]).with_name("stray").write_bytes(b"x")
        found = documents(dev.organization_id)
        assert [each.id for each in found.findings] == ["documents.missing"] * 21 + ["documents.stray"]
        assert found.findings[20].message == "And 3 more of this kind."
        assert [each.severity for each in found.findings[19:]] == ["block", "block", "warn"]
        assert found.findings[0].where == f"document {rows[0].id}"


class TestKeys:
    def test_a_rotation_covers_the_files(self, ada: Patient, dev: User, home: Path) -> None:
        content = b"word " * 600_000
        one, other = file(ada, dev, content), file(ada, dev)
        assert sum(files.keys_of(one.id).values()) == 3
        done = rotation.rotate()
        assert done.resealed == 2
        assert done.sealed_with == {2: 4}
        assert (read(one), read(other)) == (content, PDF)
        assert Event.objects.get(action="keys.rotated").detail == {"key": 2, "count": 2}
        with clock.at(NOON + timedelta(hours=2)):
            assert rotation.prune().dropped == (1,)
        assert read(one) == content
        assert list(where(home, one).parent.glob("*.again")) == []

    def test_a_file_that_does_not_open_keeps_its_key_and_holds_up_nothing(
        self, ada: Patient, dev: User, home: Path
    ) -> None:
        bad, good, gone = file(ada, dev), file(ada, dev), file(ada, dev)
        for each in (bad, good, gone):
            files.settle(each.id)
        where(home, bad).write_bytes(where(home, bad).read_bytes()[:-1] + b"?")
        where(home, gone).unlink()
        done = rotation.rotate()
        assert done.resealed == 1
        assert done.sealed_with == {1: 1, 2: 1}
        with clock.at(NOON + timedelta(hours=2)):
            assert rotation.prune().dropped == ()


class TestHidden:
    def test_a_wrongly_filed_one_is_hidden_shown_again_and_never_gone(self, ada: Patient, dev: User) -> None:
        found = file(ada, dev)
        services.hide(found, "Eve's", dev)
        services.hide(found, "twice is once", dev)
        assert access.is_hidden(found)
        assert list(access.documents_of(ada)) == []
        assert list(access.documents_of(ada, hidden=True)) == [found]
        services.show(found, "Ada's after all", dev)
        assert not access.is_hidden(found)
        assert [each.reason for each in access.history(found)] == ["Eve's", "Ada's after all"]
        with pytest.raises(Refused, match="reason"):
            services.hide(found, " ", dev)

    def test_with_it_goes_the_certification_that_it_made(self, ada: Patient, dev: User, plan: Plan) -> None:
        found = file(ada, dev, kind="plan", plan=plan, signer="Dr. Elm", signed=DAY)
        other = file(ada, dev, kind="plan", plan=plan, signer="Dr. Elm", signed=DAY)
        treating.certify(plan, step="signed", date=DAY, signer="Dr. Elm", how="on paper", user=dev)
        services.hide(found, "Eve's plan", dev)
        left = [each.how for each in treatment.certifications_of(plan)]
        assert sorted(left) == [f"document {other.id}", "on paper"]
        back = treatment.certifications_of(plan, taken_back=True).exclude(void=None).get()
        assert (back.void.how, back.reason) == (f"document {found.id}", "Eve's plan")
        services.show(found, "Ada's after all", dev)
        assert treatment.certifications_of(plan).count() == 2
        services.hide(found, "Eve's still", dev)
        assert treatment.certifications_of(plan).count() == 2
        treating.void_certification(treatment.certifications_of(plan).get(how__endswith=other.id), "by hand", dev)
        services.hide(other, "Eve's too", dev)
        assert treatment.certifications_of(plan).get().how == "on paper"


class TestPages:
    @pytest.fixture
    def logged(self, dev: User, client: Keyed) -> Keyed:
        log_in(client, dev)
        return client

    def test_from_the_form_to_the_download_and_all_in_the_trail(
        self, logged: Keyed, ada: Patient, dev: User, plan: Plan
    ) -> None:
        covered(ada)
        page = logged.get(f"/patients/{ada.id}/documents").content.decode()
        assert "No document is filed" in page
        assert "PT plan 1, from 2026-02-20" in logged.get(f"/patients/{ada.id}/documents/new").content.decode()
        sent = {
            "kind": "plan", "title": "Plan of Ada", "signer": "Dr. Elm", "signed": "2026-02-27", "plan": plan.id,
            "received": "2026-03-02", "file": SimpleUploadedFile("a.pdf", PDF),
        }  # fmt: skip
        response = logged.post(f"/patients/{ada.id}/documents/new", sent)
        assert response.headers["Location"] == f"/patients/{ada.id}/documents?done=certified&plan={plan.id}"
        found = Document.objects.get()
        page = logged.get(response.headers["Location"]).content.decode()
        assert "the plan of care is certified with its date" in page
        assert "Certified late; the certification holds to 2026-04-04 (CMS Pub." in page
        assert "certifies PT plan 1" in page
        assert b"".join(logged.get(f"/documents/{found.id}")) == PDF
        assert "certification that it made is taken back" in logged.get(f"/documents/{found.id}/hide").content.decode()
        assert logged.post(f"/documents/{found.id}/hide", {"reason": "wrong patient"}).status_code == 302
        assert not treatment.certifications_of(plan).exists()
        assert "certify nothing by itself" in logged.get(f"/documents/{found.id}/hide").content.decode()
        assert "Plan of Ada" not in logged.get(f"/patients/{ada.id}/documents").content.decode()
        assert "Filed wrongly" in logged.get(f"/patients/{ada.id}/documents?hidden=1").content.decode()
        told = list(
            Event.objects.filter(action__startswith="documents").order_by("id").values_list("action", "patient")
        )
        assert [action for action, _ in told] == [
            "documents.list", "documents.list", "documents.add", "documents.list", "documents.open", "documents.view",
            "documents.hide", "documents.view", "documents.list", "documents.list",
        ]  # fmt: skip
        assert {patient for _, patient in told} == {ada.id}
        assert "Elm" not in repr(list(Event.objects.values_list("detail", flat=True)))

    def test_the_chart_leads_to_the_document_that_certified(
        self, client: Keyed, ada: Patient, dev: User, plan: Plan, north: Organization
    ) -> None:
        found = file(ada, dev, kind="plan", plan=plan, signer="Dr. Elm", signed=DAY)
        log_in(client, make_user(north, "tess", "therapist"))
        page = client.get(f"/patients/{ada.id}/episodes/{plan.episode_id}").content.decode()
        assert f'<a href="/documents/{found.id}">document</a>' in page

    def test_the_same_form_sent_twice_files_one(self, logged: Keyed, ada: Patient) -> None:
        for _ in range(2):
            sent = {"kind": "letter", "file": SimpleUploadedFile("a.pdf", PDF), "idempotency_key": "once-and-only"}
            assert logged.post(f"/patients/{ada.id}/documents/new", sent).status_code == 302
        assert Document.objects.count() == 1

    def test_a_file_that_is_not_there_is_said_and_recorded(self, logged: Keyed, ada: Patient, dev: User) -> None:
        found = file(ada, dev)
        files.drop_part(found.id)
        response = logged.get(f"/documents/{found.id}")
        assert response.status_code == 410
        assert "fifteen verify" in response.content.decode()
        assert Event.objects.get(action="documents.open").outcome == "failed"

    def test_who_may_not(self, ada: Patient, dev: User, north: Organization) -> None:
        found = file(ada, dev)
        student = Keyed()
        log_in(student, make_user(north, "sam", "student"))
        assert student.get(f"/documents/{found.id}").status_code == 200
        assert student.get(f"/patients/{ada.id}/documents/new").status_code == 403
        assert student.post(f"/documents/{found.id}/hide", {"reason": "x"}).status_code == 403

    def test_another_organization_has_nothing(self, ada: Patient, dev: User, south: Organization) -> None:
        found = file(ada, dev)
        other = make_user(south, "eve", "owner")
        with as_organization(south.id):
            with pytest.raises(NotFound):
                access.document(found.id)
            with pytest.raises(files.Missing):
                files.digest_of(found.id)
        client = Keyed()
        log_in(client, other)
        assert client.get(f"/documents/{found.id}").status_code == 404

    def test_pictures_stand_in_the_list_with_what_they_are(self, logged: Keyed, ada: Patient, dev: User) -> None:
        file(ada, dev, png(), kind="insurance", title="Card")
        page = logged.get(f"/patients/{ada.id}/documents").content.decode()
        assert "Insurance card" in page
        assert "PNG," in page
