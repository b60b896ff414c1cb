"""What is sent is bounded and looked at before it is kept (checks 33 and, for file names, 34)."""

from __future__ import annotations

import io
import socket
import time
import tracemalloc
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory

from fifteen.cli.hurried import Hurried, hurry
from fifteen.clinic.accounts.models import User
from fifteen.clinic.audit.models import Event
from fifteen.clinic.documents import files as store
from fifteen.clinic.documents import kinds
from fifteen.clinic.documents.models import Document
from fifteen.clinic.people.models import Patient
from fifteen.clinic.people.services import register
from fifteen.clinic.tenancy.errors import Refused
from fifteen.web.clinic import uploads
from tests.clinic.conftest import Keyed, as_organization, log_in, make_user
from tests.clinic.files import ACTIVE_PDF, CSV, KEPT, PDF, REFUSED, png

pytestmark = pytest.mark.django_db
MEGABYTE = 1_000_000


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FIFTEEN_HOME", str(tmp_path))
    monkeypatch.setenv("FIFTEEN_KEYS", str(tmp_path / "keys.json"))
    return tmp_path


@pytest.fixture
def desk(home: Path, north: Any, client: Keyed) -> User:
    user = make_user(north, "dev", "front_desk")
    log_in(client, user)
    return user


@pytest.fixture
def ada(desk: User) -> Patient:
    with as_organization(desk.organization_id):
        return register("Ada")


def left(home: Path) -> list[Path]:
    """Every file that lies among the documents."""
    return [each for each in home.joinpath("clinic", "files").rglob("*") if each.is_file()]


def send(client: Keyed, patient: Patient, content: bytes, name: str = "scan.pdf", **fields: Any) -> Any:
    given = {"kind": "other", "file": SimpleUploadedFile(name, content, "application/pdf"), **fields}
    return client.post(f"/patients/{patient.id}/documents/new", given)


def stored(user: User) -> list[Document]:
    with as_organization(user.organization_id):
        return list(Document.objects.order_by("id"))


# -- what a file is, by its bytes -----------------------------------------------------------------------------------


@pytest.mark.parametrize("media", KEPT)
def test_what_is_kept_is_known_by_its_bytes(media: str) -> None:
    file = io.BytesIO(KEPT[media])
    assert kinds.media_of(file, len(KEPT[media])) == media
    assert file.tell() == 0


@pytest.mark.parametrize("name", REFUSED)
def test_everything_else_is_refused_in_one_sentence(name: str) -> None:
    content, said = REFUSED[name]
    with pytest.raises(Refused, match=said) as met:
        kinds.media_of(io.BytesIO(content), len(content))
    assert str(met.value).count(".") == 1


def test_a_table_of_a_million_columns_and_a_text_of_20_mb_take_no_memory() -> None:
    for content in (b"a," * MEGABYTE + b"\n" + b"a," * MEGABYTE, b"All is well. \n" * 1_400_000):
        file = io.BytesIO(content)
        tracemalloc.start()
        kinds.media_of(file, len(content))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert most < 3 * MEGABYTE


def test_looking_reads_no_more_than_headers_of_a_picture() -> None:
    class Counted(io.BytesIO):
        taken = 0

        def read(self, size: int | None = -1, /) -> bytes:
            found = super().read(size)
            self.taken += len(found)
            return found

    for media in ("image/png", "image/jpeg", "image/heic", "application/pdf"):
        content = KEPT[media] + b"\0" * 10 * MEGABYTE + b"%%EOF"
        file = Counted(content)
        assert kinds.media_of(file, len(content)) == media
        assert file.taken < 100_000


# -- what is sent ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_leaves_nothing_behind(name: str, client: Keyed, ada: Patient, desk: User, home: Path) -> None:
    content, said = REFUSED[name]
    response = send(client, ada, content)
    assert response.status_code == 422
    page = response.content.decode()
    assert said in page
    assert "Nothing was filed yet." in page
    assert stored(desk) == []
    assert left(home) == []


@pytest.mark.parametrize("media", KEPT)
def test_a_wrong_name_and_a_wrong_claim_change_nothing(media: str, client: Keyed, ada: Patient, desk: User) -> None:
    for name, claimed in (("a.exe", "application/x-msdownload"), ("b.pdf", "text/html"), ("c", "")):
        assert client.post(
            f"/patients/{ada.id}/documents/new",
            {"kind": "other", "file": SimpleUploadedFile(name, KEPT[media], claimed)},
        ).status_code == 302  # fmt: skip
    assert {each.media for each in stored(desk)} == {media}


