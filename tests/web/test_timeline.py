"""The timeline without a browser: what a link asks, what the engine says to it, and what the page shows of both."""

from __future__ import annotations

import json
import os
import re
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlencode

import pytest

pytest.importorskip("django", reason="the pages need `fifteen[web]`")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fifteen.settings.base")

import django
from django.http import QueryDict
from django.test import Client

from fifteen import Context, assess, read_day
from fifteen.engine.assess import DayAnswer
from fifteen.engine.evidence.overlap import WAYS_OUT
from fifteen.rulebook import Rulebook

DAYS = Path(__file__).parents[2] / "examples" / "days"
MORNING = (
    "A,97140,T,08:03-08:15;A,,aide,08:15-08:19,unskilled;A,97110,T,08:19-08:33;B,97110,T,08:15-08:19;"
    "B,97530,T,08:33-08:42;B,97140,T,08:42-08:50;C,97110,As,08:30-08:46;"
)
TRUE, RETYPED = MORNING + "C,97112,T,08:50-09:04", MORNING + "C,97112,T,08:46-09:00"
XSS = '"><script>alert(1)</script><svg onload=alert(2)>'


@pytest.fixture(scope="module", autouse=True)
def _pages() -> None:
    django.setup()
    from fifteen.web import surroundings

    surroundings.rulebook()


@pytest.fixture
def client() -> Client:
    return Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en")


def ask(client: Client, rows: str, path: str = "/timeline.json", **more: str) -> Any:
    answer = client.get(f"{path}?on=2026-03-02&i={quote(rows, safe=':,;')}&{urlencode(more)}")
    return json.loads(answer.content) if path.endswith(".json") else answer.content.decode()


def read(query: str, rulebook: Rulebook) -> Any:
    from fifteen.web.timeline_asked import read_timeline

    return read_timeline(QueryDict(query), rulebook, date(2026, 3, 2))


def figures(answer: Any) -> Any:
    """Minutes and lines of a day's answer, from a record or from JSON."""
    if isinstance(answer, DayAnswer):
        lines = [
            (each.code, each.units, list(each.modifiers), each.minutes)
            for found in answer.units
            for each in found.lines
        ]
        return [(each.timed_minutes, each.total_minutes) for each in answer.minutes], lines
    lines = [
        (each["code"], each["units"], each["modifiers"], each["minutes"])
        for found in answer["units"]
        for each in found["lines"]
    ]
    return [(each["timed_minutes"], each["total_minutes"]) for each in answer["minutes"]], lines


# -- the link --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [TRUE, RETYPED, "A,97150,both,08:00-08:45,group;B,97110,As,09:00-09:15,one-unbilled"])
def test_a_link_asks_again_what_it_was_made_from(rows: str, rulebook: Rulebook) -> None:
    asked = read(f"i={rows}&payer=midpoint&as=OT&on=2026-03-02&lang=es", rulebook)
    assert asked.readable
    assert read(asked.link(), rulebook) == asked
    assert f"i={rows}&" in asked.link()


def test_the_form_without_scripts_asks_the_same(rulebook: Rulebook) -> None:
    form = "p=A&code=97140&who=T&start=803&stop=8:15&mode=one&p=A&code=&who=aide&start=08:15&stop=0819&mode=unskilled"
    blank = "&p=A&code=&who=T&start=&stop=&mode=one"
    assert (
        read(form + blank, rulebook).rows
        == read("i=A,97140,T,08:03-08:15;A,,aide,08:15-08:19,unskilled", rulebook).rows
    )


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [("8:15", 495), ("0815", 495), ("815", 495), ("8.15", 495), ("8-15", 495), ("1:15 pm", 795), ("12:05am", 5),
     ("12:00 p.m.", 720), ("23:59", 1439),
     ("24:00", None), ("8:60", None), ("13:00 pm", None), ("", None), ("8", None), ("٠٨:١٥", None)],
)  # fmt: skip
def test_clock_times(typed: str, minutes: int | None) -> None:
    from fifteen.web.timeline_asked import clock

    assert clock(typed) == minutes


# -- what the engine says ----------------------------------------------------------------------------------------


def example(title: str) -> str:
    from fifteen.web import timeline

    return next(each["rows"] for each in timeline._presets()["example"] if each["title"] == title)


