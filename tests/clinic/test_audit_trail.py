"""The page of the trail: filters, orders, pages, the export, and that looking is recorded."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client

from fifteen.clinic.accounts.models import User
from fifteen.clinic.audit.access import ORDERS
from fifteen.clinic.audit.models import Event
from fifteen.web.clinic.sheet import cell
from tests.clinic.conftest import NOON, as_organization, log_in
from tests.clinic.trail_kit import event

pytestmark = pytest.mark.django_db


def add(user: User, count: int = 3, **fields: object) -> list[Event]:
    with as_organization(user.organization_id):
        made = [event(user.organization_id, each - 2_000, actor=user.id, **fields) for each in range(count)]
        Event.everywhere.bulk_create(made)
    return made


def actions(user: User) -> list[str]:
    with as_organization(user.organization_id):
        return list(Event.objects.order_by("id").values_list("action", flat=True))


def body(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, response.content
    return response.content.decode()


def test_the_trail_shows_what_was_done_and_that_it_is_looked_at(client: Client, owner: User) -> None:
    log_in(client, owner)
    add(owner, action="notes.sign")
    assert body(client, "/audit").count("<td>notes.sign</td>") == 3
    assert actions(owner)[-1] == "audit.read"
    assert "<td>audit.read</td>" in body(client, "/audit")


def test_filters(client: Client, owner: User, therapist: User) -> None:
    log_in(client, owner)
    patient = add(therapist)[0].object
    add(owner, action="notes.sign", patient=patient)
    assert body(client, f"/audit?person={therapist.id}").count("<tr>") == 4
    assert body(client, f"/audit?patient={patient}").count("<td>notes.sign</td>") == 3
    assert body(client, "/audit?action=notes.").count("<tr>") == 4
    day = (NOON + timedelta(minutes=-2_000)).date().isoformat()
    assert body(client, f"/audit?since={day}&until={day}").count("<tr>") == 7
    assert "No event matches" in body(client, "/audit?until=2001-01-01")


@pytest.mark.parametrize("asked", ["person=Ana", "patient=Ana%20Lee", "action=x%00", "since=soon", "until=9999-12-31"])
def test_a_filter_that_cannot_be_read_is_told_and_what_was_typed_is_kept_nowhere(
    client: Client, owner: User, asked: str
) -> None:
    log_in(client, owner)
    response = client.get(f"/audit?{asked}")
    assert response.status_code == 400
    assert "%00" in asked or "Write a" in response.content.decode()  # the edge itself refuses a NUL
    assert client.get(f"/audit.csv?{asked}").status_code == 400
    assert actions(owner) == []


@pytest.mark.parametrize("by", ORDERS)
def test_each_column_sorts_both_ways(client: Client, owner: User, therapist: User, by: str) -> None:
    log_in(client, owner)
    add(owner, 2, action="aa", kind="a", role="a", patient="a", outcome="a", address="a")
    add(therapist, 2, action="bb", kind="b", role="b", patient="b", outcome="b", address="b")
    up, down = (body(client, f"/audit?sort={by}&down={way}&until=2026-03-02") for way in "01")
    assert up.index("<td>aa</td>") != down.index("<td>aa</td>") or by == "at"
    assert 'aria-sort="ascending"' in up
    assert 'aria-sort="descending"' in down


@pytest.mark.parametrize("odd", ["sort=id;drop", "page=0", "page=99999999999999999999", "page=%C2%B2", "down=x"])
def test_odd_orders_and_pages_fall_back(client: Client, owner: User, odd: str) -> None:
    log_in(client, owner)
    body(client, f"/audit?{odd}")


def test_pages(client: Client, owner: User) -> None:
    log_in(client, owner)
    add(owner, 60)
    first, second = body(client, "/audit"), body(client, "/audit?page=2")
    assert (first.count("<tr>"), 'rel="next"' in first, 'rel="prev"' in first) == (51, True, False)
    assert (second.count("<tr>"), 'rel="next"' in second, 'rel="prev"' in second) == (12, False, True)


def test_the_export_holds_what_the_filter_lets_through_and_is_recorded(client: Client, owner: User) -> None:
    log_in(client, owner)
    add(owner, 3, action="=cmd", address="@SUM(1)")
    response = client.get("/audit.csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))  # type: ignore[attr-defined]
    assert [row["action"] for row in rows] == ["'=cmd", "'=cmd", "'=cmd", "audit.export"]
    assert rows[0]["address"] == "'@SUM(1)"
    assert "attachment" in response.headers["Content-Disposition"]
    assert response.headers["Cache-Control"] == "no-store"
    assert actions(owner)[-1] == "audit.export"


def test_only_who_may_reads_it_and_the_refusal_is_recorded(client: Client, therapist: User) -> None:
    log_in(client, therapist)
    assert client.get("/audit").status_code == client.get("/audit.csv").status_code == 403
    assert actions(therapist) == ["refused", "refused"]


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\t=1", "\r=1", "\n=1", "  =1", "\u00a0=1", "＝1"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert cell(text).startswith("'")
    assert len(cell(f"a\n{text}").splitlines()) == 1


def test_a_plain_cell_stays_as_it_is() -> None:
    assert [cell(each) for each in ("a-b", "", 5, "é = 1")] == ["a-b", "", "5", "é = 1"]