@pytest.mark.parametrize(
    "name",
    [
        "../../../etc/passwd",
        "..\\..\\boot.ini",
        "a\r\nSet-Cookie: x=1.pdf",
        "fdp.\u202excod",
        "C:\\x.pdf",
        "=1+1",
        "é" * 300,
    ],
)
def test_the_name_of_a_file_is_not_kept_and_stands_in_no_header(
    name: str, client: Keyed, ada: Patient, desk: User, home: Path
) -> None:
    assert send(client, ada, PDF, name=name).status_code in (302, 400)
    for each in stored(desk):
        assert each.title == "Other"
        header = client.get(f"/documents/{each.id}").headers["Content-Disposition"]
        assert header == 'attachment; filename="Other-2026-03-02.pdf"'
    assert {each.parent.name for each in left(home)} <= {desk.organization_id}


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ('a";x="b', "a-x-b"),
        ("=cmd|' /C calc'!A0", "cmd-C-calc-A0"),
        ("../../etc/passwd", "etc-passwd"),
        ("Überweisung", "Überweisung"),
        ("///", "other"),
    ],
)
def test_a_title_splits_no_header(title: str, name: str, client: Keyed, ada: Patient, desk: User) -> None:
    assert send(client, ada, PDF, title=title).status_code == 302
    response = client.get(f"/documents/{stored(desk)[0].id}")
    header = response.headers["Content-Disposition"]
    from urllib.parse import unquote

    assert f"{name}-2026-03-02.pdf" in unquote(header)
    assert header.startswith("attachment; filename")
    assert header.isascii()


def test_a_title_that_turns_text_round_is_refused(client: Keyed, ada: Patient, desk: User) -> None:
    assert send(client, ada, PDF, title="exe.\u202efdp").status_code == 422
    assert send(client, ada, PDF, title="a\x00b").status_code == 400  # the edge takes no NUL
    assert stored(desk) == []


def test_a_file_larger_than_the_limit_is_refused_before_it_is_read(
    client: Keyed, ada: Patient, desk: User, home: Path, settings: Any
) -> None:
    big = PDF + b"\0" * (settings.DOCUMENT_LIMIT + 200_000) + b"%%EOF"
    response = send(client, ada, big)
    assert response.status_code == 413
    assert "nothing of it was read or stored" in response.content.decode()
    assert left(home) == []
    just = PDF + b"\0" * (settings.DOCUMENT_LIMIT - len(PDF) + 1 - 5) + b"%%EOF"
    response = send(client, ada, just)
    assert response.status_code == 422
    assert "larger than 20 MB" in response.content.decode()
    assert stored(desk) == []


def test_a_page_that_takes_no_file_reads_no_large_body(client: Keyed, ada: Patient, home: Path) -> None:
    content = SimpleUploadedFile("x.pdf", b"x" * 4 * MEGABYTE)
    response = client.post(f"/patients/{ada.id}/consents/give", {"kind": "treatment", "file": content})
    assert response.status_code == 413
    assert left(home) == []


def test_who_is_not_logged_in_sends_no_large_body_either(ada: Patient, home: Path) -> None:
    content = SimpleUploadedFile("x.pdf", b"x" * 4 * MEGABYTE)
    assert Keyed().post("/login", {"login": "a", "file": content}).status_code == 413
    assert left(home) == []


def test_a_length_that_is_no_number_or_hides_more_is_refused() -> None:
    view = type("view", (), {"takes": 1_000})
    for length, refused in (
        ("", False), ("999", False), ("101000", False), ("101001", True), ("-1", True), ("9" * 40, True), ("1e3", True),
    ):  # fmt: skip
        request = RequestFactory().post("/x")
        request.META["CONTENT_LENGTH"] = length
        assert uploads.too_large(request, view) is refused, length


def test_fields_and_files_without_number_are_refused(client: Keyed, ada: Patient, desk: User, home: Path) -> None:
    many = {f"f{number}": "x" for number in range(1_001)}
    assert client.post(f"/patients/{ada.id}/documents/new", {**many, "file": ""}).status_code == 400
    files = {f"f{number}": SimpleUploadedFile("x", PDF) for number in range(5)}
    assert client.post(f"/patients/{ada.id}/documents/new", files).status_code == 400
    two = {"kind": "other", "file": [SimpleUploadedFile("x", PDF), SimpleUploadedFile("y", PDF)]}
    response = client.post(f"/patients/{ada.id}/documents/new", two)
    assert response.status_code == 422
    assert "Choose one file" in response.content.decode()
    assert client.post(f"/patients/{ada.id}/documents/new", {"kind": "other"}).status_code == 422
    assert stored(desk) == []
    assert left(home) == []


def test_a_large_upload_takes_no_more_memory_than_a_few_pieces(home: Path, desk: User, ada: Patient) -> None:
    class Endless(io.RawIOBase):
        """A file of 19 MB that is nowhere whole."""

        at = 0

        def read(self, size: int = -1, /) -> bytes:
            found = min(size, 19 * MEGABYTE - self.at)
            self.at += found
            return b"\0" * found

    with as_organization(desk.organization_id):
        tracemalloc.start()
        written = store.write("some-document", Endless())  # type: ignore[arg-type]
        store.settle("some-document")
        for _piece in store.read("some-document"):
            pass
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert written.size == 19 * MEGABYTE
    assert most < 12 * MEGABYTE


# -- what is handed out ---------------------------------------------------------------------------------------------


def test_what_a_pdf_would_run_is_kept_and_runs_nowhere(client: Keyed, ada: Patient, desk: User) -> None:
    assert send(client, ada, ACTIVE_PDF).status_code == 302
    response = client.get(f"/documents/{stored(desk)[0].id}")
    assert b"".join(response) == ACTIVE_PDF
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == "sandbox; default-src 'none'; frame-ancestors 'none'"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Frame-Options"] == "DENY"