@pytest.mark.parametrize(
    ("title", "last"), [("Three patients in turn", "morning-c"), ("The same, C typed from memory", "morning-c-retyped")]
)
def test_the_morning_is_the_example_s(title: str, last: str, client: Client, rulebook: Rulebook) -> None:
    answer = ask(client, example(title))
    for letter, name in (("A", "morning-a"), ("B", "morning-b"), ("C", last)):
        day = read_day((DAYS / f"{name}.json").read_bytes(), name)
        assert figures(answer["patients"][letter]) == figures(assess(day, rulebook, Context(others=())))
    assert len(answer["overlaps"]) == (last == "morning-c-retyped")


def test_typed_from_memory_the_therapist_is_in_two_places(client: Client) -> None:
    (overlap,) = ask(client, RETYPED)["overlaps"]
    assert (overlap["person"], overlap["seconds"]) == ("Therapist", 240)
    assert dict(zip(overlap["intervals"], overlap["patients"], strict=True)) == {"B3": "B", "C2": "C"}
    assert tuple(overlap["ways_out"]) == WAYS_OUT


def test_episodes_in_turn_are_cms_s_own_example(client: Client) -> None:
    answer = ask(client, example("Three patients in short episodes"))
    assert answer["overlaps"] == []
    assert {letter: figures(each) for letter, each in answer["patients"].items()} == {
        letter: ([(minutes, minutes)], [("97110", 1, ["GP"], minutes)])
        for letter, minutes in (("A", 18), ("B", 13), ("C", 14))
    }


def test_a_group_is_one_unit_each_and_no_overlap(client: Client) -> None:
    answer = ask(client, example("A group of three"))
    assert answer["overlaps"] == []
    assert [figures(each)[1][0] for each in answer["patients"].values()] == [("97150", 1, ["GP"], 45)] * 3
    assert figures(answer["patients"]["A"])[0] == [(15, 60)]


def test_two_groups_one_after_the_other_are_not_one(rulebook: Rulebook) -> None:
    from fifteen.web.timeline_answer import intervals

    first = "A,97150,T,08:00-08:30,group;B,97150,T,08:10-08:40,group;"
    rows = first + "C,97150,T,08:40-09:00,group;A,97150,As,08:00-08:30,group"
    sessions = [each.session for each in intervals(read(f"i={rows}", rulebook))]
    assert sessions[0] == sessions[1]
    assert len(set(sessions)) == 3


def test_what_both_gave_together_counts_once(client: Client) -> None:
    answer = ask(client, "A,97110,both,08:00-08:15")
    assert figures(answer["patients"]["A"]) == ([(15, 15)], [("97110", 1, ["GP"], 15)])


def test_another_payer_counts_by_its_own_rule(client: Client) -> None:
    answer = ask(client, TRUE, payer="midpoint")
    assert [line[:2] for line in figures(answer["patients"]["B"])[1]] == [("97530", 1), ("97140", 1)]


def test_of_a_payer_whose_rule_is_not_known_no_unit_is_counted(client: Client) -> None:
    page = ask(client, TRUE, "/timeline", payer="aetna")
    assert page.count("units not known") == 3
    assert page.count("How Aetna turns minutes into units is not known from any policy text") == 3
    assert "unit supported" not in page


# -- the ways out --------------------------------------------------------------------------------------------------


def ways(page: str) -> dict[str, str]:
    """The steps that an overlap offers: their words and where they lead."""
    section = page[page.index('class="overlaps"'):page.index("patient-card")]  # fmt: skip
    return {text: href for href, text in re.findall(r'<a class="button" href="([^"]*)"[^>]*>([^<]*)</a>', section)}


def test_every_way_out_stands_there_and_none_is_set_before_another(client: Client) -> None:
    page = ask(client, RETYPED, "/timeline")
    assert "Therapist, 08:46 to 08:50: 4 minutes with patient B (B3) and patient C (C2) at once." in page
    assert list(ways(page)) == [
        "Times of B3", "Times of C2", "B3 and C2 were one group", "Leave B3 unbilled", "Leave C2 unbilled",
    ]  # fmt: skip
    for way in WAYS_OUT:
        assert f"{way[0].upper()}{way[1:]}." in page
    section = page[page.index('class="overlaps"'):page.index("patient-card")]  # fmt: skip
    assert "checked" not in section
    assert "primary" not in section
    assert not re.search(r"\bunits?\b|\$|money|paid", re.sub(r"<[^>]*>", " ", section))


