"""The pages of the import: look, try, bring in, throw away; and what goes wrong on the way."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from fifteen.clinic.accounts.matrix import matrix
from fifteen.clinic.accounts.models import User
from fifteen.clinic.importing import services
from fifteen.clinic.importing.models import Upload
from fifteen.clinic.people.models import Patient
from fifteen.clinic.tenancy.models import Organization
from tests.clinic.conftest import NOON, as_organization, log_in, make_user, post

pytestmark = pytest.mark.django_db
PATIENTS = b"id,name,dob\nA-1,Ada Stone,1950-05-01\nA-2,Jo Reed,1961-02-30\n"


@pytest.fixture
def desk(client: Client, north: Organization) -> User:
    user = make_user(north, "dev", "front_desk")
    log_in(client, user, proved=NOON)
    return user


def give(client: Client, content: bytes = PATIENTS, **fields: str) -> Any:
    typed = {"kind": "patients", "profile": "plain", **fields}
    return post(client, "/import", {**typed, "file": SimpleUploadedFile("x.csv", content)})


def stood(user: User) -> Upload:
    with as_organization(user.organization_id):
        return Upload.objects.order_by("-id")[0]


def chosen(user: User, **fields: str) -> dict[str, str]:
    """What the form of the columns sends as it stands."""
    upload = stood(user)
    return {"version": str(upload.version), "dates": "", **{f"c{k}": v for k, v in upload.mapping.items()}, **fields}


def test_a_file_is_looked_at_tried_and_brought_in(client: Client, desk: User) -> None:
    assert "No file was given yet" in client.get("/import").content.decode()
    where = give(client)["Location"]
    page = client.get(where).content.decode()
    assert "Ada Stone · Jo Reed" in page
    assert "Read as UTF-8, delimiter comma, header on line 1, 2 rows." in page
    assert post(client, f"{where}/try", chosen(desk))["Location"] == f"{where}#result"
    page = client.get(where).content.decode()
    assert "What would come in" in page
    assert "Bring in 1 row" in page
    assert "no day of the calendar" in page
    with as_organization(desk.organization_id):
        assert not Patient.objects.exists()
    post(client, f"{where}/run", {"version": str(stood(desk).version)})
    page = client.get(where).content.decode()
    assert "What came in" in page
    with as_organization(desk.organization_id):
        assert Patient.objects.get().name == "Ada Stone"
    answer = client.get(f"{where}/rejects")
    assert answer["Content-Type"].startswith("text/csv")
    assert b'"3"' in answer.content
    assert answer["Cache-Control"] == "no-store"
    assert "The same file came in on" in client.get(give(client)["Location"]).content.decode()


def test_columns_that_are_changed_are_kept(client: Client, desk: User) -> None:
    where = give(client, b"who,when\nAda Stone,02/03/1950\n")["Location"]
    assert "No column says what every row needs" in client.get(where).content.decode()
    answer = post(client, f"{where}/try", chosen(desk, c0="name", c1="born"))
    page = client.get(answer["Location"]).content.decode()
    assert "whether the month or the day stands first" in page
    post(client, f"{where}/try", chosen(desk, dates="mdy"))
    post(client, f"{where}/run", {"version": str(stood(desk).version)})
    with as_organization(desk.organization_id):
        assert str(Patient.objects.get().born) == "1950-02-03"


def test_two_columns_of_one_meaning_are_told_and_nothing_is_kept(client: Client, desk: User) -> None:
    where = give(client)["Location"]
    answer = post(client, f"{where}/try", chosen(desk, c0="name"))
    assert answer.status_code == 422
    assert "Two columns have the same meaning" in answer.content.decode()
    assert stood(desk).version == 1


def test_who_comes_second_is_told(client: Client, desk: User) -> None:
    where = give(client)["Location"]
    sent = chosen(desk)
    post(client, f"{where}/try", sent)
    for do in ("try", "run", "away"):
        answer = post(client, f"{where}/{do}", sent)
        assert answer.status_code == 409
        assert "Someone else worked on this file meanwhile" in answer.content.decode()


def test_a_file_that_is_none_is_told_on_the_form(client: Client, desk: User) -> None:
    for content, why in ((b"PK\x03\x04", "Excel workbook"), (b"", "holds no row"), (b'a,"b', "never closed")):
        answer = give(client, content)
        assert answer.status_code == 422
        assert why in answer.content.decode()
    assert "Choose what the rows are of" in give(client, kind="nothing").content.decode()
    assert "Choose a CSV file" in post(client, "/import", {"kind": "patients", "profile": "plain"}).content.decode()


def test_a_file_is_thrown_away(client: Client, desk: User) -> None:
    where = give(client)["Location"]
    post(client, f"{where}/away", {"version": "1"})
    page = client.get(where).content.decode()
    assert "The content of this file is gone" in page
    assert post(client, f"{where}/try", chosen(desk)).status_code == 422
    assert client.get(f"{where}/rejects").status_code == 422
    assert "Gone, not brought in" in client.get("/import").content.decode()


def test_a_long_file_is_left_to_the_queue(client: Client, desk: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "AT_ONCE", 1)
    where = give(client)["Location"]
    post(client, f"{where}/try", chosen(desk))
    assert "It is being tried" in client.get(where).content.decode()
    assert post(client, f"{where}/run", {"version": str(stood(desk).version)}).status_code == 422


def test_what_is_shown_of_a_file_is_only_text(client: Client, desk: User) -> None:
    where = give(client, b'id,<script>x</script>,name\nA,<b>1</b>,"=1+<i>"\n')["Location"]
    page = client.get(where).content.decode()
    assert "<script>x" not in page
    assert "<b>1</b>" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize("role", matrix().roles)
def test_only_who_may_import_does(client: Client, north: Organization, role: str) -> None:
    log_in(client, make_user(north, "uma", role), proved=NOON)
    expected = 200 if role in ("owner", "front_desk", "biller") else 403
    assert client.get("/import").status_code == expected


def test_an_import_asks_for_a_fresh_proof(client: Client, north: Organization) -> None:
    log_in(client, make_user(north, "dev", "front_desk"), proved=None)
    assert client.get("/import")["Location"].startswith("/prove")
    assert give(client).status_code == 401


def test_a_file_of_another_organization_is_none(client: Client, desk: User, south: Organization) -> None:
    other = make_user(south, "sam", "owner")
    with as_organization(south.id):
        upload = services.give("patients", "plain", PATIENTS, other)
    for address in (f"/import/{upload.id}", f"/import/{upload.id}/rejects"):
        assert client.get(address).status_code == 404
    for do in ("try", "run", "away"):
        assert post(client, f"/import/{upload.id}/{do}", {"version": "1"}).status_code == 404


def test_every_profile_says_where_its_columns_come_from(client: Client, desk: User) -> None:
    where = give(client, b"EMR Patient ID,Date of Service,CPT Code,Units\nA,1/2/2026,97110,2\n", kind="history",
                 profile="webpt-documented-units")["Location"]  # fmt: skip
    page = client.get(where).content.decode()
    assert "not verified against a file" in page
    assert "help.emr.webpt.com" in page
    assert len(re.findall(r"by the profile", page)) == 4


def test_refusals_and_words_come_in_spanish(client: Client, desk: User) -> None:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "es"
    page = client.get("/import").content.decode()
    assert "Una tabla con columnas con nombre" in page
    page = give(client, b"%PDF-1.7").content.decode()
    assert "Este archivo no se puede leer: el archivo es un PDF y no una tabla de texto" in page
    assert "cannot be read" not in page
    page = client.get(give(client)["Location"]).content.decode()
    assert "coma" in page
    assert "delimiter" not in page
    assert "Usted está aquí como Recepción" in client.get("/home").content.decode()
    refused = client.get("/audit").content.decode()
    assert "Leer el registro de actividad" in refused


def test_the_matrix_comes_in_spanish(client: Client, owner: User) -> None:
    log_in(client, owner, proved=NOON)
    page = unescape(client.get("/people", HTTP_ACCEPT_LANGUAGE="es").content.decode())
    titles = [each.title for each in matrix().actions.values()] + list(matrix().roles.values())
    assert [each for each in titles if re.search(f">{re.escape(each)} ?<", page)] == []
    assert "Registrar y modificar pacientes" in page