def test_markup_in_a_csv_is_handed_out_as_it_is_and_never_as_a_page(client: Keyed, ada: Patient, desk: User) -> None:
    content = CSV + b"<script>alert(1)</script>,=1+1\n"
    assert send(client, ada, content).status_code == 302
    response = client.get(f"/documents/{stored(desk)[0].id}")
    assert b"".join(response) == content
    assert response.headers["Content-Type"] == "text/csv"
    assert response.headers["Content-Disposition"].startswith("attachment")


# -- room -----------------------------------------------------------------------------------------------------------


def test_the_quota_of_a_clinic_holds_and_says_so_in_plain_words(
    client: Keyed, ada: Patient, desk: User, home: Path, settings: Any
) -> None:
    settings.DOCUMENT_QUOTA = len(PDF) + 10
    assert send(client, ada, PDF).status_code == 302
    before = [each.stem for each in left(home)]
    response = send(client, ada, png(), title="Kept on the page")
    page = response.content.decode()
    assert response.status_code == 507
    assert "There is no room left to store this" in page
    assert "FIFTEEN_DOCUMENT_QUOTA_MB" in page
    assert 'value="Kept on the page"' in page
    assert len(stored(desk)) == 1
    assert [each.stem for each in left(home)] == before
    settings.DOCUMENT_QUOTA = MEGABYTE
    assert send(client, ada, png()).status_code == 302


def test_an_upload_does_not_take_the_room_that_notes_need(
    client: Keyed, ada: Patient, desk: User, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "free", lambda: 200 * MEGABYTE)
    response = send(client, ada, PDF)
    assert response.status_code == 507
    assert "nearly full" in response.content.decode()
    assert left(home) == []


@pytest.mark.parametrize("number", range(4))
def test_whichever_write_of_the_file_fails_nothing_is_half_stored(
    number: int, client: Keyed, ada: Patient, desk: User, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    done = {"count": 0}
    fsync, seal = os.fsync, store.vault.seal

    def failing(real: Any) -> Any:
        def call(*args: Any, **fields: Any) -> Any:
            done["count"] += 1
            if done["count"] == number + 1:
                raise OSError(28, "No space left on device")
            return real(*args, **fields)

        return call

    client.raise_request_exception = False
    content = PDF + b"\0" * 2 * (1 << 20) + b"%%EOF"
    with monkeypatch.context() as broken:
        broken.setattr(store.vault, "seal", failing(seal))
        broken.setattr(store.os, "fsync", failing(fsync))
        response = send(client, ada, content)
    assert response.status_code == 507
    assert "There is no room left to store this" in response.content.decode()
    assert stored(desk) == []
    assert left(home) == []
    assert send(client, ada, content).status_code == 302
    with as_organization(desk.organization_id):
        assert Event.objects.filter(action="documents.add").count() == 1


def test_a_row_that_cannot_be_stored_leaves_no_file(
    client: Keyed, ada: Patient, desk: User, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fifteen.clinic.documents import services

    def fails(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    client.raise_request_exception = False
    with monkeypatch.context() as broken:
        broken.setattr(services, "record", fails)
        assert send(client, ada, PDF).status_code == 507
    assert stored(desk) == []
    assert left(home) == []


# -- who sends slowly -----------------------------------------------------------------------------------------------


def test_a_body_that_stalls_or_trickles_is_not_waited_for() -> None:
    here, there = socket.socketpair()
    with here, there:
        hurried = Hurried(here, 60, stall=0)
        there.sendall(b"abc")
        here.setblocking(True)
        slow = Hurried(here, 60, stall=1)
        assert slow.recv(3) == b"abc"
        assert here.gettimeout() is None
        with pytest.raises((TimeoutError, BlockingIOError)):
            hurried.recv(3)
        there.sendall(b"a")
        with pytest.raises(TimeoutError, match="too slowly"):
            Hurried(here, 0).recv(1)
        assert slow.fileno() == here.fileno()


def test_the_time_for_a_body_grows_with_what_it_announces() -> None:
    sock = object()
    for length, seconds in (("0", 60), ("20000000", 460), ("x", 60)):
        request = SimpleNamespace(headers=[("CONTENT-LENGTH", length)], unreader=SimpleNamespace(sock=sock))
        for _ in range(2):  # the next request on the same connection wraps it anew
            hurry(None, request)
        assert request.unreader.sock._sock is sock
        assert 0 <= time.monotonic() + seconds - request.unreader.sock._ends < 5


def test_a_body_that_breaks_off_is_a_bad_request(client: Keyed, ada: Patient, desk: User, home: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise TimeoutError("the body of a request came too slowly")

    extra = {"wsgi.input": Broken(), "CONTENT_LENGTH": "500", "CONTENT_TYPE": "multipart/form-data; boundary=x"}
    response = client.post(f"/patients/{ada.id}/documents/new", **extra)
    assert response.status_code == 400
    assert left(home) == []