def test_correcting_leads_to_the_row(client: Client) -> None:
    page = ask(client, RETYPED, "/timeline")
    assert ways(page)["Times of C2"] == "#row-7"
    assert 'id="row-7"' in page


def test_as_a_group_the_overlap_ends_and_the_code_is_asked(client: Client) -> None:
    link = ways(ask(client, RETYPED, "/timeline"))["B3 and C2 were one group"]
    assert "B,97140,T,08:42-08:50,group" in link
    page = client.get(link.replace("&amp;", "&")).content.decode()
    assert 'class="overlaps"' not in page
    assert "97140 (B3) is recorded as group, and the code needs one patient&#x27;s direct contact" in page
    fixed = re.search(r'href="([^"]*)"[^>]*>Record B3 as 97150, group<', page)
    assert fixed
    assert "B,97150,T,08:42-08:50,group" in fixed[1]


def test_left_unbilled_it_stays_drawn_and_listed_and_counts_nowhere(client: Client) -> None:
    link = ways(ask(client, RETYPED, "/timeline"))["Leave B3 unbilled"].replace("&amp;", "&")
    page = client.get(link).content.decode()
    answer = json.loads(client.get(link.replace("/timeline?", "/timeline.json?")).content)
    assert answer["overlaps"] == []
    assert answer["documented_not_billed"] == ["B3"]
    assert figures(answer["patients"]["B"])[0] == [(13, 13)]
    assert "bar unbilled" in page
    assert "documented, not billed by choice" in page
    back = re.search(r'href="([^"]*)"[^>]*>Take this choice back<', page)
    assert back
    assert "unbilled" not in back[1]


def test_a_patient_left_unbilled_altogether_has_a_card(client: Client) -> None:
    page = ask(client, "A,97110,T,08:00-08:15,one-unbilled;B,97110,T,08:15-08:30", "/timeline")
    assert page.count('class="side patient-card"') == 2


# -- what cannot be read ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("D,97110,T,08:00-08:15", "never a name"),
        ("Smith,97110,T,08:00-08:15", "never a name"),
        ("A,97110,X,08:00-08:15", "Who gave it is not known"),
        ("A,97110,T,08:00-08:15,dance", "How it was given is not known"),
        ("A,,T,08:00-08:15", "No service yet"),
        ("A,12345,T,08:00-08:15", "12345 is not in the service catalogue"),
        ("A,97110,T,08:00-", "A time is missing"),
        ("A,97110,T,25:00-26:00", "25:00 is no time of day"),
        ("A,97110,T,08:15-08:15", "there is no minute"),
        ("A,97110,T,08:15-08:10", "the stop comes after the start"),
        ("A", "No service yet"),
    ],
)
def test_a_row_that_cannot_be_read_says_so_in_one_sentence(row: str, sentence: str, client: Client) -> None:
    page = ask(client, f"{row};B,97110,T,09:00-09:15", "/timeline")
    assert page.count(sentence) == 2  # in the answer, and at its row
    assert "What you typed is still there." in page
    assert 'value="09:00"' in page
    assert "patient-card" not in page
    assert sentence in ask(client, row)["error"]


def test_what_was_typed_stays(client: Client) -> None:
    form = urlencode({"p": "A", "code": "9711", "who": "As", "start": "8h15", "stop": "later", "mode": "group"})
    page = client.get(f"/timeline?{form}").content.decode()
    for value in ("9711", "8h15", "later"):
        assert f'value="{value}"' in page
    assert '<option value="As" selected>' in page
    assert '<option value="group" selected>' in page


@pytest.mark.parametrize(("name", "value"), [("on", "2026-02-30"), ("payer", "nobody"), ("as", "MD")])
def test_a_field_that_cannot_be_read_is_said(name: str, value: str, client: Client) -> None:
    query = {"i": TRUE, "on": "2026-03-02", name: value}
    answer = client.get(f"/timeline.json?{urlencode(query)}")
    assert answer.status_code == 400
    assert value in json.loads(answer.content)["error"]
    assert client.get(f"/timeline?{urlencode(query)}").status_code == 200


def test_a_date_before_the_rulebook_is_said_and_not_raised(client: Client) -> None:
    page = client.get(f"/timeline?on=1999-01-01&i={TRUE}")
    assert page.status_code == 200
    assert b"This cannot be counted yet" in page.content


def test_more_rows_than_the_page_holds_are_said(client: Client) -> None:
    rows = ";".join(
        f"A,97110,T,{8 + place // 30:02d}:{place % 30 * 2:02d}-{8 + place // 30:02d}:{place % 30 * 2 + 1:02d}"
        for place in range(43)
    )
    page = ask(client, rows, "/timeline")
    assert "This page holds 40 intervals; 3 more were left out." in page
    assert page.count('class="span" id=') == 40
    assert ask(client, rows)["left_out"] == 3


def test_long_text_is_cut(rulebook: Rulebook) -> None:
    (row,) = read(f"p=A&code={'9' * 5000}&start={'8' * 5000}&stop=08:15", rulebook).rows
    assert max(len(row.code), len(row.start)) <= 24


@pytest.mark.parametrize(
    "name", ["i", "p", "code", "who", "start", "stop", "mode", "on", "payer", "as", "lang", "more"]
)
@pytest.mark.parametrize("path", ["/timeline", "/timeline/answer"])
def test_nothing_typed_becomes_markup(name: str, path: str, client: Client) -> None:
    query = {"p": "A", "code": "97110", "who": "T", "start": "08:00", "stop": "08:15", "mode": "one", name: XSS}
    page = client.get(f"{path}?{urlencode(query)}").content.decode()
    assert "<script>alert" not in page
    assert "<svg onload" not in page


# -- the page ------------------------------------------------------------------------------------------------------


def test_an_empty_page_says_what_to_do_first(client: Client) -> None:
    page = client.get("/timeline").content.decode()
    assert "One clock, up to three patients, two people" in page
    assert "never write a name" in page
    assert page.count("data-start>") == 4


def test_the_drawing_holds_lanes_bars_and_the_overlap(client: Client) -> None:
    page = ask(client, RETYPED, "/timeline")
    svg = page[page.index('<svg class="tl-svg"'):page.index("<figcaption>")]  # fmt: skip
    assert svg.count('class="lane patient"') == 3
    assert svg.count('class="lane person"') == 2
    assert svg.count("data-row=") == 8
    assert svg.count('class="window"') == 1
    assert "4 min at once: B3 and C2" in svg
    assert "8 intervals of A, B, C from 08:03 to 09:00." in svg
    assert 'x="0.00%"' not in re.findall(r'<rect class="body"[^>]*>', svg)[0]


def test_the_drawing_is_the_right_length(rulebook: Rulebook) -> None:
    from fifteen.web.timeline_answer import answer
    from fifteen.web.timeline_drawing import draw

    drawing = draw(answer(read("i=A,97110,T,08:00-08:15", rulebook), rulebook), rulebook)
    (bar,) = drawing.patients[0].bars
    assert (drawing.start, drawing.stop) == (465, 525)  # a quarter of an hour to spare on either side
    assert (bar.x, bar.width) == ("25.00%", "25.00%")
    assert draw(answer(read("i=A,97110,T,00:01-23:59", rulebook), rulebook), rulebook).stop == 24 * 60


def test_intervals_at_one_time_stand_below_each_other(rulebook: Rulebook) -> None:
    from fifteen.web.timeline_answer import answer
    from fifteen.web.timeline_drawing import draw

    rows = "A,97110,T,08:00-08:15;A,G0283,As,08:10-08:30,supervised;A,97140,T,08:15-08:30"
    first, second, third = draw(answer(read(f"i={rows}", rulebook), rulebook), rulebook).patients[0].bars
    assert first.y == third.y < second.y


def test_the_policy_stands_and_nothing_is_inline(client: Client) -> None:
    answer = client.get(f"/timeline?on=2026-03-02&i={RETYPED}")
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    page = answer.content.decode()
    assert " style=" not in page
    assert not re.search(r"<script(?![^>]*src=)", page)
    assert not re.search(r"\son\w+=", page)


def test_the_link_to_the_units_page_asks_the_same_minutes(client: Client) -> None:
    page = ask(client, TRUE, "/timeline")
    links = re.findall(r'href="/units\?([^"]*)">Minutes of', page)
    assert [parse_qs(each.replace("&amp;", "&").replace("+", "%2B"))["s"][0] for each in links] == [
        "97140:12,97110:14", "97110:4,97530:9,97140:8", "97110:0+16a,97112:14",
    ]  # fmt: skip
